//! What an edit compiles again, and that no stub or older state of the program ships.

use std::fs::{self, File};
use std::path::Path;
use std::thread::scope;
use std::time::{Duration, SystemTime};

use workshop::{Outcome, Project, base_image, command, compiler, run, sentence};

const LUCKY: &str = "Lucky number";

fn builds(project: &Project, flags: &str) -> Outcome {
    project.make(&["build"], flags).succeeds()
}

fn rebuilds(outcome: &Outcome, stage: &str) -> bool {
    outcome
        .rebuilt()
        .iter()
        .any(|step| step.starts_with(&format!("[{stage} ")))
}

/// All sources of the project get the time of modification `seconds` after 1970.
fn age(project: &Project, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    for file in ["src/main.rs", "Cargo.toml", "Cargo.lock"] {
        File::options()
            .write(true)
            .open(project.path.join(file))
            .unwrap()
            .set_modified(time)
            .unwrap();
    }
}

/// Replaces `from` in `file` by a text that no project ever had, so that no layer is at hand.
fn edits(project: &Project, file: &str, from: &str) -> String {
    let text = format!("{from} of {}", project.image);
    project.edit(file, from, &text);
    text
}

fn ships_itself(project: &Project) {
    let ran = project.container(&[], &[]).succeeds();
    assert_eq!(ran.last_line(), sentence("hello-world"));
}

#[test]
fn editing_a_source_keeps_the_dependencies_and_shows_in_the_program() {
    let project = Project::generate("hello-world");
    builds(&project, "");
    let line = edits(&project, "src/main.rs", LUCKY);
    let outcome = builds(&project, "");
    assert!(!rebuilds(&outcome, "dependencies"), "{outcome}");
    assert!(rebuilds(&outcome, "build"), "{outcome}");
    assert!(!outcome.stderr.contains("Compiling rand "), "{outcome}");
    assert!(
        project
            .container(&[], &[])
            .succeeds()
            .stdout
            .contains(&line)
    );
}

#[test]
fn adding_a_source_keeps_the_dependencies() {
    let project = Project::generate("hello-world");
    builds(&project, "");
    project.edit(
        "src/main.rs",
        "use std::process",
        "mod more;\nuse std::process",
    );
    project.edit("src/main.rs", "\"Lucky number", "\"{}number");
    project.edit(
        "src/main.rs",
        "rand::random_range",
        "more::WORD, rand::random_range",
    );
    fs::write(
        project.path.join("src/more.rs"),
        "pub const WORD: &str = \"Other \";\n",
    )
    .unwrap();
    let outcome = builds(&project, "");
    assert!(!rebuilds(&outcome, "dependencies"), "{outcome}");
    assert!(
        project
            .container(&[], &[])
            .succeeds()
            .stdout
            .contains("Other number")
    );
}

#[test]
fn editing_the_readme_rebuilds_nothing() {
    let project = Project::generate("hello-world");
    builds(&project, "");
    let layers = project.inspect()["RootFS"].take();
    edits(&project, "README.md", "# hello-world");
    let outcome = builds(&project, "");
    assert!(rebuilds(&outcome, "sources"), "{outcome}");
    for stage in ["dependencies", "build", "on-alpine"] {
        assert!(!rebuilds(&outcome, stage), "{outcome}");
    }
    assert_eq!(project.inspect()["RootFS"], layers);
}

#[test]
fn a_readme_that_a_source_includes_is_there() {
    let project = Project::generate("hello-world");
    project.edit("src/main.rs", "\"Lucky number", "\"{}number");
    project.edit(
        "src/main.rs",
        "rand::random_range",
        "include_str!(\"../README.md\"), rand::random_range",
    );
    builds(&project, "");
    assert!(
        project
            .container(&[], &[])
            .succeeds()
            .stdout
            .contains("# hello-world")
    );
}

#[test]
fn adding_a_dependency_compiles_it_alone() {
    let project = Project::generate("hello-world");
    project.never_compiled();
    builds(&project, "");
    project.cargo(&["add", "itoa@1"]).succeeds();
    let outcome = builds(&project, "");
    assert!(outcome.stderr.contains("Compiling itoa "), "{outcome}");
    assert!(!outcome.stderr.contains("Compiling rand "), "{outcome}");
    ships_itself(&project);
}

/// Gives the project a version that none ever had, and returns it.
fn bumps(project: &Project, manifests: &[&str]) -> String {
    let version = project.image.replace("template-test/", "0.2.0-");
    for manifest in manifests {
        project.edit(manifest, "\"0.1.0\"", &format!("\"{version}\""));
    }
    project.cargo(&["update", "--workspace"]).succeeds();
    version
}

/// The program prints its own version instead of a word.
fn prints_its_version(project: &Project) {
    project.edit("src/main.rs", "\"Lucky", "\"{}");
    let number = "rand::random_range";
    project.edit(
        "src/main.rs",
        number,
        &format!("env!(\"CARGO_PKG_VERSION\"), {number}"),
    );
}

/// Adds a library of the project's own to it.
fn with_library(project: &Project, name: &str, version: &str) {
    let folder = project.path.join("crates").join(name);
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n");
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
}

fn appends(project: &Project, file: &str, text: &str) {
    let text = project.read(file) + text;
    fs::write(project.path.join(file), text).unwrap();
}

#[test]
fn changing_the_version_keeps_the_dependencies_and_shows_in_the_program() {
    let project = Project::generate("hello-world");
    with_library(&project, "part", "0.1.0");
    project
        .cargo(&["add", "--quiet", "part", "--path", "crates/part"])
        .succeeds();
    prints_its_version(&project);
    builds(&project, "");
    let version = bumps(&project, &["Cargo.toml", "crates/part/Cargo.toml"]);
    let outcome = builds(&project, "");
    assert!(!rebuilds(&outcome, "dependencies"), "{outcome}");
    let ran = project.container(&[], &[]).succeeds();
    assert!(ran.stdout.contains(&format!("{version} number")), "{ran}");
}

#[test]
fn versions_that_the_project_asks_for_are_kept() {
    let required = Project::generate("hello-world");
    with_library(&required, "part", "0.1.0");
    appends(
        &required,
        "Cargo.toml",
        "part = { path = \"crates/part\", version = \"0.1.0\" }\n",
    );
    // The registry has no such version, and nothing but the patch has this function.
    let patched = Project::generate("hello-world");
    with_library(&patched, "itoa", "1.99.0");
    appends(
        &patched,
        "Cargo.toml",
        "itoa = \"1.99\"\n\n[workspace]\nmembers = [\"crates/itoa\"]\n\n[patch.crates-io]\nitoa = { path = \"crates/itoa\" }\n",
    );
    appends(
        &patched,
        "src/main.rs",
        "\n#[used]\nstatic PATCHED: fn() = itoa::patched;\n",
    );
    appends(&patched, "crates/itoa/src/lib.rs", "pub fn patched() {}\n");
    for (project, manifests) in [
        (&required, &["Cargo.toml", "crates/part/Cargo.toml"][..]),
        (&patched, &["Cargo.toml"]),
    ] {
        project.cargo(&["update", "--workspace"]).succeeds();
        prints_its_version(project);
        builds(project, "");
        let version = bumps(project, manifests);
        let outcome = builds(project, "");
        assert!(!outcome.stderr.contains("Compiling rand "), "{outcome}");
        let ran = project.container(&[], &[]).succeeds();
        assert!(ran.stdout.contains(&format!("{version} number")), "{ran}");
    }
}

#[test]
fn no_stub_ships_from_a_new_dependency_layer() {
    let project = Project::generate("hello-world");
    project.never_compiled();
    let outcome = builds(&project, "");
    assert!(
        rebuilds(&outcome, "dependencies") && outcome.stderr.contains("Compiling rand "),
        "{outcome}"
    );
    ships_itself(&project);
}

#[test]
fn no_stub_ships_from_a_cached_dependency_layer() {
    let project = Project::generate("hello-world");
    builds(&project, "");
    let outcome = builds(&project, "--no-cache-filter build");
    assert!(
        !rebuilds(&outcome, "dependencies") && rebuilds(&outcome, "build"),
        "{outcome}"
    );
    ships_itself(&project);
}

#[test]
fn no_stub_ships_from_a_builder_without_layers() {
    let project = Project::generate("hello-world");
    let outcome = builds(&project, "--no-cache");
    assert!(rebuilds(&outcome, "dependencies"), "{outcome}");
    ships_itself(&project);
}

#[test]
fn no_stub_ships_for_sources_older_than_it() {
    for seconds in [0, 978_307_200] {
        let project = Project::generate("hello-world");
        age(&project, seconds);
        builds(&project, "--no-cache-filter dependencies,build");
        ships_itself(&project);
        project.edit("src/main.rs", LUCKY, "Old number");
        age(&project, seconds);
        builds(&project, "");
        assert!(
            project
                .container(&[], &[])
                .succeeds()
                .stdout
                .contains("Old number")
        );
    }
}

#[test]
fn no_stub_ships_for_version_0_0_1() {
    let project = Project::generate("hello-world");
    project.edit("Cargo.toml", "version = \"0.1.0\"", "version = \"0.0.1\"");
    project.cargo(&["update", "--workspace"]).succeeds();
    project.never_compiled();
    builds(&project, "");
    ships_itself(&project);
}

#[test]
fn dependency_layer_holds_no_file_of_the_project() {
    let project = Project::generate("hello-world");
    project.make(&["build"], "--target dependencies").succeeds();
    let listed = project
        .container(&["--entrypoint=find"], &["/target", "-type", "f"])
        .succeeds();
    assert!(listed.stdout.contains("librand-"), "{listed}");
    assert!(
        !listed.stdout.contains("hello_world") && !listed.stdout.contains("hello-world"),
        "{listed}"
    );
}

/// SIGKILL, from a container, as a process in another one may belong to root.
fn kill(processes: &[String]) {
    let script = format!("kill -9 {}", processes.join(" "));
    let image = base_image("rust");
    let container = ["run", "--rm", "--privileged", "--pid=host", &image];
    let arguments = [&container[..], &["sh", "-c", &script]].concat();
    run(&mut command(Path::new("/"), "docker", &arguments)).succeeds();
}

#[test]
fn a_killed_step_leaves_caches_from_which_the_next_build_is_right() {
    let project = Project::generate("hello-world");
    let flag = project.never_compiled();
    // Takes seconds to compile, as does the constant below: time to be killed in.
    project
        .cargo(&["add", "--quiet", "regex-syntax@0.8"])
        .succeeds();
    let slow = "\n#[allow(long_running_const_eval)]\n#[used]\nstatic SLOW: u32 = { let mut n = 0; while n < 300_000_000 { n += 1 } n };\n";
    let main = project.read("src/main.rs");
    for (krate, text) in [
        ("regex_syntax", main.clone()),
        ("hello_world", main.clone() + slow),
    ] {
        fs::write(project.path.join("src/main.rs"), text).unwrap();
        scope(|threads| {
            let build = threads.spawn(|| project.make(&["run"], ""));
            kill(&compiler(&build, &flag, krate));
            build
                .join()
                .unwrap()
                .fails_with("did not complete successfully");
        });
        let line = format!("Number after {krate}");
        let text = main.replace(LUCKY, &line);
        fs::write(project.path.join("src/main.rs"), text).unwrap();
        let ran = project.make(&["run"], "").succeeds();
        assert!(ran.stdout.contains(&line), "{ran}");
        assert_eq!(ran.last_line(), sentence("hello-world"));
    }
}

/// The last number of bytes that `outcome` says were sent as build context.
fn context(outcome: &Outcome) -> f64 {
    let sent = outcome
        .stderr
        .lines()
        .filter(|line| line.ends_with(" done"))
        .filter_map(|line| {
            line.split_once("transferring context: ")?
                .1
                .split_whitespace()
                .next()
        })
        .next_back()
        .unwrap_or_else(|| panic!("no build context in {outcome}"));
    let digits = sent.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &sent[digits.len()..] {
        "B" => 1.0,
        "kB" => 1e3,
        "MB" => 1e6,
        unit => panic!("unit {unit}"),
    };
    digits.parse::<f64>().unwrap() * factor
}

#[test]
fn build_context_is_the_files_that_the_build_may_read() {
    let project = Project::generate("hello-world");
    let noise: Vec<u8> = (0..20_000_000_u32)
        .map(|n| (n.wrapping_mul(n) >> 7) as u8)
        .collect();
    fs::create_dir_all(project.path.join("target/release")).unwrap();
    fs::write(project.path.join("target/release/program"), &noise).unwrap();
    fs::write(project.path.join(".git/noise"), &noise).unwrap();
    let sent = context(&builds(&project, ""));
    let read = ["Cargo.toml", "Cargo.lock", "README.md", "src/main.rs"];
    let bytes: usize = read.map(|file| project.read(file).len()).iter().sum();
    // What a file takes besides its content: its name, mode, owner and times.
    let most = bytes + 200 * (read.len() + 1);
    assert!(
        sent > bytes as f64 && sent <= most as f64,
        "{sent} bytes sent, {bytes} to be read"
    );
}

#[test]
fn projects_of_one_name_get_their_own_programs() {
    let (one, other) = (
        Project::generate("hello-world"),
        Project::generate("hello-world"),
    );
    one.edit("src/main.rs", LUCKY, "First number");
    other.edit("src/main.rs", LUCKY, "Second number");
    for _ in 0..2 {
        for (project, line) in [(&one, "First number"), (&other, "Second number")] {
            builds(project, "--no-cache-filter build");
            assert!(project.container(&[], &[]).succeeds().stdout.contains(line));
        }
    }
}

#[test]
fn run_takes_up_where_it_stopped_and_build_begins_anew() {
    let project = Project::generate("hello-world");
    let config = "[build]\nrustflags = [\"-Zincremental-info\"]\n[env]\nRUSTC_BOOTSTRAP = \"1\"\n";
    fs::create_dir(project.path.join(".cargo")).unwrap();
    fs::write(project.path.join(".cargo/config.toml"), config).unwrap();
    let reused = |outcome: &Outcome| {
        let of_files =
            |line: &str| line.contains("[incremental]") && line.contains("files hard-linked");
        outcome
            .stderr
            .lines()
            .any(|line| of_files(line) && !line.contains(" 0 files hard-linked"))
    };
    project.make(&["run"], "").succeeds();
    let line = edits(&project, "src/main.rs", LUCKY);
    let ran = project.make(&["run"], "").succeeds();
    assert!(reused(&ran) && ran.stdout.contains(&line), "{ran}");
    assert_eq!(ran.last_line(), sentence("hello-world"));
    let built = builds(&project, "");
    assert!(!built.stderr.contains("[incremental]"), "{built}");
    assert!(
        project
            .container(&[], &[])
            .succeeds()
            .stdout
            .contains(&line)
    );
}

#[test]
fn run_makes_an_image_of_its_own() {
    let project = Project::generate("hello-world");
    let inspect = |image: &str| {
        let arguments = ["image", "inspect", "--format={{.Id}}", image];
        run(&mut command(&project.path, "docker", &arguments))
    };
    project.make(&["run"], "").succeeds();
    inspect(&project.image).fails_with("No such image");
    inspect(&project.run_image()).succeeds();
}

#[test]
fn building_again_makes_the_same_image() {
    let project = Project::generate("hello-world");
    // What it states beside the image has the time of the build.
    let anew = || {
        let stages = "--provenance=false --no-cache-filter build,on-alpine";
        let outcome = builds(&project, stages);
        assert!(rebuilds(&outcome, "build"), "{outcome}");
        project.inspect()["Id"].take()
    };
    assert_eq!(anew(), anew());
}
