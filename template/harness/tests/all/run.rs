//! What `make run` finds of the builds before.

use std::thread::scope;
use std::time::SystemTime;

use workshop::package::{CONFIG, Package, library, one, package};
use workshop::{Project, sentence, sh, top_is_compressed};

#[test]
fn run_takes_up_where_it_stopped_in_its_profile_and_build_begins_anew() {
    let project = Project::hello();
    // With this, the compiler prints what it reuses from its incremental cache.
    let info = "[build]\nrustflags = [\"-Zincremental-info\"]\n[env]\nRUSTC_BOOTSTRAP = \"1\"\n";
    project.write(CONFIG, info);
    let reuses =
        |line: &str| line.contains(" files hard-linked") && !line.contains(" 0 files hard-linked");
    for profile in ["", "PROFILE=dev"] {
        project.run(profile).succeeds();
        let line = project.edit_line();
        let ran = project.run(profile).tells(&line).prints(&sentence("hello-world"));
        assert!(ran.stderr.lines().any(reuses), "{ran}");
    }
    let line = project.edit_line();
    project.build("").succeeds().lacks("[incremental]");
    project.starts().tells(&line);
}

#[test]
fn run_makes_an_image_of_its_own_and_spends_no_time_on_compressing_it() {
    let project = Project::hello();
    project.edit_line(); // Docker keeps a layer that it has as it is.
    project.run("").succeeds();
    assert!(!top_is_compressed(&project.run_image()));
    let image = &project.image;
    sh!("/", "docker image inspect {image}").fails("No such image");
}

/// A program of two libraries of its own, of which the first uses a third-party crate.
fn two_libraries() -> Package {
    let (first, second) = (library("first").uses("itoa", "1"), library("second"));
    let one = one().with(first).with(second).manifest("[workspace]");
    one.prints("[first::WORD, second::WORD].join(\" \")")
}

#[test]
fn run_compiles_the_packages_that_changed_and_those_that_use_them() {
    let project = two_libraries().paste();
    // Names make no difference, not even the one that marks a vendored crate.
    for name in ["line\nend", "quote\" and \\", "$(name) with 'spaces'.rs", ".cargo-checksum.json"]
    {
        project.write(name, "{}");
    }
    project.run("").prints("first second");
    project.edit("second/src/lib.rs", "\"second\"", "\"2\"");
    project.run("").prints("first 2").compiles(["second", "one"]);
    project.cargo("add --quiet --package=second cfg-if@1");
    project.run("").prints("first 2").compiles(["second", "one"]);
}

#[test]
fn run_compiles_nothing_of_a_fresh_checkout_that_has_not_changed_and_build_everything() {
    let project = two_libraries().paste();
    project.never_built();
    project.run("").succeeds();
    // In a fresh checkout every file is newer than what was compiled.
    project.edit("src/main.rs", "\n", "\n\n");
    project.touch(SystemTime::now());
    project.run("").succeeds().compiles(["one"]);
    let built = project.build("").succeeds();
    let mut compiled = built.compiled("build");
    compiled.sort_unstable();
    assert_eq!(compiled, ["first", "one", "second"], "{built}");
}

#[test]
fn run_shows_an_edit_of_whatever_time_also_after_an_error() {
    let project = two_libraries().paste();
    project.run("").succeeds();
    // Of different lengths, because BuildKit takes files of one size and time for the same.
    for word in ["third", "second", "last"] {
        project.write("second/src/lib.rs", format!("pub const WORD: &str = {word:?};"));
        project.age(0);
        project.run("").prints(&format!("first {word}"));
    }
    project.edit("first/src/lib.rs", "\"first\"", "\"1\"");
    project.edit("src/main.rs", "second::WORD", "missing");
    project.age(0);
    let failed = project.run("").fails("cannot find value `missing`");
    assert!(failed.compiled("build").contains(&"first"), "{failed}");
    project.run("").fails("cannot find value `missing`");
    // Put back what it was when it was last compiled without an error.
    project.edit("first/src/lib.rs", "\"1\"", "\"first\"");
    project.edit("src/main.rs", "missing", "second::WORD, \"now\"");
    project.age(0);
    project.run("").prints("first last now");
}

#[test]
fn run_has_the_dependencies_that_another_variable_makes() {
    let source = "pub const WORD: Option<&str> = option_env!(\"WORD\");";
    let word = package("word").file("src/lib.rs", source);
    let one = one().vendors(word).uses("word", "0.1").prints("word::WORD.unwrap()");
    let project = one.paste();
    let config = project.read(CONFIG);
    for word in ["one", "two"] {
        project.write(CONFIG, format!("{config}[env]\nWORD = {word:?}\n"));
        // The cache of `make run` has the crate already, so it is compiled there again.
        project.make_with_any_layer("run").prints(word);
    }
}

#[test]
fn run_waits_for_another_build_in_the_same_cache() {
    // Fails if another build works in the same folder.
    let alone = r#"
let busy = "src/busy";
std::fs::File::create_new(busy).unwrap();
std::thread::sleep(std::time::Duration::from_secs(3));
std::fs::remove_file(busy).unwrap();
"#;
    let project = one().build_script(alone).paste();
    scope(|threads| {
        // Cargo itself lets builds of different profiles go on at the same time.
        let other = threads.spawn(|| project.run("PROFILE=dev").succeeds());
        project.run("").succeeds();
        other.join().unwrap();
    });
}
