//! Images and containers that a test needs beside its project's own. Dropping removes them.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::machine::builder_lock;
use crate::package::write;
use crate::{Outcome, base_image, cmd, run, sh, words};

/// An image that adds something to the base image of the stage `rust`.
pub struct Image {
    pub name: String,
}

impl Image {
    /// Builds the base image with Debian's `packages` installed. Panics if the build fails.
    pub fn with(packages: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let install = "apt-get update && apt-get install --yes --no-install-recommends";
        let text = format!("FROM rust\nRUN {install} {packages}\n");
        write(&folder.path().join("Dockerfile"), text);
        Self::of(folder.path())
    }

    /// Builds the Dockerfile in `folder`, on the base image. Panics if the build fails.
    pub fn of(folder: &Path) -> Self {
        let image = Self { name: unique() };
        let _lock = builder_lock();
        let (name, rust) = (&image.name, base_image("rust"));
        let rust = format!("rust=docker-image://{rust}");
        let build = sh!(folder, "docker buildx build --load --build-context {rust} --tag {name} .");
        build.succeeds();
        image
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let name = &self.name;
        report(&sh!("/", "docker image rm --force {name}"));
    }
}

/// A container that runs until it is dropped.
pub struct Container {
    pub name: String,
}

impl Container {
    /// Starts a container of `image` with options of `docker run` and a command, both in a shell's
    /// syntax. Panics if it does not start.
    pub fn start(options: &str, image: &str, program: &str) -> Self {
        let name = unique().replace('/', "-");
        let container = Self { name };
        let (name, options, program) = (&container.name, words(options), words(program));
        let run = sh!("/", "docker run --detach --name {name} {options...} {image} {program...}");
        run.succeeds();
        container
    }

    /// A command that runs `program`, in a shell's syntax, in the container.
    pub fn command(&self, program: &str) -> Command {
        let (name, program) = (&self.name, words(program));
        cmd!("/", "docker exec {name} {program...}")
    }

    /// Runs `program` in the container.
    pub fn run(&self, program: &str) -> Outcome {
        run(&mut self.command(program))
    }

    /// Runs `program` in the container and returns its output. Panics if it fails.
    pub fn exec(&self, program: &str) -> String {
        self.run(program).succeeds().stdout.trim().to_owned()
    }

    /// Runs a container of `image` in this one's network, with `program` as in `start`.
    pub fn beside(&self, image: &str, program: &str) -> Outcome {
        let (network, program) = (format!("container:{}", self.name), words(program));
        sh!("/", "docker run --rm --network {network} {image} {program...}")
    }

    /// Sends SIGTERM to the program, and SIGKILL if it still runs after that many seconds. Returns
    /// its exit status, which is 137 after SIGKILL.
    pub fn stop(&self, seconds: u32) -> i32 {
        let (name, seconds) = (&self.name, seconds.to_string());
        sh!("/", "docker stop -t {seconds} {name}").succeeds();
        self.inspect("{{.State.ExitCode}}").parse().unwrap()
    }

    /// What the image's health check says: `starting`, `healthy` or `unhealthy`.
    pub fn health(&self) -> String {
        self.inspect("{{.State.Health.Status}}")
    }

    /// What the program has printed.
    pub fn logs(&self) -> Outcome {
        let name = &self.name;
        sh!("/", "docker logs {name}")
    }

    /// The IP address at which this machine and other containers reach this one.
    pub fn address(&self) -> String {
        self.inspect("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")
    }

    /// The ADDRESS:PORT of this machine where `port` is published. Panics if it is not.
    pub fn published(&self, port: &str) -> String {
        let name = &self.name;
        let port = sh!("/", "docker port {name} {port}").succeeds();
        port.stdout.trim().to_owned()
    }

    fn inspect(&self, format: &str) -> String {
        let name = &self.name;
        let inspected = sh!("/", "docker inspect --format {format} {name}").succeeds();
        inspected.stdout.trim().to_owned()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let name = &self.name;
        report(&sh!("/", "docker rm --force --volumes {name}"));
    }
}

/// A name that no other image or container on this machine has.
fn unique() -> String {
    format!("template-test/{}", unique_part(TempDir::new().unwrap().path()))
}

/// The name of a temporary folder, as a part of other names, which it makes unique.
pub(crate) fn unique_part(folder: &Path) -> String {
    let name = folder.file_name().unwrap().to_str().unwrap();
    name.trim_start_matches('.').to_lowercase()
}

/// Prints a failure, because a panic in `drop` during another panic would abort all tests.
pub(crate) fn report(outcome: &Outcome) {
    if !outcome.success {
        eprintln!("{outcome}");
    }
}
