//! The image has the program of the project's sources as they are, never another project's program,
//! or a stub: those stand in for sources only while the dependencies are compiled.

use workshop::Project;
use workshop::package::{library, one};

#[test]
fn no_stub_ships_from_a_new_or_cached_dependency_layer_or_for_version_0_0_1() {
    let project = Project::hello();
    project.never_compiled();
    let new = project.build("").tells("Compiling rand ");
    assert!(new.reruns("dependencies"), "{new}");
    project.ships_itself();
    let cached = project.build("'BUILD_FLAGS=--no-cache-filter build'").succeeds();
    assert!(!cached.reruns("dependencies") && cached.reruns("build"), "{cached}");
    project.ships_itself();
    project.edit("Cargo.toml", "version = \"0.1.0\"", "version = \"0.0.1\"");
    project.cargo("update --workspace");
    project.build("").succeeds();
    project.ships_itself();
}

#[test]
fn no_stub_ships_from_a_builder_without_layers() {
    let project = Project::hello();
    // With a toolchain of its own, because other tests may rely on the cached one at the same time.
    let flags = "'BUILD_FLAGS=--no-cache --build-arg APT_PACKAGES=jq'";
    let outcome = project.build(flags).succeeds();
    assert!(outcome.reruns("dependencies"), "{outcome}");
    project.ships_itself();
}

#[test]
fn dependency_layer_holds_no_file_of_the_project() {
    let (old, new) = (Project::hello(), Project::hello());
    new.new_layout();
    for (project, folder) in [(old, "/release/deps/"), (new, "/release/build/rand/")] {
        project.build("'BUILD_FLAGS=--target dependencies'").succeeds();
        let listed = project.container("--entrypoint=find", "/opt/target -type f").succeeds();
        let of_rand = |file: &str| file.contains("/librand-") && file.contains(folder);
        assert!(listed.stdout.lines().any(of_rand), "{listed}");
        for name in ["hello_world", "hello-world"] {
            assert!(!listed.stdout.contains(name), "{name} in {listed}");
        }
    }
}

#[test]
fn a_program_may_also_be_an_example_a_test_or_a_bench() {
    let programs = [("examples", "shown"), ("tests", "tested"), ("benches", "measured")];
    let many = programs.iter().fold(library("many"), |many, (folder, name)| {
        let path = format!("{folder}/{name}.rs");
        let source = format!("fn main() {{ println!(\"{name} of {{}}\", many::WORD) }}");
        many.manifest(&format!("[[bin]]\nname = {name:?}\npath = {path:?}")).file(&path, &source)
    });
    let project = many.paste();
    project.build("'BIN=shown tested measured'").succeeds();
    for (_, name) in programs {
        project.container("", name).prints(&format!("{name} of many"));
    }
}

#[test]
fn a_source_may_include_the_other_files_that_cargo_knows() {
    let sources = "build.rs examples/a.rs examples/b/main.rs tests/c.rs benches/d.rs src/bin/e.rs";
    let all = format!("Cargo.toml Cargo.lock src/main.rs {sources}");
    let print = |file| format!("print!(\"{{}}\", include_str!(\"../{file}\"));\n");
    // A program may share a module with its examples and tests, too.
    let modules = r#"
mod example { include!("../examples/a.rs"); }
#[path = "../tests/c.rs"]
mod test;
println!("\n{} {}", example::NAME, test::NAME);
"#;
    let main = all.split(' ').map(print).collect::<String>() + modules;
    let project = sources.split(' ').fold(one().main(&main), |one, file| {
        let text = format!("pub const NAME: &str = {file:?}; #[allow(dead_code)] fn main() {{}}\n");
        one.file(file, &text)
    });
    let project = project.paste();
    let ran = project.run("").prints("examples/a.rs tests/c.rs");
    for file in all.split(' ') {
        assert!(ran.stdout.contains(&project.read(file)), "no {file}: {ran}");
    }
}
