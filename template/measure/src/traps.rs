//! The traps: small projects, and what their images or the logs of their builds show.

use workshop::package::{Package, library, one, program as package};
use workshop::{OFFLINE, Outcome, greeting, sh};

use crate::images::{crates, needs, same_layers, stop, twice, user};
use crate::peer::{Case, Found, Peer, avoids, falls};

/// Leads a way into a trap. The error is a build that fails, or a program that prints the wrong text.
pub type Attempt = fn(&Peer) -> Result<Found, Found>;

/// What `traps.csv` calls each trap that is tried.
pub const ATTEMPTS: [(&str, Attempt); 22] = [
    ("dash", dash),
    ("old-sources", old_sources),
    ("old-edit", old_edit),
    ("first-version", first_version),
    ("same-name", same_name),
    ("edit", edit),
    ("version", version),
    ("stable", stable),
    ("workspace", workspace),
    ("build-script", build_script),
    ("include", include),
    ("bench", bench),
    ("config", config),
    ("token", token),
    ("podman", podman),
    ("user", user),
    ("needs", needs),
    ("twice", twice),
    ("crates", crates),
    ("same-layers", same_layers),
    ("stop", stop),
    ("check", check),
];

/// Builds a project for the first time, and expects the program of its sources.
fn builds(peer: &Peer, package: Package, prints: &str, seen: &str) -> Result<Found, Found> {
    peer.prints(&Case::new(package), prints)?;
    Ok(avoids(seen))
}

const OWN: &str = "its own program";

/// Cargo's files have an underscore in place of the dash.
fn dash(peer: &Peer) -> Result<Found, Found> {
    builds(peer, package("my-app"), "main", OWN)
}

/// cargo-chef gives this version to stubs.
fn first_version(peer: &Peer) -> Result<Found, Found> {
    builds(peer, one().version("0.0.1"), "main", OWN)
}

/// 2001, as the time of a commit.
pub const COMMIT: u64 = 978_307_200;

fn old_sources(peer: &Peer) -> Result<Found, Found> {
    let case = Case::new(one());
    case.age(COMMIT);
    peer.prints(&case, "main")?;
    Ok(avoids(OWN))
}

fn old_edit(peer: &Peer) -> Result<Found, Found> {
    let case = Case::new(one());
    case.age(COMMIT);
    peer.prints(&case, "main")?;
    case.edit("src/main.rs", "main\"", "edited\"");
    case.age(COMMIT + 60);
    peer.prints(&case, "edited")?;
    Ok(avoids("the edit"))
}

/// The second project is checked out before the first is built.
fn same_name(peer: &Peer) -> Result<Found, Found> {
    let first = Case::new(one().prints("\"first\""));
    let second = Case::new(one().prints("\"second\"")).renamed(&first.name);
    peer.prints(&first, "first")?;
    peer.prints(&second, "second")?;
    Ok(avoids("each its own"))
}

/// A dependency whose version is not the newest, as in most lock files.
fn depending() -> Case {
    let print = r#"println!("{} {}", env!("CARGO_PKG_VERSION"), itoa::Buffer::new().format(7))"#;
    let case = Case::new(one().uses("itoa", "1").main(print));
    case.cargo("update --package itoa --precise 1.0.14");
    case
}

/// What a build after an edit compiled.
fn compiled(built: &Outcome) -> Found {
    match built.stderr.contains("Compiling itoa ") {
        true => falls("its dependencies, too"),
        false => avoids("the program alone"),
    }
}

fn edit(peer: &Peer) -> Result<Found, Found> {
    let case = depending();
    peer.prints(&case, "0.1.0 7")?;
    case.edit("src/main.rs", "7", "8");
    Ok(compiled(&peer.prints(&case, "0.1.0 8")?))
}

fn version(peer: &Peer) -> Result<Found, Found> {
    let case = depending();
    peer.prints(&case, "0.1.0 7")?;
    for file in ["Cargo.toml", "Cargo.lock"] {
        case.edit(file, "\"0.1.0\"", "\"0.2.0\"");
    }
    Ok(compiled(&peer.prints(&case, "0.2.0 7")?))
}

/// Where no toolchain can be downloaded.
fn stable(peer: &Peer) -> Result<Found, Found> {
    let case = Case::new(one().prints("env!(\"RUSTUP_TOOLCHAIN\")"));
    // Puts Debian's packages into the cache, so that offline only a toolchain can be missing.
    peer.build(&case, "")?;
    case.write("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n");
    peer.build(&case, OFFLINE)?;
    Ok(match peer.run(&case)?.stdout.starts_with("stable-") {
        true => avoids("needs no download"),
        false => avoids("is not read"),
    })
}

/// The library is edited after the first build.
fn workspace(peer: &Peer) -> Result<Found, Found> {
    let two = one().with(library("two")).manifest("[workspace]").prints("two::WORD");
    let case = Case::new(two);
    peer.prints(&case, "two")?;
    case.edit("two/src/lib.rs", "\"two\"", "\"edited\"");
    peer.prints(&case, "edited")?;
    Ok(avoids("builds"))
}

fn build_script(peer: &Peer) -> Result<Found, Found> {
    let read = r#"println!("cargo::rustc-env=WORD={}", std::fs::read_to_string("word").unwrap())"#;
    let package = one().prints("env!(\"WORD\")").build_script(read).file("word", "script");
    builds(peer, package, "script", "builds")
}

/// A file outside of `src` that a source includes.
fn include(peer: &Peer) -> Result<Found, Found> {
    let package = one().prints(r#"include_str!("../migrations/1_first.sql")"#);
    builds(peer, package.file("migrations/1_first.sql", "select 1"), "select 1", "builds")
}

/// A benchmark that the manifest names, so that Cargo refuses the manifest without its file.
fn bench(peer: &Peer) -> Result<Found, Found> {
    let package = one().manifest("[[bench]]\nname = \"speed\"\nharness = false");
    builds(peer, package.file("benches/speed.rs", "fn main() {}"), "main", "builds")
}

/// A configuration of Cargo with a flag for the compiler and a variable.
fn config(peer: &Peer) -> Result<Found, Found> {
    let configuration =
        "[build]\nrustflags = [\"--cfg\", \"word\"]\n[env]\nWORD = \"configured\"\n";
    let print = r#"println!("{} {}", cfg!(word), option_env!("WORD").is_some())"#;
    let case = Case::new(one().main(print).file(".cargo/config.toml", configuration));
    peer.build(&case, "")?;
    Ok(match peer.run(&case)?.stdout.trim() {
        "true true" => avoids("is read"),
        "false true" => falls("loses its `rustflags`"),
        "false false" => falls("is not read"),
        other => falls(format!("prints \"{other}\"")),
    })
}

/// A dependency from a registry that wants a token.
fn token(peer: &Peer) -> Result<Found, Found> {
    let case = Case::new(greeting::private());
    greeting::lock(&case);
    peer.build(&case, greeting::secret(&case))?;
    assert_eq!(peer.run(&case)?.last_line(), greeting::WORD);
    let image = &case.image;
    let history = sh!("/", "docker history --no-trunc {image}").succeeds().stdout;
    let layers = case.layers();
    let files = layers.iter().flatten();
    let mut texts = files.map(|entry| String::from_utf8_lossy(&entry.content));
    let leaks = |text: &str| text.contains(greeting::TOKEN);
    Ok(match leaks(&history) || texts.any(|text| leaks(&text)) {
        true => falls("is in the image"),
        false => avoids("leaves no trace"),
    })
}

fn podman(peer: &Peer) -> Result<Found, Found> {
    peer.podman(&Case::new(one()))?.prints("main");
    Ok(avoids("builds and runs"))
}

/// A program that fails when it starts.
fn check(peer: &Peer) -> Result<Found, Found> {
    let case = Case::new(one().main("std::process::exit(3)"));
    peer.build(&case, "")?;
    assert!(peer.run(&case).is_err(), "the program should fail");
    Ok(match peer.check(&case) {
        Some(checked) if !checked.success => avoids("`make check` fails"),
        Some(_) => falls("passes its check"),
        None => falls("builds, and nothing tells"),
    })
}
