//! Adds the container files to published programs, as they are, and shows which build and run.
//!
//! Each row of the results is one program. Some are also built with the Dockerfiles of peers. An
//! interrupted run continues where it stopped.

use std::fs;
use std::path::Path;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use minijinja::context;
use serde::Serialize;
use workshop::paste::{
    COMPARED, PeerRow, Program, Row, is_compared, programs, read, try_out, try_peer,
};
use workshop::{page, progress, repository};

#[derive(Parser)]
#[command(about)]
struct Arguments {
    /// Names of programs, separated by commas. Without it, all that have no row yet.
    #[arg(long, env, value_delimiter = ',')]
    crates: Vec<String>,
    /// Only write the page again.
    #[arg(long)]
    report: bool,
}

fn main() {
    let arguments = Arguments::parse();
    let programs = programs();
    for name in &arguments.crates {
        if !programs.iter().any(|program| program.name == *name) {
            let reason = format!("CRATES: there is no '{name}' in template/paste/crates.csv");
            Arguments::command()
                .error(ErrorKind::InvalidValue, reason)
                .exit();
        }
    }
    let folder = repository().join("template/paste");
    let logs = repository().join("target/paste");
    fs::create_dir_all(&logs).unwrap();
    let file = folder.join("results.csv");
    let mut rows: Vec<Row> = read("results.csv");
    // Drop the rows of programs that are no longer in the list.
    rows.retain(|row| place(&programs, &row.name, &row.version).is_some());
    let peers_file = folder.join("peers.csv");
    let mut peer_rows: Vec<PeerRow> = read("peers.csv");
    peer_rows.retain(|row| place(&programs, &row.name, &row.version).is_some());
    for program in &programs {
        let chosen = arguments.crates.contains(&program.name);
        let all = arguments.crates.is_empty() && !arguments.report;
        if chosen || all && !rows.iter().any(|row| row.name == program.name) {
            let line = progress::begin(format!("{} {}", program.name, program.version));
            let (row, log) = try_out(program);
            line.finish_and_clear();
            eprintln!("{} {}", program.name, program.version);
            fs::write(logs.join(format!("{}.log", program.name)), log).unwrap();
            eprintln!("    {}", summary(&row));
            rows.retain(|row| row.name != program.name);
            rows.push(row);
            rows.sort_by_key(|row| place(&programs, &row.name, &row.version));
            save(&file, &rows);
            write_page(&folder, &rows, &peer_rows);
        }
        for (peer, _) in COMPARED {
            let same = |row: &PeerRow| row.name == program.name && row.peer == peer;
            if is_compared(program) && (chosen || all && !peer_rows.iter().any(same)) {
                let line = progress::begin(format!("{} with {peer}", program.name));
                let (row, log) = try_peer(program, peer);
                line.finish_and_clear();
                fs::write(logs.join(format!("{}-{peer}.log", program.name)), log).unwrap();
                eprintln!("    {peer}: {}", peer_summary(&row));
                peer_rows.retain(|row| !same(row));
                peer_rows.push(row);
                peer_rows.sort_by_key(|row| place(&programs, &row.name, &row.version));
                save(&peers_file, &peer_rows);
                write_page(&folder, &rows, &peer_rows);
            }
        }
    }
    write_page(&folder, &rows, &peer_rows);
}

/// Called after each row, so that the page fits the rows even if the run is interrupted.
fn write_page(folder: &Path, rows: &[Row], peer_rows: &[PeerRow]) {
    fs::write(folder.join("README.md"), page(rows, peer_rows)).unwrap();
}

/// The program's place in the list.
fn place(programs: &[Program], name: &str, version: &str) -> Option<usize> {
    programs
        .iter()
        .position(|program| program.name == name && program.version == version)
}

fn save<T: Serialize>(file: &Path, rows: &[T]) {
    let mut writer = csv::Writer::from_path(file).unwrap();
    for row in rows {
        writer.serialize(row).unwrap();
    }
    writer.flush().unwrap();
}

fn summary(row: &Row) -> String {
    let said = |yes, word| if yes { word } else { "NOT" };
    format!(
        "{} built, {} run, {} s {}",
        said(row.built, "is"),
        said(row.ran, "does"),
        row.seconds,
        row.note
    )
}

fn peer_summary(row: &PeerRow) -> String {
    let works = if row.works { "works" } else { "fails" };
    format!("{}, {works}", row.edits)
}

fn page(rows: &[Row], peer_rows: &[PeerRow]) -> String {
    // Each program's cells, one for each peer.
    let compared = |row: &Row| {
        COMPARED.map(|(peer, _)| {
            let same = |other: &&PeerRow| other.name == row.name && other.peer == peer;
            let found = peer_rows.iter().find(same).map(peer_summary);
            found.unwrap_or_default()
        })
    };
    page::render(
        "template/paste/README.md.j2",
        context!(
            listed => programs().len(),
            good => rows.iter().filter(|row| row.built && row.ran).count(),
            peers => COMPARED.map(|(_, name)| name),
            rows,
            compared => rows.iter().map(compared).collect::<Vec<_>>(),
            machines => page::machines(rows.iter().map(|row| (&*row.machine, &*row.date))),
        ),
    )
}
