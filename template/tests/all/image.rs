//! What is in the image, and how its program runs.

use workshop::elf::asks_for_a_loader;
use workshop::{Entry, Project, base_image, docker, sentence};

const BASES: [&str; 2] = ["BASE=alpine", "BASE=scratch"];

fn built(name: &str, base: &str) -> Project {
    let project = Project::generate(name);
    project.make(&["build", base], "").succeeds();
    project
}

fn find<'a>(layers: &'a [Vec<Entry>], path: &str) -> &'a Entry {
    let found = layers.iter().flatten().rfind(|entry| entry.path == path);
    found.unwrap_or_else(|| panic!("no {path} in the image"))
}

#[test]
fn generated_project_builds_and_runs_on_both_bases() {
    let project = Project::generate("hello-world");
    for base in BASES {
        let ran = project.make(&["run", base], "").succeeds();
        assert_eq!(ran.last_line(), sentence("hello-world"));
        assert!(ran.stdout.contains("Lucky number: "), "{ran}");
        project.make(&["check", base], "").succeeds();
    }
}

#[test]
fn awkward_names_run_under_their_own_account() {
    for name in ["a", "app", "my_app"] {
        for base in BASES {
            let project = built(name, base);
            assert_eq!(
                project.container(&[], &[]).succeeds().last_line(),
                sentence(name)
            );
            project.make(&["check", base], "").succeeds();
        }
    }
}

#[test]
fn user_is_numeric_and_its_account_has_the_projects_name() {
    for base in BASES {
        let project = built("hello-world", base);
        assert_eq!(project.inspect()["Config"]["User"], "1000:1000");
        let layers = project.layers();
        for file in ["etc/passwd", "etc/group"] {
            let text = String::from_utf8_lossy(&find(&layers, file).content);
            let names = text
                .lines()
                .map(|line| line.split(':').collect::<Vec<_>>())
                .filter(|fields| fields[2] == "1000")
                .map(|fields| fields[0])
                .collect::<Vec<_>>();
            assert_eq!(names, ["hello-world"], "{file}: {text}");
        }
    }
}

#[test]
fn any_user_id_may_run_the_program() {
    for base in BASES {
        let ran = built("hello-world", base)
            .container(&["--user", "12345:12345"], &[])
            .succeeds();
        assert_eq!(ran.last_line(), sentence("12345"));
    }
}

#[test]
fn program_needs_no_rights() {
    let confined = [
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--network=none",
        "--pids-limit=64",
        "--memory=64m",
    ];
    for base in BASES {
        let ran = built("hello-world", base)
            .container(&confined, &[])
            .succeeds();
        assert_eq!(ran.last_line(), sentence("hello-world"));
    }
}

#[test]
fn program_is_static_and_belongs_to_root() {
    for base in BASES {
        let layers = built("hello-world", base).layers();
        let program = find(&layers, "usr/local/bin/hello-world");
        assert_eq!((program.owner, program.mode), ((0, 0), 0o755));
        assert!(!asks_for_a_loader(&program.content));
    }
}

#[test]
fn nothing_in_the_layers_of_the_project_has_set_id_bits_or_is_writable_by_all() {
    for (base, below) in [("BASE=alpine", 1), ("BASE=scratch", 0)] {
        for entry in built("hello-world", base)
            .layers()
            .iter()
            .skip(below)
            .flatten()
        {
            let expected = if entry.path == "tmp" {
                0o1777
            } else {
                entry.mode & 0o755
            };
            assert!(
                entry.mode == expected || entry.link,
                "{}: {:o}",
                entry.path,
                entry.mode
            );
            // The user may write only there.
            let id = if entry.path == "data" { 1000 } else { 0 };
            assert_eq!(entry.owner, (id, id), "{}", entry.path);
        }
    }
}

/// Bytes of the files in `layers`.
fn bytes(layers: &[Vec<Entry>]) -> usize {
    let files = layers.iter().flatten();
    files.map(|entry| entry.content.len()).sum()
}

/// Bytes of the program and of the files that have its account.
fn program_and_accounts(layers: &[Vec<Entry>]) -> usize {
    ["usr/local/bin/hello-world", "etc/passwd", "etc/group"]
        .map(|file| find(layers, file).content.len())
        .iter()
        .sum()
}

#[test]
fn scratch_image_is_the_program_the_certificates_and_the_accounts() {
    let layers = built("hello-world", "BASE=scratch").layers();
    let certificates = find(&layers, "etc/ssl/certs/ca-certificates.crt")
        .content
        .len();
    assert!(certificates > 100_000, "{certificates}");
    assert_eq!(find(&layers, "tmp").mode, 0o1777);
    assert_eq!(bytes(&layers), program_and_accounts(&layers) + certificates);
}

#[test]
fn alpine_image_is_its_base_the_program_and_the_accounts() {
    let layers = built("hello-world", "BASE=alpine").layers();
    assert_eq!(bytes(&layers[1..]), program_and_accounts(&layers));
}

#[test]
fn accounts_are_those_of_the_base_and_the_programs() {
    for base in BASES {
        let project = built("hello-world", base);
        for (file, own) in [
            ("etc/passwd", "hello-world:x:1000:1000::/:/sbin/nologin\n"),
            ("etc/group", "hello-world:x:1000:\n"),
        ] {
            let path = format!("/{file}");
            let image = base_image("alpine");
            let of_base = ["run", "--rm", &image, "cat", &path];
            let of_base = docker(&of_base).succeeds();
            let layers = project.layers();
            let accounts = String::from_utf8_lossy(&find(&layers, file).content);
            assert_eq!(accounts, of_base.stdout + own, "{file} with {base}");
        }
    }
}

#[test]
fn no_file_is_stored_twice_but_the_accounts_of_alpine() {
    for (base, accounts) in [
        ("BASE=alpine", &["etc/group", "etc/passwd"][..]),
        ("BASE=scratch", &[]),
    ] {
        let layers = built("hello-world", base).layers();
        let mut files: Vec<_> = layers
            .iter()
            .flatten()
            .filter(|entry| !entry.content.is_empty())
            .map(|entry| entry.path.as_str())
            .collect();
        files.sort_unstable();
        let twice = files
            .windows(2)
            .filter(|pair| pair[0] == pair[1])
            .map(|pair| pair[0]);
        assert_eq!(twice.collect::<Vec<_>>(), accounts);
    }
}

#[test]
fn alpine_image_runs_other_commands() {
    let project = built("hello-world", "BASE=alpine");
    assert_eq!(
        project.container(&[], &["echo", "x"]).succeeds().stdout,
        "x\n"
    );
    assert_eq!(
        project.container(&[], &["whoami"]).succeeds().stdout,
        "hello-world\n"
    );
}

#[test]
fn two_builds_without_a_cache_make_the_same_layers() {
    for base in BASES {
        let project = built("hello-world", base);
        let layers = project.inspect()["RootFS"].take();
        project
            .make(
                &["build", base],
                "--no-cache-filter build,on-alpine,on-scratch",
            )
            .succeeds();
        assert_eq!(project.inspect()["RootFS"], layers);
    }
}

#[test]
fn scanners_find_the_crates_in_the_program() {
    for base in BASES {
        let program = built("hello-world", base).program();
        let listed = auditable_info::audit_info_from_slice(&program, usize::MAX).unwrap();
        let names: Vec<_> = listed
            .packages
            .iter()
            .map(|package| package.name.as_str())
            .collect();
        for name in ["hello-world", "rand", "whoami"] {
            assert!(names.contains(&name), "no {name} in {names:?}");
        }
        // It is compiled for other platforms only.
        assert!(!names.contains(&"wasm-bindgen"), "{names:?}");
    }
}
