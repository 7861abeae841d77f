//! Shapes of projects that a Dockerfile with a list of files does not know.

use workshop::small::{MAIN, MANIFEST, with};

use crate::peer::{Case, Found, Peer, avoids, falls};

/// A library in a folder of its own, which is edited after the first build.
pub fn workspace(peer: &Peer) -> Result<Found, Found> {
    let manifest = with(
        r#"
[dependencies]
two = { path = "two" }
[workspace]
"#,
    );
    let files = [
        ("Cargo.toml", manifest.as_str()),
        ("src/main.rs", "fn main() { println!(\"{}\", two::WORD) }"),
        ("two/Cargo.toml", &MANIFEST.1.replace("one", "two")),
        ("two/src/lib.rs", "pub const WORD: &str = \"two\";"),
    ];
    let case = Case::new("one", &files);
    peer.prints(&case, &[], "two")?;
    case.edit("two/src/lib.rs", "\"two\"", "\"edited\"");
    peer.prints(&case, &[], "edited")?;
    Ok(avoids("builds"))
}

pub fn build_script(peer: &Peer) -> Result<Found, Found> {
    let script = r#"
fn main() {
    println!("cargo::rustc-env=WORD={}", std::fs::read_to_string("word.txt").unwrap());
}
"#;
    let files = [
        MANIFEST,
        ("src/main.rs", "fn main() { println!(env!(\"WORD\")) }"),
        ("build.rs", script),
        ("word.txt", "from the script"),
    ];
    peer.prints(&Case::new("one", &files), &[], "from the script")?;
    Ok(avoids("builds"))
}

/// A file outside of `src` that a source includes.
pub fn include(peer: &Peer) -> Result<Found, Found> {
    let main = r#"
const FIRST: &str = include_str!("../migrations/1_first.sql");
fn main() { println!("{FIRST}") }
"#;
    let files = [
        MANIFEST,
        ("src/main.rs", main),
        ("migrations/1_first.sql", "select 1"),
    ];
    peer.prints(&Case::new("one", &files), &[], "select 1")?;
    Ok(avoids("builds"))
}

/// A benchmark that the manifest names, so that Cargo refuses the manifest without its file.
pub fn bench(peer: &Peer) -> Result<Found, Found> {
    let manifest = with(
        r#"
[[bench]]
name = "speed"
harness = false
"#,
    );
    let files = [
        ("Cargo.toml", manifest.as_str()),
        MAIN,
        ("benches/speed.rs", "fn main() {}"),
    ];
    peer.prints(&Case::new("one", &files), &[], "main")?;
    Ok(avoids("builds"))
}

/// A configuration of Cargo with a flag for the compiler and a variable.
pub fn config(peer: &Peer) -> Result<Found, Found> {
    let configuration = r#"
[build]
rustflags = ["--cfg", "word"]
[env]
WORD = "configured"
"#;
    let main = r#"
#![allow(unexpected_cfgs)]
fn main() { println!("{} {}", cfg!(word), option_env!("WORD").is_some()) }
"#;
    let files = [
        MANIFEST,
        ("src/main.rs", main),
        (".cargo/config.toml", configuration),
    ];
    let case = Case::new("one", &files);
    peer.build(&case, &[])?;
    Ok(match peer.run(&case)?.stdout.trim() {
        "true true" => avoids("is read"),
        "false true" => falls("loses its `rustflags`"),
        "false false" => falls("is not read"),
        other => falls(format!("prints \"{other}\"")),
    })
}
