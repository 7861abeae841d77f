//! What macros read without telling Cargo is in the program of `make run`, too.

use std::fs;

use workshop::small::{MANIFEST, ran, with};
use workshop::{Project, vendor};

/// A program that prints what a third-party macro makes of the file text, of the variable WORD, and
/// of which sources there are.
fn macro_that_reads() -> Project {
    let words = MANIFEST
        .1
        .replace("one", "words")
        .replace("0.1.0", "0.1.0+FILES");
    let library = r##"
use std::{env, fs};
/// The text of a file and of a variable, of which the compiler is not told.
#[proc_macro]
pub fn words(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let text = fs::read_to_string("text").unwrap();
    let variable = env::var("WORD").unwrap_or_default();
    let more = if fs::exists("src/more.rs").unwrap() { " and more" } else { "" };
    format!("{:?}", text + &variable + more).parse().unwrap()
}
"##;
    let main = r#"fn main() { println!("{}", words::words!()) }"#;
    vendor::project(&[
        ("Cargo.toml", &with("[dependencies]\nwords = \"0.1\"\n")),
        ("src/main.rs", main),
        (
            "vendor/words/Cargo.toml",
            &(words + "[lib]\nproc-macro = true\n"),
        ),
        ("vendor/words/src/lib.rs", library),
        ("text", "first"),
    ])
}

#[test]
fn run_compiles_again_what_a_macro_may_have_made_of_files_and_variables() {
    let project = macro_that_reads();
    assert_eq!(ran(&project).last_line(), "first");
    project.edit("text", "first", "second");
    assert_eq!(ran(&project).last_line(), "second");
    let source = project.path.join("src/more.rs");
    fs::write(&source, "").unwrap();
    assert_eq!(ran(&project).last_line(), "second and more");
    fs::remove_file(source).unwrap();
    assert_eq!(ran(&project).last_line(), "second");
    let run = project.make(&["run", "BUILD_ENV=WORD=word"], "").succeeds();
    assert_eq!(run.last_line(), "secondword");
}

#[test]
fn run_shows_an_edit_in_each_program_however_they_take_turns() {
    let project = macro_that_reads();
    let folder = project.path.join("src/bin");
    fs::create_dir(&folder).unwrap();
    fs::copy(project.path.join("src/main.rs"), folder.join("two.rs")).unwrap();
    let programs = ["BIN=one", "BIN=two"];
    let prints = |program: &str, text: &str| {
        let ran = project.make(&["run", program], "").succeeds();
        assert_eq!(ran.last_line(), text, "{program}");
    };
    for program in programs {
        prints(program, "first");
    }
    project.edit("text", "first", "second");
    for program in programs {
        prints(program, "second");
    }
}

#[test]
fn run_remembers_an_edit_that_it_could_not_compile_yet() {
    let project = macro_that_reads();
    project.own_caches();
    assert_eq!(ran(&project).last_line(), "first");
    project.edit("text", "first", "second");
    let in_caches = |script| project.in_caches("toolchain", script, "").succeeds();
    in_caches("echo broken > /cargo/config.toml");
    let failed = project.make(&["run"], "");
    failed.fails_with("could not parse TOML configuration");
    in_caches("rm /cargo/config.toml");
    assert_eq!(ran(&project).last_line(), "second");
}
