//! The setup of a machine says in one line why it cannot go on.

use workshop::{Outcome, base_image, cmd, repository, run, sh, words};

fn refuses(outcome: Outcome, line: &str) {
    assert_eq!(outcome.fails(line).stderr, format!("{line}\n"));
}

#[test]
fn refuses_an_engine_elsewhere_that_does_not_answer() {
    let mut setup = cmd!(repository(), "sh template/setup/engine.sh");
    let outcome = run(setup.env("DOCKER_HOST", "unix:///none.sock"));
    refuses(outcome, "error: no Docker engine answers at DOCKER_HOST=unix:///none.sock");
}

#[test]
fn refuses_a_machine_that_is_not_debian_and_a_user_who_may_not_install() {
    let line = "error: no Docker engine answers: \
        start one, or be root on Debian 12 or newer to have one brought";
    // The setup takes a machine with this file for a Debian.
    let debian = "--user=1000 --volume=/etc/hostname:/etc/debian_version:ro";
    // The image has no Docker.
    let (image, volume) = (base_image("alpine"), format!("{}:/it:ro", repository().display()));
    for options in ["--user=0", debian].map(words) {
        let setup = "/it/template/setup/engine.sh";
        let options = [words("--rm --quiet --env=HOME=/tmp"), options].concat();
        refuses(sh!("/", "docker run {options...} --volume {volume} {image} sh {setup}"), line);
    }
}

#[test]
fn second_setup_brings_nothing() {
    let setup = sh!(repository(), "make -s --no-print-directory -C template env");
    assert_eq!(setup.tells("export BUILD_FLAGS=").stderr, "");
}
