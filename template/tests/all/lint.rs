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

#[test]
#[ignore = "compiles hundreds of crates: make -C template test TESTS='lint:: -- --ignored'"]
fn clippy_finds_nothing_in_the_apps_of_the_benchmark_and_the_package_of_cargo_generate() {
    let apps = ["app", "growth", "other", "workspace"].map(|app| format!("bench/{app}"));
    for package in apps.iter().map(String::as_str).chain(["generate"]) {
        let folder = repository().join("template").join(package);
        let clippy = [
            "clippy",
            "--quiet",
            "--locked",
            "--workspace",
            "--all-targets",
            "--",
        ];
        let deny = ["--deny", "warnings"];
        run(&mut command(
            &folder,
            "cargo",
            &[&clippy[..], &deny].concat(),
        ))
        .succeeds();
    }
}
