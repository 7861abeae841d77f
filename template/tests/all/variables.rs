//! Variables that the project's own code reads when it is compiled.

use workshop::edits::rebuilds;
use workshop::small::DEPENDING;
use workshop::{Outcome, Project};

fn runs(project: &Project, variables: &str) -> Outcome {
    let variables = format!("BUILD_ENV={variables}");
    project.make(&["run", &variables], "").succeeds()
}

#[test]
fn sources_and_build_scripts_get_them() {
    let project = Project::pasted(&[
        DEPENDING,
        (
            "src/main.rs",
            r#"
const COMMIT: &str = match option_env!("GIT_SHA") {
    Some(commit) => commit,
    None => "unknown",
};

fn main() {
    println!("{COMMIT} {} {}", env!("MOTTO"), env!("FROM_SCRIPT"));
}
"#,
        ),
        (
            "build.rs",
            r#"
fn main() {
    println!("cargo::rerun-if-env-changed=SITE");
    let site = std::env::var("SITE").unwrap();
    println!("cargo::rustc-env=FROM_SCRIPT={site}");
}
"#,
        ),
    ]);
    let ran = runs(
        &project,
        r#"MOTTO="hello wide world" SITE='it has 2 * 3 words'"#,
    );
    assert_eq!(
        ran.last_line(),
        "unknown hello wide world it has 2 * 3 words"
    );
    let ran = runs(&project, "GIT_SHA=1a2b3c MOTTO=x SITE=y=z");
    assert_eq!(ran.last_line(), "1a2b3c x y=z");
}

#[test]
fn another_value_compiles_the_program_again_and_no_dependency() {
    let main = r#"fn main() { println!("{:?}", option_env!("GIT_SHA")) }"#;
    let project = Project::pasted(&[DEPENDING, ("src/main.rs", main)]);
    project.never_built();
    runs(&project, "GIT_SHA=1a2b3c");
    let outcome = runs(&project, "GIT_SHA=4d5e6f");
    assert_eq!(outcome.last_line(), r#"Some("4d5e6f")"#);
    assert!(!rebuilds(&outcome, "dependencies"), "{outcome}");
    assert_eq!(outcome.compiled("build"), ["one"], "{outcome}");
    let outcome = project.make(&["run"], "").succeeds();
    assert_eq!(outcome.last_line(), "None");
}

#[test]
fn a_variable_that_is_not_given_is_named() {
    let main = r#"fn main() { println!("{}", env!("GIT_SHA")) }"#;
    let project = Project::pasted(&[DEPENDING, ("src/main.rs", main)]);
    project
        .make(&["build"], "")
        .fails_with("environment variable `GIT_SHA` not defined at compile time");
}
