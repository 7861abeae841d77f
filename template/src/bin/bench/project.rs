//! The projects that are built, and the edits that a developer makes to them.

use std::fmt::Write;
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use workshop::container::Container;
use workshop::{Project, base_image, command, copy_files, peers, repository, run};

use crate::growth::Growth;
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
    /// The same program with more and more dependencies or members.
    Growing(Growth),
}

impl App {
    pub fn name(self) -> String {
        match self {
            App::Large => "large".to_owned(),
            App::Small => "small".to_owned(),
            App::Other => "other".to_owned(),
            App::Workspace => "workspace".to_owned(),
            App::Growing(growth) => growth.name(),
        }
    }

    /// Writes its files into `folder`. Not those of the small app, which is generated.
    fn write(self, folder: &Path) {
        let name = match self {
            App::Growing(growth) => return growth.write(folder),
            App::Large => "app",
            App::Other => "other",
            App::Workspace => "workspace",
            App::Small => unreachable!("the small app is generated"),
        };
        copy_files(&repository().join("template/bench").join(name), folder);
    }

    fn is_workspace(self) -> bool {
        matches!(self, App::Workspace | App::Growing(Growth::Members(_)))
    }

    pub fn package(self) -> &'static str {
        match self {
            App::Large | App::Workspace => "bench-app",
            App::Small => "hello-world",
            App::Other => "bench-other",
            App::Growing(_) => "bench-growth",
        }
    }
}

/// The dependencies to add, one in each round. None is in the lock file of an app with that many rounds.
const ADDED: [&str; 5] = [
    "hex@=0.4.3",
    "humantime@=2.3.0",
    "bytesize@=1.3.3",
    "fnv@=1.0.7",
    "base64@=0.22.1",
];
const ANYHOW: [&str; 5] = ["1.0.100", "1.0.99", "1.0.98", "1.0.97", "1.0.96"];
const LIBC: [&str; 5] = ["0.2.190", "0.2.189", "0.2.188", "0.2.187", "0.2.186"];

/// A copy of an app for one peer, with the numbers that its program has to print.
pub struct Measured {
    project: Project,
    pub app: App,
    /// The container in which Cargo builds, if that is the peer.
    pub container: Option<Container>,
    version: String,
    line: u32,
    module: u32,
}

impl Deref for Measured {
    type Target = Project;

    fn deref(&self) -> &Project {
        &self.project
    }
}

impl Measured {
    /// The app as it is in the repository, with the container files.
    pub fn new(app: App, peer: &str) -> Self {
        let project = match app {
            App::Small => Project::generate("hello-world"),
            _ => Project::published(|home| {
                let unique = home.file_name().unwrap().to_str().unwrap();
                let path = home.join(format!("{}{unique}", app.package()));
                app.write(&path);
                path
            }),
        };
        let mut measured = Self {
            project,
            app,
            container: None,
            version: "0.1.0".to_owned(),
            line: 0,
            module: 0,
        };
        if app == App::Small {
            measured.print_numbers();
        }
        if peer.starts_with("cargo") {
            measured.container = Some(measured.start_container(peer.ends_with(INCREMENTAL)));
        }
        measured
    }

    /// Makes the shipped program print its version and the constants that edits change.
    fn print_numbers(&self) {
        let constants = "\nconst LINE: u32 = 0;\nconst MODULE: u32 = 0;\n";
        let print =
            r#"println!("version {} line {LINE} module {MODULE}", env!("CARGO_PKG_VERSION"));"#;
        for (before, added) in [
            ("use std::process::ExitCode;\n", constants),
            ("fn main() -> ExitCode {\n", print),
        ] {
            self.edit("src/main.rs", before, &format!("{before}{added}"));
        }
        let manifest = self.read("Cargo.toml") + "\n[profile.release]\nstrip = true\n";
        fs::write(self.path.join("Cargo.toml"), manifest).unwrap();
    }

    fn start_container(&self, incremental: bool) -> Container {
        let mount = format!("--volume={}:/app", self.path.display());
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

    /// Replaces this template's files by those of an earlier commit.
    pub fn restore(&self, commit: &str) {
        for file in ["Dockerfile", "Makefile", ".dockerignore"] {
            let shown = ["show", &format!("{commit}:{file}")];
            let shown = run(&mut command(repository(), "git", &shown)).succeeds();
            fs::write(self.path.join(file), shown.stdout).unwrap();
        }
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
        if !self.app.is_workspace() || !file.exists() {
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
        let file = self.path.with_extension("Dockerfile");
        fs::write(&file, text).unwrap();
        file
    }

    /// Makes the edit of a situation from 2 to 8. Returns the dependency that Cargo has to compile.
    pub fn make_edit(&mut self, situation: u32, unique: u32, round: u32) -> Option<String> {
        let round = round as usize;
        match situation {
            2 => {}
            3 => self.edit_line(unique),
            4 => self.add_module(unique),
            5 => {
                for file in ["README.md", "tests/words.rs"] {
                    fs::create_dir_all(self.path.join("tests")).unwrap();
                    let text = fs::read_to_string(self.path.join(file)).unwrap_or_default();
                    fs::write(self.path.join(file), format!("{text}// {unique}\n")).unwrap();
                }
            }
            6 => self.set_version(format!("0.1.{unique}")),
            7 => {
                self.cargo(&["add", "--quiet", ADDED[round]]).succeeds();
                self.cargo(&["update", "--quiet", "--workspace"]).succeeds();
                self.edit_line(unique);
                return Some(ADDED[round].replace("@=", " v"));
            }
            8 => {
                let (name, versions) = if self.app == App::Small {
                    ("libc", LIBC)
                } else {
                    ("anyhow", ANYHOW)
                };
                let precise = ["--precise", versions[round]];
                self.cargo(&[&["update", "--quiet", "--package", name], &precise[..]].concat())
                    .succeeds();
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
        self.edit(
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
        self.edit("src/main.rs", &constant(self.module), &constant(value));
        let file = self.path.join(format!("src/added_{value}.rs"));
        fs::write(file, format!("pub const VALUE: u32 = {value};\n")).unwrap();
        self.module = value;
    }

    fn set_version(&mut self, version: String) {
        let line = |version: &str| format!("version = \"{version}\"\n");
        self.edit("Cargo.toml", &line(&self.version), &line(&version));
        self.cargo(&["update", "--quiet", "--workspace"]).succeeds();
        self.version = version;
    }
}
