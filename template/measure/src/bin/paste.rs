//! Adds the container files to published programs, as they are, and to services, and shows which
//! build and run.
//!
//! Each row of the results is one program or service. An interrupted run continues where it stopped.

use std::fs;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use measure::paste::{Program, Row, programs, read, try_out};
use measure::services::{Service, ServiceRow, services, try_service};
use measure::{page, progress, table};
use minijinja::context;
use workshop::repository;

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
        let chosen = self.crates.iter().any(|chosen| chosen == name);
        chosen || self.crates.is_empty() && !self.report && !has_row
    }
}

/// What is tried, and all results, each list in the same order.
struct Results {
    programs: Vec<Program>,
    services: Vec<Service>,
    rows: Vec<Row>,
    service_rows: Vec<ServiceRow>,
}

fn main() {
    let arguments = Arguments::parse();
    let mut results = Results::read();
    if let Some(name) = arguments.crates.iter().find(|name| !results.lists(name)) {
        let lists = "crates.csv and services.csv in template/paste";
        let reason = format!("CRATES: there is no '{name}' in {lists}");
        Arguments::command().error(ErrorKind::InvalidValue, reason).exit();
    }
    for at in 0..results.programs.len() {
        let program = &results.programs[at];
        let name = program.name.clone();
        if arguments.choose(&name, results.rows.iter().any(|row| row.name == name)) {
            let row = logged(&name, || try_out(program));
            let said = |yes, word| if yes { word } else { "NOT" };
            let (built, ran) = (said(row.built, "is"), said(row.ran, "does"));
            eprintln!("    {built} built, {ran} run, {} s {}", row.seconds, row.note);
            results.rows.retain(|row| row.name != name);
            results.rows.push(row);
            results.save();
        }
    }
    for at in 0..results.services.len() {
        let service = &results.services[at];
        let name = service.name.clone();
        if arguments.choose(&name, results.service_rows.iter().any(|row| row.name == name)) {
            let row = logged(&name, || try_service(service));
            let said = |yes| if yes { "yes" } else { "NO" };
            let (built, answered) = (said(row.built), said(row.answered));
            eprintln!("    built: {built}, answered: {answered}, {} s {}", row.seconds, row.note);
            results.service_rows.retain(|row| row.name != name);
            results.service_rows.push(row);
            results.save();
        }
    }
    results.save();
}

/// Tries something, and writes its log.
fn logged<T>(name: &str, try_it: impl FnOnce() -> (T, String)) -> T {
    let line = progress::begin(name.to_owned());
    let (row, log) = try_it();
    line.finish_and_clear();
    let logs = repository().join("target/paste");
    fs::create_dir_all(&logs).unwrap();
    fs::write(logs.join(format!("{name}.log")), log).unwrap();
    eprintln!("{name}");
    row
}

impl Results {
    /// Reads the rows, but not those of programs and services that are no longer in the lists.
    fn read() -> Self {
        let (programs, services) = (programs(), services());
        let mut rows: Vec<Row> = read("results.csv");
        let same = |row: &Row, one: &Program| one.name == row.name && one.version == row.version;
        rows.retain(|row| programs.iter().any(|one| same(row, one)));
        let mut service_rows: Vec<ServiceRow> = read("services-results.csv");
        service_rows.retain(|row| services.iter().any(|one| one.name == row.name));
        Self { programs, services, rows, service_rows }
    }

    fn lists(&self, name: &str) -> bool {
        self.programs.iter().any(|one| one.name == name)
            || self.services.iter().any(|one| one.name == name)
    }

    /// Writes the rows and the page. Called after each row, so that they fit each other even if the
    /// run is interrupted.
    fn save(&mut self) {
        let Self { programs, services, rows, service_rows } = self;
        rows.sort_by_key(|row| programs.iter().position(|one| one.name == row.name));
        service_rows.sort_by_key(|row| services.iter().position(|one| one.name == row.name));
        let folder = repository().join("template/paste");
        table::write(&folder.join("results.csv"), rows);
        table::write(&folder.join("services-results.csv"), service_rows);
        fs::write(folder.join("README.md"), self.page()).unwrap();
    }

    fn page(&self) -> String {
        let program = |row: &Row| self.programs.iter().find(|one| one.name == row.name).unwrap();
        let published = |row: &Row| program(row).published.as_str();
        let (new, old): (Vec<_>, Vec<_>) =
            self.rows.iter().partition(|row| published(row).is_empty());
        let good = |rows: &[&Row]| rows.iter().filter(|row| row.built && row.ran).count();
        let listed_old = self.programs.iter().filter(|one| !one.published.is_empty()).count();
        let service =
            |row: &ServiceRow| self.services.iter().find(|one| one.name == row.name).unwrap();
        let rows = self.service_rows.iter();
        let lines = |row| service(row).lines.lines().collect::<Vec<_>>();
        let machines = self.rows.iter().map(|row| (&*row.machine, &*row.date));
        let service_machines = rows.clone().map(|row| (&*row.machine, &*row.date));
        page::render(
            "template/paste/README.md.j2",
            context!(
                listed => self.programs.len() - listed_old,
                listed_old,
                good => good(&new),
                good_old => good(&old),
                published => old.iter().map(|row| published(row)).collect::<Vec<_>>(),
                rows => new,
                old,
                services => self.service_rows,
                arguments => rows.clone().map(|row| &*service(row).arguments).collect::<Vec<_>>(),
                lines => rows.map(lines).collect::<Vec<_>>(),
                machines => page::machines(machines.chain(service_machines)),
            ),
        )
    }
}
