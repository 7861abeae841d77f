//! What an edit compiles again, and that no stub or older state of the program ships.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use workshop::{Outcome, Project, sentence};

const LUCKY: &str = "Lucky number";

fn builds(project: &Project, flags: &str) -> Outcome {
    project.make(&["build"], flags).succeeds()
}

fn rebuilds(outcome: &Outcome, stage: &str) -> bool {
    outcome
        .rebuilt()
        .iter()
        .any(|step| step.starts_with(&format!("[{stage} ")))
}

/// All sources of the project get the time of modification `seconds` after 1970.
fn age(project: &Project, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    for file in ["src/main.rs", "Cargo.toml", "Cargo.lock"] {
        File::options()
            .write(true)
            .open(project.path.join(file))
            .unwrap()
            .set_modified(time)
            .unwrap();
    }
}

/// Flags with which the dependencies are compiled anew: no other project has these.
fn never_compiled(project: &Project) {
    let folder = project.path.join(".cargo");
    fs::create_dir_all(&folder).unwrap();
    let flag = project
        .image
        .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    fs::write(
        folder.join("config.toml"),
        format!("[build]\nrustflags = [\"--cfg={flag}\"]\n"),
    )
    .unwrap();
}

/// Replaces `from` in `file` by a text that no project ever had, so that no layer is at hand.
fn edits(project: &Project, file: &str, from: &str) -> String {
    let text = format!("{from} of {}", project.image);
    project.edit(file, from, &text);
    text
}

fn ships_itself(project: &Project) {
    let ran = project.container(&[], &[]).succeeds();
    assert_eq!(ran.last_line(), sentence("hello-world"));
}

#[test]
fn editing_a_source_keeps_the_dependencies_and_shows_in_the_program() {
    let project = Project::generate("hello-world");
    builds(&project, "");
    let line = edits(&project, "src/main.rs", LUCKY);
    let outcome = builds(&project, "");
    assert!(!rebuilds(&outcome, "dependencies"), "{outcome}");
    assert!(rebuilds(&outcome, "build"), "{outcome}");
    assert!(!outcome.stderr.contains("Compiling rand "), "{outcome}");
    assert!(
        project
            .container(&[], &[])
            .succeeds()
            .stdout
            .contains(&line)
    );
}

#[test]
fn adding_a_source_keeps_the_dependencies() {
    let project = Project::generate("hello-world");
    builds(&project, "");
    project.edit(
        "src/main.rs",
        "use std::process",
        "mod more;\nuse std::process",
    );
    project.edit("src/main.rs", "\"Lucky number", "\"{}number");
    project.edit(
        "src/main.rs",
        "rand::random_range",
        "more::WORD, rand::random_range",
    );
    fs::write(
        project.path.join("src/more.rs"),
        "pub const WORD: &str = \"Other \";\n",
    )
    .unwrap();
    let outcome = builds(&project, "");
    assert!(!rebuilds(&outcome, "dependencies"), "{outcome}");
    assert!(
        project
            .container(&[], &[])
            .succeeds()
            .stdout
            .contains("Other number")
    );
}

#[test]
fn editing_the_readme_rebuilds_nothing() {
    let project = Project::generate("hello-world");
    builds(&project, "");
    let layers = project.inspect()["RootFS"].take();
    edits(&project, "README.md", "# hello-world");
    let outcome = builds(&project, "");
    assert!(rebuilds(&outcome, "sources"), "{outcome}");
    for stage in ["dependencies", "build", "on-alpine"] {
        assert!(!rebuilds(&outcome, stage), "{outcome}");
    }
    assert_eq!(project.inspect()["RootFS"], layers);
}

#[test]
fn a_readme_that_a_source_includes_is_there() {
    let project = Project::generate("hello-world");
    project.edit("src/main.rs", "\"Lucky number", "\"{}number");
    project.edit(
        "src/main.rs",
        "rand::random_range",
        "include_str!(\"../README.md\"), rand::random_range",
    );
    builds(&project, "");
    assert!(
        project
            .container(&[], &[])
            .succeeds()
            .stdout
            .contains("# hello-world")
    );
}

#[test]
fn adding_a_dependency_compiles_it_alone() {
    let project = Project::generate("hello-world");
    never_compiled(&project);
    builds(&project, "");
    project.cargo(&["add", "itoa@1"]).succeeds();
    let outcome = builds(&project, "");
    assert!(outcome.stderr.contains("Compiling itoa "), "{outcome}");
    assert!(!outcome.stderr.contains("Compiling rand "), "{outcome}");
    ships_itself(&project);
}

#[test]
fn changing_the_version_compiles_no_dependency() {
    let project = Project::generate("hello-world");
    builds(&project, "");
    let version = project.image.replace("template-test/", "0.2.0-");
    project.edit("Cargo.toml", "0.1.0", &version);
    project.cargo(&["update", "--workspace"]).succeeds();
    let outcome = builds(&project, "");
    assert!(rebuilds(&outcome, "dependencies"), "{outcome}");
    assert!(!outcome.stderr.contains("Compiling rand "), "{outcome}");
    ships_itself(&project);
}

#[test]
fn no_stub_ships_from_a_new_dependency_layer() {
    let project = Project::generate("hello-world");
    never_compiled(&project);
    let outcome = builds(&project, "");
    assert!(
        rebuilds(&outcome, "dependencies") && outcome.stderr.contains("Compiling rand "),
        "{outcome}"
    );
    ships_itself(&project);
}

#[test]
fn no_stub_ships_from_a_cached_dependency_layer() {
    let project = Project::generate("hello-world");
    builds(&project, "");
    let outcome = builds(&project, "--no-cache-filter build");
    assert!(
        !rebuilds(&outcome, "dependencies") && rebuilds(&outcome, "build"),
        "{outcome}"
    );
    ships_itself(&project);
}

#[test]
fn no_stub_ships_from_a_builder_without_layers() {
    let project = Project::generate("hello-world");
    let outcome = builds(&project, "--no-cache");
    assert!(rebuilds(&outcome, "dependencies"), "{outcome}");
    ships_itself(&project);
}

#[test]
fn no_stub_ships_for_sources_older_than_it() {
    for seconds in [0, 978_307_200] {
        let project = Project::generate("hello-world");
        age(&project, seconds);
        builds(&project, "--no-cache-filter dependencies,build");
        ships_itself(&project);
        project.edit("src/main.rs", LUCKY, "Old number");
        age(&project, seconds);
        builds(&project, "");
        assert!(
            project
                .container(&[], &[])
                .succeeds()
                .stdout
                .contains("Old number")
        );
    }
}

#[test]
fn no_stub_ships_for_version_0_0_1() {
    let project = Project::generate("hello-world");
    project.edit("Cargo.toml", "version = \"0.1.0\"", "version = \"0.0.1\"");
    project.cargo(&["update", "--workspace"]).succeeds();
    never_compiled(&project);
    builds(&project, "");
    ships_itself(&project);
}

#[test]
fn dependency_layer_holds_no_file_of_the_project() {
    let project = Project::generate("hello-world");
    project.make(&["build"], "--target dependencies").succeeds();
    let listed = project
        .container(&["--entrypoint=find"], &["/target", "-type", "f"])
        .succeeds();
    assert!(listed.stdout.contains("librand-"), "{listed}");
    assert!(
        !listed.stdout.contains("hello_world") && !listed.stdout.contains("hello-world"),
        "{listed}"
    );
}

#[test]
fn projects_of_one_name_get_their_own_programs() {
    let (one, other) = (
        Project::generate("hello-world"),
        Project::generate("hello-world"),
    );
    one.edit("src/main.rs", LUCKY, "First number");
    other.edit("src/main.rs", LUCKY, "Second number");
    for _ in 0..2 {
        for (project, line) in [(&one, "First number"), (&other, "Second number")] {
            builds(project, "--no-cache-filter build");
            assert!(project.container(&[], &[]).succeeds().stdout.contains(line));
        }
    }
}
