//! Published programs, each with the container files added to it and nothing else changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::workflow::{ci, shipped};
use crate::{Outcome, Project, command, machine, peers, repository, run, today};

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

/// A row of `edits.csv`: a line of a peer's Dockerfile that has to change for a program.
#[derive(Deserialize)]
struct Edit {
    program: String,
    peer: String,
    line: String,
    /// May have several lines.
    replacement: String,
}

/// A row of `peers.csv`: how a program did with a peer's Dockerfile.
#[derive(Deserialize, Serialize)]
pub struct PeerRow {
    pub date: String,
    pub name: String,
    pub version: String,
    pub peer: String,
    /// Lines that differ from the published Dockerfile.
    pub edits: usize,
    /// Does the program build and run with these edits?
    pub works: bool,
}

/// The peers to compare: their names for `peers::dockerfile`, and their names in the table.
pub const COMPARED: [(&str, &str); 3] = [
    ("guide", "Docker's guide"),
    ("chef", "cargo-chef"),
    ("2018-mended", "2018 post, mended"),
];

/// All programs of `crates.csv`.
pub fn programs() -> Vec<Program> {
    read("crates.csv")
}

/// Does `edits.csv` have an edit for the program? Only then the peers are tried with it.
pub fn is_compared(program: &Program) -> bool {
    let edits: Vec<Edit> = read("edits.csv");
    edits.iter().any(|edit| edit.program == program.name)
}

/// The rows of a file in `template/paste`. Empty if the file does not exist.
pub fn read<T: DeserializeOwned>(file: &str) -> Vec<T> {
    let file = repository().join("template/paste").join(file);
    if !file.exists() {
        return Vec::new();
    }
    let mut reader = csv::Reader::from_path(file).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// Builds a program with a peer's Dockerfile and the edits that it needs, and runs it. Returns the
/// result and the log.
pub fn try_peer(program: &Program, peer: &str) -> (PeerRow, String) {
    let project = Project::published(|home| download(program, home));
    let mut text = fs::read_to_string(peers::dockerfile(peer)).unwrap();
    let mut edits = 0;
    for edit in read::<Edit>("edits.csv") {
        if edit.program == program.name && edit.peer == peer {
            let same = |line: &&str| *line == edit.line;
            let count = text.lines().filter(same).count();
            assert!(count > 0, "{peer} has no line '{}':\n{text}", edit.line);
            let others = edit.replacement.lines().filter(|line| !same(line));
            edits += count * others.count();
            let changed = |line| {
                if same(&line) {
                    edit.replacement.as_str()
                } else {
                    line
                }
            };
            text = text.lines().map(changed).collect::<Vec<_>>().join("\n");
        }
    }
    // Beside the build context, so that the peer's `COPY . .` does not copy this file.
    let file = project.path.with_extension("Dockerfile");
    fs::write(&file, text).unwrap();
    let mut arguments = vec!["--file", file.to_str().unwrap()];
    let chef = peer.starts_with("chef").then(peers::chef_context);
    arguments.extend(chef.as_deref());
    let built = project.docker_build(&arguments);
    let mut log = built.to_string();
    let mut works = built.success;
    if works {
        let image = project.inspect();
        let words = program.arguments.split_whitespace();
        let words: Vec<_> = image["Config"]["Cmd"][0]
            .as_str()
            .into_iter()
            .chain(words)
            .collect();
        let ran = project.container(&[], &words);
        works = ran.success && ran.to_string().contains(&program.prints);
        log += &format!("\n{ran}");
    }
    let row = PeerRow {
        date: today(),
        name: program.name.clone(),
        version: program.version.clone(),
        peer: peer.to_owned(),
        edits,
        works,
    };
    (row, log)
}

/// Downloads the sources as they were published, checks their checksum, and returns their folder.
fn download(program: &Program, home: &Path) -> PathBuf {
    let Program { name, version, .. } = program;
    if program.sdist_sha256.is_empty() {
        let package = format!("{name}@{version}");
        let info = ["info", "--quiet", &package];
        run(command(home, "cargo", &info).env("CARGO_HOME", home)).succeeds();
        let registry = fs::read_dir(home.join("registry/src")).unwrap().next();
        let registry = registry.unwrap().unwrap().path();
        return registry.join(format!("{name}-{version}"));
    }
    let script = repository().join("template/paste/sdist.py");
    let script = script.to_str().unwrap();
    let arguments = [script, name, version, &program.sdist_sha256];
    let folder = run(&mut command(home, "python3", &arguments)).succeeds();
    home.join(folder.stdout.trim())
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
    let words: Vec<_> = program.arguments.split_whitespace().collect();
    let arguments = format!("ARGS={}", program.arguments);
    let begin = Instant::now();
    for base in ["alpine", "scratch"] {
        let base_ = format!("BASE={base}");
        row.built = take(project.make_with_any_layer(&["build", &base_], "")).success;
        if row.seconds == 0 {
            row.seconds = begin.elapsed().as_secs();
        }
        if !row.built {
            break;
        }
        let words = [if base == "alpine" { &["app"][..] } else { &[] }, &words].concat();
        let ran = take(project.container(&[], &words));
        row.ran = ran.success && ran.to_string().contains(&program.prints);
        let size = ["size-check", &base_, "MAX_SIZE=1000000000"];
        let bytes = image_bytes(&take(project.make_with_any_layer(&size, "")));
        match base {
            "alpine" => row.alpine_bytes = bytes,
            _ => row.scratch_bytes = bytes,
        }
        if !row.ran {
            break;
        }
        let check = ["check", &base_, &arguments];
        let checked = take(project.make_with_any_layer(&check, "")).success;
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
