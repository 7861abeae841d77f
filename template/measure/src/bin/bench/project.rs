//! The projects that are built, and the edits that a developer makes to them.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use workshop::container::Container;
use workshop::{Project, base_image, copy_files, repository, sh};

use crate::situations::Situation;
use crate::ways::Way;

#[derive(Clone, Copy, PartialEq)]
pub enum App {
    /// A web service with 130 dependencies.
    Large,
    /// Another project on the same machine.
    Other,
}

impl App {
    /// Its folder in `template/bench`.
    fn folder(self) -> PathBuf {
        let name = if self == App::Large { "app" } else { "other" };
        repository().join("template/bench").join(name)
    }

    pub fn package(self) -> &'static str {
        if self == App::Large { "bench-app" } else { "bench-other" }
    }
}

/// The dependencies to add, one in each round. None is in the lock file of the app.
const ADDED: [&str; 5] =
    ["hex@=0.4.3", "humantime@=2.3.0", "bytesize@=1.3.3", "fnv@=1.0.7", "base64@=0.22.1"];

/// A copy of an app for one way to build, with what its program has to print.
pub struct Measured {
    project: Project,
    pub app: App,
    /// The container in which Cargo builds, if that is the way.
    pub container: Option<Container>,
    version: String,
    line: u32,
}

impl Deref for Measured {
    type Target = Project;

    fn deref(&self) -> &Project {
        &self.project
    }
}

impl Measured {
    /// The app as it is in the repository, with the container files.
    pub fn new(app: App, way: Way) -> Self {
        let project = Project::published(|home| {
            let unique = home.file_name().unwrap().to_str().unwrap();
            let path = home.join(format!("{}{unique}", app.package()));
            copy_files(&app.folder(), &path);
            path
        });
        let container = way.is_cargo().then(|| container(&project, way.is_incremental()));
        Self { project, app, container, version: "0.1.0".to_owned(), line: 0 }
    }

    /// Replaces this template's files by those of an earlier commit.
    pub fn restore(&self, commit: &str) {
        for file in ["Dockerfile", "Makefile", ".dockerignore"] {
            let path = format!("{commit}:{file}");
            self.write(file, sh!(repository(), "git show {path}").succeeds().stdout);
        }
    }

    /// What the program prints if it was built from the sources as they are now.
    pub fn expected(&self) -> String {
        format!("version {} line {}", self.version, self.line)
    }

    /// A copy of a Dockerfile, with `line` after each line that begins with `begin`.
    pub fn with_a_line(&self, file: &Path, begin: &str, line: &str) -> PathBuf {
        let text = fs::read_to_string(file).unwrap();
        let add = |old: &str| match old.starts_with(begin) {
            true => format!("{old}\n{line}\n"),
            false => format!("{old}\n"),
        };
        let copy = self.path.with_extension("Dockerfile");
        fs::write(&copy, text.lines().map(add).collect::<String>()).unwrap();
        copy
    }

    /// Makes the edit of a situation. Returns the dependency that Cargo has to compile.
    pub fn make_edit(&mut self, situation: Situation, unique: u32, round: u32) -> Option<String> {
        match situation {
            Situation::Nothing => {}
            Situation::Line => self.edit_line(unique),
            Situation::Readme => {
                for file in ["README.md", "tests/words.rs"] {
                    let text = fs::read_to_string(self.path.join(file)).unwrap_or_default();
                    self.write(file, format!("{text}// {unique}\n"));
                }
            }
            Situation::Version => {
                let version = format!("0.1.{unique}");
                let line = |version: &str| format!("version = \"{version}\"\n");
                self.edit("Cargo.toml", &line(&self.version), &line(&version));
                self.cargo("update --quiet --workspace");
                self.version = version;
            }
            Situation::Dependency => {
                let added = ADDED[round as usize];
                self.cargo(&format!("add --quiet {added}"));
                self.cargo("update --quiet --workspace");
                self.edit_line(unique);
                return Some(added.replace("@=", " v"));
            }
            other => unreachable!("{other:?} is no edit"),
        }
        None
    }

    pub fn edit_line(&mut self, line: u32) {
        let constant = |line: u32| format!("const LINE: u32 = {line};");
        self.edit("src/main.rs", &constant(self.line), &constant(line));
        self.line = line;
    }
}

fn container(project: &Project, incremental: bool) -> Container {
    let folder = project.path.display();
    let options = format!(
        "--init --volume {folder}:/app --workdir /app --env CARGO_TARGET_DIR=/target \
         --env CARGO_BUILD_TARGET=x86_64-unknown-linux-musl --env CARGO_INCREMENTAL={}",
        u8::from(incremental)
    );
    // lld, as in the template, because `cargo` is the lower bound for all others.
    let linker = "--env CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld";
    Container::start(&format!("{options} {linker}"), &base_image("rust"), "sleep infinity")
}
