//! The measurements, one in each row, in a file that is committed.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use workshop::today;

#[derive(Clone, Deserialize, Serialize)]
pub struct Row {
    /// Year, month and day.
    pub date: String,
    /// Processor, cores, versions, and the hash of the template's Dockerfile.
    pub machine: String,
    pub app: String,
    pub situation: u32,
    pub peer: String,
    pub round: u32,
    /// Seconds, wall time.
    pub build: f64,
    /// Seconds from the build's end to the end of the program.
    pub start: f64,
    /// Why the build or its program is wrong. Empty if it is right.
    pub wrong: String,
}

pub struct Results {
    file: PathBuf,
    rows: Vec<Row>,
    machine: String,
}

impl Results {
    /// Reads the file, if it exists. New rows will be of `apps`, and get `machine`.
    ///
    /// Fails if a row of these is of another machine or Dockerfile, because the times would not compare.
    pub fn open(file: &Path, machine: &str, apps: &[String]) -> Result<Self, String> {
        let mut rows = Vec::new();
        if file.exists() {
            let mut reader = csv::Reader::from_path(file).unwrap();
            rows = reader.deserialize().map(Result::unwrap).collect();
        }
        let other = rows
            .iter()
            .find(|row: &&Row| apps.contains(&row.app) && row.machine != machine);
        if let Some(row) = other {
            return Err(format!(
                "{} has results of another machine or Dockerfile, remove those of \"{}\" first: {}",
                file.display(),
                row.app,
                row.machine
            ));
        }
        Ok(Self {
            file: file.to_owned(),
            rows,
            machine: machine.to_owned(),
        })
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn of(&self, app: &str, situation: u32, peer: &str) -> Vec<&Row> {
        let wanted = |row: &&Row| row.app == app && row.situation == situation && row.peer == peer;
        self.rows.iter().filter(wanted).collect()
    }

    /// Adds a row, also to the file.
    pub fn add(
        &mut self,
        app: String,
        situation: u32,
        peer: &str,
        round: u32,
        times: (Duration, Duration),
        wrong: String,
    ) {
        let rounded = |time: Duration| (time.as_secs_f64() * 1000.0).round() / 1000.0;
        let row = Row {
            date: today(),
            machine: self.machine.clone(),
            app,
            situation,
            peer: peer.to_owned(),
            round,
            build: rounded(times.0),
            start: rounded(times.1),
            wrong,
        };
        let new = !self.file.exists();
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.file)
            .unwrap();
        let mut writer = csv::WriterBuilder::new().has_headers(new).from_writer(file);
        writer.serialize(&row).unwrap();
        writer.flush().unwrap();
        self.rows.push(row);
    }
}

/// Median seconds from the command to the end of the program, and how many measurements they are
/// of. `None` if there are none. Those of wrong programs do not count.
pub fn median(rows: &[Row], app: &str, situation: u32, peer: &str) -> Option<(f64, usize)> {
    let of = |row: &&Row| row.app == app && row.situation == situation && row.peer == peer;
    let right = rows.iter().filter(of).filter(|row| row.wrong.is_empty());
    let times: Vec<f64> = right.map(|row| row.build + row.start).collect();
    let count = times.len();
    Some((middle(times)?, count))
}

/// The median. `None` if there are no numbers.
pub fn middle(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let count = numbers.len();
    let at = |index: usize| numbers.get(index).copied();
    Some((at(count.checked_sub(1)? / 2)? + at(count / 2)?) / 2.0)
}
