//! A small web service with a usual set of dependencies, for measuring how images are built.

mod routes;
mod settings;
mod text;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

// What the benchmark edits, and looks for in the output.
const LINE: u32 = 0;

#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// A TOML file that replaces the defaults.
    #[arg(long)]
    settings: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Answer requests.
    Serve,
    /// Print the words that match a pattern.
    Words { pattern: String, text: Vec<String> },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    let settings = settings::read(arguments.settings.as_deref())?;
    match arguments.command {
        None => println!("version {} line {LINE}", env!("CARGO_PKG_VERSION")),
        Some(Command::Words { pattern, text }) => {
            for word in text::words(&pattern, &text.join(" "))? {
                println!("{}", serde_json::to_string(&word)?);
            }
        }
        Some(Command::Serve) => {
            let listener = tokio::net::TcpListener::bind(&settings.address)
                .await
                .with_context(|| format!("cannot listen on {}", settings.address))?;
            tracing::info!(address = %settings.address, "listening");
            axum::serve(listener, routes::all(settings)).await?;
        }
    }
    Ok(())
}
