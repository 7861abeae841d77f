//! Leads each way to build an image into the traps that are known, and shows which it avoids.
//!
//! Each row of the results is one way in one trap: small projects are built, and the verdict is what
//! their images print or the logs of their builds say. An interrupted run continues where it stopped.

use std::fs;

use clap::Parser;
use measure::evidence::{PEERS, Row, add, rows, save, traps, tried};
use measure::peer::{Peer, Tools};
use measure::progress;
use measure::traps::ATTEMPTS;
use workshop::{machine, repository, today};

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

impl Arguments {
    /// Shall this way be led into this trap, for which there may be a row already?
    fn choose(&self, trap: &str, peer: &str, has_row: bool) -> bool {
        let chosen = |list: &[String], name| list.is_empty() || list.iter().any(|one| one == name);
        let all = self.traps.is_empty() && self.peers.is_empty();
        let is_due = !all || !has_row;
        !self.report && is_due && chosen(&self.traps, trap) && chosen(&self.peers, peer)
    }
}

fn main() {
    let arguments = Arguments::parse();
    let traps = traps();
    let mut rows = rows(&traps);
    let tools = Tools::default();
    for trap in tried(&traps) {
        let name = &trap.name;
        for (peer, _) in PEERS {
            let has_row = rows.iter().any(|row| row.trap == *name && row.peer == peer);
            if !arguments.choose(name, peer, has_row) {
                continue;
            }
            let line = progress::begin(format!("{name}, {peer}"));
            let way = Peer::new(peer, &tools);
            let (_, attempt) = ATTEMPTS.iter().find(|(known, _)| known == name).unwrap();
            let (Ok(found) | Err(found)) = attempt(&way);
            line.finish_and_clear();
            let logs = repository().join("target/evidence");
            fs::create_dir_all(&logs).unwrap();
            fs::write(logs.join(format!("{name}-{peer}.log")), way.log()).unwrap();
            eprintln!("{name:13} {peer:12} {:?}: {}", found.verdict, found.seen);
            let (date, machine, peer) = (today(), machine(), peer.to_owned());
            let (trap, verdict, seen) = (name.clone(), found.verdict, found.seen);
            add(&traps, &mut rows, Row { date, machine, trap, peer, verdict, seen });
            save(&traps, &rows);
        }
    }
    save(&traps, &rows);
}
