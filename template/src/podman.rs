//! Podman, as Debian has it, in a container.

use std::env;
use std::sync::Mutex;

use serde_json::Value;
use tempfile::TempDir;

use crate::container::{Container, Image};
use crate::{Outcome, Project, base_image, build_flags, docker};

/// Podman's configuration inside a container, where it may raise no limits and has no firewall.
const CONFIGURATION: &str = r#"
[containers]
cgroups = "disabled"
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
netns = "host"
"#;

/// Debian's podman in a container, with images and caches of its own. Dropping removes it.
pub struct Podman {
    /// The container in which podman runs.
    pub container: Container,
    /// The options of `podman build` that name the stand-in images, if those are in use.
    bases: Vec<String>,
    /// Locked by each build, because podman 5.4 writes the heredoc `<<"name"` of any build to
    /// /var/tmp/name.
    building: Mutex<()>,
    _image: Image,
}

impl Podman {
    /// Starts podman, and copies the stand-in images to it. Panics if it does not start.
    pub fn start() -> Self {
        // catatonit is the first process of a pod, and podman-docker is a `docker` that calls podman.
        let image = Image::with("podman podman-docker buildah catatonit crun netavark make");
        // The projects of the tests are in the folder for temporary files. Podman's own folders are
        // volumes, because it cannot mount overlays on the file system of a container.
        let folder = env::temp_dir().display().to_string();
        let projects = format!("--volume={folder}:{folder}");
        let options = [
            "--privileged",
            "--volume=/var/lib/containers",
            "--volume=/var/tmp",
            &projects,
        ];
        let container = Container::start(&options, &image.name, &["sleep", "infinity"]);
        let configure = format!("echo '{CONFIGURATION}' > /etc/containers/containers.conf");
        container.exec(&["sh", "-c", &configure]);
        let mut podman = Self {
            container,
            bases: Vec::new(),
            building: Mutex::new(()),
            _image: image,
        };
        if !build_flags().is_empty() {
            podman.bases = ["rust", "alpine"]
                .map(|stage| podman.load(stage, &base_image(stage)))
                .into();
        }
        podman
    }

    /// Copies `image` to podman. Returns the option of `podman build` that gives it to `FROM stage`.
    pub fn load(&self, stage: &str, image: &str) -> String {
        let folder = TempDir::new().unwrap();
        let archive = folder.path().join("image.tar").display().to_string();
        let save = ["save", "--output", &archive, image];
        docker(&save).succeeds();
        let load = ["podman", "load", "--quiet", "--input", &archive];
        let loaded = self.container.exec(&load);
        let name = loaded.strip_prefix("Loaded image: ").unwrap();
        format!("--build-context={stage}=docker-image://{name}")
    }

    /// `podman build` of the project's image, with `arguments`.
    pub fn build(&self, project: &Project, arguments: &[&str]) -> Outcome {
        let _lock = self.building.lock().unwrap();
        let bases: Vec<_> = self.bases.iter().map(String::as_str).collect();
        let build = ["podman", "build", "--tag", &project.image];
        let folder = project.path.to_str().unwrap();
        self.container
            .run(&[&build[..], &bases, arguments, &[folder]].concat())
    }

    /// Runs `make` with `target` in the project, where `docker` is podman.
    pub fn make(&self, project: &Project, target: &str) -> Outcome {
        let _lock = self.building.lock().unwrap();
        let folder = project.path.to_str().unwrap();
        let flags = format!("BUILD_FLAGS={}", self.bases.join(" "));
        self.container.run(&["make", "-C", folder, target, &flags])
    }

    /// Runs the image with `arguments`, without a network, capabilities or a writable root.
    pub fn run(&self, project: &Project, arguments: &[&str]) -> Outcome {
        let run = ["podman", "run", "--rm", "--read-only", "--cap-drop=all"];
        let options = ["--security-opt=no-new-privileges", "--network=none"];
        self.container
            .run(&[&run[..], &options, &[&project.image], arguments].concat())
    }

    /// Runs the Job in the project's `kubernetes.yaml` to its end, with the project's image. Returns
    /// what its container printed, and what `podman inspect` tells of it.
    pub fn play(&self, project: &Project, name: &str) -> (Outcome, Value) {
        let podman = |arguments: &[&str]| {
            let outcome = self.container.run(&[&["podman"], arguments].concat());
            outcome.succeeds()
        };
        podman(&["tag", &project.image, name]);
        let file = project.path.join("kubernetes.yaml").display().to_string();
        podman(&["kube", "play", "--network=none", &file]);
        let container = format!("{name}-pod-{name}");
        podman(&["wait", &container]);
        let logs = podman(&["logs", &container]);
        let inspected = podman(&["inspect", &container]).stdout;
        podman(&["kube", "down", &file]);
        let mut inspected: Value = serde_json::from_str(&inspected).unwrap();
        (logs, inspected[0].take())
    }

    /// Builds the project with `arguments`, and returns the last line that its program prints. Panics
    /// if either fails.
    pub fn last_line(&self, project: &Project, arguments: &[&str]) -> String {
        self.build(project, arguments).succeeds();
        self.run(project, &[]).succeeds().last_line().to_owned()
    }
}
