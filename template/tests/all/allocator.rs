//! The lines that `allocator.md` says to add work in the shipped program.

use std::fs;

use workshop::{Project, repository};

/// The page's example in Rust.
fn lines() -> String {
    let page = fs::read_to_string(repository().join("docs/allocator.md")).unwrap();
    let (_, after) = page.split_once("```rust\n").unwrap();
    after.split_once("```").unwrap().0.to_owned()
}

/// Adds the page's allocator to the program of `project`.
fn add(project: &Project) {
    project.cargo(&["add", "--quiet", "mimalloc"]).succeeds();
    let main = project.read("src/main.rs");
    fs::write(project.path.join("src/main.rs"), main + "\n" + &lines()).unwrap();
}

/// The image's size on scratch.
fn bytes(project: &Project) -> u64 {
    let printed = project.make(&["size-check", "BASE=scratch"], "").succeeds();
    let words: Vec<_> = printed.last_line().split(' ').collect();
    words[1].parse().unwrap()
}

#[test]
fn shipped_program_has_another_allocator_for_one_command_and_two_lines() {
    let project = Project::generate("hello-world");
    let before = bytes(&project);
    add(&project);
    let more = bytes(&project) - before;
    println!("mimalloc adds {more} bytes");
    project.make(&["build"], "").succeeds();
    let ran = project
        .container(&["--env=MIMALLOC_VERBOSE=1"], &[])
        .succeeds();
    assert!(ran.stderr.contains("mimalloc: "), "{ran}");
}

/// Two threads allocate strings, and two others free them. Prints the milliseconds that this takes.
const BUSY: &str = r#"
use std::{sync::mpsc::channel, thread, time::Instant};
fn main() {
    let begin = Instant::now();
    let threads: Vec<_> = (0..2).map(|seed| thread::spawn(move || {
        let (sender, receiver) = channel::<Vec<String>>();
        let other = thread::spawn(move || receiver.iter().map(|texts| texts.len()).sum::<usize>());
        for round in 0..20_000 {
            let texts = (0..50).map(|n| format!("{seed} {round} {}", "x".repeat(n))).collect();
            sender.send(texts).unwrap();
        }
        drop(sender);
        other.join().unwrap()
    })).collect();
    let texts: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!(texts, 2_000_000);
    println!("{}", begin.elapsed().as_millis());
}
"#;

#[test]
#[ignore = "measures, and asserts nothing of time: make -C template test TESTS='allocator:: -- --ignored --nocapture'"]
fn time_that_threads_take() {
    let manifest = r#"
[package]
name = "busy"
version = "0.1.0"
edition = "2024"
"#;
    let project = Project::pasted(&[("Cargo.toml", manifest), ("src/main.rs", BUSY)]);
    let median = || {
        project.make(&["build"], "").succeeds();
        let run = |_| {
            project
                .container(&[], &[])
                .succeeds()
                .last_line()
                .parse::<u64>()
                .unwrap()
        };
        let mut times: Vec<_> = (0..5).map(run).collect();
        times.sort();
        times[2]
    };
    let before = median();
    add(&project);
    let after = median();
    println!(
        "musl {before} ms, mimalloc {after} ms, {:.1} times",
        before as f64 / after as f64
    );
}
