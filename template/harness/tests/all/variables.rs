//! Variables that the project's own code reads when it is compiled.

use workshop::package::seven;

#[test]
fn sources_and_build_scripts_get_them_and_one_that_is_not_given_is_named() {
    let script = r#"
        println!("cargo::rerun-if-env-changed=SITE");
        println!("cargo::rustc-env=SCRIPT={}", std::env::var("SITE").unwrap());
    "#;
    let main = r#"
        let commit = option_env!("GIT_SHA").unwrap_or("unknown");
        println!("{commit} {} {}", env!("MOTTO"), env!("SCRIPT"))
    "#;
    let project = seven().build_script(script).main(main).paste();
    let ran = project.run(r#""BUILD_ENV=MOTTO=\"hello wide world\" SITE='it has 2 * 3 words'""#);
    ran.prints("unknown hello wide world it has 2 * 3 words");
    project.run("'BUILD_ENV=GIT_SHA=1a2b3c MOTTO=x SITE=y=z'").prints("1a2b3c x y=z");
    let reason = "environment variable `MOTTO` not defined at compile time";
    project.build("BUILD_ENV=SITE=y").fails(reason);
}

#[test]
fn another_value_compiles_the_program_again_and_no_dependency() {
    let project = seven().prints(r#"option_env!("GIT_SHA").unwrap_or("unknown")"#).paste();
    project.never_built();
    project.run("BUILD_ENV=GIT_SHA=1a2b3c").prints("1a2b3c");
    let ran = project.run("BUILD_ENV=GIT_SHA=4d5e6f").prints("4d5e6f").compiles(["one"]);
    assert!(!ran.reruns("dependencies"), "{ran}");
    project.run("").prints("unknown");
}
