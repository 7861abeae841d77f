//! The output of a failed build ends with the reason, in the words of the tool that found it.

use std::fs;
use std::os::unix::fs::symlink;

use workshop::small::{DEPENDING, SEVEN};
use workshop::{Outcome, Project};

/// The lines of the scripts in a Dockerfile's heredocs.
fn script_lines(dockerfile: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut ends = Vec::new();
    let mut begun = false;
    for line in dockerfile.lines() {
        match ends.first().filter(|_| begun) {
            Some(end) if line == *end => drop(ends.remove(0)),
            Some(_) => lines.push(line.trim()),
            None => {
                let names = line.split("<<\"").skip(1);
                ends.extend(names.filter_map(|rest| rest.split('"').next()));
                // The scripts begin after the last line of the instruction.
                begun = !line.ends_with('\\');
            }
        }
    }
    // One word, like fi or the name of a script, could occur in any output.
    lines.retain(|line| line.contains(' '));
    lines
}

/// Panics unless the output ends soon after Cargo's error, without any script of the Dockerfile.
fn ends_soon_after_cargo(project: &Project, outcome: Outcome) {
    let outcome = outcome.fails_with("error: could not compile `one` (bin \"one\")");
    assert!(outcome.stderr.contains("not_defined_here"), "{outcome}");
    let lines: Vec<_> = outcome.stderr.lines().collect();
    let last = lines
        .iter()
        .rposition(|line| line.contains("could not compile"))
        .unwrap();
    let rest = &lines[last + 1..];
    assert!(rest.len() <= 20, "{} lines: {rest:#?}", rest.len());
    let dockerfile = project.read("Dockerfile");
    let script = script_lines(&dockerfile);
    assert!(script.len() > 20, "{script:?}");
    for line in rest {
        assert!(line.chars().count() <= 400, "{line}");
        let part = script.iter().find(|part| line.contains(**part));
        assert!(part.is_none(), "{line}");
    }
}

#[test]
fn a_compilers_error_is_not_buried() {
    let main = r#"
fn main() {
    println!("{}", not_defined_here);
}
"#;
    let project = Project::pasted(&[DEPENDING, ("src/main.rs", main)]);
    ends_soon_after_cargo(&project, project.make(&["build"], ""));
    ends_soon_after_cargo(&project, project.make(&["run"], ""));
    ends_soon_after_cargo(&project, project.docker_build(&[]));
}

/// Panics unless both ways to build fail with `reason`.
fn fails_with(project: &Project, reason: &str) {
    for outcome in [project.docker_build(&[]), project.make(&["build"], "")] {
        outcome.fails_with(reason);
    }
}

/// What to do if there is no lock file in the build context.
const NO_LOCK_FILE: &str = "error: there is no Cargo.lock beside the Dockerfile: type cargo \
    generate-lockfile, or in a workspace build at its root, or let .dockerignore pass the file";

#[test]
fn the_folder_of_a_member_is_no_project_of_its_own() {
    let project = Project::pasted(&[
        ("Cargo.toml", &DEPENDING.1.replace("0.1.0", "0.2.0")),
        SEVEN,
    ]);
    // The build context is the member's folder, so a build does not see the workspace around it.
    let around = project.path.parent().unwrap();
    let member = project.path.file_name().unwrap().to_str().unwrap();
    fs::remove_file(project.path.join("Cargo.lock")).unwrap();
    let workspace = format!(
        r#"
[workspace]
members = ["{member}"]
resolver = "3"

[workspace.package]
version = "0.2.0"
"#
    );
    fs::write(around.join("Cargo.toml"), workspace).unwrap();
    project.cargo(&["generate-lockfile"]).succeeds();
    assert!(around.join("Cargo.lock").exists());
    fails_with(&project, NO_LOCK_FILE);
    project.edit(
        "Cargo.toml",
        r#"version = "0.2.0""#,
        "version.workspace = true",
    );
    fails_with(&project, NO_LOCK_FILE);
}

#[test]
fn a_lock_file_that_is_a_link_out_of_the_build_context() {
    let project = Project::pasted(&[DEPENDING, SEVEN]);
    let lock = project.path.join("Cargo.lock");
    fs::rename(&lock, project.path.join("../Cargo.lock")).unwrap();
    symlink("../Cargo.lock", &lock).unwrap();
    project.cargo(&["metadata", "--locked"]).succeeds();
    fails_with(&project, NO_LOCK_FILE);
}

#[test]
fn a_dockerignore_that_shuts_out_the_lock_file() {
    let project = Project::pasted(&[DEPENDING, SEVEN]);
    fs::write(project.path.join(".dockerignore"), "target\n*.lock\n").unwrap();
    fails_with(&project, NO_LOCK_FILE);
}

#[test]
fn a_dockerfile_that_is_not_in_the_folder_of_the_manifest() {
    let project = Project::pasted(&[DEPENDING, SEVEN]);
    let folder = project.path.join("server");
    fs::create_dir(&folder).unwrap();
    for file in ["Cargo.toml", "Cargo.lock", "src"] {
        fs::rename(project.path.join(file), folder.join(file)).unwrap();
    }
    fails_with(
        &project,
        "this file belongs in the folder of Cargo.toml and Cargo.lock",
    );
}

#[test]
fn a_toolchain_that_there_is_not_is_named_in_whatever_spelling_it_is_asked_for() {
    let project = Project::pasted(&[DEPENDING, SEVEN]);
    for (file, text) in [
        ("rust-toolchain.toml", "[toolchain]\nchannel = '1.9999.0'\n"),
        ("rust-toolchain.toml", "toolchain.channel = \"1.9999.1\"\n"),
        (
            "rust-toolchain.toml",
            "[toolchain]\r\nchannel = \"1.9999.2\"\r\n",
        ),
        (
            "rust-toolchain.toml",
            "toolchain = { profile = \"minimal\", channel = \"1.9999.3\" }\n",
        ),
        ("rust-toolchain", "1.9999.4\r\n"),
    ] {
        let version = text.split_once("1.9999.").unwrap().1;
        let version = format!("1.9999.{}", &version[..1]);
        fs::write(project.path.join(file), text).unwrap();
        project.make(&["build"], "").fails_with(&version);
        fs::remove_file(project.path.join(file)).unwrap();
    }
}
