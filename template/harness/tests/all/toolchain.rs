//! The build uses the toolchain and the base images that the project asks for.

use std::fs;

use workshop::package::{one, seven};
use workshop::registry::Registry;
use workshop::{OFFLINE, Project, base_image, cmd, sh};

const FILE: &str = "rust-toolchain.toml";

/// A program that prints the version of rustc, and the name of its toolchain in rustup.
fn telling() -> Project {
    let script = r#"
        let asked = std::process::Command::new("rustc").arg("--version").output().unwrap();
        let version = String::from_utf8(asked.stdout).unwrap();
        let number = version.split(' ').nth(1).unwrap();
        let name = std::env::var("RUSTUP_TOOLCHAIN").unwrap();
        println!("cargo::rustc-env=TOOLCHAIN={number} as {name}");
    "#;
    one().build_script(script).prints(r#"env!("TOOLCHAIN")"#).paste()
}

#[test]
fn own_toolchain_serves_a_project_that_asks_for_stable_or_its_number_or_none_by_name() {
    let image = base_image("rust");
    let version = sh!("/", "docker run --rm {image} rustc --version").succeeds();
    let number = version.stdout.split(' ').nth(1).unwrap();
    let project = telling();
    // Puts Debian's packages into the cache, so that offline only a toolchain can be missing.
    project.build("").succeeds();
    for (file, text) in [
        (FILE, "[toolchain]\nchannel = \"stable\" # the last\ncomponents = [\"clippy\"]\n"),
        (FILE, &format!("[toolchain]\nchannel = \"{number}\"\n")),
        ("rust-toolchain", number.rsplit_once('.').unwrap().0),
        (FILE, "[toolchain]\nprofile = \"minimal\"\ntargets = [\"wasm32-unknown-unknown\"]\n"),
    ] {
        project.write(file, text);
        project.run(&format!("'BUILD_FLAGS={OFFLINE}'")).tells(&format!("\n{number} as "));
        fs::remove_file(project.path.join(file)).unwrap();
    }
}

#[test]
fn older_toolchain_compiles_a_project_that_asks_for_it_and_its_dependencies() {
    let project = telling();
    project.write(FILE, "[toolchain]\nchannel = \"1.85.0\"\n");
    // Ask rustup, because the stand-in's toolchains are all the same rustc under several names.
    let compile = "    compile-skeleton && \\\n";
    let show = r#"    echo "dependencies: $(rustup show active-toolchain)" >&2 && \"#;
    project.edit("Dockerfile", compile, &format!("{show}\n{compile}"));
    project.never_built();
    project.run("").tells(" as 1.85.0-").tells("dependencies: 1.85.0-");
}

#[test]
fn a_digest_behind_the_tag_of_a_base_image() {
    let registry = Registry::start();
    let (alpine, image) = (base_image("alpine"), format!("{}/alpine:3.24", registry.here()));
    sh!("/", "docker tag {alpine} {image}").succeeds();
    let pushed = sh!("/", "docker push --quiet {image}");
    sh!("/", "docker image rm {image}").succeeds();
    pushed.succeeds();
    // The command that the page shows.
    let inspected = sh!("/", "docker buildx imagetools inspect {image}").succeeds();
    let digest = inspected.stdout.lines().find_map(|line| line.strip_prefix("Digest:"));
    let digest = digest.unwrap().trim();
    let project = seven().paste();
    let pinned = format!("FROM {image}@{digest} AS alpine");
    project.edit("Dockerfile", "FROM alpine:3.24 AS alpine", &pinned);
    // No stand-in for alpine.
    let rust = format!("rust=docker-image://{}", base_image("rust"));
    let options = ["--load", "--build-context", &rust, "--tag", &project.image];
    let build = || project.turn(&mut cmd!(project, "docker buildx build {options...} ."));
    build().succeeds();
    project.container("", "app").prints("7");
    let other = format!("sha256:{}", "0".repeat(64));
    project.edit("Dockerfile", digest, &other);
    build().fails(&other);
}
