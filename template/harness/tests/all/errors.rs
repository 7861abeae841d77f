//! The output of a failed build ends with the reason, in the words of the tool that found it.

use std::fs;
use std::os::unix::fs::symlink;

use workshop::package::seven;
use workshop::{Project, read, sh};

/// The lines of the scripts in a Dockerfile's heredocs, but no single words. One word, like fi or
/// the name of a script, could occur in any output.
fn script_lines(dockerfile: &str) -> Vec<&str> {
    let scripts = dockerfile.split("\nCOPY --chmod=755 ").skip(1).flat_map(|copy| {
        let (instruction, scripts) = copy.split_once("\n#!").unwrap();
        // The last name in quotes ends the last script.
        let end = format!("\n{}\n", instruction.rsplit('"').nth(1).unwrap());
        scripts.split_once(&end).unwrap().0.lines()
    });
    scripts.map(str::trim).filter(|line| line.contains(' ')).collect()
}

#[test]
fn a_compilers_error_is_not_buried() {
    let project = seven().prints("not_defined_here").paste();
    let dockerfile = read("Dockerfile");
    let script = script_lines(&dockerfile);
    assert!(script.len() > 20, "{script:?}");
    for outcome in [project.build(""), project.run(""), project.docker_build("")] {
        let error = "error: could not compile `one` (bin \"one\")";
        let outcome = outcome.fails("not_defined_here").fails(error);
        let (_, rest) = outcome.stderr.rsplit_once("could not compile").unwrap();
        let rest: Vec<_> = rest.lines().skip(1).collect();
        assert!(rest.len() <= 20, "{} lines: {rest:#?}", rest.len());
        for line in rest {
            let part = script.iter().find(|part| line.contains(**part));
            assert!(part.is_none() && line.chars().count() <= 400, "{line}");
        }
    }
}

/// Panics unless both ways to build fail with `reason`.
fn fails(project: &Project, reason: &str) {
    project.docker_build("").fails(reason);
    project.build("").fails(reason);
}

/// What to do if there is no lock file in the build context.
const NO_LOCK_FILE: &str = "error: there is no Cargo.lock beside the Dockerfile: type cargo \
    generate-lockfile, or in a workspace build at its root, or let .dockerignore pass the file";

#[test]
fn the_folder_of_a_member_is_no_project_of_its_own() {
    let project = seven().paste();
    fs::remove_file(project.path.join("Cargo.lock")).unwrap();
    // The build context is the member's folder, so a build does not see the workspace around it.
    let members = format!("members = [{:?}]", project.path.file_name().unwrap());
    let package = "[workspace.package]\nversion = \"0.1.0\"";
    let workspace = format!("[workspace]\nresolver = \"3\"\n{members}\n{package}\n");
    project.write("../Cargo.toml", workspace);
    project.cargo("generate-lockfile");
    assert!(project.path.join("../Cargo.lock").exists());
    fails(&project, NO_LOCK_FILE);
    project.edit("Cargo.toml", "version = \"0.1.0\"", "version.workspace = true");
    fails(&project, NO_LOCK_FILE);
}

#[test]
fn a_lock_file_that_is_ignored_or_a_link_out_of_the_build_context() {
    let project = seven().paste();
    let ignored = project.read(".dockerignore");
    project.write(".dockerignore", "target\n*.lock\n");
    fails(&project, NO_LOCK_FILE);
    project.write(".dockerignore", ignored);
    let lock = project.path.join("Cargo.lock");
    fs::rename(&lock, project.path.join("../Cargo.lock")).unwrap();
    symlink("../Cargo.lock", &lock).unwrap();
    project.cargo("metadata --locked");
    fails(&project, NO_LOCK_FILE);
}

#[test]
fn a_dockerfile_that_is_not_in_the_folder_of_the_manifest() {
    let project = seven().paste();
    sh!(project, "mkdir server").succeeds();
    sh!(project, "mv Cargo.toml Cargo.lock src server").succeeds();
    fails(&project, "this file belongs in the folder of Cargo.toml and Cargo.lock");
}

#[test]
fn a_toolchain_that_there_is_not_is_named_in_whatever_spelling_it_is_asked_for() {
    let project = seven().paste();
    for (file, text) in [
        ("rust-toolchain.toml", "[toolchain]\nchannel = '1.9999.0'\n"),
        ("rust-toolchain.toml", "toolchain.channel = \"1.9999.0\"\n"),
        ("rust-toolchain.toml", "[toolchain]\r\nchannel = \"1.9999.0\"\r\n"),
        ("rust-toolchain.toml", "toolchain = { profile = \"minimal\", channel = \"1.9999.0\" }\n"),
        ("rust-toolchain", "1.9999.0\r\n"),
    ] {
        project.write(file, text);
        project.build("").fails("1.9999.0");
        fs::remove_file(project.path.join(file)).unwrap();
    }
}
