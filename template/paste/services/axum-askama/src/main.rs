//! The page of a library, whose notice can be changed without building the program again.

use anyhow::Context;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tower_http::services::ServeDir;

#[derive(Template)]
#[template(path = "index.html")]
struct Index {
    books: u32,
    notice: String,
}

async fn page() -> anyhow::Result<String> {
    let notice =
        tokio::fs::read_to_string("static/notice.txt").await.context("cannot read the notice")?;
    let index = Index { books: 1200, notice: notice.trim().to_owned() };
    Ok(index.render()?)
}

async fn index() -> Result<Html<String>, (StatusCode, String)> {
    let failed = |error| (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}"));
    page().await.map(Html).map_err(failed)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let app = Router::new().route("/", get(index)).nest_service("/static", ServeDir::new("static"));
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind("0.0.0.0:8080").await?;
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            terminate.recv().await;
        })
        .await?;
    Ok(())
}
