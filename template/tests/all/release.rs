//! `release.yml` at the push of a version tag, with a registry on this machine.

use std::fs;

use serde_json::{Value, json};
use workshop::builder::Builder;
use workshop::emulator::Emulator;
use workshop::registry::Registry;
use workshop::workflow::{jobs, shipped};
use workshop::{Project, command, commit, docker, run};

const DESCRIBED: &str = r#"
description = """
Says "hello", twice,
in C#"""
license = "MIT OR Apache-2.0"
"#;

/// Runs the workflow for `tag`. Returns the digests of what is published on alpine and on scratch,
/// or why that failed.
fn push(project: &Project, registry: &Registry, tag: &str) -> Result<[String; 2], String> {
    publish(project, registry, "tag", tag)
}

/// As `push`, for a `kind` of ref: a tag or a branch.
fn publish(
    project: &Project,
    registry: &Registry,
    kind: &str,
    name: &str,
) -> Result<[String; 2], String> {
    commit(&project.path);
    let workflow = shipped("release.yml").replace("ghcr.io", &registry.here());
    let context = json!({
        "github": {
            "repository": "Some-Owner/Hello-World",
            "ref_name": name,
            "ref_type": kind,
            "event": { "repository": { "private": false } },
        },
    });
    let builder = Builder::remote();
    let flags = [format!("--builder={}", builder.name)];
    let done = jobs(project, &workflow, context, &flags);
    remove_pulled(registry);
    let (_, steps) = done?;
    let digest = |id: &str| steps[id]["outputs"]["digest"].as_str().unwrap().to_owned();
    Ok(["alpine", "scratch"].map(digest))
}

/// Removes the images that the workflow has pulled, to check them.
fn remove_pulled(registry: &Registry) {
    let reference = format!("reference={}/*/*", registry.here());
    let list = [
        "image",
        "ls",
        "--quiet",
        "--no-trunc",
        "--filter",
        &reference,
    ];
    let listed = docker(&list).succeeds().stdout;
    for image in listed.lines() {
        // Both platforms of an image have one line each in some versions of Docker.
        let removed = docker(&["image", "rm", "--force", image]);
        assert!(
            removed.success || removed.stderr.contains("No such image"),
            "{removed}"
        );
    }
}

fn image(registry: &Registry, tag: &str) -> String {
    format!("{}/some-owner/hello-world:{tag}", registry.here())
}

/// What the registry has at a tag, in a format of `docker buildx imagetools inspect`.
fn inspect(registry: &Registry, tag: &str, format: &str) -> Value {
    let image = image(registry, tag);
    let format = format!("{{{{json .{format}}}}}");
    let arguments = [
        "buildx",
        "imagetools",
        "inspect",
        "--format",
        &format,
        &image,
    ];
    serde_json::from_str(&docker(&arguments).succeeds().stdout).unwrap()
}

/// Has the registry any of the tags that a release may give?
fn has_no_tags(registry: &Registry) {
    for tag in ["0.1.0", "0.1", "latest", "0.2.0", "0.2", "main"] {
        for suffix in ["", "-scratch"] {
            let image = image(registry, &format!("{tag}{suffix}"));
            let inspect = ["buildx", "imagetools", "inspect", &image];
            docker(&inspect).fails_with("not found");
        }
    }
}

/// Panics unless the release of `tag` fails with `line`, and publishes nothing.
fn publishes_nothing(project: &Project, tag: &str, line: &str) {
    let registry = Registry::start();
    let reason = push(project, &registry, tag).unwrap_err();
    assert!(reason.contains(line), "{reason}");
    has_no_tags(&registry);
}

/// A workspace with a program of version 0.1.0, and another one of version 0.0.0.
fn with_another_program(name: &str) -> Project {
    let project = Project::generate("hello-world");
    let members = format!("\n[workspace]\nmembers = [\"{name}\"]\n");
    let manifest = project.read("Cargo.toml") + &members;
    fs::write(project.path.join("Cargo.toml"), manifest).unwrap();
    fs::create_dir_all(project.path.join(name).join("src")).unwrap();
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\n");
    fs::write(project.path.join(name).join("Cargo.toml"), manifest).unwrap();
    fs::write(
        project.path.join(name).join("src/main.rs"),
        "fn main() {}\n",
    )
    .unwrap();
    let update = ["update", "--quiet", "--offline", "--workspace"];
    project.cargo(&update).succeeds();
    project
}

#[test]
fn a_version_tag_publishes_both_images_for_both_platforms_under_three_tags_each() {
    let _emulator = Emulator::start();
    let registry = Registry::start();
    // A tool beside the program, whose version does not matter.
    let project = with_another_program("xtask");
    let manifest = project.read("Cargo.toml");
    let version = "version = \"0.1.0\"\n";
    let described = manifest.replacen(version, &format!("{version}{}", DESCRIBED.trim_start()), 1);
    fs::write(project.path.join("Cargo.toml"), described).unwrap();
    let digests = push(&project, &registry, "v0.1.0").unwrap();
    let date = ["log", "-1", "--format=%cI"];
    let date = run(&mut command(&project.path, "git", &date)).succeeds();
    for (suffix, digest) in ["", "-scratch"].into_iter().zip(digests) {
        for tag in ["0.1.0", "0.1", "latest"] {
            let manifest = inspect(&registry, &format!("{tag}{suffix}"), "Manifest");
            assert_eq!(manifest["digest"], digest, "{tag}{suffix}");
        }
        let tag = format!("0.1.0{suffix}");
        let images = inspect(&registry, &tag, "Image");
        let platforms: Vec<_> = images.as_object().unwrap().keys().collect();
        assert_eq!(platforms, ["linux/amd64", "linux/arm64"]);
        let label = |name: &str| {
            let labels = &images["linux/amd64"]["config"]["Labels"];
            labels[format!("org.opencontainers.image.{name}")].clone()
        };
        for (name, value) in [
            ("title", "hello-world"),
            ("description", "Says \"hello\", twice, in C#"),
            ("licenses", "MIT OR Apache-2.0"),
            ("created", date.stdout.trim()),
            ("version", "0.1.0"),
        ] {
            assert_eq!(label(name), value);
        }
        let provenance = inspect(&registry, &tag, "Provenance");
        for platform in platforms {
            let built = &provenance[platform]["SLSA"]["invocation"]["parameters"]["args"];
            let base = if suffix.is_empty() {
                "on-alpine"
            } else {
                "on-scratch"
            };
            assert_eq!(built["target"], base, "{provenance}");
        }
    }
}

#[test]
fn a_tag_that_is_not_the_programs_version_publishes_nothing() {
    let project = Project::generate("hello-world");
    let line = "error: the tag is v0.2.0, but in Cargo.toml hello-world is v0.1.0\n";
    publishes_nothing(&project, "v0.2.0", line);
}

#[test]
fn a_second_program_of_another_version_publishes_nothing() {
    let project = with_another_program("admin");
    project.edit(
        "Dockerfile",
        "ARG BIN=\"\"",
        "ARG BIN=\"hello-world admin\"",
    );
    let line = "error: the tag is v0.1.0, but in Cargo.toml admin is v0.0.0\n";
    publishes_nothing(&project, "v0.1.0", line);
}

#[test]
fn a_branch_publishes_nothing() {
    let registry = Registry::start();
    let project = Project::generate("hello-world");
    let reason = publish(&project, &registry, "branch", "main").unwrap_err();
    let line = "error: choose a tag like v1.2.3 instead of the branch main\n";
    assert!(reason.contains(line), "{reason}");
    has_no_tags(&registry);
}

#[test]
fn a_test_that_fails_publishes_nothing() {
    let project = Project::generate("hello-world");
    let main = project.read("src/main.rs") + "\n#[test]\nfn fails() {\n    panic!();\n}\n";
    fs::write(project.path.join("src/main.rs"), main).unwrap();
    publishes_nothing(&project, "v0.1.0", "test result: FAILED");
}

#[test]
fn a_program_that_does_not_compile_publishes_nothing() {
    let project = Project::generate("hello-world");
    let line = "error: this is not for releases";
    let main = "fn main() { compile_error!(\"this is not for releases\") }\n";
    fs::write(project.path.join("src/main.rs"), main).unwrap();
    publishes_nothing(&project, "v0.1.0", line);
}

#[test]
fn a_program_that_fails_on_one_base_is_published_on_neither() {
    let _emulator = Emulator::start();
    let project = Project::generate("hello-world");
    let main = r#"
fn main() {
    if !std::path::Path::new("/bin/sh").exists() {
        std::process::exit(3)
    }
}
"#;
    fs::write(project.path.join("src/main.rs"), main).unwrap();
    let line = "error: the program has to exit with 0 or to run on";
    publishes_nothing(&project, "v0.1.0", line);
}
