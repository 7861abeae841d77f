//! Traps that put another program into the image than the project's.

use std::fs;

use workshop::edits::age;
use workshop::small::{MAIN, MANIFEST, printing};

use crate::peer::{Case, Found, Peer, avoids};

const OWN: &str = "its own program";

/// The first build of the package `name`.
fn own_program(peer: &Peer, name: &str, manifest: &str) -> Result<Found, Found> {
    let case = Case::new(name, &[("Cargo.toml", manifest), MAIN]);
    peer.prints(&case, &[], "main")?;
    Ok(avoids(OWN))
}

/// The first build of a project whose name has a dash, which is an underscore in Cargo's files.
pub fn dash(peer: &Peer) -> Result<Found, Found> {
    let manifest = r#"
[package]
name = "my-app"
version = "0.1.0"
edition = "2024"
"#;
    own_program(peer, "my-app", manifest)
}

/// 2001, as the time of a commit.
const COMMIT: u64 = 978_307_200;

/// The first build of sources that are older than any stub.
pub fn old_sources(peer: &Peer) -> Result<Found, Found> {
    let case = Case::new("one", &[MANIFEST, MAIN]);
    age(&case, COMMIT);
    peer.prints(&case, &[], "main")?;
    Ok(avoids(OWN))
}

/// An edit that is older than the last build.
pub fn old_edit(peer: &Peer) -> Result<Found, Found> {
    let case = Case::new("one", &[MANIFEST, MAIN]);
    age(&case, COMMIT);
    peer.prints(&case, &[], "main")?;
    fs::write(case.path.join("src/main.rs"), printing("edited")).unwrap();
    age(&case, COMMIT + 60);
    peer.prints(&case, &[], "edited")?;
    Ok(avoids("the edit"))
}

/// The first build of the version that cargo-chef gives to stubs.
pub fn first_version(peer: &Peer) -> Result<Found, Found> {
    let manifest = r#"
[package]
name = "one"
version = "0.0.1"
edition = "2024"
"#;
    own_program(peer, "one", manifest)
}

/// Two projects of one name on one machine, the second checked out before the first is built.
pub fn same_name(peer: &Peer) -> Result<Found, Found> {
    let case = |text: &str| Case::new("one", &[MANIFEST, ("src/main.rs", &printing(text))]);
    let first = case("first");
    let second = case("second").renamed(&first.name);
    peer.prints(&first, &[], "first")?;
    peer.prints(&second, &[], "second")?;
    Ok(avoids("each its own"))
}
