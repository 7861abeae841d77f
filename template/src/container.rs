//! What a test needs beside its project and runs in a container. All of it is gone after use.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::{Outcome, base_image, builder_lock, command, run};

/// An image with more than the base image has.
pub struct Image {
    pub name: String,
}

impl Image {
    /// The base image of the stage `rust` with Debian's `packages`. Panics if it does not build.
    pub fn with(packages: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let install = "apt-get update && apt-get install --yes --no-install-recommends";
        fs::write(
            folder.path().join("Dockerfile"),
            format!("FROM rust\nRUN {install} {packages}\n"),
        )
        .unwrap();
        Self::of(folder.path())
    }

    /// What the Dockerfile in `folder` makes of that image. Panics if it does not build.
    pub fn of(folder: &Path) -> Self {
        let image = Self { name: unique() };
        let _lock = builder_lock();
        run(command(folder, "docker", &["buildx", "build", "--load"])
            .arg(format!(
                "--build-context=rust=docker-image://{}",
                base_image("rust")
            ))
            .args(["--tag", &image.name, "."]))
        .succeeds();
        image
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        report(&docker(&["image", "rm", "--force", &self.name]));
    }
}

/// A container that runs for as long as it is in use.
pub struct Container {
    name: String,
}

impl Container {
    /// Starts `image` with `program`, a command and its arguments, and `options` of `docker run`.
    /// Panics if it does not start.
    pub fn start(options: &[&str], image: &str, program: &[&str]) -> Self {
        let container = Self {
            name: unique().replace('/', "-"),
        };
        let begin = ["run", "--detach", "--name", &container.name];
        docker(&[&begin, options, &[image], program].concat()).succeeds();
        container
    }

    /// What comes of `program` in it.
    pub fn run(&self, program: &[&str]) -> Outcome {
        docker(&[&["exec", &self.name], program].concat())
    }

    /// What `program` prints in it. Panics if it fails.
    pub fn exec(&self, program: &[&str]) -> String {
        self.run(program).succeeds().stdout.trim().to_owned()
    }

    /// Where other containers find it.
    pub fn address(&self) -> String {
        let format = "--format={{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
        stdout(&["inspect", format, &self.name])
    }

    /// Where this machine finds its `port`, an address and a port. Panics if it is not published.
    pub fn published(&self, port: &str) -> String {
        stdout(&["port", &self.name, port])
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        report(&docker(&["rm", "--force", "--volumes", &self.name]));
    }
}

/// A name that nothing of this machine has.
fn unique() -> String {
    let folder = TempDir::new().unwrap();
    let unique = folder.path().file_name().unwrap().to_str().unwrap();
    format!("template-test/{}", unique.trim_start_matches('.')).to_lowercase()
}

fn docker(arguments: &[&str]) -> Outcome {
    run(&mut command(Path::new("/"), "docker", arguments))
}

fn stdout(arguments: &[&str]) -> String {
    docker(arguments).succeeds().stdout.trim().to_owned()
}

/// Drop may run because of a panic, and a second one would hide that.
fn report(outcome: &Outcome) {
    if !outcome.success {
        eprintln!("{outcome}");
    }
}
