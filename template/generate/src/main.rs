//! `cargo generate`, for machines that lack it.

use cargo_generate::{Cli, generate};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Cli::Generate(arguments) = Cli::parse();
    match generate(arguments) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
