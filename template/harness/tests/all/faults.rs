//! Whatever goes wrong in a build ends in a clear error or in the right image. Once the cause is
//! gone, the next build is right.

use std::io::Cursor;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::scope;
use std::time::SystemTime;

use tiny_http::{Request, Response};
use workshop::engine::Engine;
use workshop::greeting::{self, Answer, WORD};
use workshop::package::{CONFIG, one, package};
use workshop::{Project, cmd, compiler, process, sh};

/// A project with caches of its own, and the vendored crate `name`, whose library is `library`. It
/// prints `value`. No builder has a layer of it, because the time is in its sources.
fn vendored(name: &str, library: &str, value: &str) -> Project {
    let library = format!("// {:?}\n{library}", SystemTime::now());
    let vendored = package(name).file("src/lib.rs", &library);
    let project = one().uses(name, "0.1").vendors(vendored).prints(value).paste();
    project.own_caches();
    project
}

#[test]
#[ignore = "takes minutes: make -C template test TESTS='faults:: -- --ignored'"]
fn a_full_disk_is_named_and_once_there_is_room_the_build_is_right() {
    let library = "#[unsafe(no_mangle)] pub static LARGE: [u8; 40_000_000] = [7; 40_000_000];";
    let project = vendored("large", library, "large::LARGE[std::process::id() as usize]");
    let engine = Engine::with_disk();
    engine.cache(&project, "--target=toolchain").succeeds();
    // There is no room for the crate in its cache, then in its layer, then for the program.
    for (bytes, writer) in [
        (20_000_000, "error: failed to write"),
        (220_000_000, "cp: error writing"),
        (180_000_000, "install: error copying"),
    ] {
        engine.fill(bytes);
        let outcome = engine.make(&project, "build");
        engine.make_room();
        outcome.fails("No space left on device").fails(writer);
    }
    engine.make(&project, "build").succeeds();
    project.starts().prints("7");
}

/// A project with caches of its own, and a dependency from a registry that sends what `answer`
/// returns.
fn depending(answer: impl Fn(&Request, Answer) -> Answer + Send + 'static) -> Project {
    // Without Cargo's patience, which lasts a minute.
    let settings = "[build]\nrustflags = [\"--cfg=first\"]\n\n[net]\nretry = 0\n";
    let config = greeting::registry(false, answer) + settings;
    let program = greeting::program("version = \"0.1\", registry = \"company\"");
    let project = program.file(CONFIG, &config).paste();
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
    project.build("").fails("Transferred a partial file");
    project.build("").fails("failed to verify the checksum of `greeting v0.1.0");
    project.run("").prints(WORD);
}

#[test]
fn a_wrong_checksum_in_the_lock_file_is_named_and_emptied_caches_are_filled_again() {
    let project = depending(|_, right| right);
    let lock = project.read("Cargo.lock");
    let (_, right) = lock.split_once("checksum = \"").unwrap();
    let right = &right[..64];
    let wrong: String = right.chars().rev().collect();
    // With empty caches, then with full ones.
    for _ in 0..2 {
        project.edit("Cargo.lock", right, &wrong);
        project.build("").fails("checksum for `greeting v0.1.0 (registry `company`)` changed");
        project.edit("Cargo.lock", &wrong, right);
        project.run("").prints(WORD);
    }
    // As `docker buildx prune` leaves them.
    let script = "rm -rf /target-cache/* /app/* /app/.[a-z]* /incremental/*";
    project.in_caches("toolchain", script, "").succeeds();
    project.edit(CONFIG, "--cfg=", "--cfg=after_");
    project.run("").prints(WORD);
}

#[test]
#[ignore = "takes minutes: make -C template test TESTS='faults:: -- --ignored'"]
fn a_damaged_incremental_cache_is_named_or_not_used_and_never_spoils_a_release() {
    let project = one().paste();
    project.own_caches();
    project.run("").prints("main");
    let cut = |files: &str| {
        let script = format!("find /incremental -name '{files}' -exec truncate --size=100 {{}} +");
        project.in_caches("toolchain", &script, "").succeeds();
    };
    cut("*.bin");
    project.edit("src/main.rs", "main\"", "next\"");
    project.run("").prints("next");
    cut("*.o");
    project.edit("src/main.rs", "next\"", "last\"");
    project.run("").fails("error: linking with");
    project.build("").succeeds();
    project.starts().prints("last");
}

#[test]
fn a_release_has_the_edit_though_the_cache_is_from_the_future() {
    let library = r#"pub const WORD: &str = "first crate";"#;
    let value = r#"format!("{}, first program", greeting::WORD)"#;
    let project = vendored("greeting", library, value);
    let library = "vendor/greeting/src/lib.rs";
    for (file, part, line) in [
        ("src/main.rs", "program", "first crate, next program"),
        (library, "crate", "next crate, next program"),
    ] {
        project.build("").succeeds();
        let future = "find /target-cache -exec touch -hd '+2 days' {} +";
        project.in_caches("toolchain", future, "").succeeds();
        project.edit(file, &format!("first {part}"), &format!("next {part}"));
        if file == library {
            project.edit("vendor/greeting/Cargo.toml", "0.1.0", "0.1.1");
            project.cargo("update --offline");
        }
        sh!(project, "touch -d 1980-01-01 {file}").succeeds();
        project.build("").succeeds();
        project.starts().prints(line);
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
    let project = vendored("interrupted", library, "interrupted::WORD");
    scope(|threads| {
        let build = threads.spawn(|| project.build(""));
        compiler(&build, "--crate-name", "interrupted");
        let [client, _] = process(&build, &["--tag", &project.image]);
        sh!("/", "kill -s INT {client}").succeeds();
        build.join().unwrap().fails("context canceled");
    });
    project.edit("vendor/interrupted/src/lib.rs", "30_000_000", "3");
    project.run("").prints("done");
}

#[test]
fn a_folder_that_one_may_not_read_is_named_and_once_one_may_the_build_is_right() {
    let project = one().file("closed/file", "").paste();
    let image = format!("IMAGE={}", project.image);
    // Root may read all folders, but not as somebody else in a user namespace.
    let somebody = ["--map-user=1000", "--map-group=1000"];
    let build = || project.turn(&mut cmd!(project, "unshare {somebody...} make build {image}"));
    sh!(project, "chmod 000 closed").succeeds();
    let outcome = build();
    sh!(project, "chmod 755 closed").succeeds();
    outcome.fails("closed: permission denied");
    build().succeeds();
    project.starts().prints("main");
}
