//! Adds the container files to published programs, as they are, and to services, and shows which
//! build and run.
//!
//! Each row of the results is one program or service. Some are also built with the Dockerfiles of peers. An
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
use workshop::services::{Service, ServiceRow, services, try_service};
use workshop::{page, progress, repository};

#[derive(Parser)]
#[command(about)]
struct Arguments {
    /// Names of programs and services, separated by commas. Without it, all that have no row yet.
    #[arg(long, env, value_delimiter = ',')]
    crates: Vec<String>,
    /// Only write the page again.
    #[arg(long)]
    report: bool,
}

impl Arguments {
    /// Shall this one be tried, which may have a row already?
    fn choose(&self, name: &str, has_row: bool) -> bool {
        self.crates.iter().any(|chosen| chosen == name)
            || self.crates.is_empty() && !self.report && !has_row
    }
}

/// All results, each list in the order of what is tried.
struct Results {
    rows: Vec<Row>,
    peer_rows: Vec<PeerRow>,
    service_rows: Vec<ServiceRow>,
}

fn main() {
    let arguments = Arguments::parse();
    let (programs, services) = (programs(), services());
    for name in &arguments.crates {
        let program = programs.iter().any(|program| program.name == *name);
        if !program && !services.iter().any(|service| service.name == *name) {
            let lists = "crates.csv and services.csv in template/paste";
            let reason = format!("CRATES: there is no '{name}' in {lists}");
            Arguments::command()
                .error(ErrorKind::InvalidValue, reason)
                .exit();
        }
    }
    let mut results = Results::read(&programs, &services);
    try_programs(&arguments, &programs, &mut results);
    try_services(&arguments, &services, &mut results);
    results.save();
}

fn try_programs(arguments: &Arguments, programs: &[Program], results: &mut Results) {
    for program in programs {
        let Program { name, version, .. } = program;
        let has_row = results.rows.iter().any(|row| row.name == *name);
        if arguments.choose(name, has_row) {
            let line = progress::begin(format!("{name} {version}"));
            let (row, log) = try_out(program);
            line.finish_and_clear();
            eprintln!("{name} {version}");
            write_log(name, log);
            eprintln!("    {}", summary(&row));
            let rows = &mut results.rows;
            rows.retain(|row| row.name != *name);
            rows.push(row);
            rows.sort_by_key(|row| place(programs, &row.name, &row.version));
            results.save();
        }
        for (peer, _) in COMPARED {
            let same = |row: &PeerRow| row.name == *name && row.peer == peer;
            let has_row = results.peer_rows.iter().any(same);
            if is_compared(program) && arguments.choose(name, has_row) {
                let line = progress::begin(format!("{name} with {peer}"));
                let (row, log) = try_peer(program, peer);
                line.finish_and_clear();
                write_log(&format!("{name}-{peer}"), log);
                eprintln!("    {peer}: {}", peer_summary(&row));
                let rows = &mut results.peer_rows;
                rows.retain(|row| !same(row));
                rows.push(row);
                rows.sort_by_key(|row| place(programs, &row.name, &row.version));
                results.save();
            }
        }
    }
}

fn try_services(arguments: &Arguments, services: &[Service], results: &mut Results) {
    for service in services {
        let name = &service.name;
        let has_row = results.service_rows.iter().any(|row| row.name == *name);
        if arguments.choose(name, has_row) {
            let line = progress::begin(name.clone());
            let (row, log) = try_service(service);
            line.finish_and_clear();
            write_log(name, log);
            eprintln!("{name}\n    {}", service_summary(&row));
            let rows = &mut results.service_rows;
            rows.retain(|row| row.name != *name);
            rows.push(row);
            rows.sort_by_key(|row| services.iter().position(|other| other.name == row.name));
            results.save();
        }
    }
}

impl Results {
    /// Reads the rows, but not those of programs and services that are no longer in the lists.
    fn read(programs: &[Program], services: &[Service]) -> Self {
        let mut rows: Vec<Row> = read("results.csv");
        rows.retain(|row| place(programs, &row.name, &row.version).is_some());
        let mut peer_rows: Vec<PeerRow> = read("peers.csv");
        peer_rows.retain(|row| place(programs, &row.name, &row.version).is_some());
        let mut service_rows: Vec<ServiceRow> = read("services-results.csv");
        service_rows.retain(|row| services.iter().any(|service| service.name == row.name));
        Self {
            rows,
            peer_rows,
            service_rows,
        }
    }

    /// Writes the rows and the page. Called after each row, so that they fit each other even if the
    /// run is interrupted.
    fn save(&self) {
        let folder = repository().join("template/paste");
        save(&folder.join("results.csv"), &self.rows);
        save(&folder.join("peers.csv"), &self.peer_rows);
        save(&folder.join("services-results.csv"), &self.service_rows);
        fs::write(folder.join("README.md"), page(self)).unwrap();
    }
}

fn write_log(name: &str, log: String) {
    let logs = repository().join("target/paste");
    fs::create_dir_all(&logs).unwrap();
    fs::write(logs.join(format!("{name}.log")), log).unwrap();
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

fn service_summary(row: &ServiceRow) -> String {
    let said = |yes, word| if yes { word } else { "NOT" };
    format!(
        "{} built, {} checked, {} answered, {} s {}",
        said(row.built, "is"),
        said(row.checked, "is"),
        said(row.answered, "has"),
        row.seconds,
        row.note
    )
}

fn page(results: &Results) -> String {
    let Results {
        rows,
        peer_rows,
        service_rows,
    } = results;
    // Each program's cells, one for each peer.
    let compared = |row: &Row| {
        COMPARED.map(|(peer, _)| {
            let same = |other: &&PeerRow| other.name == row.name && other.peer == peer;
            let found = peer_rows.iter().find(same).map(peer_summary);
            found.unwrap_or_default()
        })
    };
    let listed = programs();
    let published = |row: &Row| {
        let program = listed.iter().find(|one| one.name == row.name);
        program.map_or("", |program| &program.published)
    };
    let (new, old): (Vec<_>, Vec<_>) = rows.iter().partition(|row| published(row).is_empty());
    let good = |rows: &[&Row]| rows.iter().filter(|row| row.built && row.ran).count();
    let listed_old = listed
        .iter()
        .filter(|one| !one.published.is_empty())
        .count();
    let listed_services = services();
    let service = |row: &ServiceRow| listed_services.iter().find(|one| one.name == row.name);
    let arguments = |row| service(row).map(|service| &service.arguments);
    let lines = |row| service(row).map(|service| service.lines.lines().collect::<Vec<_>>());
    let machines = rows.iter().map(|row| (&*row.machine, &*row.date));
    let service_machines = service_rows.iter().map(|row| (&*row.machine, &*row.date));
    page::render(
        "template/paste/README.md.j2",
        context!(
            listed => listed.len() - listed_old,
            listed_old,
            good => good(&new),
            good_old => good(&old),
            peers => COMPARED.map(|(_, name)| name),
            compared => new.iter().copied().map(compared).collect::<Vec<_>>(),
            published => old.iter().copied().map(published).collect::<Vec<_>>(),
            rows => new,
            old,
            services => service_rows,
            arguments => service_rows.iter().map(arguments).collect::<Vec<_>>(),
            lines => service_rows.iter().map(lines).collect::<Vec<_>>(),
            machines => page::machines(machines.chain(service_machines)),
        ),
    )
}
