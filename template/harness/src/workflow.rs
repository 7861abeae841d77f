//! The workflows that the template ships, run as GitHub runs them.

use std::fs;

use serde_json::{Map, Value, json};
use tempfile::{NamedTempFile, TempDir};

use crate::expressions::{expand, lookup, text};
use crate::{Outcome, Project, build_flags, cmd, read, words};

/// The text of a workflow that the template ships, like `ci.yml`.
pub fn shipped(file: &str) -> String {
    read(&format!(".github/workflows/{file}"))
}

/// Runs the steps of `ci.yml` in order, and returns the outcomes: first that of the action, then
/// those of the commands. Returns the reason instead if one fails, or if the image is built from
/// another dependency layer than the action's. Panics if the text asks for something that this
/// cannot do.
pub fn ci(project: &Project, workflow: &str) -> Result<Vec<Outcome>, String> {
    let (outcomes, _) = jobs(project, workflow, json!({}), "")?;
    if outcomes[1].reruns("dependencies") {
        return Err(format!("the dependencies ran again: {}", outcomes[1]));
    }
    Ok(outcomes)
}

/// Runs the steps of all jobs, each after the one that it needs, as `ci` does. `context` has what
/// expressions name, like `github`. `flags` are options for the builds of actions, in a shell's
/// syntax. Also returns the outputs of each step that has an ID.
pub fn jobs(
    project: &Project,
    workflow: &str,
    mut context: Value,
    flags: &str,
) -> Result<(Vec<Outcome>, Value), String> {
    let workflow: Value = serde_saphyr::from_str(workflow).unwrap();
    let temporary = TempDir::new().unwrap();
    context["runner"] = json!({ "temp": temporary.path() });
    context["steps"] = json!({});
    context["shell"] = workflow["defaults"]["run"]["shell"].clone();
    let mut outcomes = Vec::new();
    for job in in_order(workflow["jobs"].as_object().unwrap()) {
        context["env"] = job["env"].clone();
        for step in job["steps"].as_array().unwrap() {
            if skips(job, &context) || skips(step, &context) {
                continue;
            }
            let (outcome, outputs) = match step["run"].as_str() {
                Some(script) => shell(project, script, step, &context),
                None => action(project, step, &context, flags),
            };
            if let Some(id) = step["id"].as_str() {
                context["steps"][id] = json!({ "outputs": outputs });
            }
            outcomes.extend(outcome);
            if let Some(failed) = outcomes.last().filter(|outcome| !outcome.success) {
                return Err(format!("failed: {failed}"));
            }
        }
    }
    Ok((outcomes, context["steps"].take()))
}

/// Jobs, each after the one that it needs. Panics if one needs several, or a missing one.
fn in_order(jobs: &Map<String, Value>) -> Vec<&Value> {
    let mut ordered = Vec::new();
    // The empty name is what a job needs that needs none.
    let mut done = vec![String::new()];
    while let Some((name, job)) =
        jobs.iter().find(|(name, job)| !done.contains(name) && done.contains(&text(&job["needs"])))
    {
        done.push(name.clone());
        ordered.push(job);
    }
    assert_eq!(ordered.len(), jobs.len(), "each job needs one that is there, or none");
    ordered
}

/// Does the condition of a job or a step not hold?
fn skips(part: &Value, context: &Value) -> bool {
    expand(&text(&part["if"]), context) == "false"
}

/// What a step did, if it ran something, and its outputs.
type Done = (Option<Outcome>, Value);

/// Runs the commands of a step.
fn shell(project: &Project, script: &str, step: &Value, context: &Value) -> Done {
    let file = NamedTempFile::new().unwrap();
    // Without `shell: bash`, GitHub does not set pipefail.
    let pipefail = if context["shell"] == "bash" { "set -o pipefail\n" } else { "" };
    let given = [
        ("GITHUB_REPOSITORY", "github.repository"),
        ("GITHUB_REF_NAME", "github.ref_name"),
        ("RUNNER_TEMP", "runner.temp"),
        // The action leaves it to all later steps.
        ("DOCKER_METADATA_OUTPUT_JSON", "steps.git.outputs.json"),
    ];
    let given = given.into_iter().filter_map(|(name, path)| Some((name, lookup(path, context)?)));
    let mut bash = project.shell(&format!("{pipefail}{script}"));
    bash.env("GITHUB_OUTPUT", file.path()).envs(variables(step, context)).envs(given);
    let outcome = project.turn(&mut bash);
    (Some(outcome), outputs(&fs::read_to_string(file).unwrap()))
}

/// The variables in the `env` of the job and of a step.
fn variables(step: &Value, context: &Value) -> Vec<(String, String)> {
    let all = [&context["env"], &step["env"]].into_iter().filter_map(Value::as_object).flatten();
    all.map(|(name, value)| (name.clone(), expand(&text(value), context))).collect()
}

/// The lines that a step wrote as its outputs: `name=value`, or `name<<END`, lines, and `END`.
fn outputs(written: &str) -> Value {
    let mut outputs = json!({});
    let mut lines = written.lines();
    while let Some(line) = lines.next() {
        if let Some((name, end)) = line.split_once("<<") {
            let value: Vec<_> = lines.by_ref().take_while(|line| *line != end).collect();
            outputs[name] = value.join("\n").into();
        } else {
            let (name, value) = line.split_once('=').unwrap();
            outputs[name] = value.into();
        }
    }
    outputs
}

/// Stands in for an action. Panics if it does not know the action.
fn action(project: &Project, step: &Value, context: &Value, flags: &str) -> Done {
    let (name, _) = step["uses"].as_str().unwrap().split_once('@').unwrap();
    let outputs = match name {
        "docker/build-push-action" => return build(project, step, context, flags),
        "docker/metadata-action" => metadata(step, context),
        "actions/attest" => {
            let with = inputs(step, context);
            assert_ne!(with("subject-name"), "");
            assert!(with("subject-digest").starts_with("sha256:"));
            json!({})
        }
        "actions/checkout" | "docker/login-action" => json!({}),
        "docker/setup-buildx-action" | "docker/setup-qemu-action" => json!({}),
        _ => panic!("nothing stands in for {name}"),
    };
    (None, outputs)
}

/// The inputs of an action, by name.
fn inputs(step: &Value, context: &Value) -> impl Fn(&str) -> String {
    |name| expand(&text(&step["with"][name]), context)
}

/// Builds as the action does. Not here: the GitHub cache, and the scanner for the bill of materials,
/// an image that the action downloads.
fn build(project: &Project, step: &Value, context: &Value, flags: &str) -> Done {
    let with = inputs(step, context);
    let file = NamedTempFile::new().unwrap();
    let mut build = cmd!(project, "docker buildx build --progress=plain --metadata-file");
    build.arg(file.path()).args(build_flags()).args(words(flags));
    // The inputs have the names of the options, but for these plurals.
    for input in ["target", "platforms", "outputs", "provenance", "labels"] {
        let option = format!("--{}", input.trim_end_matches('s'));
        for line in with(input).lines().filter(|line| !line.is_empty()) {
            build.args([option.as_str(), line]);
        }
    }
    let outcome = project.turn(build.arg(with("context")).envs(variables(step, context)));
    // A failed build writes nothing.
    let metadata = fs::read_to_string(file).unwrap();
    let metadata: Value = serde_json::from_str(&metadata).unwrap_or_default();
    (Some(outcome), json!({ "digest": metadata["containerimage.digest"] }))
}

/// Tags and labels for a tag like v1.2.3, by the inputs that `release.yml` has.
fn metadata(step: &Value, context: &Value) -> Value {
    let with = inputs(step, context);
    let version = lookup("github.ref_name", context).unwrap().replace('v', "");
    assert!(with("tags").starts_with("type=semver,pattern={{version}}\n"));
    let minor = version.rsplit_once('.').unwrap().0;
    let tags = [&version, minor, "latest"].map(|tag| format!("{}:{tag}", with("images")));
    let label = "org.opencontainers.image";
    let labels = format!("{label}.title=from-the-host\n{label}.version={version}\n");
    json!({ "json": json!({ "tags": tags }).to_string(), "labels": labels })
}
