//! Projects of several packages: workspaces, packages beside them, and crates that they replace.

use std::fs;

use workshop::Project;
use workshop::small::{MAIN, MANIFEST, printing, prints, ran, with};

#[test]
fn workspace_with_a_root_package() {
    let manifest = with(
        r#"
[dependencies]
two = { path = "two" }
[workspace]
members = ["two", "tool"]
"#,
    );
    let main = "fn main() { println!(\"{}\", two::WORD) }";
    let files = [
        ("Cargo.toml", manifest.as_str()),
        ("src/main.rs", main),
        ("two/Cargo.toml", &MANIFEST.1.replace("one", "two")),
        ("two/src/lib.rs", "pub const WORD: &str = \"two\";"),
        ("tool/Cargo.toml", &MANIFEST.1.replace("one", "tool")),
        ("tool/src/main.rs", "fn main() {}"),
    ];
    assert_eq!(prints(&files), "two");
}

/// A workspace without a root package, of the library `word` and `programs` that print it.
fn virtual_workspace(rest: &str, programs: &[&str]) -> Project {
    let manifest = format!(
        r#"
[workspace]
resolver = "3"
members = ["crates/*"]
{rest}
[workspace.package]
version = "0.3.0"
"#
    );
    let project = Project::pasted(&[("Cargo.toml", &manifest)]);
    let library = r#"
version.workspace = true
edition = "2024"
"#;
    for name in ["word"].iter().chain(programs) {
        let folder = project.path.join("crates").join(name);
        fs::create_dir_all(folder.join("src")).unwrap();
        let depends = if *name == "word" {
            ""
        } else {
            r#"
[dependencies]
word = { path = "../word" }
"#
        };
        let manifest = format!(
            r#"
[package]
name = "{name}"
{library}{depends}
"#
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        let (file, text) = if *name == "word" {
            ("lib.rs", "pub const WORD: &str = \"word\";".to_owned())
        } else {
            let main = format!(
                "fn main() {{ println!(\"{name} {{}} {{}}\", word::WORD, env!(\"CARGO_PKG_VERSION\")) }}"
            );
            ("main.rs", main)
        };
        fs::write(folder.join("src").join(file), text).unwrap();
    }
    project.cargo(&["generate-lockfile"]).succeeds();
    project
}

#[test]
fn workspace_without_a_root_package() {
    let project = virtual_workspace("", &["server"]);
    assert_eq!(ran(&project).last_line(), "server word 0.3.0");
    project.make(&["check"], "").succeeds();
    let several = virtual_workspace("", &["client", "server"]);
    several.make(&["run"], "").fails_with(
        r#"error: BIN="" has to name one of these programs: ["client/client","server/server"]"#,
    );
    let ran = several.make(&["run", "BIN=client"], "").succeeds();
    assert_eq!(ran.last_line(), "client word 0.3.0");
    let default = "default-members = [\"crates/server\"]";
    let project = virtual_workspace(default, &["client", "server"]);
    assert_eq!(self::ran(&project).last_line(), "server word 0.3.0");
}

#[test]
fn a_tool_beside_the_program_is_not_taken_for_it() {
    let one =
        MANIFEST.1.replace("one", "one-cli") + "[[bin]]\nname = \"one\"\npath = \"main.rs\"\n";
    let project = Project::pasted(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"one-cli\", \"xtask\"]\nresolver = \"3\"\n",
        ),
        ("one-cli/Cargo.toml", &one),
        ("one-cli/main.rs", MAIN.1),
        ("xtask/Cargo.toml", &MANIFEST.1.replace("one", "xtask")),
        ("xtask/src/main.rs", "fn main() {}"),
    ]);
    let reason =
        r#"error: BIN="" has to name one of these programs: ["one-cli/one","xtask/xtask"]"#;
    project.make(&["run"], "").fails_with(reason);
    let ran = project.make(&["run", "BIN=one"], "").succeeds();
    assert_eq!(ran.last_line(), "main");
}

#[test]
fn of_two_programs_with_one_name_the_package_tells_which() {
    let lambda = |name| {
        MANIFEST.1.replace("one", name) + "[[bin]]\nname = \"bootstrap\"\npath = \"main.rs\"\n"
    };
    let (orders, bills) = (lambda("orders"), lambda("bills"));
    let (first, second) = (printing("orders"), printing("bills"));
    let project = Project::pasted(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"orders\", \"bills\"]\nresolver = \"3\"\n",
        ),
        ("orders/Cargo.toml", &orders),
        ("orders/main.rs", &first),
        ("bills/Cargo.toml", &bills),
        ("bills/main.rs", &second),
    ]);
    let reason = r#"has to name one of these programs: ["orders/bootstrap","bills/bootstrap"]"#;
    project
        .make(&["run", "BIN=bootstrap"], "")
        .fails_with(reason);
    for name in ["orders", "bills"] {
        let ran = project
            .make(&["run", &format!("BIN={name}/bootstrap")], "")
            .succeeds();
        assert_eq!(ran.last_line(), name);
    }
}

#[test]
fn several_programs_of_which_the_first_is_started_and_each_by_its_name() {
    let named = r#"fn main() { println!("{}", std::env::args().next().unwrap()) }"#;
    let manifest = |name: &str| MANIFEST.1.replace("one", name);
    let project = Project::pasted(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"server\", \"admin\"]\ndefault-members = [\"server\"]\n\
             resolver = \"3\"\n",
        ),
        ("server/Cargo.toml", &manifest("server")),
        ("server/src/main.rs", named),
        ("server/src/bin/migrate.rs", named),
        ("admin/Cargo.toml", &manifest("admin")),
        ("admin/src/main.rs", named),
    ]);
    for base in ["BASE=alpine", "BASE=scratch"] {
        let build = ["build", base, "BIN=server admin migrate"];
        project.make(&build, "").succeeds();
        for name in ["server", "admin", "migrate"] {
            let entry = format!("--entrypoint={name}");
            let printed = project.container(&[&entry], &[]).succeeds();
            assert_eq!(printed.last_line().rsplit('/').next(), Some(name), "{base}");
        }
    }
    let ran = project
        .make(&["run", "BASE=scratch", "BIN=admin migrate"], "")
        .succeeds();
    assert_eq!(ran.last_line(), "/usr/local/bin/app");
    project
        .make(&["build", "BIN=server clerk"], "")
        .fails_with(r#"error: BIN="clerk" has to name one of these programs"#);
}

/// As `cargo build` does in the folder of the workspace.
#[test]
fn features_that_other_members_turn_on_are_on() {
    let manifest = |name: &str| MANIFEST.1.replace("one", name);
    let on = "[dependencies]\nshared = { path = \"../shared\", features = [\"color\"] }\n";
    let off = "[dependencies]\nshared = { path = \"../shared\" }\n";
    let project = Project::pasted(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"*\"]\nexclude = [\"target\"]\nresolver = \"3\"\n",
        ),
        ("main/Cargo.toml", &(manifest("main") + off)),
        (
            "main/src/main.rs",
            r#"fn main() { println!("{}", shared::COLOR) }"#,
        ),
        ("other/Cargo.toml", &(manifest("other") + on)),
        ("other/src/lib.rs", ""),
        (
            "shared/Cargo.toml",
            &(manifest("shared") + "[features]\ncolor = []\n"),
        ),
        (
            "shared/src/lib.rs",
            r#"#[cfg(feature = "color")] pub const COLOR: &str = "green";"#,
        ),
    ]);
    assert_eq!(ran(&project).last_line(), "green");
}

#[test]
fn packages_beside_the_workspace() {
    let manifest = with(
        r#"
[dependencies]
two = { path = "parts/two" }
[workspace]
exclude = ["parts", "unused"]
"#,
    );
    let two = MANIFEST.1.replace("one", "two")
        + r#"
[dependencies]
three = { path = "../three" }
"#;
    let files = [
        ("Cargo.toml", manifest.as_str()),
        ("src/main.rs", "fn main() { println!(\"{}\", two::WORD) }"),
        ("parts/two/Cargo.toml", &two),
        ("parts/two/src/lib.rs", "pub use three::WORD;"),
        (
            "parts/three/Cargo.toml",
            &MANIFEST.1.replace("one", "three"),
        ),
        (
            "parts/three/src/lib.rs",
            "pub const WORD: &str = \"three\";",
        ),
        ("unused/Cargo.toml", "no manifest at all"),
    ];
    assert_eq!(prints(&files), "three");
}

#[test]
fn macro_of_the_project_itself() {
    let manifest = with(
        r#"
[dependencies]
words = { path = "words" }
[workspace]
"#,
    );
    let words = MANIFEST.1.replace("one", "words") + "[lib]\nproc-macro = true\n";
    let files = [
        ("Cargo.toml", manifest.as_str()),
        ("src/main.rs", "fn main() { println!(words::word!()) }"),
        ("words/Cargo.toml", &words),
        (
            "words/src/lib.rs",
            r#"
#[proc_macro]
pub fn word(_: proc_macro::TokenStream) -> proc_macro::TokenStream { "\"macro\"".parse().unwrap() }
"#,
        ),
    ];
    assert_eq!(prints(&files), "macro");
}

#[test]
fn crate_replaced_by_one_of_the_project() {
    let manifest = with(
        r#"
[dependencies]
unreachable = "1"
void = "1"
[workspace]
[patch.crates-io]
void = { path = "void" }
"#,
    );
    let void = MANIFEST.1.replace("one", "void").replace("0.1.0", "1.0.2");
    let library = r#"
#![no_std]
#[derive(Clone, Copy)]
pub enum Void {}
pub fn unreachable(void: Void) -> ! { match void {} }
pub const WORD: &str = "replaced";
"#;
    let main = r#"
use unreachable as _;
fn main() { println!("{}", void::WORD) }
"#;
    let files = [
        ("Cargo.toml", manifest.as_str()),
        ("src/main.rs", main),
        ("void/Cargo.toml", &void),
        ("void/src/lib.rs", library),
    ];
    let project = Project::pasted(&files);
    let ran = || project.make_with_any_layer(&["run"], "").succeeds();
    assert_eq!(ran().last_line(), "replaced");
    // No cache may bring back the crate as it was before this edit.
    project.edit("void/src/lib.rs", "replaced", "replaced anew");
    assert_eq!(ran().last_line(), "replaced anew");
}

#[test]
fn three_hundred_members() {
    let members: Vec<_> = (0..300).map(|n| format!("m{n}")).collect();
    let depends: String = members
        .iter()
        .map(|name| format!("{name} = {{ path = \"members/{name}\" }}\n"))
        .collect();
    let manifest = with(&format!(
        r#"
[dependencies]
{depends}[workspace]
members = ["members/*"]
"#
    ));
    let sum: String = members
        .iter()
        .map(|name| format!(" + {name}::ONE"))
        .collect();
    let main = format!("fn main() {{ println!(\"{{}}\", 0{sum}) }}");
    let mut files = vec![
        ("Cargo.toml".to_owned(), manifest),
        ("src/main.rs".to_owned(), main),
    ];
    for name in &members {
        files.push((
            format!("members/{name}/Cargo.toml"),
            MANIFEST.1.replace("one", name),
        ));
        files.push((
            format!("members/{name}/src/lib.rs"),
            "pub const ONE: u32 = 1;".to_owned(),
        ));
    }
    let files: Vec<_> = files
        .iter()
        .map(|(file, text)| (file.as_str(), text.as_str()))
        .collect();
    assert_eq!(prints(&files), "300");
}
