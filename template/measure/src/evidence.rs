//! The traps into which ways to build an image fall, what was seen of each, and the page of both.

use std::fs;
use std::path::PathBuf;

use minijinja::context;
use serde::{Deserialize, Serialize};
use workshop::repository;

use crate::{page, table};

/// The ways that are tried: their names in the results, and on the page. All but the first have a
/// Dockerfile in `bench/peers`.
pub const PEERS: [(&str, &str); 6] = [
    ("template", "this template"),
    ("guide", "Docker's guide"),
    ("chef", "cargo-chef"),
    ("2018", "2018 post"),
    ("2018-mended", "2018 post, mended"),
    ("plain", "`COPY . .` and build"),
];

/// The folder of the tests that guard.
const TESTS: &str = "template/harness/tests/all";

/// A row of `traps.csv`, whose words may have Markdown in them.
#[derive(Clone, Deserialize, Serialize)]
pub struct Trap {
    pub name: String,
    /// The heading that it is under.
    pub group: String,
    pub title: String,
    /// Why it is not tried, and what answers it. Empty if it is tried, by an attempt of its name.
    pub untried: String,
    /// For one that is not tried: the file in `TESTS` and the name of a test that fails if this
    /// template falls into it, like `image.rs: program_is_static`. Empty if there is none.
    pub guard: String,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Avoids,
    Falls,
    /// There is no image, because the build fails.
    Fails,
}

/// A row of `results.csv`: what was seen when a way was led into a trap.
#[derive(Clone, Deserialize, Serialize)]
pub struct Row {
    pub date: String,
    /// Processor, cores and versions.
    pub machine: String,
    pub trap: String,
    pub peer: String,
    pub verdict: Verdict,
    /// In a few words, which may have Markdown in them.
    pub seen: String,
}

/// All traps, in the order of the page.
pub fn traps() -> Vec<Trap> {
    table::read(&folder().join("traps.csv"))
}

/// Those that are tried.
pub fn tried(traps: &[Trap]) -> impl Iterator<Item = &Trap> {
    traps.iter().filter(|trap| trap.untried.is_empty())
}

/// The rows of traps that are tried, in the order of the page.
pub fn rows(traps: &[Trap]) -> Vec<Row> {
    let mut rows: Vec<Row> = table::read(&folder().join("results.csv"));
    rows.retain(|row| place(traps, row).is_some());
    rows
}

/// Adds a row in place of the one of the same trap and peer, and keeps the order of the page.
pub fn add(traps: &[Trap], rows: &mut Vec<Row>, row: Row) {
    rows.retain(|other| other.trap != row.trap || other.peer != row.peer);
    rows.push(row);
    rows.sort_by_key(|row| place(traps, row));
}

/// Writes the rows and the page.
pub fn save(traps: &[Trap], rows: &[Row]) {
    table::write(&folder().join("results.csv"), rows);
    fs::write(repository().join("template/EVIDENCE.md"), page(traps, rows)).unwrap();
}

/// Is there a test that `guard` names? As rustfmt writes it, its attributes are the lines above it.
pub fn is_test(guard: &str) -> bool {
    let Some((file, name)) = guard.split_once(": ") else {
        return false;
    };
    let Ok(text) = fs::read_to_string(repository().join(TESTS).join(file)) else {
        return false;
    };
    let above = text.split_once(&format!("\nfn {name}() {{\n"));
    let attributes = above.map(|(above, _)| above.lines().rev());
    attributes.is_some_and(|lines| {
        let mut attributes = lines.take_while(|line| line.starts_with("#["));
        attributes.any(|line| line == "#[test]")
    })
}

/// The text of the page.
pub fn page(traps: &[Trap], rows: &[Row]) -> String {
    let (tried, untried): (Vec<_>, Vec<_>) = traps.iter().partition(|trap| trap.untried.is_empty());
    let avoided = PEERS.map(|(peer, _)| {
        let avoids = |row: &&Row| row.peer == peer && row.verdict == Verdict::Avoids;
        rows.iter().filter(avoids).count()
    });
    let lines: Vec<_> = tried.iter().map(|trap| line(trap, rows)).collect();
    page::render(
        "template/evidence/EVIDENCE.md.j2",
        context!(
            peers => PEERS.map(|(_, title)| title),
            avoided,
            tried => tried.len(),
            groups => lines.chunk_by(|one, other| one.group == other.group).collect::<Vec<_>>(),
            untried => untried.iter().map(|trap| line(trap, rows)).collect::<Vec<_>>(),
            machines => page::machines(rows.iter().map(|row| (&*row.machine, &*row.date))),
        ),
    )
}

/// A line of a table.
#[derive(Serialize)]
struct Line<'a> {
    group: &'a str,
    title: &'a str,
    /// One for each peer: what was seen, in bold if the peer falls, in italics if its build fails.
    cells: Vec<String>,
    untried: &'a str,
    /// A link to the file of the test, whose text is the test's name as a sentence. May be empty.
    guard: String,
}

fn line<'a>(trap: &'a Trap, rows: &[Row]) -> Line<'a> {
    let cell = |peer: &str| {
        let row = rows.iter().find(|row| row.trap == trap.name && row.peer == peer)?;
        let seen = row.seen.replace('|', "\\|");
        Some(match row.verdict {
            Verdict::Avoids => seen,
            Verdict::Falls => format!("**{seen}**"),
            Verdict::Fails => format!("*{seen}*"),
        })
    };
    let guard = trap.guard.split_once(": ").map(|(file, name)| {
        let sentence = name.replace('_', " ");
        format!("[{sentence}](harness/tests/all/{file})")
    });
    Line {
        group: &trap.group,
        title: &trap.title,
        cells: PEERS.map(|(peer, _)| cell(peer).unwrap_or_default()).to_vec(),
        untried: &trap.untried,
        guard: guard.unwrap_or_default(),
    }
}

/// The places of a row's trap and peer on the page. `None` if the row has no place there.
fn place(traps: &[Trap], row: &Row) -> Option<(usize, usize)> {
    let is_its = |trap: &Trap| trap.name == row.trap && trap.untried.is_empty();
    let trap = traps.iter().position(is_its)?;
    let peer = PEERS.iter().position(|(peer, _)| *peer == row.peer)?;
    Some((trap, peer))
}

fn folder() -> PathBuf {
    repository().join("template/evidence")
}
