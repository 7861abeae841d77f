//! The caches survive a killed engine and builds at the same time, and move through a registry.
//! An engine of its own runs all this.

use std::fs;
use std::thread::scope;

use tempfile::TempDir;
use workshop::edits::{LUCKY, edits};
use workshop::engine::{Engine, Turn};
use workshop::registry::Registry;
use workshop::{Outcome, Project, base_image, build_flags, compiler, docker, repository, sentence};

/// What the project's image prints. The remote builder has sent it to the machine's engine.
fn prints(project: &Project) -> String {
    let ran = project.container(&[], &[]).succeeds();
    assert_eq!(ran.last_line(), sentence("hello-world"));
    ran.stdout
}

/// Removes what `options` choose of the engine's layers and caches.
fn prune(engine: &Engine, options: &[&str]) {
    let prune = [&["builder", "prune", "--all", "--force"], options].concat();
    engine.docker(&prune).succeeds();
}

/// The `rust` image with one more file, so that two builds share no step, only the caches.
fn another_rust(engine: &Engine) -> String {
    let folder = TempDir::new().unwrap();
    let text = format!("FROM {}\nCOPY Dockerfile /another\n", base_image("rust"));
    fs::write(folder.path().join("Dockerfile"), text).unwrap();
    let path = folder.path().to_str().unwrap();
    let image = "template-test/another-rust";
    let arguments = ["buildx", "build", "--tag", image, path];
    engine.docker(&arguments).succeeds();
    image.to_owned()
}

#[test]
fn two_builds_at_once_fill_the_empty_caches_and_get_their_own_programs() {
    let engine = Turn::wait();
    prune(&engine, &["--filter=type=exec.cachemount"]);
    let another = another_rust(&engine);
    let other_flags: Vec<_> = build_flags()
        .into_iter()
        .map(|flag| flag.replace(&base_image("rust"), &another))
        .collect();
    let projects = [
        Project::generate("hello-world"),
        Project::generate("hello-world"),
    ];
    for (project, line) in projects.iter().zip(["First number", "Second number"]) {
        project.edit("src/main.rs", LUCKY, line);
    }
    let [one, other] = scope(|threads| {
        let one = threads.spawn(|| engine.make(&projects[0], &["build"], &build_flags()));
        let other = threads.spawn(|| engine.make(&projects[1], &["build"], &other_flags));
        [one, other].map(|build| build.join().unwrap().succeeds())
    });
    // One of them downloads the crate. The other may wait, and find it in the cache.
    let downloads = |outcome: &Outcome| outcome.stderr.contains("Downloaded rand ");
    assert!(downloads(&one) || downloads(&other), "{one}\n{other}");
    for (project, line) in projects.iter().zip(["First number", "Second number"]) {
        assert!(prints(project).contains(line));
    }
}

#[test]
fn a_killed_engine_leaves_caches_from_which_the_next_build_is_right() {
    let engine = Turn::wait();
    let project = Project::generate("hello-world");
    let flag = project.never_compiled();
    // regex-syntax takes seconds to compile: time to kill the engine.
    project
        .cargo(&["add", "--quiet", "regex-syntax@0.8"])
        .succeeds();
    scope(|threads| {
        let build = threads.spawn(|| engine.make(&project, &["build"], &build_flags()));
        compiler(&build, &flag, "regex_syntax");
        engine.kill();
        assert!(!build.join().unwrap().success);
    });
    engine.launch();
    project.edit("src/main.rs", LUCKY, "Next number");
    engine.make(&project, &["build"], &build_flags()).succeeds();
    assert!(prints(&project).contains("Next number"));
}

#[test]
fn layers_in_a_registry_spare_another_empty_engine_the_dependencies() {
    let engine = Turn::wait();
    prune(&engine, &[]);
    let registry = Registry::start();
    let project = Project::generate("hello-world");
    // A program that no other project has: BuildKit exports what it knows of all builds that have
    // come to the same file, and does not import it if that is over 1 MB.
    let line = edits(&project, "src/main.rs", LUCKY);
    let cache = |address: String| format!("type=registry,ref={address}/hello-world:cache");
    let to = format!(
        "--cache-to={},mode=max,compression=zstd",
        cache(registry.here())
    );
    project.make(&["build"], &to).succeeds();
    // Else the next image, which Docker loads under this name, would leave this one without any.
    let remove = ["image", "rm", &project.image];
    docker(&remove).succeeds();
    project.edit("src/main.rs", &line, "Next number");
    let from = format!("--cache-from={}", cache(registry.inside()));
    let flags = [build_flags(), vec![from]].concat();
    let built = engine.make(&project, &["build"], &flags).succeeds();
    assert!(!built.stderr.contains("Compiling rand "), "{built}");
    assert!(built.stderr.contains("Compiling hello-world "), "{built}");
    let rebuilt = |stage: &str| built.rebuilt().iter().any(|step| step.starts_with(stage));
    for stage in ["[toolchain ", "[dependencies "] {
        assert!(!rebuilt(stage), "{built}");
    }
    assert!(prints(&project).contains("Next number"));
    let there = engine.docker(&["image", "inspect", &project.image]);
    there.fails_with("No such image");
}

#[test]
fn run_compiles_on_a_remote_builder_and_starts_the_program_here() {
    let engine = Turn::wait();
    let project = Project::generate("hello-world");
    let line = edits(&project, "src/main.rs", LUCKY);
    let ran = engine.make(&project, &["run"], &build_flags()).succeeds();
    assert_eq!(ran.last_line(), sentence("hello-world"));
    assert!(ran.stdout.contains(&line), "{ran}");
    assert!(ran.stderr.contains("Compiling hello-world "), "{ran}");
}

#[test]
#[ignore = "takes a minute: make -C template test TESTS='engine:: -- --ignored'"]
fn a_builder_without_caches_makes_the_same_files() {
    let engine = Turn::wait();
    prune(&engine, &[]);
    let project = Project::generate("hello-world");
    project.edit("src/main.rs", LUCKY, "Equal number");
    let folder = TempDir::new().unwrap();
    let page = fs::read_to_string(repository().join("docs/release.md")).unwrap();
    let (_, commands) = page.split_once("buildx create --name clean\n").unwrap();
    let (commands, _) = commands.split_once("```").unwrap();
    let commands = commands
        .replace("$ ", "")
        .replace(" clean;", &format!(" {};", engine.name))
        .replace("/tmp/clean", &format!("/tmp/{}", engine.name))
        .replace("/tmp/", &format!("{}/", folder.path().display()))
        .replace(
            "buildx build",
            &format!("buildx build {}", build_flags().join(" ")),
        );
    project.step(&commands).succeeds();
    let program = |builder: &str| {
        fs::read(
            folder
                .path()
                .join(builder)
                .join("usr/local/bin/hello-world"),
        )
        .unwrap()
    };
    assert!(!program("default").is_empty());
    // Another program is named.
    fs::write(folder.path().join("default/usr/local/bin/hello-world"), "").unwrap();
    let (_, compare) = commands.rsplit_once("diff").unwrap();
    project
        .step(&format!("diff {compare}"))
        .fails_with("usr/local/bin/hello-world differ");
}
