//! Watches whether sites answer, over TLS with the system's OpenSSL, which is reqwest's default.

use std::time::Duration;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use reqwest::Client;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Serialize)]
struct Site {
    url: &'static str,
    up: bool,
}

/// No network is needed to find that this site is down.
const SITES: [&str; 1] = ["https://127.0.0.1:9/"];

async fn index(State(client): State<Client>) -> Json<Vec<Site>> {
    let mut sites = Vec::new();
    for url in SITES {
        let up = client.get(url).send().await.is_ok();
        sites.push(Site { url, up });
    }
    Json(sites)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let client = Client::builder().timeout(Duration::from_secs(2)).build()?;
    let app = Router::new().route("/", get(index)).with_state(client);
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind("0.0.0.0:8080").await?;
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            terminate.recv().await;
        })
        .await?;
    Ok(())
}
