//! Finds the word that was meant.

use std::sync::Arc;
use std::thread;

use anyhow::anyhow;
use distance::distance;
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;
use tiny_http::{Response, Server};

const WORDS: [&str; 3] = ["container", "contender", "retainer"];

/// Answers for a path like `/contaner`.
fn answer(path: &str) -> String {
    let word = match path.trim_start_matches('/') {
        "" => "contaner",
        word => word,
    };
    let nearest = WORDS.iter().filter_map(|known| Some((distance(word, known)?, known))).min();
    match nearest {
        Some((bytes, known)) => format!("{word} is {bytes} from {known}\n"),
        None => "out of memory\n".to_owned(),
    }
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
        let response = Response::from_string(answer(request.url()));
        if let Err(error) = request.respond(response) {
            eprintln!("cannot answer: {error}");
        }
    }
    Ok(())
}
