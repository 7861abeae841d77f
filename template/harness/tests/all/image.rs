//! What is in the image, and how its program runs.

use std::sync::Arc;

use workshop::elf::asks_for_a_loader;
use workshop::shared::Shared;
use workshop::{Entry, Project, base_image, sentence, sh};

const BASES: [&str; 2] = ["BASE=alpine", "BASE=scratch"];
const PROGRAM: &str = "usr/local/bin/hello-world";
const CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";

/// The project hello-world, and what is in its image: the layers of the base, and its own.
struct Image {
    project: Project,
    base: Vec<Entry>,
    own: Vec<Entry>,
}

impl Image {
    fn find(&self, path: &str) -> &Entry {
        let found = self.own.iter().rfind(|entry| entry.path == path);
        found.unwrap_or_else(|| panic!("no {path} in the image"))
    }
}

/// The images on alpine and on scratch, for all tests that only look.
fn images() -> Arc<[Image; 2]> {
    static IMAGES: Shared<[Image; 2]> = Shared::empty();
    let build = |(base, below)| {
        let project = Project::hello();
        project.build(base).succeeds();
        let mut base = project.layers();
        let own = base.split_off(below).into_iter().flatten().collect();
        Image { project, base: base.into_iter().flatten().collect(), own }
    };
    IMAGES.get(|| [("BASE=alpine", 1), ("BASE=scratch", 0)].map(build))
}

/// The paths of all files with content, sorted.
fn files<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<&'a str> {
    let files = entries.into_iter().filter(|entry| !entry.content.is_empty());
    let mut paths: Vec<_> = files.map(|entry| entry.path.as_str()).collect();
    paths.sort_unstable();
    paths
}

#[test]
fn generated_projects_run_on_both_bases_under_their_own_account() {
    for name in ["hello-world", "a", "app", "my_app"] {
        let project = Project::generate(name, "");
        for base in BASES {
            project.run(base).tells("Lucky number: ").prints(&sentence(name));
            project.make(&format!("check {base}")).succeeds();
            project.starts().prints(&sentence(name));
        }
    }
}

#[test]
fn user_is_numeric_and_its_account_has_the_projects_name() {
    let (images, alpine) = (images(), base_image("alpine"));
    for (file, own) in [
        ("etc/passwd", "hello-world:x:1000:1000::/:/sbin/nologin\n"),
        ("etc/group", "hello-world:x:1000:\n"),
    ] {
        let of_base = sh!("/", "docker run --rm {alpine} cat /{file}").succeeds().stdout;
        assert!(!of_base.contains(":1000:"), "{of_base}");
        for image in images.iter() {
            assert_eq!(image.project.inspect()["Config"]["User"], "1000:1000");
            let accounts = String::from_utf8_lossy(&image.find(file).content);
            assert_eq!(accounts, format!("{of_base}{own}"), "{file}");
        }
    }
}

#[test]
fn program_needs_no_rights_and_any_user_id_may_run_it() {
    let confined = "--read-only --cap-drop=ALL --security-opt=no-new-privileges --network=none \
        --pids-limit=64 --memory=64m";
    for image in images().iter() {
        image.project.container(confined, "").prints(&sentence("hello-world"));
        image.project.container("--user 12345:12345", "").prints(&sentence("12345"));
    }
}

#[test]
fn program_is_static_and_belongs_to_root() {
    for image in images().iter() {
        let program = image.find(PROGRAM);
        assert_eq!((program.owner, program.mode), ((0, 0), 0o755));
        assert!(!asks_for_a_loader(&program.content));
    }
}

#[test]
fn nothing_in_the_layers_of_the_project_has_set_id_bits_or_is_writable_by_all() {
    for entry in images().iter().flat_map(|image| &image.own) {
        let expected = if entry.path == "tmp" { 0o1777 } else { entry.mode & 0o755 };
        assert!(entry.mode == expected || entry.link, "{}: {:o}", entry.path, entry.mode);
        // The user may write only there.
        let id = if entry.path == "data" { 1000 } else { 0 };
        assert_eq!(entry.owner, (id, id), "{}", entry.path);
    }
}

#[test]
fn scratch_image_is_the_program_the_certificates_and_the_accounts() {
    let [_, scratch] = &*images();
    assert_eq!(files(&scratch.own), ["etc/group", "etc/passwd", CERTIFICATES, PROGRAM]);
    let certificates = scratch.find(CERTIFICATES).content.len();
    assert!(certificates > 100_000, "{certificates}");
    assert_eq!(scratch.find("tmp").mode, 0o1777);
}

#[test]
fn alpine_image_is_its_base_the_program_and_the_accounts_and_runs_other_commands() {
    let [alpine, _] = &*images();
    assert_eq!(files(&alpine.own), ["etc/group", "etc/passwd", PROGRAM]);
    alpine.project.container("", "echo x").prints("x");
    alpine.project.container("", "whoami").prints("hello-world");
}

#[test]
fn no_file_is_stored_twice_but_the_accounts_of_alpine() {
    for (image, accounts) in images().iter().zip([&["etc/group", "etc/passwd"][..], &[]]) {
        let files = files(image.base.iter().chain(&image.own));
        let twice = files.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        assert_eq!(twice.collect::<Vec<_>>(), accounts);
    }
}

#[test]
fn two_builds_without_a_cache_make_the_same_layers() {
    let project = Project::hello();
    let again = "'BUILD_FLAGS=--no-cache-filter build,on-alpine,on-scratch'";
    for base in BASES {
        project.build(base).succeeds();
        let layers = project.inspect()["RootFS"].take();
        project.build(&format!("{base} {again}")).succeeds();
        assert_eq!(project.inspect()["RootFS"], layers);
    }
}

#[test]
fn scanners_find_the_crates_in_the_program() {
    for image in images().iter() {
        let program = &image.find(PROGRAM).content;
        let listed = auditable_info::audit_info_from_slice(program, usize::MAX).unwrap();
        let names: Vec<_> = listed.packages.iter().map(|package| package.name.as_str()).collect();
        for name in ["hello-world", "rand", "whoami"] {
            assert!(names.contains(&name), "no {name} in {names:?}");
        }
        // It is compiled for other platforms only.
        assert!(!names.contains(&"wasm-bindgen"), "{names:?}");
    }
}
