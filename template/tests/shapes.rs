//! Projects of every shape build and run with the container files as they are.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use workshop::{Outcome, Project, base_image, command, run};

const MANIFEST: (&str, &str) = (
    "Cargo.toml",
    "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
);
const MAIN: (&str, &str) = ("src/main.rs", "fn main() { println!(\"main\") }");

/// What the program prints last, when `make run` builds and runs a project of these files.
fn prints(files: &[(&str, &str)]) -> String {
    ran(&Project::pasted(files)).last_line().to_owned()
}

fn ran(project: &Project) -> Outcome {
    project.make(&["run"], "").succeeds()
}

/// A manifest that begins as the one of every project here.
fn with(rest: &str) -> String {
    format!("{}{rest}", MANIFEST.1)
}

/// A program that prints `text`.
fn printing(text: &str) -> String {
    format!("fn main() {{ println!(\"{text}\") }}")
}

#[test]
fn library_and_program() {
    let main = ("src/main.rs", "fn main() { println!(\"{}\", one::WORD) }");
    let library = ("src/lib.rs", "pub const WORD: &str = \"library\";");
    assert_eq!(prints(&[MANIFEST, main, library]), "library");
}

#[test]
fn program_of_another_name_and_path() {
    let manifest = with("[[bin]]\nname = \"Other_2\"\npath = \"programs/first.rs\"\n");
    let main = ("programs/first.rs", MAIN.1);
    assert_eq!(prints(&[("Cargo.toml", &manifest), main]), "main");
}

#[test]
fn program_that_is_behind_a_feature() {
    let manifest = with(
        "[features]\ncli = []\n[[bin]]\nname = \"one\"\npath = \"src/main.rs\"\nrequired-features = [\"cli\"]\n",
    );
    assert_eq!(prints(&[("Cargo.toml", &manifest), MAIN]), "main");
}

#[test]
fn several_programs_of_which_one_has_the_packages_name() {
    let more = ("src/bin/more.rs", "fn main() {}");
    assert_eq!(prints(&[MANIFEST, MAIN, more]), "main");
}

#[test]
fn several_programs_of_which_one_is_the_default() {
    let manifest = with("default-run = \"more\"\n");
    let (first, second) = (printing("first"), printing("more"));
    let files = [
        ("Cargo.toml", manifest.as_str()),
        ("src/bin/first.rs", &first),
        ("src/bin/more.rs", &second),
    ];
    assert_eq!(prints(&files), "more");
}

#[test]
fn several_programs_of_which_one_has_the_name_of_its_package_but_for_cli() {
    let (first, second) = (printing("profile"), printing("tool"));
    let files = [
        (
            "Cargo.toml",
            "[package]\nname = \"tool-cli\"\nversion = \"1.0.0\"\n",
        ),
        ("src/bin/profile.rs", &first),
        ("src/bin/tool.rs", &second),
    ];
    assert_eq!(prints(&files), "tool");
}

#[test]
fn several_programs_of_which_a_person_chooses_one() {
    let (first, second) = (printing("first"), printing("second"));
    let files = [
        MANIFEST,
        ("src/bin/first.rs", &first),
        ("src/bin/second.rs", &second),
    ];
    let project = Project::pasted(&files);
    project
        .make(&["run"], "")
        .fails_with("error: choose a program with --build-arg BIN=name: first second");
    let ran = project.make(&["run", "BIN=second"], "").succeeds();
    assert_eq!(ran.last_line(), "second");
    let ran = project.make(&["run"], "--build-arg BIN=first").succeeds();
    assert_eq!(ran.last_line(), "first");
    project
        .make(&["run", "BIN=third"], "")
        .fails_with("error: the project has no program third");
}

#[test]
fn no_program() {
    let files = [MANIFEST, ("src/lib.rs", "")];
    Project::pasted(&files)
        .make(&["run"], "")
        .fails_with("error: the project has no program");
}

#[test]
fn workspace_with_a_root_package() {
    let manifest = with(
        "[dependencies]\ntwo = { path = \"two\" }\n[workspace]\nmembers = [\"two\", \"tool\"]\n",
    );
    let main = "fn main() { println!(\"{}\", two::WORD) }";
    let files = [
        ("Cargo.toml", manifest.as_str()),
        ("src/main.rs", main),
        ("two/Cargo.toml", &MANIFEST.1.replace("one", "two")),
        ("two/src/lib.rs", "pub const WORD: &str = \"two\";"),
        ("tool/Cargo.toml", &MANIFEST.1.replace("one", "tool")),
        ("tool/src/main.rs", "fn main() {}"),
    ];
    assert_eq!(prints(&files), "two");
}

/// A workspace without a root package, in a folder, which gives the image its name.
fn virtual_workspace(rest: &str, programs: &[&str]) -> Project {
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n{rest}\n[workspace.package]\nversion = \"0.3.0\"\n"
    );
    let project = Project::pasted(&[("Cargo.toml", &manifest)]);
    let library = "version.workspace = true\nedition = \"2024\"\n";
    for name in ["word"].iter().chain(programs) {
        let folder = project.path.join("crates").join(name);
        fs::create_dir_all(folder.join("src")).unwrap();
        let depends = if *name == "word" {
            ""
        } else {
            "[dependencies]\nword = { path = \"../word\" }\n"
        };
        let manifest = format!("[package]\nname = \"{name}\"\n{library}{depends}");
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        let (file, text) = if *name == "word" {
            ("lib.rs", "pub const WORD: &str = \"word\";".to_owned())
        } else {
            let main = format!(
                "fn main() {{ println!(\"{name} {{}} {{}}\", word::WORD, env!(\"CARGO_PKG_VERSION\")) }}"
            );
            ("main.rs", main)
        };
        fs::write(folder.join("src").join(file), text).unwrap();
    }
    project.cargo(&["generate-lockfile"]).succeeds();
    project
}

#[test]
fn workspace_without_a_root_package() {
    let project = virtual_workspace("", &["server"]);
    assert_eq!(ran(&project).last_line(), "server word 0.3.0");
    project.make(&["check"], "").succeeds();
    let several = virtual_workspace("", &["client", "server"]);
    several
        .make(&["run"], "")
        .fails_with("choose a program with --build-arg BIN=name: client server");
    let ran = several.make(&["run", "BIN=client"], "").succeeds();
    assert_eq!(ran.last_line(), "client word 0.3.0");
    let default = "default-members = [\"crates/server\"]";
    let project = virtual_workspace(default, &["client", "server"]);
    assert_eq!(self::ran(&project).last_line(), "server word 0.3.0");
}

#[test]
fn packages_beside_the_workspace() {
    let manifest = with(
        "[dependencies]\ntwo = { path = \"parts/two\" }\n[workspace]\nexclude = [\"parts\", \"unused\"]\n",
    );
    let two =
        MANIFEST.1.replace("one", "two") + "[dependencies]\nthree = { path = \"../three\" }\n";
    let files = [
        ("Cargo.toml", manifest.as_str()),
        ("src/main.rs", "fn main() { println!(\"{}\", two::WORD) }"),
        ("parts/two/Cargo.toml", &two),
        ("parts/two/src/lib.rs", "pub use three::WORD;"),
        (
            "parts/three/Cargo.toml",
            &MANIFEST.1.replace("one", "three"),
        ),
        (
            "parts/three/src/lib.rs",
            "pub const WORD: &str = \"three\";",
        ),
        ("unused/Cargo.toml", "no manifest at all"),
    ];
    assert_eq!(prints(&files), "three");
}

#[test]
fn build_script_and_the_files_that_it_reads() {
    let build = "fn main() {\n    let text = std::fs::read_to_string(\"words/größe 1.txt\").unwrap();\n    println!(\"cargo::rustc-env=WORD={}\", text.trim());\n}\n";
    let files = [
        MANIFEST,
        ("build.rs", build),
        ("words/größe 1.txt", "größe\n"),
        ("src/main.rs", "fn main() { println!(env!(\"WORD\")) }"),
    ];
    assert_eq!(prints(&files), "größe");
}

#[test]
fn build_script_that_asks_git_for_the_commit() {
    let build = "fn main() {\n    let git = std::process::Command::new(\"git\").args([\"rev-parse\", \"HEAD\"]).output().unwrap();\n    println!(\"cargo::rustc-env=COMMIT={}none\", String::from_utf8(git.stdout).unwrap());\n}\n";
    let main = "fn main() { println!(env!(\"COMMIT\")) }";
    let files = [MANIFEST, ("build.rs", build), ("src/main.rs", main)];
    assert_eq!(prints(&files), "none");
}

/// Links with what musl has in its libc.
const LINKING: (&str, &str) = (
    "build.rs",
    "fn main() { for part in [\"dl\", \"m\", \"pthread\", \"rt\", \"util\"] { println!(\"cargo::rustc-link-lib={part}\") } }",
);

#[test]
fn build_script_that_links_parts_of_the_c_library() {
    assert_eq!(prints(&[MANIFEST, MAIN, LINKING]), "main");
}

#[test]
fn macro_of_the_project_itself() {
    let manifest = with("[dependencies]\nwords = { path = \"words\" }\n[workspace]\n");
    let words = MANIFEST.1.replace("one", "words") + "[lib]\nproc-macro = true\n";
    let files = [
        ("Cargo.toml", manifest.as_str()),
        ("src/main.rs", "fn main() { println!(words::word!()) }"),
        ("words/Cargo.toml", &words),
        (
            "words/src/lib.rs",
            "#[proc_macro]\npub fn word(_: proc_macro::TokenStream) -> proc_macro::TokenStream { \"\\\"macro\\\"\".parse().unwrap() }",
        ),
    ];
    assert_eq!(prints(&files), "macro");
}

#[test]
fn benches_examples_and_tests_with_entries_of_their_own() {
    let manifest = with(
        "[[bench]]\nname = \"speed\"\nharness = false\n[[example]]\nname = \"show\"\npath = \"show.rs\"\n[[test]]\nname = \"all\"\npath = \"checks/all.rs\"\n",
    );
    let files = [
        ("Cargo.toml", manifest.as_str()),
        MAIN,
        ("benches/speed.rs", "no Rust"),
        ("show.rs", "no Rust"),
        ("checks/all.rs", "no Rust"),
        ("tests/more.rs", "no Rust"),
    ];
    assert_eq!(prints(&files), "main");
}

#[test]
fn cargo_configuration_with_flags_and_another_target() {
    let config = "[build]\ntarget = \"x86_64-unknown-linux-gnu\"\ntarget-dir = \"elsewhere\"\nrustflags = [\"--cfg\", \"word\"]\n[target.x86_64-unknown-linux-gnu]\nlinker = \"clang\"\n[env]\nWORD = \"configured\"\n";
    let files = [
        MANIFEST,
        (".cargo/config.toml", config),
        ("build.rs", "fn main() {}"),
        (
            "src/main.rs",
            "#[cfg(all(word, target_env = \"musl\"))]\nfn main() { println!(env!(\"WORD\")) }",
        ),
    ];
    assert_eq!(prints(&files), "configured");
}

#[test]
fn files_that_sources_include() {
    let main = "mod sql;\nfn main() {\n    let proto = include_bytes!(\"../proto/one.proto\");\n    println!(\"{} {} {}\", sql::FIRST, include_str!(\"../templates/page.html\"), proto.len());\n}\n";
    let files = [
        MANIFEST,
        ("src/main.rs", main),
        (
            "src/sql.rs",
            "pub const FIRST: &str = include_str!(\"../migrations/1_first.sql\");",
        ),
        ("migrations/1_first.sql", "select 1"),
        ("templates/page.html", "<p>"),
        ("proto/one.proto", "syntax"),
        (".gitignore", "/templates\n/migrations\n/proto\n"),
    ];
    assert_eq!(prints(&files), "select 1 <p> 6");
}

#[test]
fn all_editions() {
    for edition in ["2015", "2018", "2021", "2024"] {
        let manifest = MANIFEST.1.replace("2024", edition);
        let main = printing(edition);
        let files = [("Cargo.toml", manifest.as_str()), ("src/main.rs", &main)];
        assert_eq!(prints(&files), edition);
    }
}

#[test]
fn links_and_names_with_spaces_and_letters_of_all_kinds() {
    let manifest = with(
        "[dependencies]\ntwo = { path = \"linked\" }\n[workspace]\nmembers = [\"linked\"]\n[[bin]]\nname = \"one\"\npath = \"src/mein programm ä.rs\"\n",
    );
    let files = [
        ("Cargo.toml", manifest.as_str()),
        (
            "src/mein programm ä.rs",
            "#[path = \"ein modul ö.rs\"]\nmod module;\nfn main() { println!(\"{} {}\", module::WORD, two::WORD) }",
        ),
        (
            "src/ein modul ö.rs",
            "pub const WORD: &str = include_str!(\"link\");",
        ),
        ("the word", "linked"),
        ("parts/real/Cargo.toml", &MANIFEST.1.replace("one", "two")),
        ("parts/real/src/lib.rs", "pub const WORD: &str = \"two\";"),
    ];
    let project = Project::pasted(&files);
    symlink("../the word", project.path.join("src/link")).unwrap();
    symlink("parts/real", project.path.join("linked")).unwrap();
    project.cargo(&["generate-lockfile"]).succeeds();
    assert_eq!(ran(&project).last_line(), "linked two");
}

#[test]
fn features_and_profile_that_a_person_chooses() {
    let manifest = with(
        "[features]\nloud = []\nlong = []\n[profile.small]\ninherits = \"release\"\nopt-level = \"s\"\n",
    );
    let main = "fn main() { println!(\"{} {} {}\", cfg!(feature = \"loud\"), cfg!(feature = \"long\"), cfg!(debug_assertions)) }";
    let project = Project::pasted(&[("Cargo.toml", &manifest), ("src/main.rs", main)]);
    for (options, expected) in [
        (&[][..], "false false false"),
        (&["FEATURES=loud"], "true false false"),
        (&["FEATURES=loud long", "PROFILE=small"], "true true false"),
        (&["PROFILE=dev"], "false false true"),
    ] {
        let ran = project.make(&[&["run"], options].concat(), "").succeeds();
        assert_eq!(ran.last_line(), expected, "{options:?}");
    }
}

#[test]
fn lints_that_no_stub_would_pass() {
    let manifest = with(
        "[lints.rust]\nmissing_docs = \"deny\"\nunused = { level = \"deny\", priority = -1 }\nunused_crate_dependencies = \"deny\"\n[lints.clippy]\nall = \"deny\"\n[dependencies]\nitoa = \"1\"\n",
    );
    let main = "//! Documented.\nfn main() { println!(\"{}\", itoa::Buffer::new().format(7)) }";
    assert_eq!(
        prints(&[("Cargo.toml", &manifest), ("src/main.rs", main)]),
        "7"
    );
}

#[test]
fn crate_replaced_by_one_of_the_project() {
    let manifest = with(
        "[dependencies]\nunreachable = \"1\"\nvoid = \"1\"\n[workspace]\n[patch.crates-io]\nvoid = { path = \"void\" }\n",
    );
    let void = MANIFEST.1.replace("one", "void").replace("0.1.0", "1.0.2");
    let library = "#![no_std]\n#[derive(Clone, Copy)]\npub enum Void {}\npub fn unreachable(void: Void) -> ! { match void {} }\npub const WORD: &str = \"replaced\";\n";
    let main = "use unreachable as _;\nfn main() { println!(\"{}\", void::WORD) }";
    let files = [
        ("Cargo.toml", manifest.as_str()),
        ("src/main.rs", main),
        ("void/Cargo.toml", &void),
        ("void/src/lib.rs", library),
    ];
    let project = Project::pasted(&files);
    assert_eq!(ran(&project).last_line(), "replaced");
    // Another project's cache has the crate as it was.
    project.edit("void/src/lib.rs", "replaced", "replaced anew");
    assert_eq!(ran(&project).last_line(), "replaced anew");
}

/// Flags of a build that reaches no network.
const OFFLINE: &str =
    "--build-arg http_proxy=http://127.0.0.1:9 --build-arg https_proxy=http://127.0.0.1:9";

#[test]
fn vendored_crates_without_a_network() {
    let manifest = with("[dependencies]\nitoa = \"=1.0.14\"\n");
    let main = "fn main() { println!(\"{}\", itoa::Buffer::new().format(7)) }";
    let project = Project::pasted(&[("Cargo.toml", &manifest), ("src/main.rs", main)]);
    project
        .make(&["build"], OFFLINE)
        .fails_with("failed to download");
    let vendor = project.cargo(&["vendor"]).succeeds();
    fs::create_dir_all(project.path.join(".cargo")).unwrap();
    fs::write(project.path.join(".cargo/config.toml"), vendor.stdout).unwrap();
    let ran = project.make(&["run"], OFFLINE).succeeds();
    assert_eq!(ran.last_line(), "7");
}

#[test]
fn toolchain_file() {
    let version = run(&mut command(
        Path::new("/"),
        "docker",
        &["run", "--rm", &base_image("rust"), "rustc", "--version"],
    ))
    .succeeds();
    let version = version.stdout.split_whitespace().nth(1).unwrap();
    let project = Project::pasted(&[MANIFEST, MAIN]);
    let with = |file: &str, text: &str| {
        fs::write(project.path.join(file), text).unwrap();
        let outcome = project.make(&["run"], "");
        fs::remove_file(project.path.join(file)).unwrap();
        outcome
    };
    // No toolchain is brought by a name that the installed one has not.
    for (file, text) in [
        (
            "rust-toolchain.toml",
            format!("[toolchain]\nchannel = \"{version}\"\n"),
        ),
        (
            "rust-toolchain.toml",
            "[toolchain]\nchannel = \"stable\" # the last\ncomponents = [\"clippy\"]\n".to_owned(),
        ),
        (
            "rust-toolchain.toml",
            "[toolchain]\nprofile = \"minimal\"\ntargets = [\"wasm32-unknown-unknown\"]\n"
                .to_owned(),
        ),
        (
            "rust-toolchain",
            version.rsplit_once('.').unwrap().0.to_owned(),
        ),
    ] {
        let outcome = with(file, &text).succeeds();
        assert_eq!(outcome.last_line(), "main");
        assert!(
            !outcome.rebuilt().iter().any(|step| step.contains("rustup")),
            "{outcome}"
        );
    }
    // Never built before, so that rustup has to say something.
    let older = format!("[toolchain]\nchannel = \"1.85.0\" # {}\n", project.image);
    let other = with("rust-toolchain.toml", &older).succeeds();
    assert!(other.stderr.contains("1.85.0"), "{other}");
    let channel = "[toolchain]\nchannel = \"1.9999.0\"\n";
    with("rust-toolchain.toml", channel).fails_with("1.9999.0");
}

#[test]
fn packages_of_debian_that_a_person_chooses() {
    let build = "fn main() {\n    for tool in [\"bc\", \"git\"] {\n        assert!(std::process::Command::new(tool).arg(\"--version\").status().unwrap().success());\n    }\n}\n";
    let project = Project::pasted(&[MANIFEST, MAIN, ("build.rs", build)]);
    project.make(&["run"], "").fails_with("NotFound");
    let ran = project.make(&["run", "APT_PACKAGES=bc git"], "").succeeds();
    assert_eq!(ran.last_line(), "main");
}

#[test]
fn three_hundred_members() {
    let members: Vec<_> = (0..300).map(|n| format!("m{n}")).collect();
    let depends: String = members
        .iter()
        .map(|name| format!("{name} = {{ path = \"members/{name}\" }}\n"))
        .collect();
    let manifest = with(&format!(
        "[dependencies]\n{depends}[workspace]\nmembers = [\"members/*\"]\n"
    ));
    let sum: String = members
        .iter()
        .map(|name| format!(" + {name}::ONE"))
        .collect();
    let main = format!("fn main() {{ println!(\"{{}}\", 0{sum}) }}");
    let mut files = vec![
        ("Cargo.toml".to_owned(), manifest),
        ("src/main.rs".to_owned(), main),
    ];
    for name in &members {
        files.push((
            format!("members/{name}/Cargo.toml"),
            MANIFEST.1.replace("one", name),
        ));
        files.push((
            format!("members/{name}/src/lib.rs"),
            "pub const ONE: u32 = 1;".to_owned(),
        ));
    }
    let files: Vec<_> = files
        .iter()
        .map(|(file, text)| (file.as_str(), text.as_str()))
        .collect();
    assert_eq!(prints(&files), "300");
}

#[test]
fn lock_file_that_is_not_there_or_does_not_fit() {
    let project = Project::pasted(&[MANIFEST, MAIN]);
    let lock = project.read("Cargo.lock");
    fs::remove_file(project.path.join("Cargo.lock")).unwrap();
    // Makefile and Dockerfile alike.
    let reason = "error: there is no Cargo.lock: make one with 'cargo generate-lockfile'";
    project.make(&["build"], "").fails_with(reason);
    project.docker_build(&[]).fails_with(reason);
    fs::write(project.path.join("Cargo.lock"), &lock).unwrap();
    fs::write(
        project.path.join("Cargo.toml"),
        with("[dependencies]\nitoa = \"1\"\n"),
    )
    .unwrap();
    project.make(&["build"], "").fails_with(
        "error: Cargo.lock does not fit Cargo.toml, mend it with 'cargo update --workspace'",
    );
    assert_eq!(project.read("Cargo.lock"), lock);
}
