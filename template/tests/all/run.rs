//! What `make run` finds of the builds before.

use std::fs;
use std::thread::scope;
use std::time::SystemTime;

use workshop::edits::{LUCKY, age, builds, edits, shows, touch};
use workshop::small::{MANIFEST, ran, with};
use workshop::{Project, docker, sentence, top_is_compressed, vendor};

/// A project whose compiler prints what it reuses from its incremental cache.
fn telling_what_it_reuses() -> Project {
    let project = Project::generate("hello-world");
    project.configure(
        r#"
[build]
rustflags = ["-Zincremental-info"]
[env]
RUSTC_BOOTSTRAP = "1"
"#,
    );
    project
}

/// Panics unless `make run` with `arguments` reuses what an edit did not change from its cache.
fn run_takes_up_where_it_stopped(project: &Project, arguments: &[&str]) {
    let arguments = [&["run"], arguments].concat();
    project.make(&arguments, "").succeeds();
    let line = edits(project, "src/main.rs", LUCKY);
    let ran = project.make(&arguments, "").succeeds();
    let reused = ran.stderr.lines().any(|line| {
        let of_files = line.contains("[incremental]") && line.contains("files hard-linked");
        of_files && !line.contains(" 0 files hard-linked")
    });
    assert!(reused && ran.stdout.contains(&line), "{ran}");
    assert_eq!(ran.last_line(), sentence("hello-world"));
}

#[test]
fn run_takes_up_where_it_stopped_and_build_begins_anew() {
    let project = telling_what_it_reuses();
    run_takes_up_where_it_stopped(&project, &[]);
    let line = edits(&project, "src/main.rs", LUCKY);
    let built = builds(&project, "");
    assert!(!built.stderr.contains("[incremental]"), "{built}");
    shows(&project, &line);
}

#[test]
fn run_takes_up_where_it_stopped_in_the_profile_for_development() {
    run_takes_up_where_it_stopped(&telling_what_it_reuses(), &["PROFILE=dev"]);
}

#[test]
fn run_makes_an_image_of_its_own() {
    let project = Project::generate("hello-world");
    let inspect = |image: &str| {
        let arguments = ["image", "inspect", "--format={{.Id}}", image];
        docker(&arguments)
    };
    project.make(&["run"], "").succeeds();
    inspect(&project.image).fails_with("No such image");
    inspect(&project.run_image()).succeeds();
}

#[test]
fn run_spends_no_time_on_compressing_its_image() {
    let project = Project::generate("hello-world");
    edits(&project, "src/main.rs", LUCKY); // Docker keeps a layer that it has as it is.
    project.make(&["run"], "").succeeds();
    assert!(!top_is_compressed(&project.run_image()));
}

/// A program of two libraries of its own, of which the first uses a third-party crate.
fn workspace() -> Project {
    let manifest = with(
        r#"
[dependencies]
first = { path = "first" }
second = { path = "second" }
[workspace]
"#,
    );
    let member = |name| MANIFEST.1.replace("one", name);
    Project::pasted(&[
        ("Cargo.toml", &manifest),
        (
            "src/main.rs",
            r#"fn main() { println!("{} {}", first::WORD, second::WORD) }"#,
        ),
        (
            "first/Cargo.toml",
            &(member("first") + "[dependencies]\nitoa = \"1\"\n"),
        ),
        ("first/src/lib.rs", r#"pub const WORD: &str = "one";"#),
        ("second/Cargo.toml", &member("second")),
        ("second/src/lib.rs", r#"pub const WORD: &str = "two";"#),
    ])
}

#[test]
fn run_compiles_the_packages_that_changed_and_those_that_use_them() {
    let project = workspace();
    ran(&project);
    project.edit("second/src/lib.rs", "two", "2");
    let after = ran(&project);
    assert_eq!(after.compiled("build"), ["second", "one"], "{after}");
    assert_eq!(after.last_line(), "one 2");
}

#[test]
fn run_compiles_those_that_use_an_added_dependency() {
    let project = workspace();
    ran(&project);
    let add = ["add", "--quiet", "--package=second", "cfg-if@1"];
    project.cargo(&add).succeeds();
    let after = ran(&project);
    assert_eq!(after.compiled("build"), ["second", "one"], "{after}");
}

#[test]
fn build_compiles_all_packages_of_the_project_whatever_run_has_compiled() {
    let project = workspace();
    edits(&project, "src/main.rs", "{} {}");
    ran(&project);
    let built = builds(&project, "");
    let mut compiled = built.compiled("build");
    compiled.sort_unstable();
    assert_eq!(compiled, ["first", "one", "second"], "{built}");
}

#[test]
fn run_takes_a_project_that_is_itself_a_vendored_crate() {
    let project = workspace();
    fs::write(project.path.join(".cargo-checksum.json"), "{}").unwrap();
    assert_eq!(ran(&project).last_line(), "one two");
}

#[test]
fn run_shows_an_edit_of_whatever_time() {
    let project = workspace();
    ran(&project);
    let file = "second/src/lib.rs";
    for word in ["three", "two", "four"] {
        fs::write(
            project.path.join(file),
            format!("pub const WORD: &str = \"{word}\";"),
        )
        .unwrap();
        age(&project, 0);
        assert_eq!(ran(&project).last_line(), format!("one {word}"));
    }
}

#[test]
fn run_fails_again_while_a_source_of_whatever_time_has_an_error() {
    let project = workspace();
    ran(&project);
    project.edit("first/src/lib.rs", "\"one\"", "1");
    age(&project, 0);
    for _ in 0..2 {
        project
            .make(&["run"], "")
            .fails_with("error[E0308]: mismatched types");
    }
}

#[test]
fn run_shows_a_source_that_was_put_back_after_an_error() {
    let project = workspace();
    let library = project.read("first/src/lib.rs");
    ran(&project);
    project.edit("first/src/lib.rs", "one", "1");
    project.edit("src/main.rs", "second::WORD", "missing");
    let failed = project.make(&["run"], "").fails_with("missing");
    assert!(failed.compiled("build").contains(&"first"), "{failed}");
    project.edit(
        "src/main.rs",
        "{} {}\", first::WORD, missing",
        "now {} {}\", first::WORD, second::WORD",
    );
    fs::write(project.path.join("first/src/lib.rs"), library).unwrap();
    age(&project, 0);
    assert_eq!(ran(&project).last_line(), "now one two");
}

#[test]
fn run_compiles_nothing_of_a_fresh_checkout_that_has_not_changed() {
    let project = workspace();
    ran(&project);
    // In a fresh checkout every file is newer than what was compiled.
    let text = project.read("src/main.rs");
    fs::write(project.path.join("src/main.rs"), text + "\n").unwrap();
    touch(&project, SystemTime::now());
    let after = ran(&project);
    assert_eq!(after.compiled("build"), ["one"], "{after}");
}

#[test]
fn run_has_the_dependencies_that_another_variable_makes() {
    let word = "pub const WORD: Option<&str> = option_env!(\"WORD\");";
    let project = vendor::project(&[
        ("Cargo.toml", &with("[dependencies]\nword = \"0.1\"\n")),
        (
            "src/main.rs",
            r#"fn main() { println!("{:?}", word::WORD) }"#,
        ),
        (
            "vendor/word/Cargo.toml",
            &MANIFEST
                .1
                .replace("one", "word")
                .replace("0.1.0", "0.1.0+FILES"),
        ),
        ("vendor/word/src/lib.rs", word),
    ]);
    let variable = |from: &str, to: &str| project.edit(".cargo/config.toml", from, to);
    variable(
        "[source.crates-io]",
        "[env]\nWORD = \"one\"\n[source.crates-io]",
    );
    // The cache of `make run` has the crate already, so it is compiled there again.
    let ran = || project.make_with_any_layer(&["run"], "").succeeds();
    assert_eq!(ran().last_line(), "Some(\"one\")");
    variable("one", "two");
    assert_eq!(ran().last_line(), "Some(\"two\")");
}

#[test]
fn run_compiles_an_added_dependency_once() {
    let project = Project::generate("hello-world");
    project.never_compiled();
    ran(&project);
    project.cargo(&["add", "--quiet", "itoa@1"]).succeeds();
    let after = ran(&project).compiled_once();
    let compiled = after.compiled("dependencies");
    assert!(compiled.contains(&"itoa"), "{after}");
    assert!(!compiled.contains(&"rand"), "{after}");
    assert_eq!(after.compiled("build"), ["hello-world"], "{after}");
}

/// A build script that fails if another one works in the same folder.
const ALONE: &str = r#"
fn main() {
    let busy = "src/busy";
    std::fs::File::create_new(busy).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(3));
    std::fs::remove_file(busy).unwrap();
}
"#;

#[test]
fn run_waits_for_another_build_in_the_same_cache() {
    let project = workspace();
    fs::write(project.path.join("build.rs"), ALONE).unwrap();
    scope(|threads| {
        // Cargo itself lets builds of different profiles go on at the same time.
        let other = threads.spawn(|| project.make(&["run", "PROFILE=dev"], "").succeeds());
        ran(&project);
        other.join().unwrap();
    });
}

#[test]
fn run_takes_files_of_any_name() {
    let project = workspace();
    for name in ["line\nend", "quote\" and \\", "$(name) with 'spaces'.rs"] {
        fs::write(project.path.join(name), "").unwrap();
    }
    ran(&project);
    project.edit("second/src/lib.rs", "two", "2");
    let after = ran(&project);
    assert_eq!(after.compiled("build"), ["second", "one"], "{after}");
}
