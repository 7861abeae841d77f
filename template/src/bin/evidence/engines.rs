//! Traps around the build: builds at the same time, secrets, another engine, and CI.

use std::thread::scope;

use workshop::small::{MAIN, MANIFEST, printing, with};
use workshop::{docker, greeting};

use crate::peer::{Case, Found, Peer, avoids, falls};

/// How often two builds are started at once, because a race may end well by luck.
const ROUNDS: u32 = 3;

/// Two projects that are built at once, and fill the same empty caches.
pub fn two_at_once(peer: &Peer) -> Result<Found, Found> {
    let manifest = with(
        r#"
[dependencies]
rand = "0.10"
"#,
    );
    let engine = peer.tools.empty_engine();
    let builder = format!("--builder={}", engine.name);
    for _ in 0..ROUNDS {
        let prune = ["builder", "prune", "--all", "--force"];
        let caches = ["--filter=type=exec.cachemount"];
        engine.docker(&[&prune[..], &caches].concat()).succeeds();
        scope(|threads| {
            let build = |text: &'static str| {
                let main = printing(text);
                let case = Case::new("one", &[("Cargo.toml", &manifest), ("src/main.rs", &main)]);
                let builder = &builder;
                threads.spawn(move || peer.prints(&case, &[builder], text))
            };
            let builds = [build("first"), build("second")];
            builds
                .map(|build| build.join().unwrap())
                .into_iter()
                .collect::<Result<Vec<_>, _>>()
        })?;
    }
    Ok(avoids(format!("{ROUNDS} of {ROUNDS} pairs build")))
}

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
