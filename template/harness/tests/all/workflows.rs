//! What holds for all workflows, and `rebuild.yml`.

use serde_json::{Value, json};
use workshop::workflow::{jobs, shipped};
use workshop::{Project, commit, sh};

/// The steps of all jobs of a workflow.
fn steps(workflow: &Value) -> impl Iterator<Item = &Value> {
    let jobs = workflow["jobs"].as_object().unwrap().values();
    jobs.flat_map(|job| job["steps"].as_array().unwrap())
}

#[test]
fn a_rebuild_publishes_the_newest_version_again_if_it_is_turned_on() {
    let project = Project::hello();
    commit(&project);
    for tag in ["v1.10.0", "v1.9.9", "v2.0.0-rc.1", "nightly"] {
        sh!(project, "git tag {tag}").succeeds();
    }
    // There is no GitHub here.
    let start = "          gh workflow";
    let function = format!("          gh() {{ echo \"gh $*\"; }}\n{start}");
    let workflow = shipped("rebuild.yml").replace(start, &function);
    let printed = |turned_on: &str| -> String {
        let context = json!({ "vars": { "REBUILD": turned_on } });
        let (outcomes, _) = jobs(&project, &workflow, context, "").unwrap();
        outcomes.into_iter().map(|outcome| outcome.stdout).collect()
    };
    assert_eq!(printed("weekly"), "gh workflow run release.yml --ref v1.10.0\n");
    assert_eq!(printed(""), "");
}

#[test]
fn a_pipe_fails_if_any_of_its_commands_does() {
    for file in ["ci.yml", "rebuild.yml", "release.yml"] {
        let workflow: Value = serde_saphyr::from_str(&shipped(file)).unwrap();
        let mut scripts = steps(&workflow).filter_map(|step| step["run"].as_str());
        if scripts.any(|script| script.contains(" | ")) {
            assert_eq!(workflow["defaults"]["run"]["shell"], "bash", "{file}");
        }
    }
}

#[test]
fn workflows_check_out_submodules() {
    for file in ["ci.yml", "release.yml"] {
        let workflow: Value = serde_saphyr::from_str(&shipped(file)).unwrap();
        let is_checkout = |step: &&Value| step["uses"].to_string().contains("actions/checkout@");
        let checkouts: Vec<_> = steps(&workflow).filter(is_checkout).collect();
        assert!(!checkouts.is_empty(), "{file}");
        for step in checkouts {
            assert_eq!(step["with"]["submodules"], "recursive", "{file}: {step}");
        }
    }
}
