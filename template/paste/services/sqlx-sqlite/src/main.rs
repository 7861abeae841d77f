//! Keeps notes in a database, whose queries are checked when the program is compiled.

use std::env;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

async fn add(pool: &SqlitePool, text: &str) -> sqlx::Result<i64> {
    let added = sqlx::query!("INSERT INTO notes (text) VALUES (?)", text).execute(pool).await?;
    Ok(added.last_insert_rowid())
}

async fn index(State(pool): State<SqlitePool>) -> Result<String, (StatusCode, String)> {
    sqlx::query!("SELECT id, text FROM notes ORDER BY id")
        .map(|note| format!("note {}: {}\n", note.id, note.text))
        .fetch_all(&pool)
        .await
        .map(|notes| notes.concat())
        .map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = env::var("NOTES_DATABASE").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    // One connection, because each has a database of its own in memory.
    let pool = SqlitePoolOptions::new().max_connections(1).connect(&url).await?;
    sqlx::migrate!().run(&pool).await?;
    add(&pool, "the database is ready").await?;

    let app = Router::new().route("/", get(index)).with_state(pool);
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind("0.0.0.0:8080").await?;
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            terminate.recv().await;
        })
        .await?;
    Ok(())
}
