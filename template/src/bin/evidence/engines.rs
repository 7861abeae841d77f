//! Traps around the build: secrets, another engine, and CI.

use workshop::small::{MAIN, MANIFEST};
use workshop::{docker, greeting};

use crate::peer::{Case, Found, Peer, avoids, falls};

/// A dependency from a registry that wants a token.
pub fn token(peer: &Peer) -> Result<Found, Found> {
    let files = greeting::private();
    let files = files.each_ref().map(|(file, text)| (*file, text.as_str()));
    let case = Case::new("one", &files);
    greeting::lock(&case);
    peer.prints(&case, &[greeting::secret(&case)], greeting::WORD)?;
    let history = ["history", "--no-trunc", &case.image];
    let layers = case.layers();
    let files = layers.iter().flatten();
    let mut texts = files.map(|entry| String::from_utf8_lossy(&entry.content));
    let told = docker(&history).succeeds().stdout.contains(greeting::TOKEN);
    if told || texts.any(|text| text.contains(greeting::TOKEN)) {
        return Ok(falls("is in the image"));
    }
    Ok(avoids("leaves no trace"))
}

/// The same Dockerfile with podman.
pub fn podman(peer: &Peer) -> Result<Found, Found> {
    let printed = peer.podman(&Case::new("one", &[MANIFEST, MAIN]))?;
    assert_eq!(printed.last_line(), "main");
    Ok(avoids("builds and runs"))
}

/// A program that fails when it starts.
pub fn check(peer: &Peer) -> Result<Found, Found> {
    let main = "fn main() { std::process::exit(3) }";
    let case = Case::new("one", &[MANIFEST, ("src/main.rs", main)]);
    peer.build(&case, &[])?;
    assert!(peer.run(&case).is_err(), "the program should fail");
    Ok(match peer.check(&case) {
        Some(checked) if !checked.success => avoids("`make check` fails"),
        Some(_) => falls("passes its check"),
        None => falls("builds, and nothing tells"),
    })
}
