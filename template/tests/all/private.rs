//! Dependencies from git, from private git and from a private registry. No secret leaves a trace.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;
use workshop::container::{Container, Image};
use workshop::greeting::{self, PROGRAM, TOKEN, WORD};
use workshop::small::with;
use workshop::{Outcome, Project, command, run, vendor};

/// A project that takes `greeting` from `dependency`. Cargo makes the lock file with `public`,
/// which it can read on this machine, and the URLs are replaced afterwards.
fn project(dependency: &str, public: &str, config: &str) -> Project {
    let manifest = |place: &str| with(&format!("[dependencies]\ngreeting = {{ {place} }}\n"));
    let project = Project::pasted(&[("Cargo.toml", &manifest(public)), PROGRAM]);
    let url = |place: &str| place.split('"').nth(1).unwrap().to_owned();
    project.edit("Cargo.toml", public, dependency);
    project.edit("Cargo.lock", &url(public), &url(dependency));
    project.configure(config);
    project
}

/// Panics unless the program runs, and `TOKEN` is not in the image, its history, the stages it is
/// built from, or the caches.
fn leaves_no_trace(project: &Project, flags: &str) {
    // Caches of its own, because other builds clean up the shared ones, which would hide a leak.
    project.own_caches();
    let ran = project.make(&["run"], flags).succeeds();
    assert_eq!(ran.last_line(), WORD);
    let secret = |text: &str| text.contains(TOKEN);
    assert!(!secret(&ran.to_string().replace(flags, "")), "{ran}");
    let docker =
        |arguments: &[&str]| run(&mut command(&project.path, "docker", arguments)).succeeds();
    let image = project.run_image();
    let history = docker(&["history", "--no-trunc", &image]);
    assert!(!secret(&history.stdout), "{history}");
    docker(&["save", "--output", "../image.tar", &image]);
    let archive = fs::read(project.path.join("../image.tar")).unwrap();
    assert!(
        !secret(&String::from_utf8_lossy(&archive)),
        "{TOKEN} is in {image}"
    );
    // Test the search: it has to find the crate's text in each place that could have a secret.
    let found = search(project, flags, WORD).fails_with("exit code: 9");
    for place in [
        "/usr/local/cargo/",
        "/target-cache/",
        "/incremental/",
        "/opt/target/",
        "/out/image/",
    ] {
        assert!(found.stderr.contains(place), "not in {place}: {found}");
    }
    search(project, flags, TOKEN).succeeds();
}

/// Searches for `what` in all that `make run` has left. Fails with 9 if it is there.
fn search(project: &Project, flags: &str, what: &str) -> Outcome {
    // grep ends with 0 if it finds something, 1 if not, and 2 on an error, like a missing folder.
    let script = format!(
        r#"
grep --recursive --files-with-matches --text --regexp='{what}' /usr/local/cargo /target-cache \
    /app /incremental /etc /hashes /messages /opt/target /out /program-options /root /tmp /var || found=$?
case $found in 1) ;; 2) exit 8 ;; *) exit 9 ;; esac
"#
    );
    project.in_caches("build-incremental", &script, flags)
}

/// Serves the git repository `greeting` to everybody, and through ssh to the owner of the key.
struct GitServer {
    container: Container,
    _image: Image,
    _folder: TempDir,
}

impl GitServer {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path();
        greeting::write(&path.join("greeting"));
        // A clone, because the lock file needs the same commit.
        let copy = ["clone", "--quiet", "--bare", "greeting"];
        let closed = format!("{TOKEN}/greeting");
        run(command(path, "git", &copy).arg(closed)).succeeds();
        let image = Image::with("git openssh-server");
        let volume = format!("--volume={}:/srv:ro", path.display());
        let serve = "mkdir -p /run/sshd /root/.ssh && ssh-keygen -A && ssh-keygen -q -t ed25519 -N '' -f /key && cp /key.pub /root/.ssh/authorized_keys && \
            /usr/sbin/sshd && exec git daemon --base-path=/srv --export-all";
        let container = Container::start(&[&volume], &image.name, &["sh", "-c", serve]);
        let url = format!("git://{}/greeting", container.address());
        while !run(&mut command(path, "git", &["ls-remote", &url])).success {
            // Panics if the server has ended.
            container.exec(&["true"]);
            sleep(Duration::from_millis(100));
        }
        Self {
            container,
            _image: image,
            _folder: folder,
        }
    }

    /// The repository that everybody can read, as a dependency in a manifest.
    fn public(&self) -> String {
        format!("git = \"git://{}/greeting\"", self.container.address())
    }
}

#[test]
fn git_for_all_and_private_git() {
    let server = GitServer::start();
    let public = server.public();
    let address = server.container.address();
    let open = project(&public, &public, "");
    assert_eq!(open.make(&["run"], "").succeeds().last_line(), WORD);

    let closed = project("git = \"https://git.invalid/greeting\"", &public, "");
    let rewrite = format!(
        r#"
[url "git://{address}/{TOKEN}/"]
    insteadOf = https://git.invalid/
"#
    );
    fs::write(closed.path.join("../gitconfig"), rewrite).unwrap();
    leaves_no_trace(&closed, "--secret id=git,src=../gitconfig");

    let read = |file| server.container.exec(&["cat", file]);
    // Developers set this option to make Cargo use git, which knows their keys and proxies.
    let known = format!(
        r#"
[net]
git-fetch-with-cli = true
ssh.known-hosts = ["{address} {}"]
"#,
        read("/etc/ssh/ssh_host_ecdsa_key.pub")
    );
    let url = format!("git = \"ssh://root@{address}/srv/greeting\"");
    let by_key = project(&url, &public, &known);
    fs::write(by_key.path.join("../key"), read("/key") + "\n").unwrap();
    by_key
        .make(&["build"], "")
        .fails_with("failed to authenticate when downloading repository");
    let ran = by_key.make(&["run"], "--ssh default=../key").succeeds();
    assert_eq!(ran.last_line(), WORD);
}

#[test]
fn private_registry() {
    let files = greeting::private();
    let files = files.each_ref().map(|(file, text)| (*file, text.as_str()));
    let project = Project::pasted(&files);
    greeting::lock(&project);
    project
        .make(&["build"], "")
        .fails_with("no token found for `company`");
    leaves_no_trace(&project, greeting::secret(&project));
}

/// A build script that fails if it can reach a server at `address`, or see a secret.
fn spy(address: SocketAddr) -> String {
    r#"
use std::{env, fs, net::TcpStream, time::Duration};

fn main() {
    // Run again in each build.
    println!("cargo::rerun-if-changed=missing");
    for file in ["/usr/local/cargo/credentials.toml", "/root/.gitconfig", "/run/secrets/cargo"] {
        assert!(!fs::exists(file).unwrap(), "sees {file}");
    }
    assert!(env::var_os("SSH_AUTH_SOCK").is_none(), "sees the ssh agent");
    let server = "ADDRESS".parse().unwrap();
    let connected = TcpStream::connect_timeout(&server, Duration::from_secs(5));
    assert!(connected.is_err(), "sees the network");
}
"#
    .replace("ADDRESS", &address.to_string())
}

#[test]
fn build_scripts_see_no_secret_and_no_network() {
    // Nobody has to accept a connection for it to succeed.
    let server = TcpListener::bind((greeting::gateway(), 0)).unwrap();
    let script = spy(server.local_addr().unwrap());
    let manifest = |name: &str| format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n");
    let own = manifest("one") + "version = \"0.1.0\"\n[dependencies]\nforeign = \"0.1\"\n";
    let foreign = manifest("foreign") + "version = \"0.1.0+FILES\"\n";
    let project = vendor::project(&[
        ("Cargo.toml", &own),
        ("build.rs", &script),
        ("src/main.rs", r#"fn main() { println!("ran") }"#),
        ("vendor/foreign/Cargo.toml", &foreign),
        ("vendor/foreign/build.rs", &script),
        ("vendor/foreign/src/lib.rs", ""),
    ]);
    fs::write(project.path.join("../secret"), TOKEN).unwrap();
    let key = ["-q", "-t", "ed25519", "-N", "", "-f", "../key"];
    run(&mut command(&project.path, "ssh-keygen", &key)).succeeds();
    let secrets =
        "--secret=id=cargo,src=../secret --secret=id=git,src=../secret --ssh=default=../key";
    for target in ["build", "run"] {
        project.make_with_any_layer(&[target], secrets).succeeds();
    }
    // The script would see both, if a step had them.
    let dockerfile = project.read("Dockerfile");
    for (option, seen) in [
        ("--network=default", "sees the network"),
        (
            "--mount=type=secret,id=cargo,target=/usr/local/cargo/credentials.toml",
            "sees /usr/local/cargo/credentials.toml",
        ),
        (
            "--mount=type=secret,id=git,target=/root/.gitconfig",
            "sees /root/.gitconfig",
        ),
        ("--mount=type=ssh", "sees the ssh agent"),
    ] {
        let closed = "RUN --network=none";
        let open = format!("RUN {option}");
        // What only the script of a dependency sees does not end the build.
        let (before, dependencies) = dockerfile.split_once("AS dependencies\n").unwrap();
        let opened = dependencies.replacen(closed, &open, 1);
        fs::write(
            project.path.join("Dockerfile"),
            format!("{before}AS dependencies\n{opened}"),
        )
        .unwrap();
        let noted = project.make_with_any_layer(&["build"], secrets).succeeds();
        let reason = "error: failed to run custom build command for `foreign";
        assert!(noted.stderr.contains(reason), "{seen}: {noted}");
        let opened = dockerfile.replace(closed, &open);
        fs::write(project.path.join("Dockerfile"), opened).unwrap();
        project
            .make_with_any_layer(&["build"], secrets)
            .fails_with(seen);
    }
}
