//! Projects that have their dependencies in a folder, as `cargo vendor` makes it.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::Project;

const CONFIG: &str = r#"
[source.crates-io]
replace-with = "vendored"

[source.vendored]
directory = "vendor"
"#;

/// As `Project::pasted`, but the crates in the folder `vendor` replace crates.io, so that they are
/// third-party crates to Cargo. Their versions have to end with `+FILES`.
pub fn project(files: &[(&str, &str)]) -> Project {
    // Projects share a cache, and Cargo knows a vendored crate by its name and version alone. So
    // the version gets a hash of the files, because other files have to be another version.
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
