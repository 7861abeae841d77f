//! Build arguments, given through make.

use workshop::small::with;
use workshop::{Outcome, Project};

/// What follows the start of the manifest.
const MANIFEST: &str = r#"
[dependencies]
itoa = "1"

[features]
default = ["native"]
native = []
pure = []
tls = []

[profile.small]
inherits = "release"
opt-level = "s"
debug-assertions = true

[profile.release]
debug = 1
strip = "none"
"#;

fn project(main: &str) -> Project {
    Project::pasted(&[("Cargo.toml", &with(MANIFEST)), ("src/main.rs", main)])
}

fn runs(project: &Project, arguments: &[&str]) -> Outcome {
    project.make(&[&["run"], arguments].concat(), "").succeeds()
}

#[test]
fn options_of_cargo_choose_features() {
    let project = project(
        r#"
fn main() {
    let pure = cfg!(feature = "pure");
    println!("{} {pure} {}", cfg!(feature = "native"), cfg!(feature = "tls"));
}
"#,
    );
    for (flags, expected) in [
        ("", "true false false"),
        ("--no-default-features", "false false false"),
        ("--features tls", "true false true"),
        (
            r#"--no-default-features --features "pure tls""#,
            "false true true",
        ),
        ("--all-features", "true true true"),
    ] {
        let ran = runs(&project, &[&format!("CARGO_FLAGS={flags}")]);
        assert_eq!(ran.last_line(), expected, "{flags}");
    }
}

/// A shell would remove TOML's quotes, and expand the star to file names.
#[test]
fn options_of_cargo_may_have_quotes_and_are_no_patterns() {
    let project = project(r#"fn main() { println!("{} {}", env!("MOTTO"), env!("STARS")) }"#);
    let flags = r#"CARGO_FLAGS=--config 'env.MOTTO = "hello wide world"' --config "env.STARS='*'""#;
    assert_eq!(runs(&project, &[flags]).last_line(), "hello wide world *");
}

#[test]
fn profiles_of_cargo_and_of_ones_own() {
    let main = r#"fn main() { println!("{}", cfg!(debug_assertions)) }"#;
    let project = project(main);
    // A unique text, so that `make build` finds no layer of an earlier build.
    let never = format!("// {}\nfn main", project.image);
    project.edit("src/main.rs", "fn main", &never);
    for (profile, expected) in [("release", "false"), ("small", "true"), ("dev", "true")] {
        for _ in 0..2 {
            let ran = runs(&project, &[&format!("PROFILE={profile}")]);
            assert_eq!(ran.last_line(), expected, "{profile}");
        }
        let built = project.make(&["build", &format!("PROFILE={profile}")], "");
        assert_eq!(built.succeeds().compiled("build"), ["one"], "{profile}");
    }
}

/// By default the program is stripped, although the project's profile keeps symbols.
#[test]
fn backtraces_have_names_and_lines_when_stripping_is_turned_off() {
    let project = project(
        r#"
#[inline(never)]
fn deep_inside() {
    println!("{}", std::backtrace::Backtrace::force_capture());
}

fn main() {
    deep_inside();
}
"#,
    );
    let names = |ran: &Outcome| ran.stdout.contains("one::deep_inside");
    let lines = |ran: &Outcome| ran.stdout.contains("src/main.rs:4");
    assert!(!names(&runs(&project, &[])));
    let kept = runs(
        &project,
        &["CARGO_FLAGS=--config profile.release.strip=false"],
    );
    assert!(names(&kept) && lines(&kept), "{kept}");
    assert_eq!(kept.compiled("build"), ["one"], "{kept}");
}

#[test]
fn packages_of_debian() {
    let project = Project::pasted(&[
        ("Cargo.toml", &with(MANIFEST)),
        (
            "src/main.rs",
            r#"fn main() { println!("{}", env!("SUM")) }"#,
        ),
        (
            "build.rs",
            r#"
use std::process::Command;

fn main() {
    let bc = Command::new("sh").args(["-c", "echo 3 + 4 | bc"]).output().unwrap();
    assert!(Command::new("xxd").arg("-v").status().unwrap().success());
    println!("cargo::rustc-env=SUM={}", String::from_utf8(bc.stdout).unwrap());
}
"#,
        ),
    ]);
    let ran = runs(&project, &["APT_PACKAGES=bc xxd"]);
    assert_eq!(ran.last_line(), "7");
}

#[test]
fn run_asks_build_scripts_again_when_there_are_other_tools() {
    let project = Project::pasted(&[
        ("Cargo.toml", &with("")),
        (
            "src/main.rs",
            r#"fn main() { println!("{}", env!("FOUND")) }"#,
        ),
        (
            "build.rs",
            r#"
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=FOUND={}", std::path::Path::new("/usr/bin/xxd").exists());
}
"#,
        ),
    ]);
    assert_eq!(runs(&project, &[]).last_line(), "false");
    let ran = runs(&project, &["APT_PACKAGES=bc xxd"]);
    assert_eq!(ran.last_line(), "true");
}

#[test]
fn options_that_cargo_does_not_know_are_named() {
    let project = project("fn main() {}");
    project
        .make(&["build", "CARGO_FLAGS=--no-such-option"], "")
        .fails_with("error: unexpected argument '--no-such-option' found");
    project
        .make(&["build", "CARGO_FLAGS=--features nothing"], "")
        .fails_with("does not contain this feature: nothing");
    project
        .make(&["build", "CARGO_FLAGS=--features \"tls"], "")
        .fails_with("unmatched double quote");
    project
        .make(&["build", "PROFILE=fast"], "")
        .fails_with("error: profile `fast` is not defined");
}
