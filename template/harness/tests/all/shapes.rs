//! Projects of every shape build and run with the container files as they are.

use std::os::unix::fs::symlink;

use workshop::package::{CONFIG, library, one, package, program, workspace};
use workshop::{commit, sh};

#[test]
fn library_and_program_and_the_files_that_their_sources_include() {
    let main = r#"
        let proto = include_bytes!("../proto/one.proto");
        println!("{} {} {}", one::FIRST, include_str!("../templates/page.html"), proto.len());
    "#;
    one()
        .main(main)
        .file("src/lib.rs", "mod sql; pub use sql::FIRST;")
        .file("src/sql.rs", r#"pub const FIRST: &str = include_str!("../migrations/1_first.sql");"#)
        .file("migrations/1_first.sql", "select 1")
        .file("templates/page.html", "<p>")
        .file("proto/one.proto", "syntax")
        .file(".gitignore", "/templates\n/migrations\n/proto\n")
        .paste()
        .run("")
        .prints("select 1 <p> 6");
}

#[test]
fn build_script_that_reads_a_file_and_the_time_and_links_parts_of_the_c_library() {
    let script = r#"
        let text = std::fs::read_to_string("words/größe 1.txt").unwrap();
        println!("cargo::rustc-env=WORD={}", text.trim());
        // It gets today's time, although that of the image is fixed.
        assert!(std::env::var_os("SOURCE_DATE_EPOCH").is_none());
        let time = std::fs::metadata("src/main.rs").unwrap().modified().unwrap();
        println!("cargo::rustc-env=YEARS={}", time.elapsed().unwrap().as_secs() / 31_536_000);
        // In musl, libc has these.
        for part in ["dl", "m", "pthread", "rt", "util"] {
            println!("cargo::rustc-link-lib={part}");
        }
    "#;
    let one = one().build_script(script).file("words/größe 1.txt", "größe\n");
    let one = one.prints(r#"format!("{}, {} years", env!("WORD"), env!("YEARS"))"#);
    one.paste().run("").prints("größe, 0 years");
}

#[test]
fn build_script_that_asks_git_learns_the_commit_and_edits_if_dockerignore_lets_git_in() {
    let script = r#"
        let git = "git describe --always --abbrev=40 --dirty=,edited";
        let git = std::process::Command::new("sh").args(["-c", git]).output().unwrap();
        println!("cargo::rustc-env=TEXT={}", String::from_utf8(git.stdout).unwrap().trim());
    "#;
    let one = one().with(library("two")).build_script(script);
    let project = one.prints(r#"[env!("TEXT"), two::WORD].join(" ")"#).paste();
    commit(&project);
    project.run("").prints(" two");
    project.edit(".dockerignore", "/.git\n", "");
    for (edit, dirty) in [("// Committed.", ""), ("// Edited.", ",edited")] {
        project.edit("src/main.rs", "fn main", &format!("{edit}\nfn main"));
        if dirty.is_empty() {
            commit(&project);
        }
        let head = sh!(project, "git rev-parse HEAD").succeeds();
        let text = format!("{}{dirty} two", head.last_line());
        project.build("").succeeds();
        project.starts().prints(&text);
        // What git itself writes makes no package compile again.
        project.run("").prints(&text).compiles(["one"]);
    }
}

#[test]
fn benches_examples_and_tests_with_entries_of_their_own() {
    let entries = r#"
[[bench]]
name = "speed"
harness = false
[[example]]
name = "show"
path = "show.rs"
[[test]]
name = "all"
path = "checks/all.rs"
"#;
    let mut one = one().manifest(entries);
    for file in ["benches/speed.rs", "show.rs", "checks/all.rs", "tests/more.rs"] {
        one = one.file(file, "no Rust");
    }
    one.paste().run("").prints("main");
}

#[test]
fn programs_of_all_editions() {
    let programs = ["2015", "2018", "2021", "2024"].map(|edition| {
        let name = format!("of_{edition}");
        let package = format!("name = {name:?}\nversion = \"0.1.0\"\nedition = {edition:?}\n");
        program(&name).file("Cargo.toml", &format!("[package]\n{package}")).prints(edition)
    });
    let project = workspace(programs).paste();
    project.run("'BIN=of_2015 of_2018 of_2021 of_2024'").prints("2015");
}

#[test]
fn links_and_names_with_spaces_and_letters_of_all_kinds() {
    let tables = r#"
[workspace]
members = ["linked"]
[[bin]]
name = "one"
path = "src/mein programm ä.rs"
"#;
    let main = r#"
#[path = "ein modul ö.rs"]
mod module;
fn main() { println!("{} {}", module::WORD, two::WORD) }
"#;
    let module = r#"pub const WORD: &str = include_str!("link");"#;
    let one = package("one").uses_path("two", "linked").manifest(tables).file("the word", "linked");
    let one = one.file("src/mein programm ä.rs", main).file("src/ein modul ö.rs", module);
    let project = one.at("parts/real", library("two")).paste();
    symlink("../the word", project.path.join("src/link")).unwrap();
    symlink("parts/real", project.path.join("linked")).unwrap();
    project.cargo("generate-lockfile");
    project.run("").prints("linked two");
}

#[test]
fn lock_file_that_does_not_fit_the_manifest_ends_the_build_and_stays_as_it_is() {
    let project = one().paste();
    let lock = project.read("Cargo.lock");
    project.write("Cargo.toml", project.read("Cargo.toml") + "[dependencies]\nitoa = \"1\"\n");
    project.build("").fails("because --locked was passed");
    assert_eq!(project.read("Cargo.lock"), lock);
}

/// What a macro prints when it is expanded: among others, lines that are JSON or look like it.
const PRINTED: &str = r#"expanding a word
7
null
"text"
["executable", "filenames"]
{"reason": "expanding", "message": {"rendered": null}}
{

the end, without a line's"#;

#[test]
fn macros_may_print_when_dependencies_and_the_program_expand_them() {
    let words = r#"
#[proc_macro]
pub fn word(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    print!("{}", include_str!("printed"));
    "\"printed\"".parse().unwrap()
}
"#;
    let words = package("words").manifest("[lib]\nproc-macro = true").file("src/lib.rs", words);
    let speech = package("speech").uses("words", "0.1");
    let speech = speech.file("src/lib.rs", "pub const WORD: &str = words::word!();");
    let one = one().vendors(words.file("src/printed", PRINTED)).vendors(speech);
    let one = one.uses("speech", "0.1").uses("words", "0.1");
    let project = one.prints(r#"[speech::WORD, words::word!()].join(" ")"#).paste();
    // Nothing may be compiled already, because Cargo does not repeat what a macro printed then.
    let vendored = project.read(CONFIG);
    project.never_compiled();
    project.write(CONFIG, project.read(CONFIG) + &vendored);
    let ran = project.run("").prints("printed printed").compiles(["one"]);
    assert!(ran.compiled("dependencies").contains(&"speech"), "{ran}");
}
