//! Files that the program reads when it runs.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use workshop::Project;
use workshop::edits::{age, builds, edits};
use workshop::small::MANIFEST;

/// Prints the content of the files that are its arguments.
const MAIN: &str = r#"
fn main() {
    for file in std::env::args().skip(1) {
        match std::fs::read_to_string(&file) {
            Ok(text) => println!("{file}: {text}"),
            Err(error) => println!("{file}: {error}"),
        }
    }
}
"#;

const BASES: [&str; 2] = ["BASE=alpine", "BASE=scratch"];

fn project(files: &[(&str, &str)]) -> Project {
    let own = [MANIFEST, ("src/main.rs", MAIN)];
    Project::pasted(&[&own, files].concat())
}

#[test]
fn folders_files_and_patterns_are_where_the_program_starts() {
    let project = project(&[
        ("templates/page.html", "<p>"),
        ("templates/parts/head.html", "<h1>"),
        ("settings.toml", "port = 1"),
        ("data/1.csv", "first"),
        ("data/2.csv", "second"),
        ("data/notes", "private"),
    ]);
    let files = "FILES=templates settings.toml data/*.csv";
    let arguments = "ARGS=templates/page.html /templates/parts/head.html settings.toml data/1.csv data/2.csv data/notes";
    for base in BASES {
        let ran = project
            .make(&["run", base, files, arguments], "")
            .succeeds();
        let expected = "\
templates/page.html: <p>
/templates/parts/head.html: <h1>
settings.toml: port = 1
data/1.csv: first
data/2.csv: second
data/notes: No such file or directory (os error 2)
";
        assert!(ran.stdout.ends_with(expected), "{base} {ran}");
    }
}

#[test]
fn a_link_is_the_file_or_folder_that_it_leads_to() {
    let project = project(&[
        ("shared/v2/page.html", "<p>"),
        ("shared/settings.toml", "port = 1"),
    ]);
    symlink("shared/v2", project.path.join("templates")).unwrap();
    symlink("shared/settings.toml", project.path.join("settings.toml")).unwrap();
    symlink("page.html", project.path.join("shared/v2/index.html")).unwrap();
    let files = "FILES=templates settings.toml";
    let arguments = "ARGS=templates/page.html templates/index.html settings.toml";
    for base in BASES {
        let ran = project
            .make(&["run", base, files, arguments], "")
            .succeeds();
        let expected = "\
templates/page.html: <p>
templates/index.html: <p>
settings.toml: port = 1
";
        assert!(ran.stdout.ends_with(expected), "{base} {ran}");
    }
}

/// Sets the modes that git's checkout gives folders and files with some umask: 077, 022 or 002.
fn modes(project: &Project, folder: u32, file: u32) {
    for (path, mode) in [
        ("static", folder),
        ("static/css", folder),
        ("static/css/site.css", file),
        ("static/index.html", file),
        ("Cargo.toml", file),
        ("Cargo.lock", file),
        ("src", folder),
        ("src/main.rs", file),
    ] {
        fs::set_permissions(project.path.join(path), Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn modes_of_the_checkout_change_nothing() {
    let project = project(&[
        ("static/css/site.css", "p {}"),
        ("static/index.html", "<p>"),
    ]);
    for base in BASES {
        let mut images = Vec::new();
        for (folder, file) in [(0o700, 0o600), (0o755, 0o644), (0o775, 0o664)] {
            modes(&project, folder, file);
            project
                .make(&["build", base, "FILES=static"], "--provenance=false")
                .succeeds();
            images.push(project.inspect()["Id"].take());
            let paths = ["static/css/site.css", "static/index.html"];
            let program: &[&str] = if base == BASES[0] { &["app"] } else { &[] };
            let arguments = [program, &paths].concat();
            let ran = project.container(&["--user=1000"], &arguments).succeeds();
            let expected = "static/css/site.css: p {}\nstatic/index.html: <p>\n";
            assert_eq!(ran.stdout, expected, "{base} {file:o}");
        }
        assert!(images.iter().all(|image| *image == images[0]), "{images:?}");
    }
}

/// Browsers ask whether a file has changed since the time that it had.
#[test]
fn files_keep_their_times() {
    let project = project(&[("static/site.css", "p {}")]);
    // So that BuildKit, which compares no times, does not take another build's layer.
    edits(&project, "static/site.css", "p {}");
    age(&project, 1_000_000_000);
    builds(&project, "--build-arg=FILES=static");
    let stat = ["stat", "-c", "%Y", "static", "static/site.css"];
    let times = project.container(&[], &stat).succeeds().stdout;
    assert!(times.ends_with("\n1000000000\n"), "{times}");
}

#[test]
fn a_name_that_is_not_there_ends_the_build() {
    let project = project(&[("templates/page.html", "<p>")]);
    project
        .make(&["build", "FILES=templates static"], "")
        .fails_with("'static': No such file or directory");
    // The file is there, but not in the build context.
    fs::create_dir_all(project.path.join("target/site")).unwrap();
    fs::write(project.path.join("target/site/index.html"), "<p>").unwrap();
    let reason = r#"error: FILES="target/site" is not all there: is a name misspelled, or excluded by .dockerignore?"#;
    project
        .make(&["build", "FILES=target/site"], "")
        .fails_with(reason);
}
