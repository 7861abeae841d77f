//! Which of the project's programs the image has.

use workshop::package::{Package, package, program, workspace};

/// A program that prints its package and its name.
const NAMED: &str =
    r#"fn main() { println!(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_BIN_NAME"))) }"#;

/// A package with one program, in main.rs, whose name is not the package's.
fn with_program(package_name: &str, name: &str) -> Package {
    let bin = format!("[[bin]]\nname = {name:?}\npath = \"main.rs\"");
    package(package_name).manifest(&bin).file("main.rs", NAMED)
}

#[test]
fn program_of_another_name_and_path_behind_a_feature() {
    // This continues the table of the program.
    let feature = "required-features = [\"cli\"]\n[features]\ncli = []";
    with_program("one", "Other_2").manifest(feature).paste().run("").prints("one/Other_2");
}

#[test]
fn no_program() {
    let reason = r#"error: BIN="" has to name one of these programs: []"#;
    package("one").file("src/lib.rs", "").paste().run("").fails(reason);
}

#[test]
fn of_several_programs_the_default_or_the_packages_own() {
    let several = package("one").file("src/main.rs", NAMED).file("src/bin/more.rs", NAMED);
    several.clone().paste().run("").prints("one/one");
    several.keys("default-run = \"more\"").paste().run("").prints("one/more");
}

#[test]
fn of_several_programs_the_one_that_a_person_chooses() {
    let several = package("one").file("src/bin/first.rs", NAMED).file("src/bin/second.rs", NAMED);
    let project = several.paste();
    let programs = r#"has to name one of these programs: ["one/first","one/second"]"#;
    project.run("").fails(&format!("error: BIN=\"\" {programs}"));
    project.run("BIN=third").fails(&format!("error: BIN=\"third\" {programs}"));
    project.run("BIN=second").prints("one/second");
    project.run("'BUILD_FLAGS=--build-arg BIN=first'").prints("one/first");
}

#[test]
fn of_several_programs_one_that_is_called_app_has_to_be_the_first() {
    let several = package("one").file("src/bin/server.rs", NAMED).file("src/bin/app.rs", NAMED);
    let project = several.paste();
    let reason = "error: BIN has to name app first, because the images start the program app";
    project.build("'BIN=server app'").fails(reason);
    project.run("'BIN=app server'").prints("one/app");
}

#[test]
fn a_tool_beside_the_program_is_not_taken_for_it() {
    let project = workspace([with_program("one-cli", "one"), program("xtask")]).paste();
    let reason =
        r#"error: BIN="" has to name one of these programs: ["one-cli/one","xtask/xtask"]"#;
    project.run("").fails(reason);
    project.run("BIN=one").prints("one-cli/one");
}

#[test]
fn of_two_programs_with_one_name_the_package_tells_which() {
    let packages = ["orders", "bills"].map(|name| with_program(name, "bootstrap"));
    let project = workspace(packages).paste();
    let reason = r#"has to name one of these programs: ["orders/bootstrap","bills/bootstrap"]"#;
    project.run("BIN=bootstrap").fails(reason);
    project.run("BIN=orders/bootstrap").prints("orders/bootstrap");
    project.run("BIN=bills/bootstrap").prints("bills/bootstrap");
}

#[test]
fn several_programs_of_which_the_first_is_started_and_each_by_its_name() {
    let server = package("server").file("src/main.rs", NAMED).file("src/bin/migrate.rs", NAMED);
    let admin = package("admin").file("src/main.rs", NAMED);
    let project = workspace([server, admin]).manifest("default-members = [\"server\"]").paste();
    project.run("").prints("server/server");
    for base in ["BASE=alpine", "BASE=scratch"] {
        project.build(&format!("{base} 'BIN=server admin migrate'")).succeeds();
        for program in ["server/server", "admin/admin", "server/migrate"] {
            let (_, name) = program.split_once('/').unwrap();
            project.container(&format!("--entrypoint={name}"), "").prints(program);
        }
    }
    project.run("BASE=scratch 'BIN=admin migrate'").prints("admin/admin");
    let reason = r#"error: BIN="clerk" has to name one of these programs"#;
    project.build("'BIN=server clerk'").fails(reason);
}
