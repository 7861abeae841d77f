//! The machine that builds: its engine, its base images, and what its measurements depend on.

use std::fs::{self, File};
use std::path::Path;
use std::sync::LazyLock;

use crate::{command, docker, repository, run};

/// The options in `BUILD_FLAGS`, with which `docker buildx build` finds the stand-in images.
pub fn build_flags() -> Vec<String> {
    let flags = std::env::var("BUILD_FLAGS").unwrap_or_default();
    flags.split_whitespace().map(str::to_owned).collect()
}

/// The image that the stage `rust` or `alpine` of the Dockerfile starts from, or its stand-in.
pub fn base_image(stage: &str) -> String {
    let stand_in = format!("{stage}=docker-image://");
    if let Some(image) = build_flags()
        .iter()
        .find_map(|flag| flag.strip_prefix(&stand_in))
    {
        return image.to_owned();
    }
    let dockerfile = fs::read_to_string(repository().join("Dockerfile")).unwrap();
    let from = dockerfile
        .lines()
        .find_map(|line| {
            line.strip_prefix("FROM ")?
                .strip_suffix(&format!(" AS {stage}"))
        })
        .unwrap_or_else(|| panic!("the Dockerfile has no stage {stage}"));
    from.rsplit(' ').next().unwrap().to_owned()
}

/// Today's date in UTC, like 2026-11-27.
pub fn today() -> String {
    let text = run(&mut command(Path::new("/"), "date", &["-u", "+%Y-%m-%d"])).succeeds();
    text.stdout.trim().to_owned()
}

/// What measurements depend on: processor, cores, versions and base image, in one line.
pub fn machine() -> String {
    let line = |program: &str, arguments: &[&str]| {
        let outcome = run(&mut command(Path::new("/"), program, arguments)).succeeds();
        outcome.stdout.lines().next().unwrap_or_default().to_owned()
    };
    let processor = line("sh", &["-c", "sed -n 's/^model name.*: //p' /proc/cpuinfo"]);
    let engine = line(
        "docker",
        &["version", "--format", "Docker {{.Server.Version}}"],
    );
    let buildx = line("docker", &["buildx", "version"]);
    let buildx = buildx.split_whitespace().nth(1).unwrap_or_default();
    let cores = line("nproc", &[]);
    let image = base_image("rust");
    format!("{processor}, {cores} cores, {engine}, buildx {buildx}, {image}")
}

/// Waits for the turn to use this machine's builder. Dropping the result ends it.
///
/// Builds that share steps crash Docker 26, with a nil pointer in BuildKit's `walkProvenance`, and so
/// run one at a time there.
pub(crate) fn builder_lock() -> File {
    static ONE_AT_A_TIME: LazyLock<bool> = LazyLock::new(|| {
        let version = ["version", "--format={{.Server.Version}}"];
        let version = docker(&version).succeeds();
        let (major, _) = version.stdout.split_once('.').unwrap();
        major.parse::<u32>().unwrap() < 28
    });
    let lock = File::create(std::env::temp_dir().join("rust-docker-template.lock")).unwrap();
    if *ONE_AT_A_TIME {
        lock.lock().unwrap();
    } else {
        lock.lock_shared().unwrap();
    }
    lock
}

/// As `builder_lock`, for a build of a project.
///
/// The first turn makes the toolchain. Else the first build would, and as long as that build went on,
/// BuildKit would find no cached layer on top of it for the tests that ask for one.
pub(crate) fn turn_to_build() -> File {
    static TOOLCHAIN: LazyLock<()> = LazyLock::new(|| {
        let build = ["buildx", "build", "--target=toolchain", "."];
        let mut build = command(repository(), "docker", &build);
        build.arg("--output=type=cacheonly").args(build_flags());
        // As the Makefile does, because it is a part of the cache key.
        build.env("SOURCE_DATE_EPOCH", "0");
        run(&mut build).succeeds();
    });
    let lock = builder_lock();
    LazyLock::force(&TOOLCHAIN);
    lock
}
