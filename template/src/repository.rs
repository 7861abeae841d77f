//! This repository, and `cargo generate` from it.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::{Outcome, command, run};

/// The files that `cargo generate` copies unchanged, into new and existing projects alike.
pub const CONTAINER_FILES: [&str; 6] = [
    ".dockerignore",
    ".gitattributes",
    ".github/dependabot.yml",
    ".github/workflows/ci.yml",
    "Dockerfile",
    "Makefile",
];

/// The folder of the template's repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Copies this repository's files to `folder`, but none that git ignores, and commits them there.
pub fn copy_repository(folder: &Path) {
    copy_files(repository(), folder);
    commit(folder);
}

/// Copies the files in `from`, a folder of this repository, to `to`, but none that git ignores.
pub fn copy_files(from: &Path, to: &Path) {
    // .gitignore only names the target folder of the root, and Cargo makes others.
    let files = [
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "--exclude=target",
    ];
    let listed = run(&mut command(from, "git", &files)).succeeds();
    for file in listed.stdout.lines() {
        if from.join(file).exists() {
            fs::create_dir_all(to.join(file).parent().unwrap()).unwrap();
            fs::copy(from.join(file), to.join(file)).unwrap();
        }
    }
}

/// Commits all files in `folder`, after making it a git repository if it is none.
pub fn commit(folder: &Path) {
    let author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--allow-empty", "--message=All"],
    ] {
        run(command(folder, "git", &author).args(arguments)).succeeds();
    }
}

/// Runs `cargo generate` in `folder`, from a copy of this repository, uncommitted changes included.
pub fn generate(folder: &Path, arguments: &[&str]) -> Outcome {
    // Not one copy for all tests, because Rust never drops a static: the folder would stay.
    let template = TempDir::new().unwrap();
    copy_repository(template.path());
    let url = format!("file://{}", template.path().display());
    generate_from(["--git", &url], folder, arguments)
}

/// `cargo generate` in `folder`, from `source`: `--git` and a URL, or `--path` and a folder.
///
/// Runs the program in the variable `CARGO_GENERATE`, or else `cargo-generate` from `PATH`.
pub fn generate_from(source: [&str; 2], folder: &Path, arguments: &[&str]) -> Outcome {
    let program = std::env::var("CARGO_GENERATE").unwrap_or_else(|_| "cargo-generate".to_owned());
    run(command(folder, &program, &["generate"])
        .args(source)
        .args(arguments)
        .env("USER", "test"))
}
