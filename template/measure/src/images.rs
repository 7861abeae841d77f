//! Traps in the image, and in how its program runs.

use auditable_info::audit_info_from_slice;
use workshop::container::Container;
use workshop::package::one;

use crate::peer::{Case, Found, Peer, avoids, falls, program};
use crate::traps::COMMIT;

/// Kubernetes refuses a name with `runAsNonRoot`, because it cannot tell whether that is root.
pub fn user(peer: &Peer) -> Result<Found, Found> {
    let case = Case::new(one());
    peer.build(&case, "")?;
    let image = case.inspect();
    let user = image["Config"]["User"].as_str().unwrap();
    let number = user.split(':').next().unwrap().parse::<u32>();
    Ok(match number {
        Ok(1..) => avoids(format!("`USER {user}`")),
        Ok(0) => falls("root"),
        Err(_) if user.is_empty() => falls("root"),
        Err(_) => falls(format!("`USER {user}`")),
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
    let case = Case::new(one().file("src/main.rs", NEEDS));
    peer.build(&case, peer.smallest())?;
    Ok(match peer.run(&case)?.stdout.trim() {
        "" => avoids("has all three"),
        lacks => falls(lacks),
    })
}

/// A layer that changes a file has all of it again.
pub fn twice(peer: &Peer) -> Result<Found, Found> {
    let case = Case::new(one());
    peer.build(&case, "")?;
    let layers = case.layers();
    let path = &program(&layers).path;
    let files = layers.iter().flatten();
    Ok(match files.filter(|entry| entry.path == *path && !entry.content.is_empty()).count() {
        1 => avoids("once"),
        count => falls(format!("{count} times")),
    })
}

/// Scanners find the crates of a program by a list that cargo-auditable puts into it.
pub fn crates(peer: &Peer) -> Result<Found, Found> {
    let case = Case::new(one());
    peer.build(&case, "")?;
    Ok(match audit_info_from_slice(&program(&case.layers()).content, usize::MAX) {
        Ok(_) => avoids("are listed"),
        Err(_) => falls("are not listed"),
    })
}

/// A program that does nothing about SIGTERM, which Linux then ignores in a container's first process.
pub fn stop(peer: &Peer) -> Result<Found, Found> {
    let case = Case::new(one().main("loop { std::thread::park() }"));
    peer.build(&case, "")?;
    Ok(match Container::start("", &case.image, "").stop(2) {
        137 => falls("has to be killed"),
        status => avoids(format!("ends with {status}")),
    })
}

/// Two builds without a cache, of sources that were checked out at different times.
pub fn same_layers(peer: &Peer) -> Result<Found, Found> {
    let case = Case::new(one());
    let build = || -> Result<Vec<_>, Found> {
        peer.build(&case, "--no-cache --build-arg SOURCE_DATE_EPOCH=0")?;
        Ok(case.inspect()["RootFS"]["Layers"].as_array().unwrap().clone())
    };
    let first = build()?;
    case.age(COMMIT);
    let second = build()?;
    Ok(match first.iter().zip(second).filter(|(one, other)| *one != other).count() {
        0 => avoids("all equal"),
        count => falls(format!("{count} of {} differ", first.len())),
    })
}
