//! Build arguments, given through make.

use workshop::package::{Package, one};

const MANIFEST: &str = r#"
[features]
default = ["native"]
native = []
pure = []
tls = []
[profile.small]
inherits = "release"
debug-assertions = true
[profile.release]
debug = 1
strip = "none"
"#;

fn program() -> Package {
    one().uses("itoa", "1").manifest(MANIFEST)
}

#[test]
fn options_of_cargo_choose_features_may_have_quotes_and_are_no_patterns() {
    let features = r#"cfg!(feature = "native"), cfg!(feature = "pure"), cfg!(feature = "tls")"#;
    let words = r#"option_env!("MOTTO"), option_env!("STARS")"#;
    let main = format!("println!(\"{{:?}} {{:?}}\", [{features}], ({words}))");
    let project = program().main(&main).paste();
    // A shell would remove TOML's quotes, and expand the star to file names.
    let quotes = r#"--all-features --config 'env.MOTTO = "two words"' --config "env.STARS='*'""#;
    for (flags, expected) in [
        ("", "[true, false, false] (None, None)"),
        ("--no-default-features", "[false, false, false] (None, None)"),
        ("--features tls", "[true, false, true] (None, None)"),
        (r#"--no-default-features --features "pure tls""#, "[false, true, true] (None, None)"),
        (quotes, r#"[true, true, true] (Some("two words"), Some("*"))"#),
    ] {
        let mut run = project.make_command("run");
        project.turn(run.arg(format!("CARGO_FLAGS={flags}"))).compiled_once().prints(expected);
    }
}

#[test]
fn profiles_of_cargo_and_of_ones_own() {
    let project = program().prints("cfg!(debug_assertions)").paste();
    // A unique text, so that `make build` finds no layer of an earlier build.
    project.edit("src/main.rs", "fn main", &format!("// {}\nfn main", project.image));
    for (profile, expected) in [("release", "false"), ("small", "true"), ("dev", "true")] {
        for _ in 0..2 {
            project.run(&format!("PROFILE={profile}")).prints(expected);
        }
        project.build(&format!("PROFILE={profile}")).succeeds().compiles(["one"]);
    }
}

/// By default the program is stripped, although the project's profile keeps symbols.
#[test]
fn backtraces_have_names_and_lines_when_stripping_is_turned_off() {
    let main = r#"fn main() { deep_inside() }
#[inline(never)]
fn deep_inside() {
    println!("{}", std::backtrace::Backtrace::force_capture());
}
"#;
    let project = program().file("src/main.rs", main).paste();
    project.run("").succeeds().lacks("one::deep_inside");
    let kept = project.run("'CARGO_FLAGS=--config profile.release.strip=false'");
    kept.tells("one::deep_inside").tells("src/main.rs:4").compiles(["one"]);
}

#[test]
fn packages_of_debian_for_build_scripts_which_run_asks_again_when_there_are_others() {
    let script = r#"
        use std::process::Command;
        println!("cargo::rerun-if-changed=build.rs");
        let bc = Command::new("sh").args(["-c", "echo 3 + 4 | bc"]).output().unwrap();
        let sum = String::from_utf8(bc.stdout).unwrap();
        let xxd = Command::new("xxd").arg("-v").status().unwrap().success();
        println!("cargo::rustc-env=FOUND={xxd} {sum}");
    "#;
    let project = program().build_script(script).prints(r#"env!("FOUND").trim()"#).paste();
    project.run("").fails("NotFound");
    // From now on, the script only says whether they are there.
    project.edit("build.rs", "status().unwrap().success()", "status().is_ok()");
    project.run("").prints("false");
    project.run("'APT_PACKAGES=bc xxd'").prints("true 7");
}

#[test]
fn options_that_cargo_does_not_know_are_named() {
    let project = program().paste();
    for (argument, reason) in [
        ("'CARGO_FLAGS=--no-such-option'", "error: unexpected argument '--no-such-option' found"),
        ("'CARGO_FLAGS=--features nothing'", "does not contain this feature: nothing"),
        ("'CARGO_FLAGS=--features \"tls'", "unmatched double quote"),
        ("PROFILE=fast", "error: profile `fast` is not defined"),
    ] {
        project.build(argument).fails(reason);
    }
}
