//! Settings in `.cargo/config.toml` that fit the developers' machines do no harm in the container.

use object::elf::ET_EXEC;
use workshop::Project;
use workshop::elf::asks_for_a_loader;
use workshop::package::{CONFIG, seven};

/// A program and a build script, because both are linked, with a configuration of Cargo.
fn with(config: &str) -> Project {
    let project = seven().build_script("").paste();
    // Only now, because this machine's Cargo would use these settings when it makes the lock file.
    project.write(CONFIG, config);
    project
}

/// Panics unless the program runs on scratch, where one that is not static does not start.
fn runs(config: &str) {
    with(config).run("BASE=scratch").prints("7").compiles(["one"]);
}

#[test]
fn compiler_caches_a_linker_for_all_of_linux_another_target_and_other_folders() {
    let config = r#"
[build]
rustc-wrapper = "sccache"
rustc-workspace-wrapper = "/home/me/bin/wrapper"
target = "x86_64-unknown-linux-gnu"
target-dir = "out"
build-dir = "{workspace-root}/build"
incremental = true
[target.'cfg(target_os = "linux")']
linker = "clang"
rustflags = ["-C", "link-arg=-fuse-ld=mold"]
"#;
    runs(config);
}

#[test]
fn linkers_for_the_developers_own_target_with_options_and_several_targets() {
    // gold is the last linker, because the image does not have it. It has bfd.
    let config = r#"
[build]
target = ["aarch64-apple-darwin", "x86_64-pc-windows-msvc", "x86_64-unknown-linux-gnu"]
target-dir = "/mnt/fast/target"
jobs = 1
[target.x86_64-unknown-linux-gnu]
linker = "/usr/bin/clang-19"
rustflags = ["-Clink-arg=-fuse-ld=/opt/mold/bin/mold", "-Ctarget-cpu=native"]
[target.aarch64-unknown-linux-gnu]
linker = "aarch64-linux-gnu-clang"
[target.'cfg(unix)']
rustflags = [
    "-Clink-arg=-fuse-ld=bfd", "-lm", "-ldl", "-Clink-arg=-lgcc", "-Clink-arg=-lpthread",
    "-Clink-arg=-fuse-ld=lld", "-Clink-arg=-Wl,--gc-sections,--icf=all",
    "-Clink-arg=-fuse-ld=gold", "-Clink-args=-Wl,-O2 -Wl,--as-needed -rdynamic",
]
"#;
    runs(config);
}

#[test]
fn variables_with_paths_from_the_project_and_a_program_that_is_not_position_independent() {
    let config = r#"
[env]
WORD_FILE = { value = "words/first.txt", relative = true }
GREETING = { value = "hello", force = true }
[target.'cfg(target_env = "musl")']
rustflags = ["-C", "relocation-model=static"]
"#;
    let project = with(config);
    project.write("words/first.txt", "world");
    let words = r#"env!("GREETING"), include_str!(env!("WORD_FILE")), "#;
    project.edit("src/main.rs", "{}\", ", &format!("{{}} {{}} {{}}\", {words}"));
    project.build("BASE=scratch").succeeds();
    assert_eq!(project.starts().succeeds().stdout, "hello world 7\n");
    let program = project.program();
    // The ELF header has the kind of the file here.
    let kind = u16::from_le_bytes([program[16], program[17]]);
    assert_eq!((kind, asks_for_a_loader(&program)), (ET_EXEC, false));
}
