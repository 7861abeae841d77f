//! What is in the image, and how its program runs.

use auditable_info::audit_info_from_slice;
use serde_json::Value;
use workshop::container::Container;
use workshop::edits::age;
use workshop::small::{MAIN, MANIFEST};

use crate::peer::{Case, Found, Peer, avoids, falls, program};

fn built(peer: &Peer, flags: &[&str]) -> Result<Case, Found> {
    let case = Case::new("one", &[MANIFEST, MAIN]);
    peer.build(&case, flags)?;
    Ok(case)
}

/// Kubernetes refuses a name with `runAsNonRoot`, because it cannot tell whether that is root.
pub fn user(peer: &Peer) -> Result<Found, Found> {
    let case = built(peer, &[])?;
    let image = case.inspect();
    let user = image["Config"]["User"].as_str().unwrap();
    let seen = format!("`USER {user}`");
    let number = user.split(':').next().unwrap().parse::<u32>();
    Ok(match (user, number) {
        ("", _) | (_, Ok(0)) => falls("root"),
        (_, Ok(_)) => avoids(seen),
        (_, Err(_)) => falls(seen),
    })
}

/// Prints what the smallest image lacks.
const NEEDS: &str = r#"
use std::fs::{read_to_string, write};

fn main() {
    let ca = ["/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem"];
    let ca = ca.iter().any(|file| read_to_string(file).is_ok());
    let status = read_to_string("/proc/self/status").unwrap();
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().next());
    let accounts = read_to_string("/etc/passwd").unwrap_or_default();
    let account = accounts.lines().any(|line| line.split(':').nth(2) == uid);
    let needs = [
        (ca, "no CA bundle"),
        (write("/tmp/file", "").is_ok(), "no `/tmp`"),
        (account, "no account"),
    ];
    let lacks: Vec<_> = needs.iter().filter(|(has, _)| !has).map(|(_, what)| *what).collect();
    println!("{}", lacks.join(", "));
}
"#;

pub fn needs(peer: &Peer) -> Result<Found, Found> {
    let case = Case::new("one", &[MANIFEST, ("src/main.rs", NEEDS)]);
    peer.build(&case, peer.smallest())?;
    Ok(match peer.run(&case)?.stdout.trim() {
        "" => avoids("has all three"),
        lacks => falls(lacks),
    })
}

/// A layer that changes a file has all of it again.
pub fn twice(peer: &Peer) -> Result<Found, Found> {
    let layers = built(peer, &[])?.layers();
    let program = program(&layers);
    let files = layers.iter().flatten();
    let same = files.filter(|entry| entry.path == program.path && !entry.content.is_empty());
    Ok(match same.count() {
        1 => avoids("once"),
        count => falls(format!("{count} times")),
    })
}

/// Scanners find the crates of a program by a list that cargo-auditable puts into it.
pub fn crates(peer: &Peer) -> Result<Found, Found> {
    let layers = built(peer, &[])?.layers();
    let listed = audit_info_from_slice(&program(&layers).content, usize::MAX);
    Ok(if listed.is_ok() {
        avoids("are listed")
    } else {
        falls("are not listed")
    })
}

/// A program that does nothing about SIGTERM, which Linux then ignores in a container's first process.
pub fn stop(peer: &Peer) -> Result<Found, Found> {
    let main = "fn main() { loop { std::thread::park() } }";
    let case = Case::new("one", &[MANIFEST, ("src/main.rs", main)]);
    peer.build(&case, &[])?;
    let container = Container::start(&[], &case.image, &[]);
    Ok(match container.stop(2) {
        137 => falls("has to be killed"),
        status => avoids(format!("ends with {status}")),
    })
}

/// Two builds without a cache, of sources that were checked out at different times.
pub fn same_layers(peer: &Peer) -> Result<Found, Found> {
    let case = Case::new("one", &[MANIFEST, MAIN]);
    let build = || -> Result<Value, Found> {
        let date = "--build-arg=SOURCE_DATE_EPOCH=0";
        peer.build(&case, &["--no-cache", date])?;
        Ok(case.inspect()["RootFS"]["Layers"].take())
    };
    let first = build()?;
    age(&case, 978_307_200);
    let second = build()?;
    let [first, second] = [&first, &second].map(|layers| layers.as_array().unwrap());
    let pairs = first.iter().zip(second);
    Ok(match pairs.filter(|(one, other)| one != other).count() {
        0 => avoids("all equal"),
        count => falls(format!("{count} of {} differ", first.len())),
    })
}
