//! A second Docker engine on this machine, with caches of its own. A test may kill it, or fill its disk.

use std::fs::{self, File};
use std::ops::Deref;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::builder::Builder;
use crate::container::unique_part;
use crate::shared::Shared;
use crate::{Outcome, Project, base_image, build_flags, command, docker, run};

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
        let name = format!("template-test-{}", unique_part(&folder));
        let inside = |file: &str| folder.path().join(file).display().to_string();
        let config = json!({
            "hosts": [format!("unix://{}", inside("socket"))],
            "group": run(&mut command(Path::new("/"), "id", &["-g"])).succeeds().stdout.trim(),
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
            let format = ["-q", "-m", "0", "disk"];
            run(command(folder.path(), "mkfs.ext4", &format).env("PATH", path)).succeeds();
        }
        let builder = Builder::new(name.clone(), folder.path().join("socket"));
        let engine = Self {
            folder,
            name,
            mount,
            _builder: builder,
        };
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
        let mut save = Command::new("docker")
            .arg("save")
            .args(images)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let load = Command::new("docker")
            .args(["--host", &self.host(), "load", "--quiet"])
            .stdin(save.stdout.take().unwrap())
            .output()
            .unwrap();
        assert!(
            save.wait().unwrap().success() && load.status.success(),
            "{load:?}"
        );
    }

    /// Starts the engine, for the first time or after `kill`.
    pub fn launch(&self) {
        let path = format!("--env=PATH={}", std::env::var("PATH").unwrap());
        let target = format!("--target={}", std::process::id());
        // A mount namespace of its own, so that its mounts end with it.
        let start = format!(
            "cd {} && {}exec dockerd --config-file=$PWD/daemon.json",
            self.folder.path().display(),
            self.mount
        );
        let image = base_image("rust");
        let container = [
            "run",
            "--detach",
            "--name",
            &self.name,
            &path,
            "--privileged",
        ];
        let machine = ["--pid=host", "--cgroupns=host", &image, "nsenter", &target];
        // It stays in the container's network, because the other engine has its bridge in the
        // machine's.
        let entered = ["--mount", "--uts", "--ipc"];
        let unshared = ["unshare", "--mount", "sh", "-c", &start];
        docker(&[&container[..], &machine, &entered, &unshared].concat()).succeeds();
        let running = ["inspect", "--format={{.State.Running}}", &self.name];
        while docker(&running).succeeds().stdout.trim() == "true" {
            if self.docker(&["version"]).success {
                return;
            }
            sleep(Duration::from_millis(300));
        }
        panic!(
            "the engine does not start: {}",
            docker(&["logs", &self.name])
        );
    }

    /// Kills the engine and all that it runs, with SIGKILL.
    pub fn kill(&self) {
        docker(&["rm", "--force", &self.name]).succeeds();
    }

    /// Fills the engine's own disk, but for `bytes`.
    pub fn fill(&self, bytes: u64) {
        // This prunes nothing, but waits until the engine has removed what failed builds left.
        let prune = ["builder", "prune", "--force", "--filter=until=9999h"];
        self.docker(&prune).succeeds();
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
        let target = format!("--target={pid}");
        let script = format!("cd {}/data; {script}", self.folder.path().display());
        let enter = ["nsenter", &target, "--mount", "sh", "-e", "-c", &script];
        docker(&[&["exec", &self.name], &enter[..]].concat()).succeeds();
    }

    /// Runs `docker` with this engine.
    pub fn docker(&self, arguments: &[&str]) -> Outcome {
        docker(&[&["--host", &self.host()], arguments].concat())
    }

    /// Runs `make` in the project, with this engine as the remote builder. Panics if a build
    /// compiles dependencies again.
    pub fn make(&self, project: &Project, targets: &[&str], flags: &[String]) -> Outcome {
        let builder = format!("--builder={}", self.name);
        let flags = [flags, &["--progress=plain".into(), builder]].concat();
        run(project
            .make_command(targets)
            .env("BUILD_FLAGS", flags.join(" ")))
        .compiled_once()
    }

    /// Builds the project with `flags` of `docker buildx build`, for the engine's cache alone.
    pub fn cache(&self, project: &Project, flags: &[&str]) -> Outcome {
        let build = [
            "buildx",
            "build",
            "--progress=plain",
            "--output=type=cacheonly",
        ];
        let bases = build_flags();
        let bases: Vec<_> = bases.iter().map(String::as_str).collect();
        let path = project.path.to_str().unwrap();
        self.docker(&[&build[..], &bases, flags, &[path]].concat())
    }

    /// The engine's address, as in `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("unix://{}", self.folder.path().join("socket").display())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        docker(&["stop", &self.name]);
        // A container removes the engine's files, because they belong to root.
        let volume = format!("--volume={}:/engine", self.folder.path().display());
        let image = base_image("rust");
        let sweep = [
            "run",
            "--rm",
            &volume,
            &image,
            "sh",
            "-c",
            "rm -r /engine/*",
        ];
        for arguments in [&sweep[..], &["rm", "--force", &self.name]] {
            let outcome = docker(arguments);
            if !outcome.success {
                eprintln!("{outcome}");
            }
        }
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
        Self {
            engine,
            _turn: turn,
        }
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
    let arguments = [
        "run",
        "--rm",
        &base_image("rust"),
        "cat",
        "/sys/class/net/eth0/mtu",
    ];
    docker(&arguments).succeeds().stdout.trim().parse().unwrap()
}
