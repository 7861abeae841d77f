//! This repository, and `cargo generate` from it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::id;
use std::sync::LazyLock;

use crate::{Outcome, cmd, run, sh, words};

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
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    folders.nth(2).unwrap()
}

/// The text of a file of this repository.
pub fn read(file: &str) -> String {
    let path = repository().join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Copies this repository's files to `folder`, but none that git ignores, and commits them there.
pub fn copy_repository(folder: &Path) {
    copy_files(repository(), folder);
    commit(folder);
}

/// Copies the files in `from`, a folder of this repository, to `to`, but none that git ignores.
pub fn copy_files(from: &Path, to: &Path) {
    // .gitignore only names the target folder of the root, and Cargo makes others.
    let files = "ls-files --cached --others --exclude-standard --exclude=target";
    let files = words(files);
    for file in sh!(from, "git {files...}").succeeds().stdout.lines() {
        if from.join(file).exists() {
            fs::create_dir_all(to.join(file).parent().unwrap()).unwrap();
            fs::copy(from.join(file), to.join(file)).unwrap();
        }
    }
}

/// Commits all files in `folder`, after making it a git repository if it is none.
pub fn commit(folder: impl AsRef<Path>) {
    let author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    sh!(folder, "git init --quiet").succeeds();
    sh!(folder, "git add --all").succeeds();
    sh!(folder, "git {author...} commit --quiet --allow-empty --message=All").succeeds();
}

/// Runs `cargo generate` in `folder`, from a copy of this repository, uncommitted changes included,
/// with arguments in a shell's syntax.
pub fn generate(folder: &Path, arguments: &str) -> Outcome {
    static COPY: LazyLock<PathBuf> = LazyLock::new(|| {
        // Not a temporary folder, because Rust never drops a static. The next run removes it.
        let copies = repository().join("target/template/copies");
        for copy in fs::read_dir(&copies).into_iter().flatten().map(Result::unwrap) {
            if !Path::new("/proc").join(copy.file_name()).exists() {
                fs::remove_dir_all(copy.path()).unwrap();
            }
        }
        let copy = copies.join(id().to_string());
        copy_repository(&copy);
        copy
    });
    let url = format!("file://{}", COPY.display());
    generate_from(&format!("--git {url} {arguments}"), folder)
}

/// `cargo generate` in `folder`, with arguments in a shell's syntax that name the source: `--git`
/// and a URL, or `--path` and a folder.
///
/// Runs the program in the variable `CARGO_GENERATE`, or else `cargo-generate` from `PATH`.
pub fn generate_from(arguments: &str, folder: &Path) -> Outcome {
    let program = std::env::var("CARGO_GENERATE").unwrap_or_else(|_| "cargo-generate".to_owned());
    let arguments = words(arguments);
    run(cmd!(folder, "{program} generate {arguments...}").env("USER", "test"))
}
