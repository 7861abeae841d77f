//! The summary of the results, as a page. Its text is in `README.md.j2`.

use std::fs;
use std::path::Path;

use measure::page;
use minijinja::{Value, context};
use serde::Serialize;

use crate::ci::Job;
use crate::results::{Row, median, middle};
use crate::situations::{ROUNDS, Situation};
use crate::ways::Way;
use crate::week;

/// Writes `README.md` into `folder`.
pub fn write(folder: &Path, rows: &[Row], before: &[Row], jobs: &[Job]) {
    let machines = |rows: &[Row]| {
        let machines = page::machines(rows.iter().map(|row| (&*row.machine, &*row.date)));
        Value::from_serialize(machines)
    };
    let page = page::render(
        "template/bench/README.md.j2",
        context!(
            week => week::kinds(),
            weeks => week::weeks(rows).iter().map(shown).collect::<Vec<_>>(),
            table => table(rows),
            machines => machines(rows),
            over => over(rows),
            in_turn => table(before),
            in_turn_machines => machines(before),
            jobs => bills(jobs),
            jobs_machines => page::machines(jobs.iter().map(|job| (&*job.machine, &*job.date))),
        ),
    );
    fs::write(folder.join("README.md"), page).unwrap();
}

/// Names of ways, and the cells of each situation.
#[derive(Serialize)]
struct Table {
    ways: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

fn table(rows: &[Row]) -> Table {
    let measured = |way: &Way| rows.iter().any(|row| row.peer == *way);
    let ways: Vec<_> = Way::all().filter(measured).collect();
    let seconds = |situation, way| match median(rows, situation, way) {
        Some((time, count)) if count == ROUNDS as usize => format!("{time:.2}"),
        Some((time, count)) => format!("{time:.2} ({count})"),
        None => String::new(),
    };
    let cells = |situation: Situation| {
        let times = ways.iter().map(|way| seconds(situation, *way));
        [situation.title().to_owned()].into_iter().chain(times).collect()
    };
    let measured = |one: &Situation| rows.iter().any(|row| row.situation == *one);
    Table {
        ways: ways.iter().map(|way| way.title()).collect(),
        rows: Situation::all().filter(measured).map(cells).collect(),
    }
}

/// Seconds by which an edit takes longer than Cargo and the program alone: `make build`, `make run`.
fn over(rows: &[Row]) -> Option<[String; 2]> {
    let of = |way| Some(median(rows, Situation::Line, way)?.0);
    let build = of(Way::Template)? - of(Way::Cargo)?;
    let run = of(Way::TemplateRun)? - of(Way::CargoIncremental)?;
    Some([build, run].map(|seconds| format!("{seconds:.2}")))
}

/// The cells of a week.
fn shown(week: &week::Week) -> Vec<String> {
    let once = week.once.iter().map(|seconds| format!("{seconds:.1}"));
    let minutes = format!("{:.0}", week.minutes);
    let worst = format!("{:.1} × ({})", week.worst, week.worst_name);
    [week.way.to_owned()].into_iter().chain(once).chain([minutes, worst]).collect()
}

/// What a push costs in CI, with each way to build: medians, as cells.
fn bills(jobs: &[Job]) -> Vec<[String; 5]> {
    let bill = |first: &Job| {
        let same = |job: &&Job| job.peer == first.peer && job.push == first.push;
        let median = |value: fn(&Job) -> f64| {
            let values = jobs.iter().filter(same).map(value).collect();
            format!("{:.1}", middle(values).unwrap())
        };
        let name = first.peer.title().trim_end_matches(", make build");
        let seconds = median(|job| job.seconds);
        let base = median(|job| job.base_bytes as f64 / 1e6);
        let layers = median(|job| job.bytes as f64 / 1e6);
        [name.to_owned(), first.push.clone(), seconds, base, layers]
    };
    jobs.iter().filter(|job| job.round == 0).map(bill).collect()
}
