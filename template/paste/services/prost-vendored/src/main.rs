//! Reports the weather, as text that has been a message of Protocol Buffers.

use axum::Router;
use axum::routing::get;
use prost::Message;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

mod weather {
    include!(concat!(env!("OUT_DIR"), "/weather.rs"));
}

async fn index() -> String {
    let report = weather::Report { place: "Bergen".to_owned(), degrees: -3 };
    let bytes = report.encode_to_vec();
    let report = weather::Report::decode(&bytes[..]).unwrap_or_default();
    format!("{} degrees in {}\n", report.degrees, report.place)
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
