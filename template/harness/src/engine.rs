//! A second Docker engine on this machine, with caches of its own. A test may kill it, or fill its disk.

use std::fs::{self, File};
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::builder::Builder;
use crate::container::{report, unique_part};
use crate::shared::Shared;
use crate::{Outcome, Project, base_image, build_flags, cmd, run, sh, words};

/// The size of the engine's disk in bytes. It is a file that only takes what is written to it.
const DISK: u64 = 20 << 30;

/// An engine that starts with no content but the stand-in images, if those are in use. Dropping
/// removes it.
///
/// It runs the machine's own `dockerd` in a privileged container that enters the machine's mount
/// namespace, because that needs only the right to use Docker, and leaves no process behind.
pub struct Engine {
    folder: TempDir,
    /// The name of the container, and of the remote builder, for `--builder`.
    pub name: String,
    /// What mounts its disk, in the shell's syntax. Empty if it has none.
    mount: &'static str,
    _builder: Builder,
}

impl Engine {
    /// Starts an engine and waits until it answers. Panics with its log if it does not start.
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// As `start`, but the engine has a disk of its own, which is slower.
    pub fn with_disk() -> Self {
        Self::start_with("mount --options loop disk data && ")
    }

    /// Starts an engine in a shell, which runs `mount` before it.
    fn start_with(mount: &'static str) -> Self {
        let folder = TempDir::new().unwrap();
        let name = format!("template-test-{}", unique_part(folder.path()));
        let inside = |file: &str| folder.path().join(file).display().to_string();
        let group = sh!("/", "id -g").succeeds();
        let config = json!({
            "hosts": [format!("unix://{}", inside("socket"))],
            "group": group.stdout.trim(),
            "data-root": inside("data"),
            "exec-root": inside("exec"),
            "pidfile": inside("pid"),
            "features": { "containerd-snapshotter": true },
            "mtu": mtu(),
            // The registries of tests have no certificates.
            "insecure-registries": ["0.0.0.0/0"],
        });
        fs::write(inside("daemon.json"), config.to_string()).unwrap();
        fs::create_dir(inside("data")).unwrap();
        if !mount.is_empty() {
            File::create(inside("disk")).unwrap().set_len(DISK).unwrap();
            // Nothing is reserved for root, so that `fill` leaves what it says.
            let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap());
            let mut format = cmd!(folder.path(), "mkfs.ext4 -q -m 0 disk");
            run(format.env("PATH", path)).succeeds();
        }
        let builder = Builder::new(name.clone(), folder.path().join("socket"));
        let engine = Self { folder, name, mount, _builder: builder };
        engine.launch();
        let stand_ins: Vec<_> = build_flags()
            .iter()
            .filter_map(|flag| Some(flag.split_once("=docker-image://")?.1.to_owned()))
            .collect();
        if !stand_ins.is_empty() {
            engine.load(&stand_ins);
        }
        engine
    }

    /// Copies `images` from the machine's engine to this one. Panics if that fails.
    pub fn load(&self, images: &[String]) {
        let host = self.host();
        let copy = format!("docker save {} | docker --host {host} load --quiet", images.join(" "));
        sh!("/", "bash -o pipefail -c {copy}").succeeds();
    }

    /// Starts the engine, for the first time or after `kill`.
    pub fn launch(&self) {
        let path = format!("PATH={}", std::env::var("PATH").unwrap());
        let (name, image, process) = (&self.name, base_image("rust"), std::process::id());
        let target = process.to_string();
        // A mount namespace of its own, so that its mounts end with it.
        let start = format!(
            "cd {} && {}exec dockerd --config-file=$PWD/daemon.json",
            self.folder.path().display(),
            self.mount
        );
        // It stays in the container's network, because the other engine has its bridge in the
        // machine's.
        let enter = words("nsenter --mount --uts --ipc --target");
        let options = words("--privileged --pid=host --cgroupns=host");
        let unshared = words("unshare --mount sh -c");
        sh!(
            "/",
            "docker run --detach --name {name} --env {path} {options...} {image} {enter...} {target} {unshared...} {start}"
        )
        .succeeds();
        let running = "{{.State.Running}}";
        while sh!("/", "docker inspect --format {running} {name}").last_line() == "true" {
            if self.docker("version").success {
                return;
            }
            sleep(Duration::from_millis(300));
        }
        panic!("the engine does not start: {}", sh!("/", "docker logs {name}"));
    }

    /// Kills the engine and all that it runs, with SIGKILL.
    pub fn kill(&self) {
        let name = &self.name;
        sh!("/", "docker rm --force {name}").succeeds();
    }

    /// Fills the engine's own disk, but for `bytes`.
    pub fn fill(&self, bytes: u64) {
        // This prunes nothing, but waits until the engine has removed what failed builds left.
        self.docker("builder prune --force --filter=until=9999h").succeeds();
        let free = "$(df --output=avail --block-size=1 . | tail -n 1)";
        self.in_data(&format!("fallocate --length $(({free} - {bytes})) full"));
    }

    /// Undoes `fill`.
    pub fn make_room(&self) {
        self.in_data("rm full");
    }

    /// Runs `script` in the folder of the engine's data. Panics if it fails.
    fn in_data(&self, script: &str) {
        let pid = fs::read_to_string(self.folder.path().join("pid")).unwrap();
        let (name, target) = (&self.name, format!("--target={pid}"));
        let script = format!("cd {}/data; {script}", self.folder.path().display());
        sh!("/", "docker exec {name} nsenter {target} --mount sh -e -c {script}").succeeds();
    }

    /// Runs `docker` with this engine, and arguments in a shell's syntax.
    pub fn docker(&self, arguments: &str) -> Outcome {
        let (host, arguments) = (self.host(), words(arguments));
        sh!("/", "docker --host {host} {arguments...}")
    }

    /// Runs `make` in the project as `Project::make` does, with this engine as the remote builder.
    pub fn make(&self, project: &Project, arguments: &str) -> Outcome {
        let builder = format!("{arguments} BUILD_FLAGS=--builder={}", self.name);
        run(&mut project.make_command(&builder)).compiled_once()
    }

    /// Builds the project with options of `docker buildx build`, for the engine's cache alone.
    pub fn cache(&self, project: &Project, options: &str) -> Outcome {
        let (bases, path) = (build_flags().join(" "), project.path.display());
        let build = "buildx build --progress=plain --output=type=cacheonly";
        self.docker(&format!("{build} {bases} {options} {path}"))
    }

    /// The engine's address, as in `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("unix://{}", self.folder.path().join("socket").display())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let (name, image) = (&self.name, base_image("rust"));
        sh!("/", "docker stop {name}");
        // A container removes the engine's files, because they belong to root.
        let volume = format!("{}:/engine", self.folder.path().display());
        let sweep = "rm -r /engine/*";
        report(&sh!("/", "docker run --rm --volume {volume} {image} sh -c {sweep}"));
        report(&sh!("/", "docker rm --force {name}"));
    }
}

/// The turn to use the engine that tests share, because it takes a minute to start.
pub struct Turn {
    engine: Arc<Engine>,
    _turn: MutexGuard<'static, ()>,
}

impl Turn {
    /// Waits for it. The engine is as the test before has left it.
    pub fn wait() -> Self {
        static ENGINE: Shared<Engine> = Shared::empty();
        static TURN: Mutex<()> = Mutex::new(());
        let engine = ENGINE.get(Engine::start);
        // A test that has failed says nothing about the engine.
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        Self { engine, _turn: turn }
    }
}

impl Deref for Turn {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.engine
    }
}

/// The MTU of the network that the engine's container is in.
fn mtu() -> u32 {
    let image = base_image("rust");
    let read = sh!("/", "docker run --rm {image} cat /sys/class/net/eth0/mtu").succeeds();
    read.stdout.trim().parse().unwrap()
}
