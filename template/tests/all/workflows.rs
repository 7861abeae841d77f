//! What holds for all workflows, and `rebuild.yml`.

use serde_json::{Value, json};
use workshop::workflow::{jobs, shipped};
use workshop::{Project, command, commit, run};

/// Runs `rebuild.yml` in a repository with these tags, and returns the arguments of `gh`.
fn rebuild(tags: &[&str], turned_on: &str) -> String {
    let project = Project::generate("hello-world");
    commit(&project.path);
    for tag in tags {
        run(&mut command(&project.path, "git", &["tag", tag])).succeeds();
    }
    // There is no GitHub here.
    let gh = r#"gh() { echo "gh $*"; }"#;
    let script = "          gh workflow";
    let workflow = shipped("rebuild.yml").replace(script, &format!("          {gh}\n{script}"));
    let context = json!({ "vars": { "REBUILD": turned_on } });
    let (outcomes, _) = jobs(&project, &workflow, context, &[]).unwrap();
    outcomes.iter().map(|outcome| &*outcome.stdout).collect()
}

#[test]
fn a_rebuild_publishes_the_newest_version_again_if_it_is_turned_on() {
    let tags = ["v1.10.0", "v1.9.9", "v2.0.0-rc.1", "nightly"];
    let started = "gh workflow run release.yml --ref v1.10.0\n";
    assert_eq!(rebuild(&tags, "weekly"), started);
    assert_eq!(rebuild(&tags, ""), "");
}

#[test]
fn a_pipe_fails_if_any_of_its_commands_does() {
    for file in ["ci.yml", "rebuild.yml", "release.yml"] {
        let workflow: Value = serde_saphyr::from_str(&shipped(file)).unwrap();
        let jobs = workflow["jobs"].as_object().unwrap().values();
        let steps = jobs.flat_map(|job| job["steps"].as_array().unwrap());
        let pipes = steps.filter_map(|step| step["run"].as_str());
        if pipes.filter(|script| script.contains(" | ")).count() > 0 {
            assert_eq!(workflow["defaults"]["run"]["shell"], "bash", "{file}");
        }
    }
}

#[test]
fn workflows_check_out_submodules() {
    for file in ["ci.yml", "release.yml"] {
        let workflow = shipped(file);
        let (_, checkout) = workflow.split_once("uses: actions/checkout@").unwrap();
        let step = checkout.split("- ").next().unwrap();
        assert!(step.contains("submodules: recursive"), "{file}: {step}");
    }
}
