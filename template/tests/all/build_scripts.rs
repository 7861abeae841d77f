//! Build scripts find the files that their dependencies' build scripts made, and may run Cargo.

use std::fs;

use workshop::edits::new_layout;
use workshop::small::{self, ran};
use workshop::{Project, vendor};

const MANIFEST: &str = r#"
[package]
name = "one"
version = "0.1.0"
edition = "2024"

[dependencies]
tool = "1"

[build-dependencies]
tool = "1"
"#;

const MAIN: &str = r#"fn main() { println!("{}", env!("WORD")) }"#;

/// A crate whose build script makes files, and which tells other build scripts where they are.
const TOOL: [(&str, &str); 3] = [
    (
        "vendor/tool/Cargo.toml",
        r#"
[package]
name = "tool"
version = "1.0.0+FILES"
edition = "2024"
links = "tool"
"#,
    ),
    (
        "vendor/tool/build.rs",
        r#"
use std::path::PathBuf;

fn main() {
    let out = PathBuf::from(std::env::var("OUT_DIR").unwrap());
    std::fs::create_dir_all(out.join("empty/of course")).unwrap();
    std::fs::write(out.join("word.txt"), "made by the tool").unwrap();
    std::os::unix::fs::symlink("word.txt", out.join("link.txt")).ok();
    let real = out.canonicalize().unwrap();
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=REAL={}", real.display());
    println!("cargo::metadata=real={}", real.display());
}
"#,
    ),
    (
        "vendor/tool/src/lib.rs",
        r#"
pub const FOLDER: &str = env!("OUT_DIR");
pub const REAL: &str = env!("REAL");
"#,
    ),
];

/// The last line that the program prints if its build script is `script`, which sets `WORD`.
fn prints(script: &str) -> String {
    let mut files = TOOL.to_vec();
    files.extend([
        ("Cargo.toml", MANIFEST),
        ("build.rs", script),
        ("src/main.rs", MAIN),
    ]);
    let project = vendor::project(&files);
    // The crate may be compiled again, because its files have just been written.
    let ran = project.make_with_any_layer(&["run"], "").succeeds();
    ran.last_line().to_owned()
}

#[test]
fn the_folder_that_a_dependency_compiles_into_its_code_is_there() {
    let script = r#"
fn main() {
    let word = std::fs::read_to_string(format!("{}/link.txt", tool::FOLDER)).unwrap();
    println!("cargo::rustc-env=WORD={word}");
}
"#;
    assert_eq!(prints(script), "made by the tool");
}

#[test]
fn the_folder_is_there_under_its_canonical_path_too() {
    let script = r#"
fn main() {
    let real = std::env::var("DEP_TOOL_REAL").unwrap();
    let target = std::fs::read_to_string(format!("{real}/word.txt")).unwrap();
    let host = std::fs::read_to_string(format!("{}/word.txt", tool::REAL)).unwrap();
    println!("cargo::rustc-env=WORD={target}, {host}");
}
"#;
    assert_eq!(prints(script), "made by the tool, made by the tool");
}

#[test]
fn an_empty_folder_that_a_dependency_made_is_there() {
    let script = r#"
fn main() {
    let folder = format!("{}/empty/of course", tool::FOLDER);
    let entries = std::fs::read_dir(folder).unwrap().count();
    println!("cargo::rustc-env=WORD={entries} entries");
}
"#;
    assert_eq!(prints(script), "0 entries");
}

#[test]
fn a_build_script_may_run_cargo() {
    let project = Project::pasted(&[
        (
            "Cargo.toml",
            r#"
[package]
name = "one"
version = "0.1.0"
edition = "2024"

[dependencies]
itoa = "1"

[workspace]
exclude = ["helper"]
"#,
        ),
        (
            "build.rs",
            r#"
use std::process::Command;

fn main() {
    // With a timeout, because two Cargos that wait for each other would never end.
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new("timeout");
        command.arg("100").arg(std::env::var_os("CARGO").unwrap()).args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{command:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let metadata = cargo(&["metadata", "--format-version=1", "--locked", "--offline"]);
    assert!(metadata.contains("itoa"));
    cargo(&["build", "--release", "--manifest-path=helper/Cargo.toml"]);
    let helper = Command::new("helper/target/release/helper").output().unwrap();
    println!("cargo::rustc-env=WORD={}", String::from_utf8(helper.stdout).unwrap());
}
"#,
        ),
        ("src/main.rs", MAIN),
        (
            "helper/Cargo.toml",
            r#"
[package]
name = "helper"
version = "0.1.0"
edition = "2024"
"#,
        ),
        (
            "helper/src/main.rs",
            r#"fn main() { print!("printed by the helper") }"#,
        ),
    ]);
    let ran = project.make(&["run"], "").succeeds();
    assert_eq!(ran.last_line(), "printed by the helper");
}

/// A program whose build script makes one of its sources of the file word.
fn writing_a_source() -> Project {
    let script = r#"
fn main() {
    let word = std::fs::read_to_string("word").unwrap();
    std::fs::write("src/word.rs", format!("pub const WORD: &str = {word:?};")).unwrap();
    println!("cargo::rerun-if-changed=word");
}
"#;
    let main = r#"mod word; fn main() { println!("first {}", word::WORD) }"#;
    Project::pasted(&[
        small::MANIFEST,
        ("build.rs", script),
        ("src/main.rs", main),
        ("word", "one"),
    ])
}

/// Panics unless `make run` finds the written source after edits of others.
fn finds_the_written_source(project: &Project) {
    assert_eq!(ran(project).last_line(), "first one");
    project.edit("src/main.rs", "first", "second");
    assert_eq!(ran(project).last_line(), "second one");
    project.edit("word", "one", "two");
    assert_eq!(ran(project).last_line(), "second two");
    project.edit("src/main.rs", "second", "third");
    assert_eq!(ran(project).last_line(), "third two");
}

#[test]
fn run_finds_a_source_that_a_build_script_writes_beside_the_others() {
    finds_the_written_source(&writing_a_source());
}

#[test]
fn run_finds_a_source_that_a_build_script_writes_over_an_older_one() {
    let project = writing_a_source();
    let older = r#"pub const WORD: &str = "zero";"#;
    fs::write(project.path.join("src/word.rs"), older).unwrap();
    finds_the_written_source(&project);
}

#[test]
fn run_finds_a_source_that_a_build_script_writes_in_cargos_new_build_folder() {
    let project = writing_a_source();
    new_layout(&project);
    finds_the_written_source(&project);
}
