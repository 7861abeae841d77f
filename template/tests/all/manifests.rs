//! Manifests and lock files in every spelling that Cargo reads.

use std::fs;

use workshop::Project;
use workshop::small::SEVEN;

/// Panics unless the program runs, and only the dependency stage compiles its dependency.
fn runs(project: &Project) {
    let ran = project.make(&["run"], "").succeeds();
    assert_eq!(ran.last_line(), "7");
    assert_eq!(ran.compiled("build"), ["one"], "{ran}");
}

#[test]
fn manifest_with_single_quotes() {
    let manifest = "
[package]
name = 'one'
version = '0.1.0'
edition = '2024'

[dependencies]
itoa = '1'
";
    runs(&Project::pasted(&[("Cargo.toml", manifest), SEVEN]));
}

#[test]
fn manifest_with_dotted_keys() {
    let manifest = r#"
package.name = "one"
package . version = "0.1.0"
"package".'edition' = "2024"
dependencies.itoa.version = "1"
"#;
    runs(&Project::pasted(&[("Cargo.toml", manifest), SEVEN]));
}

#[test]
fn manifest_with_inline_tables() {
    let manifest = r#"
package = { name = "one", version = "0.1.0", edition = "2024" }
dependencies = { itoa = "1", part = { path = "part", version = "0.2.0" } }
workspace = { members = ["part"] }
"#;
    let part = r#"package = { name = "part", version = "0.2.0", edition = "2024" }"#;
    let main = "fn main() { println!(\"{}\", itoa::Buffer::new().format(part::NUMBER)) }";
    let project = Project::pasted(&[
        ("Cargo.toml", manifest),
        ("src/main.rs", main),
        ("part/Cargo.toml", part),
        ("part/src/lib.rs", "pub const NUMBER: u8 = 7;"),
    ]);
    let ran = project.make(&["run"], "").succeeds();
    assert_eq!(ran.last_line(), "7");
    assert_eq!(ran.compiled("build"), ["part", "one"], "{ran}");
}

#[test]
fn manifest_with_indented_keys_and_comments() {
    let manifest = r#"
  [ package ] # the only one
	name    =   "one"
    version =   "0.1.0"   # "0.2.0"
    edition =   "2024"

  [ dependencies ]
    itoa    =   "1"
"#;
    runs(&Project::pasted(&[("Cargo.toml", manifest), SEVEN]));
}

#[test]
fn files_from_windows_with_carriage_returns_and_a_byte_order_mark() {
    let manifest = r#"[package]
name = "one"
version = "0.1.0"
edition = "2024"

[dependencies]
itoa = "1"
"#;
    let project = Project::pasted(&[("Cargo.toml", manifest), SEVEN]);
    for (file, mark) in [
        ("Cargo.toml", "\u{feff}"),
        ("Cargo.lock", ""),
        ("src/main.rs", "\u{feff}"),
    ] {
        let text = mark.to_owned() + &project.read(file).replace('\n', "\r\n");
        fs::write(project.path.join(file), text).unwrap();
    }
    runs(&project);
}

#[test]
fn features_and_dependencies_with_the_names_of_tables() {
    let manifest = r#"
[package]
name = "one"
version = "0.1.0"
edition = "2024"

[features]
default = ["lints", "package", "version", "patch"]
lints = []
package = []
version = []
patch = []

[dependencies]
itoa = "1"
workspace = { path = "workspace" }

[workspace]
"#;
    let part = r#"
[package]
name = "workspace"
version = "0.1.0"
edition = "2024"
"#;
    let main = r#"
#[cfg(all(feature = "lints", feature = "package", feature = "version", feature = "patch"))]
fn main() {
    println!("{}", itoa::Buffer::new().format(workspace::NUMBER));
}
"#;
    let project = Project::pasted(&[
        ("Cargo.toml", manifest),
        ("src/main.rs", main),
        ("workspace/Cargo.toml", part),
        ("workspace/src/lib.rs", "pub const NUMBER: u8 = 7;"),
    ]);
    let ran = project.make(&["run"], "").succeeds();
    assert_eq!(ran.last_line(), "7");
}

/// The sources pass these lints. A stub compiles only because it allows what they forbid.
#[test]
fn lints_that_forbid() {
    let manifest = r#"
[package]
name = "one"
version = "0.1.0"
edition = "2024"

[dependencies]
itoa = "1"

[lints.rust]
missing_docs = "forbid"
unsafe_code = "forbid"
unused = { level = "forbid", priority = -1 }
unused_crate_dependencies = "deny"
warnings = "forbid"

[lints.clippy]
all = "forbid"
"#;
    let main = r#"//! Prints a number.

fn main() {
    println!("{}", itoa::Buffer::new().format(7));
}
"#;
    let script = "//! Does nothing.\nfn main() {}\n";
    runs(&Project::pasted(&[
        ("Cargo.toml", manifest),
        ("src/main.rs", main),
        ("build.rs", script),
    ]));
}
