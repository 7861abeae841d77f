//! The BuildKit of an engine, as a builder of buildx.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread::spawn;

use tempfile::TempDir;

use crate::container::{report, unique_part};
use crate::sh;

/// A builder of buildx, with the remote driver. Dropping removes it.
pub struct Builder {
    /// For `--builder`.
    pub name: String,
}

impl Builder {
    /// The machine's own engine, for what the docker driver refuses, like to push without a tag.
    pub fn remote() -> Self {
        let host = "{{.Endpoints.docker.Host}}";
        let host = sh!("/", "docker context inspect --format {host}").succeeds().stdout;
        let socket = host.trim().strip_prefix("unix://").unwrap();
        let unique = unique_part(TempDir::new().unwrap().path());
        Self::new(format!("template-test-{unique}"), socket.into())
    }

    /// The BuildKit of the engine at `socket`, which need not answer yet.
    pub(crate) fn new(name: String, socket: PathBuf) -> Self {
        let address = forward(socket);
        sh!("/", "docker buildx create --driver remote --name {name} {address}").succeeds();
        Self { name }
    }
}

impl Drop for Builder {
    fn drop(&mut self) {
        let name = &self.name;
        report(&sh!("/", "docker buildx rm {name}"));
    }
}

/// Listens for the remote driver of buildx, and connects it to the BuildKit in the engine at
/// `socket`, as `docker build` does itself. Returns the address to give to the driver.
fn forward(socket: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    spawn(move || {
        for client in listener.incoming().map(Result::unwrap) {
            // While the engine is down, dropping `client` ends its connection.
            if let Ok(engine) = UnixStream::connect(&socket) {
                upgrade(client, engine).unwrap_or_else(|error| eprintln!("no BuildKit: {error}"));
            }
        }
    });
    address
}

fn upgrade(mut client: TcpStream, mut engine: UnixStream) -> std::io::Result<()> {
    let request =
        "POST /grpc HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    engine.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        engine.read_exact(&mut byte)?;
        answer.extend(byte);
    }
    if !answer.starts_with(b"HTTP/1.1 101 ") {
        return Err(std::io::Error::other(String::from_utf8_lossy(&answer)));
    }
    let (mut requests, mut answers) = (client.try_clone()?, engine.try_clone()?);
    spawn(move || {
        // An error only means that one side has hung up.
        let _ = std::io::copy(&mut requests, &mut engine);
        let _ = engine.shutdown(Shutdown::Both);
    });
    spawn(move || {
        let _ = std::io::copy(&mut answers, &mut client);
        let _ = client.shutdown(Shutdown::Both);
    });
    Ok(())
}
