//! Builds and edits of a generated project.

use std::fs;
use std::fs::File;
use std::time::{Duration, SystemTime};

use crate::{Outcome, Project, sentence};

/// The start of the program's first line of output, for edits to replace.
pub const LUCKY: &str = "Lucky number";

/// Runs `make build`. Panics if it fails.
pub fn builds(project: &Project, flags: &str) -> Outcome {
    project.make(&["build"], flags).succeeds()
}

/// Did BuildKit run the commands of `stage`, instead of finding their layer in its cache?
///
/// Builds that overlap share equal steps, and BuildKit shows what one of them ran to all as run. So this
/// is only certain for a project that was `never_built`, and for commands, not for what is copied: that
/// is in the cache key of the commands after it.
pub fn rebuilds(outcome: &Outcome, stage: &str) -> bool {
    outcome
        .rebuilt()
        .iter()
        .any(|step| step.starts_with(&format!("[{stage} ")) && step.contains("] RUN "))
}

/// Replaces `from` in `file` by a text that no build has seen, so that no cached layer fits.
/// Returns the text.
pub fn edits(project: &Project, file: &str, from: &str) -> String {
    let text = format!("{from} of {}", project.image);
    project.edit(file, from, &text);
    text
}

/// Sets the modification time of all files of the project to `seconds` after 1970.
pub fn age(project: &Project, seconds: u64) {
    touch(
        project,
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
    );
}

/// Sets the modification time of all files of the project.
pub fn touch(project: &Project, time: SystemTime) {
    for file in project.files() {
        let file = File::options().write(true).open(project.path.join(file));
        file.unwrap().set_modified(time).unwrap();
    }
}

/// Panics unless the image runs the real program of the project hello-world, not a stub.
pub fn ships_itself(project: &Project) {
    let ran = project.container(&[], &[]).succeeds();
    assert_eq!(ran.last_line(), sentence("hello-world"));
}

/// Panics unless the image's program prints `text`.
pub fn shows(project: &Project, text: &str) {
    let ran = project.container(&[], &[]).succeeds();
    assert!(ran.stdout.contains(text), "no '{text}': {ran}");
}

/// Turns on Cargo's new layout of the build folder, which is to become the default.
pub fn new_layout(project: &Project) {
    project.configure(
        r#"
[unstable]
build-dir-new-layout = true
"#,
    );
    // RUSTC_BOOTSTRAP lets a stable Cargo accept unstable options.
    let variable = "SQLX_OFFLINE=true";
    project.edit(
        "Dockerfile",
        variable,
        &format!("RUSTC_BOOTSTRAP=1 {variable}"),
    );
}

/// Adds lines to the last stages of the project's Dockerfile, before USER. `lines` gets the name of
/// the stage.
pub fn add_to_images(project: &Project, lines: impl Fn(&str) -> String) {
    let mut dockerfile = project.read("Dockerfile");
    for stage in ["on-scratch", "on-alpine"] {
        let (before, after) = dockerfile.split_once(&format!(" AS {stage}\n")).unwrap();
        let after = after.replacen("\nUSER ", &format!("\n{}\nUSER ", lines(stage)), 1);
        dockerfile = format!("{before} AS {stage}\n{after}");
    }
    fs::write(project.path.join("Dockerfile"), dockerfile).unwrap();
}
