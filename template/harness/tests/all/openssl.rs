//! Programs that want the system's OpenSSL get one that is linked statically.

use workshop::container::Container;
use workshop::package::{CONFIG, one, seven};
use workshop::{Project, base_image, sh, words};

/// Prints whether the program trusts the server at the address that is its argument.
const MAIN: &str = r#"
use openssl::ssl::{SslConnector, SslMethod};
let address = std::env::args().nth(1).unwrap();
let stream = std::net::TcpStream::connect(address).unwrap();
let connector = SslConnector::builder(SslMethod::tls()).unwrap().build();
match connector.connect("server.test", stream) {
    Ok(_) => println!("trusted"),
    Err(error) => println!("{error}"),
}
"#;

/// Starts a TLS server with a certificate that it has signed itself, `ca.pem` beside the project.
fn serve(project: &Project) -> Container {
    let folder = project.path.parent().unwrap();
    let certificate = words(
        "-x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=server.test \
         -addext subjectAltName=DNS:server.test -keyout key.pem -out ca.pem",
    );
    sh!(folder, "openssl req {certificate...}").succeeds();
    let options = format!("--volume={}:/server:ro --workdir=/server", folder.display());
    let server = "openssl s_server -4 -www -accept 4433 -key key.pem -cert ca.pem";
    // The base image has openssl, for its package of certificates.
    Container::start(&options, &base_image("rust"), server)
}

#[test]
fn a_program_trusts_the_authorities_of_the_image_on_both_bases() {
    let project = one().uses("openssl", "0.10").main(MAIN).paste();
    let server = serve(&project);
    let authority = project.path.with_file_name("ca.pem");
    let mount = format!("{}:/etc/ssl/certs/ca-certificates.crt:ro", authority.display());
    for base in ["alpine", "scratch"] {
        let asks = format!("BASE={base} ARGS={}:4433", server.address());
        project.run(&format!("{asks} RUN_FLAGS=--volume={mount}")).prints("trusted");
        project.run(&asks).tells("certificate verify failed");
    }
}

/// The lock file has all crates that any feature asks for.
#[test]
fn only_a_program_that_links_it_gets_it() {
    let tables = r#"
[dependencies]
openssl = { version = "0.10", optional = true }
[features]
vendored = ["tls", "openssl/vendored"]
tls = ["dep:openssl"]
[dev-dependencies]
native-tls = "0.2"
"#;
    let main = r#"
#[cfg(feature = "tls")]
println!("{:x?}", &openssl::sha::sha256(b"abc")[..2]);
"#;
    let project = one().manifest(tables).main(main).paste();
    let count = |stage, flags, then| {
        let script = format!("cd /opt/openssl; echo folders: $(ls -A | wc -l); {then}");
        let flags = format!("--build-arg=CARGO_FLAGS={flags}");
        project.in_caches(stage, &script, &flags).tells("folders: ")
    };
    let none = count("build", "", "ls -l /out/scratch/etc/ssl").tells("folders: 0");
    none.lacks("cert.pem");
    count("openssl", "--features=vendored", "").tells("folders: 0");
    count("openssl", "--features=tls", "").lacks("folders: 0");
    // An option that only `cargo build` knows.
    count("openssl", "--keep-going", "").lacks("folders: 0");
    project.make_with_any_layer("run 'CARGO_FLAGS=--features tls'").prints("[ba, 78]");
}

/// Macros of sqlx use it on the build machine, for which it is Debian's, linked dynamically.
#[test]
fn a_build_script_uses_the_one_of_debian() {
    let script = r#"
println!("cargo::rustc-env=HASH={:x?}", &openssl::sha::sha256(b"abc")[..2]);
"#;
    let package = one().manifest("[build-dependencies]\nopenssl = \"0.10\"");
    let project = package.build_script(script).prints(r#"env!("HASH")"#).paste();
    project.run("'APT_PACKAGES=libssl-dev pkg-config'").prints("[ba, 78]");
}

/// The vendored crates have no openssl-src, which is there only if a feature asks for it.
#[test]
fn a_project_with_vendored_crates_that_does_not_use_it_builds() {
    let optional = "[dependencies.openssl]\nversion = \"0.10\"\noptional = true";
    let project = seven().manifest(optional).paste();
    let config = project.cargo("vendor").stdout;
    assert!(project.path.join("vendor/openssl-sys").exists());
    assert!(!project.path.join("vendor/openssl-src").exists());
    project.write(CONFIG, config);
    project.run("").prints("7");
    let missing = "error: no matching package named `openssl-src` found";
    project.build("'CARGO_FLAGS=--features openssl'").fails(missing);
}
