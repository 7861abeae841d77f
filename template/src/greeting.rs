//! The crate `greeting`, and servers from which builds get it.

use std::fs;
use std::io::Cursor;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::thread::spawn;

use tempfile::TempDir;
use tiny_http::{Header, Request, Response, Server};

use crate::small::with;
use crate::{Project, command, commit, docker, run};

/// The text of the crate, in its constant `WORD`.
pub const WORD: &str = "from another place";
/// The path and the text of a program that prints `WORD`.
pub const PROGRAM: (&str, &str) = (
    "src/main.rs",
    r#"fn main() { println!("{}", greeting::WORD) }"#,
);

/// The token of the private registry: a text that is in no source of a project or its dependencies.
pub const TOKEN: &str = "s3cr3t-0f-th3-c0mp4ny";

/// Makes `folder` a git repository with the crate in it.
pub fn write(folder: &Path) {
    let manifest =
        with("description = \"-\"\nlicense = \"MIT\"\n").replace("\"one\"", "\"greeting\"");
    let library = format!("pub const WORD: &str = \"{WORD}\";\n");
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), library).unwrap();
    run(&mut command(folder, "git", &["init", "--quiet"])).succeeds();
    commit(folder);
}

/// Serves the git repositories below `folder` until the tests end. Returns the URL of the folder.
pub fn git(folder: &Path) -> String {
    let listener = TcpListener::bind((gateway(), 0)).unwrap();
    let url = format!("git://{}", listener.local_addr().unwrap());
    let base = format!("--base-path={}", folder.display());
    spawn(move || {
        for client in listener.incoming().map(Result::unwrap) {
            let input = OwnedFd::from(client.try_clone().unwrap());
            let daemon = ["daemon", "--inetd", "--export-all", &base];
            let mut daemon = command(Path::new("/"), "git", &daemon);
            daemon.stdin(input).stdout(OwnedFd::from(client));
            daemon.status().unwrap();
        }
    });
    url
}

/// The address of this machine for containers and builds.
pub fn gateway() -> String {
    let gateway = "--format={{(index .IPAM.Config 0).Gateway}}";
    let network = ["network", "inspect", gateway, "bridge"];
    docker(&network).succeeds().stdout.trim().to_owned()
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
    let package = ["package", "--quiet", "--no-verify"];
    run(&mut command(path, "cargo", &package)).succeeds();
    let file = path.join("target/package/greeting-0.1.0.crate");
    let package = fs::read(&file).unwrap();
    let sum = run(command(path, "sha256sum", &[]).arg(&file)).succeeds();
    let index = format!(
        "{{\"name\":\"greeting\",\"vers\":\"0.1.0\",\"deps\":[],\"cksum\":\"{}\",\"features\":{{}},\"yanked\":false}}\n",
        &sum.stdout[..64]
    );
    let server = Server::http((gateway(), 0)).unwrap();
    let address = server.server_addr().to_string();
    let config = format!(
        "{{\"dl\": \"http://{address}/{{crate}}.crate\", \"auth-required\": {auth_required}}}"
    );
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
    format!(
        r#"
[registries.company]
index = "sparse+http://{address}/"
"#
    )
}

/// As `registry`, but only for those who have the token. Returns the files of a project that takes
/// the crate from there: a path and a text each. Their lock file needs `lock`.
pub fn private() -> [(&'static str, String); 3] {
    let config = registry(true, |request, answer| {
        let token = |header: &Header| header.field.equiv("Authorization") && header.value == TOKEN;
        if request.headers().iter().any(token) {
            answer
        } else {
            Response::from_data("").with_status_code(401)
        }
    });
    let manifest = with(
        r#"
[dependencies]
greeting = { version = "0.1", registry = "company" }
"#,
    );
    let (file, main) = PROGRAM;
    [
        ("Cargo.toml", manifest),
        (file, main.to_owned()),
        (".cargo/config.toml", config),
    ]
}

/// Makes the lock file of a project that has the files of `private`, with the token.
pub fn lock(project: &Project) {
    run(command(&project.path, "cargo", &["generate-lockfile"])
        .env("CARGO_REGISTRIES_COMPANY_TOKEN", TOKEN)
        .env("CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS", "cargo:token"))
    .succeeds();
}

/// Writes the file with which Cargo logs in beside the project's folder. Returns the option that
/// gives it to a build.
pub fn secret(project: &Project) -> &'static str {
    let credentials = format!("[registries.company]\ntoken = \"{TOKEN}\"\n");
    fs::write(project.path.join("../credentials.toml"), credentials).unwrap();
    "--secret=id=cargo,src=../credentials.toml"
}
