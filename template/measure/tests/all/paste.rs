//! Published programs, and services, build and run with the container files as they are. These are a
//! few of those that `make -C template paste` tries.

use measure::paste::{programs, try_out};
use measure::services::{services, try_service};

fn builds_and_runs(name: &str) {
    let program = programs().into_iter().find(|program| program.name == name);
    let (row, log) = try_out(&program.unwrap());
    let good = row.built && row.ran && row.checked == Some(true) && row.ci != Some(false);
    assert!(good, "{}\n{log}", row.note);
}

#[test]
fn a_program_without_a_build_script_builds_and_runs() {
    builds_and_runs("choose");
}

#[test]
fn a_program_whose_build_script_includes_its_sources_builds_and_runs() {
    builds_and_runs("csview");
}

#[test]
#[ignore = "takes minutes: make -C template test TESTS='paste:: -- --ignored'"]
fn a_program_with_c_in_it_builds_and_runs() {
    builds_and_runs("mcfly");
}

#[test]
#[ignore = "takes minutes: make -C template test TESTS='paste:: -- --ignored'"]
fn a_program_of_a_workspace_builds_and_runs() {
    builds_and_runs("ripgrep");
}

#[test]
fn a_service_with_generated_code_answers_and_ends_on_sigterm() {
    let mut services = services().into_iter();
    let service = services.find(|service| service.name == "build-script");
    let (row, log) = try_service(&service.unwrap());
    let good = row.built && row.checked && row.answered;
    assert!(good, "{}\n{log}", row.note);
}
