//! The project that `cargo generate` makes from the template.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::process::Command;

use tempfile::TempDir;
use workshop::{
    CONTAINER_FILES, Outcome, Project, command, commit, copy_repository, generate, generate_from,
    repository, run,
};

/// Also copied unchanged, but not into existing projects.
const RELEASE: [&str; 2] = [
    ".github/workflows/rebuild.yml",
    ".github/workflows/release.yml",
];
const KEPT: [&str; 5] = [
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "src/main.rs",
];

#[test]
fn project_has_the_shipped_files_and_no_others() {
    let project = Project::generate("hello-world");
    let shipped: BTreeSet<_> = CONTAINER_FILES
        .into_iter()
        .chain(KEPT)
        .chain(RELEASE)
        .collect();
    assert!(project.files().iter().eq(shipped), "{:?}", project.files());
}

#[test]
fn container_files_are_the_same_in_repository_and_project() {
    let project = Project::generate("hello-world");
    for file in CONTAINER_FILES.into_iter().chain(RELEASE) {
        let original = fs::read_to_string(repository().join(file)).unwrap();
        assert!(project.read(file) == original, "{file} differs");
    }
}

#[test]
fn checkout_on_windows_keeps_the_line_ends_of_the_dockerfile_and_the_makefile() {
    let project = Project::generate("hello-world");
    commit(&project.path);
    let folder = TempDir::new().unwrap();
    let url = format!("file://{}", project.path.display());
    let clone = ["clone", "--quiet", "-c", "core.autocrlf=true", &url, "."];
    run(&mut command(folder.path(), "git", &clone)).succeeds();
    let converted = |file: &str| {
        let text = fs::read_to_string(folder.path().join(file)).unwrap();
        text.contains('\r')
    };
    assert!(converted("README.md"), "git did not convert line ends");
    assert!(!converted("Dockerfile") && !converted("Makefile"));
}

#[test]
fn no_placeholder_is_left() {
    let project = Project::generate("hello-world");
    for file in KEPT {
        let text = project.read(file);
        for trace in ["{{", "{%", "myapp", "template/", "OWNER"] {
            assert!(!text.contains(trace), "'{trace}' in {file}:\n{text}");
        }
    }
}

#[test]
fn a_published_copy_of_the_template_needs_one_replacement() {
    let list = ["grep", "--word-regexp", "--only-matching", "OWNER"];
    let found = run(&mut command(repository(), "git", &list)).succeeds();
    let files: BTreeSet<_> = found.stdout.lines().collect();
    let pages = files.iter().filter(|line| !line.contains(".rs:"));
    assert_eq!(pages.collect::<Vec<_>>(), [&"README.md:OWNER"]);
}

#[test]
fn project_builds_and_tests_with_its_lock_file_at_once_and_leaves_it_alone() {
    let project = Project::generate("hello-world");
    project.cargo(&["build", "--locked"]).succeeds();
    project.cargo(&["test", "--locked"]).succeeds();
    let lock = project.read("Cargo.lock");
    project.cargo(&["build"]).succeeds();
    assert_eq!(project.read("Cargo.lock"), lock);
}

#[test]
fn good_names_stand_everywhere_and_fit_the_lock_file() {
    let long = "a".repeat(40);
    for (given, name) in [
        ("a", "a"),
        ("aaa", "aaa"),
        ("app", "app"),
        ("app2", "app2"),
        ("hello-world", "hello-world"),
        ("my_app", "my_app"),
        ("my-app", "my-app"),
        ("my-app-2", "my-app-2"),
        ("My App", "my-app"),
        ("HelloWorld", "hello-world"),
        ("rande", "rande"),
        ("wasm", "wasm"),
        ("web", "web"),
        ("zzz", "zzz"),
        (&long, &long),
    ] {
        let project = Project::generate(given);
        assert!(
            project.path.ends_with(name),
            "{given}: {}",
            project.path.display()
        );
        assert!(
            project
                .read("Cargo.toml")
                .contains(&format!("\nname = \"{name}\"\n")),
            "{given}"
        );
        assert!(
            project
                .read("README.md")
                .starts_with(&format!("# {name}\n")),
            "{given}"
        );
        let lock = project.read("Cargo.lock");
        // Without --locked, so that Cargo rewrites the file if it would write it differently.
        let metadata = project
            .cargo(&["metadata", "--format-version", "1"])
            .succeeds();
        assert!(
            metadata.stdout.contains(&format!("#{name}@0.1.0"))
                || metadata.stdout.contains(&format!("/{name}#0.1.0")),
            "{given}"
        );
        assert_eq!(project.read("Cargo.lock"), lock, "{given}");
    }
}

#[test]
fn bad_names_are_refused_with_the_reason_before_any_file_is_written() {
    for (name, reason) in [
        ("3d", "a package's name starts with a letter"),
        ("build", "Cargo has a folder of that name"),
        ("deps", "Cargo has a folder of that name"),
        ("examples", "Cargo has a folder of that name"),
        ("incremental", "Cargo has a folder of that name"),
        ("fn", "Rust uses that word itself"),
        ("test", "Rust uses that word itself"),
        ("yield", "Rust uses that word itself"),
        ("héllo", "has only a to z"),
        ("libc", "the project's dependencies"),
        ("rand", "the project's dependencies"),
        ("whoami", "the project's dependencies"),
        ("root", "would seem to run as root"),
    ] {
        let folder = TempDir::new().unwrap();
        generate(folder.path(), &["--name", name])
            .fails_with(&format!("a project cannot be called \"{name}\""))
            .fails_with(reason);
        // cargo-generate may leave the project's folder, but empty.
        for entry in fs::read_dir(folder.path()).unwrap() {
            assert_eq!(
                fs::read_dir(entry.unwrap().path()).unwrap().count(),
                0,
                "{name}"
            );
        }
    }
}

#[test]
fn names_of_all_locked_packages_are_refused() {
    let hook = fs::read_to_string(repository().join("template/hooks/pre.rhai")).unwrap();
    let (_, list) = hook.split_once("const DEPENDENCIES = [").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    let refused: Vec<_> = list.split('"').skip(1).step_by(2).collect();
    let lock = fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    let locked: Vec<_> = lock
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
        .filter(|name| *name != "myapp")
        .collect();
    assert_eq!(refused, locked);
}

fn generates_after(edits: &[&[&str]]) -> Outcome {
    let template = TempDir::new().unwrap();
    copy_repository(template.path());
    for arguments in edits {
        run(&mut command(template.path(), "cargo", arguments)).succeeds();
    }
    commit(template.path());
    let folder = TempDir::new().unwrap();
    let source = ["--git", template.path().to_str().unwrap()];
    generate_from(source, folder.path(), &["--name", "hello-world"]).succeeds();
    let arguments = ["metadata", "--locked", "--format-version", "1"];
    run(&mut command(
        &folder.path().join("hello-world"),
        "cargo",
        &arguments,
    ))
}

#[test]
fn lock_file_keeps_its_tags_through_cargo_update() {
    generates_after(&[
        &["update", "--package", "libc", "--precise", "0.2.186"],
        &["update"],
    ])
    .succeeds();
}

#[test]
fn lock_file_keeps_its_tags_through_cargo_add_and_remove() {
    generates_after(&[&["add", "itoa"]]).succeeds();
    generates_after(&[
        &["add", "itoa"],
        &["remove", "itoa"],
        &["update", "--workspace"],
    ])
    .succeeds();
}

#[test]
fn folder_on_disk_serves_as_well_as_a_repository() {
    let template = TempDir::new().unwrap();
    copy_repository(template.path());
    let folder = TempDir::new().unwrap();
    let source = ["--path", template.path().to_str().unwrap()];
    generate_from(source, folder.path(), &["--name", "hello-world"]).succeeds();
    assert!(folder.path().join("hello-world/Dockerfile").exists());
}

#[test]
fn program_reports_errors_on_stderr_without_a_panic() {
    let project = Project::generate("hello-world");
    project.cargo(&["build", "--locked"]).succeeds();
    let program = || Command::new(project.path.join("target/debug/hello-world"));
    let full = || File::options().write(true).open("/dev/full").unwrap();

    let outcome = run(program().stdout(full())).fails_with("exit status: 1\n");
    assert!(
        outcome
            .stderr
            .starts_with("hello-world: No space left on device"),
        "{outcome}"
    );
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome}");

    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let outcome = run(program().stdout(writer)).fails_with("exit status: 1\n");
    assert!(
        outcome.stderr.starts_with("hello-world: Broken pipe"),
        "{outcome}"
    );

    run(program().stdout(full()).stderr(full())).fails_with("exit status: 1\n");
}
