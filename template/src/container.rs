//! Images and containers that a test needs beside its project's own. Dropping removes them.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::machine::builder_lock;
use crate::{Outcome, base_image, command, docker, run};

/// An image that adds something to the base image of the stage `rust`.
pub struct Image {
    pub name: String,
}

impl Image {
    /// Builds the base image with Debian's `packages` installed. Panics if the build fails.
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

    /// Builds the Dockerfile in `folder`, on the base image. Panics if the build fails.
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

/// A container that runs until it is dropped.
pub struct Container {
    name: String,
}

impl Container {
    /// Starts a container of `image` that runs `program`, a command and its arguments. `options`
    /// are those of `docker run`. Panics if it does not start.
    pub fn start(options: &[&str], image: &str, program: &[&str]) -> Self {
        let container = Self {
            name: unique().replace('/', "-"),
        };
        let begin = ["run", "--detach", "--name", &container.name];
        docker(&[&begin, options, &[image], program].concat()).succeeds();
        container
    }

    /// A command that runs `program` in the container.
    pub fn command(&self, program: &[&str]) -> Command {
        let exec = [&["exec", self.name.as_str()], program].concat();
        command(Path::new("/"), "docker", &exec)
    }

    /// Runs `program` in the container.
    pub fn run(&self, program: &[&str]) -> Outcome {
        run(&mut self.command(program))
    }

    /// Runs `program` in the container and returns its output. Panics if it fails.
    pub fn exec(&self, program: &[&str]) -> String {
        self.run(program).succeeds().stdout.trim().to_owned()
    }

    /// Runs a container of `image` in this one's network, with `program` as in `start`.
    pub fn beside(&self, image: &str, program: &[&str]) -> Outcome {
        let network = format!("--network=container:{}", self.name);
        docker(&[&["run", "--rm", &network, image], program].concat())
    }

    /// Sends SIGTERM to the program, and SIGKILL if it still runs after that many seconds. Returns
    /// its exit status, which is 137 after SIGKILL.
    pub fn stop(&self, seconds: u32) -> i32 {
        docker(&["stop", "-t", &seconds.to_string(), &self.name]).succeeds();
        let status = stdout(&["inspect", "--format={{.State.ExitCode}}", &self.name]);
        status.parse().unwrap()
    }

    /// What the image's health check says: `starting`, `healthy` or `unhealthy`.
    pub fn health(&self) -> String {
        stdout(&["inspect", "--format={{.State.Health.Status}}", &self.name])
    }

    /// What the program has printed.
    pub fn logs(&self) -> Outcome {
        docker(&["logs", &self.name])
    }

    /// The IP address at which this machine and other containers reach this one.
    pub fn address(&self) -> String {
        let format = "--format={{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
        stdout(&["inspect", format, &self.name])
    }

    /// The ADDRESS:PORT of this machine where `port` is published. Panics if it is not.
    pub fn published(&self, port: &str) -> String {
        stdout(&["port", &self.name, port])
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        report(&docker(&["rm", "--force", "--volumes", &self.name]));
    }
}

/// A name that no other image or container on this machine has.
fn unique() -> String {
    format!("template-test/{}", unique_part(&TempDir::new().unwrap()))
}

/// The name of a temporary folder, as a part of other names, which it makes unique.
pub(crate) fn unique_part(folder: &TempDir) -> String {
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    name.trim_start_matches('.').to_lowercase()
}

fn stdout(arguments: &[&str]) -> String {
    docker(arguments).succeeds().stdout.trim().to_owned()
}

/// Prints a failure, because a panic in `drop` during another panic would abort all tests.
fn report(outcome: &Outcome) {
    if !outcome.success {
        eprintln!("{outcome}");
    }
}
