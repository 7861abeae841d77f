//! The workflows that the template ships, run as GitHub runs them.

use std::fs;

use serde_json::{Map, Value, json};
use tempfile::{NamedTempFile, TempDir};

use crate::edits::rebuilds;
use crate::expressions::{expand, lookup, text};
use crate::{Outcome, Project, build_flags, command, repository};

/// The text of a workflow that the template ships, like `ci.yml`.
pub fn shipped(file: &str) -> String {
    fs::read_to_string(repository().join(".github/workflows").join(file)).unwrap()
}

/// Runs the steps of `ci.yml` in order, and returns the outcomes: first that of the action, then
/// those of the commands. Returns the reason instead if one fails, or if the image is built from
/// another dependency layer than the action's. Panics if the text asks for something that this
/// cannot do.
pub fn ci(project: &Project, workflow: &str) -> Result<Vec<Outcome>, String> {
    let (outcomes, _) = jobs(project, workflow, json!({}), &[])?;
    if rebuilds(&outcomes[1], "dependencies") {
        return Err(format!("the dependencies ran again: {}", outcomes[1]));
    }
    Ok(outcomes)
}

/// Runs the steps of all jobs, each after the one that it needs, as `ci` does. `context` has what
/// expressions name, like `github`. `flags` are options for the builds of actions. Also returns the
/// outputs of each step that has an ID.
pub fn jobs(
    project: &Project,
    workflow: &str,
    mut context: Value,
    flags: &[String],
) -> Result<(Vec<Outcome>, Value), String> {
    let workflow: Value = serde_saphyr::from_str(workflow).unwrap();
    let temporary = TempDir::new().unwrap();
    context["runner"] = json!({ "temp": temporary.path() });
    context["steps"] = json!({});
    context["shell"] = workflow["defaults"]["run"]["shell"].clone();
    let mut outcomes = Vec::new();
    for job in in_order(workflow["jobs"].as_object().unwrap()) {
        context["env"] = job["env"].clone();
        if skips(job, &context) {
            continue;
        }
        for step in job["steps"].as_array().unwrap() {
            if skips(step, &context) {
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
    let mut names: Vec<&str> = Vec::new();
    while names.len() < jobs.len() {
        let ready = |(name, job): &(&String, &Value)| {
            let done = |name: &str| names.contains(&name);
            let needs = job["needs"].as_str();
            !done(name) && (job["needs"].is_null() || needs.is_some_and(done))
        };
        let (next, _) = jobs
            .iter()
            .find(ready)
            .expect("a job needs one that is there");
        names.push(next);
    }
    names.iter().map(|name| &jobs[*name]).collect()
}

/// Does the condition of a job or a step not hold?
fn skips(part: &Value, context: &Value) -> bool {
    let when = part["if"].as_str();
    when.is_some_and(|when| expand(when, context) == "false")
}

/// What a step did, if it ran something, and its outputs.
type Done = (Option<Outcome>, Value);

/// Runs the commands of a step.
fn shell(project: &Project, script: &str, step: &Value, context: &Value) -> Done {
    let file = NamedTempFile::new().unwrap();
    // Without `shell: bash`, GitHub does not set pipefail.
    let pipefail = if context["shell"] == "bash" {
        "set -o pipefail\n"
    } else {
        ""
    };
    let mut bash = project.shell(&format!("{pipefail}{script}"));
    bash.env("GITHUB_OUTPUT", file.path())
        .envs(variables(&context["env"], context))
        .envs(variables(&step["env"], context));
    for (variable, path) in [
        ("GITHUB_REPOSITORY", "github.repository"),
        ("GITHUB_REF_NAME", "github.ref_name"),
        ("RUNNER_TEMP", "runner.temp"),
        // The action leaves it to all later steps.
        ("DOCKER_METADATA_OUTPUT_JSON", "steps.git.outputs.json"),
    ] {
        if let Some(value) = lookup(path, context) {
            bash.env(variable, value);
        }
    }
    let outcome = project.turn(&mut bash);
    (Some(outcome), outputs(&fs::read_to_string(file).unwrap()))
}

/// The variables in the `env` of a job or a step.
fn variables(env: &Value, context: &Value) -> Vec<(String, String)> {
    let none = Map::new();
    let variables = env.as_object().unwrap_or(&none);
    let expanded = |value: &Value| expand(&text(value), context);
    variables
        .iter()
        .map(|(name, value)| (name.clone(), expanded(value)))
        .collect()
}

/// The lines that a step wrote as its outputs: `name=value`, or `name<<END`, lines, and `END`.
fn outputs(written: &str) -> Value {
    let mut outputs = Map::new();
    let mut lines = written.lines();
    while let Some(line) = lines.next() {
        if let Some((name, end)) = line.split_once("<<") {
            let value: Vec<_> = lines.by_ref().take_while(|line| *line != end).collect();
            outputs.insert(name.to_owned(), value.join("\n").into());
        } else {
            let (name, value) = line.split_once('=').unwrap();
            outputs.insert(name.to_owned(), value.into());
        }
    }
    outputs.into()
}

/// Stands in for an action. Panics if it does not know the action.
fn action(project: &Project, step: &Value, context: &Value, flags: &[String]) -> Done {
    let (name, _) = step["uses"].as_str().unwrap().split_once('@').unwrap();
    let with = |input: &str| expand(&text(&step["with"][input]), context);
    match name {
        "actions/checkout" | "docker/login-action" => (None, json!({})),
        "docker/setup-buildx-action" | "docker/setup-qemu-action" => (None, json!({})),
        "docker/metadata-action" => (None, metadata(&with, context)),
        "docker/build-push-action" => {
            let mut env = variables(&context["env"], context);
            env.extend(variables(&step["env"], context));
            build(project, &with, &env, flags)
        }
        "actions/attest" => {
            assert_ne!(with("subject-name"), "");
            assert!(with("subject-digest").starts_with("sha256:"));
            (None, json!({}))
        }
        _ => panic!("nothing stands in for {name}"),
    }
}

/// Builds as the action does. Not here: the GitHub cache, and the scanner for the bill of materials,
/// an image that the action downloads.
fn build(
    project: &Project,
    with: &dyn Fn(&str) -> String,
    env: &[(String, String)],
    flags: &[String],
) -> Done {
    let file = NamedTempFile::new().unwrap();
    let options = ["--progress=plain", "--metadata-file"];
    let mut build = command(&project.path, "docker", &["buildx", "build"]);
    build
        .args(options)
        .arg(file.path())
        .args(build_flags())
        .args(flags);
    for (input, option) in [
        ("target", "--target"),
        ("platforms", "--platform"),
        ("outputs", "--output"),
        ("provenance", "--provenance"),
        ("labels", "--label"),
    ] {
        for line in with(input).lines().filter(|line| !line.is_empty()) {
            build.args([option, line]);
        }
    }
    build.arg(with("context")).envs(env.iter().cloned());
    let outcome = project.turn(&mut build);
    let written = fs::read_to_string(file).unwrap();
    let digest = match serde_json::from_str::<Value>(&written) {
        Ok(mut metadata) => metadata["containerimage.digest"].take(),
        // A failed build writes nothing.
        Err(_) => Value::Null,
    };
    (Some(outcome), json!({ "digest": digest }))
}

/// Tags and labels for a tag like v1.2.3, by the inputs that `release.yml` has.
fn metadata(with: &dyn Fn(&str) -> String, context: &Value) -> Value {
    let version = lookup("github.ref_name", context).unwrap().replace('v', "");
    assert!(with("tags").starts_with("type=semver,pattern={{version}}\n"));
    let minor = version.rsplit_once('.').unwrap().0;
    let tag = |name: &str| format!("{}:{name}", with("images"));
    let tags = [&version, minor, "latest"].map(tag);
    let labels = format!(
        "org.opencontainers.image.title=from-the-host\norg.opencontainers.image.version={version}\n"
    );
    json!({ "json": json!({ "tags": tags }).to_string(), "labels": labels })
}
