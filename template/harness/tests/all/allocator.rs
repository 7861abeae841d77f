//! The lines that `allocator.md` says to add work in the shipped program.

use workshop::package::program;
use workshop::{Project, read};

/// Adds the page's allocator to the program of `project`.
fn add(project: &Project) {
    project.cargo("add --quiet mimalloc");
    let page = read("docs/allocator.md");
    let (_, lines) = page.split_once("```rust\n").unwrap();
    let (lines, _) = lines.split_once("```").unwrap();
    project.write("src/main.rs", project.read("src/main.rs") + "\n" + lines);
}

#[test]
fn shipped_program_has_another_allocator_for_one_command_and_two_lines() {
    let project = Project::hello();
    let bytes = || {
        let printed = project.make("size-check BASE=scratch").succeeds();
        printed.last_line().split(' ').nth(1).unwrap().parse::<u64>().unwrap()
    };
    let before = bytes();
    add(&project);
    println!("mimalloc adds {} bytes", bytes() - before);
    project.build("").succeeds();
    project.container("--env=MIMALLOC_VERBOSE=1", "").tells("mimalloc: ");
}

/// Two threads allocate strings, and two others free them. Prints the milliseconds that this takes.
const BUSY: &str = r#"
use std::{sync::mpsc::channel, thread, time::Instant};
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
"#;

#[test]
#[ignore = "measures, and asserts nothing of time: make -C template test TESTS='allocator:: -- --ignored --nocapture'"]
fn time_that_threads_take() {
    let project = program("busy").main(BUSY).paste();
    let median = || {
        project.build("").succeeds();
        let mut times = [(); 5].map(|()| {
            let ran = project.starts().succeeds();
            ran.last_line().parse::<u64>().unwrap()
        });
        times.sort();
        times[2]
    };
    let before = median();
    add(&project);
    let after = median();
    println!("musl {before} ms, mimalloc {after} ms, {:.1} times", before as f64 / after as f64);
}
