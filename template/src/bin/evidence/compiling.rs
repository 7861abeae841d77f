//! Traps that compile again what has not changed, or download what is there.

use std::fs;

use workshop::Outcome;
use workshop::small::{DEPENDING, MANIFEST, OFFLINE};

use crate::peer::{Case, Found, Peer, avoids, falls};

const MAIN: &str = r#"
fn main() { println!("{} {}", env!("CARGO_PKG_VERSION"), itoa::Buffer::new().format(7)) }
"#;

/// A project with a dependency whose version is not the newest, as in most lock files.
fn case() -> Case {
    let case = Case::new("one", &[DEPENDING, ("src/main.rs", MAIN)]);
    let older = ["update", "--package=itoa", "--precise=1.0.14"];
    case.cargo(&older).succeeds();
    case
}

fn edit_line(case: &Case) {
    case.edit("src/main.rs", "7", "8");
}

fn edit_version(case: &Case) {
    for file in ["Cargo.toml", "Cargo.lock"] {
        case.edit(file, "\"0.1.0\"", "\"0.2.0\"");
    }
}

/// What a build after an edit compiled.
fn compiled(built: &Outcome) -> Found {
    if built.stderr.contains("Compiling itoa ") {
        falls("its dependencies, too")
    } else {
        avoids("the program alone")
    }
}

/// An edit of one line, where the project was built before.
pub fn edit(peer: &Peer) -> Result<Found, Found> {
    let case = case();
    peer.prints(&case, &[], "0.1.0 7")?;
    edit_line(&case);
    Ok(compiled(&peer.prints(&case, &[], "0.1.0 8")?))
}

/// A new version of the project itself, where it was built before.
pub fn version(peer: &Peer) -> Result<Found, Found> {
    let case = case();
    peer.prints(&case, &[], "0.1.0 7")?;
    edit_version(&case);
    Ok(compiled(&peer.prints(&case, &[], "0.2.0 7")?))
}

/// A toolchain file that asks for the stable toolchain, where none can be downloaded.
pub fn stable(peer: &Peer) -> Result<Found, Found> {
    let main = r#"fn main() { println!(env!("RUSTUP_TOOLCHAIN")) }"#;
    let case = Case::new("one", &[MANIFEST, ("src/main.rs", main)]);
    // Puts Debian's packages into the cache, so that offline only a toolchain can be missing.
    peer.build(&case, &[])?;
    let file = case.path.join("rust-toolchain.toml");
    fs::write(file, "[toolchain]\nchannel = \"stable\"\n").unwrap();
    let offline: Vec<_> = OFFLINE.split(' ').collect();
    peer.build(&case, &offline)?;
    let ran = peer.run(&case)?;
    if ran.stdout.starts_with("stable-") {
        Ok(avoids("needs no download"))
    } else {
        Ok(avoids("is not read"))
    }
}
