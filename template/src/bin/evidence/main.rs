//! Leads each way to build an image into the traps that are known, and shows which it avoids.
//!
//! Each row of the results is one way in one trap: small projects are built, and the verdict is what
//! their images print or the logs of their builds say. An interrupted run continues where it stopped.

mod compiling;
mod engines;
mod image;
mod peer;
mod program;
mod shapes;

use std::fs;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use peer::{Found, Peer, Tools};
use workshop::evidence::{PEERS, Row, Trap, add, rows, save, traps};
use workshop::{machine, progress, repository, today};

#[derive(Parser)]
#[command(about)]
struct Arguments {
    /// Names of traps, separated by commas. Without it and PEERS, all that have no row yet.
    #[arg(long, env, value_delimiter = ',', value_parser = ATTEMPTS.map(|(name, _)| name))]
    traps: Vec<String>,
    /// Names of ways to build, separated by commas.
    #[arg(long, env, value_delimiter = ',', value_parser = PEERS.map(|(name, _)| name))]
    peers: Vec<String>,
    /// Only write the page again.
    #[arg(long)]
    report: bool,
}

/// Leads a way into a trap. The error is a build that fails, or a program that prints the wrong text.
type Attempt = fn(&Peer) -> Result<Found, Found>;

/// What `traps.csv` calls each trap that is tried.
const ATTEMPTS: [(&str, Attempt); 22] = [
    ("dash", program::dash),
    ("old-sources", program::old_sources),
    ("old-edit", program::old_edit),
    ("first-version", program::first_version),
    ("same-name", program::same_name),
    ("edit", compiling::edit),
    ("version", compiling::version),
    ("stable", compiling::stable),
    ("workspace", shapes::workspace),
    ("build-script", shapes::build_script),
    ("include", shapes::include),
    ("bench", shapes::bench),
    ("config", shapes::config),
    ("token", engines::token),
    ("podman", engines::podman),
    ("user", image::user),
    ("needs", image::needs),
    ("twice", image::twice),
    ("crates", image::crates),
    ("same-layers", image::same_layers),
    ("stop", image::stop),
    ("check", engines::check),
];

fn main() {
    let arguments = Arguments::parse();
    let traps = traps();
    let mut rows = rows(&traps);
    // Refuses a bad list before the first build, not after it.
    let saved = save(&traps, &rows).and_then(|()| attempts_fit(&traps));
    saved.unwrap_or_else(|reason| refuse(reason));
    let tools = Tools::default();
    let tried = traps.iter().filter(|trap| trap.untried.is_empty());
    for Trap { name, .. } in tried {
        for (peer, _) in PEERS {
            let same = |row: &Row| row.trap == *name && row.peer == peer;
            if !arguments.choose(name, peer, rows.iter().any(same)) {
                continue;
            }
            let line = progress::begin(format!("{name}, {peer}"));
            let way = Peer::new(peer, &tools);
            let (_, attempt) = ATTEMPTS.iter().find(|(known, _)| known == name).unwrap();
            let (Ok(found) | Err(found)) = attempt(&way);
            line.finish_and_clear();
            write_log(&format!("{name}-{peer}"), &way.log());
            eprintln!("{name:13} {peer:12} {:?}: {}", found.verdict, found.seen);
            let row = Row {
                date: today(),
                machine: machine(),
                trap: name.clone(),
                peer: peer.to_owned(),
                verdict: found.verdict,
                seen: found.seen,
            };
            add(&traps, &mut rows, row);
            save(&traps, &rows).unwrap_or_else(|reason| refuse(reason));
        }
    }
}

impl Arguments {
    /// Shall this way be led into this trap, for which there may be a row already?
    fn choose(&self, trap: &str, peer: &str, has_row: bool) -> bool {
        let chosen = |list: &[String], name| list.is_empty() || list.iter().any(|one| one == name);
        let all = self.traps.is_empty() && self.peers.is_empty();
        let due = if all { !has_row } else { true };
        !self.report && due && chosen(&self.traps, trap) && chosen(&self.peers, peer)
    }
}

/// Returns a reason unless `traps.csv` has each attempt, and calls no other trap tried.
fn attempts_fit(traps: &[Trap]) -> Result<(), String> {
    let tried = traps.iter().filter(|trap| trap.untried.is_empty());
    let mut tried: Vec<_> = tried.map(|trap| &*trap.name).collect();
    let mut attempts = ATTEMPTS.map(|(name, _)| name);
    tried.sort_unstable();
    attempts.sort_unstable();
    if tried == attempts {
        Ok(())
    } else {
        Err(format!("traps.csv has {tried:?}, not {attempts:?}"))
    }
}

fn refuse(reason: String) -> ! {
    Arguments::command()
        .error(ErrorKind::InvalidValue, reason)
        .exit()
}

fn write_log(name: &str, log: &str) {
    let logs = repository().join("target/evidence");
    fs::create_dir_all(&logs).unwrap();
    fs::write(logs.join(format!("{name}.log")), log).unwrap();
}
