//! Generates projects from the template, edits, builds and runs them, and looks into their images.
//!
//! Failures panic with the output of the command that failed, because the callers are tests.

pub mod container;
pub mod edits;
pub mod elf;
pub mod engine;
pub mod paste;
pub mod peers;
pub mod small;
pub mod vendor;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::thread::{ScopedJoinHandle, sleep};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// The files that `cargo generate` copies unchanged, into new and existing projects alike.
pub const CONTAINER_FILES: [&str; 6] = [
    ".dockerignore",
    ".gitattributes",
    ".github/dependabot.yml",
    ".github/workflows/ci.yml",
    "Dockerfile",
    "Makefile",
];

/// The last line that the program prints when it runs as `account`.
pub fn sentence(account: &str) -> String {
    format!("I've once more been updated, and now I run as the user {account}!")
}

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

    /// The packages that Cargo compiled in a stage, from BuildKit's plain progress.
    pub fn compiled(&self, stage: &str) -> Vec<&str> {
        let begin = format!("[{stage} ");
        let within = |id| {
            self.progress()
                .any(|(of, text)| of == id && text.starts_with(&begin))
        };
        self.progress()
            .filter(|(id, _)| within(*id))
            .filter_map(|(_, text)| text.split_once(" Compiling ")?.1.split(' ').next())
            .collect()
    }

    /// The build's warning that it compiled crates again, because the dependency layer lacked them.
    pub fn compiled_again(&self) -> Option<&str> {
        let text = "warning: compiled again: ";
        self.stderr.lines().find(|line| line.contains(text))
    }

    /// Panics if the build compiled crates again that the dependency layer should have.
    pub fn compiled_once(self) -> Self {
        assert!(self.compiled_again().is_none(), "compiled again: {self}");
        self
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

/// Waits until `build` compiles the crate `name` with `flag`. Returns the process IDs of the
/// compiler and of its parent. Panics if the build ends before.
pub fn compiler(build: &ScopedJoinHandle<Outcome>, flag: &str, name: &str) -> [String; 2] {
    while !build.is_finished() {
        for process in fs::read_dir("/proc").unwrap().map(Result::unwrap) {
            // The process may have ended since.
            let read = |file: &str| fs::read_to_string(process.path().join(file)).ok();
            let Some((line, status)) = read("cmdline").zip(read("status")) else {
                continue;
            };
            let has = |argument: &str| line.split('\0').any(|word| word == argument);
            if has(flag) && has(name) {
                let parent = status.lines().find_map(|line| line.strip_prefix("PPid:\t"));
                let own = process.file_name().into_string().unwrap();
                return [own, parent.unwrap().to_owned()];
            }
        }
        sleep(Duration::from_millis(10));
    }
    panic!("the build ended before it compiled {name} with {flag}");
}

/// The folder of the template's repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The options in `BUILD_FLAGS`, with which `docker buildx build` finds the stand-in images.
pub fn build_flags() -> Vec<String> {
    let flags = std::env::var("BUILD_FLAGS").unwrap_or_default();
    flags.split_whitespace().map(str::to_owned).collect()
}

/// The image that the stage `rust` or `alpine` of the Dockerfile starts from, or its stand-in.
pub fn base_image(stage: &str) -> String {
    let stand_in = format!("{stage}=docker-image://");
    if let Some(image) = build_flags()
        .iter()
        .find_map(|flag| flag.strip_prefix(&stand_in))
    {
        return image.to_owned();
    }
    let dockerfile = fs::read_to_string(repository().join("Dockerfile")).unwrap();
    let from = dockerfile
        .lines()
        .find_map(|line| {
            line.strip_prefix("FROM ")?
                .strip_suffix(&format!(" AS {stage}"))
        })
        .unwrap_or_else(|| panic!("the Dockerfile has no stage {stage}"));
    from.rsplit(' ').next().unwrap().to_owned()
}

/// Today's date in UTC, like 2026-11-27.
pub fn today() -> String {
    let text = run(&mut command(Path::new("/"), "date", &["-u", "+%Y-%m-%d"])).succeeds();
    text.stdout.trim().to_owned()
}

/// What measurements depend on: processor, cores, versions and base image, in one line.
pub fn machine() -> String {
    let line = |program: &str, arguments: &[&str]| {
        let outcome = run(&mut command(Path::new("/"), program, arguments)).succeeds();
        outcome.stdout.lines().next().unwrap_or_default().to_owned()
    };
    let processor = line("sh", &["-c", "sed -n 's/^model name.*: //p' /proc/cpuinfo"]);
    let engine = line(
        "docker",
        &["version", "--format", "Docker {{.Server.Version}}"],
    );
    let buildx = line("docker", &["buildx", "version"]);
    let buildx = buildx.split_whitespace().nth(1).unwrap_or_default();
    let cores = line("nproc", &[]);
    let image = base_image("rust");
    format!("{processor}, {cores} cores, {engine}, buildx {buildx}, {image}")
}

/// Copies this repository's files to `folder`, but none that git ignores, and commits them there.
pub fn copy_repository(folder: &Path) {
    // .gitignore only names the target folder of the root, and Cargo makes others.
    let files = [
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "--exclude=target",
    ];
    for file in run(&mut command(repository(), "git", &files))
        .succeeds()
        .stdout
        .lines()
    {
        if repository().join(file).exists() {
            fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
            fs::copy(repository().join(file), folder.join(file)).unwrap();
        }
    }
    commit(folder);
}

/// Commits all files in `folder`, after making it a git repository if it is none.
pub fn commit(folder: &Path) {
    let author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--allow-empty", "--message=All"],
    ] {
        run(command(folder, "git", &author).args(arguments)).succeeds();
    }
}

/// Runs `cargo generate` in `folder`, from a copy of this repository, uncommitted changes included.
pub fn generate(folder: &Path, arguments: &[&str]) -> Outcome {
    // Not one copy for all tests, because Rust never drops a static: the folder would stay.
    let template = TempDir::new().unwrap();
    copy_repository(template.path());
    let url = format!("file://{}", template.path().display());
    generate_from(["--git", &url], folder, arguments)
}

/// `cargo generate` in `folder`, from `source`: `--git` and a URL, or `--path` and a folder.
///
/// Runs the program in the variable `CARGO_GENERATE`, or else `cargo-generate` from `PATH`.
pub fn generate_from(source: [&str; 2], folder: &Path, arguments: &[&str]) -> Outcome {
    let program = std::env::var("CARGO_GENERATE").unwrap_or_else(|_| "cargo-generate".to_owned());
    run(command(folder, &program, &["generate"])
        .args(source)
        .args(arguments)
        .env("USER", "test"))
}

/// Waits for the turn to use this machine's builder. Dropping the result ends it.
///
/// Builds that share steps crash Docker 26, with a nil pointer in BuildKit's `walkProvenance`, and so
/// run one at a time there.
fn builder_lock() -> File {
    static ONE_AT_A_TIME: LazyLock<bool> = LazyLock::new(|| {
        let version = ["version", "--format={{.Server.Version}}"];
        let version = run(&mut command(Path::new("/"), "docker", &version)).succeeds();
        let (major, _) = version.stdout.split_once('.').unwrap();
        major.parse::<u32>().unwrap() < 28
    });
    let lock = File::create(std::env::temp_dir().join("rust-docker-template.lock")).unwrap();
    if *ONE_AT_A_TIME {
        lock.lock().unwrap();
    } else {
        lock.lock_shared().unwrap();
    }
    lock
}

/// A project in a temporary folder, and its image. Dropping removes both.
pub struct Project {
    _parent: TempDir,
    /// The project's own folder.
    pub path: PathBuf,
    /// The image's name, which is unique, without a tag. `make build` makes the image.
    pub image: String,
}

impl Project {
    /// Makes a project with `cargo generate --name name`.
    pub fn generate(name: &str) -> Self {
        let parent = TempDir::new().unwrap();
        generate(parent.path(), &["--name", name]).succeeds();
        let path = fs::read_dir(parent.path())
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        Self::new(parent, path)
    }

    /// Makes a project with `cargo init --name name`, and commits it with a lock file and a README.
    pub fn existing(name: &str) -> Self {
        let parent = TempDir::new().unwrap();
        let path = parent.path().join("existing");
        fs::create_dir(&path).unwrap();
        run(&mut command(
            &path,
            "cargo",
            &["init", "--quiet", "--name", name],
        ))
        .succeeds();
        run(&mut command(&path, "cargo", &["generate-lockfile"])).succeeds();
        fs::write(path.join("README.md"), "My own.\n").unwrap();
        commit(&path);
        Self::new(parent, path)
    }

    /// Makes a project of `files`, each a path and a text, adds the template's Dockerfile, Makefile
    /// and .dockerignore, and a lock file if Cargo can make one.
    pub fn pasted(files: &[(&str, &str)]) -> Self {
        let parent = TempDir::new().unwrap();
        // The folder's name is unique, because BuildKit takes files in folders of one name for the
        // same if their sizes and times match.
        let unique = parent.path().file_name().unwrap().to_str().unwrap();
        let path = parent.path().join(format!("pasted{unique}"));
        for (file, text) in files {
            let file = path.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        run(&mut command(&path, "cargo", &["generate-lockfile"]));
        Self::new(parent, path).paste()
    }

    /// Lets `download` put a project below the folder that it is given, and return its path. Adds
    /// the template's Dockerfile, Makefile and .dockerignore.
    pub fn published(download: impl FnOnce(&Path) -> PathBuf) -> Self {
        let parent = TempDir::new().unwrap();
        let path = download(parent.path());
        Self::new(parent, path).paste()
    }

    fn paste(self) -> Self {
        for file in ["Dockerfile", "Makefile", ".dockerignore"] {
            fs::copy(repository().join(file), self.path.join(file)).unwrap();
        }
        self
    }

    fn new(parent: TempDir, path: PathBuf) -> Self {
        let unique = parent.path().file_name().unwrap().to_str().unwrap();
        let image = format!(
            "template-test/{}",
            unique.trim_start_matches('.').to_lowercase()
        );
        Self {
            _parent: parent,
            path,
            image,
        }
    }

    /// The name of the image that `make run` makes.
    pub fn run_image(&self) -> String {
        self.image.replace("template-test/", "localhost/")
    }

    /// All files of the project except those in `.git`, also the ones that git ignores.
    pub fn files(&self) -> BTreeSet<String> {
        let arguments = [
            ".", "-name", ".git", "-prune", "-o", "!", "-type", "d", "-printf", "%P\n",
        ];
        let listed = run(&mut command(&self.path, "find", &arguments)).succeeds();
        listed.stdout.lines().map(str::to_owned).collect()
    }

    /// The text of `file`, a path from the project's folder.
    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path.join(file)).unwrap()
    }

    /// Replaces `from` by `to` in `file`. Panics if `from` is not there.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "no '{from}' in {file}:\n{text}");
        fs::write(self.path.join(file), text.replace(from, to)).unwrap();
    }

    /// Makes the project's configuration unique, so that BuildKit has no layer of an equal project.
    pub fn never_built(&self) {
        self.configure(&format!("# {}\n", self.image));
    }

    /// Gives the compiler a flag that no other project has, so that no cache has anything compiled
    /// with it. Returns the flag.
    pub fn never_compiled(&self) -> String {
        let unique = self
            .image
            .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let flag = format!("--cfg={unique}");
        self.configure(&format!("[build]\nrustflags = [\"{flag}\"]\n"));
        flag
    }

    /// Writes `.cargo/config.toml`.
    pub fn configure(&self, text: &str) {
        fs::create_dir_all(self.path.join(".cargo")).unwrap();
        fs::write(self.path.join(".cargo/config.toml"), text).unwrap();
    }

    /// Runs the machine's own `cargo` in the project's folder.
    pub fn cargo(&self, arguments: &[&str]) -> Outcome {
        run(&mut command(&self.path, "cargo", arguments))
    }

    /// A command that runs `make` with `arguments` and this project's image.
    pub fn make_command(&self, arguments: &[&str]) -> Command {
        let mut command = command(&self.path, "make", arguments);
        command.arg(format!("IMAGE={}", self.image));
        command
    }

    /// Runs `make` with the environment's `BUILD_FLAGS` and `flags`. Panics if a build compiles
    /// dependencies again.
    pub fn make(&self, arguments: &[&str], flags: &str) -> Outcome {
        self.make_with_any_layer(arguments, flags).compiled_once()
    }

    /// As `make`, but dependencies may be compiled again: Cargo does so with those that depend on a
    /// patched crate, because the sources of the patched crate are the project's.
    pub fn make_with_any_layer(&self, arguments: &[&str], flags: &str) -> Outcome {
        let _lock = builder_lock();
        let given = std::env::var("BUILD_FLAGS").unwrap_or_default();
        run(self
            .make_command(arguments)
            .env("BUILD_FLAGS", format!("--progress plain {given} {flags}")))
    }

    /// Runs `script` as GitHub's runners run a step of a workflow, with the image of this project.
    pub fn step(&self, script: &str) -> Outcome {
        let _lock = builder_lock();
        let options = ["--noprofile", "--norc", "-eo", "pipefail", "-c", script];
        run(command(&self.path, "bash", &options).env("MAKEFLAGS", format!("IMAGE={}", self.image)))
    }

    /// Builds the image with `docker buildx build` and `arguments`, without the Makefile. Panics if
    /// the build compiles dependencies again.
    pub fn docker_build(&self, arguments: &[&str]) -> Outcome {
        let _lock = builder_lock();
        let build = ["buildx", "build", "--progress=plain", "--load", "--tag"];
        run(command(&self.path, "docker", &build)
            .arg(&self.image)
            .args(build_flags())
            .args(arguments)
            .arg("."))
        .compiled_once()
    }

    /// Runs a container of the image, with `options` before its name and `arguments` after it.
    pub fn container(&self, options: &[&str], arguments: &[&str]) -> Outcome {
        run(command(&self.path, "docker", &["run", "--rm"])
            .args(options)
            .arg(&self.image)
            .args(arguments))
    }

    /// The output of `docker image inspect` for the image.
    pub fn inspect(&self) -> Value {
        let arguments = ["image", "inspect", self.image.as_str()];
        let text = run(&mut command(&self.path, "docker", &arguments))
            .succeeds()
            .stdout;
        serde_json::from_str::<Value>(&text).unwrap()[0].take()
    }

    /// The image's layers, lowest first, each with its entries in the order of the archive.
    pub fn layers(&self) -> Vec<Vec<Entry>> {
        let archive = self.path.with_extension("tar");
        let arguments = [
            "save",
            "--output",
            archive.to_str().unwrap(),
            self.image.as_str(),
        ];
        run(&mut command(&self.path, "docker", &arguments)).succeeds();
        let manifest: Value = serde_json::from_slice(&member(&archive, "manifest.json")).unwrap();
        let layers = manifest[0]["Layers"].as_array().unwrap();
        layers
            .iter()
            .map(|layer| entries(&member(&archive, layer.as_str().unwrap())))
            .collect()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let arguments = ["image", "rm", "--force", &self.image, &self.run_image()];
        // There may be no image, or no engine.
        let _ = command(Path::new("/"), "docker", &arguments).output();
    }
}

/// A file, folder or link in an image's layer.
pub struct Entry {
    /// From the root, without a leading or trailing slash.
    pub path: String,
    /// Permissions with the set-id and sticky bits, as for `chmod`.
    pub mode: u32,
    /// User and group.
    pub owner: (u64, u64),
    /// The content of a regular file. Empty for anything else.
    pub content: Vec<u8>,
    /// Is it a symbolic link? Then its mode means nothing.
    pub link: bool,
}

/// The content of the entry `name` in the tar archive at `archive`.
fn member(archive: &Path, name: &str) -> Vec<u8> {
    let mut archive = tar::Archive::new(File::open(archive).unwrap());
    let mut entry = archive
        .entries()
        .unwrap()
        .map(Result::unwrap)
        .find(|entry| entry.path().unwrap() == Path::new(name))
        .unwrap_or_else(|| panic!("no {name} in the saved image"));
    let mut content = Vec::new();
    entry.read_to_end(&mut content).unwrap();
    content
}

/// The entries of a layer, a tar archive that may be compressed with gzip.
fn entries(layer: &[u8]) -> Vec<Entry> {
    let plain: Box<dyn Read> = if layer.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::read::GzDecoder::new(layer))
    } else {
        Box::new(layer)
    };
    let mut archive = tar::Archive::new(plain);
    let entry = |entry: std::io::Result<tar::Entry<_>>| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let header = entry.header();
        Entry {
            path: entry
                .path()
                .unwrap()
                .to_str()
                .unwrap()
                .trim_matches('/')
                .to_owned(),
            mode: header.mode().unwrap(),
            owner: (header.uid().unwrap(), header.gid().unwrap()),
            link: header.entry_type().is_symlink(),
            content,
        }
    };
    archive.entries().unwrap().map(entry).collect()
}
