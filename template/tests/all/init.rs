//! What `cargo generate --init` does to an existing project.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use workshop::{
    CONTAINER_FILES, Project, command, commit, copy_repository, generate, repository, run,
};

/// The files that are new, or differ from the last commit.
fn changed(project: &Project) -> Vec<String> {
    let git = |arguments: &[&str]| run(&mut command(&project.path, "git", arguments)).succeeds();
    git(&["add", "--all"]);
    let listed = git(&["diff", "--cached", "--name-only", "HEAD"]).stdout;
    listed.lines().map(str::to_owned).collect()
}

fn are_todays(project: &Project, files: &[&str]) {
    for file in files {
        let original = fs::read_to_string(repository().join(file)).unwrap();
        assert!(project.read(file) == original, "{file} differs");
    }
}

#[test]
fn existing_crate_gets_the_container_files_and_keeps_its_own() {
    let project = Project::existing("existing-crate");
    generate(&project.path, &["--init"]).succeeds();
    assert_eq!(changed(&project), CONTAINER_FILES);
    let ran = project.make(&["run"], "").succeeds();
    assert_eq!(ran.last_line(), "Hello, world!");
    project.make(&["check"], "").succeeds();
}

#[test]
fn existing_crate_gets_no_files_of_the_app_that_it_lacks() {
    let project = Project::existing("existing-crate");
    for file in [".gitignore", "Cargo.lock", "README.md"] {
        fs::remove_file(project.path.join(file)).unwrap();
    }
    fs::rename(
        project.path.join("src/main.rs"),
        project.path.join("src/lib.rs"),
    )
    .unwrap();
    let before = project.files();
    generate(&project.path, &["--init"]).succeeds();
    let after = project.files();
    let added: Vec<_> = after.difference(&before).collect();
    assert_eq!(added, CONTAINER_FILES);
}

/// An existing project that has files of its own at the paths `own`, all committed.
fn with_own(own: &[&str]) -> Project {
    let project = Project::existing("existing-crate");
    for file in own {
        let file = project.path.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "# My own.\n").unwrap();
    }
    commit(&project.path);
    project
}

#[test]
fn own_container_files_stay_and_the_way_to_replace_them_is_told_before_any_is_written() {
    keeps(&CONTAINER_FILES);
    for file in CONTAINER_FILES {
        keeps(&[file]);
    }
}

fn keeps(own: &[&str]) {
    let project = with_own(own);
    let outcome = generate(&project.path, &["--init"]).succeeds();

    let (kept, added): (Vec<_>, Vec<_>) = CONTAINER_FILES
        .into_iter()
        .partition(|file| own.contains(file));
    assert_eq!(changed(&project), added);
    are_todays(&project, &added);

    // cargo-generate writes to stderr since 0.24, and to stdout before.
    let output = format!("{}{}", outcome.stdout, outcome.stderr);
    let (before, after) = output
        .split_once("Moving generated files")
        .unwrap_or_else(|| panic!("{outcome}"));
    for word in ["make run", "--overwrite", "git diff", "[Skipping]"] {
        assert!(before.contains(word), "no '{word}' before: {outcome}");
    }
    let skipped: Vec<_> = after
        .lines()
        .filter(|line| line.contains("[Skipping] "))
        .collect();
    assert_eq!(skipped.len(), kept.len(), "{outcome}");
    for file in kept {
        let path = format!("/{file}`");
        assert!(skipped.iter().any(|line| line.contains(&path)), "{outcome}");
    }
}

#[test]
fn overwrite_replaces_the_container_files_and_nothing_else() {
    let own = [
        ".cargo/config.toml",
        ".github/workflows/release.yml",
        ".gitignore",
        "build.rs",
        "src/lib.rs",
        "template/own.txt",
    ];
    let project = with_own(&[CONTAINER_FILES.as_slice(), &own].concat());
    generate(&project.path, &["--init", "--overwrite"]).succeeds();
    assert_eq!(changed(&project), CONTAINER_FILES);
    are_todays(&project, &CONTAINER_FILES);
}

#[test]
fn project_with_the_first_version_of_the_files_gets_todays_and_works() {
    let history = |arguments: &[&str]| {
        let outcome = run(&mut command(repository(), "git", arguments)).succeeds();
        outcome.stdout
    };
    let shallow = history(&["rev-parse", "--is-shallow-repository"]);
    assert_eq!(shallow, "false\n", "run git fetch --unshallow first");
    let added = ["log", "--diff-filter=A", "--format=%H", "--", "Dockerfile"];
    let added = history(&added);
    let first = added.lines().last().unwrap();

    let project = Project::existing("existing-crate");
    let names = ["ls-tree", "-r", "--name-only", first, "--"];
    let old = history(&[names.as_slice(), &CONTAINER_FILES].concat());
    for file in old.lines() {
        let text = history(&["show", &format!("{first}:{file}")]);
        fs::create_dir_all(project.path.join(file).parent().unwrap()).unwrap();
        fs::write(project.path.join(file), text).unwrap();
    }
    assert!(old.contains("Dockerfile\nMakefile\n"), "{old}");
    commit(&project.path);

    generate(&project.path, &["--init", "--overwrite"]).succeeds();
    for file in changed(&project) {
        assert!(CONTAINER_FILES.contains(&file.as_str()), "{file}");
    }
    are_todays(&project, &CONTAINER_FILES);
    let ran = project.make(&["run"], "").succeeds();
    assert_eq!(ran.last_line(), "Hello, world!");
    project.make(&["check"], "").succeeds();
}

/// The version at the top of a Dockerfile.
fn version(dockerfile: &str) -> &str {
    let line = dockerfile.lines().nth(1).unwrap();
    let (_, rest) = line.split_once("# Version ").expect(line);
    rest.split(' ').next().unwrap()
}

/// Tags the newest commit of the folder `template` as the version `name`.
fn tag(template: &Path, name: &str) {
    let tag = ["tag", &format!("v{name}")];
    run(&mut command(template, "git", &tag)).succeeds();
}

/// Runs the commands of the page that update the files, from the version in the project's Dockerfile
/// to another one of the folder `template`.
fn updates(project: &Project, template: &Path, to: &str) {
    let page = fs::read_to_string(repository().join("CHANGELOG.md")).unwrap();
    let (_, commands) = page.split_once("```console\n").unwrap();
    let (commands, _) = commands.split_once("```").unwrap();
    let url = format!("file://{}", template.display());
    let from = project.read("Dockerfile");
    let commands = commands
        .replace("$ ", "")
        .replace("URL", &url)
        .replace("OLD", version(&from))
        .replace("NEW", to);
    project.step(&commands).succeeds();
}

#[test]
fn the_newest_version_of_the_page_is_that_of_the_dockerfile() {
    let read = |file| fs::read_to_string(repository().join(file)).unwrap();
    let (dockerfile, page) = (read("Dockerfile"), read("CHANGELOG.md"));
    let newest = page.lines().find_map(|line| line.strip_prefix("## "));
    let newest = newest.unwrap().split(',').next().unwrap();
    assert_eq!(newest, version(&dockerfile));
}

#[test]
fn an_update_keeps_the_lines_that_a_person_has_added() {
    let template = TempDir::new().unwrap();
    copy_repository(template.path());
    let dockerfile = template.path().join("Dockerfile");
    let text = fs::read_to_string(&dockerfile).unwrap();
    tag(template.path(), version(&text));
    let project = Project::existing("existing-crate");
    generate(&project.path, &["--init"]).succeeds();
    project.edit("Dockerfile", "CMD [\"app\"]", "EXPOSE 8080\nCMD [\"app\"]");
    project.edit("Dockerfile", "ARG PROFILE=release", "ARG PROFILE=small");
    commit(&project.path);

    let newer = text.replace("FROM alpine:3", "FROM alpine:4");
    assert_ne!(newer, text);
    fs::write(dockerfile, newer).unwrap();
    commit(template.path());
    tag(template.path(), "9.9.9");
    updates(&project, template.path(), "9.9.9");
    let updated = project.read("Dockerfile");
    for line in ["EXPOSE 8080", "ARG PROFILE=small", "FROM alpine:4"] {
        assert!(updated.contains(line), "no '{line}': {updated}");
    }
    assert_eq!(changed(&project), ["Dockerfile"]);
}
