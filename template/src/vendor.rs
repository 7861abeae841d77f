//! Projects that have their dependencies in a folder, as `cargo vendor` leaves them.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::Project;

const CONFIG: &str = r#"
[source.crates-io]
replace-with = "vendored"

[source.vendored]
directory = "vendor"
"#;

/// As `Project::pasted`. Crates in the folder `vendor` take the place of crates.io, so that for
/// Cargo they are not the project's own. Their versions end with `+FILES`.
pub fn project(files: &[(&str, &str)]) -> Project {
    // Cargo knows a vendored crate by its version alone, and projects share a cache: as with
    // published crates, other files have to be another version.
    let (vendored, own): (Vec<_>, Vec<_>) = files
        .iter()
        .partition(|(file, _)| file.starts_with("vendor/"));
    let mut hasher = DefaultHasher::new();
    vendored.hash(&mut hasher);
    let version = format!("+{:016x}", hasher.finish());
    let mut all: Vec<_> = own
        .into_iter()
        .map(|(file, text)| (file.to_owned(), text.to_owned()))
        .collect();
    all.push((".cargo/config.toml".to_owned(), CONFIG.to_owned()));
    for (file, text) in vendored {
        assert!(!file.ends_with("Cargo.toml") || text.contains("+FILES"));
        all.push((file.to_owned(), text.replace("+FILES", &version)));
        if let Some(folder) = file.strip_suffix("/Cargo.toml") {
            let checksums = r#"{"files":{},"package":null}"#.to_owned();
            all.push((format!("{folder}/.cargo-checksum.json"), checksums));
        }
    }
    let all: Vec<_> = all
        .iter()
        .map(|(file, text)| (file.as_str(), text.as_str()))
        .collect();
    Project::pasted(&all)
}
