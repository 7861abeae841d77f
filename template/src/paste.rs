//! Published programs, each with the container files added to it and nothing else changed.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::{Outcome, Project, command, repository, run, today};

/// What is tried, from `crates.csv`.
#[derive(Deserialize)]
pub struct Program {
    pub name: String,
    pub version: String,
    /// The checksum of its source distribution for Python, which has the whole workspace. Empty if
    /// the crate's own package is tried, which has none.
    pub sdist_sha256: String,
    /// With which the program has to succeed, like `--version`, and what it has to print.
    pub arguments: String,
    pub prints: String,
    /// Why it fails, where the cause is known.
    pub note: String,
}

/// What came of it, in `results.csv`.
#[derive(Deserialize, Serialize)]
pub struct Row {
    pub date: String,
    pub name: String,
    pub version: String,
    /// Packages in the lock file, but for one of its own.
    pub crates: usize,
    pub built: bool,
    pub ran: bool,
    /// Wall time of the first build, with the shared caches as they were.
    pub seconds: u64,
    /// Of the image, unpacked. 0 if there is none.
    pub scratch_bytes: u64,
    pub alpine_bytes: u64,
    /// Why it failed.
    pub note: String,
}

/// The list of the programs.
pub fn programs() -> Vec<Program> {
    let file = repository().join("template/paste/crates.csv");
    let mut reader = csv::Reader::from_path(file).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// The sources as they were published. Their checksums are compared on the way.
fn download(program: &Program, home: &Path) -> PathBuf {
    let Program { name, version, .. } = program;
    if program.sdist_sha256.is_empty() {
        let package = format!("{name}@{version}");
        let info = ["info", "--quiet", &package];
        run(command(home, "cargo", &info).env("CARGO_HOME", home)).succeeds();
        let registry = std::fs::read_dir(home.join("registry/src")).unwrap().next();
        let registry = registry.unwrap().unwrap().path();
        return registry.join(format!("{name}-{version}"));
    }
    let script = repository().join("template/paste/sdist.py");
    let script = script.to_str().unwrap();
    let arguments = [script, name, version, &program.sdist_sha256];
    let folder = run(&mut command(home, "python3", &arguments)).succeeds();
    home.join(folder.stdout.trim())
}

/// Builds both images of a program and runs them. Returns what came of it, and the log.
pub fn try_out(program: &Program) -> (Row, String) {
    let project = Project::published(|home| download(program, home));
    let lock = std::fs::read_to_string(project.path.join("Cargo.lock")).unwrap_or_default();
    let mut row = Row {
        date: today(),
        name: program.name.clone(),
        version: program.version.clone(),
        crates: lock.matches("[[package]]").count().saturating_sub(1),
        built: false,
        ran: false,
        seconds: 0,
        scratch_bytes: 0,
        alpine_bytes: 0,
        note: String::new(),
    };
    let mut log = String::new();
    let words: Vec<_> = program.arguments.split_whitespace().collect();
    let begin = Instant::now();
    for base in ["alpine", "scratch"] {
        let mut take = |outcome: Outcome| {
            log += &format!("{outcome}\n");
            outcome
        };
        let base_ = format!("BASE={base}");
        row.built = take(project.make(&["build", &base_], "")).success;
        if row.seconds == 0 {
            row.seconds = begin.elapsed().as_secs();
        }
        if !row.built {
            break;
        }
        let words = [if base == "alpine" { &["app"][..] } else { &[] }, &words].concat();
        let ran = take(project.container(&[], &words));
        row.ran = ran.success && ran.to_string().contains(&program.prints);
        let size = take(project.make(&["size-check", &base_, "MAX_SIZE=1000000000"], ""));
        let bytes = size
            .last_line()
            .split(' ')
            .nth(1)
            .and_then(|word| word.parse().ok());
        match base {
            "alpine" => row.alpine_bytes = bytes.unwrap_or(0),
            _ => row.scratch_bytes = bytes.unwrap_or(0),
        }
        if !row.ran {
            break;
        }
    }
    if !row.ran {
        let error = log.lines().find(|line| line.contains("error"));
        let seen = error.unwrap_or("see its log").chars().take(160).collect();
        row.note = match program.note.as_str() {
            "" => seen,
            known => known.to_owned(),
        };
    }
    (row, log)
}
