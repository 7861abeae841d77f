//! Projects of every shape build and run with the container files as they are.

use std::fs;
use std::os::unix::fs::symlink;

use workshop::edits::builds;
use workshop::small::{MAIN, MANIFEST, OFFLINE, printing, prints, ran, with};
use workshop::{Project, command, commit, run};

#[test]
fn library_and_program() {
    let main = ("src/main.rs", "fn main() { println!(\"{}\", one::WORD) }");
    let library = ("src/lib.rs", "pub const WORD: &str = \"library\";");
    assert_eq!(prints(&[MANIFEST, main, library]), "library");
}

#[test]
fn build_script_and_the_files_that_it_reads() {
    let build = r#"
fn main() {
    let text = std::fs::read_to_string("words/größe 1.txt").unwrap();
    println!("cargo::rustc-env=WORD={}", text.trim());
}
"#;
    let files = [
        MANIFEST,
        ("build.rs", build),
        ("words/größe 1.txt", "größe\n"),
        ("src/main.rs", "fn main() { println!(env!(\"WORD\")) }"),
    ];
    assert_eq!(prints(&files), "größe");
}

#[test]
fn build_script_that_asks_git_learns_the_commit_if_dockerignore_lets_git_in() {
    let build = r#"
        fn main() {
            let git = std::process::Command::new("git").args(["rev-parse", "HEAD"]).output().unwrap();
            let commit = String::from_utf8(git.stdout).unwrap();
            println!("cargo::rustc-env=COMMIT={} of git", commit.trim());
            println!("cargo::rerun-if-changed=.git/HEAD");
        }
    "#;
    let main = r#"fn main() { println!(env!("COMMIT")) }"#;
    let project = Project::pasted(&[MANIFEST, ("build.rs", build), ("src/main.rs", main)]);
    commit(&project.path);
    assert_eq!(ran(&project).last_line(), " of git");
    project.edit(".dockerignore", "/.git\n", "");
    let head = run(&mut command(&project.path, "git", &["rev-parse", "HEAD"])).succeeds();
    assert_eq!(
        ran(&project).last_line(),
        format!("{} of git", head.stdout.trim())
    );
}

#[test]
fn build_script_that_asks_git_finds_no_change_but_the_developers() {
    let build = r#"
        fn main() {
            let describe = ["describe", "--always", "--dirty=, edited"];
            let git = std::process::Command::new("git").args(describe).output().unwrap();
            let text = String::from_utf8(git.stdout).unwrap();
            println!("cargo::rustc-env=TEXT={}", text.trim());
        }
    "#;
    let main = r#"fn main() { println!(env!("TEXT")) }"#;
    let project = Project::pasted(&[MANIFEST, ("build.rs", build), ("src/main.rs", main)]);
    project.edit(".dockerignore", "/.git\n", "");
    commit(&project.path);
    for target in ["build", "run"] {
        let edited = |project: &Project| {
            let text = match target {
                "build" => {
                    builds(project, "");
                    project.container(&[], &[]).succeeds().stdout
                }
                _ => ran(project).last_line().to_owned(),
            };
            text.contains(", edited")
        };
        assert!(!edited(&project), "{target}");
        let main = project.read("src/main.rs");
        fs::write(project.path.join("src/main.rs"), main.clone() + "\n").unwrap();
        assert!(edited(&project), "{target}");
        fs::write(project.path.join("src/main.rs"), main).unwrap();
    }
}

#[test]
fn build_script_that_asks_git_makes_run_compile_no_package_again_that_has_not_changed() {
    let manifest = with("[dependencies]\ntwo = { path = \"two\" }\n");
    let build = r#"
        fn main() {
            let mut git = std::process::Command::new("git");
            git.args(["describe", "--always", "--dirty"]);
            assert!(git.status().unwrap().success());
        }
    "#;
    let project = Project::pasted(&[
        ("Cargo.toml", &manifest),
        ("build.rs", build),
        ("src/main.rs", "fn main() { println!(\"{}\", two::WORD) }"),
        ("two/Cargo.toml", &MANIFEST.1.replace("one", "two")),
        ("two/src/lib.rs", "pub const WORD: &str = \"two\";"),
    ]);
    project.edit(".dockerignore", "/.git\n", "");
    commit(&project.path);
    ran(&project);
    project.edit("src/main.rs", "fn main()", "// Edited.\nfn main()");
    let ran = ran(&project);
    assert_eq!(ran.compiled("build-incremental"), ["one"], "{ran}");
}

#[test]
fn build_script_that_asks_for_the_time_gets_todays() {
    let build = r#"
        fn main() {
            assert!(std::env::var_os("SOURCE_DATE_EPOCH").is_none());
            let time = std::fs::metadata("src/main.rs").unwrap().modified().unwrap();
            let years = time.elapsed().unwrap().as_secs() / 31_536_000;
            println!("cargo::rustc-env=YEARS={years}");
        }
    "#;
    let main = r#"fn main() { println!(env!("YEARS")) }"#;
    let files = [MANIFEST, ("build.rs", build), ("src/main.rs", main)];
    assert_eq!(prints(&files), "0");
}

/// Links with libraries that are a part of libc in musl.
const LINKING: (&str, &str) = (
    "build.rs",
    "fn main() { for part in [\"dl\", \"m\", \"pthread\", \"rt\", \"util\"] { println!(\"cargo::rustc-link-lib={part}\") } }",
);

#[test]
fn build_script_that_links_parts_of_the_c_library() {
    assert_eq!(prints(&[MANIFEST, MAIN, LINKING]), "main");
}

#[test]
fn benches_examples_and_tests_with_entries_of_their_own() {
    let manifest = with(
        r#"
[[bench]]
name = "speed"
harness = false
[[example]]
name = "show"
path = "show.rs"
[[test]]
name = "all"
path = "checks/all.rs"
"#,
    );
    let files = [
        ("Cargo.toml", manifest.as_str()),
        MAIN,
        ("benches/speed.rs", "no Rust"),
        ("show.rs", "no Rust"),
        ("checks/all.rs", "no Rust"),
        ("tests/more.rs", "no Rust"),
    ];
    assert_eq!(prints(&files), "main");
}

#[test]
fn cargo_configuration_with_flags_and_another_target() {
    let config = r#"
[build]
target = "x86_64-unknown-linux-gnu"
target-dir = "elsewhere"
rustflags = ["--cfg", "word"]
[target.x86_64-unknown-linux-gnu]
linker = "clang"
[env]
WORD = "configured"
"#;
    let files = [
        MANIFEST,
        (".cargo/config.toml", config),
        ("build.rs", "fn main() {}"),
        (
            "src/main.rs",
            r#"
#[cfg(all(word, target_env = "musl"))]
fn main() { println!(env!("WORD")) }
"#,
        ),
    ];
    assert_eq!(prints(&files), "configured");
}

#[test]
fn files_that_sources_include() {
    let main = r#"
mod sql;
fn main() {
    let proto = include_bytes!("../proto/one.proto");
    println!("{} {} {}", sql::FIRST, include_str!("../templates/page.html"), proto.len());
}
"#;
    let files = [
        MANIFEST,
        ("src/main.rs", main),
        (
            "src/sql.rs",
            "pub const FIRST: &str = include_str!(\"../migrations/1_first.sql\");",
        ),
        ("migrations/1_first.sql", "select 1"),
        ("templates/page.html", "<p>"),
        ("proto/one.proto", "syntax"),
        (".gitignore", "/templates\n/migrations\n/proto\n"),
    ];
    assert_eq!(prints(&files), "select 1 <p> 6");
}

#[test]
fn all_editions() {
    for edition in ["2015", "2018", "2021", "2024"] {
        let manifest = MANIFEST.1.replace("2024", edition);
        let main = printing(edition);
        let files = [("Cargo.toml", manifest.as_str()), ("src/main.rs", &main)];
        assert_eq!(prints(&files), edition);
    }
}

#[test]
fn links_and_names_with_spaces_and_letters_of_all_kinds() {
    let manifest = with(
        r#"
[dependencies]
two = { path = "linked" }
[workspace]
members = ["linked"]
[[bin]]
name = "one"
path = "src/mein programm ä.rs"
"#,
    );
    let files = [
        ("Cargo.toml", manifest.as_str()),
        (
            "src/mein programm ä.rs",
            r#"
#[path = "ein modul ö.rs"]
mod module;
fn main() { println!("{} {}", module::WORD, two::WORD) }
"#,
        ),
        (
            "src/ein modul ö.rs",
            "pub const WORD: &str = include_str!(\"link\");",
        ),
        ("the word", "linked"),
        ("parts/real/Cargo.toml", &MANIFEST.1.replace("one", "two")),
        ("parts/real/src/lib.rs", "pub const WORD: &str = \"two\";"),
    ];
    let project = Project::pasted(&files);
    symlink("../the word", project.path.join("src/link")).unwrap();
    symlink("parts/real", project.path.join("linked")).unwrap();
    project.cargo(&["generate-lockfile"]).succeeds();
    assert_eq!(ran(&project).last_line(), "linked two");
}

#[test]
fn features_and_profile_that_a_person_chooses() {
    let manifest = with(
        r#"
[features]
loud = []
long = []
[profile.small]
inherits = "release"
opt-level = "s"
"#,
    );
    let main = "fn main() { println!(\"{} {} {}\", cfg!(feature = \"loud\"), cfg!(feature = \"long\"), cfg!(debug_assertions)) }";
    let project = Project::pasted(&[("Cargo.toml", &manifest), ("src/main.rs", main)]);
    for (options, expected) in [
        (&[][..], "false false false"),
        (&["CARGO_FLAGS=--features loud"], "true false false"),
        (
            &["CARGO_FLAGS=--features loud,long", "PROFILE=small"],
            "true true false",
        ),
        (&["CARGO_FLAGS=--features 'loud long'"], "true true false"),
        (&["PROFILE=dev"], "false false true"),
    ] {
        let ran = project.make(&[&["run"], options].concat(), "").succeeds();
        assert_eq!(ran.last_line(), expected, "{options:?}");
    }
}

#[test]
fn lints_that_no_stub_would_pass() {
    let manifest = with(
        r#"
[lints.rust]
missing_docs = "deny"
unused = { level = "deny", priority = -1 }
unused_crate_dependencies = "deny"
[lints.clippy]
all = "deny"
[dependencies]
itoa = "1"
"#,
    );
    let main = r#"
//! Documented.
fn main() { println!("{}", itoa::Buffer::new().format(7)) }
"#;
    assert_eq!(
        prints(&[("Cargo.toml", &manifest), ("src/main.rs", main)]),
        "7"
    );
}

#[test]
fn vendored_crates_without_a_network() {
    let manifest = with("[dependencies]\nitoa = \"=1.0.14\"\n");
    let main = "fn main() { println!(\"{}\", itoa::Buffer::new().format(7)) }";
    let project = Project::pasted(&[("Cargo.toml", &manifest), ("src/main.rs", main)]);
    project
        .make(&["build"], OFFLINE)
        .fails_with("Could not connect to server");
    let vendor = project.cargo(&["vendor"]).succeeds();
    project.configure(&vendor.stdout);
    let ran = project.make(&["run"], OFFLINE).succeeds();
    assert_eq!(ran.last_line(), "7");
}

#[test]
fn missing_lock_file_is_named() {
    let project = Project::pasted(&[MANIFEST, MAIN]);
    fs::remove_file(project.path.join("Cargo.lock")).unwrap();
    project
        .make(&["build"], "")
        .fails_with("type cargo generate-lockfile");
}

#[test]
fn lock_file_that_does_not_fit_the_manifest_ends_the_build_and_stays_as_it_is() {
    let project = Project::pasted(&[MANIFEST, MAIN]);
    let lock = project.read("Cargo.lock");
    let manifest = with(
        r#"
[dependencies]
itoa = "1"
"#,
    );
    fs::write(project.path.join("Cargo.toml"), manifest).unwrap();
    project
        .make(&["build"], "")
        .fails_with("because --locked was passed");
    assert_eq!(project.read("Cargo.lock"), lock);
}
