//! Counts visits, in a database that the program sets up when it starts.

mod schema;

use std::sync::Arc;
use std::{env, thread};

use anyhow::anyhow;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;
use tiny_http::{Response, Server};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

fn visit(connection: &mut SqliteConnection, path: &str) -> QueryResult<String> {
    use schema::visits;
    let id: i32 = diesel::insert_into(visits::table)
        .values(visits::path.eq(path))
        .returning(visits::id)
        .get_result(connection)?;
    let here: i64 = visits::table.filter(visits::path.eq(path)).count().get_result(connection)?;
    Ok(format!("visit {id}, and {here} of {path}\n"))
}

fn main() -> anyhow::Result<()> {
    let file = env::var("VISITS_DATABASE").unwrap_or_else(|_| ":memory:".to_owned());
    let mut connection = SqliteConnection::establish(&file)?;
    connection.run_pending_migrations(MIGRATIONS).map_err(|error| anyhow!(error))?;

    let server = Server::http("0.0.0.0:8080").map_err(|error| anyhow!(error))?;
    let server = Arc::new(server);
    let mut signals = Signals::new([SIGTERM])?;
    let stopped = Arc::clone(&server);
    thread::spawn(move || {
        signals.forever().next();
        stopped.unblock();
    });
    for request in server.incoming_requests() {
        let answer = visit(&mut connection, request.url())?;
        if let Err(error) = request.respond(Response::from_string(answer)) {
            eprintln!("cannot answer: {error}");
        }
    }
    Ok(())
}
