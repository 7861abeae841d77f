//! Base images that never change by themselves.

use workshop::registry::Registry;
use workshop::small::{DEPENDING, SEVEN};
use workshop::{Project, base_image, build_flags, command, docker};

#[test]
fn a_digest_behind_the_tag_of_a_base_image() {
    let registry = Registry::start();
    let image = format!("{}/alpine:3.24", registry.here());
    docker(&["tag", &base_image("alpine"), &image]).succeeds();
    let pushed = docker(&["push", "--quiet", &image]);
    docker(&["image", "rm", &image]).succeeds();
    pushed.succeeds();
    // The command that the page shows.
    let inspected = docker(&["buildx", "imagetools", "inspect", &image]).succeeds();
    let digest = inspected
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("Digest:"));
    let digest = digest.unwrap().trim();

    let project = Project::pasted(&[DEPENDING, SEVEN]);
    let pinned = format!("FROM {image}@{digest} AS alpine");
    project.edit("Dockerfile", "FROM alpine:3.24 AS alpine", &pinned);
    // The stand-in for `rust` alone.
    let flags = build_flags();
    let rust = flags.iter().find(|flag| flag.starts_with("rust="));
    let build = || {
        let build = [
            "buildx",
            "build",
            "--load",
            "--tag",
            &project.image,
            "--build-context",
        ];
        let mut build = command(&project.path, "docker", &build);
        project.turn(build.args(rust).arg("."))
    };
    build().succeeds();
    assert_eq!(project.container(&[], &["app"]).succeeds().last_line(), "7");
    let other = format!("sha256:{}", "0".repeat(64));
    project.edit("Dockerfile", digest, &other);
    build().fails_with(&other);
}
