//! The caches survive a killed engine and builds at the same time, and move through a registry.
//! An engine of its own runs all this.

use std::fs;
use std::thread::scope;

use tempfile::TempDir;
use workshop::engine::{Engine, Turn};
use workshop::package::write;
use workshop::registry::Registry;
use workshop::{Outcome, Project, base_image, build_flags, compiler, read, sentence, sh};

/// The `rust` image with one more file, so that two builds share no step, only the caches.
fn another_rust(engine: &Engine) -> &'static str {
    let (folder, image) = (TempDir::new().unwrap(), "template-test/another-rust");
    let text = format!("FROM {}\nCOPY Dockerfile /another\n", base_image("rust"));
    write(&folder.path().join("Dockerfile"), text);
    engine.docker(&format!("buildx build --tag {image} {}", folder.path().display())).succeeds();
    image
}

#[test]
fn two_builds_at_once_fill_the_empty_caches_and_get_their_own_programs() {
    let engine = Turn::wait();
    engine.docker("builder prune --all --force --filter=type=exec.cachemount").succeeds();
    let rust = format!("--build-context=rust=docker-image://{}", another_rust(&engine));
    let on_another = format!("build BUILD_FLAGS={rust}");
    let projects = [Project::hello(), Project::hello()];
    projects.iter().for_each(Project::never_built);
    let lines = projects.each_ref().map(Project::edit_line);
    let [one, other] = scope(|threads| {
        let one = threads.spawn(|| engine.make(&projects[0], "build"));
        let other = threads.spawn(|| engine.make(&projects[1], &on_another));
        [one, other].map(|build| build.join().unwrap().succeeds())
    });
    // One of them compiles the crate. The other may wait, and find it in the cache.
    let compiles = |outcome: &Outcome| outcome.compiled("dependencies").contains(&"rand");
    assert!(compiles(&one) || compiles(&other), "{one}\n{other}");
    for (project, line) in projects.iter().zip(lines) {
        project.ships_itself().tells(&line);
    }
}

#[test]
fn a_killed_engine_leaves_caches_from_which_the_next_build_is_right() {
    let (engine, project) = (Turn::wait(), Project::hello());
    let flag = project.never_compiled();
    // regex-syntax takes seconds to compile: time to kill the engine.
    project.cargo("add --quiet regex-syntax@0.8");
    scope(|threads| {
        let build = threads.spawn(|| engine.make(&project, "build"));
        compiler(&build, &flag, "regex_syntax");
        engine.kill();
        assert!(!build.join().unwrap().success);
    });
    engine.launch();
    let line = project.edit_line();
    engine.make(&project, "build").succeeds();
    project.ships_itself().tells(&line);
}

#[test]
fn layers_in_a_registry_spare_another_empty_engine_the_dependencies() {
    let (engine, registry, project) = (Turn::wait(), Registry::start(), Project::hello());
    engine.docker("builder prune --all --force").succeeds();
    // A program that no other project has: BuildKit exports what it knows of all builds that have
    // come to the same file, and does not import it if that is over 1 MB.
    let line = project.edit_line();
    let cache = |address: String| format!("type=registry,ref={address}/hello-world:cache");
    let to = format!("--cache-to={},mode=max,compression=zstd", cache(registry.here()));
    project.build(&format!("BUILD_FLAGS={to}")).succeeds();
    // Else the next image, which Docker loads under this name, would leave this one without any.
    let image = &project.image;
    sh!(project, "docker image rm {image}").succeeds();
    project.edit("src/main.rs", &line, "Next number");
    let from = format!("--cache-from={}", cache(registry.inside()));
    let built = engine.make(&project, &format!("build BUILD_FLAGS={from}")).succeeds();
    let built = built.compiles(["hello-world"]).lacks("Compiling rand ");
    let rebuilt = built.rebuilt().join("\n");
    assert!(!rebuilt.contains("[toolchain ") && !rebuilt.contains("[dependencies "), "{built}");
    project.ships_itself().tells("Next number");
    engine.docker(&format!("image inspect {image}")).fails("No such image");
}

#[test]
fn run_compiles_on_a_remote_builder_and_starts_the_program_here() {
    let (engine, project) = (Turn::wait(), Project::hello());
    let line = project.edit_line();
    let ran = engine.make(&project, "run").compiles(["hello-world"]).tells(&line);
    ran.prints(&sentence("hello-world"));
}

#[test]
#[ignore = "takes a minute: make -C template test TESTS='engine:: -- --ignored'"]
fn a_builder_without_caches_makes_the_same_files() {
    let (engine, project, folder) = (Turn::wait(), Project::hello(), TempDir::new().unwrap());
    engine.docker("builder prune --all --force").succeeds();
    project.edit_line();
    let page = read("docs/release.md");
    let (_, commands) = page.split_once("buildx create --name clean\n").unwrap();
    let (commands, _) = commands.split_once("$ docker buildx rm clean\n").unwrap();
    let commands = commands
        .replace("$ ", "")
        .replace("> ", "")
        .replace(" clean;", &format!(" {};", engine.name))
        .replace("/tmp/clean", &format!("/tmp/{}", engine.name))
        .replace("/tmp/", &format!("{}/", folder.path().display()))
        .replace("buildx build", &format!("buildx build {}", build_flags().join(" ")));
    project.step(&commands).succeeds();
    let program = folder.path().join("default/usr/local/bin/hello-world");
    assert!(fs::metadata(&program).unwrap().len() > 0);
    // Another program is named.
    write(&program, "");
    let (_, compare) = commands.rsplit_once("diff").unwrap();
    project.step(&format!("diff{compare}")).fails("usr/local/bin/hello-world differ");
}
