//! What `-d compose=true` adds to a project.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::json;
use workshop::{Outcome, Project, build_flags, command, run};

use crate::kubernetes::linter;

const OPTION: [&str; 2] = ["-d", "compose=true"];

/// Counts its starts in /data, and answers each connection with the count, from port 8080.
const MAIN: &str = r#"
use std::{fs, io::Write, net::TcpListener};

fn main() {
    let mut file = fs::File::options().append(true).create(true).open("/data/starts").unwrap();
    writeln!(file, "started").unwrap();
    let count = fs::read_to_string("/data/starts").unwrap().lines().count();
    for stream in TcpListener::bind("0.0.0.0:8080").unwrap().incoming() {
        write!(stream.unwrap(), "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nstart {count}").unwrap();
    }
}
"#;

/// A project with the service, of a name and with a port that no other one on this machine has.
/// Dropping removes its containers, images and volumes.
struct Service(Project);

impl Service {
    fn new() -> Self {
        let project = Project::generate_with("counter", &OPTION);
        fs::write(project.path.join("src/main.rs"), MAIN).unwrap();
        project.edit("compose.yaml", "8080:8080", "127.0.0.1::8080");
        // The base images, as other builds on this machine get them.
        let bases: Vec<_> = build_flags()
            .into_iter()
            .filter(|flag| flag.contains('='))
            .collect();
        let bases = json!({ "services": { "app": { "build": { "additional_contexts": bases }}}});
        fs::write(
            project.path.join("compose.override.yaml"),
            bases.to_string(),
        )
        .unwrap();
        Self(project)
    }

    /// Runs `docker compose` with `arguments`.
    fn compose(&self, arguments: &str) -> Outcome {
        run(&mut self.command(arguments))
    }

    /// The command that `compose` runs.
    fn command(&self, arguments: &str) -> Command {
        let name = self.0.image.replace('/', "-");
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        let begin = ["compose", "--project-name", &name];
        let arguments = [&begin[..], &arguments].concat();
        command(&self.0.path, "docker", &arguments)
    }

    /// What the service answers, as soon as that begins with `word`. Panics if it does not within a
    /// minute.
    fn answers(&self, word: &str) -> String {
        for _ in 0..120 {
            // Compose knows no port while the service starts again.
            let address = self.compose("port app 8080");
            let url = format!("http://{}/", address.stdout.trim());
            let answer = ureq::get(&url).call().ok();
            let text = answer.and_then(|mut answer| answer.body_mut().read_to_string().ok());
            if let Some(text) = text.filter(|text| text.starts_with(word)) {
                return text;
            }
            sleep(Duration::from_millis(500));
        }
        panic!("no answer with '{word}': {}", self.compose("logs"));
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

impl Drop for Service {
    fn drop(&mut self) {
        let down = self.compose("down --volumes --rmi all --timeout 0");
        if !down.success {
            eprintln!("{down}");
        }
    }
}

#[test]
fn a_service_answers_keeps_its_data_and_shows_an_edit() {
    let service = Service::new();
    service.compose("up --build --detach").succeeds();
    assert_eq!(service.answers("start"), "start 1");
    service
        .0
        .edit("src/main.rs", "start {count}", "again {count}");
    service
        .compose("up --build --detach --timeout 0")
        .succeeds();
    assert_eq!(service.answers("again"), "again 2");
}

#[test]
fn watch_builds_and_starts_it_again_after_an_edit() {
    let service = Service::new();
    // So that there is something to answer while it begins to watch.
    service.compose("up --build --detach").succeeds();
    let mut watch = service.command("watch --no-up");
    watch.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut watch = Running(watch.spawn().unwrap());
    let mut lines = BufReader::new(watch.0.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("Watch enabled")));
    service
        .0
        .edit("src/main.rs", "start {count}", "again {count}");
    assert_eq!(service.answers("again"), "again 2");
}

#[test]
fn it_is_valid_and_the_option_adds_nothing_else() {
    let plain = Project::generate("hello-world");
    let project = Project::generate_with("hello-world", &OPTION);
    let files = project.files();
    let added: Vec<_> = files.difference(&plain.files()).cloned().collect();
    assert_eq!(added, ["compose.yaml"]);
    let validate = || {
        let schema = ["--builtin-schema", "vendor.compose-spec"];
        let file = project.path.join("compose.yaml");
        linter(
            "check-jsonschema",
            &[&schema[..], &[file.to_str().unwrap()]].concat(),
        )
    };
    validate().succeeds();
    project.edit("compose.yaml", "read_only", "readonly");
    validate().fails_with("'readonly' was unexpected");
}
