//! Projects whose third-party crates need more than the skeleton build all the same.

use std::fs;
use std::os::unix::fs::symlink;

use workshop::small::{MANIFEST, SEVEN, with};
use workshop::{Outcome, Project, vendor};

const NOTE: &str = "note: third-party crates need more than manifests";

/// Builds and runs the project, whose dependencies may be compiled with it.
fn runs(project: &Project) -> Outcome {
    project.make_with_any_layer(&["run"], "").succeeds()
}

const PATCHES: &str = r#"
[dependencies]
miniz_oxide = { version = "0.8", default-features = false, features = ["with-alloc"] }

[workspace]
members = ["checksums"]

[patch.crates-io]
adler2 = { path = "checksums" }
"#;

/// The workspace's own adler2, which miniz_oxide shall use, too.
const PATCHED: [(&str, &str); 3] = [
    (
        "src/main.rs",
        r#"
fn main() {
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(b"seven", 6);
    let sum = &packed[packed.len() - 4..];
    println!("{sum:?}");
}
"#,
    ),
    (
        "checksums/Cargo.toml",
        r#"
[package]
name = "adler2"
version = "2.0.99"
edition = "2024"
"#,
    ),
    (
        "checksums/src/lib.rs",
        r#"
#![no_std]
#[derive(Clone, Copy)]
pub struct Adler32(u32);
impl Adler32 {
    pub fn new() -> Self { Self(1) }
    pub fn from_checksum(sum: u32) -> Self { Self(sum) }
    pub fn write_slice(&mut self, _: &[u8]) { self.0 = 0x0a0b0c0d }
    pub fn checksum(&self) -> u32 { self.0 }
}
"#,
    ),
];

#[test]
fn a_crate_that_a_member_replaces() {
    let manifest = with(PATCHES);
    let project = Project::pasted(&[&[("Cargo.toml", &*manifest)], &PATCHED[..]].concat());
    for (from, line) in [
        ("0x0a0b0c0d", "[10, 11, 12, 13]"),
        ("0x0a0b0c0d", "[1, 2, 3, 4]"),
    ] {
        let ran = runs(&project);
        assert_eq!(ran.last_line(), line);
        assert!(ran.stderr.contains(NOTE), "{ran}");
        if project.read("checksums/src/lib.rs").contains(from) {
            project.edit("checksums/src/lib.rs", from, "0x01020304");
        }
    }
    // An error of the project's own is shown once.
    project.edit("checksums/src/lib.rs", "checksum(&self)", "checksam(&self)");
    let failed = project
        .make_with_any_layer(&["build"], "")
        .fails_with("no method named `checksum`");
    let shown = failed
        .stderr
        .matches("could not compile `miniz_oxide`")
        .count();
    assert!(shown <= 3, "{shown} times: {failed}"); // BuildKit repeats the last lines.
}

#[test]
fn a_configuration_that_includes_a_file_from_elsewhere() {
    let project = Project::pasted(&[
        ("Cargo.toml", &with("[dependencies]\nitoa = \"1\"\n")),
        (
            "src/main.rs",
            r#"
fn main() { println!("{} {}", env!("TEAM"), itoa::Buffer::new().format(7)) }
"#,
        ),
        ("settings/team.toml", "[env]\nTEAM = \"blue\"\n"),
    ]);
    project.configure("include = [\"../settings/team.toml\"]\n");
    let ran = runs(&project);
    assert_eq!(ran.last_line(), "blue 7");
    let note = "note: Cargo's configuration includes files of this project";
    assert!(ran.stderr.contains(note), "{ran}");
    project.edit("settings/team.toml", "blue", "red");
    assert_eq!(runs(&project).last_line(), "red 7");
}

#[test]
fn a_file_of_the_project_that_a_foreign_build_script_reads() {
    let words = MANIFEST
        .1
        .replace("one", "words")
        .replace("0.1.0", "0.1.0+FILES");
    let script = r#"
fn main() {
    println!("cargo::rerun-if-env-changed=WORDS");
    let file = std::env::var("WORDS").unwrap();
    println!("cargo::rerun-if-changed={file}");
    println!("cargo::rustc-env=FIRST={}", std::fs::read_to_string(file).unwrap());
}
"#;
    let project = vendor::project(&[
        (
            "Cargo.toml",
            &with("[dependencies]\nother = \"0.1\"\nwords = \"0.1\"\n"),
        ),
        (
            "src/main.rs",
            r#"fn main() { println!("{}", words::FIRST) }"#,
        ),
        ("vendor/other/Cargo.toml", &words.replace("words", "other")),
        ("vendor/other/src/lib.rs", ""),
        ("lists/words.txt", "apple"),
        ("vendor/words/Cargo.toml", &words),
        ("vendor/words/build.rs", script),
        (
            "vendor/words/src/lib.rs",
            r#"pub const FIRST: &str = env!("FIRST");"#,
        ),
    ]);
    let configuration = project.read(".cargo/config.toml");
    let variable = "[env]\nWORDS = { value = \"lists/words.txt\", relative = true }\n";
    // Colours must not hide an error.
    let colours = "[term]\ncolor = \"always\"\n";
    project.configure(&format!("{configuration}{variable}{colours}"));
    let ran = runs(&project);
    assert_eq!(ran.last_line(), "apple");
    assert!(ran.stderr.contains(NOTE), "{ran}");
    project.edit("lists/words.txt", "apple", "pear");
    assert_eq!(runs(&project).last_line(), "pear");
    // The layer has the crates that need no more than the skeleton.
    project.configure(&format!("{configuration}{variable}"));
    let built = project.make_with_any_layer(&["build"], "").succeeds();
    assert_eq!(built.compiled("build"), ["words", "one"], "{built}");
}

#[test]
fn a_folder_of_vendored_crates_that_is_a_link() {
    let project = Project::pasted(&[
        ("Cargo.toml", &with("[dependencies]\nitoa = \"=1.0.14\"\n")),
        SEVEN,
    ]);
    let vendored = project.cargo(&["vendor", "third-party/crates"]).succeeds();
    symlink("third-party/crates", project.path.join("vendor")).unwrap();
    project.configure(&vendored.stdout.replace("third-party/crates", "vendor"));
    let ran = runs(&project);
    assert_eq!(ran.last_line(), "7");
    assert!(!ran.stderr.contains(NOTE), "{ran}");
}

#[test]
fn no_layer_is_kept_of_a_compiler_that_was_killed() {
    let words = MANIFEST
        .1
        .replace("one", "words")
        .replace("0.1.0", "0.1.0+FILES");
    let script = r#"
fn main() {
    println!("cargo::rerun-if-changed=missing");
    if std::env::var_os("KILL").is_some() {
        std::process::Command::new("sh").args(["-c", "kill -9 $PPID"]).status().unwrap();
    }
}
"#;
    let project = vendor::project(&[
        ("Cargo.toml", &with("[dependencies]\nwords = \"0.1\"\n")),
        (
            "src/main.rs",
            r#"fn main() { println!("{}", words::WORD) }"#,
        ),
        ("vendor/words/Cargo.toml", &words),
        ("vendor/words/build.rs", script),
        (
            "vendor/words/src/lib.rs",
            r#"pub const WORD: &str = "alive";"#,
        ),
    ]);
    let configuration = project.read(".cargo/config.toml");
    project.configure(&format!("{configuration}[env]\nKILL = \"1\"\n"));
    let failed = project.make(&["build"], "").fails_with("(signal: 9");
    assert!(failed.compiled("build").is_empty(), "{failed}");
    fs::write(project.path.join(".cargo/config.toml"), configuration).unwrap();
    assert_eq!(runs(&project).last_line(), "alive");
}
