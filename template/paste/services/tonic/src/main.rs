//! Greets guests by gRPC. With the argument `call` it is a guest itself.

mod proto {
    tonic::include_proto!("greeter");
}

use std::env;
use std::time::Instant;

use proto::greeter_client::GreeterClient;
use proto::greeter_server::{Greeter, GreeterServer};
use proto::{Greeting, Guest};
use tokio::signal::unix::{SignalKind, signal};
use tonic::transport::Server;
use tonic::{Request, Response, Status};

struct Host {
    started: Instant,
}

#[tonic::async_trait]
impl Greeter for Host {
    async fn greet(&self, request: Request<Guest>) -> Result<Response<Greeting>, Status> {
        let name = request.into_inner().name;
        if name.is_empty() {
            return Err(Status::invalid_argument("a guest needs a name"));
        }
        let uptime = prost_types::Duration::try_from(self.started.elapsed())
            .map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(Greeting { text: format!("Hello, {name}!"), uptime: Some(uptime) }))
    }
}

async fn call() -> anyhow::Result<()> {
    let mut client = GreeterClient::connect("http://127.0.0.1:8080").await?;
    let name = "neighbour".to_owned();
    let greeting = client.greet(Guest { name }).await?.into_inner();
    println!("{} {}", greeting.text, greeting.uptime.unwrap_or_default());
    Ok(())
}

async fn serve() -> anyhow::Result<()> {
    let host = Host { started: Instant::now() };
    let mut terminate = signal(SignalKind::terminate())?;
    Server::builder()
        .add_service(GreeterServer::new(host))
        .serve_with_shutdown("0.0.0.0:8080".parse()?, async move {
            terminate.recv().await;
        })
        .await?;
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match env::args().nth(1).as_deref() {
        Some("call") => call().await,
        _ => serve().await,
    }
}
