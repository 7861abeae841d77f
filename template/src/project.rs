//! A project to build, run and edit.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::container::unique_part;
use crate::layers::{Entry, layers};
use crate::machine::turn_to_build;
use crate::{Outcome, build_flags, command, commit, docker, generate, repository, run};

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
        Self::generate_with(name, &[])
    }

    /// Makes a project with `cargo generate --name name` and `arguments`.
    pub fn generate_with(name: &str, arguments: &[&str]) -> Self {
        let parent = TempDir::new().unwrap();
        generate(parent.path(), &[&["--name", name], arguments].concat()).succeeds();
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
        let path = parent
            .path()
            .join(format!("pasted-{}", unique_part(&parent)));
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
        let image = format!("template-test/{}", unique_part(&parent));
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

    /// Adds a file to Cargo's configuration, so that BuildKit has no dependency layer of an equal
    /// project.
    pub fn never_built(&self) {
        fs::create_dir_all(self.path.join(".cargo")).unwrap();
        fs::write(self.path.join(".cargo/never-built"), &self.image).unwrap();
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
        let _lock = turn_to_build();
        let given = std::env::var("BUILD_FLAGS").unwrap_or_default();
        run(self
            .make_command(arguments)
            .env("BUILD_FLAGS", format!("--progress plain {given} {flags}")))
    }

    /// A command that runs `script` as GitHub's runners run a step of a workflow that names no shell,
    /// with the image of this project.
    pub fn shell(&self, script: &str) -> Command {
        let options = ["-e", "-c", script];
        let mut bash = command(&self.path, "bash", &options);
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

    /// Builds the image with `docker buildx build` and `arguments`, without the Makefile. Panics if
    /// the build compiles dependencies again.
    pub fn docker_build(&self, arguments: &[&str]) -> Outcome {
        let _lock = turn_to_build();
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
        let text = docker(&arguments).succeeds().stdout;
        serde_json::from_str::<Value>(&text).unwrap()[0].take()
    }

    /// The image's layers, lowest first, each with its entries in the order of the archive.
    pub fn layers(&self) -> Vec<Vec<Entry>> {
        layers(&self.image)
    }

    /// The image's program, as bytes. Panics if there is none.
    pub fn program(&self) -> Vec<u8> {
        let in_folder = |entry: &Entry| entry.path.starts_with("usr/local/bin/") && !entry.link;
        let mut entries = self.layers().into_iter().flatten();
        let program = entries.rfind(|entry| in_folder(entry) && !entry.content.is_empty());
        program.expect("the image should have a program").content
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let arguments = ["image", "rm", "--force", &self.image, &self.run_image()];
        // There may be no image, or no engine.
        let _ = command(Path::new("/"), "docker", &arguments).output();
    }
}
