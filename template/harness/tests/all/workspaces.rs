//! Projects of several packages: workspaces, and packages beside them.

use workshop::package::{library, one, package, program, workspace};

#[test]
fn workspace_with_a_root_package() {
    let library_of_macro = r#"
#[proc_macro]
pub fn word(_: proc_macro::TokenStream) -> proc_macro::TokenStream { "\"macro\"".parse().unwrap() }
"#;
    let words = package("words").manifest("[lib]\nproc-macro = true");
    one()
        .manifest("[workspace]\nmembers = [\"tool\"]")
        .with(library("two"))
        .with(words.file("src/lib.rs", library_of_macro))
        .beside(program("tool"))
        .prints(r#"[two::WORD, words::word!()].join(" ")"#)
        .paste()
        .run("")
        .prints("two macro");
}

#[test]
fn workspace_without_a_root_package() {
    let tables = r#"
[workspace]
resolver = "3"
members = ["crates/*"]
[workspace.package]
version = "0.3.0"
"#;
    let manifest = r#"
[package]
name = "server"
version.workspace = true
edition = "2024"
[dependencies]
word = { path = "../word" }
"#;
    let server = package("server").file("Cargo.toml", manifest);
    let server = server.prints(r#"[word::WORD, env!("CARGO_PKG_VERSION")].join(" ")"#);
    let members = package("").at("crates/server", server).at("crates/word", library("word"));
    let project = members.manifest(tables).paste();
    project.run("").prints("word 0.3.0");
    project.make("check").succeeds();
}

/// As `cargo build` does in the folder of the workspace.
#[test]
fn features_that_other_members_turn_on_are_on() {
    let on = "[dependencies]\nshared = { path = \"../shared\", features = [\"color\"] }";
    let color = r#"#[cfg(feature = "color")] pub const COLOR: &str = "green";"#;
    let shared = package("shared").manifest("[features]\ncolor = []").file("src/lib.rs", color);
    let main = package("main").uses_path("shared", "../shared").prints("shared::COLOR");
    let members = [main, library("other").manifest(on), shared];
    workspace(members).paste().run("").prints("green");
}

#[test]
fn packages_beside_the_workspace() {
    let two = package("two").uses_path("three", "../three");
    one()
        .manifest("[workspace]\nexclude = [\"parts\", \"unused\"]")
        .uses_path("two", "parts/two")
        .at("parts/two", two.file("src/lib.rs", "pub use three::WORD;"))
        .at("parts/three", library("three"))
        .file("unused/Cargo.toml", "no manifest at all")
        .prints("two::WORD")
        .paste()
        .run("")
        .prints("three");
}

#[test]
fn three_hundred_members() {
    let mut project = one().manifest("[workspace]");
    let mut words = String::new();
    for number in 0..300 {
        project = project.with(library(&format!("m{number}")));
        words += &format!("m{number}::WORD, ");
    }
    project.prints(&format!("[{words}].len()")).paste().run("").prints("300");
}
