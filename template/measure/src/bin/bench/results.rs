//! The measurements, one in each row, in a file that is committed.

use std::path::{Path, PathBuf};

use measure::table;
use serde::{Deserialize, Serialize};

use crate::situations::Situation;
use crate::ways::Way;

#[derive(Clone, Deserialize, Serialize)]
pub struct Row {
    /// Year, month and day.
    pub date: String,
    /// Processor, cores, versions, and the hash of the template's Dockerfile.
    pub machine: String,
    pub situation: Situation,
    pub peer: Way,
    pub round: u32,
    /// Seconds, wall time.
    pub build: f64,
    /// Seconds from the build's end to the end of the program.
    pub start: f64,
    /// Why the build or its program is wrong. Empty if it is right.
    pub wrong: String,
}

impl Row {
    /// From the command to the end of the program.
    pub fn seconds(&self) -> f64 {
        self.build + self.start
    }
}

pub struct Results {
    file: PathBuf,
    rows: Vec<Row>,
    /// What new rows get.
    pub machine: String,
}

impl Results {
    /// Reads the file, if it exists.
    pub fn open(file: &Path) -> Self {
        Self { file: file.to_owned(), rows: table::read(file), machine: String::new() }
    }

    /// Lets new rows be of `machine`. Fails if a row of the file is of another machine or Dockerfile,
    /// because the times would not compare.
    pub fn accept(&mut self, machine: &str) -> Result<(), String> {
        if let Some(row) = self.rows.iter().find(|row| row.machine != machine) {
            let file = self.file.display();
            let other = "has results of another machine or Dockerfile, remove them first";
            return Err(format!("{file} {other}: {}", row.machine));
        }
        self.machine = machine.to_owned();
        Ok(())
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn of(&self, situation: Situation, way: Way) -> Vec<&Row> {
        self.rows.iter().filter(|row| row.situation == situation && row.peer == way).collect()
    }

    /// Adds a row, also to the file.
    pub fn add(&mut self, row: Row) {
        self.rows.push(row);
        table::write(&self.file, &self.rows);
    }
}

/// Median seconds from the command to the end of the program, and how many measurements they are
/// of. `None` if there are none. Those of wrong programs do not count.
pub fn median(rows: &[Row], situation: Situation, way: Way) -> Option<(f64, usize)> {
    let of = |row: &&Row| row.situation == situation && row.peer == way && row.wrong.is_empty();
    let times: Vec<f64> = rows.iter().filter(of).map(Row::seconds).collect();
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
