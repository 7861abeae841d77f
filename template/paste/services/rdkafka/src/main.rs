//! Sends events to Kafka, with librdkafka, which is written in C.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use rdkafka::config::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

async fn index(State(producer): State<FutureProducer>) -> String {
    let record = FutureRecord::to("visits").key("/").payload("1");
    let (_, version) = rdkafka::util::get_rdkafka_version();
    match producer.send(record, Duration::from_secs(1)).await {
        Ok(_) => "sent\n".to_owned(),
        Err((error, _)) => format!("librdkafka {version} waits for its broker: {error}\n"),
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", "127.0.0.1:9092")
        .set("message.timeout.ms", "1000")
        .set("compression.type", "gzip")
        .create()?;
    let app = Router::new().route("/", get(index)).with_state(producer);
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind("0.0.0.0:8080").await?;
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            terminate.recv().await;
        })
        .await?;
    Ok(())
}
