//! The linters, which `make lint` runs alone.

use workshop::{Project, repository, sh};

#[test]
fn linters_find_nothing_in_the_repository_and_in_a_generated_project() {
    let (repository, project) = (repository(), Project::hello());
    let generated = &project.path;
    sh!(repository, "sh template/lint/lint.sh {repository} {generated}").succeeds();
}

#[test]
#[ignore = "compiles hundreds of crates: make -C template test TESTS='lint:: -- --ignored'"]
fn clippy_finds_nothing_in_the_apps_of_the_benchmark_and_the_package_of_cargo_generate() {
    for package in ["bench/app", "bench/other", "generate"] {
        let folder = repository().join("template").join(package);
        sh!(folder, "cargo clippy --quiet --locked --workspace --all-targets -- --deny warnings")
            .succeeds();
    }
}
