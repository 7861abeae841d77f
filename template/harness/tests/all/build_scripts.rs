//! Build scripts find the files that their dependencies' build scripts made, and may run Cargo.

use workshop::package::{Package, one, package, program};

/// A crate whose build script makes files, and which tells other build scripts where they are.
fn tool() -> Package {
    let script = r#"
let out = std::path::PathBuf::from(std::env::var("OUT_DIR").unwrap());
std::fs::create_dir_all(out.join("empty/of course")).unwrap();
std::fs::write(out.join("word.txt"), "made by the tool").unwrap();
std::os::unix::fs::symlink("word.txt", out.join("link.txt")).ok();
let real = out.canonicalize().unwrap();
println!("cargo::rerun-if-changed=build.rs");
println!("cargo::rustc-env=REAL={}", real.display());
println!("cargo::metadata=real={}", real.display());
"#;
    let library = r#"
pub const FOLDER: &str = env!("OUT_DIR");
pub const REAL: &str = env!("REAL");
"#;
    let tool = package("tool").version("1.0.0").keys("links = \"tool\"");
    tool.build_script(script).file("src/lib.rs", library)
}

#[test]
fn the_folder_that_a_dependency_made_is_there_under_its_canonical_path_too() {
    let script = r#"
let read = |folder: &str, file: &str| std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
let link = read(tool::FOLDER, "link.txt");
let target = read(&std::env::var("DEP_TOOL_REAL").unwrap(), "word.txt");
let host = read(tool::REAL, "word.txt");
let entries = std::fs::read_dir(format!("{}/empty/of course", tool::FOLDER)).unwrap().count();
println!("cargo::rustc-env=WORD={link}, {target}, {host}, {entries} entries");
"#;
    let one = one().uses("tool", "1").manifest("[build-dependencies]\ntool = \"1\"");
    let one = one.build_script(script).prints("env!(\"WORD\")").vendors(tool());
    // The crate may be compiled again, because its files have just been written.
    let ran = one.paste().make_with_any_layer("run");
    ran.prints("made by the tool, made by the tool, made by the tool, 0 entries");
}

#[test]
fn a_build_script_may_run_cargo() {
    let script = r#"
// With a timeout, because two Cargos that wait for each other would never end.
let script = "
    timeout 100 $CARGO metadata --format-version=1 --locked --offline | grep itoa >&2
    timeout 100 $CARGO build --release --manifest-path=helper/Cargo.toml
    helper/target/release/helper
";
let output = std::process::Command::new("sh").args(["-e", "-c", script]).output().unwrap();
assert!(output.status.success(), "{output:?}");
println!("cargo::rustc-env=WORD={}", String::from_utf8(output.stdout).unwrap());
"#;
    let one = one().uses("itoa", "1").manifest("[workspace]\nexclude = [\"helper\"]");
    let helper = program("helper").prints("\"printed by the helper\"");
    let one = one.beside(helper).build_script(script).prints("env!(\"WORD\")");
    one.paste().run("").prints("printed by the helper");
}

/// A program whose build script makes one of its sources of the file word.
fn writing_a_source() -> Package {
    let script = r#"
let word = std::fs::read_to_string("word").unwrap();
std::fs::write("src/word.rs", format!("pub const WORD: &str = {word:?};")).unwrap();
println!("cargo::rerun-if-changed=word");
"#;
    let main = r#"mod word; fn main() { println!("first {}", word::WORD) }"#;
    one().build_script(script).file("src/main.rs", main).file("word", "one")
}

#[test]
fn run_finds_a_source_that_a_build_script_writes_beside_the_others_or_over_an_older_one() {
    let older = writing_a_source().file("src/word.rs", "pub const WORD: &str = \"zero\";");
    let in_new_layout = writing_a_source().paste();
    in_new_layout.new_layout();
    for project in [writing_a_source().paste(), older.paste(), in_new_layout] {
        project.run("").prints("first one");
        project.edit("src/main.rs", "first", "second");
        project.run("").prints("second one");
        project.edit("word", "one", "two");
        project.run("").prints("second two");
        project.edit("src/main.rs", "second", "third");
        project.run("").prints("third two");
    }
}
