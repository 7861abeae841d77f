//! The build tells Cargo's messages from anything else that a compiler prints.

use workshop::small::with;
use workshop::vendor;

/// A macro that prints text, and lines that are JSON or look like it.
const PRINTING: &str = r##"
use proc_macro::TokenStream;

#[proc_macro]
pub fn word(_: TokenStream) -> TokenStream {
    println!("expanding a word");
    println!("7");
    println!("null");
    println!("\"text\"");
    println!(r#"["executable", "filenames"]"#);
    println!(r#"{{"reason": "expanding", "message": {{"rendered": null}}}}"#);
    println!("{{");
    println!();
    print!("the end, without a line's");
    "\"printed\"".parse().unwrap()
}
"##;

#[test]
fn macros_may_print_when_dependencies_and_the_program_expand_them() {
    let project = vendor::project(&[
        (
            "Cargo.toml",
            &with(
                r#"
[dependencies]
speech = "1"
words = "1"
"#,
            ),
        ),
        (
            "src/main.rs",
            r#"fn main() { println!("{} {}", speech::WORD, words::word!()) }"#,
        ),
        (
            "vendor/speech/Cargo.toml",
            r#"
[package]
name = "speech"
version = "1.0.0+FILES"
edition = "2024"

[dependencies]
words = "1"
"#,
        ),
        (
            "vendor/speech/src/lib.rs",
            "pub const WORD: &str = words::word!();",
        ),
        (
            "vendor/words/Cargo.toml",
            r#"
[package]
name = "words"
version = "1.0.0+FILES"
edition = "2024"

[lib]
proc-macro = true
"#,
        ),
        ("vendor/words/src/lib.rs", PRINTING),
    ]);
    // Nothing may be compiled already, because Cargo does not repeat what a macro printed then.
    let vendored = project.read(".cargo/config.toml");
    project.never_compiled();
    let config = project.read(".cargo/config.toml") + &vendored;
    project.configure(&config);
    let ran = project.make(&["run"], "").succeeds();
    assert!(ran.compiled("dependencies").contains(&"speech"), "{ran}");
    assert_eq!(ran.compiled("build"), ["one"], "{ran}");
    assert_eq!(ran.last_line(), "printed printed");
}
