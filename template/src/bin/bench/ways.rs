//! The ways to build an image of a project, and to start its program.

use std::process::Command;

use workshop::command;

use crate::project::Measured;

/// The ways to build: their names in the results, and on the page. The first four are this template,
/// and those that begin with cargo make no image. All others have a Dockerfile in `bench/peers`, to
/// which a name that ends with `INCREMENTAL` adds a line.
pub const PEERS: [(&str, &str); 14] = [
    ("template", "this template, make build"),
    ("template-run", "this template, make run"),
    ("before", "make build before"),
    ("before-run", "make run before"),
    ("2018", "2018 post, as published"),
    ("2018-mended", "2018 post, mended"),
    ("guide", "Docker's guide"),
    ("guide-incremental", "Docker's guide, incremental"),
    ("chef", "cargo-chef"),
    ("chef-incremental", "cargo-chef, incremental"),
    ("chef-cache", "cargo-chef, sccache, cache mounts"),
    ("plain", "COPY . . and build"),
    ("cargo", "cargo build, no image"),
    ("cargo-incremental", "cargo build, incremental, no image"),
];
pub const INCREMENTAL: &str = "-incremental";

/// A command that builds the project. `flags` are those of `docker buildx build`, and `chef` is the
/// one for peers that start from the image of cargo-chef.
pub fn build(project: &Measured, peer: &str, flags: &[String], chef: &str) -> Command {
    if let Some(container) = &project.container {
        return container.command(&["cargo", "build", "--locked", "--release"]);
    }
    let folder = &project.path;
    let target = match peer {
        "template" | "before" => Some("build"),
        "template-run" | "before-run" => Some("run"),
        _ => None,
    };
    if let Some(target) = target {
        let image = format!("IMAGE={}", project.image);
        let mut make = command(folder, "make", &[target, &image]);
        make.env("BUILD_FLAGS", flags.join(" "));
        return make;
    }
    let name = format!("--build-arg=NAME={}", project.app.package());
    let arguments = ["buildx", "build", "--load", &name, "--tag", &project.image];
    let mut build = command(folder, "docker", &arguments);
    build
        .arg("--file")
        .arg(project.dockerfile(peer))
        .args(flags);
    if peer.starts_with("chef") {
        build.arg(chef);
    }
    build.arg(".");
    build
}

/// A command that runs the program that was built.
pub fn start(project: &Measured) -> Command {
    if let Some(container) = &project.container {
        let program = format!(
            "/target/x86_64-unknown-linux-musl/release/{}",
            project.app.package()
        );
        return container.command(&[&program]);
    }
    command(&project.path, "docker", &["run", "--rm", &project.image])
}
