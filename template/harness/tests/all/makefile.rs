//! What the targets of the Makefile do, print and refuse.

use std::thread::{scope, sleep};
use std::time::Duration;

use workshop::package::one;
use workshop::{Outcome, Project, read, sh};

#[test]
fn make_alone_lists_the_targets() {
    let help = one().paste().make("").succeeds().stdout;
    let listed: Vec<_> = help.lines().map(|line| line.split(' ').next().unwrap()).collect();
    let targets = "help build run check check-image check-user check-account check-start \
        size-check clean";
    assert_eq!(listed.join(" "), targets);
}

#[test]
fn arguments_and_flags_for_docker_run_reach_the_program_on_both_bases() {
    let arguments = r#"println!("{:?}", std::env::args().skip(1).collect::<Vec<_>>())"#;
    let word = r#"print!("{} ", std::env::var("WORD").unwrap())"#;
    let project = one().main(&format!("{word}; {arguments}")).paste();
    for base in ["alpine", "scratch"] {
        let given = r#"RUN_FLAGS="--env WORD=given" ARGS="--one 'two three'""#;
        let ran = project.run(&format!("BASE={base} {given}"));
        ran.prints(r#"given ["--one", "two three"]"#);
    }
}

#[test]
fn size_check_prints_bytes_and_fails_over_the_limit() {
    let project = one().paste();
    let outcome = project.make("size-check").succeeds();
    let numbers = outcome.last_line().split(' ').filter_map(|word| word.parse().ok());
    let [unpacked, compressed] = numbers.collect::<Vec<usize>>()[..] else { panic!("{outcome}") };
    assert!(compressed > 100_000 && compressed < unpacked, "{outcome}");
    let limited = |limit| project.make(&format!("size-check MAX_SIZE={limit}"));
    limited(unpacked).succeeds();
    limited(unpacked - 1).fails("is over MAX_SIZE=");
}

/// `make check`, with more arguments. Panics if it leaves a container.
fn check(project: &Project, arguments: &str) -> Outcome {
    let checked = project.make(&format!("check {arguments}"));
    let filter = format!("ancestor={}", project.image);
    let left = sh!("/", "docker ps --all --quiet --filter {filter}").succeeds();
    assert_eq!(left.stdout, "", "a container is left: {left}");
    checked
}

#[test]
fn check_passes_a_program_that_goes_on_and_tells_if_sigterm_does_not_end_it() {
    let goes_on = one().main("std::thread::sleep(std::time::Duration::from_secs(60))").paste();
    let note = "note: it goes on after SIGTERM, so Docker kills it 10 seconds later.";
    check(&goes_on, "").tells(note);
}

#[test]
fn check_has_nothing_to_tell_of_a_program_with_the_lines_that_the_page_shows() {
    let page = read("docs/release.md");
    let (_, lines) = page.split_once("```rust\n").unwrap();
    let (lines, _) = lines.split_once("```").unwrap();
    let sleep = "std::thread::sleep(std::time::Duration::from_secs(60));";
    let project = one().main(&format!("{lines}{sleep}")).paste();
    project.cargo("add --quiet signal-hook");
    let ran = "with a read-only root, no capabilities and no network: running 0";
    check(&project, "").prints(ran);
}

#[test]
fn check_tells_that_a_program_ended_without_a_word() {
    check(&one().main("").paste(), "").tells("note: it ended without a word");
}

#[test]
fn check_fails_a_program_that_fails() {
    check(&one().main("std::process::exit(3)").paste(), "")
        .fails("no network: exited 3")
        .fails("error: the program has to exit with 0 or to run on");
    let writes_to_its_root = one().main(r#"std::fs::write("/tmp/file", "").unwrap()"#).paste();
    check(&writes_to_its_root, "BASE=scratch").fails("no network: exited 101");
}

#[test]
fn check_fails_an_image_that_runs_as_root_or_without_the_programs_account() {
    let project = one().paste();
    let number = "has to be a number above 0";
    for (user, bases, reason) in [
        ("0:0", "alpine scratch", number),
        ("one", "alpine scratch", number),
        // There is no whoami on scratch.
        ("1001", "alpine", "whoami has to print the name of the program"),
    ] {
        let user = format!("USER {user}");
        project.write("Dockerfile", read("Dockerfile").replace("USER 1000:1000", &user));
        for base in bases.split(' ') {
            check(&project, &format!("BASE={base}")).fails(reason);
        }
    }
}

#[test]
fn run_ends_at_once_when_the_container_is_stopped() {
    let project = one().main("println!(\"started\"); loop { std::thread::park() }").paste();
    let name = project.image.replace('/', "-");
    scope(|threads| {
        let run = threads.spawn(|| project.run(&format!("'RUN_FLAGS=--name {name}'")));
        while !sh!("/", "docker logs {name}").stdout.contains("started") {
            if run.is_finished() {
                panic!("{}", run.join().unwrap());
            }
            sleep(Duration::from_millis(100));
        }
        sh!("/", "docker stop -t 5 {name}").succeeds();
        // 143 is the status after SIGTERM. After five seconds, SIGKILL would make it 137.
        run.join().unwrap().fails("Error 143");
    });
}

#[test]
fn clean_removes_both_images() {
    let project = one().paste();
    project.make("build run").succeeds();
    project.make("clean").succeeds();
    for image in [&project.image, &project.run_image()] {
        sh!("/", "docker image inspect {image}").fails("No such image");
    }
}

#[test]
fn unknown_base_ends_the_build_with_its_name() {
    one().paste().build("BASE=debian").fails("could not be found");
}
