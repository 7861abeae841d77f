//! The summary of the results, as a page and as charts.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::SITUATIONS;
use crate::results::Row;
use crate::ways::{INCREMENTAL, PEERS};

/// The situations in the chart, and the peers, whose names are short there.
const CHARTED: [u32; 4] = [3, 6, 7, 9];
const SHORT: [(&str, &str); 8] = [
    ("template-run", "this template, make run"),
    ("guide-incremental", "Docker's guide, incremental"),
    ("template", "this template, make build"),
    ("guide", "Docker's guide"),
    ("chef-cache", "cargo-chef, sccache, caches"),
    ("chef", "cargo-chef"),
    ("2018-mended", "2018 post, mended"),
    ("plain", "COPY . . and build"),
];

/// Median seconds, and how many measurements they are of. `None` if there are none.
///
/// Those of wrong programs do not count.
fn median(
    rows: &[Row],
    app: &str,
    situation: u32,
    peer: &str,
    seconds: fn(&Row) -> f64,
) -> Option<(f64, usize)> {
    let mut times: Vec<f64> = rows
        .iter()
        .filter(|row| {
            row.app == app && row.situation == situation && row.peer == peer && row.wrong.is_empty()
        })
        .map(seconds)
        .collect();
    times.sort_by(f64::total_cmp);
    let count = times.len();
    let middle = |at: usize| times.get(at).copied();
    Some((
        (middle(count.checked_sub(1)? / 2)? + middle(count / 2)?) / 2.0,
        count,
    ))
}

fn total(row: &Row) -> f64 {
    row.build + row.start
}

/// Writes `README.md`, `chart-light.svg` and `chart-dark.svg` into `folder`.
pub fn write(folder: &Path, rows: &[Row]) {
    fs::write(folder.join("README.md"), page(rows)).unwrap();
    let dark = [
        RGBColor(230, 237, 243),
        RGBColor(61, 68, 77),
        RGBColor(63, 185, 80),
        RGBColor(110, 118, 129),
    ];
    let light = [
        RGBColor(31, 35, 40),
        RGBColor(209, 217, 224),
        RGBColor(26, 127, 55),
        RGBColor(175, 184, 193),
    ];
    for (name, colours) in [("chart-dark.svg", dark), ("chart-light.svg", light)] {
        chart(&folder.join(name), rows, colours);
    }
}

fn page(rows: &[Row]) -> String {
    let mut page = String::from(
        "# How long a developer waits\n\n\
         Written by `make -C template bench` from [results.csv](results.csv). Seconds of wall time from the\n\
         command to the end of the program's output, so that the start of the container counts; the median,\n\
         and the number of measurements in brackets if there are not five: there are fewer of what takes\n\
         more than 25 s, or is not among the fastest. *Wrong* is a build that gives another program than\n\
         the sources say, as that of the post does from the first on. `COPY . .` builds all of it whatever\n\
         the edit: 3 stands for the rest.\n\n\
         Each way to build has its [Dockerfile](peers), the same base images, target and profile.\n\n\
         The machine's speed is not the same all along: compare what is in one row.\n\n\
         Docker 26.1 takes longer for this template where a step's root is new, as in 1 and 7 to 11: its\n\
         BuildKit reads all of the root before a step with secrets (moby/buildkit#5251).\n\n\
         Where another is faster, this template does more. It looks up more steps (2). It installs git, jq, make\n\
         and perl beside the C compiler, once (1), and a fresh runner unpacks them (9), while cargo-chef's image\n\
         has its tools from the start. When a manifest changes (6, 7, 8), it copies the dependencies from the\n\
         cache that projects share into a layer again: Docker's guide does not, and compiles all of them on a\n\
         fresh runner. Two situations are given up, because they needed edits of manifests or sources that were\n\
         wrong for some projects. A commit that changes the project's own version compiles all dependencies on\n\
         a fresh runner (10). An edit of tests or of the README compiles the program again (5), unless\n\
         `.dockerignore` names them.\n\n\
         Measured were the large app, this template and the ways that come closest to it.\n",
    );
    let mut machines: Vec<_> = rows.iter().map(|row| (&row.machine, &row.date)).collect();
    machines.sort();
    machines.dedup_by_key(|(machine, _)| *machine);
    for (machine, date) in machines {
        write!(page, "\n<sup>{date}, {machine}</sup>\n").unwrap();
    }
    for (app, title) in [
        ("large", "A web service with 130 packages in its lock file"),
        ("small", "The app that the template ships"),
    ] {
        let peers: Vec<_> = PEERS
            .iter()
            .filter(|(peer, _)| rows.iter().any(|row| row.app == app && row.peer == *peer))
            .collect();
        if peers.is_empty() {
            continue;
        }
        write!(page, "\n## {title}\n\n| |").unwrap();
        for (_, name) in &peers {
            write!(page, " {name} |").unwrap();
        }
        write!(page, "\n| --- |{}\n", " ---: |".repeat(peers.len())).unwrap();
        for (situation, name) in SITUATIONS {
            if !rows
                .iter()
                .any(|row| row.app == app && row.situation == situation)
            {
                continue;
            }
            write!(page, "| {situation}. {name} |").unwrap();
            for (peer, _) in &peers {
                let of =
                    |row: &&Row| row.app == app && row.situation == situation && row.peer == *peer;
                let wrong = rows.iter().filter(of).any(|row| !row.wrong.is_empty());
                match median(rows, app, situation, peer, total) {
                    _ if wrong => page.push_str(" *wrong* |"),
                    Some((time, 5)) => write!(page, " {time:.2} |").unwrap(),
                    Some((time, count)) => write!(page, " {time:.2} ({count}) |").unwrap(),
                    None => page.push_str(" |"),
                }
            }
            page.push('\n');
        }
    }
    page.push_str(&ratios(rows));
    page
}

/// This template's times as parts of others'. What compiles incrementally is compared with its like.
fn ratios(rows: &[Row]) -> String {
    let mut text = String::from(
        "\n## As a part of the fastest other way\n\n\
         The large app. The fastest of the others, whose program is right, is 1. `make run` is compared with\n\
         those that compile incrementally, too.\n\n\
         | | make build | fastest of the others | make run | fastest incremental other |\n\
         | --- | ---: | --- | ---: | --- |\n",
    );
    let of = |situation, peer: &str| Some(median(rows, "large", situation, peer, total)?.0);
    for (situation, name) in SITUATIONS {
        let compare = |own: &str, incremental: bool| {
            let others = PEERS
                .iter()
                .filter(|(peer, _)| !peer.starts_with("template") && !peer.starts_with("cargo"))
                .filter(|(peer, _)| peer.ends_with(INCREMENTAL) == incremental)
                .filter_map(|(peer, name)| Some((of(situation, peer)?, *name)));
            let (fastest, other) = others.min_by(|one, two| one.0.total_cmp(&two.0))?;
            let ratio = of(situation, own)? / fastest;
            Some(format!("{ratio:.2} | {other}, {fastest:.2} s |"))
        };
        if let Some(build) = compare("template", false) {
            let run = compare("template-run", true).unwrap_or_else(|| " | |".to_owned());
            writeln!(text, "| {situation}. {name} | {build} {run}").unwrap();
        }
    }
    let over = |own: &str, floor: &str| Some(of(3, own)? - of(3, floor)?);
    if let (Some(build), Some(run)) = (
        over("template", "cargo"),
        over("template-run", "cargo-incremental"),
    ) {
        write!(
            text,
            "\nAfter one edited line, `make build` takes {build:.2} s more than `cargo build --release` and the\n\
             start of its program, and `make run` {run:.2} s more than those with incremental compilation.\n",
        )
        .unwrap();
    }
    text
}

/// Bars for the charted situations. The colours are those of text, lines, this template and others.
fn chart(file: &Path, rows: &[Row], [ink, line, own, other]: [RGBColor; 4]) {
    let (width, bar, left, right) = (860, 20, 210, 70);
    // The bars of a situation: peer, its short name and seconds.
    let bars = |situation| -> Vec<_> {
        let seconds = |peer| Some(median(rows, "large", situation, peer, total)?.0);
        SHORT
            .iter()
            .filter_map(|(peer, name)| Some((*peer, *name, seconds(peer)?)))
            .collect()
    };
    let charted: Vec<_> = SITUATIONS
        .iter()
        .filter(|(number, _)| CHARTED.contains(number))
        .map(|(number, name)| (name, bars(*number)))
        .filter(|(_, times)| !times.is_empty())
        .collect();
    let group = |count: usize| 34 + count as i32 * bar + 14;
    let height = 8 + charted
        .iter()
        .map(|(_, times)| group(times.len()))
        .sum::<i32>();
    let area = SVGBackend::new(file, (width as u32, height as u32)).into_drawing_area();
    let font = |size: i32| ("sans-serif", size).into_font().color(&ink);
    let mut top = 8;
    for (name, times) in charted {
        let longest = times.iter().map(|(_, _, time)| *time).fold(1.0, f64::max);
        area.draw(&Text::new(
            format!("{name}, seconds"),
            (left, top),
            font(15),
        ))
        .unwrap();
        area.draw(&PathElement::new(
            [
                (left, top + 22),
                (left, top + 24 + times.len() as i32 * bar),
            ],
            line,
        ))
        .unwrap();
        for (at, (peer, name, time)) in times.iter().enumerate() {
            let y = top + 24 + at as i32 * bar;
            let end = left + (f64::from(width - left - right) * time / longest) as i32;
            let colour = if peer.starts_with("template") {
                own
            } else {
                other
            };
            area.draw(&Rectangle::new(
                [(left, y + 2), (end.max(left + 1), y + bar - 3)],
                colour.filled(),
            ))
            .unwrap();
            let label = font(13).pos(Pos::new(HPos::Right, VPos::Center));
            area.draw(&Text::new(*name, (left - 8, y + bar / 2), label))
                .unwrap();
            let value = font(13).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw(&Text::new(
                format!("{time:.1}"),
                (end + 6, y + bar / 2),
                value,
            ))
            .unwrap();
        }
        top += group(times.len());
    }
    area.present().unwrap();
}
