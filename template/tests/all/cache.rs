//! What an edit compiles again, and what the next build finds in the caches.

use std::fs;
use std::thread::scope;

use workshop::edits::{LUCKY, builds, edits, new_layout, rebuilds, ships_itself, shows};
use workshop::{Outcome, Project, base_image, compiler, docker, repository, sentence};

#[test]
fn editing_a_source_keeps_the_dependencies_and_shows_in_the_program() {
    let project = Project::generate("hello-world");
    project.never_built();
    builds(&project, "");
    let line = edits(&project, "src/main.rs", LUCKY);
    let outcome = builds(&project, "");
    assert!(!rebuilds(&outcome, "dependencies"), "{outcome}");
    assert!(rebuilds(&outcome, "build"), "{outcome}");
    assert!(!outcome.stderr.contains("Compiling rand "), "{outcome}");
    shows(&project, &line);
}

#[test]
fn no_edit_makes_buildkit_read_the_whole_root_of_a_stage() {
    let dockerfile = fs::read_to_string(repository().join("Dockerfile")).unwrap();
    let copied: Vec<_> = dockerfile
        .lines()
        .filter(|line| line.starts_with("COPY --from="))
        .map(|line| line.rsplit_once(' ').unwrap().0) // The last word is where to.
        .flat_map(|line| line.split(' ').filter(|word| word.starts_with('/')))
        .collect();
    let mounted = dockerfile
        .split([' ', ',', '\n'])
        .filter_map(|option| option.strip_prefix("source="));
    assert!(!copied.is_empty());
    for path in copied.into_iter().chain(mounted) {
        // To know if a path has changed, BuildKit reads all of the folder that holds it.
        let folder = path.trim_end_matches('/').rsplit_once('/').unwrap().0;
        assert!(!folder.is_empty(), "{path} is in the root of a stage");
    }
}

/// Panics unless `make build` and `make run` compile only the program after an edit of it.
fn edit_compiles_the_program_alone(project: &Project) {
    project.never_built();
    for target in ["build", "run"] {
        project.make(&[target], "").succeeds();
        edits(project, "src/main.rs", LUCKY);
        let outcome = project.make(&[target], "").succeeds();
        assert!(!rebuilds(&outcome, "dependencies"), "{outcome}");
        assert_eq!(outcome.compiled("build"), ["hello-world"], "{outcome}");
    }
}

#[test]
fn editing_a_source_compiles_one_crate() {
    edit_compiles_the_program_alone(&Project::generate("hello-world"));
}

#[test]
fn editing_a_source_compiles_one_crate_in_cargos_new_build_folder() {
    let project = Project::generate("hello-world");
    new_layout(&project);
    edit_compiles_the_program_alone(&project);
}

/// The next release of Cargo, six weeks before people get it.
#[test]
#[ignore = "downloads a toolchain: make -C template test TESTS='cache:: -- --ignored'"]
fn editing_a_source_compiles_one_crate_with_the_beta_toolchain() {
    let project = Project::generate("hello-world");
    let file = "[toolchain]\nchannel = \"beta\"\n";
    fs::write(project.path.join("rust-toolchain.toml"), file).unwrap();
    edit_compiles_the_program_alone(&project);
}

/// The size of the dependency layer in bytes, after a build of it.
fn layer_size(project: &Project) -> u64 {
    let built = project.in_caches("dependencies", "du --bytes --summarize /opt/target", "");
    let built = built.succeeds();
    assert!(built.stderr.contains("Compiling libc "), "{built}");
    let mut lines = built.stderr.lines();
    let size = lines.find_map(|line| line.strip_suffix("\t/opt/target"));
    let size = size.unwrap_or_else(|| panic!("no size in {built}"));
    size.split_whitespace().last().unwrap().parse().unwrap()
}

#[test]
fn dependency_changes_do_not_grow_the_layer() {
    let project = Project::generate("hello-world");
    project.own_caches();
    let first = layer_size(&project);
    for version in ["0.2.188", "0.2.187", "0.2.186"] {
        let update = ["update", "--quiet", "--package=libc", "--precise", version];
        project.cargo(&update).succeeds();
        let size = layer_size(&project);
        assert!(10 * size < 11 * first, "grew from {first} to {size} bytes");
    }
}

#[test]
fn adding_a_source_keeps_the_dependencies() {
    let project = Project::generate("hello-world");
    project.never_built();
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
    shows(&project, "Other number");
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
    shows(&project, "# hello-world");
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

#[test]
fn a_project_may_have_a_cache_of_its_own() {
    let project = Project::generate("hello-world");
    project.never_compiled();
    builds(&project, "");
    let name = project.image.replace('/', "-");
    let own = format!("--build-arg=BUILDKIT_CACHE_MOUNT_NS={name}");
    for (krate, compiles_all) in [("itoa@1", true), ("cfg-if@1", false)] {
        project.cargo(&["add", krate]).succeeds();
        let outcome = builds(&project, &own);
        let compiled = outcome.compiled("dependencies").contains(&"rand");
        assert_eq!(compiled, compiles_all, "{outcome}");
    }
}

#[test]
fn changing_the_version_compiles_no_dependency_and_shows_in_the_program() {
    let project = Project::generate("hello-world");
    project.edit("src/main.rs", "\"Lucky", "\"{}");
    let number = "rand::random_range";
    let version_and_number = format!("env!(\"CARGO_PKG_VERSION\"), {number}");
    project.edit("src/main.rs", number, &version_and_number);
    builds(&project, "");
    project.edit("Cargo.toml", "\"0.1.0\"", "\"0.2.0\"");
    project.cargo(&["update", "--workspace"]).succeeds();
    let outcome = builds(&project, "");
    assert!(!outcome.stderr.contains("Compiling rand "), "{outcome}");
    shows(&project, "0.2.0 number");
}

/// Sends SIGKILL from a container, because the processes may belong to root.
fn kill(processes: &[String]) {
    let script = format!("kill -9 {}", processes.join(" "));
    let image = base_image("rust");
    let container = ["run", "--rm", "--privileged", "--pid=host", &image];
    let arguments = [&container[..], &["sh", "-c", &script]].concat();
    docker(&arguments).succeeds();
}

#[test]
fn a_killed_step_leaves_caches_from_which_the_next_build_is_right() {
    let project = Project::generate("hello-world");
    let flag = project.never_compiled();
    // regex-syntax, like the constant below, takes rustc seconds to compile: time to kill it.
    project
        .cargo(&["add", "--quiet", "regex-syntax@0.8"])
        .succeeds();
    let slow = r#"
#[allow(long_running_const_eval)]
#[used]
static SLOW: u32 = { let mut n = 0; while n < 300_000_000 { n += 1 } n };
"#;
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

/// The size of the build context in bytes, as BuildKit's progress reports it last.
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
    // At most 200 bytes more for the name, mode, owner and times of each file, and of src.
    let most = bytes + 200 * (read.len() + 1);
    assert!(
        sent > bytes as f64 && sent <= most as f64,
        "{sent} bytes were sent, but the build reads {bytes}"
    );
}

#[test]
fn building_again_makes_the_same_image() {
    let project = Project::generate("hello-world");
    // Without the provenance, because that has the time of the build.
    let anew = || {
        let stages = "--provenance=false --no-cache-filter build,on-alpine";
        let outcome = builds(&project, stages);
        assert!(rebuilds(&outcome, "build"), "{outcome}");
        project.inspect()["Id"].take()
    };
    assert_eq!(anew(), anew());
}
