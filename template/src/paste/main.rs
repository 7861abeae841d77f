//! Adds the container files to published programs, as they are, and shows which build and run.
//!
//! A row of the results is one program. A run that was interrupted goes on where it stopped.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use workshop::paste::{Program, Row, programs, try_out};
use workshop::{machine, repository};

#[derive(Parser)]
#[command(about)]
struct Arguments {
    /// Names of the programs, with a comma between. All that have no row yet without it.
    #[arg(long, env, value_delimiter = ',')]
    crates: Vec<String>,
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
    let file = folder.join("results.csv");
    let mut rows: Vec<Row> = Vec::new();
    if file.exists() {
        let mut reader = csv::Reader::from_path(&file).unwrap();
        rows = reader.deserialize().map(Result::unwrap).collect();
    }
    let logs = repository().join("target/paste");
    fs::create_dir_all(&logs).unwrap();
    for program in &programs {
        let known = |row: &Row| row.name == program.name && row.version == program.version;
        let due = match &arguments.crates[..] {
            [] => !rows.iter().any(known),
            chosen => chosen.contains(&program.name),
        };
        if due {
            eprintln!("{} {}", program.name, program.version);
            let (row, log) = try_out(program);
            fs::write(logs.join(format!("{}.log", program.name)), log).unwrap();
            eprintln!("    {}", summary(&row));
            rows.retain(|row| row.name != program.name);
            rows.push(row);
            save(&file, &rows);
        }
    }
    // In the order of the list, and without what is no longer in it.
    let place = |row: &Row| {
        let same = |program: &Program| program.name == row.name && program.version == row.version;
        programs.iter().position(same)
    };
    rows.retain(|row| place(row).is_some());
    rows.sort_by_key(place);
    save(&file, &rows);
    fs::write(folder.join("README.md"), page(&rows)).unwrap();
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

fn save(file: &Path, rows: &[Row]) {
    let mut writer = csv::Writer::from_path(file).unwrap();
    for row in rows {
        writer.serialize(row).unwrap();
    }
    writer.flush().unwrap();
}

fn page(rows: &[Row]) -> String {
    let good = rows.iter().filter(|row| row.built && row.ran).count();
    let mut page = format!(
        "# Published programs, as they are\n\n\
         Written by `make -C template paste`, which adds the container files to the sources of programs as\n\
         they were published, with their own lock files, edits nothing, and gives no build argument.\n\
         {good} of {} build and run, on `alpine` and on `scratch`.\n\n\
         | program | crates | built | ran | seconds | bytes on scratch | on alpine | |\n\
         | --- | ---: | --- | --- | ---: | ---: | ---: | --- |\n",
        rows.len()
    );
    for row in rows {
        let said = |yes| if yes { "yes" } else { "**no**" };
        writeln!(
            page,
            "| {} {} | {} | {} | {} | {} | {} | {} | {} |",
            row.name,
            row.version,
            row.crates,
            said(row.built),
            said(row.ran),
            row.seconds,
            row.scratch_bytes,
            row.alpine_bytes,
            row.note.replace('|', "\\|"),
        )
        .unwrap();
    }
    let mut dates: Vec<_> = rows.iter().map(|row| row.date.as_str()).collect();
    dates.sort_unstable();
    if let (Some(first), Some(last)) = (dates.first(), dates.last()) {
        write!(
            page,
            "\n<sup>{first} to {last}, {}. Seconds are of the first build, with the crates at hand that\n\
             the programs above it share.</sup>\n",
            machine()
        )
        .unwrap();
    }
    page
}
