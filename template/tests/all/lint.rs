//! The linters, which `make lint` runs alone.

use workshop::{Project, command, repository, run};

#[test]
fn linters_find_nothing_in_the_repository_and_in_a_generated_project() {
    let project = Project::generate("hello-world");
    let script = repository().join("template/lint/lint.sh");
    run(command(repository(), "sh", &[script.to_str().unwrap()])
        .args([repository(), &project.path]))
    .succeeds();
}
