//! What an edit compiles again, and what the next build finds in the caches.

use std::thread::scope;

use workshop::{LUCKY, Outcome, Project, base_image, compiler, read, sentence, sh};

#[test]
fn no_edit_makes_buildkit_read_the_whole_root_of_a_stage() {
    let dockerfile = read("Dockerfile");
    let copies = dockerfile.lines().filter(|line| line.starts_with("COPY --from="));
    let copied: Vec<_> = copies
        .map(|line| line.rsplit_once(' ').unwrap().0) // The last word is where to.
        .flat_map(|line| line.split(' ').filter(|word| word.starts_with('/')))
        .collect();
    assert!(!copied.is_empty());
    let options = dockerfile.split([' ', ',', '\n']);
    let mounted = options.filter_map(|option| option.strip_prefix("source="));
    for path in copied.into_iter().chain(mounted) {
        // To know if a path has changed, BuildKit reads all of the folder that holds it.
        let folder = path.trim_end_matches('/').rsplit_once('/').unwrap().0;
        assert!(!folder.is_empty(), "{path} is in the root of a stage");
    }
}

/// Panics unless `make build` and `make run` compile only the program after an edit, and show it.
fn edit_compiles_the_program_alone(project: &Project) {
    project.never_built();
    for target in ["build", "run"] {
        project.make(target).succeeds();
        let line = project.edit_line();
        let after = project.make(target).succeeds().compiles(["hello-world"]);
        assert!(!after.reruns("dependencies"), "{after}");
        let shown = if target == "run" { after } else { project.starts() };
        shown.tells(&line);
    }
}

#[test]
fn editing_a_source_compiles_one_crate() {
    let in_new_layout = Project::hello();
    in_new_layout.new_layout();
    edit_compiles_the_program_alone(&in_new_layout);
    edit_compiles_the_program_alone(&Project::hello());
}

/// The next release of Cargo, six weeks before people get it.
#[test]
#[ignore = "downloads a toolchain: make -C template test TESTS='cache:: -- --ignored'"]
fn editing_a_source_compiles_one_crate_with_the_beta_toolchain() {
    let project = Project::hello();
    project.write("rust-toolchain.toml", "[toolchain]\nchannel = \"beta\"\n");
    edit_compiles_the_program_alone(&project);
}

#[test]
fn a_new_source_or_version_compiles_no_dependency_and_shows_in_the_program() {
    let project = Project::hello();
    project.never_built();
    project.build("").succeeds();
    let all = r#"concat!(env!("CARGO_PKG_VERSION"), " of ", include_str!("../README.md"))"#;
    project.write("src/more.rs", format!("pub const ALL: &str = {all};\n"));
    project.edit("src/main.rs", "use std::process", "mod more;\nuse std::process");
    project.edit("src/main.rs", "\"Lucky number: {}\"", "\"{}Number: {}\", more::ALL");
    let outcome = project.build("").succeeds();
    assert!(!outcome.reruns("dependencies"), "{outcome}");
    project.starts().tells("0.1.0 of # hello-world");
    project.edit("Cargo.toml", "\"0.1.0\"", "\"0.2.0\"");
    project.cargo("update --workspace");
    project.build("").succeeds().lacks("Compiling rand ");
    project.starts().tells("0.2.0 of # hello-world");
}

#[test]
fn adding_a_dependency_compiles_it_alone_in_the_shared_cache_or_one_of_its_own() {
    let project = Project::hello();
    project.never_compiled();
    project.run("").succeeds();
    let name = project.image.replace('/', "-");
    let own = format!("BUILD_FLAGS=--build-arg=BUILDKIT_CACHE_MOUNT_NS={name}");
    for (krate, flags, all) in [("itoa", "", false), ("cfg-if", &own, true), ("fnv", &own, false)] {
        project.cargo(&format!("add --quiet {krate}@1"));
        let after = project.run(flags).prints(&sentence("hello-world")).compiles(["hello-world"]);
        let compiled = after.compiled("dependencies");
        assert!(compiled.contains(&krate), "{after}");
        assert_eq!(compiled.contains(&"rand"), all, "{after}");
    }
    project.build("").succeeds();
    project.ships_itself();
}

#[test]
fn dependency_changes_do_not_grow_the_layer() {
    let project = Project::hello();
    project.own_caches();
    let layer_size = || {
        let built = project.in_caches("dependencies", "du --bytes --summarize /opt/target", "");
        let built = built.tells("Compiling libc ");
        let size = built.stderr.lines().find_map(|line| line.strip_suffix("\t/opt/target"));
        let size = size.unwrap_or_else(|| panic!("no size in {built}"));
        size.split_whitespace().last().unwrap().parse::<u64>().unwrap()
    };
    let first = layer_size();
    for version in ["0.2.188", "0.2.187", "0.2.186"] {
        project.cargo(&format!("update --quiet --package=libc --precise {version}"));
        let size = layer_size();
        assert!(10 * size < 11 * first, "grew from {first} to {size} bytes");
    }
}

/// Sends SIGKILL from a container, because the processes may belong to root.
fn kill(processes: &[String]) {
    let (image, script) = (base_image("rust"), format!("kill -9 {}", processes.join(" ")));
    sh!("/", "docker run --rm --privileged --pid=host {image} sh -c {script}").succeeds();
}

#[test]
fn a_killed_step_leaves_caches_from_which_the_next_build_is_right() {
    let project = Project::hello();
    let flag = project.never_compiled();
    // regex-syntax, like the constant below, takes rustc seconds to compile: time to kill it.
    project.cargo("add --quiet regex-syntax@0.8");
    let slow = "#[allow(long_running_const_eval)] #[used] \
        static SLOW: u32 = { let mut n = 0; while n < 300_000_000 { n += 1 } n };";
    let main = project.read("src/main.rs");
    for (krate, text) in [("regex_syntax", main.clone()), ("hello_world", main.clone() + slow)] {
        project.write("src/main.rs", text);
        scope(|threads| {
            let build = threads.spawn(|| project.run(""));
            kill(&compiler(&build, &flag, krate));
            build.join().unwrap().fails("did not complete successfully");
        });
        let line = format!("Number after {krate}");
        project.write("src/main.rs", main.replace(LUCKY, &line));
        project.run("").tells(&line).prints(&sentence("hello-world"));
    }
}

/// The size of the build context in bytes, as BuildKit's progress reports it last.
fn context(outcome: &Outcome) -> f64 {
    let done = outcome.stderr.lines().filter(|line| line.ends_with(" done"));
    let sent = done
        .filter_map(|line| line.split_once("transferring context: ")?.1.split_whitespace().next())
        .next_back()
        .unwrap_or_else(|| panic!("no build context in {outcome}"));
    let units = [("MB", 1e6), ("kB", 1e3), ("B", 1.0)];
    let number = |(unit, factor)| Some((sent.strip_suffix(unit)?, factor));
    let (digits, factor) = units.into_iter().find_map(number).unwrap();
    digits.parse::<f64>().unwrap() * factor
}

#[test]
fn build_context_is_the_files_that_the_build_may_read() {
    let project = Project::hello();
    let noise = vec![7; 20_000_000];
    project.write("target/release/program", &noise);
    project.write(".git/noise", &noise);
    let sent = context(&project.build("").succeeds());
    let read = ["Cargo.toml", "Cargo.lock", "README.md", "src/main.rs"];
    let bytes: usize = read.map(|file| project.read(file).len()).iter().sum();
    // At most 200 bytes more for the name, mode, owner and times of each file, and of src.
    let most = bytes + 200 * (read.len() + 1);
    let fits = sent > bytes as f64 && sent <= most as f64;
    assert!(fits, "{sent} bytes were sent, but the build reads {bytes}");
}

#[test]
fn building_again_makes_the_same_image() {
    let project = Project::hello();
    let anew = || {
        // Without the provenance, because that has the time of the build.
        let flags = "'BUILD_FLAGS=--provenance=false --no-cache-filter build,on-alpine'";
        let outcome = project.build(flags).succeeds();
        assert!(outcome.reruns("build"), "{outcome}");
        project.inspect()["Id"].take()
    };
    assert_eq!(anew(), anew());
}
