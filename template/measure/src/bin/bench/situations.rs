//! What happens before each build that is measured.

use std::collections::HashMap;
use std::time::Duration;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use workshop::sh;

use crate::Bench;
use crate::project::{App, Measured};
use crate::ways::Way;

/// What has happened before a build. Its name in the results and for SITUATIONS is in kebab case.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Situation {
    Cold,
    Nothing,
    Line,
    Readme,
    Version,
    Dependency,
    FreshLine,
    FreshVersion,
    FreshDependency,
    SecondProject,
}

use Situation::*;

/// What takes a way longer than this is measured once.
pub const SLOW: Duration = Duration::from_secs(25);
pub const ROUNDS: u32 = 5;

impl Situation {
    /// All, in the order of the page.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::value_variants().iter().copied()
    }

    /// Its name on the page.
    pub fn title(self) -> &'static str {
        match self {
            Cold => "cold, base images present",
            Nothing => "nothing changed",
            Line => "one line edited",
            Readme => "README and a test edited",
            Version => "own version changed",
            Dependency => "a dependency added",
            FreshLine => "fresh runner, one line edited",
            FreshVersion => "fresh runner, own version changed",
            FreshDependency => "fresh runner, a dependency added",
            SecondProject => "a second project, cold",
        }
    }

    /// Would the second of two Dockerfiles find in the cache mounts what the first has compiled?
    pub fn is_shared(self) -> bool {
        matches!(self, Cold | Dependency | SecondProject)
    }

    fn is_cold(self) -> bool {
        matches!(self, Cold | SecondProject)
    }

    /// The edit after which a fresh runner builds.
    fn on_a_fresh_runner(self) -> Option<Situation> {
        match self {
            FreshLine => Some(Line),
            FreshVersion => Some(Version),
            FreshDependency => Some(Dependency),
            _ => None,
        }
    }

    /// Is this way measured in it?
    fn concerns(self, way: Way) -> bool {
        let fresh = self.on_a_fresh_runner().is_some();
        match way {
            // Incremental compilation changes only how long an edit of one's own code takes.
            Way::GuideIncremental | Way::CargoIncremental => self == Line,
            // It compiles everything after any edit.
            Way::Plain => matches!(self, Cold | Line),
            Way::TemplateRun | Way::BeforeRun => !fresh && !self.is_shared(),
            Way::Cargo => !fresh && self != SecondProject,
            _ => true,
        }
    }
}

/// Removes all layers and cache mounts of the builder, but no images.
pub fn prune() {
    sh!("/", "docker builder prune --all --force").succeeds();
}

impl Bench {
    /// Measures all chosen situations.
    pub fn measure_all(&mut self) {
        self.cold();
        self.warm();
        self.fresh_runners();
    }

    /// What is to be measured in this round: situations and ways. Each round begins with another way.
    fn due(&self, round: u32, chosen: impl Fn(Situation) -> bool) -> Vec<(Situation, Way)> {
        let ways = self.ways(round);
        let pairs = self.situations().into_iter().filter(|situation| chosen(*situation));
        pairs
            .flat_map(|situation| ways.iter().map(move |way| (situation, *way)))
            .filter(|(situation, way)| situation.concerns(*way))
            .filter(|(situation, way)| !self.is_done(*situation, *way, round))
            .collect()
    }

    /// An empty builder builds the app, and then another project.
    fn cold(&mut self) {
        let due = self.due(0, Situation::is_cold);
        if due.is_empty() {
            return;
        }
        prune();
        for way in self.ways(0) {
            let [cold, second] = [Cold, SecondProject].map(|one| due.contains(&(one, way)));
            if !cold && !second {
                continue;
            }
            let mut project = self.project(App::Large, way);
            project.edit_line(self.next());
            let built = match cold {
                true => self.measure(&project, Cold, way, 0, &[]),
                false => self.build(&project, way, &[]).0,
            };
            let cached = built.cached();
            let found: Vec<_> = cached.iter().filter(|step| step.contains("] RUN")).collect();
            assert!(found.is_empty(), "not cold: {way:?} found {found:?}");
            if second {
                let mut project = self.project(App::Other, way);
                project.edit_line(self.next());
                self.measure(&project, SecondProject, way, 0, &[]);
            }
        }
    }

    /// The builder has built the project before.
    fn warm(&mut self) {
        let mut projects: HashMap<Way, Measured> = HashMap::new();
        let is_warm = |one: Situation| !one.is_cold() && one.on_a_fresh_runner().is_none();
        for situation in Situation::all().filter(|one| is_warm(*one)) {
            for round in 0..ROUNDS {
                for (_, way) in self.due(round, |one| one == situation) {
                    let mut project = projects.remove(&way).unwrap_or_else(|| {
                        let project = self.project(App::Large, way);
                        if way != Way::Plain {
                            eprintln!("priming {way:?}");
                            self.build(&project, way, &[]).0.succeeds();
                        }
                        project
                    });
                    let compiled = project.make_edit(situation, self.next(), round);
                    let built = self.measure(&project, situation, way, round, &[]);
                    if let Some(name) = compiled {
                        built.tells(&format!("Compiling {name}"));
                    }
                    projects.insert(way, project);
                }
            }
        }
    }

    /// The builder is empty, and imports layers that were exported before the edit.
    fn fresh_runners(&mut self) {
        let is_fresh = |one: Situation| one.on_a_fresh_runner().is_some();
        let all: Vec<_> = (0..ROUNDS).flat_map(|round| self.due(round, is_fresh)).collect();
        let folder = self.caches.path().to_owned();
        // Export before emptying the builder, because it may have these layers already.
        for way in self.ways(0).into_iter().filter(|way| all.iter().any(|(_, due)| due == way)) {
            eprintln!("exporting the layers of {way:?}");
            let to = format!("type=local,dest={}", folder.join(format!("{way:?}")).display());
            let to = format!("--cache-to={to},mode=max,compression=zstd");
            self.build(&self.project(App::Large, way), way, &[to]).0.succeeds();
        }
        for situation in Situation::all().filter(|one| is_fresh(*one)) {
            for round in 0..ROUNDS {
                for (_, way) in self.due(round, |one| one == situation) {
                    let mut project = self.project(App::Large, way);
                    let edit = situation.on_a_fresh_runner().unwrap();
                    project.make_edit(edit, self.next(), round);
                    prune();
                    let from = folder.join(format!("{way:?}"));
                    let from = format!("--cache-from=type=local,src={}", from.display());
                    self.measure(&project, situation, way, round, &[from]);
                }
            }
        }
    }
}
