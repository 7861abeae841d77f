//! The program is compiled from the sources as they are: stubs stand in for them only while the
//! dependencies are compiled.

use workshop::Project;
use workshop::small::MANIFEST;

#[test]
fn a_program_may_also_be_an_example_a_test_or_a_bench() {
    let manifest = r#"
[package]
name = "many"
version = "0.1.0"
edition = "2024"

[[bin]]
name = "shown"
path = "examples/shown.rs"

[[bin]]
name = "tested"
path = "tests/tested.rs"

[[bin]]
name = "measured"
path = "benches/measured.rs"
"#;
    let project = Project::pasted(&[
        ("Cargo.toml", manifest),
        ("src/lib.rs", r#"pub const WORD: &str = "is itself";"#),
        (
            "examples/shown.rs",
            r#"fn main() { println!("shown {}", many::WORD) }"#,
        ),
        (
            "tests/tested.rs",
            r#"fn main() { println!("tested {}", many::WORD) }"#,
        ),
        (
            "benches/measured.rs",
            r#"fn main() { println!("measured {}", many::WORD) }"#,
        ),
    ]);
    for program in ["shown", "tested", "measured"] {
        let ran = project
            .make(&["run", &format!("BIN={program}")], "")
            .succeeds();
        assert_eq!(ran.last_line(), format!("{program} is itself"));
    }
}

#[test]
fn a_source_may_include_the_other_files_that_cargo_knows() {
    let files = [
        MANIFEST,
        (
            "src/main.rs",
            r#"
fn main() {
    print!("{}", include_str!("../Cargo.toml"));
    print!("{}", include_str!("../Cargo.lock"));
    print!("{}", include_str!("../build.rs"));
    print!("{}", include_str!("../examples/small.rs"));
    print!("{}", include_str!("../examples/large/main.rs"));
    print!("{}", include_str!("../tests/all.rs"));
    print!("{}", include_str!("../benches/speed.rs"));
    print!("{}", include_str!("bin/other.rs"));
    print!("{}", include_str!("main.rs"));
}
"#,
        ),
        ("src/bin/other.rs", "fn main() { /* another program */ }\n"),
        ("build.rs", "fn main() { /* the build script */ }\n"),
        ("examples/small.rs", "fn main() { /* a small example */ }\n"),
        (
            "examples/large/main.rs",
            "fn main() { /* a large example */ }\n",
        ),
        ("tests/all.rs", "#[test]\nfn all() { /* a test */ }\n"),
        ("benches/speed.rs", "fn main() { /* a bench */ }\n"),
    ];
    let project = Project::pasted(&files);
    let ran = project.make(&["run"], "").succeeds();
    let lock = project.read("Cargo.lock");
    for text in files.map(|(_, text)| text).iter().chain([&lock.as_str()]) {
        assert!(ran.stdout.contains(text), "no '{text}': {ran}");
    }
}

#[test]
fn a_program_may_share_a_module_with_its_examples_and_tests() {
    let project = Project::pasted(&[
        MANIFEST,
        (
            "src/main.rs",
            r#"
#[path = "../tests/helper.rs"]
mod helper;
mod example { include!("../examples/greet.rs"); }

fn main() {
    println!("{} {}", helper::NAME, example::GREETING);
}
"#,
        ),
        ("tests/helper.rs", r#"pub const NAME: &str = "helper";"#),
        (
            "examples/greet.rs",
            r#"pub const GREETING: &str = "greets"; #[allow(dead_code)] fn main() {}"#,
        ),
    ]);
    let ran = project.make(&["run"], "").succeeds();
    assert_eq!(ran.last_line(), "helper greets");
}
