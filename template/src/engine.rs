//! A second Docker engine on this machine, with caches of its own, that a test may kill.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::{sleep, spawn};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::container::unique_part;
use crate::{Outcome, base_image, build_flags, command, docker, run};

/// An engine that starts with no content but the stand-in images, if those are in use. Dropping
/// removes it.
///
/// It runs the machine's own `dockerd` in a privileged container that enters the machine's mount
/// namespace, because that needs only the right to use Docker, and leaves no process behind.
pub struct Engine {
    folder: TempDir,
    /// The name of the container, and of the remote builder, for `--builder`.
    pub name: String,
    _builder: Builder,
}

impl Engine {
    /// Starts an engine and waits until it answers. Panics with its log if it does not start.
    pub fn start() -> Self {
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
        let builder = Builder::new(name.clone(), folder.path().join("socket"));
        let engine = Self {
            folder,
            name,
            _builder: builder,
        };
        engine.launch();
        let stand_ins: Vec<_> = build_flags()
            .iter()
            .filter_map(|flag| Some(flag.split_once("=docker-image://")?.1.to_owned()))
            .collect();
        if !stand_ins.is_empty() {
            let mut save = Command::new("docker")
                .arg("save")
                .args(stand_ins)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let load = Command::new("docker")
                .args(["--host", &engine.host(), "load", "--quiet"])
                .stdin(save.stdout.take().unwrap())
                .output()
                .unwrap();
            assert!(
                save.wait().unwrap().success() && load.status.success(),
                "{load:?}"
            );
        }
        engine
    }

    /// Starts the engine, for the first time or after `kill`.
    pub fn launch(&self) {
        let path = format!("--env=PATH={}", std::env::var("PATH").unwrap());
        let target = format!("--target={}", std::process::id());
        let config = self.folder.path().join("daemon.json");
        let config = format!("--config-file={}", config.display());
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
        // machine's. It gets a mount namespace of its own, so that its mounts end with it.
        let entered = ["--mount", "--uts", "--ipc", "unshare", "--mount"];
        docker(&[&container[..], &machine, &entered, &["dockerd", &config]].concat()).succeeds();
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

    /// Runs `docker` with this engine.
    pub fn docker(&self, arguments: &[&str]) -> Outcome {
        docker(&[&["--host", &self.host()], arguments].concat())
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

/// A builder of buildx, with the remote driver. Dropping removes it.
pub struct Builder {
    /// For `--builder`.
    pub name: String,
}

impl Builder {
    /// The machine's own engine, for what the docker driver refuses, like to push without a tag.
    pub fn remote() -> Self {
        let context = ["context", "inspect", "--format={{.Endpoints.docker.Host}}"];
        let host = docker(&context).succeeds().stdout;
        let socket = host.trim().strip_prefix("unix://").unwrap();
        let unique = unique_part(&TempDir::new().unwrap());
        Self::new(format!("template-test-{unique}"), socket.into())
    }

    /// The BuildKit of the engine at `socket`, which need not answer yet.
    fn new(name: String, socket: PathBuf) -> Self {
        let address = forward(socket);
        let create = ["buildx", "create", "--driver=remote", "--name", &name];
        docker(&[&create[..], &[&address]].concat()).succeeds();
        Self { name }
    }
}

impl Drop for Builder {
    fn drop(&mut self) {
        let outcome = docker(&["buildx", "rm", &self.name]);
        if !outcome.success {
            eprintln!("{outcome}");
        }
    }
}

/// Listens for the remote driver of buildx, and connects it to the BuildKit in the engine at
/// `socket`, as `docker build` does itself. Returns the address to give to the driver.
fn forward(socket: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    spawn(move || {
        for client in listener.incoming().map(Result::unwrap) {
            // While the engine is down, dropping `client` ends its connection.
            if let Ok(engine) = UnixStream::connect(&socket) {
                upgrade(client, engine).unwrap_or_else(|error| eprintln!("no BuildKit: {error}"));
            }
        }
    });
    address
}

fn upgrade(mut client: TcpStream, mut engine: UnixStream) -> std::io::Result<()> {
    let request =
        "POST /grpc HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    engine.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        engine.read_exact(&mut byte)?;
        answer.extend(byte);
    }
    if !answer.starts_with(b"HTTP/1.1 101 ") {
        return Err(std::io::Error::other(String::from_utf8_lossy(&answer)));
    }
    let (mut requests, mut answers) = (client.try_clone()?, engine.try_clone()?);
    spawn(move || {
        // An error only means that one side has hung up.
        let _ = std::io::copy(&mut requests, &mut engine);
        let _ = engine.shutdown(Shutdown::Both);
    });
    spawn(move || {
        let _ = std::io::copy(&mut answers, &mut client);
        let _ = client.shutdown(Shutdown::Both);
    });
    Ok(())
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
