//! The steps of `ci.yml` pass at the first push, in a project of each kind.

use workshop::small::MANIFEST;
use workshop::workflow::{ci, shipped};
use workshop::{Outcome, Project, copy_repository};

/// As `ci`, for a project that was never built. Panics if a step fails.
fn pushes(project: &Project, workflow: &str) -> Vec<Outcome> {
    project.never_built();
    ci(project, workflow).unwrap_or_else(|reason| panic!("{reason}"))
}

fn prints(outcomes: &[Outcome], line: &str) {
    let printed = |outcome: &Outcome| outcome.stdout.lines().any(|printed| printed == line);
    assert!(outcomes.iter().any(printed), "no '{line}': {outcomes:?}");
}

#[test]
fn ci_is_green_at_the_first_push_of_a_generated_project() {
    let project = Project::generate("hello-world");
    let outcomes = pushes(&project, &project.read(".github/workflows/ci.yml"));
    prints(&outcomes, "whoami: hello-world");
    let built = outcomes[1].stdout.contains("docker buildx build");
    assert!(built, "the build step hides its command: {}", outcomes[1]);
}

#[test]
fn ci_is_green_at_the_first_push_of_a_fork() {
    let fork = Project::published(|folder| {
        let path = folder.join("fork");
        copy_repository(&path);
        path
    });
    prints(&pushes(&fork, &shipped("ci.yml")), "whoami: myapp");
}

#[test]
fn ci_is_green_at_the_first_push_of_a_program_that_wants_arguments() {
    let manifest = r#"
[package]
name = "tool"
version = "0.1.0"
edition = "2024"
"#;
    let main = r#"
fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("--version") => println!("tool 0.1.0"),
        Some(file) => println!("{file}"),
        None => {
            eprintln!("usage: tool FILE");
            std::process::exit(2);
        }
    }
}
"#;
    let tool = Project::pasted(&[("Cargo.toml", manifest), ("src/main.rs", main)]);
    prints(&pushes(&tool, &shipped("ci.yml")), "tool 0.1.0");
}

#[test]
fn ci_is_green_at_the_first_push_of_a_service() {
    let manifest = r#"
[package]
name = "service"
version = "0.1.0"
edition = "2024"
"#;
    let main = r#"
fn main() {
    let listener = std::net::TcpListener::bind("127.0.0.1:8080").unwrap();
    for stream in listener.incoming() {
        drop(stream);
    }
}
"#;
    let service = Project::pasted(&[("Cargo.toml", manifest), ("src/main.rs", main)]);
    let running = "with a read-only root, no capabilities and no network: running 0";
    prints(&pushes(&service, &shipped("ci.yml")), running);
}

#[test]
fn ci_is_green_for_a_service_whose_variables_are_in_the_workflow() {
    let main = r#"
fn main() {
    println!("serving {}", std::env::var("DATABASE_URL").expect("DATABASE_URL"));
    std::thread::sleep(std::time::Duration::from_secs(60));
}
"#;
    let service = Project::pasted(&[MANIFEST, ("src/main.rs", main)]);
    service.never_built();
    let workflow = shipped("ci.yml");
    let red = ci(&service, &workflow).unwrap_err();
    assert!(red.contains("the program has to exit with 0"), "{red}");
    let flags = r#"RUN_FLAGS: "--env DATABASE_URL=postgres://db""#;
    let edited = workflow.replace(r#"RUN_FLAGS: """#, flags);
    let service = Project::pasted(&[MANIFEST, ("src/main.rs", main)]);
    prints(&pushes(&service, &edited), "serving postgres://db");
}
