//! Projects whose third-party crates need more than the skeleton build all the same.

use std::fs::rename;
use std::os::unix::fs::symlink;

use workshop::package::{CONFIG, library, one, package, seven};
use workshop::{OFFLINE, Outcome, Project};

const NOTE: &str = "note: third-party crates need more than manifests";

/// Builds and runs the project, whose dependencies may be compiled with it.
fn runs(project: &Project) -> Outcome {
    project.make_with_any_layer("run").succeeds()
}

/// A program of the third-party crate `outer`, whose dependency `name` is replaced by a package of
/// the project. `workspace` says whether that is a member. The program prints the package's name.
fn replacing(name: &str, workspace: &str) -> Project {
    let word = format!("pub const WORD: &str = {name}::WORD;");
    let outer = package("outer").uses(name, "0.1").file("src/lib.rs", &word);
    let patch = format!("[patch.crates-io]\n{name} = {{ path = {name:?} }}");
    let one = one().manifest(workspace).manifest(&patch).beside(library(name));
    one.uses("outer", "0.1").vendors(outer).prints("outer::WORD").paste()
}

#[test]
fn a_crate_that_a_member_replaces() {
    let project = replacing("inner", "[workspace]\nmembers = [\"inner\"]");
    runs(&project).prints("inner").tells(NOTE);
    project.edit("inner/src/lib.rs", "\"inner\"", "\"anew\"");
    runs(&project).prints("anew").tells(NOTE);
    // An error of the project's own is shown once.
    project.edit("inner/src/lib.rs", "&str = \"anew\"", "u8 = 7");
    let failed = project.make_with_any_layer("build").fails("mismatched types");
    let shown = failed.stderr.matches("could not compile `outer`").count();
    // BuildKit repeats the last lines.
    assert!((1..=3).contains(&shown), "{shown} times: {failed}");
}

#[test]
fn a_crate_that_a_package_beside_the_workspace_replaces() {
    let project = replacing("apart", "[workspace]\nexclude = [\"apart\"]");
    runs(&project).prints("apart");
    // No cache may bring back the crate as it was before this edit.
    project.edit("apart/src/lib.rs", "\"apart\"", "\"anew\"");
    runs(&project).prints("anew");
}

#[test]
fn a_configuration_that_includes_a_file_from_elsewhere() {
    let one = seven().file("settings/team.toml", "[env]\nTEAM = \"blue\"\n");
    let words = r#"[env!("TEAM"), itoa::Buffer::new().format(7)].join(" ")"#;
    let project = one.prints(words).paste();
    project.write(CONFIG, "include = [\"../settings/team.toml\"]\n");
    project.never_built();
    let note = "note: Cargo's configuration includes files of this project";
    runs(&project).prints("blue 7").tells(note);
    project.edit("settings/team.toml", "blue", "red");
    runs(&project).prints("red 7");
}

#[test]
fn a_file_of_the_project_that_a_foreign_build_script_reads() {
    let script = r#"
        println!("cargo::rerun-if-env-changed=WORDS");
        let file = std::env::var("WORDS").unwrap();
        println!("cargo::rerun-if-changed={file}");
        println!("cargo::rustc-env=FIRST={}", std::fs::read_to_string(file).unwrap());
    "#;
    let first = r#"pub const FIRST: &str = env!("FIRST");"#;
    let words = package("words").build_script(script).file("src/lib.rs", first);
    let one = one().uses("other", "0.1").uses("words", "0.1").file("lists/words.txt", "apple");
    let one = one.vendors(library("other")).vendors(words).prints("words::FIRST");
    let project = one.paste();
    let variable = "[env]\nWORDS = { value = \"lists/words.txt\", relative = true }\n";
    let config = project.read(CONFIG) + variable;
    // Colours must not hide an error.
    project.write(CONFIG, format!("{config}[term]\ncolor = \"always\"\n"));
    runs(&project).prints("apple").tells(NOTE);
    project.edit("lists/words.txt", "apple", "pear");
    runs(&project).prints("pear");
    // The layer has the crates that need no more than the skeleton.
    project.write(CONFIG, config);
    project.never_built();
    project.make_with_any_layer("build").succeeds().compiles(["words", "one"]);
}

#[test]
fn vendored_crates_without_a_network_also_if_their_folder_is_a_link() {
    // A version that no other test has, because a layer may have that of others.
    let one = one().uses("itoa", "=1.0.14").prints("itoa::Buffer::new().format(7)");
    let project = one.paste();
    let offline = format!("'BUILD_FLAGS={OFFLINE}'");
    project.build(&offline).fails("Could not connect to server");
    project.write(CONFIG, project.cargo("vendor").stdout);
    project.run(&offline).prints("7").lacks(NOTE);
    rename(project.path.join("vendor"), project.path.join("third-party")).unwrap();
    symlink("third-party", project.path.join("vendor")).unwrap();
    project.make_with_any_layer(&format!("run {offline}")).prints("7").lacks(NOTE);
}

#[test]
fn no_layer_is_kept_of_a_compiler_that_was_killed() {
    let script = r#"
        println!("cargo::rerun-if-changed=missing");
        if std::env::var_os("KILL").is_some() {
            std::process::Command::new("sh").args(["-c", "kill -9 $PPID"]).status().unwrap();
        }
    "#;
    let words = library("words").build_script(script);
    let project = one().uses("words", "0.1").vendors(words).prints("words::WORD").paste();
    let config = project.read(CONFIG);
    project.write(CONFIG, format!("{config}[env]\nKILL = \"1\"\n"));
    project.build("").fails("(signal: 9").compiles([]);
    project.write(CONFIG, config);
    runs(&project).prints("words");
}
