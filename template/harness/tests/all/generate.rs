//! The project that `cargo generate` makes from the template.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use workshop::{
    CONTAINER_FILES, Project, commit, copy_repository, generate, generate_from, read, repository,
    run, sh,
};

/// Also copied unchanged, but not into existing projects.
const RELEASE: [&str; 2] = [".github/workflows/rebuild.yml", ".github/workflows/release.yml"];
const KEPT: [&str; 5] = [".gitignore", "Cargo.lock", "Cargo.toml", "README.md", "src/main.rs"];

#[test]
fn project_has_the_shipped_files_without_a_placeholder_and_no_others() {
    let project = Project::hello();
    let shipped: BTreeSet<_> = CONTAINER_FILES.into_iter().chain(KEPT).chain(RELEASE).collect();
    assert!(project.files().iter().eq(shipped), "{:?}", project.files());
    for file in KEPT {
        let text = project.read(file);
        for trace in ["{{", "{%", "myapp", "template/", "OWNER"] {
            assert!(!text.contains(trace), "'{trace}' in {file}:\n{text}");
        }
    }
}

#[test]
fn container_files_are_the_same_in_repository_and_project() {
    let project = Project::hello();
    for file in CONTAINER_FILES.into_iter().chain(RELEASE) {
        assert!(project.read(file) == read(file), "{file} differs");
    }
}

#[test]
fn checkout_on_windows_keeps_the_line_ends_of_the_dockerfile_and_the_makefile() {
    let project = Project::hello();
    commit(&project);
    let folder = TempDir::new().unwrap();
    let url = format!("file://{}", project.path.display());
    sh!(folder, "git clone --quiet -c core.autocrlf=true {url} .").succeeds();
    let converted = |file| fs::read_to_string(folder.path().join(file)).unwrap().contains('\r');
    assert!(converted("README.md"), "git did not convert line ends");
    assert!(!converted("Dockerfile") && !converted("Makefile"));
}

#[test]
fn a_published_copy_of_the_template_needs_one_replacement() {
    let found = sh!(repository(), "git grep --word-regexp --only-matching OWNER").succeeds();
    let mut pages: Vec<_> = found.stdout.lines().filter(|line| !line.contains(".rs:")).collect();
    pages.dedup();
    assert_eq!(pages, ["README.md:OWNER"]);
}

#[test]
fn project_compiles_with_its_lock_file_and_its_program_reports_errors_without_a_panic() {
    let project = Project::hello();
    let lock = project.read("Cargo.lock");
    project.cargo("build --locked");
    project.cargo("test --locked");
    project.cargo("build");
    assert_eq!(project.read("Cargo.lock"), lock);

    let program = || Command::new(project.path.join("target/debug/hello-world"));
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let unread = std::io::pipe().unwrap().1.into();
    for (stdout, reason) in [(full(), "No space left on device"), (unread, "Broken pipe")] {
        let outcome = run(program().stdout(stdout)).fails("exit status: 1\n");
        let line = format!("hello-world: {reason}");
        assert!(outcome.stderr.starts_with(&line), "{outcome}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome}");
    }
    run(program().stdout(full()).stderr(full())).fails("exit status: 1\n");
}

#[test]
fn good_names_stand_everywhere_and_fit_the_lock_file() {
    let long = "a".repeat(40);
    let same =
        format!("a aaa app app2 hello-world my_app my-app my-app-2 rande wasm web zzz {long}");
    let same = same.split(' ').map(|name| (name, name));
    for (given, name) in same.chain([("My App", "my-app"), ("HelloWorld", "hello-world")]) {
        let project = Project::generate(given, "");
        assert!(project.path.ends_with(name), "{given}: {}", project.path.display());
        assert!(project.read("Cargo.toml").contains(&format!("\nname = \"{name}\"\n")), "{given}");
        assert!(project.read("README.md").starts_with(&format!("# {name}\n")), "{given}");
        let lock = project.read("Cargo.lock");
        // Without --locked, so that Cargo rewrites the file if it would write it differently.
        let metadata = project.cargo("metadata --format-version 1");
        metadata.tells(&format!("\"name\":\"{name}\",\"version\":\"0.1.0\""));
        assert_eq!(project.read("Cargo.lock"), lock, "{given}");
    }
}

#[test]
fn bad_names_are_refused_with_the_reason_before_any_file_is_written() {
    let refuse = |name: &str, reason: &str| {
        let folder = TempDir::new().unwrap();
        generate(folder.path(), &format!("--name {name}"))
            .fails(&format!("a project cannot be called \"{name}\""))
            .fails(reason);
        // cargo-generate may leave the project's folder, but empty.
        for entry in fs::read_dir(folder.path()).unwrap() {
            assert_eq!(fs::read_dir(entry.unwrap().path()).unwrap().count(), 0, "{name}");
        }
    };
    for (names, reason) in [
        ("3d", "a package's name starts with a letter"),
        ("build deps examples incremental", "Cargo has a folder of that name"),
        ("fn test yield", "Rust uses that word itself"),
        ("héllo", "has only a to z"),
        ("libc rand whoami", "the project's dependencies"),
        ("root", "would seem to run as root"),
    ] {
        names.split(' ').for_each(|name| refuse(name, reason));
    }
}

#[test]
fn names_of_all_locked_packages_are_refused() {
    let hook = read("generate/hooks/pre.rhai");
    let (_, list) = hook.split_once("const DEPENDENCIES = [").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    let refused: Vec<_> = list.split('"').skip(1).step_by(2).collect();
    let lock = read("Cargo.lock");
    let locked = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    assert_eq!(refused, locked.filter(|name| *name != "myapp").collect::<Vec<_>>());
}

#[test]
fn lock_file_keeps_its_tags_through_cargo_add_remove_and_update() {
    let template = TempDir::new().unwrap();
    copy_repository(template.path());
    let source = template.path().display();
    for (option, script) in [
        ("--git", "cargo add itoa"),
        ("--git", "cargo remove itoa && cargo update --workspace"),
        ("--git", "cargo update --package libc --precise 0.2.186 && cargo update"),
        // A folder on disk serves as well as a repository.
        ("--path", "true"),
    ] {
        sh!(template, "sh -c {script}").succeeds();
        commit(&template);
        let folder = TempDir::new().unwrap();
        generate_from(&format!("{option} {source} --name hello-world"), folder.path()).succeeds();
        let project = folder.path().join("hello-world");
        sh!(project, "cargo metadata --locked --format-version 1").succeeds();
    }
}
