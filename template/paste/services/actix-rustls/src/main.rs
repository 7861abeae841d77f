//! Fetches from a service that only speaks TLS, on the next port, and passes its answer on.

use std::sync::Arc;

use actix_web::error::ErrorBadGateway;
use actix_web::{App, HttpServer, Responder, get, web};
use awc::{Client, Connector};
use rcgen::CertifiedKey;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

#[get("/")]
async fn index(client: web::Data<Client>) -> actix_web::Result<impl Responder> {
    let request = client.get("https://localhost:8443/stock");
    let mut response = request.send().await.map_err(ErrorBadGateway)?;
    response.body().await.map_err(ErrorBadGateway)
}

#[get("/stock")]
async fn stock() -> impl Responder {
    "12 lamps, counted over TLS\n"
}

/// Configures the server with a new certificate, and the client to trust it.
fn tls() -> anyhow::Result<(ServerConfig, ClientConfig)> {
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let server = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())?;
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone())?;
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok((server, client))
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let (server, client) = tls()?;
    let client = Arc::new(client);
    let app = move || {
        let connector = Connector::new().rustls_0_23(Arc::clone(&client));
        let client = Client::builder().connector(connector).finish();
        App::new().app_data(web::Data::new(client)).service(index).service(stock)
    };
    HttpServer::new(app)
        .workers(2)
        .shutdown_timeout(0)
        .bind("0.0.0.0:8080")?
        .bind_rustls_0_23("127.0.0.1:8443", server)?
        .run()
        .await?;
    Ok(())
}
