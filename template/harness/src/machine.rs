//! The machine that builds: its engine, its base images, and what its measurements depend on.

use std::fs::File;
use std::sync::LazyLock;

use crate::{Outcome, cmd, read, repository, run, sh, words};

/// The options in `BUILD_FLAGS`, with which `docker buildx build` finds the stand-in images.
pub fn build_flags() -> Vec<String> {
    let flags = std::env::var("BUILD_FLAGS").unwrap_or_default();
    words(&flags)
}

/// The image that the stage `rust` or `alpine` of the Dockerfile starts from, or its stand-in.
pub fn base_image(stage: &str) -> String {
    let stand_in = format!("{stage}=docker-image://");
    if let Some(image) = build_flags().iter().find_map(|flag| flag.strip_prefix(&stand_in)) {
        return image.to_owned();
    }
    let end = format!(" AS {stage}");
    let dockerfile = read("Dockerfile");
    let mut lines = dockerfile.lines();
    let from = lines.find_map(|line| line.strip_prefix("FROM ")?.strip_suffix(&end));
    let from = from.unwrap_or_else(|| panic!("the Dockerfile has no stage {stage}"));
    from.rsplit(' ').next().unwrap().to_owned()
}

/// Today's date in UTC, like 2026-11-27.
pub fn today() -> String {
    sh!("/", "date -u +%Y-%m-%d").succeeds().last_line().to_owned()
}

/// What measurements depend on: processor, cores, versions and base image, in one line.
pub fn machine() -> String {
    let first = |outcome: Outcome| outcome.succeeds().stdout.lines().next().unwrap().to_owned();
    let (name, version) = ("s/^model name.*: //p", "Docker {{.Server.Version}}");
    let processor = first(sh!("/", "sed -n {name} /proc/cpuinfo"));
    let engine = first(sh!("/", "docker version --format {version}"));
    let buildx = first(sh!("/", "docker buildx version"));
    let buildx = buildx.split_whitespace().nth(1).unwrap();
    let (cores, image) = (first(sh!("/", "nproc")), base_image("rust"));
    format!("{processor}, {cores} cores, {engine}, buildx {buildx}, {image}")
}

/// Waits for the turn to use this machine's builder. Dropping the result ends it.
///
/// Builds that share steps crash Docker 26, with a nil pointer in BuildKit's `walkProvenance`, and so
/// run one at a time there.
pub(crate) fn builder_lock() -> File {
    static ONE_AT_A_TIME: LazyLock<bool> = LazyLock::new(|| {
        let format = "{{.Server.Version}}";
        let version = sh!("/", "docker version --format {format}").succeeds();
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
        let options = ["--target=toolchain", "--output=type=cacheonly"];
        let bases = build_flags();
        let mut build = cmd!(repository(), "docker buildx build {options...} {bases...} .");
        // As the Makefile does, because it is a part of the cache key.
        build.env("SOURCE_DATE_EPOCH", "0");
        run(&mut build).succeeds();
    });
    let lock = builder_lock();
    LazyLock::force(&TOOLCHAIN);
    lock
}
