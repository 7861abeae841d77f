//! `release.yml` at the push of a version tag, with a registry on this machine.

use std::fs;

use serde_json::{Value, json};
use workshop::builder::Builder;
use workshop::emulator::Emulator;
use workshop::registry::Registry;
use workshop::workflow::{job, shipped};
use workshop::{Project, docker};

const DESCRIBED: &str = r#"
description = """
Says "hello", twice,
in C#"""
license = "MIT OR Apache-2.0"
"#;

/// Pushes `tag`, with an image on `base`. Returns the digest of what is published, or why that failed.
fn push(project: &Project, registry: &Registry, base: &str, tag: &str) -> Result<String, String> {
    let workflow = shipped("release.yml").replace("ghcr.io", &registry.here());
    let context = json!({
        "github": {
            "repository": "Some-Owner/Hello-World",
            "ref_name": tag,
            "event": {
                "head_commit": { "timestamp": "2026-11-27T12:00:00+01:00" },
                "repository": { "private": false },
            },
        },
        "matrix": { "base": base },
    });
    let builder = Builder::remote();
    let flags = [format!("--builder={}", builder.name)];
    let done = job(project, &workflow, context, &flags);
    remove_pulled(registry);
    let (_, steps) = done?;
    let digest = steps["build"]["outputs"]["digest"].as_str();
    Ok(digest.unwrap().to_owned())
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

#[test]
fn a_version_tag_publishes_both_images_for_both_platforms_under_three_tags_each() {
    let _emulator = Emulator::start();
    let registry = Registry::start();
    let project = Project::generate("hello-world");
    let manifest = project.read("Cargo.toml");
    let version = "version = \"0.1.0\"\n";
    let described = manifest.replacen(version, &format!("{version}{}", DESCRIBED.trim_start()), 1);
    fs::write(project.path.join("Cargo.toml"), described).unwrap();
    for (base, suffix) in [("alpine", ""), ("scratch", "-scratch")] {
        let signed = push(&project, &registry, base, "v0.1.0").unwrap();
        for tag in ["0.1.0", "0.1", "latest"] {
            let manifest = inspect(&registry, &format!("{tag}{suffix}"), "Manifest");
            assert_eq!(manifest["digest"], signed, "{tag}");
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
            ("created", "2026-11-27T12:00:00+01:00"),
            ("version", &tag),
        ] {
            assert_eq!(label(name), value);
        }
        let provenance = inspect(&registry, &tag, "Provenance");
        for platform in platforms {
            let built = &provenance[platform]["SLSA"]["invocation"]["parameters"]["args"];
            assert_eq!(built["target"], format!("on-{base}"), "{provenance}");
        }
    }
}

#[test]
fn a_tag_that_is_not_the_programs_version_publishes_nothing() {
    let registry = Registry::start();
    let project = Project::generate("hello-world");
    let reason = push(&project, &registry, "alpine", "v0.2.0").unwrap_err();
    let line = "error: the tag is v0.2.0, but hello-world in Cargo.toml is v0.1.0";
    assert!(reason.lines().any(|printed| printed == line), "{reason}");
    has_no_tags(&registry);
}

#[test]
fn an_image_that_fails_its_check_gets_no_tag() {
    let registry = Registry::start();
    let project = Project::generate("hello-world");
    fs::write(
        project.path.join("src/main.rs"),
        "fn main() { std::process::exit(3) }\n",
    )
    .unwrap();
    let reason = push(&project, &registry, "scratch", "v0.1.0").unwrap_err();
    assert!(
        reason.contains("error: the program has to exit with 0 or to run on"),
        "{reason}"
    );
    has_no_tags(&registry);
}

fn has_no_tags(registry: &Registry) {
    for tag in ["0.1.0", "0.1", "latest", "0.2.0", "0.2"] {
        for suffix in ["", "-scratch"] {
            let image = image(registry, &format!("{tag}{suffix}"));
            let inspect = ["buildx", "imagetools", "inspect", &image];
            docker(&inspect).fails_with("not found");
        }
    }
}
