//! Programs that want the system's OpenSSL get one that is linked statically.

use std::net::TcpListener;
use std::process::{Child, Stdio};

use workshop::small::{SEVEN, with};
use workshop::{Project, command, greeting, run};

/// Prints whether it trusts the server at the address that is its argument.
const MAIN: &str = r#"
use std::{env, net::TcpStream};

fn main() {
    let stream = TcpStream::connect(env::args().nth(1).unwrap()).unwrap();
    let connector = openssl::ssl::SslConnector::builder(openssl::ssl::SslMethod::tls());
    let connector = connector.unwrap().build();
    match connector.connect("server.test", stream) {
        Ok(_) => println!("trusted"),
        Err(error) => println!("{error}"),
    }
}
"#;

/// A TLS server with a certificate that it has signed itself.
struct Server(Child);

impl Server {
    /// Starts it, with its certificate in `ca.pem` beside the project. Returns its address, too.
    fn start(project: &Project) -> (Self, String) {
        let folder = project.path.parent().unwrap();
        let openssl = |arguments: &str| {
            let arguments: Vec<_> = arguments.split_whitespace().collect();
            command(folder, "openssl", &arguments)
        };
        let certificate = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=server.test \
            -addext subjectAltName=DNS:server.test -keyout key.pem -out ca.pem";
        run(&mut openssl(certificate)).succeeds();
        // A port that is free now.
        let listener = TcpListener::bind((greeting::gateway(), 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let serve = format!("s_server -www -accept {address} -key key.pem -cert ca.pem");
        let mut serve = openssl(&serve);
        serve.stdin(Stdio::null()).stdout(Stdio::null());
        (Self(serve.spawn().unwrap()), address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_program_trusts_the_authorities_of_the_image_on_both_bases() {
    let manifest = with("[dependencies]\nopenssl = \"0.10\"\n");
    let project = Project::pasted(&[("Cargo.toml", &manifest), ("src/main.rs", MAIN)]);
    let (_server, address) = Server::start(&project);
    let authority = project.path.parent().unwrap().join("ca.pem");
    let mount = format!(
        "RUN_FLAGS=--volume={}:/etc/ssl/certs/ca-certificates.crt:ro",
        authority.display()
    );
    let arguments = format!("ARGS={address}");
    for base in ["BASE=alpine", "BASE=scratch"] {
        let ran = project
            .make(&["run", base, &arguments, &mount], "")
            .succeeds();
        assert_eq!(ran.last_line(), "trusted", "{base}");
        let ran = project.make(&["run", base, &arguments], "").succeeds();
        assert!(
            ran.last_line().contains("certificate verify failed"),
            "{ran}"
        );
    }
}

/// The lock file has all crates that any feature asks for.
#[test]
fn only_a_program_that_links_it_gets_it() {
    let manifest = with(
        r#"
[dependencies]
openssl = { version = "0.10", optional = true }
[features]
vendored = ["tls", "openssl/vendored"]
tls = ["dep:openssl"]
[dev-dependencies]
native-tls = "0.2"
"#,
    );
    let main = r#"
fn main() {
    #[cfg(feature = "tls")]
    println!("{:x?}", &openssl::sha::sha256(b"abc")[..2]);
}
"#;
    let project = Project::pasted(&[("Cargo.toml", &manifest), ("src/main.rs", main)]);
    let has_openssl = |flags: &str| {
        let flags = format!("--build-arg=CARGO_FLAGS={flags}");
        let listed = project.in_caches("openssl", "ls -A /opt/openssl | wc -l >&2", &flags);
        let listed = listed.succeeds();
        let count = listed.stderr.lines().find_map(|line| {
            let (_, count) = line.rsplit_once(' ')?;
            count.parse::<u32>().ok()
        });
        count.unwrap() > 0
    };
    assert!(!has_openssl(""));
    assert!(!has_openssl("--features=vendored"));
    assert!(has_openssl("--features=tls"));
    // An option that only `cargo build` knows.
    assert!(has_openssl("--keep-going"));
    let run = ["run", "CARGO_FLAGS=--features tls"];
    let ran = project.make_with_any_layer(&run, "").succeeds();
    assert_eq!(ran.last_line(), "[ba, 78]");
}

#[test]
fn a_project_that_does_not_need_it_gets_none() {
    let project = Project::generate("hello-world");
    project.own_caches();
    let script = "ls -A /opt/openssl | wc -l; ls -l /out/scratch/etc/ssl >&2";
    let listed = project.in_caches("build", script, "").succeeds();
    assert!(
        listed.stderr.lines().any(|line| line.ends_with(" 0")),
        "{listed}"
    );
    assert!(!listed.stderr.contains("cert.pem"), "{listed}");
}

/// Macros of sqlx use it on the build machine, for which it is Debian's, linked dynamically.
#[test]
fn a_build_script_uses_the_one_of_debian() {
    let manifest = with("[build-dependencies]\nopenssl = \"0.10\"\n");
    let build = r#"
fn main() {
    println!("cargo::rustc-env=HASH={:x?}", &openssl::sha::sha256(b"abc")[..2]);
}
"#;
    let main = r#"fn main() { println!("{}", env!("HASH")) }"#;
    let project = Project::pasted(&[
        ("Cargo.toml", &manifest),
        ("build.rs", build),
        ("src/main.rs", main),
    ]);
    let ran = project.make(&["run", "APT_PACKAGES=libssl-dev pkg-config"], "");
    assert_eq!(ran.succeeds().last_line(), "[ba, 78]");
}

/// The vendored crates have no openssl-src, which is there only if a feature asks for it.
#[test]
fn a_project_with_vendored_crates_that_does_not_use_it_builds() {
    let manifest = with(
        r#"
[dependencies]
itoa = "1"
openssl = { version = "0.10", optional = true }
"#,
    );
    let project = Project::pasted(&[("Cargo.toml", &manifest), SEVEN]);
    let configuration = project.cargo(&["vendor"]).succeeds().stdout;
    assert!(project.path.join("vendor/openssl-sys").exists());
    assert!(!project.path.join("vendor/openssl-src").exists());
    project.configure(&configuration);
    let ran = project.make(&["run"], "").succeeds();
    assert_eq!(ran.last_line(), "7");
    project
        .make(&["build", "CARGO_FLAGS=--features openssl"], "")
        .fails_with("error: no matching package named `openssl-src` found");
}
