//! Tells the working days and the holidays.

mod generated {
    include!(concat!(env!("OUT_DIR"), "/generated.rs"));
}

use std::sync::Arc;
use std::thread;

use anyhow::anyhow;
use generated::{COMMIT, HOLIDAYS};
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;
use tiny_http::{Response, Server};

const WORKING_DAYS: [&str; 5] = macros::names!(Monday Tuesday Wednesday Thursday Friday);

fn answer() -> String {
    let days = WORKING_DAYS.join(", ");
    let holidays = HOLIDAYS.map(|(_, name)| name).join(", ");
    format!("We work on {days}, but not on {holidays}. Commit {COMMIT}\n")
}

fn main() -> anyhow::Result<()> {
    let server = Server::http("0.0.0.0:8080").map_err(|error| anyhow!(error))?;
    let server = Arc::new(server);
    let mut signals = Signals::new([SIGTERM])?;
    let stopped = Arc::clone(&server);
    thread::spawn(move || {
        signals.forever().next();
        stopped.unblock();
    });
    for request in server.incoming_requests() {
        if let Err(error) = request.respond(Response::from_string(answer())) {
            eprintln!("cannot answer: {error}");
        }
    }
    Ok(())
}
