//! Tells which jobs there are.

use axum::routing::get;
use axum::{Json, Router};
use jobs::Job;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

async fn index() -> Json<Vec<Job>> {
    Json(jobs::planned())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let app = Router::new().route("/", get(index));
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind("0.0.0.0:8080").await?;
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            terminate.recv().await;
        })
        .await?;
    Ok(())
}
