//! `release.yml` at the push of a version tag, with a registry on this machine.

use serde_json::{Value, json};
use workshop::ask::get;
use workshop::builder::Builder;
use workshop::emulator::Emulator;
use workshop::package::{one, program};
use workshop::registry::Registry;
use workshop::workflow::{jobs, shipped};
use workshop::{Project, commit, sh};

/// The image's name in a registry.
const IMAGE: &str = "some-owner/hello-world";

const DESCRIBED: &str = r#"
version = "0.1.0"
description = """
Says "hello", twice,
in C#"""
license = "MIT OR Apache-2.0"
"#;

/// Runs the workflow for `name`: a tag like v1.2.3, or else a branch. Returns the outputs of its
/// steps, or why that failed.
fn push(project: &Project, registry: &Registry, name: &str) -> Result<Value, String> {
    commit(project);
    let workflow = shipped("release.yml").replace("ghcr.io", &registry.here());
    let context = json!({ "github": {
        "repository": "Some-Owner/Hello-World",
        "ref_name": name,
        "ref_type": if name.starts_with('v') { "tag" } else { "branch" },
        "event": { "repository": { "private": false } },
    } });
    let builder = Builder::remote();
    let done = jobs(project, &workflow, context, &format!("--builder={}", builder.name));
    remove_pulled(registry);
    let (_, steps) = done?;
    Ok(steps)
}

/// Removes the images that the workflow has pulled, to check them.
fn remove_pulled(registry: &Registry) {
    let reference = format!("reference={}/*/*", registry.here());
    let listed = sh!("/", "docker image ls --quiet --no-trunc --filter {reference}").succeeds();
    for image in listed.stdout.lines() {
        // By force, because in some versions of Docker an image has a line for each platform.
        sh!("/", "docker image rm --force {image}").succeeds();
    }
}

/// The tags that the registry has, sorted.
fn tags(registry: &Registry) -> Vec<String> {
    let list = get(&format!("http://{}/v2/{IMAGE}/tags/list", registry.here())).unwrap();
    let list: Value = serde_json::from_str(&list).unwrap();
    // Without any tag, this may be an answer that the name is not known.
    let tags = list["tags"].as_array().into_iter().flatten();
    let mut tags: Vec<_> = tags.map(|tag| tag.as_str().unwrap().to_owned()).collect();
    tags.sort();
    tags
}

/// Panics unless the push of `name` fails with `line`, and gives no tag to an image.
fn refuses(project: &Project, registry: &Registry, name: &str, line: &str) {
    let reason = push(project, registry, name).unwrap_err();
    assert!(reason.contains(line), "{reason}");
    assert!(tags(registry).is_empty());
}

/// What the registry has at a tag, in a format of `docker buildx imagetools inspect`.
fn inspect(registry: &Registry, tag: &str, format: &str) -> Value {
    let image = format!("{}/{IMAGE}:{tag}", registry.here());
    let format = format!("{{{{json .{format}}}}}");
    let inspected = sh!("/", "docker buildx imagetools inspect --format {format} {image}");
    serde_json::from_str(&inspected.succeeds().stdout).unwrap()
}

/// Panics unless the image of a platform is described as in Cargo.toml and in git.
fn is_described(image: &Value, date: &str) {
    for (name, value) in [
        ("title", "hello-world"),
        ("description", "Says \"hello\", twice, in C#"),
        ("licenses", "MIT OR Apache-2.0"),
        ("created", date),
        ("version", "0.1.0"),
    ] {
        let label = format!("org.opencontainers.image.{name}");
        assert_eq!(image["config"]["Labels"][label], value, "{image}");
    }
}

/// A workspace with a program of version 0.1.0, and another one of version 0.0.0.
fn with_another_program(name: &str) -> Project {
    let project = Project::hello();
    let members = format!("\n[workspace]\nmembers = [{name:?}]\n");
    project.write("Cargo.toml", project.read("Cargo.toml") + &members);
    program(name).version("0.0.0").write(&project.path.join(name));
    project.cargo("update --quiet --offline --workspace");
    project
}

#[test]
fn a_version_tag_publishes_both_images_for_both_platforms_under_three_tags_each() {
    let (_emulator, registry) = (Emulator::start(), Registry::start());
    // A tool beside the program, whose version does not matter.
    let project = with_another_program("xtask");
    project.edit("Cargo.toml", "\nversion = \"0.1.0\"\n", DESCRIBED);
    let steps = push(&project, &registry, "v0.1.0").unwrap();
    let all = ["0.1", "0.1-scratch", "0.1.0", "0.1.0-scratch", "latest", "latest-scratch"];
    assert_eq!(tags(&registry), all);
    let date = sh!(project, "git log -1 --format=%cI").succeeds();
    for (base, suffix) in [("alpine", ""), ("scratch", "-scratch")] {
        for tag in ["0.1.0", "0.1", "latest"].map(|tag| format!("{tag}{suffix}")) {
            let manifest = inspect(&registry, &tag, "Manifest");
            assert_eq!(manifest["digest"], steps[base]["outputs"]["digest"], "{tag}");
        }
        let [images, provenance] =
            ["Image", "Provenance"].map(|part| inspect(&registry, &format!("0.1.0{suffix}"), part));
        assert!(images.as_object().unwrap().keys().eq(["linux/amd64", "linux/arm64"]), "{images}");
        for (platform, image) in images.as_object().unwrap() {
            is_described(image, date.last_line());
            let built = &provenance[platform]["SLSA"]["invocation"]["parameters"]["args"];
            assert_eq!(built["target"], format!("on-{base}"), "{provenance}");
        }
    }
}

#[test]
fn a_branch_or_a_tag_that_is_not_the_version_of_each_program_publishes_nothing() {
    let (registry, project) = (Registry::start(), with_another_program("admin"));
    let line = "error: choose a tag like v1.2.3 instead of the branch main\n";
    refuses(&project, &registry, "main", line);
    let line = "error: the tag is v0.2.0, but in Cargo.toml hello-world is v0.1.0\n";
    refuses(&project, &registry, "v0.2.0", line);
    project.edit("Dockerfile", "ARG BIN=\"\"", "ARG BIN=\"hello-world admin\"");
    let line = "error: the tag is v0.1.0, but in Cargo.toml admin is v0.0.0\n";
    refuses(&project, &registry, "v0.1.0", line);
}

#[test]
fn a_program_that_does_not_compile_or_whose_tests_fail_is_not_published() {
    let registry = Registry::start();
    let broken = one().main("compile_error!(\"this is not for releases\")").paste();
    refuses(&broken, &registry, "v0.1.0", "error: this is not for releases");
    let test = "fn main() {}\n#[test]\nfn fails() {\n    panic!();\n}\n";
    let failing = one().file("src/main.rs", test).paste();
    refuses(&failing, &registry, "v0.1.0", "test result: FAILED");
}

#[test]
fn a_program_that_fails_on_one_base_is_published_on_neither() {
    let (_emulator, registry) = (Emulator::start(), Registry::start());
    let body = r#"if !std::path::Path::new("/bin/sh").exists() { std::process::exit(3) }"#;
    let line = "error: the program has to exit with 0 or to run on";
    refuses(&one().main(body).paste(), &registry, "v0.1.0", line);
}
