//! A project to build, run and edit.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::container::unique_part;
use crate::machine::turn_to_build;
use crate::package::{CONFIG, write};
use crate::{Outcome, cmd, commit, generate, repository, run, sh, words};

/// The start of the first line that a generated program prints, for edits to replace.
pub const LUCKY: &str = "Lucky number";

/// A project in a temporary folder, and its image. Dropping removes both.
pub struct Project {
    _parent: TempDir,
    /// The project's own folder.
    pub path: PathBuf,
    /// The image's name, which is unique, without a tag. `make build` makes the image.
    pub image: String,
}

impl Project {
    /// Makes a project with `cargo generate --name name`, and more arguments in a shell's syntax.
    pub fn generate(name: &str, arguments: &str) -> Self {
        let parent = TempDir::new().unwrap();
        generate(parent.path(), &format!("--name '{name}' {arguments}")).succeeds();
        let made = fs::read_dir(parent.path()).unwrap().next();
        let path = made.unwrap().unwrap().path();
        Self::new(parent, path)
    }

    /// The project hello-world.
    pub fn hello() -> Self {
        Self::generate("hello-world", "")
    }

    /// Makes a project with `cargo init --name name`, and commits it with a lock file and a README.
    pub fn existing(name: &str) -> Self {
        let parent = TempDir::new().unwrap();
        let path = parent.path().join("existing");
        fs::create_dir(&path).unwrap();
        sh!(path, "cargo init --quiet --name {name}").succeeds();
        sh!(path, "cargo generate-lockfile").succeeds();
        fs::write(path.join("README.md"), "My own.\n").unwrap();
        commit(&path);
        Self::new(parent, path)
    }

    /// Lets `write` put files into a folder, and adds the template's Dockerfile, Makefile and
    /// .dockerignore, and a lock file if Cargo can make one.
    pub fn pasted(write: impl FnOnce(&Path)) -> Self {
        Self::published(|home| {
            // The folder's name is unique, because BuildKit takes files in folders of one name for
            // the same if their sizes and times match.
            let path = home.join(format!("pasted-{}", unique_part(home)));
            write(&path);
            sh!(path, "cargo generate-lockfile");
            path
        })
    }

    /// Lets `download` put a project below the folder that it is given, and return its path. Adds
    /// the template's Dockerfile, Makefile and .dockerignore.
    pub fn published(download: impl FnOnce(&Path) -> PathBuf) -> Self {
        let parent = TempDir::new().unwrap();
        let path = download(parent.path());
        for file in ["Dockerfile", "Makefile", ".dockerignore"] {
            fs::copy(repository().join(file), path.join(file)).unwrap();
        }
        Self::new(parent, path)
    }

    fn new(parent: TempDir, path: PathBuf) -> Self {
        let image = format!("template-test/{}", unique_part(parent.path()));
        Self { _parent: parent, path, image }
    }

    /// The name of the image that `make run` makes.
    pub fn run_image(&self) -> String {
        self.image.replace("template-test/", "localhost/")
    }

    /// All files of the project except those in `.git`, also the ones that git ignores.
    pub fn files(&self) -> BTreeSet<String> {
        let line = "%P\n";
        let listed = sh!(self, "find . -name .git -prune -o ! -type d -printf {line}").succeeds();
        listed.stdout.lines().map(str::to_owned).collect()
    }

    /// The text of `file`, a path from the project's folder.
    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path.join(file)).unwrap()
    }

    /// Writes a file, and the folders that it is in.
    pub fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        write(&self.path.join(file), text);
    }

    /// Replaces `from` by `to` in `file`. Panics if `from` is not there.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "no '{from}' in {file}:\n{text}");
        self.write(file, text.replace(from, to));
    }

    /// Edits the first line that a generated program prints, so that no cached layer fits, as no
    /// build has seen the text. Returns the text.
    pub fn edit_line(&self) -> String {
        static LINES: AtomicU32 = AtomicU32::new(0);
        let number = LINES.fetch_add(1, Ordering::Relaxed);
        let text = format!("{LUCKY} {number} of {}", self.image);
        self.edit("src/main.rs", LUCKY, &text);
        text
    }

    /// Adds a file to Cargo's configuration, so that BuildKit has no dependency layer of an equal
    /// project.
    pub fn never_built(&self) {
        self.write(".cargo/never-built", &self.image);
    }

    /// Gives the compiler a flag that no other project has, so that no cache has anything compiled
    /// with it. Returns the flag.
    pub fn never_compiled(&self) -> String {
        let unique = self.image.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let flag = format!("--cfg={unique}");
        self.write(CONFIG, format!("[build]\nrustflags = [\"{flag}\"]\n"));
        flag
    }

    /// Runs `cargo` on this machine, with arguments in a shell's syntax. Panics if it fails.
    pub fn cargo(&self, arguments: &str) -> Outcome {
        let arguments = words(arguments);
        sh!(self, "cargo {arguments...}").succeeds()
    }

    /// A command that runs `make` with arguments in a shell's syntax, and with this project's image.
    /// Each `BUILD_FLAGS=…` among them is added to the environment's.
    pub fn make_command(&self, arguments: &str) -> Command {
        let image = format!("IMAGE={}", self.image);
        let (more, arguments): (Vec<_>, Vec<_>) =
            words(arguments).into_iter().partition(|word| word.starts_with("BUILD_FLAGS="));
        let mut flags = std::env::var("BUILD_FLAGS").unwrap_or_default() + " --progress plain";
        for word in more {
            flags += &word.replacen("BUILD_FLAGS=", " ", 1);
        }
        let mut make = cmd!(self, "make {arguments...} {image}");
        make.env("BUILD_FLAGS", flags);
        make
    }

    /// Runs `make` as `make_command` says. Panics if a build compiles dependencies again.
    pub fn make(&self, arguments: &str) -> Outcome {
        self.make_with_any_layer(arguments).compiled_once()
    }

    /// As `make`, but dependencies may be compiled again: Cargo does so with those that depend on a
    /// patched crate, because the sources of the patched crate are the project's.
    pub fn make_with_any_layer(&self, arguments: &str) -> Outcome {
        self.turn(&mut self.make_command(arguments))
    }

    /// Runs `make run`, with more arguments.
    pub fn run(&self, arguments: &str) -> Outcome {
        self.make(&format!("run {arguments}"))
    }

    /// Runs `make build`, with more arguments.
    pub fn build(&self, arguments: &str) -> Outcome {
        self.make(&format!("build {arguments}"))
    }

    /// A command that runs `script` as GitHub's runners run a step of a workflow that names no shell,
    /// with the image of this project.
    pub fn shell(&self, script: &str) -> Command {
        let mut bash = cmd!(self, "bash -e -c {script}");
        bash.env("MAKEFLAGS", format!("IMAGE={}", self.image));
        bash
    }

    /// Runs `command` when it has its turn to use this machine's builder.
    pub fn turn(&self, command: &mut Command) -> Outcome {
        let _lock = turn_to_build();
        run(command)
    }

    /// Runs `script` as `shell` says.
    pub fn step(&self, script: &str) -> Outcome {
        self.turn(&mut self.shell(script))
    }
}

impl AsRef<Path> for Project {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let (image, run_image) = (&self.image, self.run_image());
        // There may be no image, or no engine.
        let _ = cmd!(self, "docker image rm --force {image} {run_image}").output();
    }
}
