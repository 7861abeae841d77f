//! Builds of the generated project, and edits of it.

use std::fs;

use crate::{Outcome, Project, sentence};

/// A word of the program's first line, to be edited.
pub const LUCKY: &str = "Lucky number";

/// `make build`, which has to succeed.
pub fn builds(project: &Project, flags: &str) -> Outcome {
    project.make(&["build"], flags).succeeds()
}

/// Did BuildKit run a step of `stage`, instead of finding it in its cache?
pub fn rebuilds(outcome: &Outcome, stage: &str) -> bool {
    outcome
        .rebuilt()
        .iter()
        .any(|step| step.starts_with(&format!("[{stage} ")))
}

/// Replaces `from` in `file` by a text that no project ever had, so that no layer is at hand.
pub fn edits(project: &Project, file: &str, from: &str) -> String {
    let text = format!("{from} of {}", project.image);
    project.edit(file, from, &text);
    text
}

/// Panics unless the image's program is that of the project called hello-world.
pub fn ships_itself(project: &Project) {
    let ran = project.container(&[], &[]).succeeds();
    assert_eq!(ran.last_line(), sentence("hello-world"));
}

/// Makes Cargo use the layout of its build folder that it will once use by default.
pub fn new_layout(project: &Project) {
    let config = r#"
[unstable]
build-dir-new-layout = true
"#;
    fs::create_dir_all(project.path.join(".cargo")).unwrap();
    fs::write(project.path.join(".cargo/config.toml"), config).unwrap();
    // Lets a released Cargo take what is unstable.
    let variable = "SQLX_OFFLINE=true";
    project.edit(
        "Dockerfile",
        variable,
        &format!("RUSTC_BOOTSTRAP=1 {variable}"),
    );
}
