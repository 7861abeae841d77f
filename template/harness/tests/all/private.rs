//! Dependencies from git, from private git and from a private registry. No secret leaves a trace.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;

use tempfile::TempDir;
use workshop::ask::until_it_succeeds;
use workshop::container::{Container, Image};
use workshop::greeting::{self, TOKEN, WORD};
use workshop::package::{CONFIG, one, package};
use workshop::{Outcome, Project, sh};

/// A folder with the crate's repository, and the URL at which everybody can read the folder.
fn served() -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    greeting::write(&folder.path().join("greeting"));
    let url = greeting::git(folder.path());
    (folder, url)
}

/// A project that takes the crate from `url`. Cargo makes the lock file with `public`, which it can
/// read on this machine.
fn taking(url: &str, public: &str, config: &str) -> Project {
    let project = greeting::program(&format!("git = {public:?}")).file(CONFIG, config).paste();
    project.edit("Cargo.toml", public, url);
    project.edit("Cargo.lock", public, url);
    project
}

/// Makes a key for ssh in the file `name`.
fn make_key(folder: &Path, name: &str, kind: &str) {
    let passphrase = "";
    sh!(folder, "ssh-keygen -q -t {kind} -N {passphrase} -f {name}").succeeds();
}

/// Panics unless the program runs, and `TOKEN` is not in the image, its history, the stages it is
/// built from, or the caches.
fn leaves_no_trace(project: &Project, flags: &str) {
    // Caches of its own, because other builds clean up the shared ones, which would hide a leak.
    project.own_caches();
    project.run(&format!("'BUILD_FLAGS={flags}'")).prints(WORD).lacks(TOKEN);
    let (image, archive) = (project.run_image(), project.path.with_extension("tar"));
    sh!("/", "docker history --no-trunc {image}").succeeds().lacks(TOKEN);
    sh!("/", "docker save --output {archive} {image}").succeeds();
    let archive = fs::read(archive).unwrap();
    assert!(!String::from_utf8_lossy(&archive).contains(TOKEN), "{TOKEN} is in {image}");
    // Test the search: it has to find the crate's text in each place that could have a secret.
    let found = search(project, flags, WORD).fails("exit code: 9");
    for place in
        ["/usr/local/cargo/", "/target-cache/", "/incremental/", "/opt/target/", "/out/image/"]
    {
        assert!(found.stderr.contains(place), "not in {place}: {found}");
    }
    search(project, flags, TOKEN).succeeds();
}

/// Searches for `what` in all that `make run` has left. Fails with 9 if it is there.
fn search(project: &Project, flags: &str, what: &str) -> Outcome {
    // grep ends with 0 if it finds something, 1 if not, and 2 on an error, like a missing folder.
    let all = "/usr/local/cargo /target-cache /app /incremental /etc /hashes /messages /opt/target \
        /out /program-options /root /tmp /var";
    let script = format!(
        "grep --recursive --files-with-matches --text --regexp='{what}' {all} || found=$?\n\
         case $found in 1) ;; 2) exit 8 ;; *) exit 9 ;; esac"
    );
    project.in_caches("build-incremental", &script, flags)
}

#[test]
fn git_for_all_and_private_git() {
    let (folder, url) = served();
    let public = format!("{url}/greeting");
    greeting::program(&format!("git = {public:?}")).paste().run("").prints(WORD);

    // A clone, because the lock file needs the same commit.
    let closed = format!("{TOKEN}/greeting");
    sh!(folder.path(), "git clone --quiet --bare greeting {closed}").succeeds();
    let project = taking("https://git.invalid/greeting", &public, "");
    let rewrite = format!("[url \"{url}/{TOKEN}/\"]\n    insteadOf = https://git.invalid/\n");
    project.write("../gitconfig", rewrite);
    leaves_no_trace(&project, "--secret id=git,src=../gitconfig");
}

#[test]
fn private_git_for_the_owner_of_an_ssh_key() {
    let (folder, url) = served();
    make_key(folder.path(), "key", "ed25519");
    make_key(folder.path(), "host", "ecdsa");
    let image = Image::with("git openssh-server");
    let serve = "mkdir -p /run/sshd /root/.ssh && cp /srv/key.pub /root/.ssh/authorized_keys && \
        exec /usr/sbin/sshd -D -h /srv/host";
    let path = folder.path().display();
    let volume = format!("--volume={path}:/srv:ro");
    let server = Container::start(&volume, &image.name, &format!("sh -c '{serve}'"));
    let address = server.address();
    let connect = || TcpStream::connect((address.as_str(), 22)).map_err(|error| error.to_string());
    until_it_succeeds(|| connect().map(|_| String::new())).unwrap();

    let host = fs::read_to_string(folder.path().join("host.pub")).unwrap();
    let known = format!("ssh.known-hosts = [\"{address} {}\"]", host.trim());
    // Developers set this option to make Cargo use git, which knows their keys and proxies.
    let config = format!("[net]\ngit-fetch-with-cli = true\n{known}\n");
    let private = format!("ssh://root@{address}/srv/greeting");
    let project = taking(&private, &format!("{url}/greeting"), &config);
    project.build("").fails("failed to authenticate when downloading repository");
    project.run(&format!("'BUILD_FLAGS=--ssh default={path}/key'")).prints(WORD);
}

#[test]
fn private_registry() {
    let project = greeting::private().paste();
    greeting::lock(&project);
    project.build("").fails("no token found for `company`");
    leaves_no_trace(&project, greeting::secret(&project));
}

/// A build script that fails if it can reach a server at `address`, or see a secret.
fn spy(address: SocketAddr) -> String {
    let script = r#"
// Run again in each build.
println!("cargo::rerun-if-changed=missing");
for file in ["/usr/local/cargo/credentials.toml", "/root/.gitconfig", "/run/secrets/cargo"] {
    assert!(!std::fs::exists(file).unwrap(), "sees {file}");
}
assert!(std::env::var_os("SSH_AUTH_SOCK").is_none(), "sees the ssh agent");
let (server, seconds) = ("ADDRESS".parse().unwrap(), std::time::Duration::from_secs(5));
let connected = std::net::TcpStream::connect_timeout(&server, seconds);
assert!(connected.is_err(), "sees the network");
"#;
    script.replace("ADDRESS", &address.to_string())
}

#[test]
fn build_scripts_see_no_secret_and_no_network() {
    // Nobody has to accept a connection for it to succeed.
    let server = TcpListener::bind((greeting::gateway(), 0)).unwrap();
    let script = spy(server.local_addr().unwrap());
    let foreign = package("foreign").build_script(&script).file("src/lib.rs", "");
    let project = one().build_script(&script).uses("foreign", "0.1").vendors(foreign).paste();
    project.write("../secret", TOKEN);
    make_key(&project.path, "../key", "ed25519");
    let secrets = "--secret=id=cargo,src=../secret --secret=id=git,src=../secret";
    let flags = format!("'BUILD_FLAGS={secrets} --ssh=default=../key'");
    let make = |target: &str| project.make_with_any_layer(&format!("{target} {flags}"));
    make("build").succeeds();
    make("run").succeeds();

    // The script would see both, if a step had them.
    let dockerfile = project.read("Dockerfile");
    let (before, dependencies) = dockerfile.split_once("AS dependencies\n").unwrap();
    let token = "--mount=type=secret,id=cargo,target=/usr/local/cargo/credentials.toml";
    for (option, seen) in [
        ("--network=default", "sees the network"),
        (token, "sees /usr/local/cargo/credentials.toml"),
        ("--mount=type=secret,id=git,target=/root/.gitconfig", "sees /root/.gitconfig"),
        ("--mount=type=ssh", "sees the ssh agent"),
    ] {
        let [closed, open] = ["--network=none", option].map(|option| format!("RUN {option}"));
        // What only the script of a dependency sees does not end the build.
        let opened = dependencies.replacen(&closed, &open, 1);
        project.write("Dockerfile", format!("{before}AS dependencies\n{opened}"));
        make("build").tells("error: failed to run custom build command for `foreign");
        project.write("Dockerfile", dockerfile.replace(&closed, &open));
        make("build").fails(seen);
    }
}
