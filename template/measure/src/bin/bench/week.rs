//! What a developer waits in a week of work, by way to build.

use serde::Serialize;

use crate::results::{Row, median};
use crate::situations::Situation::{self, Dependency, FreshDependency, FreshLine, Line};
use crate::ways::Way;

/// The week: how often, what for, and the situation. The first is to run an edit at once, and the
/// others make images.
const WEEK: [(u32, &str, Situation); 5] = [
    (50, "edits run", Line),
    (10, "images built", Line),
    (3, "dependencies added", Dependency),
    (13, "CI runs", FreshLine),
    (2, "CI runs with a new dependency", FreshDependency),
];

pub const OWN: &str = "this template";

/// Those that run an edit and those that build an image, by the name of both.
const WAYS: [(&str, Way, Way); 6] = [
    (OWN, Way::TemplateRun, Way::Template),
    ("Docker's guide, incremental", Way::GuideIncremental, Way::GuideIncremental),
    ("Docker's guide", Way::Guide, Way::Guide),
    ("cargo-chef", Way::Chef, Way::Chef),
    ("2018 post, mended", Way::Post, Way::Post),
    ("COPY . . and build", Way::Plain, Way::Plain),
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
    WEEK.iter().map(|(times, name, _)| format!("{times} {name}")).collect()
}

/// Seconds that a way takes. What compiles incrementally begins like its namesake where all is new,
/// and `COPY . .` compiles all of it whatever the edit.
fn seconds(rows: &[Row], situation: Situation, way: Way) -> Option<f64> {
    let found = match way {
        Way::Plain => median(rows, Line, way),
        Way::GuideIncremental if situation != Line => median(rows, situation, Way::Guide),
        _ => median(rows, situation, way),
    };
    Some(found?.0)
}

/// The weeks of all ways that were measured in all of these situations.
pub fn weeks(rows: &[Row]) -> Vec<Week> {
    let once = |run, build| -> Option<Vec<f64>> {
        let ways = [run, build, build, build, build];
        let waits = WEEK.iter().zip(ways);
        waits.map(|((.., situation), way)| seconds(rows, *situation, way)).collect()
    };
    let all = WAYS.iter().filter_map(|(name, run, build)| Some((*name, once(*run, *build)?)));
    let all: Vec<_> = all.collect();
    let fastest = |kind: usize| all.iter().map(|(_, once)| once[kind]).fold(f64::MAX, f64::min);
    let week = |(way, once): &(&'static str, Vec<f64>)| {
        let factors = once.iter().enumerate().map(|(kind, time)| time / fastest(kind));
        let named = factors.zip(WEEK.iter().map(|(_, name, _)| *name));
        let (worst, worst_name) = named.max_by(|one, two| one.0.total_cmp(&two.0)).unwrap();
        let total: f64 = WEEK.iter().zip(once).map(|(wait, time)| f64::from(wait.0) * time).sum();
        Week { way, once: once.clone(), minutes: total / 60.0, worst, worst_name }
    };
    all.iter().map(week).collect()
}
