//! One way to build, led into one trap.

use std::fs;
use std::ops::Deref;
use std::sync::{Mutex, OnceLock};

use workshop::package::Package;
use workshop::podman::Podman;
use workshop::{Entry, Outcome, Project};

use crate::evidence::Verdict;
use crate::paste::reason;
use crate::peers;

/// What was seen, in a few words.
pub struct Found {
    pub verdict: Verdict,
    pub seen: String,
}

pub fn avoids(seen: impl Into<String>) -> Found {
    Found { verdict: Verdict::Avoids, seen: seen.into() }
}

pub fn falls(seen: impl Into<String>) -> Found {
    Found { verdict: Verdict::Falls, seen: seen.into() }
}

/// A project whose package has a name that no other project has, because some ways keep what they
/// compiled for another project of that name: that is one of the traps, and no part of the others.
pub struct Case {
    project: Project,
    pub name: String,
}

impl Case {
    pub fn new(package: Package) -> Self {
        let name = package.name().to_owned();
        let project = package.paste();
        let unique = format!("{name}{}", project.image.rsplit('/').next().unwrap());
        Self { project, name }.renamed(&unique)
    }

    /// Gives the package another name.
    pub fn renamed(mut self, name: &str) -> Self {
        // There may be no lock file yet.
        for file in ["Cargo.toml", "Cargo.lock"].into_iter().filter(|file| self.has(file)) {
            let was = format!("name = \"{}\"", self.name);
            self.edit(file, &was, &format!("name = \"{name}\""));
        }
        self.name = name.to_owned();
        self
    }

    fn has(&self, file: &str) -> bool {
        self.path.join(file).exists()
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
    ("couldn't read `src/../migrations/1_first.sql`", "misses `1_first.sql`"),
    ("environment variable `WORD` not defined", "misses `build.rs`"),
    ("failed to load manifest for dependency `two`", "misses `two/Cargo.toml`"),
    ("authenticated registries require a credential-provider", "gets no token"),
    ("registry index was not found", "misses `.cargo/config.toml`"),
];

/// A way to build. Keeps what its builds and programs print.
pub struct Peer<'a> {
    name: &'a str,
    tools: &'a Tools,
    log: Mutex<String>,
}

impl<'a> Peer<'a> {
    pub fn new(name: &'a str, tools: &'a Tools) -> Self {
        Self { name, tools, log: Mutex::default() }
    }

    /// All that was printed.
    pub fn log(self) -> String {
        self.log.into_inner().unwrap()
    }

    fn is_template(&self) -> bool {
        self.name == "template"
    }

    fn is_chef(&self) -> bool {
        self.name == "chef"
    }

    /// Builds the image as the way's authors say, with options of `docker buildx build`. Returns
    /// what was seen if that fails.
    pub fn build(&self, case: &Case, options: &str) -> Result<Outcome, Found> {
        if self.is_template() {
            let build = format!("build 'BUILD_FLAGS={options}'");
            return self.note(case.make_with_any_layer(&build));
        }
        let file = peers::dockerfile(self.name);
        let chef = if self.is_chef() { self.tools.chef() } else { "" };
        let named = format!("--file {} --build-arg NAME={}", file.display(), case.name);
        self.note(case.docker_build(&format!("{named} {chef} {options}")))
    }

    /// As `build`, with podman, which also runs the image.
    pub fn podman(&self, case: &Case) -> Result<Outcome, Found> {
        let mut options = String::new();
        if !self.is_template() {
            let file = case.path.with_extension("Dockerfile");
            fs::copy(peers::dockerfile(self.name), &file).unwrap();
            options = format!("--file {} --build-arg NAME={}", file.display(), case.name);
        }
        if self.is_chef() {
            options = format!("{options} {}", self.tools.podmans_chef());
        }
        let podman = self.tools.podman();
        self.note(podman.build(case, &options))?;
        self.note(podman.run(case, ""))
    }

    /// Runs the image's program. Returns what was seen if that fails.
    pub fn run(&self, case: &Case) -> Result<Outcome, Found> {
        self.note(case.starts())
    }

    /// Builds the image, and looks whether its program prints `expected`.
    pub fn prints(&self, case: &Case, expected: &str) -> Result<Outcome, Found> {
        let built = self.build(case, "")?;
        match self.run(case)?.stdout.trim() {
            printed if printed == expected => Ok(built),
            "" => Err(falls("prints nothing")),
            printed => Err(falls(format!("prints \"{printed}\""))),
        }
    }

    /// What its authors say to run before an image is published. `None` if they say nothing.
    pub fn check(&self, case: &Case) -> Option<Outcome> {
        self.is_template().then(|| case.make_with_any_layer("check"))
    }

    /// The option that asks for the smallest of its images.
    pub fn smallest(&self) -> &'static str {
        if self.is_template() { "--target=on-scratch" } else { "" }
    }

    fn note(&self, outcome: Outcome) -> Result<Outcome, Found> {
        let text = outcome.to_string();
        *self.log.lock().unwrap() += &format!("{text}\n");
        if outcome.success {
            return Ok(outcome);
        }
        let known = WORDS.iter().find(|(said, _)| text.contains(said));
        let seen = known.map_or_else(|| reason(&text), |(_, words)| (*words).to_owned());
        Err(Found { verdict: Verdict::Fails, seen })
    }
}

/// The program of an image: the last one in its layers. Panics if there is none.
pub fn program(layers: &[Vec<Entry>]) -> &Entry {
    let is_program = |entry: &&Entry| entry.content.starts_with(b"\x7fELF");
    let mut entries = layers.iter().flatten();
    entries.rfind(is_program).expect("the image should have a program")
}
