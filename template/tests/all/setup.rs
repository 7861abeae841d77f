//! The setup of a machine says in one line why it cannot go on.

use workshop::{Outcome, Project, command, repository, run};

fn refuses(outcome: Outcome, line: &str) {
    let outcome = outcome.fails_with(line);
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome}");
}

fn script() -> String {
    repository()
        .join("template/setup/engine.sh")
        .display()
        .to_string()
}

#[test]
fn refuses_an_engine_elsewhere_that_does_not_answer() {
    let outcome =
        run(command(repository(), "sh", &[&script()]).env("DOCKER_HOST", "unix:///none.sock"));
    refuses(
        outcome,
        "error: no Docker engine answers at DOCKER_HOST=unix:///none.sock",
    );
}

/// Runs the setup in a container of the image, which has no Docker.
fn in_container(options: &[&str]) -> Outcome {
    let project = Project::generate("hello-world");
    project.make(&["build"], "").succeeds();
    let mount = format!("--volume={}:/repository:ro", repository().display());
    let options = [&["--env=HOME=/tmp", &mount], options].concat();
    project.container(&options, &["sh", "/repository/template/setup/engine.sh"])
}

const NO_ENGINE: &str = "error: no Docker engine answers: start one, or be root on Debian 12 or newer to have one brought";

#[test]
fn refuses_a_machine_that_is_not_debian() {
    refuses(in_container(&["--user=0"]), NO_ENGINE);
}

#[test]
fn refuses_a_user_who_may_not_install() {
    // The setup takes a machine with this file for a Debian.
    refuses(
        in_container(&["--volume=/etc/hostname:/etc/debian_version:ro"]),
        NO_ENGINE,
    );
}

#[test]
fn second_setup_brings_nothing() {
    let setup = ["-s", "--no-print-directory", "-C", "template", "env"];
    let outcome = run(&mut command(repository(), "make", &setup)).succeeds();
    assert!(outcome.stdout.contains("export BUILD_FLAGS="), "{outcome}");
    assert_eq!(outcome.stderr, "");
}
