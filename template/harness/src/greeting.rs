//! The crate `greeting`, and servers from which builds get it.

use std::fs;
use std::io::Cursor;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::thread::spawn;

use serde_json::json;
use tempfile::TempDir;
use tiny_http::{Header, Request, Response, Server};

use crate::package::{CONFIG, Package, library, one};
use crate::{Project, cmd, commit, run, sh};

/// The text of the crate, in its constant `WORD`.
pub const WORD: &str = "from another place";
/// The token of the private registry: a text that is in no source of a project or its dependencies.
pub const TOKEN: &str = "s3cr3t-0f-th3-c0mp4ny";

/// Makes `folder` a git repository with the crate in it.
pub fn write(folder: &Path) {
    let text = format!("pub const WORD: &str = {WORD:?};");
    let crate_ = library("greeting").file("src/lib.rs", &text);
    crate_.keys("description = \"-\"\nlicense = \"MIT\"").write(folder);
    commit(folder);
}

/// A program that prints `WORD`, and takes the crate from a place like `git = "…"`.
pub fn program(place: &str) -> Package {
    let table = format!("[dependencies]\ngreeting = {{ {place} }}");
    one().prints("greeting::WORD").manifest(&table)
}

/// Serves the git repositories below `folder` until the tests end. Returns the URL of the folder.
pub fn git(folder: &Path) -> String {
    let listener = TcpListener::bind((gateway(), 0)).unwrap();
    let url = format!("git://{}", listener.local_addr().unwrap());
    let base = format!("--base-path={}", folder.display());
    spawn(move || {
        for client in listener.incoming().map(Result::unwrap) {
            let input = OwnedFd::from(client.try_clone().unwrap());
            let mut daemon = cmd!("/", "git daemon --inetd --export-all {base}");
            daemon.stdin(input).stdout(OwnedFd::from(client));
            daemon.status().unwrap();
        }
    });
    url
}

/// The address of this machine for containers and builds.
pub fn gateway() -> String {
    let gateway = "--format={{(index .IPAM.Config 0).Gateway}}";
    sh!("/", "docker network inspect {gateway} bridge").succeeds().last_line().to_owned()
}

/// What a registry sends.
pub type Answer = Response<Cursor<Vec<u8>>>;

/// Serves the crate in the registry `company` until the tests end. `answer` gets each request with
/// its right answer, and returns the one to send. Returns the registry as Cargo's configuration.
pub fn registry(
    auth_required: bool,
    answer: impl Fn(&Request, Answer) -> Answer + Send + 'static,
) -> String {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    write(path);
    sh!(path, "cargo package --quiet --no-verify").succeeds();
    let file = path.join("target/package/greeting-0.1.0.crate");
    let sum = sh!(path, "sha256sum {file}").succeeds();
    let package = fs::read(&file).unwrap();
    let index = json!({
        "name": "greeting", "vers": "0.1.0", "deps": [], "cksum": &sum.stdout[..64],
        "features": {}, "yanked": false,
    });
    let index = index.to_string();
    let server = Server::http((gateway(), 0)).unwrap();
    let address = server.server_addr().to_string();
    let download = format!("http://{address}/{{crate}}.crate");
    let config = json!({ "dl": download, "auth-required": auth_required }).to_string();
    spawn(move || {
        for request in server.incoming_requests() {
            let (status, body) = match request.url() {
                "/config.json" => (200, config.as_bytes()),
                "/gr/ee/greeting" => (200, index.as_bytes()),
                "/greeting.crate" => (200, &package[..]),
                _ => (404, &b""[..]),
            };
            let right = Response::from_data(body).with_status_code(status);
            let answer = answer(&request, right);
            if let Err(error) = request.respond(answer) {
                eprintln!("no answer to Cargo: {error}");
            }
        }
    });
    format!("[registries.company]\nindex = \"sparse+http://{address}/\"\n")
}

/// A program that takes the crate from a registry that serves only those who have the token.
pub fn private() -> Package {
    let config = registry(true, |request, answer| {
        let token = |header: &Header| header.field.equiv("Authorization") && header.value == TOKEN;
        match request.headers().iter().any(token) {
            true => answer,
            false => Response::from_data("").with_status_code(401),
        }
    });
    program("version = \"0.1\", registry = \"company\"").file(CONFIG, &config)
}

/// Makes the lock file of `private`, with the token.
pub fn lock(project: &Project) {
    let mut lock = cmd!(project, "cargo generate-lockfile");
    lock.env("CARGO_REGISTRIES_COMPANY_TOKEN", TOKEN)
        .env("CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS", "cargo:token");
    run(&mut lock).succeeds();
}

/// Writes the file with which Cargo logs in beside the project's folder. Returns the option that
/// gives it to a build.
pub fn secret(project: &Project) -> &'static str {
    let credentials = format!("[registries.company]\ntoken = \"{TOKEN}\"\n");
    fs::write(project.path.join("../credentials.toml"), credentials).unwrap();
    "--secret=id=cargo,src=../credentials.toml"
}
