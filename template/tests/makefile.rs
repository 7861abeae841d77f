//! What the targets of the Makefile print, and how they refuse.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use tempfile::TempDir;
use workshop::{Outcome, Project, command, run};

const TARGETS: [&str; 6] = ["help", "build", "run", "check", "size-check", "clean"];

/// One line of its own on stderr, beside what Make itself says, and no build.
fn refuses(outcome: Outcome, reason: &str) {
    let outcome = outcome.fails_with(reason);
    assert!(!outcome.stdout.contains("docker buildx build"), "{outcome}");
    let lines = outcome
        .stderr
        .lines()
        .filter(|line| !line.starts_with("make"));
    assert_eq!(lines.count(), 1, "{outcome}");
}

/// A PATH with the tools that the Makefile uses, and no others.
fn path_without_docker() -> TempDir {
    let folder = TempDir::new().unwrap();
    for tool in [
        "awk", "basename", "gzip", "head", "make", "mktemp", "rm", "sh", "tar", "tr", "wc",
    ] {
        let found = run(&mut command(
            Path::new("/"),
            "sh",
            &["-c", &format!("command -v {tool}")],
        ))
        .succeeds();
        symlink(found.stdout.trim(), folder.path().join(tool)).unwrap();
    }
    folder
}

#[test]
fn make_alone_lists_the_targets() {
    let help = Project::generate("hello-world").make(&[], "").succeeds();
    let listed: Vec<_> = help
        .stdout
        .lines()
        .map(|line| line.split_whitespace().next().unwrap())
        .collect();
    assert_eq!(listed, TARGETS);
}

#[test]
fn arguments_reach_the_program_on_both_bases() {
    let project = Project::generate("hello-world");
    let program =
        "fn main() { println!(\"{:?}\", std::env::args().skip(1).collect::<Vec<_>>()) }\n";
    fs::write(project.path.join("src/main.rs"), program).unwrap();
    for base in ["BASE=alpine", "BASE=scratch"] {
        let ran = project
            .make(&["run", base, "ARGS=--one 'two three'"], "")
            .succeeds();
        assert_eq!(ran.last_line(), "[\"--one\", \"two three\"]");
    }
}

#[test]
fn size_check_prints_bytes_and_fails_over_the_limit() {
    let project = Project::generate("hello-world");
    let outcome = project.make(&["size-check"], "").succeeds();
    let numbers: Vec<usize> = outcome
        .last_line()
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let [unpacked, compressed] = numbers[..] else {
        panic!("{outcome}")
    };
    assert!(compressed > 100_000 && compressed < unpacked, "{outcome}");
    project
        .make(&["size-check", &format!("MAX_SIZE={unpacked}")], "")
        .succeeds();
    project
        .make(&["size-check", &format!("MAX_SIZE={}", unpacked - 1)], "")
        .fails_with("is over MAX_SIZE=");
}

#[test]
fn check_passes_a_program_that_goes_on() {
    let project = Project::generate("hello-world");
    let program = "fn main() { std::thread::sleep(std::time::Duration::from_secs(60)) }\n";
    fs::write(project.path.join("src/main.rs"), program).unwrap();
    project.make(&["check"], "").succeeds();
    let filter = format!("ancestor={}", project.image);
    let arguments = ["ps", "--all", "--quiet", "--filter", &filter];
    let left = run(&mut command(&project.path, "docker", &arguments)).succeeds();
    assert_eq!(left.stdout, "", "a container is left: {left}");
}

#[test]
fn check_fails_a_program_that_fails() {
    let project = Project::generate("hello-world");
    fs::write(
        project.path.join("src/main.rs"),
        "fn main() { std::process::exit(3) }\n",
    )
    .unwrap();
    project
        .make(&["check"], "")
        .fails_with("error: the program has exited 3");
}

#[test]
fn check_fails_a_program_that_writes_to_its_root() {
    let project = Project::generate("hello-world");
    let program = "fn main() { std::fs::write(\"/tmp/file\", \"\").unwrap() }\n";
    fs::write(project.path.join("src/main.rs"), program).unwrap();
    project
        .make(&["check", "BASE=scratch"], "")
        .fails_with("error: the program has exited 101");
}

#[test]
fn check_fails_an_image_that_runs_as_root() {
    let project = Project::generate("hello-world");
    for (user, reason) in [
        ("0:0", "not a number above 0"),
        ("hello-world", "not a number above 0"),
        ("1001", "and there is no program of that name"),
    ] {
        let copy = fs::read_to_string(workshop::repository().join("Dockerfile")).unwrap();
        let copy = copy.replace("USER 1000:1000", &format!("USER {user}"));
        fs::write(project.path.join("Dockerfile"), copy).unwrap();
        for base in ["BASE=alpine", "BASE=scratch"] {
            project.make(&["check", base], "").fails_with(reason);
        }
    }
}

#[test]
fn clean_removes_both_images() {
    let project = Project::generate("hello-world");
    project.make(&["build", "run"], "").succeeds();
    project.make(&["clean"], "").succeeds();
    for image in [&project.image, &project.run_image()] {
        let arguments = ["image", "inspect", image];
        run(&mut command(&project.path, "docker", &arguments)).fails_with("No such image");
    }
}

#[test]
fn refuses_an_unknown_base() {
    refuses(
        Project::generate("hello-world").make(&["build", "BASE=debian"], ""),
        "error: BASE is 'debian': choose",
    );
}

#[test]
fn refuses_a_project_without_a_lock_file() {
    let project = Project::generate("hello-world");
    fs::remove_file(project.path.join("Cargo.lock")).unwrap();
    refuses(
        project.make(&["build"], ""),
        "error: there is no Cargo.lock: make one with 'cargo generate-lockfile'",
    );
}

#[test]
fn refuses_a_machine_without_docker() {
    let (project, path) = (Project::generate("hello-world"), path_without_docker());
    for target in ["build", "run", "check", "size-check", "clean"] {
        refuses(
            run(project.make_command(&[target]).env("PATH", path.path())),
            "error: no Docker engine to be used: ",
        );
    }
}

#[test]
fn refuses_an_engine_that_does_not_answer() {
    let project = Project::generate("hello-world");
    let mut make = project.make_command(&["build"]);
    let outcome = run(make.env("DOCKER_HOST", "unix:///none.sock"));
    refuses(
        outcome,
        "error: no Docker engine to be used: Cannot connect to the Docker daemon at unix:///none.sock",
    );
}

#[test]
fn refuses_a_docker_without_buildkit() {
    // The real client, but for the plugin that it would find in the system's folders.
    let path = path_without_docker();
    let docker = run(&mut command(
        Path::new("/"),
        "sh",
        &["-c", "command -v docker"],
    ))
    .succeeds();
    let client = path.path().join("docker");
    let text = format!(
        "#!/bin/sh\n[ \"$1\" != buildx ] || {{ echo \"docker: 'buildx' is not a docker command.\" >&2; exit 1; }}\nexec {} \"$@\"\n",
        docker.stdout.trim()
    );
    fs::write(&client, text).unwrap();
    fs::set_permissions(&client, fs::Permissions::from_mode(0o755)).unwrap();
    let project = Project::generate("hello-world");
    for target in ["build", "run", "check", "size-check"] {
        run(project.make_command(&[target]).env("PATH", path.path()))
            .fails_with("error: Docker has no BuildKit: install");
    }
}
