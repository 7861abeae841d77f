//! Which of the project's programs the image has.

use workshop::Project;
use workshop::small::{MAIN, MANIFEST, printing, prints, with};

#[test]
fn program_of_another_name_and_path() {
    let manifest = with(
        r#"
[[bin]]
name = "Other_2"
path = "programs/first.rs"
"#,
    );
    let main = ("programs/first.rs", MAIN.1);
    assert_eq!(prints(&[("Cargo.toml", &manifest), main]), "main");
}

#[test]
fn program_that_is_behind_a_feature() {
    let manifest = with(
        r#"
[features]
cli = []
[[bin]]
name = "one"
path = "src/main.rs"
required-features = ["cli"]
"#,
    );
    assert_eq!(prints(&[("Cargo.toml", &manifest), MAIN]), "main");
}

#[test]
fn several_programs_of_which_one_has_the_packages_name() {
    let more = ("src/bin/more.rs", "fn main() {}");
    assert_eq!(prints(&[MANIFEST, MAIN, more]), "main");
}

#[test]
fn several_programs_of_which_one_is_the_default() {
    let manifest = with("default-run = \"more\"\n");
    let (first, second) = (printing("first"), printing("more"));
    let files = [
        ("Cargo.toml", manifest.as_str()),
        ("src/bin/first.rs", &first),
        ("src/bin/more.rs", &second),
    ];
    assert_eq!(prints(&files), "more");
}

#[test]
fn several_programs_of_which_a_person_chooses_one() {
    let (first, second) = (printing("first"), printing("second"));
    let files = [
        MANIFEST,
        ("src/bin/first.rs", &first),
        ("src/bin/second.rs", &second),
    ];
    let project = Project::pasted(&files);
    project.make(&["run"], "").fails_with(
        r#"error: BIN="" has to name one of these programs: ["one/first","one/second"]"#,
    );
    let ran = project.make(&["run", "BIN=second"], "").succeeds();
    assert_eq!(ran.last_line(), "second");
    let ran = project.make(&["run"], "--build-arg BIN=first").succeeds();
    assert_eq!(ran.last_line(), "first");
    project.make(&["run", "BIN=third"], "").fails_with(
        r#"error: BIN="third" has to name one of these programs: ["one/first","one/second"]"#,
    );
}

#[test]
fn no_program() {
    let files = [MANIFEST, ("src/lib.rs", "")];
    Project::pasted(&files)
        .make(&["run"], "")
        .fails_with(r#"error: BIN="" has to name one of these programs: []"#);
}

#[test]
fn of_several_programs_one_that_is_called_app_has_to_be_the_first() {
    let (server, app) = (printing("server"), printing("app"));
    let files = [
        MANIFEST,
        ("src/bin/server.rs", &server),
        ("src/bin/app.rs", &app),
    ];
    let project = Project::pasted(&files);
    let reason = "error: BIN has to name app first, because the images start the program app";
    project
        .make(&["build", "BIN=server app"], "")
        .fails_with(reason);
    let ran = project.make(&["run", "BIN=app server"], "").succeeds();
    assert_eq!(ran.last_line(), "app");
}
