//! Tells whether its database is there. The macros of sqlx, too, link OpenSSL.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use sqlx::PgPool;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

static MIGRATIONS: Migrator = sqlx::migrate!();

async fn index(State(pool): State<PgPool>) -> String {
    let count = MIGRATIONS.iter().count();
    match MIGRATIONS.run(&pool).await {
        Ok(()) => format!("{count} migrations are done\n"),
        Err(_) => format!("{count} migrations wait for the database\n"),
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let database = PgConnectOptions::new().host("127.0.0.1").ssl_mode(PgSslMode::Require);
    let pool =
        PgPoolOptions::new().acquire_timeout(Duration::from_secs(2)).connect_lazy_with(database);
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
