//! What the targets of the Makefile do, print and refuse.

use std::fs;
use std::thread::{scope, sleep};
use std::time::Duration;

use workshop::{Outcome, Project, docker, repository};

const TARGETS: [&str; 10] = [
    "help",
    "build",
    "run",
    "check",
    "check-image",
    "check-user",
    "check-account",
    "check-start",
    "size-check",
    "clean",
];

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

/// `make check` of a program that goes on. Panics if it fails, or leaves a container.
fn check_passes(project: &Project, program: &str) -> Outcome {
    fs::write(project.path.join("src/main.rs"), program).unwrap();
    let checked = project.make(&["check"], "").succeeds();
    let filter = format!("ancestor={}", project.image);
    let arguments = ["ps", "--all", "--quiet", "--filter", &filter];
    let left = docker(&arguments).succeeds();
    assert_eq!(left.stdout, "", "a container is left: {left}");
    checked
}

#[test]
fn check_passes_a_program_that_goes_on_and_tells_if_sigterm_does_not_end_it() {
    let program = "fn main() { std::thread::sleep(std::time::Duration::from_secs(60)) }\n";
    let checked = check_passes(&Project::generate("hello-world"), program);
    let note = "note: it goes on after SIGTERM, so Docker kills it 10 seconds later.";
    assert!(checked.stdout.contains(note), "{checked}");
}

#[test]
fn check_has_nothing_to_tell_of_a_program_with_the_lines_that_the_page_shows() {
    let page = fs::read_to_string(repository().join("docs/release.md")).unwrap();
    let (_, lines) = page.split_once("```rust\n").unwrap();
    let (lines, _) = lines.split_once("```").unwrap();
    let sleep = "std::thread::sleep(std::time::Duration::from_secs(60));";
    let project = Project::generate("hello-world");
    project.cargo(&["add", "--quiet", "signal-hook"]).succeeds();
    let checked = check_passes(&project, &format!("fn main() {{\n{lines}{sleep}\n}}\n"));
    let ran = "with a read-only root, no capabilities and no network: running 0";
    assert_eq!(checked.last_line(), ran);
}

#[test]
fn check_tells_that_a_program_ended_without_a_word() {
    let checked = check_passes(&Project::generate("hello-world"), "fn main() {}\n");
    assert!(
        checked.stdout.contains("note: it ended without a word"),
        "{checked}"
    );
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
        .fails_with("no network: exited 3")
        .fails_with("error: the program has to exit with 0 or to run on");
}

#[test]
fn check_fails_a_program_that_writes_to_its_root() {
    let project = Project::generate("hello-world");
    let program = "fn main() { std::fs::write(\"/tmp/file\", \"\").unwrap() }\n";
    fs::write(project.path.join("src/main.rs"), program).unwrap();
    project
        .make(&["check", "BASE=scratch"], "")
        .fails_with("no network: exited 101");
}

#[test]
fn check_fails_an_image_that_runs_as_root_or_without_the_programs_account() {
    let project = Project::generate("hello-world");
    let number = "has to be a number above 0";
    let account = "whoami has to print the name of the program";
    let bases = ["BASE=alpine", "BASE=scratch"];
    for (user, bases, reason) in [
        ("0:0", &bases[..], number),
        ("hello-world", &bases[..], number),
        // There is no whoami on scratch.
        ("1001", &bases[..1], account),
    ] {
        let copy = fs::read_to_string(repository().join("Dockerfile")).unwrap();
        let copy = copy.replace("USER 1000:1000", &format!("USER {user}"));
        fs::write(project.path.join("Dockerfile"), copy).unwrap();
        for base in bases {
            project.make(&["check", base], "").fails_with(reason);
        }
    }
}

#[test]
fn run_ends_at_once_when_the_container_is_stopped() {
    let project = Project::generate("hello-world");
    let program = "fn main() { println!(\"started\"); loop { std::thread::park() } }\n";
    fs::write(project.path.join("src/main.rs"), program).unwrap();
    let name = project.image.replace('/', "-");
    let flags = format!("RUN_FLAGS=--name {name}");
    scope(|threads| {
        let run = threads.spawn(|| project.make(&["run", &flags], ""));
        while !docker(&["logs", &name]).stdout.contains("started") {
            if run.is_finished() {
                panic!("{}", run.join().unwrap());
            }
            sleep(Duration::from_millis(100));
        }
        docker(&["stop", "-t", "5", &name]).succeeds();
        // 143 is the status after SIGTERM. After five seconds, SIGKILL would make it 137.
        run.join().unwrap().fails_with("Error 143");
    });
}

#[test]
fn clean_removes_both_images() {
    let project = Project::generate("hello-world");
    project.make(&["build", "run"], "").succeeds();
    project.make(&["clean"], "").succeeds();
    for image in [&project.image, &project.run_image()] {
        let arguments = ["image", "inspect", image];
        docker(&arguments).fails_with("No such image");
    }
}

#[test]
fn unknown_base_ends_the_build_with_its_name() {
    Project::generate("hello-world")
        .make(&["build", "BASE=debian"], "")
        .fails_with("could not be found");
}

#[test]
fn flags_for_docker_run_reach_it() {
    let project = Project::generate("hello-world");
    let program = "fn main() { println!(\"{}\", std::env::var(\"WORD\").unwrap()) }\n";
    fs::write(project.path.join("src/main.rs"), program).unwrap();
    let ran = project
        .make(&["run", "RUN_FLAGS=--env WORD=given"], "")
        .succeeds();
    assert_eq!(ran.last_line(), "given");
}
