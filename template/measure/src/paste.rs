//! Published programs, each with the container files added to it and nothing else changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use workshop::workflow::{ci, shipped};
use workshop::{Outcome, Project, cmd, machine, repository, run, sh, today};

use crate::table;

/// A row of `crates.csv`: a program to try.
#[derive(Deserialize)]
pub struct Program {
    pub name: String,
    pub version: String,
    /// The date on which an old version was published. Empty if it is the newest.
    pub published: String,
    /// The checksum of its source distribution for Python, which has the whole workspace. Empty if
    /// the package on crates.io is tried, which has the crate alone.
    pub sdist_sha256: String,
    /// Arguments with which the program has to succeed, like `--version`.
    pub arguments: String,
    /// What it has to print then.
    pub prints: String,
    /// Are the steps of `ci.yml` run, too?
    pub ci: bool,
    /// Why it fails, if the cause is known.
    pub note: String,
}

/// A row of `results.csv`: how a program did.
#[derive(Deserialize, Serialize)]
pub struct Row {
    pub date: String,
    /// Processor, cores and versions.
    pub machine: String,
    pub name: String,
    pub version: String,
    /// Packages in the lock file, less one for the program itself.
    pub crates: usize,
    pub built: bool,
    pub ran: bool,
    /// Does `make check` succeed with the program's arguments? Empty if it was not run.
    #[serde(default)]
    pub checked: Option<bool>,
    /// Do the steps of `ci.yml` succeed? Empty if they were not run.
    #[serde(default)]
    pub ci: Option<bool>,
    /// Wall time of the first build. The shared caches have the crates of programs tried before.
    pub seconds: u64,
    /// Size of the unpacked image. 0 if there is none.
    pub scratch_bytes: u64,
    pub alpine_bytes: u64,
    /// Why it failed. Empty if it did not.
    pub note: String,
}

/// All programs of `crates.csv`.
pub fn programs() -> Vec<Program> {
    read("crates.csv")
}

/// The rows of a file in `template/paste`. Empty if the file does not exist.
pub fn read<T: DeserializeOwned>(file: &str) -> Vec<T> {
    table::read(&repository().join("template/paste").join(file))
}

/// Downloads the sources as they were published, checks their checksum, and returns their folder.
fn download(program: &Program, home: &Path) -> PathBuf {
    let Program { name, version, sdist_sha256, .. } = program;
    if sdist_sha256.is_empty() {
        let package = format!("{name}@{version}");
        run(cmd!(home, "cargo info --quiet {package}").env("CARGO_HOME", home)).succeeds();
        let registry = fs::read_dir(home.join("registry/src")).unwrap().next();
        let registry = registry.unwrap().unwrap().path();
        return registry.join(format!("{name}-{version}"));
    }
    let script = repository().join("template/paste/sdist.py");
    let folder = sh!(home, "python3 {script} {name} {version} {sdist_sha256}").succeeds();
    home.join(folder.last_line())
}

/// Packages in the lock file, less one for the program itself. 0 if there is no lock file.
pub(crate) fn locked_crates(project: &Project) -> usize {
    let lock = fs::read_to_string(project.path.join("Cargo.lock")).unwrap_or_default();
    lock.matches("[[package]]").count().saturating_sub(1)
}

/// The bytes that `make size-check` printed. 0 if it failed.
pub(crate) fn image_bytes(size_check: &Outcome) -> u64 {
    let bytes = size_check.last_line().split(' ').nth(1);
    bytes.and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// The first line of a log that begins with `error`, cut to 160 characters.
pub fn reason(log: &str) -> String {
    // BuildKit's lines begin with the number of the step, and the time.
    let number = |c: char| c.is_ascii_digit() || "#. ".contains(c);
    let mut texts = log.lines().map(|line| line.trim_start_matches(number));
    let error = texts.find(|text| text.starts_with("error"));
    error.unwrap_or("see its log").chars().take(160).collect()
}

/// Builds both images of a program, runs and checks them, and runs `ci.yml` if the list says so.
/// Returns the result and the log.
pub fn try_out(program: &Program) -> (Row, String) {
    let project = Project::published(|home| download(program, home));
    let mut row = Row {
        date: today(),
        machine: machine(),
        name: program.name.clone(),
        version: program.version.clone(),
        crates: locked_crates(&project),
        built: false,
        ran: false,
        checked: None,
        ci: None,
        seconds: 0,
        scratch_bytes: 0,
        alpine_bytes: 0,
        note: String::new(),
    };
    let mut log = String::new();
    let mut take = |outcome: Outcome| {
        log += &format!("{outcome}\n");
        outcome
    };
    let arguments = &program.arguments;
    let begin = Instant::now();
    for base in ["alpine", "scratch"] {
        let make = |target: &str| {
            project.make_with_any_layer(&format!("{target} BASE={base} 'ARGS={arguments}'"))
        };
        row.built = take(make("build")).success;
        if row.seconds == 0 {
            row.seconds = begin.elapsed().as_secs();
        }
        if !row.built {
            break;
        }
        let app = if base == "alpine" { "app" } else { "" };
        let ran = take(project.container("", &format!("{app} {arguments}")));
        row.ran = ran.success && ran.to_string().contains(&program.prints);
        let bytes = image_bytes(&take(make("size-check MAX_SIZE=1000000000")));
        match base {
            "alpine" => row.alpine_bytes = bytes,
            _ => row.scratch_bytes = bytes,
        }
        if !row.ran {
            break;
        }
        let checked = take(make("check")).success;
        row.checked = Some(checked && row.checked != Some(false));
    }
    if row.ran && program.ci {
        let outcomes = ci(&project, &shipped("ci.yml"));
        row.ci = Some(outcomes.is_ok());
        if let Err(reason) = outcomes {
            log += &reason;
        }
    }
    if !row.ran || row.checked == Some(false) || row.ci == Some(false) {
        row.note = match program.note.as_str() {
            "" => reason(&log),
            known => known.to_owned(),
        };
    }
    (row, log)
}
