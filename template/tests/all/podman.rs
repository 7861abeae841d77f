//! Podman builds an image in the OCI format from the same Dockerfile, and runs it.

use std::fs;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::json;
use workshop::edits::age;
use workshop::podman::Podman;
use workshop::shared::Shared;
use workshop::small::{self, MAIN, printing};
use workshop::{Outcome, Project, sentence};

/// The podman that all tests here share, because loading the base images takes half a minute.
fn shared() -> Arc<Podman> {
    static PODMAN: Shared<Podman> = Shared::empty();
    PODMAN.get(Podman::start)
}

/// The packages that Cargo compiled, in all stages.
fn compiled(built: &Outcome) -> Vec<&str> {
    built
        .stdout
        .lines()
        .chain(built.stderr.lines())
        .filter_map(|line| line.trim().strip_prefix("Compiling ")?.split(' ').next())
        .collect()
}

#[test]
fn the_app_runs_on_alpine_as_its_own_user_in_an_image_in_the_oci_format() {
    let podman = shared();
    let project = Project::generate("my-app");
    assert_eq!(podman.last_line(&project, &[]), sentence("my-app"));
    let user = podman.run(&project, &["whoami"]).succeeds();
    assert_eq!(user.last_line(), "my-app");
    let format = "--format={{.ManifestType}}";
    let inspect = ["podman", "image", "inspect", format, &project.image];
    let oci = "application/vnd.oci.image.manifest.v1+json";
    assert_eq!(podman.container.exec(&inspect), oci);
}

#[test]
fn the_app_runs_without_a_base() {
    let podman = shared();
    let project = Project::generate("my-app");
    let line = podman.last_line(&project, &["--target=on-scratch"]);
    assert_eq!(line, sentence("my-app"));
    podman.run(&project, &["sh"]).succeeds(); // There is no shell: sh is an argument.
}

#[test]
fn the_job_for_kubernetes_ends_well_as_the_images_user_without_rights_on_both_bases() {
    let podman = shared();
    let project = Project::generate_with("my-job", &["-d", "kubernetes=job"]);
    for target in ["--target=on-alpine", "--target=on-scratch"] {
        podman.build(&project, &[target]).succeeds();
        let (logs, container) = podman.play(&project, "my-job");
        assert_eq!(logs.last_line(), sentence("my-job"), "{target}");
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
    let podman = shared();
    let project = Project::generate("hello-world");
    for target in ["check", "run", "size-check"] {
        podman.make(&project, target).succeeds();
    }
}

#[test]
fn an_edited_source_shows_and_no_dependency_is_compiled_again() {
    let podman = shared();
    let project = Project::generate("my-app");
    project.never_compiled();
    let built = podman.build(&project, &[]).succeeds();
    // Each is compiled once, because the build stage finds the dependencies in their layer.
    let mut packages = compiled(&built);
    assert_eq!(packages.last(), Some(&"my-app"), "{built}");
    packages.retain(|package| *package != "my-app");
    let total = packages.len();
    packages.sort_unstable();
    packages.dedup();
    assert!(packages.contains(&"rand"), "{built}");
    assert_eq!(packages.len(), total, "{built}");

    let downloads = |built: &Outcome| built.to_string().contains("Updating crates.io index");
    assert!(downloads(&built), "{built}");

    project.edit("src/main.rs", "once more", "edited and");
    let built = podman.build(&project, &[]).succeeds();
    assert_eq!(compiled(&built), ["my-app"], "{built}");
    assert!(!downloads(&built), "{built}");
    let line = podman.run(&project, &[]).succeeds();
    let edited = sentence("my-app").replace("once more", "edited and");
    assert_eq!(line.last_line(), edited);
}

#[test]
fn projects_that_are_built_in_turn_each_keep_their_own_dependency_layer() {
    let podman = shared();
    let pasted = |name: &str| {
        let manifest = small::MANIFEST.1.replace("one", name);
        let files = [("Cargo.toml", manifest), ("src/main.rs", printing(name))];
        Project::pasted(&files.each_ref().map(|(file, text)| (*file, text.as_str())))
    };
    let projects = ["first", "second"].map(|name| (name, pasted(name)));
    for (name, project) in projects.iter().chain(&projects) {
        assert_eq!(podman.last_line(project, &[]), *name);
    }
    for (name, project) in &projects {
        let built = podman.build(project, &[]).succeeds();
        assert!(compiled(&built).is_empty(), "{name}: {built}");
    }
}

#[test]
fn an_incremental_build_compiles_what_changed_and_leaves_the_sources_as_they_are() {
    let podman = shared();
    let manifest = small::with(
        r#"
[dependencies]
word = { path = "word" }
[workspace]
"#,
    );
    let word = small::MANIFEST.1.replace("one", "word");
    let project = Project::pasted(&[
        ("Cargo.toml", &manifest),
        (
            "src/main.rs",
            r#"fn main() { println!("one {}", word::WORD) }"#,
        ),
        ("word/Cargo.toml", &word),
        ("word/src/lib.rs", r#"pub const WORD: &str = "word";"#),
    ]);
    let cache = format!("--build-arg=INCREMENTAL={}", project.path.display());
    assert_eq!(podman.last_line(&project, &[&cache]), "one word");
    project.edit("src/main.rs", "one", "two");
    age(&project, 1);
    let built = podman.build(&project, &[&cache]).succeeds();
    assert_eq!(compiled(&built), ["one"], "{built}");
    assert_eq!(podman.run(&project, &[]).succeeds().last_line(), "two word");
    for file in project.files() {
        let time = fs::metadata(project.path.join(&file)).unwrap().modified();
        let since = time.unwrap().duration_since(SystemTime::UNIX_EPOCH);
        assert_eq!(since.unwrap().as_secs(), 1, "{file}");
    }
}

const MANIFEST: (&str, &str) = (
    "Cargo.toml",
    r#"
[package]
name = "one"
version = "0.1.0"
edition = "2024"
default-run = "one"

[features]
loud = []
"#,
);

#[test]
fn a_toolchain_file_is_obeyed_and_neither_it_nor_a_dockerignore_is_needed() {
    let podman = shared();
    let project = Project::pasted(&[MANIFEST, MAIN]);
    fs::remove_file(project.path.join(".dockerignore")).unwrap();
    assert_eq!(podman.last_line(&project, &[]), "main");

    let file = project.path.join("rust-toolchain.toml");
    let installed = podman.container.exec(&["printenv", "RUST_VERSION"]);
    let (minor, _) = installed.rsplit_once('.').unwrap();
    fs::write(&file, format!("[toolchain]\nchannel = \"{minor}\"\n")).unwrap();
    assert_eq!(podman.last_line(&project, &[]), "main");

    fs::write(&file, "[toolchain]\nchannel = \"1.9999.0\"\n").unwrap();
    // The build fails before it reads any source.
    let unknown = podman.build(&project, &[]).fails_with("1.9999.0");
    assert!(!unknown.stdout.contains("AS skeleton"), "{unknown}");
}

#[test]
fn each_build_argument_arrives_and_has_its_default() {
    let library = r#"
        pub fn say(program: &str) {
            let volume = if cfg!(feature = "loud") { "loud" } else { "quiet" };
            let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
            let revision = option_env!("REVISION").unwrap_or("unknown");
            let text = std::fs::read_to_string("text").unwrap_or("without text".into());
            println!("{program} {volume} {profile} {revision} {text}");
        }
    "#;
    let podman = shared();
    let project = Project::pasted(&[
        MANIFEST,
        ("src/lib.rs", library),
        ("src/main.rs", r#"fn main() { one::say("one") }"#),
        ("src/bin/two.rs", r#"fn main() { one::say("two") }"#),
        ("text", "with text"),
    ]);
    // All builds are of one project, because the cache must tell them apart by their arguments.
    let plain = "one quiet release unknown without text";
    assert_eq!(podman.last_line(&project, &[]), plain);
    for (argument, default, given) in [
        ("BIN=two", "one", "two"),
        ("CARGO_FLAGS=--features loud", "quiet", "loud"),
        ("PROFILE=dev", "release", "dev"),
        ("BUILD_ENV=REVISION=1a2b3c", "unknown", "1a2b3c"),
        ("FILES=text", "without text", "with text"),
    ] {
        let line = podman.last_line(&project, &["--build-arg", argument]);
        assert_eq!(line, plain.replace(default, given), "{argument}");
    }
}
