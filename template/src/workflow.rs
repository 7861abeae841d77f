//! The workflow that the template ships, run as GitHub runs it at a push.

use std::fs;

use crate::{Outcome, Project, repository};

/// The text of the workflow that the template ships.
pub fn shipped() -> String {
    fs::read_to_string(repository().join(".github/workflows/ci.yml")).unwrap()
}

/// Runs the steps of a workflow in order, and returns their outcomes: first that of the action,
/// then those of the commands. Returns the reason instead if one fails, or if the image is built
/// from other layers than the action's. Panics if the text lacks what this stands in for.
pub fn steps(project: &Project, workflow: &str) -> Result<Vec<Outcome>, String> {
    let value = |key: &'static str| {
        workflow
            .lines()
            .filter_map(move |line| line.trim().trim_start_matches("- ").strip_prefix(key))
    };
    // Stands in for the action, which builds the layers if the GitHub cache has none.
    let target = value("target: ").next().unwrap();
    let epoch = value("SOURCE_DATE_EPOCH: ").next().unwrap();
    let epoch = epoch.split(' ').next().unwrap();
    let build = format!("docker buildx build --target {target} --output type=cacheonly");
    let warm = format!("SOURCE_DATE_EPOCH={epoch} {build} $BUILD_FLAGS .");
    let commands: Vec<_> = [warm.as_str()].into_iter().chain(value("run: ")).collect();
    assert_eq!(
        commands.len(),
        5,
        "the workflow should have the action and four commands"
    );
    let mut outcomes = Vec::new();
    for command in commands {
        let outcome = project.step(command);
        if !outcome.success {
            return Err(format!("failed: {outcome}"));
        }
        outcomes.push(outcome);
    }
    for step in outcomes[1].rebuilt() {
        let stage = step.split(' ').next().unwrap();
        if ["[toolchain", "[dependencies"].contains(&stage) {
            return Err(format!("{step} ran again: {}", outcomes[1]));
        }
    }
    Ok(outcomes)
}
