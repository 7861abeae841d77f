//! Small projects for tests, and what their programs print.

use crate::{Outcome, Project};

/// The path and the text of a manifest.
pub const MANIFEST: (&str, &str) = (
    "Cargo.toml",
    r#"
[package]
name = "one"
version = "0.1.0"
edition = "2024"
"#,
);
/// The path and the text of a program that prints `main`.
pub const MAIN: (&str, &str) = ("src/main.rs", r#"fn main() { println!("main") }"#);

/// As `MANIFEST`, with a dependency.
pub const DEPENDING: (&str, &str) = (
    "Cargo.toml",
    r#"
[package]
name = "one"
version = "0.1.0"
edition = "2024"

[dependencies]
itoa = "1"
"#,
);
/// The path and the text of a program that prints 7 with the help of the dependency.
pub const SEVEN: (&str, &str) = (
    "src/main.rs",
    r#"fn main() { println!("{}", itoa::Buffer::new().format(7)) }"#,
);

/// Flags that cut a build off the network. The layer with Debian's packages must be cached already.
pub const OFFLINE: &str =
    "--build-arg http_proxy=http://127.0.0.1:9 --build-arg https_proxy=http://127.0.0.1:9";

/// `MANIFEST`, and then `rest`.
pub fn with(rest: &str) -> String {
    format!("{}{rest}", MANIFEST.1)
}

/// A program that prints `text`.
pub fn printing(text: &str) -> String {
    format!("fn main() {{ println!(\"{text}\") }}")
}

/// Runs `make run` in the project. Panics if it fails.
pub fn ran(project: &Project) -> Outcome {
    project.make(&["run"], "").succeeds()
}

/// Makes a project of `files`, runs `make run` in it, and returns the last line that it prints.
pub fn prints(files: &[(&str, &str)]) -> String {
    ran(&Project::pasted(files)).last_line().to_owned()
}
