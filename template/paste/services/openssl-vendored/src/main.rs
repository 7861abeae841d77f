//! Signs its report of the certificate authorities that programs trust here.

use std::fs;

use anyhow::Context;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use openssl::pkey::PKey;
use openssl::sign::{Signer, Verifier};
use openssl::version;
use openssl::x509::X509;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

fn report() -> anyhow::Result<String> {
    let bundle = openssl_probe::probe().cert_file.context("there is no bundle of certificates")?;
    let authorities = X509::stack_from_pem(&fs::read(bundle)?)?;
    anyhow::ensure!(!authorities.is_empty(), "no authority is trusted");

    let text = format!("{} authorities", authorities.len());
    let key = PKey::generate_ed25519()?;
    let signature = Signer::new_without_digest(&key)?.sign_oneshot_to_vec(text.as_bytes())?;
    let valid = Verifier::new_without_digest(&key)?.verify_oneshot(&signature, text.as_bytes())?;
    anyhow::ensure!(valid, "the signature is wrong");
    Ok(format!("{text}, signed with {}\n", version::version()))
}

async fn index() -> Result<String, (StatusCode, String)> {
    report().map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")))
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
