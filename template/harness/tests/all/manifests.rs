//! Manifests and lock files in every spelling that Cargo reads.

use workshop::package::{library, one, package, seven};

const INLINE: &str = r#"
package = { name = "one", version = "0.1.0", edition = "2024" }
dependencies = { itoa = "1", quoted = { path = "quoted", version = "0.2.0" } }
workspace = { members = ["quoted"] }
"#;

const QUOTED: &str = "
[package]
name = 'quoted'
version = '0.2.0'
edition = '2024'

[dependencies]
dotted = { path = '../dotted' }
itoa = '1'
";

const DOTTED: &str = r#"
package.name = "dotted"
package . version = "0.1.0"
"package".'edition' = "2024"
dependencies.indented.path = "../indented"
dependencies.itoa.version = "1"
"#;

const INDENTED: &str = r#"
  [ package ] # the only one
	name    =   "indented"
    version =   "0.1.0"   # "0.2.0"
    edition =   "2024"

  [ dependencies ]
    itoa    =   "1"
"#;

#[test]
fn manifests_with_inline_tables_single_quotes_dotted_keys_and_indented_ones() {
    let spelled = |name, manifest, used| {
        let text = format!("pub use {used}::Buffer;");
        package(name).file("Cargo.toml", manifest).file("src/lib.rs", &text)
    };
    let one = package("one").file("Cargo.toml", INLINE).prints("quoted::Buffer::new().format(7)");
    let project = one
        .beside(spelled("quoted", QUOTED, "dotted"))
        .beside(spelled("dotted", DOTTED, "indented"))
        .beside(spelled("indented", INDENTED, "itoa"))
        .paste();
    // Not itoa, which the dependency stage has compiled.
    project.run("").prints("7").compiles(["indented", "dotted", "quoted", "one"]);
}

#[test]
fn files_from_windows_with_carriage_returns_and_a_byte_order_mark() {
    let project = seven().paste();
    for (file, mark) in
        [("Cargo.toml", "\u{feff}"), ("Cargo.lock", ""), ("src/main.rs", "\u{feff}")]
    {
        let text = project.read(file).replace('\n', "\r\n");
        project.write(file, format!("{mark}{text}"));
    }
    project.run("").prints("7").compiles(["one"]);
}

#[test]
fn features_and_dependencies_with_the_names_of_tables() {
    let tables = r#"
[features]
default = ["lints", "package", "version", "patch"]
lints = []
package = []
version = []
patch = []
[workspace]
"#;
    let main = r#"
#[cfg(all(feature = "lints", feature = "package", feature = "version", feature = "patch"))]
fn main() { println!("{}", workspace::WORD) }
"#;
    let one = one().manifest(tables).with(library("workspace")).file("src/main.rs", main);
    one.paste().run("").prints("workspace");
}

const LINTS: &str = r#"
[lints.rust]
missing_docs = "forbid"
unsafe_code = "forbid"
unused = { level = "forbid", priority = -1 }
unused_crate_dependencies = "deny"
warnings = "forbid"

[lints.clippy]
all = "forbid"
"#;

/// The sources pass these lints. A stub compiles only because it allows what they do not.
#[test]
fn lints_that_deny_or_forbid() {
    let main = "//! Prints a number.\n\
        fn main() { println!(\"{}\", itoa::Buffer::new().format(7)) }\n";
    for level in ["deny", "forbid"] {
        let one = seven().manifest(&LINTS.replace("forbid", level)).file("src/main.rs", main);
        let project = one.file("build.rs", "//! Does nothing.\nfn main() {}\n").paste();
        project.run("").prints("7").compiles(["one"]);
    }
}
