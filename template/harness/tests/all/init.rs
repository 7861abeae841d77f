//! What `cargo generate --init` does to an existing project.

use std::fs;

use tempfile::TempDir;
use workshop::{
    CONTAINER_FILES, Outcome, Project, commit, copy_repository, generate, read, repository, sh,
    words,
};

fn init(project: &Project, arguments: &str) -> Outcome {
    generate(&project.path, &format!("--init {arguments}")).succeeds()
}

/// The files that are new, or differ from the last commit.
fn changed(project: &Project) -> Vec<String> {
    sh!(project, "git add --all").succeeds();
    let listed = sh!(project, "git diff --cached --name-only HEAD").succeeds().stdout;
    listed.lines().map(str::to_owned).collect()
}

fn are_todays(project: &Project, files: &[&str]) {
    for file in files {
        assert!(project.read(file) == read(file), "{file} differs");
    }
}

/// An existing project that has files of its own at the paths `own`, all committed.
fn with_own(own: &[&str]) -> Project {
    let project = Project::existing("existing-crate");
    for file in own {
        project.write(file, "# My own.\n");
    }
    commit(&project);
    project
}

#[test]
fn existing_crate_gets_the_container_files_and_keeps_its_own() {
    let project = with_own(&[]);
    init(&project, "");
    assert_eq!(changed(&project), CONTAINER_FILES);
    project.run("").prints("Hello, world!");
    project.make("check").succeeds();
}

#[test]
fn existing_crate_gets_no_files_of_the_app_that_it_lacks() {
    let project = with_own(&[]);
    sh!(project, "rm .gitignore Cargo.lock README.md").succeeds();
    sh!(project, "mv src/main.rs src/lib.rs").succeeds();
    let before = project.files();
    init(&project, "");
    let after = project.files();
    assert_eq!(after.difference(&before).collect::<Vec<_>>(), CONTAINER_FILES);
}

#[test]
fn own_container_files_stay_and_the_way_to_replace_them_is_told_before_any_is_written() {
    for own in CONTAINER_FILES.chunks(1).chain([&CONTAINER_FILES[..]]) {
        let project = with_own(own);
        // cargo-generate writes to stderr since 0.24, and to stdout before.
        let output = init(&project, "").to_string();
        let added: Vec<_> =
            CONTAINER_FILES.into_iter().filter(|file| !own.contains(file)).collect();
        assert_eq!(changed(&project), added);
        are_todays(&project, &added);

        let (before, after) = output.split_once("Moving generated files").expect(&output);
        for word in ["make run", "--overwrite", "git diff", "[Skipping]"] {
            assert!(before.contains(word), "no '{word}' before: {output}");
        }
        let skipped: Vec<_> = after.lines().filter(|line| line.contains("[Skipping] ")).collect();
        assert_eq!(skipped.len(), own.len(), "{output}");
        for path in own.iter().map(|file| format!("/{file}`")) {
            assert!(skipped.iter().any(|line| line.contains(&path)), "{output}");
        }
    }
}

#[test]
fn overwrite_replaces_the_container_files_and_nothing_else() {
    let own = ".cargo/config.toml .github/workflows/release.yml .gitignore build.rs src/lib.rs \
        template/own.txt";
    let own: Vec<_> = own.split(' ').chain(CONTAINER_FILES).collect();
    let project = with_own(&own);
    init(&project, "--overwrite");
    assert_eq!(changed(&project), CONTAINER_FILES);
    are_todays(&project, &CONTAINER_FILES);
}

#[test]
fn project_with_the_first_version_of_the_files_gets_todays_and_works() {
    let history = |arguments: &str| {
        let arguments = words(arguments);
        sh!(repository(), "git {arguments...}").succeeds().stdout
    };
    let shallow = history("rev-parse --is-shallow-repository");
    assert_eq!(shallow, "false\n", "run git fetch --unshallow first");
    let added = history("log --diff-filter=A --format=%H -- Dockerfile");
    let first = added.lines().last().unwrap();

    let project = Project::existing("existing-crate");
    let files = CONTAINER_FILES.join(" ");
    let old = history(&format!("ls-tree -r --name-only {first} -- {files}"));
    assert!(old.contains("Dockerfile\nMakefile\n"), "{old}");
    for file in old.lines() {
        project.write(file, history(&format!("show {first}:{file}")));
    }
    commit(&project);

    init(&project, "--overwrite");
    let changed = changed(&project);
    assert!(changed.iter().all(|file| CONTAINER_FILES.contains(&file.as_str())), "{changed:?}");
    are_todays(&project, &CONTAINER_FILES);
    project.make("check").tells("Hello, world!");
}

#[test]
fn an_update_from_the_newest_version_of_the_page_keeps_the_lines_that_a_person_has_added() {
    let template = TempDir::new().unwrap();
    copy_repository(template.path());
    let (text, page) = (read("Dockerfile"), read("CHANGELOG.md"));
    let newest = page.lines().find_map(|line| line.strip_prefix("## ")).unwrap();
    let old = newest.split(',').next().unwrap();
    let version = format!("# Version {old} of ");
    assert!(text.lines().nth(1).unwrap().starts_with(&version), "no {version}: {text}");
    sh!(template, "git tag v{old}").succeeds();
    let project = Project::existing("existing-crate");
    init(&project, "");
    project.edit("Dockerfile", "CMD [\"app\"]", "EXPOSE 8080\nCMD [\"app\"]");
    project.edit("Dockerfile", "ARG PROFILE=release", "ARG PROFILE=small");
    commit(&project);

    let newer = text.replace("FROM alpine:3", "FROM alpine:4");
    assert_ne!(newer, text);
    fs::write(template.path().join("Dockerfile"), newer).unwrap();
    commit(&template);
    sh!(template, "git tag v9.9.9").succeeds();

    let (_, commands) = page.split_once("```console\n").unwrap();
    let (commands, _) = commands.split_once("```").unwrap();
    let commands = commands.replace("$ ", "").replace("OLD", old).replace("NEW", "9.9.9");
    let url = format!("file://{}", template.path().display());
    project.step(&commands.replace("URL", &url)).succeeds();
    let updated = project.read("Dockerfile");
    for line in ["EXPOSE 8080", "ARG PROFILE=small", "FROM alpine:4"] {
        assert!(updated.contains(line), "no '{line}': {updated}");
    }
    assert_eq!(changed(&project), ["Dockerfile"]);
}
