//! What `-d kubernetes=…` adds to a project. In `podman.rs`, a container runs the Job.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Value, json};
use tempfile::TempDir;
use workshop::registry::Registry;
use workshop::{Outcome, Project, command, docker, generate, repository, run};

const OPTION: [&str; 2] = ["-d", "kubernetes=job"];
const SERVICE: [&str; 2] = ["-d", "kubernetes=deployment"];
const FILES: [&str; 2] = ["kubernetes.yaml", "skaffold.yaml"];

/// Runs one of the linters, or the Python that they share.
pub(crate) fn linter(program: &str, arguments: &[&str]) -> Outcome {
    static FOLDER: LazyLock<String> = LazyLock::new(|| {
        let script = repository().join("template/lint/tools.sh");
        let printed = run(command(repository(), "sh", &[]).arg(script)).succeeds();
        printed.stdout.trim().to_owned()
    });
    let program = format!("{}/{program}", *FOLDER);
    run(&mut command(Path::new("/"), &program, arguments))
}

/// Validates a manifest against the schemas of the newest Kubernetes that the validator knows.
fn validate(manifest: &Path) -> Outcome {
    let arguments = ["--strict", manifest.to_str().unwrap()];
    let validated = linter("kubernetes-validate", &arguments);
    // All it does if Kubernetes has no such kind, or not in that group.
    assert!(!validated.to_string().contains("WARN "), "{validated}");
    validated
}

/// The documents in a YAML file.
fn documents(file: &Path) -> Vec<Value> {
    let convert =
        "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    let printed = linter("python", &["-c", convert, file.to_str().unwrap()]).succeeds();
    serde_json::from_str(&printed.stdout).unwrap()
}

/// The first document in a YAML file.
fn parsed(file: &Path) -> Value {
    documents(file)[0].take()
}

#[test]
fn option_adds_two_files_and_a_paragraph_and_changes_nothing_else() {
    let plain = Project::generate("hello-world");
    let project = Project::generate_with("hello-world", &OPTION);
    let files = project.files();
    let added: Vec<_> = files.difference(&plain.files()).cloned().collect();
    assert_eq!(added, FILES);
    for file in plain.files().iter().filter(|file| *file != "README.md") {
        assert!(project.read(file) == plain.read(file), "{file} differs");
    }
    let readme = project.read("README.md");
    assert!(!plain.read("README.md").ends_with("\n\n"), "{readme}");
    let paragraph = readme.strip_prefix(&plain.read("README.md"));
    let paragraph = paragraph.unwrap_or_else(|| panic!("{readme}"));
    for word in ["skaffold dev", "kubectl", "kubernetes.yaml"] {
        assert!(paragraph.contains(word), "no '{word}': {paragraph}");
    }
    for file in FILES.into_iter().chain(["README.md"]) {
        let text = project.read(file);
        for trace in ["{{", "{%", "myapp", "template/"] {
            assert!(!text.contains(trace), "'{trace}' in {file}:\n{text}");
        }
    }
}

#[test]
fn who_says_false_gets_the_project_of_who_says_nothing() {
    let plain = Project::generate("hello-world");
    let project = Project::generate_with("hello-world", &["-d", "kubernetes=false"]);
    assert_eq!(project.files(), plain.files());
    for file in plain.files() {
        assert!(project.read(&file) == plain.read(&file), "{file} differs");
    }
}

/// Fails to generate with `arguments`, and asserts that this left no file.
fn refused(arguments: &[&str], reason: &str) {
    let folder = TempDir::new().unwrap();
    generate(folder.path(), arguments).fails_with(reason);
    let files = run(&mut command(folder.path(), "find", &[".", "-type", "f"])).succeeds();
    assert_eq!(files.stdout, "");
}

#[test]
fn what_is_none_of_these_and_too_long_a_name_are_refused_before_any_file_is_written() {
    let neither = r#"kubernetes has to be job, deployment or false, not "yes""#;
    refused(&["--name", "hello-world", "-d", "kubernetes=yes"], neither);
    refused(&["--init", "-d", "kubernetes=yes"], neither);
    let long = "a".repeat(64);
    let reason = "Kubernetes takes names of up to 63 characters";
    refused(&["--name", &long, "-d", "kubernetes=true"], reason);
    Project::generate_with(&long[1..], &OPTION);
}

#[test]
fn names_are_those_that_make_gives_the_image_in_new_and_existing_projects() {
    let check = |folder: &Path| {
        let made = run(&mut command(folder, "make", &["--dry-run", "build"])).succeeds();
        let (_, image) = made.stdout.trim().split_once(" --tag ").unwrap();
        let image = image.strip_suffix(" .").unwrap();
        let manifest = parsed(&folder.join("kubernetes.yaml"));
        assert_eq!(manifest["metadata"]["name"], image);
        let container = &manifest["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["image"], image);
        let skaffold = parsed(&folder.join("skaffold.yaml"));
        assert_eq!(skaffold["build"]["artifacts"][0]["image"], image);
        validate(&folder.join("kubernetes.yaml")).succeeds();
    };
    for name in ["hello-world", "my_app", "a"] {
        check(&Project::generate_with(name, &OPTION).path);
    }
    for name in [
        "existing",
        "My Crate (2)",
        "Größe",
        "_x__y-",
        "日本",
        "3d",
        "123",
        "yes",
    ] {
        let parent = TempDir::new().unwrap();
        let folder = parent.path().join(name);
        fs::create_dir(&folder).unwrap();
        generate(&folder, &["--init", "-d", "kubernetes=true"]).succeeds();
        check(&folder);
    }
}

#[test]
fn existing_files_of_these_names_stay_without_overwrite() {
    let project = Project::existing("existing-crate");
    for file in FILES {
        fs::write(project.path.join(file), "# My own.\n").unwrap();
    }
    generate(&project.path, &["--init", "-d", "kubernetes=true"]).succeeds();
    for file in FILES {
        assert_eq!(project.read(file), "# My own.\n");
    }
    generate(
        &project.path,
        &["--init", "--overwrite", "-d", "kubernetes=true"],
    )
    .succeeds();
    for file in FILES {
        assert!(project.read(file).contains("existing"));
    }
    assert_eq!(project.read("README.md"), "My own.\n");
}

/// Panics unless the pod has each setting that Pod Security "restricted" asks for, and limits.
fn is_restricted(pod: &Value) {
    let users = fs::read_to_string(repository().join("Dockerfile")).unwrap();
    let users: Vec<_> = users
        .lines()
        .filter_map(|line| line.strip_prefix("USER "))
        .collect();
    let security = &pod["securityContext"];
    let user = format!("{}:{}", security["runAsUser"], security["runAsGroup"]);
    assert_eq!(users, [&user, &user]);
    assert_eq!(security["runAsNonRoot"], true);
    if !pod["volumes"].is_null() {
        assert_eq!(security["fsGroup"], security["runAsGroup"]);
    }
    assert_eq!(
        security["seccompProfile"],
        json!({ "type": "RuntimeDefault" })
    );
    assert_eq!(pod["automountServiceAccountToken"], false);
    let known = [
        "automountServiceAccountToken",
        "containers",
        "restartPolicy",
        "securityContext",
        "volumes",
    ];
    for field in pod.as_object().unwrap().keys() {
        // hostNetwork, hostPID and others would need a look.
        assert!(known.contains(&field.as_str()), "{field}");
    }
    for volume in pod["volumes"].as_array().into_iter().flatten() {
        assert!(volume["emptyDir"].is_object(), "{volume}");
    }
    let containers = pod["containers"].as_array().unwrap();
    assert_eq!(containers.len(), 1);
    let restricted = json!({
        "allowPrivilegeEscalation": false,
        "capabilities": { "drop": ["ALL"] },
        "readOnlyRootFilesystem": true,
    });
    assert_eq!(containers[0]["securityContext"], restricted);
    for kind in ["requests", "limits"] {
        for resource in ["cpu", "memory"] {
            assert!(
                containers[0]["resources"][kind][resource].is_string(),
                "{kind} {resource}"
            );
        }
    }
}

#[test]
fn job_is_valid_and_pod_security_restricted_allows_it() {
    let project = Project::generate_with("hello-world", &OPTION);
    let manifest = project.path.join("kubernetes.yaml");
    validate(&manifest).succeeds();
    let job = parsed(&manifest);
    assert_eq!(job["kind"], "Job");
    is_restricted(&job["spec"]["template"]["spec"]);
    project.edit("kubernetes.yaml", "backoffLimit", "backofLimit");
    validate(&manifest).fails_with("'backofLimit' was unexpected");
}

#[test]
fn who_says_true_gets_the_job() {
    let job = Project::generate_with("hello-world", &OPTION);
    let project = Project::generate_with("hello-world", &["-d", "kubernetes=true"]);
    assert_eq!(project.read("kubernetes.yaml"), job.read("kubernetes.yaml"));
}

#[test]
fn deployment_is_valid_and_restricted_and_its_service_leads_to_the_port_of_its_probes() {
    let project = Project::generate_with("hello-world", &SERVICE);
    assert!(project.read("README.md").contains("kubectl apply"));
    let manifest = project.path.join("kubernetes.yaml");
    let text = project.read("kubernetes.yaml");
    validate(&manifest).succeeds();
    let [deployment, service] = &documents(&manifest)[..] else {
        panic!("{text}")
    };
    let spec = &deployment["spec"];
    let labels = &spec["template"]["metadata"]["labels"];
    assert_eq!(&spec["selector"]["matchLabels"], labels, "{text}");
    assert_eq!(&service["spec"]["selector"], labels, "{text}");
    let pod = &spec["template"]["spec"];
    is_restricted(pod);
    let container = &pod["containers"][0];
    let port = &container["ports"][0];
    assert_eq!(port["containerPort"], 8080);
    assert_eq!(&service["spec"]["ports"][0]["targetPort"], &port["name"]);
    for probe in ["readinessProbe", "livenessProbe"] {
        assert_eq!(
            &container[probe]["httpGet"]["port"], &port["name"],
            "{text}"
        );
    }
    // The volume is where the Dockerfile has a folder for it.
    assert_eq!(container["volumeMounts"][0]["mountPath"], "/data");
    project.edit("kubernetes.yaml", "targetPort", "targetsPort");
    validate(&manifest).fails_with("'targetsPort' was unexpected");
}

/// To replace a Deployment could delete what is in its volume.
#[test]
fn skaffold_replaces_a_job_and_changes_a_deployment() {
    let deploy = |option: &[&str]| {
        let project = Project::generate_with("hello-world", option);
        parsed(&project.path.join("skaffold.yaml"))["deploy"].take()
    };
    let force = json!({ "kubectl": { "flags": { "apply": ["--force"] } } });
    assert_eq!(deploy(&OPTION), force);
    assert_eq!(deploy(&["-d", "kubernetes=true"]), force);
    assert_eq!(deploy(&SERVICE), json!({ "kubectl": {} }));
}

#[test]
fn skaffold_gets_an_image_of_the_name_that_it_asks_for_and_pushed_if_it_says_so() {
    let registry = Registry::start();
    let mut project = Project::generate_with("hello-world", &OPTION);
    // Of this name, so that the image is removed at the end.
    project.image = format!("{}/hello-world", registry.here());
    let skaffold = parsed(&project.path.join("skaffold.yaml"));
    assert_eq!(skaffold["manifests"]["rawYaml"], json!(["kubernetes.yaml"]));
    let command = &skaffold["build"]["artifacts"][0]["custom"]["buildCommand"];
    let command = command.as_str().unwrap();
    let platform = ["version", "--format={{.Server.Os}}/{{.Server.Arch}}"];
    let platform = docker(&platform).succeeds();
    // Skaffold names no platform if it knows no cluster.
    for (push, platforms) in [("false", ""), ("true", platform.stdout.trim())] {
        let build = |image: &str| {
            let image = format!("export IMAGE={image} PUSH_IMAGE={push} PLATFORMS={platforms}");
            project.step(&format!("unset MAKEFLAGS\n{image}\nsh -c '{command}'"))
        };
        build(&project.image).succeeds();
        project.container(&[], &[]).succeeds();
        let inspect = ["buildx", "imagetools", "inspect", &project.image];
        let pushed = docker(&inspect);
        assert_eq!(pushed.success, push == "true", "{pushed}");
        project.edit(
            "src/main.rs",
            "fn main() -> ExitCode",
            "fn main() -> Nothing",
        );
        build(&project.image).fails_with("Nothing");
        project.edit(
            "src/main.rs",
            "fn main() -> Nothing",
            "fn main() -> ExitCode",
        );
    }
}
