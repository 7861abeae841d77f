//! The image has the program of the project's sources, never a stub or another project's program.

use workshop::Project;
use workshop::edits::{LUCKY, age, builds, new_layout, rebuilds, ships_itself, shows};

#[test]
fn no_stub_ships_from_a_new_dependency_layer() {
    let project = Project::generate("hello-world");
    project.never_compiled();
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
    project.never_built();
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
    // With a toolchain of its own, because other tests may rely on the cached one at the same time.
    let outcome = builds(&project, "--no-cache --build-arg APT_PACKAGES=jq");
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
        shows(&project, "Old number");
    }
}

#[test]
fn no_stub_ships_for_version_0_0_1() {
    let project = Project::generate("hello-world");
    project.edit("Cargo.toml", "version = \"0.1.0\"", "version = \"0.0.1\"");
    project.cargo(&["update", "--workspace"]).succeeds();
    project.never_compiled();
    builds(&project, "");
    ships_itself(&project);
}

/// The files in the project's dependency layer.
fn layer(project: &Project) -> String {
    project.make(&["build"], "--target dependencies").succeeds();
    let find = ["/opt/target", "-type", "f"];
    let listed = project.container(&["--entrypoint=find"], &find);
    listed.succeeds().stdout
}

#[test]
fn dependency_layer_holds_no_file_of_the_project() {
    for (layout, folder) in [("old", "/release/deps/"), ("new", "/release/build/rand/")] {
        let project = Project::generate("hello-world");
        if layout == "new" {
            new_layout(&project);
        }
        let files = layer(&project);
        let mut of_rand = files.lines().filter(|file| file.contains("/librand-"));
        assert!(of_rand.any(|file| file.contains(folder)), "{files}");
        for name in ["hello_world", "hello-world"] {
            assert!(!files.contains(name), "{name} in {files}");
        }
    }
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
            shows(project, line);
        }
    }
}
