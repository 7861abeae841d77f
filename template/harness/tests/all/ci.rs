//! The steps of `ci.yml` pass at the first push, in a project of each kind.

use workshop::package::one;
use workshop::workflow::{ci, shipped};
use workshop::{Outcome, Project, copy_repository};

/// As `ci`, for a project that was never built. Panics if a step fails, or if none prints `lines`.
fn pushes(project: &Project, workflow: &str, lines: &str) -> Vec<Outcome> {
    project.never_built();
    let outcomes = ci(project, workflow).unwrap_or_else(|reason| panic!("{reason}"));
    let printed: String = outcomes.iter().map(|outcome| &*outcome.stdout).collect();
    assert!(printed.contains(&format!("\n{lines}\n")), "no '{lines}': {outcomes:?}");
    outcomes
}

#[test]
fn ci_is_green_at_the_first_push_of_a_generated_project() {
    let project = Project::hello();
    let workflow = project.read(".github/workflows/ci.yml");
    let built = &pushes(&project, &workflow, "whoami: hello-world")[1];
    assert!(built.stdout.contains("docker buildx build"), "the step hides its command: {built}");
}

#[test]
fn ci_is_green_at_the_first_push_of_a_fork() {
    let fork = Project::published(|folder| {
        copy_repository(&folder.join("fork"));
        folder.join("fork")
    });
    pushes(&fork, &shipped("ci.yml"), "whoami: myapp");
}

#[test]
fn ci_is_green_at_the_first_push_of_a_program_that_wants_arguments() {
    let body = r#"match std::env::args().nth(1).as_deref() {
        Some("--version") => println!("tool 0.1.0"),
        _ => std::process::exit(2),
    }"#;
    pushes(&one().main(body).paste(), &shipped("ci.yml"), "tool 0.1.0");
}

#[test]
fn ci_is_green_at_the_first_push_of_a_service_whose_variables_are_in_the_workflow() {
    let body = r#"println!("serving {}", std::env::var("DATABASE_URL").expect("DATABASE_URL"));
        std::thread::sleep(std::time::Duration::from_secs(60))"#;
    let (service, workflow) = (one().main(body).paste(), shipped("ci.yml"));
    let red = ci(&service, &workflow).unwrap_err();
    assert!(red.contains("the program has to exit with 0"), "{red}");
    let flags = r#"RUN_FLAGS: "--env DATABASE_URL=postgres://db""#;
    let running = "with a read-only root, no capabilities and no network: running 0";
    let lines = format!("serving postgres://db\n{running}");
    pushes(&service, &workflow.replace(r#"RUN_FLAGS: """#, flags), &lines);
}
