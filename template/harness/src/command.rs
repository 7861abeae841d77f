//! Commands, and what they print.

use std::path::Path;
use std::process::{Command, Stdio};

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
    pub fn fails(self, reason: &str) -> Self {
        assert!(!self.success, "should have failed: {self}");
        assert!(self.to_string().contains(reason), "no '{reason}': {self}");
        self
    }

    /// Panics unless the command succeeded and the last line of its output is `line`.
    pub fn prints(self, line: &str) -> Self {
        assert!(self.success && self.last_line() == line, "should print '{line}': {self}");
        self
    }

    /// Panics unless the command succeeded and `text` is in its output.
    pub fn tells(self, text: &str) -> Self {
        assert!(self.success && self.to_string().contains(text), "no '{text}': {self}");
        self
    }

    /// Panics if `text` is in the output.
    pub fn lacks(self, text: &str) -> Self {
        assert!(!self.to_string().contains(text), "'{text}' is in {self}");
        self
    }

    /// Panics unless Cargo compiled these packages in the stage `build`, or in that for incremental
    /// builds, in this order.
    pub fn compiles<const N: usize>(self, packages: [&str; N]) -> Self {
        assert_eq!(self.compiled("build"), packages, "{self}");
        self
    }

    /// Did BuildKit run the commands of `stage`, instead of finding their layer in its cache?
    ///
    /// Builds that overlap share equal steps, and BuildKit shows what one of them ran to all as run.
    /// So this is only certain for a project that was `never_built`, and for commands, not for what
    /// is copied: that is in the cache key of the commands after it.
    pub fn reruns(&self, stage: &str) -> bool {
        let begin = format!("[{stage} ");
        let is_run = |step: &&str| step.starts_with(&begin) && step.contains("] RUN ");
        self.rebuilt().iter().any(is_run)
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
        self.compiling(stage).filter_map(|line| line.split(' ').next()).collect()
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
        self.stderr.lines().filter_map(|line| line.strip_prefix('#')?.split_once(' '))
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}\n{}\n{}", self.command, self.stdout, self.stderr)
    }
}

/// Runs `command` to its end, without stdin. Panics if it does not start.
pub fn run(command: &mut Command) -> Outcome {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    Outcome {
        command: format!("{command:?}: {}", output.status),
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A command to be run in a folder, in the syntax of `xshell::cmd!`: `{name}` is one argument, and
/// `{list...}` are several.
#[macro_export]
macro_rules! cmd {
    ($folder:expr, $($command:tt)*) => {{
        let shell = $crate::xshell::Shell::new().unwrap();
        let command = $crate::xshell::cmd!(shell, $($command)*);
        $crate::in_folder(command, $folder.as_ref())
    }};
}

/// Runs a command in a folder, as `cmd!` says, and returns its outcome.
#[macro_export]
macro_rules! sh {
    ($folder:expr, $($command:tt)*) => { $crate::run(&mut $crate::cmd!($folder, $($command)*)) };
}

/// The command in that folder, without variables that would interfere: those of the make and cargo
/// that run the tests, or of the developer.
pub fn in_folder(command: xshell::Cmd, folder: &Path) -> Command {
    let mut command = Command::from(command);
    for variable in ["CARGO_TARGET_DIR", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(variable);
    }
    command.current_dir(folder);
    command
}

/// The words of a text in the syntax of a shell. Panics if a quote is not closed.
pub fn words(text: &str) -> Vec<String> {
    shell_words::split(text).unwrap()
}
