//! What `-d compose=true` adds to a project.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::json;
use workshop::ask::get;
use workshop::{Outcome, Project, build_flags, cmd, run, words};

use crate::kubernetes::linter;

/// Counts its starts in /data, and answers each connection with the count, from port 8080.
const MAIN: &str = r#"
use std::{fs, io::Write, net::TcpListener};

fn main() {
    let mut file = fs::File::options().append(true).create(true).open("/data/starts").unwrap();
    writeln!(file, "started").unwrap();
    let count = fs::read_to_string("/data/starts").unwrap().lines().count();
    for stream in TcpListener::bind("0.0.0.0:8080").unwrap().incoming() {
        let mut stream = stream.unwrap();
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nstart {count}").unwrap();
    }
}
"#;

/// A project with the service, of a name and with a port that no other one on this machine has.
/// Dropping removes its containers, images and volumes.
struct Service(Project);

impl Service {
    fn new() -> Self {
        let project = Project::generate("counter", "-d compose=true");
        project.write("src/main.rs", MAIN);
        project.edit("compose.yaml", "8080:8080", "127.0.0.1::8080");
        // The base images, as other builds on this machine get them.
        let bases: Vec<_> = build_flags().into_iter().filter(|flag| flag.contains('=')).collect();
        let bases = json!({ "services": { "app": { "build": { "additional_contexts": bases }}}});
        project.write("compose.override.yaml", bases.to_string());
        Self(project)
    }

    /// `docker compose` with arguments in a shell's syntax.
    fn command(&self, arguments: &str) -> Command {
        let (name, arguments) = (self.0.image.replace('/', "-"), words(arguments));
        cmd!(self.0, "docker compose --project-name {name} {arguments...}")
    }

    fn compose(&self, arguments: &str) -> Outcome {
        run(&mut self.command(arguments))
    }

    /// Panics unless the service answers with `text` within a minute.
    fn answers(&self, text: &str) {
        let mut last = Ok(String::new());
        for _ in 0..120 {
            // Compose knows no port while the service starts again.
            let address = self.compose("port app 8080");
            last = get(&format!("http://{}/", address.stdout.trim()));
            if last.as_deref() == Ok(text) {
                return;
            }
            sleep(Duration::from_millis(500));
        }
        panic!("not '{text}', but {last:?}: {}", self.compose("logs"));
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let down = self.compose("down --volumes --rmi all --timeout 0");
        if !down.success {
            eprintln!("{down}");
        }
    }
}

/// A command that ends when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_service_answers_keeps_its_data_and_shows_edits_by_itself_while_compose_watches() {
    let service = Service::new();
    service.compose("up --build --detach").succeeds();
    service.answers("start 1");
    service.0.edit("src/main.rs", "start {count}", "again {count}");
    service.compose("up --build --detach --timeout 0").succeeds();
    service.answers("again 2");

    let mut watch = service.command("watch --no-up");
    watch.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut watch = Running(watch.spawn().unwrap());
    let mut lines = BufReader::new(watch.0.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("Watch enabled")));
    service.0.edit("src/main.rs", "again {count}", "third {count}");
    service.answers("third 3");
}

#[test]
fn it_is_valid_and_the_option_adds_nothing_else() {
    let (plain, project) = (Project::hello(), Project::generate("hello-world", "-d compose=true"));
    let added = &project.files() - &plain.files();
    assert!(added.iter().eq(["compose.yaml"]), "{added:?}");
    let file = project.path.join("compose.yaml").display().to_string();
    let schema = format!("--builtin-schema vendor.compose-spec '{file}'");
    linter("check-jsonschema", &schema).succeeds();
    project.edit("compose.yaml", "read_only", "readonly");
    linter("check-jsonschema", &schema).fails("'readonly' was unexpected");
}
