//! Counts words in files: a project that shares some of its dependencies with the other one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Parser;
use rayon::prelude::*;
use serde::Serialize;
use walkdir::WalkDir;

// What the benchmark edits, and looks for in the output.
const LINE: u32 = 0;

#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    folder: Option<PathBuf>,
    #[arg(long, default_value = r"\w+")]
    pattern: String,
}

#[derive(Default, Serialize)]
struct Words(BTreeMap<String, usize>);

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    println!("version {} line {LINE}", env!("CARGO_PKG_VERSION"));
    let Some(folder) = arguments.folder else {
        return Ok(());
    };
    let pattern = regex::Regex::new(&arguments.pattern)?;
    let files: Vec<_> = WalkDir::new(folder).into_iter().collect::<Result<_, _>>()?;
    let words = files
        .par_iter()
        .filter_map(|file| std::fs::read_to_string(file.path()).ok())
        .fold(Words::default, |mut words, text| {
            for found in pattern.find_iter(&text) {
                *words.0.entry(found.as_str().to_owned()).or_default() += 1;
            }
            words
        })
        .reduce(Words::default, |mut all, words| {
            for (word, times) in words.0 {
                *all.0.entry(word).or_default() += times;
            }
            all
        });
    println!("{}", serde_json::to_string_pretty(&words)?);
    Ok(())
}
