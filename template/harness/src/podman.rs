//! Podman, as Debian has it, in a container.

use std::env;
use std::sync::Mutex;

use serde_json::Value;
use tempfile::TempDir;

use crate::container::{Container, Image};
use crate::{Outcome, Project, base_image, build_flags, run, sh};

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
    bases: String,
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
        let volumes = "--volume /var/lib/containers --volume /var/tmp";
        let options = format!("--privileged {volumes} --volume {folder}:{folder}");
        let container = Container::start(&options, &image.name, "sleep infinity");
        let configure = format!("echo '{CONFIGURATION}' > /etc/containers/containers.conf");
        run(container.command("sh -c").arg(configure)).succeeds();
        let mut podman =
            Self { container, bases: String::new(), building: Mutex::new(()), _image: image };
        if !build_flags().is_empty() {
            let load = |stage| podman.load(stage, &base_image(stage));
            podman.bases = ["rust", "alpine"].map(load).join(" ");
        }
        podman
    }

    /// Copies `image` to podman. Returns the option of `podman build` that gives it to `FROM stage`.
    pub fn load(&self, stage: &str, image: &str) -> String {
        let folder = TempDir::new().unwrap();
        let archive = folder.path().join("image.tar").display().to_string();
        sh!("/", "docker save --output {archive} {image}").succeeds();
        let loaded = self.container.exec(&format!("podman load --quiet --input {archive}"));
        let name = loaded.strip_prefix("Loaded image: ").unwrap();
        format!("--build-context={stage}=docker-image://{name}")
    }

    /// `podman build` of the project's image, with options in a shell's syntax.
    pub fn build(&self, project: &Project, options: &str) -> Outcome {
        let _lock = self.building.lock().unwrap();
        let (bases, image, path) = (&self.bases, &project.image, project.path.display());
        self.container.run(&format!("podman build --tag {image} {bases} {options} {path}"))
    }

    /// Runs `make` with `target` in the project, where `docker` is podman.
    pub fn make(&self, project: &Project, target: &str) -> Outcome {
        let _lock = self.building.lock().unwrap();
        let (bases, path) = (&self.bases, project.path.display());
        self.container.run(&format!("make -C {path} {target} 'BUILD_FLAGS={bases}'"))
    }

    /// Runs the image with `arguments`, without a network, capabilities or a writable root.
    pub fn run(&self, project: &Project, arguments: &str) -> Outcome {
        let options = "--rm --read-only --cap-drop=all --security-opt=no-new-privileges";
        let run = format!("podman run {options} --network=none {} {arguments}", project.image);
        self.container.run(&run)
    }

    /// Runs the Job in the project's `kubernetes.yaml` to its end, with the project's image. Returns
    /// what its container printed, and what `podman inspect` tells of it.
    pub fn play(&self, project: &Project, name: &str) -> (Outcome, Value) {
        let podman =
            |arguments: &str| self.container.run(&format!("podman {arguments}")).succeeds();
        podman(&format!("tag {} {name}", project.image));
        let file = project.path.join("kubernetes.yaml").display().to_string();
        podman(&format!("kube play --network=none {file}"));
        let container = format!("{name}-pod-{name}");
        podman(&format!("wait {container}"));
        let logs = podman(&format!("logs {container}"));
        let inspected = podman(&format!("inspect {container}")).stdout;
        podman(&format!("kube down {file}"));
        let mut inspected: Value = serde_json::from_str(&inspected).unwrap();
        (logs, inspected[0].take())
    }

    /// Builds the project with options, and runs its program. Panics if the build fails.
    pub fn starts(&self, project: &Project, options: &str) -> Outcome {
        self.build(project, options).succeeds();
        self.run(project, "")
    }
}
