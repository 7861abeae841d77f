//! The summary of the results, as a page. Its text is in `README.md.j2`.

use std::fs;
use std::path::Path;

use minijinja::context;
use serde::Serialize;
use workshop::page;

use crate::ci::Job;
use crate::growth::{self, Growth};
use crate::results::{Row, median, middle};
use crate::situations::SITUATIONS;
use crate::ways::{INCREMENTAL, PEERS};
use crate::week;

/// Writes `README.md` into `folder`.
pub fn write(folder: &Path, rows: &[Row], before: &[Row], jobs: &[Job]) {
    let apps = [
        ("large", "A web service with 130 packages in its lock file"),
        ("small", "The app that the template ships"),
    ];
    let tables = apps.map(|(app, title)| table(rows, app, title));
    let machines = |grows: bool| {
        let rows = rows.iter().filter(|row| growth::is_of(row) == grows);
        page::machines(rows.map(|row| (&*row.machine, &*row.date)))
    };
    let page = page::render(
        "template/bench/README.md.j2",
        context!(
            machines => machines(false),
            in_turn => in_turn(before),
            in_turn_machines => page::machines(before.iter().map(|row| (&*row.machine, &*row.date))),
            tables => tables.into_iter().flatten().collect::<Vec<_>>(),
            growth => growth::SITUATIONS.map(|situation| growing(rows, situation)),
            growth_machines => machines(true),
            parts => parts(rows),
            week => week::kinds(),
            weeks => week::weeks(rows).iter().map(shown).collect::<Vec<_>>(),
            over => over(rows),
            jobs => bills(jobs),
            jobs_machines => page::machines(jobs.iter().map(|job| (&*job.machine, &*job.date))),
        ),
    );
    fs::write(folder.join("README.md"), page).unwrap();
}

/// What was measured in turn with an earlier commit.
fn in_turn(rows: &[Row]) -> Vec<Table<'_>> {
    let apps = ["large", "small"].map(|app| table(rows, app, app));
    let growing = growth::SITUATIONS.map(|situation| growing(rows, situation));
    let measured = growing.into_iter().filter(|table| !table.peers.is_empty());
    apps.into_iter().flatten().chain(measured).collect()
}

#[derive(Serialize)]
struct Table<'a> {
    title: &'a str,
    peers: Vec<&'a str>,
    rows: Vec<Times>,
}

/// A situation, and the seconds of each peer in it.
#[derive(Serialize)]
struct Times {
    name: String,
    cells: Vec<String>,
}

/// `None` if nothing was measured with `app`.
fn table<'a>(rows: &[Row], app: &str, title: &'a str) -> Option<Table<'a>> {
    let rows: Vec<_> = rows.iter().filter(|row| row.app == app).cloned().collect();
    let measured = |peer: &str| rows.iter().any(|row| row.peer == peer);
    let peers: Vec<_> = PEERS.iter().filter(|(peer, _)| measured(peer)).collect();
    let seconds = |situation, peer: &str| {
        let of = |row: &&Row| row.situation == situation && row.peer == peer;
        let wrong = rows.iter().filter(of).any(|row| !row.wrong.is_empty());
        match median(&rows, app, situation, peer) {
            _ if wrong => "*wrong*".to_owned(),
            Some((time, 5)) => format!("{time:.2}"),
            Some((time, count)) => format!("{time:.2} ({count})"),
            None => String::new(),
        }
    };
    let times = SITUATIONS
        .iter()
        .filter(|(situation, _)| rows.iter().any(|row| row.situation == *situation))
        .map(|(situation, name)| Times {
            name: format!("{situation}. {name}"),
            cells: peers
                .iter()
                .map(|(peer, _)| seconds(*situation, peer))
                .collect(),
        })
        .collect();
    (!peers.is_empty()).then(|| Table {
        title,
        peers: peers.iter().map(|(_, name)| *name).collect(),
        rows: times,
    })
}

/// The seconds of a situation with each size of the app that grows.
fn growing(rows: &[Row], situation: u32) -> Table<'static> {
    let measured =
        |peer: &str| growth::SIZES.map(|size| median(rows, &size.name(), situation, peer));
    let peers = PEERS
        .iter()
        .filter(|(peer, _)| measured(peer).iter().any(Option::is_some));
    let seconds = |app: &str, peer| match median(rows, app, situation, peer) {
        Some((time, _)) => format!("{time:.2}"),
        None => String::new(),
    };
    let times = |size: Growth| Times {
        name: size.name(),
        cells: peers
            .clone()
            .map(|(peer, _)| seconds(&size.name(), peer))
            .collect(),
    };
    Table {
        title: SITUATIONS
            .iter()
            .find(|(number, _)| *number == situation)
            .unwrap()
            .1,
        peers: peers.clone().map(|(_, name)| *name).collect(),
        rows: growth::SIZES.map(times).into(),
    }
}

/// This template's times in a situation as parts of others'. Each has two cells.
#[derive(Serialize)]
struct Parts {
    name: String,
    build: String,
    run: String,
}

/// Median seconds of a peer that builds the large app.
fn of(rows: &[Row], situation: u32, peer: &str) -> Option<f64> {
    Some(median(rows, "large", situation, peer)?.0)
}

/// What compiles incrementally is compared with its like.
fn parts(rows: &[Row]) -> Vec<Parts> {
    let compare = |situation, own: &str, incremental: bool| {
        let others = PEERS
            .iter()
            .filter(|(peer, _)| !peer.starts_with("template") && !peer.starts_with("cargo"))
            .filter(|(peer, _)| peer.ends_with(INCREMENTAL) == incremental)
            .filter_map(|(peer, name)| Some((of(rows, situation, peer)?, *name)));
        let (fastest, other) = others.min_by(|one, two| one.0.total_cmp(&two.0))?;
        let part = of(rows, situation, own)? / fastest;
        Some(format!("{part:.2} | {other}, {fastest:.2} s"))
    };
    let parts = |(situation, name): &(u32, &str)| {
        Some(Parts {
            name: format!("{situation}. {name}"),
            build: compare(*situation, "template", false)?,
            run: compare(*situation, "template-run", true).unwrap_or_else(|| " | ".to_owned()),
        })
    };
    SITUATIONS.iter().filter_map(parts).collect()
}

/// Seconds by which an edit takes longer than Cargo and the program alone.
#[derive(Serialize)]
struct Over {
    build: String,
    run: String,
}

fn over(rows: &[Row]) -> Option<Over> {
    let over = |own: &str, floor: &str| Some(of(rows, 3, own)? - of(rows, 3, floor)?);
    Some(Over {
        build: format!("{:.2}", over("template", "cargo")?),
        run: format!("{:.2}", over("template-run", "cargo-incremental")?),
    })
}

/// A row of the week's table.
#[derive(Serialize)]
struct Shown {
    way: &'static str,
    cells: Vec<String>,
}

fn shown(week: &week::Week) -> Shown {
    let once = week.once.iter().map(|seconds| format!("{seconds:.1}"));
    let last = [
        format!("{:.0}", week.minutes),
        format!("{:.1} × ({})", week.worst, week.worst_name),
    ];
    Shown {
        way: week.way,
        cells: once.chain(last).collect(),
    }
}

/// What a push costs in CI, with one way to build: medians.
#[derive(Serialize)]
struct Bill {
    peer: String,
    push: String,
    seconds: String,
    base: String,
    layers: String,
}

fn bills(jobs: &[Job]) -> Vec<Bill> {
    let name = |peer: &str| PEERS.iter().find(|(name, _)| *name == peer).unwrap().1;
    let same = |one: &&Job, other: &Job| one.peer == other.peer && one.push == other.push;
    let bill = |first: &Job| {
        let all = || jobs.iter().filter(|job| same(job, first));
        let seconds = middle(all().map(|job| job.seconds).collect()).unwrap();
        let megabytes = |bytes: fn(&Job) -> u64| {
            let bytes = middle(all().map(|job| bytes(job) as f64).collect()).unwrap();
            format!("{:.1}", bytes / 1e6)
        };
        Bill {
            peer: name(&first.peer)
                .trim_end_matches(", make build")
                .to_owned(),
            push: first.push.clone(),
            seconds: format!("{seconds:.1}"),
            base: megabytes(|job| job.base_bytes),
            layers: megabytes(|job| job.bytes),
        }
    };
    jobs.iter().filter(|job| job.round == 0).map(bill).collect()
}
