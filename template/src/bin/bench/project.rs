//! The projects that are built, and the edits that a developer makes to them.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use workshop::container::Container;
use workshop::{base_image, command, generate, peers, repository, run};

use crate::ways::INCREMENTAL;

#[derive(Clone, Copy, PartialEq)]
pub enum App {
    /// A web service with 130 dependencies.
    Large,
    /// The app that the template ships.
    Small,
    /// Another project on the same machine.
    Other,
    /// The large app, split into three packages.
    Workspace,
}

impl App {
    pub fn name(self) -> &'static str {
        match self {
            App::Large => "large",
            App::Small => "small",
            App::Other => "other",
            App::Workspace => "workspace",
        }
    }

    pub fn package(self) -> &'static str {
        match self {
            App::Large | App::Workspace => "bench-app",
            App::Small => "hello-world",
            App::Other => "bench-other",
        }
    }
}

/// The dependencies to add, one in each round. They are in no app's lock file.
const ADDED: [&str; 5] = [
    "hex@=0.4.3",
    "fnv@=1.0.7",
    "humantime@=2.3.0",
    "base64@=0.22.1",
    "bytesize@=1.3.3",
];
const ANYHOW: [&str; 5] = ["1.0.100", "1.0.99", "1.0.98", "1.0.97", "1.0.96"];
const LIBC: [&str; 5] = ["0.2.190", "0.2.189", "0.2.188", "0.2.187", "0.2.186"];

/// A copy of an app for one peer, with the numbers that its program has to print.
///
/// Dropping removes its images and its container.
pub struct Project {
    pub app: App,
    pub folder: PathBuf,
    pub image: String,
    /// The container in which Cargo builds, if that is the peer.
    pub container: Option<Container>,
    version: String,
    line: u32,
    module: u32,
}

impl Project {
    /// The app as it is in the repository, with the container files, in a folder below `parent`.
    pub fn new(parent: &Path, app: App, peer: &str) -> Self {
        let folder = parent.join(app.name()).join(peer);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        let bench = repository().join("template/bench");
        match app {
            App::Large => copy(&bench.join("app"), &folder),
            App::Other => copy(&bench.join("other"), &folder),
            App::Workspace => {
                copy(&bench.join("app"), &folder);
                for member in ["service", "text"] {
                    let target = folder.join("crates").join(member);
                    fs::create_dir_all(target.join("src")).unwrap();
                    let manifest = bench.join("workspace").join(format!("{member}.toml"));
                    fs::copy(manifest, target.join("Cargo.toml")).unwrap();
                }
            }
            App::Small => {
                generate(folder.parent().unwrap(), &["--name", "hello-world"]).succeeds();
                fs::remove_dir(&folder).unwrap();
                fs::rename(folder.with_file_name("hello-world"), &folder).unwrap();
            }
        }
        for file in ["Dockerfile", "Makefile", ".dockerignore"] {
            fs::copy(repository().join(file), folder.join(file)).unwrap();
        }
        let unique = parent.file_name().unwrap().to_str().unwrap();
        let unique = format!(
            "{}-{}-{peer}",
            unique.trim_start_matches('.').to_lowercase(),
            app.name()
        );
        let mut project = Self {
            app,
            image: format!("template-bench/{unique}"),
            container: None,
            folder,
            version: "0.1.0".to_owned(),
            line: 0,
            module: 0,
        };
        project.prepare();
        if peer.starts_with("cargo") {
            project.container = Some(project.start_container(peer.ends_with(INCREMENTAL)));
        }
        project
    }

    fn prepare(&mut self) {
        match self.app {
            App::Large | App::Other => {}
            App::Small => {
                self.replace(
                    "src/main.rs",
                    "use std::process::ExitCode;\n",
                    "use std::process::ExitCode;\n\nconst LINE: u32 = 0;\nconst MODULE: u32 = 0;\n",
                );
                self.replace(
                    "src/main.rs",
                    "fn main() -> ExitCode {\n",
                    "fn main() -> ExitCode {\n    println!(\"version {} line {LINE} module {MODULE}\", env!(\"CARGO_PKG_VERSION\"));\n",
                );
                let manifest = self.read("Cargo.toml") + "\n[profile.release]\nstrip = true\n";
                fs::write(self.folder.join("Cargo.toml"), manifest).unwrap();
            }
            App::Workspace => {
                for (from, to) in [
                    ("routes", "service"),
                    ("settings", "service"),
                    ("text", "text"),
                ] {
                    let target = self.folder.join("crates").join(to).join("src");
                    let to = if from == to { "lib" } else { from };
                    fs::rename(
                        self.folder.join(format!("src/{from}.rs")),
                        target.join(format!("{to}.rs")),
                    )
                    .unwrap();
                }
                fs::write(
                    self.folder.join("crates/service/src/lib.rs"),
                    "pub mod routes;\npub mod settings;\n",
                )
                .unwrap();
                self.replace(
                    "crates/service/src/routes.rs",
                    "use crate::text::",
                    "use text::",
                );
                self.replace(
                    "src/main.rs",
                    "mod routes;\nmod settings;\nmod text;\n",
                    "use service::{routes, settings};\n",
                );
                self.replace("src/main.rs", "const LINE: u32 = 0;", "use text::LINE;");
                let library = self.read("crates/text/src/lib.rs") + "\npub const LINE: u32 = 0;\n";
                fs::write(self.folder.join("crates/text/src/lib.rs"), library).unwrap();
                self.replace(
                    "Cargo.toml",
                    "[dependencies]\n",
                    "[dependencies]\nservice = { path = \"crates/service\" }\ntext = { path = \"crates/text\" }\n",
                );
                self.cargo(&["update", "--quiet", "--workspace"]);
            }
        }
    }

    fn start_container(&self, incremental: bool) -> Container {
        let mount = format!("--volume={}:/app", self.folder.display());
        let incremental = format!("--env=CARGO_INCREMENTAL={}", u8::from(incremental));
        let options = [
            "--init",
            &mount,
            "--workdir=/app",
            "--env=CARGO_TARGET_DIR=/target",
            "--env=CARGO_BUILD_TARGET=x86_64-unknown-linux-musl",
            // lld, as in the template, because `cargo` is the lower bound for all others.
            "--env=CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld",
            &incremental,
        ];
        Container::start(&options, &base_image("rust"), &["sleep", "infinity"])
    }

    /// What the program prints if it was built from the sources as they are now.
    pub fn expected(&self) -> String {
        format!(
            "version {} line {} module {}",
            self.version, self.line, self.module
        )
    }

    /// The Dockerfile of a peer, or its variant for a workspace. If the peer's name ends with
    /// `INCREMENTAL`, each stage with a Rust compiler gets a line more.
    pub fn dockerfile(&self, peer: &str) -> PathBuf {
        let published = peer.trim_end_matches(INCREMENTAL);
        let workspace = format!("{}-workspace", published.trim_end_matches("-mended"));
        let mut file = peers::dockerfile(&workspace);
        if self.app != App::Workspace || !file.exists() {
            file = peers::dockerfile(published);
        }
        if published == peer {
            return file;
        }
        let mut text = String::new();
        for line in fs::read_to_string(file).unwrap().lines() {
            writeln!(text, "{line}").unwrap();
            if ["FROM rust ", "FROM chef "]
                .iter()
                .any(|from| line.starts_with(from))
            {
                text.push_str("ENV CARGO_INCREMENTAL=1\n");
            }
        }
        let file = self.folder.with_extension("Dockerfile");
        fs::write(&file, text).unwrap();
        file
    }

    /// Makes the edit of a situation from 2 to 8. Returns the dependency that Cargo has to compile.
    pub fn edit(&mut self, situation: u32, unique: u32, round: u32) -> Option<String> {
        let round = round as usize;
        match situation {
            2 => {}
            3 => self.edit_line(unique),
            4 => self.add_module(unique),
            5 => {
                for file in ["README.md", "tests/words.rs"] {
                    fs::create_dir_all(self.folder.join("tests")).unwrap();
                    let text = fs::read_to_string(self.folder.join(file)).unwrap_or_default();
                    fs::write(self.folder.join(file), format!("{text}// {unique}\n")).unwrap();
                }
            }
            6 => self.set_version(format!("0.1.{unique}")),
            7 => {
                self.cargo(&["add", "--quiet", ADDED[round]]);
                self.cargo(&["update", "--quiet", "--workspace"]);
                self.edit_line(unique);
                return Some(ADDED[round].replace("@=", " v"));
            }
            8 => {
                let (name, versions) = if self.app == App::Small {
                    ("libc", LIBC)
                } else {
                    ("anyhow", ANYHOW)
                };
                self.cargo(&[
                    "update",
                    "--quiet",
                    "--package",
                    name,
                    "--precise",
                    versions[round],
                ]);
                return Some(format!("{name} v{}", versions[round]));
            }
            _ => unreachable!("situation {situation} is no edit"),
        }
        None
    }

    pub fn edit_line(&mut self, line: u32) {
        let file = if self.app == App::Workspace {
            "crates/text/src/lib.rs"
        } else {
            "src/main.rs"
        };
        self.replace(
            file,
            &format!("const LINE: u32 = {};", self.line),
            &format!("const LINE: u32 = {line};"),
        );
        self.line = line;
    }

    fn add_module(&mut self, value: u32) {
        let constant = |module: u32| match module {
            0 => "const MODULE: u32 = 0;".to_owned(),
            _ => format!("mod added_{module};\nconst MODULE: u32 = added_{module}::VALUE;"),
        };
        self.replace("src/main.rs", &constant(self.module), &constant(value));
        let file = self.folder.join(format!("src/added_{value}.rs"));
        fs::write(file, format!("pub const VALUE: u32 = {value};\n")).unwrap();
        self.module = value;
    }

    fn set_version(&mut self, version: String) {
        let line = |version: &str| format!("version = \"{version}\"\n");
        self.replace("Cargo.toml", &line(&self.version), &line(&version));
        self.cargo(&["update", "--quiet", "--workspace"]);
        self.version = version;
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap()
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "no '{from}' in {file}:\n{text}");
        fs::write(self.folder.join(file), text.replacen(from, to, 1)).unwrap();
    }

    /// Runs the machine's own Cargo, to edit the manifest and the lock file.
    fn cargo(&self, arguments: &[&str]) {
        run(&mut command(&self.folder, "cargo", arguments)).succeeds();
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let run_image = self.image.replace("template-bench/", "localhost/");
        let arguments = ["image", "rm", "--force", &self.image, &run_image];
        // Some peers have only one of them, or none.
        let _ = command(Path::new("/"), "docker", &arguments).output();
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            if entry.file_name() != "target" {
                fs::create_dir_all(&target).unwrap();
                copy(&entry.path(), &target);
            }
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
