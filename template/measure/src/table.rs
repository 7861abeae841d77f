//! Tables of results, as CSV.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The rows of a file. Empty if the file does not exist.
pub fn read<T: DeserializeOwned>(file: &Path) -> Vec<T> {
    if !file.exists() {
        return Vec::new();
    }
    let mut reader = csv::Reader::from_path(file).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// Replaces the rows of a file.
pub fn write<T: Serialize>(file: &Path, rows: &[T]) {
    let mut writer = csv::Writer::from_path(file).unwrap();
    for row in rows {
        writer.serialize(row).unwrap();
    }
    writer.flush().unwrap();
}
