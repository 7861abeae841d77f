//! Podman builds an image in the OCI format from the same Dockerfile, and runs it.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::json;
use workshop::package::{library, one, program};
use workshop::podman::Podman;
use workshop::shared::Shared;
use workshop::{Outcome, Project, sentence};

/// The podman that all tests here share, because loading the base images takes half a minute.
fn shared() -> Arc<Podman> {
    static PODMAN: Shared<Podman> = Shared::empty();
    PODMAN.get(Podman::start)
}

/// The packages that Cargo compiled, in all stages.
fn compiled(built: &Outcome) -> Vec<&str> {
    let lines = built.stdout.lines().chain(built.stderr.lines());
    lines.filter_map(|line| line.trim().strip_prefix("Compiling ")?.split(' ').next()).collect()
}

#[test]
fn the_app_runs_as_its_own_user_on_both_bases_in_an_image_in_the_oci_format() {
    let (podman, project) = (shared(), Project::generate("my-app", ""));
    podman.starts(&project, "").prints(&sentence("my-app"));
    podman.run(&project, "whoami").prints("my-app");
    let format = "--format={{.ManifestType}}";
    let oci = podman.container.run(&format!("podman image inspect {format} {}", project.image));
    oci.prints("application/vnd.oci.image.manifest.v1+json");

    podman.starts(&project, "--target=on-scratch").prints(&sentence("my-app"));
    podman.run(&project, "sh").succeeds(); // There is no shell: sh is an argument.
}

#[test]
fn the_job_for_kubernetes_ends_well_as_the_images_user_without_rights_on_both_bases() {
    let (podman, project) = (shared(), Project::generate("my-job", "-d kubernetes=job"));
    for target in ["--target=on-alpine", "--target=on-scratch"] {
        podman.build(&project, target).succeeds();
        let (logs, container) = podman.play(&project, "my-job");
        logs.prints(&sentence("my-job"));
        for (field, value) in [
            ("/State/Status", json!("exited")),
            ("/State/ExitCode", json!(0)),
            ("/Config/User", json!("1000:1000")),
            ("/HostConfig/ReadonlyRootfs", json!(true)),
            ("/HostConfig/SecurityOpt", json!(["no-new-privileges"])),
            ("/HostConfig/Memory", json!(64 * 1024 * 1024)),
            ("/HostConfig/NanoCpus", json!(1_000_000_000)),
            ("/BoundingCaps", json!(null)),
        ] {
            assert_eq!(container.pointer(field), Some(&value), "{target}: {field}");
        }
    }
}

#[test]
fn make_builds_checks_and_runs_where_docker_is_podman() {
    let (podman, project) = (shared(), Project::hello());
    for target in ["check", "run", "size-check"] {
        podman.make(&project, target).succeeds();
    }
}

#[test]
fn an_edited_source_shows_and_no_dependency_is_compiled_again() {
    let (podman, project) = (shared(), Project::generate("my-app", ""));
    project.never_compiled();
    let index = "Updating crates.io index";
    let built = podman.build(&project, "").tells(index);
    let mut packages = compiled(&built);
    assert_eq!(packages.last(), Some(&"my-app"), "{built}");
    // Each is compiled once, because the build stage finds the dependencies in their layer.
    packages.retain(|package| *package != "my-app");
    let once: BTreeSet<_> = packages.iter().copied().collect();
    assert!(once.contains("rand") && once.len() == packages.len(), "{built}");

    let line = project.edit_line();
    let built = podman.build(&project, "").succeeds().lacks(index);
    assert_eq!(compiled(&built), ["my-app"], "{built}");
    podman.run(&project, "").tells(&line);
}

#[test]
fn projects_that_are_built_in_turn_each_keep_their_own_dependency_layer() {
    let podman = shared();
    let pasted = |name| program(name).prints(&format!("{name:?}")).paste();
    let projects = ["first", "second"].map(|name| (name, pasted(name)));
    for (name, project) in projects.iter().chain(&projects) {
        podman.starts(project, "").prints(name);
    }
    for (_, project) in &projects {
        let built = podman.build(project, "").succeeds();
        assert!(compiled(&built).is_empty(), "{built}");
    }
}

#[test]
fn an_incremental_build_compiles_what_changed_and_leaves_the_sources_as_they_are() {
    let podman = shared();
    let one = one().with(library("word")).manifest("[workspace]");
    let project = one.main(r#"println!("one {}", word::WORD)"#).paste();
    let cache = format!("--build-arg=INCREMENTAL={}", project.path.display());
    podman.starts(&project, &cache).prints("one word");
    project.edit("src/main.rs", "one", "two");
    project.age(1);
    let built = podman.build(&project, &cache).succeeds();
    assert_eq!(compiled(&built), ["one"], "{built}");
    podman.run(&project, "").prints("two word");
    let aged = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    for file in project.files() {
        let time = fs::metadata(project.path.join(&file)).unwrap().modified();
        assert_eq!(time.unwrap(), aged, "{file}");
    }
}

#[test]
fn a_toolchain_file_is_obeyed_and_neither_it_nor_a_dockerignore_is_needed() {
    let (podman, project) = (shared(), one().paste());
    fs::remove_file(project.path.join(".dockerignore")).unwrap();
    podman.starts(&project, "").prints("main");

    let channel = |version: &str| {
        project.write("rust-toolchain.toml", format!("[toolchain]\nchannel = {version:?}\n"));
    };
    let installed = podman.container.exec("printenv RUST_VERSION");
    channel(installed.rsplit_once('.').unwrap().0);
    podman.starts(&project, "").prints("main");

    channel("1.9999.0");
    // The build fails before it reads any source.
    podman.build(&project, "").fails("1.9999.0").lacks("AS skeleton");
}

#[test]
fn each_build_argument_arrives_and_has_its_default() {
    let main = r#"
let volume = if cfg!(feature = "loud") { "loud" } else { "quiet" };
let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
let revision = option_env!("REVISION").unwrap_or("unknown");
let text = std::fs::read_to_string("text").unwrap_or("without text".into());
println!("{} {volume} {profile} {revision} {text}", env!("CARGO_BIN_NAME"));
"#;
    let one = one().keys("default-run = \"one\"").manifest("[features]\nloud = []").main(main);
    let two = one.file("src/bin/two.rs", &format!("fn main() {{ {main} }}"));
    let (podman, project) = (shared(), two.file("text", "with text").paste());
    // All builds are of one project, because the cache must tell them apart by their arguments.
    let plain = "one quiet release unknown without text";
    podman.starts(&project, "").prints(plain);
    for (argument, default, given) in [
        ("BIN=two", "one", "two"),
        ("CARGO_FLAGS=--features loud", "quiet", "loud"),
        ("PROFILE=dev", "release", "dev"),
        ("BUILD_ENV=REVISION=1a2b3c", "unknown", "1a2b3c"),
        ("FILES=text", "without text", "with text"),
    ] {
        let started = podman.starts(&project, &format!("--build-arg '{argument}'"));
        started.prints(&plain.replace(default, given));
    }
}
