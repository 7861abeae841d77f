//! What a developer waits in a week of work, by way to build.

use serde::Serialize;

use crate::results::{Row, median};
use crate::ways::INCREMENTAL;

/// The way in which a developer starts a build.
#[derive(Clone, Copy, PartialEq)]
enum Start {
    /// To run an edit at once.
    Run,
    /// To make an image for others.
    Build,
}

/// The week: how often, what for, and the situation.
const WEEK: [(u32, &str, Start, u32); 5] = [
    (50, "edits run", Start::Run, 3),
    (10, "images built", Start::Build, 3),
    (3, "dependencies added", Start::Build, 7),
    (13, "CI runs", Start::Build, 9),
    (2, "CI runs with a new dependency", Start::Build, 13),
];

pub const OWN: &str = "this template";

/// Names, and the peers that run an edit and that build an image.
const WAYS: [(&str, &str, &str); 6] = [
    (OWN, "template-run", "template"),
    (
        "Docker's guide, incremental",
        "guide-incremental",
        "guide-incremental",
    ),
    ("Docker's guide", "guide", "guide"),
    ("cargo-chef", "chef", "chef"),
    ("2018 post, mended", "2018-mended", "2018-mended"),
    ("COPY . . and build", "plain", "plain"),
];

/// The week of one way to build.
#[derive(Serialize)]
pub struct Week {
    pub way: &'static str,
    /// Seconds of each kind of wait, once, as in `WEEK`.
    pub once: Vec<f64>,
    pub minutes: f64,
    /// The largest of these waits as a multiple of the fastest way's, and its name.
    pub worst: f64,
    pub worst_name: &'static str,
}

/// What the week consists of, like `50 edits run`.
pub fn kinds() -> Vec<String> {
    WEEK.iter()
        .map(|(times, name, ..)| format!("{times} {name}"))
        .collect()
}

/// Seconds that a peer takes. What compiles incrementally begins like its namesake where all is new,
/// and `COPY . .` compiles all of it whatever the edit.
fn seconds(rows: &[Row], situation: u32, peer: &str) -> Option<f64> {
    let situation = if peer == "plain" { 3 } else { situation };
    let namesake = peer.trim_end_matches(INCREMENTAL);
    let measured = |peer| median(rows, "large", situation, peer);
    Some(measured(peer).or_else(|| measured(namesake))?.0)
}

/// The weeks of all ways that were measured in all of these situations.
pub fn weeks(rows: &[Row]) -> Vec<Week> {
    let once = |run: &str, build: &str| -> Option<Vec<f64>> {
        let peer = |start| if start == Start::Run { run } else { build };
        let waits = WEEK.iter();
        waits
            .map(|(.., start, situation)| seconds(rows, *situation, peer(*start)))
            .collect()
    };
    let measured: Vec<_> = WAYS
        .iter()
        .filter_map(|(way, run, build)| Some((*way, once(run, build)?)))
        .collect();
    let fastest = |kind: usize| {
        let times = measured.iter().map(|(_, once)| once[kind]);
        times.fold(f64::INFINITY, f64::min)
    };
    let week = |(way, once): &(&'static str, Vec<f64>)| {
        let factors = once
            .iter()
            .enumerate()
            .map(|(kind, time)| time / fastest(kind));
        let names = WEEK.iter().map(|(_, name, ..)| *name);
        let (worst, worst_name) = factors
            .zip(names)
            .max_by(|one, two| one.0.total_cmp(&two.0))?;
        let total: f64 = WEEK
            .iter()
            .zip(once)
            .map(|(kind, time)| f64::from(kind.0) * time)
            .sum();
        Some(Week {
            way,
            once: once.clone(),
            minutes: total / 60.0,
            worst,
            worst_name,
        })
    };
    measured.iter().filter_map(week).collect()
}
