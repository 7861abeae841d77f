//! Settings in `.cargo/config.toml` that fit the developers' machines do no harm in the container.

use std::fs;

use object::Endianness;
use object::elf::ET_EXEC;
use object::read::elf::{ElfFile64, FileHeader};
use workshop::Project;
use workshop::elf::asks_for_a_loader;
use workshop::small::{DEPENDING, SEVEN};

/// A program and a build script, because both are linked, with a configuration of Cargo.
fn with(config: &str) -> Project {
    let project = Project::pasted(&[DEPENDING, SEVEN, ("build.rs", "fn main() {}")]);
    // Only now, because this machine's Cargo would use these settings when it makes the lock file.
    project.configure(config);
    project
}

/// Panics unless the program runs on scratch, where one that is not static does not start.
fn runs(config: &str) {
    let project = with(config);
    let ran = project.make(&["run", "BASE=scratch"], "").succeeds();
    assert_eq!(ran.last_line(), "7", "{config}");
    assert_eq!(ran.compiled("build"), ["one"], "{config} {ran}");
}

/// The kind of the ELF file of the built program, and whether it asks for a loader.
fn program(project: &Project) -> (u16, bool) {
    let program = project.program();
    let file = ElfFile64::<Endianness>::parse(&*program).unwrap();
    let kind = file.elf_header().e_type(file.endian());
    (kind, asks_for_a_loader(&program))
}

#[test]
fn compiler_caches() {
    runs(
        r#"
[build]
rustc-wrapper = "sccache"
rustc-workspace-wrapper = "/home/me/bin/wrapper"
"#,
    );
}

#[test]
fn linkers_for_all_of_linux() {
    runs(
        r#"
[target.'cfg(target_os = "linux")']
linker = "clang"
rustflags = ["-C", "link-arg=-fuse-ld=mold"]
"#,
    );
}

#[test]
fn linkers_for_the_developers_own_target() {
    runs(
        r#"
[target.x86_64-unknown-linux-gnu]
linker = "/usr/bin/clang-19"
rustflags = ["-Clink-arg=-fuse-ld=/opt/mold/bin/mold", "-Ctarget-cpu=native"]

[target.aarch64-unknown-linux-gnu]
linker = "aarch64-linux-gnu-clang"
"#,
    );
}

#[test]
fn the_other_linkers_and_their_options() {
    for flags in [
        r#""-Clink-arg=-fuse-ld=lld", "-Clink-arg=-Wl,--gc-sections,--icf=all""#,
        r#""-Clink-arg=-fuse-ld=gold", "-Clink-args=-Wl,-O2 -Wl,--as-needed -rdynamic""#,
        r#""-Clink-arg=-fuse-ld=bfd", "-lm", "-ldl", "-Clink-arg=-lgcc", "-Clink-arg=-lpthread""#,
    ] {
        runs(&format!(
            r#"
[target.'cfg(unix)']
rustflags = [{flags}]
"#
        ));
    }
}

#[test]
fn another_target_and_other_folders() {
    runs(
        r#"
[build]
target = "x86_64-unknown-linux-gnu"
target-dir = "out"
build-dir = "{workspace-root}/build"
incremental = true
"#,
    );
}

#[test]
fn several_targets() {
    runs(
        r#"
[build]
target = ["aarch64-apple-darwin", "x86_64-pc-windows-msvc", "x86_64-unknown-linux-gnu"]
target-dir = "/mnt/fast/target"
jobs = 1
"#,
    );
}

#[test]
fn variables_with_paths_from_the_project() {
    let config = r#"
[env]
WORD_FILE = { value = "words/first.txt", relative = true }
GREETING = { value = "hello", force = true }
"#;
    let project = with(config);
    fs::create_dir(project.path.join("words")).unwrap();
    fs::write(project.path.join("words/first.txt"), "world").unwrap();
    let main =
        r#"fn main() { println!("{} {}", env!("GREETING"), include_str!(env!("WORD_FILE"))) }"#;
    fs::write(project.path.join("src/main.rs"), main).unwrap();
    let ran = project.make(&["run"], "").succeeds();
    assert_eq!(ran.last_line(), "hello world");
}

#[test]
fn a_program_that_is_not_position_independent() {
    let project = with(
        r#"
[target.'cfg(target_env = "musl")']
rustflags = ["-C", "relocation-model=static"]
"#,
    );
    project.make(&["build", "BASE=scratch"], "").succeeds();
    assert_eq!(project.container(&[], &[]).succeeds().stdout, "7\n");
    assert_eq!(program(&project), (ET_EXEC, false));
}
