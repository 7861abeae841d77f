//! Answers GraphQL queries for the products that its configuration names.

use std::fs;
use std::time::Duration;

use anyhow::Context;
use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, SimpleObject};
use async_graphql_poem::GraphQL;
use poem::listener::TcpListener;
use poem::web::Data;
use poem::{EndpointExt, Route, Server, get, handler};
use serde::Deserialize;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Deserialize)]
struct Config {
    listen: String,
    products: Vec<Product>,
}

#[derive(Clone, Deserialize, SimpleObject)]
struct Product {
    name: String,
    cents: u32,
}

struct Query {
    products: Vec<Product>,
}

#[Object]
impl Query {
    /// The products that cost at most so many cents.
    async fn products(&self, at_most: Option<u32>) -> Vec<Product> {
        let most = at_most.unwrap_or(u32::MAX);
        let cheap = self.products.iter().filter(|one| one.cents <= most);
        cheap.cloned().collect()
    }
}

type Shop = Schema<Query, EmptyMutation, EmptySubscription>;

#[handler]
async fn example(shop: Data<&Shop>) -> String {
    let response = shop.execute("{ products(atMost: 2000) { name } }").await;
    format!("{} {:?}\n", response.data, response.errors)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let text = fs::read_to_string("config.toml").context("cannot read config.toml")?;
    let Config { listen, products } = toml::from_str(&text)?;
    let shop = Schema::build(Query { products }, EmptyMutation, EmptySubscription).finish();
    let app = Route::new()
        .at("/", get(example))
        .at("/graphql", get(GraphQL::new(shop.clone())).post(GraphQL::new(shop.clone())))
        .data(shop);
    let mut terminate = signal(SignalKind::terminate())?;
    let terminated = async move {
        terminate.recv().await;
    };
    Server::new(TcpListener::bind(listen))
        .run_with_graceful_shutdown(app, terminated, Some(Duration::from_millis(500)))
        .await?;
    Ok(())
}
