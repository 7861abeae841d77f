//! What `-d kubernetes=…` adds to a project. In `podman.rs`, a container runs the Job.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Value, json};
use tempfile::TempDir;
use workshop::registry::Registry;
use workshop::{Outcome, Project, generate, read, repository, sh, words};

const FILES: [&str; 2] = ["kubernetes.yaml", "skaffold.yaml"];

/// Runs one of the linters, with arguments in a shell's syntax.
pub(crate) fn linter(program: &str, arguments: &str) -> Outcome {
    static FOLDER: LazyLock<String> = LazyLock::new(|| {
        let printed = sh!(repository(), "sh template/lint/tools.sh").succeeds();
        printed.stdout.trim().to_owned()
    });
    let (program, arguments) = (format!("{}/{program}", *FOLDER), words(arguments));
    sh!("/", "{program} {arguments...}")
}

/// Validates the manifest against the schemas of the newest Kubernetes that the validator knows.
fn validate(folder: &Path) -> Outcome {
    let arguments = format!("--strict '{}/kubernetes.yaml'", folder.display());
    // A warning is all that it gives if Kubernetes has no such kind, or not in that group.
    linter("kubernetes-validate", &arguments).lacks("WARN ")
}

/// The documents in a YAML file. As in Kubernetes, `yes` is no text unless it is quoted.
fn documents(folder: &Path, file: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(file)).unwrap();
    serde_saphyr::from_multiple(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The project hello-world, where the option has that value.
fn hello(kind: &str) -> Project {
    Project::generate("hello-world", &format!("-d kubernetes={kind}"))
}

/// The texts of all files.
fn texts(project: &Project) -> BTreeMap<String, String> {
    project.files().into_iter().map(|file| (file.clone(), project.read(&file))).collect()
}

#[test]
fn option_adds_two_files_and_a_paragraph_and_true_is_a_job_and_false_nothing() {
    let (mut plain, mut job) = (texts(&Project::hello()), texts(&hello("job")));
    assert_eq!(texts(&hello("false")), plain);
    assert_eq!(texts(&hello("true")), job);
    let added = ["README.md", FILES[0], FILES[1]].map(|file| job.remove(file).unwrap());
    let readme = plain.remove("README.md").unwrap();
    assert_eq!(job, plain);
    assert!(!readme.ends_with("\n\n"), "{readme}");
    let paragraph = added[0].strip_prefix(&readme).expect(&added[0]);
    for word in ["skaffold dev", "kubectl", "kubernetes.yaml"] {
        assert!(paragraph.contains(word), "no '{word}': {paragraph}");
    }
    for trace in ["{{", "{%", "myapp", "template/"] {
        assert!(!added.concat().contains(trace), "'{trace}' in {added:?}");
    }
}

#[test]
fn what_is_none_of_these_and_too_long_a_name_are_refused_before_any_file_is_written() {
    let neither = r#"kubernetes has to be job, deployment or false, not "yes""#;
    let long = "a".repeat(64);
    let too_long = format!("--name {long} -d kubernetes=true");
    for (arguments, reason) in [
        ("--name hello-world -d kubernetes=yes", neither),
        ("--init -d kubernetes=yes", neither),
        (too_long.as_str(), "Kubernetes takes names of up to 63 characters"),
    ] {
        let folder = TempDir::new().unwrap();
        generate(folder.path(), arguments).fails(reason);
        assert_eq!(sh!(folder, "find . -type f").succeeds().stdout, "");
    }
    Project::generate(&long[1..], "-d kubernetes=job");
}

/// Panics unless both files have the name that `make` gives to the image.
fn is_named_as_the_image(folder: &Path) {
    let made = sh!(folder, "make --dry-run build").succeeds();
    let (_, image) = made.stdout.trim().split_once(" --tag ").unwrap();
    let image = image.strip_suffix(" .").unwrap();
    let [manifest, skaffold] = FILES.map(|file| documents(folder, file)[0].take());
    assert_eq!(manifest["metadata"]["name"], image);
    assert_eq!(manifest["spec"]["template"]["spec"]["containers"][0]["image"], image);
    assert_eq!(skaffold["build"]["artifacts"][0]["image"], image);
    validate(folder).succeeds();
}

#[test]
fn names_are_those_that_make_gives_the_image_in_new_and_existing_projects() {
    for name in ["hello-world", "my_app", "a"] {
        is_named_as_the_image(&Project::generate(name, "-d kubernetes=job").path);
    }
    for name in ["existing", "My Crate (2)", "Größe", "_x__y-", "日本", "3d", "123", "yes"] {
        let parent = TempDir::new().unwrap();
        let folder = parent.path().join(name);
        fs::create_dir(&folder).unwrap();
        generate(&folder, "--init -d kubernetes=true").succeeds();
        is_named_as_the_image(&folder);
    }
}

#[test]
fn existing_files_of_these_names_stay_without_overwrite() {
    let project = Project::existing("existing-crate");
    FILES.iter().for_each(|file| project.write(file, "# My own.\n"));
    generate(&project.path, "--init -d kubernetes=true").succeeds();
    assert_eq!(FILES.map(|file| project.read(file)), ["# My own.\n"; 2]);
    generate(&project.path, "--init --overwrite -d kubernetes=true").succeeds();
    assert!(FILES.iter().all(|file| project.read(file).contains("existing")));
    assert_eq!(project.read("README.md"), "My own.\n");
}

/// Panics unless the pod has each setting that Pod Security "restricted" asks for, and limits, and
/// no others: hostNetwork, hostPID and others would need a look.
fn is_restricted(pod: &Value) {
    let dockerfile = read("Dockerfile");
    let users = dockerfile.lines().filter(|line| line.starts_with("USER "));
    assert!(users.eq(["USER 1000:1000"; 2]));
    let mut restricted = json!({
        "automountServiceAccountToken": false, "containers": pod["containers"],
        "securityContext": {
            "runAsNonRoot": true, "runAsUser": 1000, "runAsGroup": 1000,
            "seccompProfile": { "type": "RuntimeDefault" },
        },
    });
    if pod["volumes"].is_null() {
        restricted["restartPolicy"] = json!("Never");
    } else {
        restricted["volumes"] = json!([{ "name": "data", "emptyDir": {} }]);
        restricted["securityContext"]["fsGroup"] = json!(1000);
    }
    assert_eq!(*pod, restricted);
    let [container] = &pod["containers"].as_array().unwrap()[..] else { panic!("{pod}") };
    let restricted = json!({
        "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
        "capabilities": { "drop": ["ALL"] },
    });
    assert_eq!(container["securityContext"], restricted);
    let resources = json!({
        "requests": { "cpu": "10m", "memory": "16Mi" }, "limits": { "cpu": "1", "memory": "64Mi" },
    });
    assert_eq!(container["resources"], resources);
}

#[test]
fn both_kinds_are_valid_and_restricted_and_skaffold_replaces_a_job_alone() {
    let force = json!({ "kubectl": { "flags": { "apply": ["--force"] } } });
    // To replace a Deployment could delete what is in its volume.
    for (option, kind, deploy, key) in [
        ("job", "Job", force, "backoffLimit"),
        ("deployment", "Deployment", json!({ "kubectl": {} }), "targetPort"),
    ] {
        let project = hello(option);
        validate(&project.path).succeeds();
        let [manifest, skaffold] = FILES.map(|file| documents(&project.path, file)[0].take());
        assert_eq!(manifest["kind"], kind);
        is_restricted(&manifest["spec"]["template"]["spec"]);
        assert_eq!(skaffold["deploy"], deploy);
        project.edit("kubernetes.yaml", key, "mistake");
        validate(&project.path).fails("'mistake' was unexpected");
    }
}

#[test]
fn the_service_of_a_deployment_leads_to_the_port_of_its_probes() {
    let project = hello("deployment");
    assert!(project.read("README.md").contains("kubectl apply"));
    let documents = documents(&project.path, "kubernetes.yaml");
    let [deployment, service] = &documents[..] else { panic!("{documents:?}") };
    let spec = &deployment["spec"];
    let labels = &spec["template"]["metadata"]["labels"];
    assert_eq!(spec["selector"]["matchLabels"], *labels);
    assert_eq!(service["spec"]["selector"], *labels);
    let container = &spec["template"]["spec"]["containers"][0];
    let port = &container["ports"][0];
    assert_eq!(port["containerPort"], 8080);
    assert_eq!(service["spec"]["ports"][0]["targetPort"], port["name"]);
    for probe in ["readinessProbe", "livenessProbe"] {
        assert_eq!(container[probe]["httpGet"]["port"], port["name"]);
    }
    // The volume is where the Dockerfile has a folder for it.
    assert_eq!(container["volumeMounts"][0]["mountPath"], "/data");
}

#[test]
fn skaffold_gets_an_image_of_the_name_that_it_asks_for_and_pushed_if_it_says_so() {
    let (registry, mut project) = (Registry::start(), hello("job"));
    // Of this name, so that the image is removed at the end.
    let image = format!("{}/hello-world", registry.here());
    project.image.clone_from(&image);
    let skaffold = documents(&project.path, "skaffold.yaml")[0].take();
    assert_eq!(skaffold["manifests"]["rawYaml"], json!(["kubernetes.yaml"]));
    let command = &skaffold["build"]["artifacts"][0]["custom"]["buildCommand"];
    let command = command.as_str().unwrap();
    let build = |variables: &str| {
        let variables = format!("export IMAGE={image} {variables}");
        project.step(&format!("unset MAKEFLAGS\n{variables}\nsh -c '{command}'"))
    };
    let inspect = || sh!("/", "docker buildx imagetools inspect {image}");
    // Skaffold names no platform if it knows no cluster.
    build("PUSH_IMAGE=false PLATFORMS=").succeeds();
    project.starts().succeeds();
    inspect().fails("");
    let format = "{{.Server.Os}}/{{.Server.Arch}}";
    let platform = sh!("/", "docker version --format {format}").succeeds();
    build(&format!("PUSH_IMAGE=true PLATFORMS={}", platform.last_line())).succeeds();
    project.starts().succeeds();
    inspect().succeeds();
    project.edit("src/main.rs", "fn main() -> ExitCode", "fn main() -> Nothing");
    build("PUSH_IMAGE=false PLATFORMS=").fails("Nothing");
    build("PUSH_IMAGE=true PLATFORMS=").fails("Nothing");
}
