//! Whatever goes wrong in a build ends in a clear error or in the right image. Once the cause is
//! gone, the next build is right.

use std::fs::{self, Permissions};
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::scope;
use std::time::SystemTime;

use tiny_http::{Request, Response};
use workshop::edits::{builds, shows};
use workshop::engine::Engine;
use workshop::greeting::{self, Answer, PROGRAM, WORD};
use workshop::small::{MAIN, MANIFEST, ran, with};
use workshop::{Project, build_flags, command, compiler, process, run, vendor};

/// A project with caches of its own, and the vendored crate `name`, whose library is `library`. No
/// builder has a layer of it, because the time is in its sources.
fn vendored(name: &str, library: &str, main: &str) -> Project {
    let manifest = format!(
        r#"
[package]
name = "{name}"
version = "0.1.0+FILES"
edition = "2024"
"#
    );
    let library = format!("// {:?}\n{library}", SystemTime::now());
    let project = vendor::project(&[
        (
            "Cargo.toml",
            &with(&format!("[dependencies]\n{name} = \"0.1\"\n")),
        ),
        ("src/main.rs", main),
        (&format!("vendor/{name}/Cargo.toml"), &manifest),
        (&format!("vendor/{name}/src/lib.rs"), &library),
    ]);
    project.own_caches();
    project
}

#[test]
#[ignore = "takes minutes: make -C template test TESTS='faults:: -- --ignored'"]
fn a_full_disk_is_named_and_once_there_is_room_the_build_is_right() {
    let project = vendored(
        "large",
        "#[unsafe(no_mangle)] pub static LARGE: [u8; 40_000_000] = [7; 40_000_000];",
        r#"fn main() { println!("{}", large::LARGE[std::process::id() as usize]) }"#,
    );
    let engine = Engine::with_disk();
    engine.cache(&project, &["--target=toolchain"]).succeeds();
    let make = || engine.make(&project, &["build"], &build_flags());
    // There is no room for the crate in its cache, then in its layer, then for the program.
    for (bytes, writer) in [
        (20_000_000, "error: failed to write"),
        (220_000_000, "cp: error writing"),
        (180_000_000, "install: error copying"),
    ] {
        engine.fill(bytes);
        let outcome = make();
        engine.make_room();
        let outcome = outcome.fails_with("No space left on device");
        assert!(outcome.stderr.contains(writer), "{outcome}");
    }
    make().succeeds();
    shows(&project, "7");
}

/// A project with caches of its own, and a dependency from a registry that sends what `answer`
/// returns.
fn depending(answer: impl Fn(&Request, Answer) -> Answer + Send + 'static) -> Project {
    let manifest = with(
        r#"
[dependencies]
greeting = { version = "0.1", registry = "company" }
"#,
    );
    // Without Cargo's patience, which lasts a minute.
    let config = greeting::registry(false, answer)
        + r#"
[build]
rustflags = ["--cfg=first"]

[net]
retry = 0
"#;
    let files = [
        ("Cargo.toml", manifest.as_str()),
        PROGRAM,
        (".cargo/config.toml", &config),
    ];
    let project = Project::pasted(&files);
    project.own_caches();
    project
}

#[test]
fn a_download_that_stops_or_is_damaged_is_named_and_the_next_one_is_right() {
    let sent = AtomicU8::new(0);
    let project = depending(move |request, right| {
        if request.url() != "/greeting.crate" {
            return right;
        }
        let mut bytes = right.into_reader().into_inner();
        let length = bytes.len();
        match sent.fetch_add(1, Ordering::Relaxed) {
            // Here the connection ends.
            0 => bytes.truncate(length / 2),
            1 => bytes[length / 2] ^= 1,
            _ => {}
        }
        Response::from_data("").with_data(Cursor::new(bytes), Some(length))
    });
    for reason in [
        "Transferred a partial file",
        "failed to verify the checksum of `greeting v0.1.0",
    ] {
        project.make(&["build"], "").fails_with(reason);
    }
    assert_eq!(ran(&project).last_line(), WORD);
}

#[test]
fn a_wrong_checksum_in_the_lock_file_is_named_and_the_right_one_builds() {
    let project = depending(|_, right| right);
    let lock = project.read("Cargo.lock");
    let (_, checksum) = lock.split_once("checksum = \"").unwrap();
    let digit = &checksum[..1];
    let right = format!("checksum = \"{digit}");
    let wrong = format!("checksum = \"{}", if digit == "0" { "1" } else { "0" });
    for caches in ["empty", "full"] {
        project.edit("Cargo.lock", &right, &wrong);
        let outcome = project.make(&["build"], "");
        outcome.fails_with("checksum for `greeting v0.1.0 (registry `company`)` changed");
        project.edit("Cargo.lock", &wrong, &right);
        assert_eq!(ran(&project).last_line(), WORD, "with {caches} caches");
    }
}

#[test]
fn a_cache_that_was_emptied_is_filled_again() {
    let project = depending(|_, right| right);
    ran(&project);
    // As `docker buildx prune` leaves them.
    let script = "rm -rf /target-cache/* /app/* /app/.[a-z]* /incremental/*";
    project.in_caches("toolchain", script, "").succeeds();
    project.edit(".cargo/config.toml", "--cfg=", "--cfg=after_");
    assert_eq!(ran(&project).last_line(), WORD);
}

#[test]
#[ignore = "takes minutes: make -C template test TESTS='faults:: -- --ignored'"]
fn a_damaged_incremental_cache_is_named_or_not_used_and_never_spoils_a_release() {
    let project = Project::pasted(&[MANIFEST, MAIN]);
    project.own_caches();
    ran(&project);
    let cut = |files: &str| {
        let script = format!("find /incremental -name '{files}' -exec truncate --size=100 {{}} +");
        project.in_caches("toolchain", &script, "").succeeds();
    };
    cut("*.bin");
    project.edit("src/main.rs", "main\"", "next\"");
    assert_eq!(ran(&project).last_line(), "next");
    cut("*.o");
    project.edit("src/main.rs", "next\"", "last\"");
    project.make(&["run"], "").fails_with("error: linking with");
    builds(&project, "");
    shows(&project, "last");
}

#[test]
fn a_release_has_the_edit_though_the_cache_is_from_the_future() {
    let project = vendored(
        "greeting",
        r#"pub const WORD: &str = "first crate";"#,
        r#"fn main() { println!("{}, first program", greeting::WORD) }"#,
    );
    let library = "vendor/greeting/src/lib.rs";
    for (file, part, line) in [
        ("src/main.rs", "program", "first crate, next program"),
        (library, "crate", "next crate, next program"),
    ] {
        builds(&project, "");
        let future = r"find /target-cache -exec touch -hd '+2 days' {} +";
        project.in_caches("toolchain", future, "").succeeds();
        project.edit(file, &format!("first {part}"), &format!("next {part}"));
        if file == library {
            project.edit("vendor/greeting/Cargo.toml", "0.1.0", "0.1.1");
            project.cargo(&["update", "--offline"]).succeeds();
        }
        let old = ["-d", "1980-01-01", file];
        run(&mut command(&project.path, "touch", &old)).succeeds();
        builds(&project, "");
        shows(&project, line);
    }
}

#[test]
#[ignore = "takes minutes: make -C template test TESTS='faults:: -- --ignored'"]
fn an_interrupted_build_says_so_and_the_next_one_is_right() {
    // The second constant takes rustc seconds: time to interrupt it.
    let library = r#"
pub const WORD: &str = "done";
#[allow(long_running_const_eval)]
pub const SLOW: u32 = { let mut n = 0; while n < 30_000_000 { n += 1 } n };
"#;
    let main = r#"fn main() { println!("{}", interrupted::WORD) }"#;
    let project = vendored("interrupted", library, main);
    scope(|threads| {
        let build = threads.spawn(|| project.make(&["build"], ""));
        compiler(&build, "--crate-name", "interrupted");
        let [client, _] = process(&build, &["--tag", &project.image]);
        run(&mut command(&project.path, "kill", &["-s", "INT", &client])).succeeds();
        build.join().unwrap().fails_with("context canceled");
    });
    project.edit("vendor/interrupted/src/lib.rs", "30_000_000", "3");
    assert_eq!(ran(&project).last_line(), "done");
}

#[test]
fn a_folder_that_one_may_not_read_is_named_and_once_one_may_the_build_is_right() {
    let project = Project::pasted(&[MANIFEST, MAIN, ("closed/file", "")]);
    let mode = |mode| {
        let closed = project.path.join("closed");
        fs::set_permissions(closed, Permissions::from_mode(mode)).unwrap();
    };
    let build = || {
        // Root may read all folders, but not as somebody else in a user namespace.
        let somebody = ["--map-user=1000", "--map-group=1000", "make", "build"];
        let mut build = command(&project.path, "unshare", &somebody);
        project.turn(build.arg(format!("IMAGE={}", project.image)))
    };
    mode(0o000);
    let outcome = build();
    mode(0o755);
    outcome.fails_with("closed: permission denied");
    build().succeeds();
    shows(&project, "main");
}
