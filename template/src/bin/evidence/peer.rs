//! One way to build, led into one trap.

use std::fs;
use std::ops::Deref;
use std::sync::{Mutex, OnceLock};

use workshop::evidence::Verdict;
use workshop::paste::reason;
use workshop::podman::Podman;
use workshop::{Entry, Outcome, Project, peers};

/// What was seen.
pub struct Found {
    pub verdict: Verdict,
    pub seen: String,
}

pub fn avoids(seen: impl Into<String>) -> Found {
    let (verdict, seen) = (Verdict::Avoids, seen.into());
    Found { verdict, seen }
}

pub fn falls(seen: impl Into<String>) -> Found {
    let (verdict, seen) = (Verdict::Falls, seen.into());
    Found { verdict, seen }
}

pub fn fails(seen: impl Into<String>) -> Found {
    let (verdict, seen) = (Verdict::Fails, seen.into());
    Found { verdict, seen }
}

/// A project whose package has a name that no other project has, because some ways keep what they
/// compiled for another project of that name: that is one of the traps, and no part of the others.
pub struct Case {
    project: Project,
    pub name: String,
}

impl Case {
    /// Makes a project of `files`, each a path and a text. Its package is called `name` in them.
    pub fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let project = Project::pasted(files);
        let unique = project.image.rsplit('/').next().unwrap();
        let unique = format!("{name}{unique}");
        let name = name.to_owned();
        Self { project, name }.renamed(&unique)
    }

    /// Gives the package another name.
    pub fn renamed(mut self, name: &str) -> Self {
        for file in ["Cargo.toml", "Cargo.lock"] {
            let was = format!("name = \"{}\"", self.name);
            // There may be no lock file yet.
            if self.path.join(file).exists() {
                self.edit(file, &was, &format!("name = \"{name}\""));
            }
        }
        self.name = name.to_owned();
        self
    }
}

impl Deref for Case {
    type Target = Project;

    fn deref(&self) -> &Project {
        &self.project
    }
}

/// What takes long to start. It starts when it is needed, and runs until the program's end.
#[derive(Default)]
pub struct Tools {
    chef: OnceLock<String>,
    podman: OnceLock<Podman>,
    podmans_chef: OnceLock<String>,
}

impl Tools {
    /// The option that names the image that cargo-chef's Dockerfile starts from.
    fn chef(&self) -> &str {
        self.chef.get_or_init(peers::chef_context)
    }

    fn podman(&self) -> &Podman {
        self.podman.get_or_init(Podman::start)
    }

    /// As `chef`, for podman, which gets the image.
    fn podmans_chef(&self) -> &str {
        self.podmans_chef.get_or_init(|| {
            let image = self.chef().split_once("=docker-image://").unwrap().1;
            self.podman().load("chef", image)
        })
    }
}

/// What the logs of builds that fail say, and the same in a few words.
const WORDS: [(&str, &str); 7] = [
    ("can't find `speed` bench", "misses `speed.rs`"),
    ("could not download file", "wants to download it"),
    (
        "couldn't read `src/../migrations/1_first.sql`",
        "misses `1_first.sql`",
    ),
    (
        "environment variable `WORD` not defined",
        "misses `build.rs`",
    ),
    (
        "failed to load manifest for dependency `two`",
        "misses `two/Cargo.toml`",
    ),
    (
        "authenticated registries require a credential-provider",
        "gets no token",
    ),
    (
        "registry index was not found",
        "misses `.cargo/config.toml`",
    ),
];

/// A way to build. Keeps what its builds and programs print.
pub struct Peer<'a> {
    name: &'static str,
    tools: &'a Tools,
    log: Mutex<String>,
}

impl<'a> Peer<'a> {
    pub fn new(name: &'static str, tools: &'a Tools) -> Self {
        let log = Mutex::default();
        Self { name, tools, log }
    }

    /// All that was printed.
    pub fn log(self) -> String {
        self.log.into_inner().unwrap()
    }

    /// Builds the image as the way's authors say, with `flags` for `docker buildx build`. Returns
    /// what was seen if that fails.
    pub fn build(&self, case: &Case, flags: &[&str]) -> Result<Outcome, Found> {
        let built = if self.name == "template" {
            case.make_with_any_layer(&["build"], &flags.join(" "))
        } else {
            let file = peers::dockerfile(self.name);
            let file = format!("--file={}", file.display());
            let name = format!("--build-arg=NAME={}", case.name);
            let chef = self.starts_from_chef().then(|| self.tools.chef());
            let mut arguments = vec![&*file, &*name];
            arguments.extend(chef);
            case.docker_build(&[&arguments, flags].concat())
        };
        self.note(built)
    }

    /// As `build`, with podman, which also runs the image.
    pub fn podman(&self, case: &Case) -> Result<Outcome, Found> {
        let podman = self.tools.podman();
        let mut arguments = Vec::new();
        let file = case.path.with_extension("Dockerfile");
        let name = format!("--build-arg=NAME={}", case.name);
        if self.name != "template" {
            fs::copy(peers::dockerfile(self.name), &file).unwrap();
            arguments.extend(["--file", file.to_str().unwrap(), &name]);
        }
        if self.starts_from_chef() {
            arguments.push(self.tools.podmans_chef());
        }
        self.note(podman.build(case, &arguments))?;
        self.note(podman.run(case, &[]))
    }

    /// Runs the image's program. Returns what was seen if that fails.
    pub fn run(&self, case: &Case) -> Result<Outcome, Found> {
        self.note(case.container(&[], &[]))
    }

    /// Builds the image with `flags`, and looks whether its program prints `expected`.
    pub fn prints(&self, case: &Case, flags: &[&str], expected: &str) -> Result<Outcome, Found> {
        let built = self.build(case, flags)?;
        match self.run(case)?.stdout.trim() {
            printed if printed == expected => Ok(built),
            "" => Err(falls("prints nothing")),
            printed => Err(falls(format!("prints \"{printed}\""))),
        }
    }

    /// What its authors say to run before an image is published. `None` if they say nothing.
    pub fn check(&self, case: &Case) -> Option<Outcome> {
        let checks = self.name == "template";
        let checked = checks.then(|| case.make_with_any_layer(&["check"], ""))?;
        *self.log.lock().unwrap() += &format!("{checked}\n");
        Some(checked)
    }

    /// The option that asks for the smallest of its images.
    pub fn smallest(&self) -> &'static [&'static str] {
        match self.name {
            "template" => &["--target=on-scratch"],
            _ => &[],
        }
    }

    fn starts_from_chef(&self) -> bool {
        self.name.starts_with("chef")
    }

    fn note(&self, outcome: Outcome) -> Result<Outcome, Found> {
        let text = outcome.to_string();
        *self.log.lock().unwrap() += &format!("{text}\n");
        if outcome.success {
            Ok(outcome)
        } else {
            let known = WORDS.iter().find(|(said, _)| text.contains(said));
            Err(fails(known.map_or_else(
                || reason(&text),
                |(_, words)| (*words).to_owned(),
            )))
        }
    }
}

/// The program of an image: the last one in its layers. Panics if there is none.
pub fn program(layers: &[Vec<Entry>]) -> &Entry {
    let is_program = |entry: &&Entry| entry.content.starts_with(b"\x7fELF");
    let mut entries = layers.iter().flatten();
    entries
        .rfind(is_program)
        .expect("the image should have a program")
}
