//! Commands, and what they print.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The result of a command. Displays the command, its status and its output.
#[derive(Clone, Debug)]
pub struct Outcome {
    command: String,
    pub success: bool,
    /// Bytes that are not UTF-8 are replaced.
    pub stdout: String,
    /// As `stdout`.
    pub stderr: String,
}

impl Outcome {
    /// Panics unless the command succeeded.
    pub fn succeeds(self) -> Self {
        assert!(self.success, "failed: {self}");
        self
    }

    /// Panics unless the command failed and `reason` is in its status or output.
    pub fn fails_with(self, reason: &str) -> Self {
        assert!(!self.success, "should have failed: {self}");
        assert!(self.to_string().contains(reason), "no '{reason}': {self}");
        self
    }

    /// The last line of stdout, without its newline. Empty if there is none.
    pub fn last_line(&self) -> &str {
        self.stdout.lines().last().unwrap_or_default()
    }

    /// The steps that BuildKit ran, like `[build 2/4] RUN …`, from its plain progress.
    pub fn rebuilt(&self) -> Vec<&str> {
        self.steps(false)
    }

    /// The steps that BuildKit found in its cache, in the same form as `rebuilt`.
    pub fn cached(&self) -> Vec<&str> {
        self.steps(true)
    }

    /// The packages that Cargo compiled in a stage, or in the stage of that name for incremental
    /// builds, from BuildKit's plain progress.
    pub fn compiled(&self, stage: &str) -> Vec<&str> {
        self.compiling(stage)
            .filter_map(|line| line.split(' ').next())
            .collect()
    }

    /// Panics if the build stage compiled crates again that the dependency layer should have: those
    /// that are not in the folder of the build context, which Cargo names.
    pub fn compiled_once(self) -> Self {
        let again = self.compiling("build").find(|line| !line.contains("(/app"));
        assert!(again.is_none(), "compiled again: {again:?}: {self}");
        self
    }

    /// What Cargo says of each package that it compiles in a stage, like `one v0.1.0 (/app)`.
    fn compiling(&self, stage: &str) -> impl Iterator<Item = &str> {
        let begins = ["", "-incremental"].map(|kind| format!("[{stage}{kind} "));
        let within = move |id| {
            self.progress().any(|(of, text)| {
                of == id && begins.iter().any(|begin| text.starts_with(begin.as_str()))
            })
        };
        self.progress()
            .filter(move |(id, _)| within(*id))
            .filter_map(|(_, text)| Some(text.split_once(" Compiling ")?.1))
    }

    fn steps(&self, wanted: bool) -> Vec<&str> {
        // For a layer of an imported cache, BuildKit prints that it extracts the layer, not CACHED.
        let cached = |id: &str| {
            self.progress().any(|(of, text)| {
                of == id && (text == "CACHED" || text.starts_with("extracting sha256:"))
            })
        };
        self.progress()
            .filter(|(_, text)| {
                text.starts_with('[') && (text.contains("] RUN") || text.contains("] COPY"))
            })
            .filter(|(id, _)| cached(id) == wanted)
            .map(|(_, text)| text)
            .collect()
    }

    /// The lines of BuildKit's plain progress: each has the number of a step, and a text.
    fn progress(&self) -> impl Iterator<Item = (&str, &str)> {
        self.stderr
            .lines()
            .filter_map(|line| line.strip_prefix('#')?.split_once(' '))
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}\n{}\n{}", self.command, self.stdout, self.stderr)
    }
}

/// Runs `command` to its end, without stdin. Panics if it does not start.
pub fn run(command: &mut Command) -> Outcome {
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    Outcome {
        command: format!("{command:?}: {status}"),
        success: status.success(),
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// `program` with `arguments`, to be run in `folder`.
pub fn command(folder: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    // Variables of the make and cargo that run the tests, or of the developer, would interfere.
    for variable in [
        "CARGO_TARGET_DIR",
        "MAKEFLAGS",
        "MAKELEVEL",
        "MFLAGS",
        "RUSTUP_TOOLCHAIN",
    ] {
        command.env_remove(variable);
    }
    command.current_dir(folder).args(arguments);
    command
}

/// Runs `docker` with `arguments`.
pub fn docker(arguments: &[&str]) -> Outcome {
    run(&mut command(Path::new("/"), "docker", arguments))
}
