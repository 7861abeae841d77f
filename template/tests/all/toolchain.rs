//! The build uses the toolchain that the project asks for, and the Debian packages that it names.

use std::fs;

use workshop::small::{MAIN, MANIFEST, OFFLINE};
use workshop::{Outcome, Project, base_image, docker};

/// A program that prints the version of rustc, and the name of its toolchain in rustup.
const TELLING: [(&str, &str); 2] = [
    (
        "build.rs",
        r#"
            use std::process::Command;

            fn main() {
                let asked = Command::new("rustc").arg("--version").output().unwrap();
                let version = String::from_utf8(asked.stdout).unwrap();
                let number = version.split(' ').nth(1).unwrap();
                let name = std::env::var("RUSTUP_TOOLCHAIN").unwrap();
                println!("cargo::rustc-env=TOOLCHAIN={number} as {name}");
            }
        "#,
    ),
    (
        "src/main.rs",
        r#"fn main() { println!(env!("TOOLCHAIN")) }"#,
    ),
];

/// Runs `make run` with `flags`, in a project that has `file` with `text`.
fn with_file(file: &str, text: &str, flags: &str) -> Outcome {
    let [script, main] = TELLING;
    let project = Project::pasted(&[MANIFEST, script, main]);
    // Puts Debian's packages into the cache, so that offline only a toolchain can be missing.
    project.make(&["build"], "").succeeds();
    fs::write(project.path.join(file), text).unwrap();
    project.make(&["run"], flags)
}

/// The version of the rustc in the base image.
fn own_number() -> String {
    let image = base_image("rust");
    let arguments = ["run", "--rm", &image, "rustc", "--version"];
    let version = docker(&arguments).succeeds();
    version.stdout.split(' ').nth(1).unwrap().to_owned()
}

/// Panics unless the base image's own toolchain serves a project that has `file` with `text`.
fn own_toolchain_serves(file: &str, text: &str) {
    let outcome = with_file(file, text, OFFLINE).succeeds();
    let expected = format!("{} as ", own_number());
    assert!(outcome.last_line().starts_with(&expected), "{outcome}");
}

#[test]
fn own_toolchain_serves_a_project_that_asks_for_stable() {
    let text = r#"
[toolchain]
channel = "stable" # the last
components = ["clippy"]
"#;
    own_toolchain_serves("rust-toolchain.toml", text);
}

#[test]
fn own_toolchain_serves_a_project_that_asks_for_its_number() {
    let text = format!("[toolchain]\nchannel = \"{}\"\n", own_number());
    own_toolchain_serves("rust-toolchain.toml", &text);
}

#[test]
fn own_toolchain_serves_a_project_that_asks_for_its_number_without_the_last_part() {
    let number = own_number();
    own_toolchain_serves("rust-toolchain", number.rsplit_once('.').unwrap().0);
}

#[test]
fn own_toolchain_serves_a_project_that_asks_for_none_by_name() {
    let text = r#"
[toolchain]
profile = "minimal"
targets = ["wasm32-unknown-unknown"]
"#;
    own_toolchain_serves("rust-toolchain.toml", text);
}

#[test]
fn older_toolchain_compiles_a_project_that_asks_for_it() {
    let text = r#"
[toolchain]
channel = "1.85.0"
"#;
    let outcome = with_file("rust-toolchain.toml", text, "").succeeds();
    assert!(outcome.last_line().contains(" as 1.85.0-"), "{outcome}");
}

#[test]
fn dependencies_are_compiled_with_the_toolchain_that_a_project_asks_for() {
    let project = Project::pasted(&[MANIFEST, MAIN]);
    let file = "[toolchain]\nchannel = \"1.85.0\"\n";
    fs::write(project.path.join("rust-toolchain.toml"), file).unwrap();
    // Ask rustup, because the stand-in's toolchains are all the same rustc under several names.
    let compile = "    compile-skeleton && \\\n    keep-dependencies";
    let show = format!("    rustup show active-toolchain >&2 && \\\n{compile}");
    project.edit("Dockerfile", compile, &show);
    project.never_built();
    let built = project.make(&["build"], "").succeeds();
    assert!(built.stderr.contains(" 1.85.0-"), "{built}");
}

#[test]
fn unknown_toolchain_ends_the_build_with_its_name() {
    let text = r#"
[toolchain]
channel = "1.9999.0"
"#;
    with_file("rust-toolchain.toml", text, "").fails_with("1.9999.0");
}

#[test]
fn packages_of_debian_that_a_person_chooses() {
    let script = r#"
        fn main() {
            let mut bc = std::process::Command::new("bc");
            assert!(bc.arg("--version").status().unwrap().success());
        }
    "#;
    let project = Project::pasted(&[MANIFEST, MAIN, ("build.rs", script)]);
    project.make(&["run"], "").fails_with("NotFound");
    let ran = project
        .make(&["run", "APT_PACKAGES=bc file"], "")
        .succeeds();
    assert_eq!(ran.last_line(), "main");
}
