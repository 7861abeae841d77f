//! Measures how long a developer waits with each way to build an image, situation by situation.
//!
//! Each row of the results is one measurement: make the edit, build the image, run the program, and
//! compare its output with what the sources say. An interrupted run continues where it stopped.

mod project;
mod report;
mod results;
mod ways;

use std::time::{Duration, Instant};

use clap::Parser;
use project::{App, Project};
use results::{Results, Row};
use tempfile::TempDir;
use ways::{INCREMENTAL, PEERS};
use workshop::{Outcome, build_flags, command, docker, machine, peers, repository, run};

/// The situations: their numbers in the results, and what has happened before the build.
pub const SITUATIONS: [(u32, &str); 12] = [
    (1, "cold, base images present"),
    (2, "nothing changed"),
    (3, "one line edited"),
    (4, "a module added"),
    (5, "README and a test edited"),
    (6, "own version changed"),
    (7, "a dependency added"),
    (8, "a dependency updated"),
    (9, "fresh runner, one line edited"),
    (10, "fresh runner, own version changed"),
    (11, "a second project, cold"),
    (12, "workspace, a library edited"),
];

/// What takes a peer longer than this is measured once, except the cold situations, 1 and 11.
const SLOW: Duration = Duration::from_secs(25);
const ROUNDS: u32 = 5;

/// How often a situation is measured with a peer: most often for the template and Docker's guide,
/// the fastest of the others.
fn rounds(situation: u32, peer: &str) -> u32 {
    match (situation, peer) {
        // Incremental compilation changes only how long an edit of the project's own code takes.
        (3, "chef-incremental") => 2,
        (3 | 4 | 12, _) if peer.ends_with(INCREMENTAL) => ROUNDS,
        _ if peer.ends_with(INCREMENTAL) => 0,
        // 2018 builds a wrong program each time, and plain compiles everything after any edit.
        (1, "2018") | (1 | 3, "plain") => 1,
        (_, "2018" | "plain") => 0,
        (1, "template" | "guide" | "chef") => 3,
        (1 | 11, "2018-mended" | "chef" | "chef-cache" | "cargo") => 1,
        (9 | 10, "chef-cache") => 1,
        (9..=11, _) => 2,
        (3, "2018-mended" | "cargo") => ROUNDS,
        (_, "2018-mended" | "chef" | "chef-cache" | "cargo") => 2,
        _ => ROUNDS,
    }
}

#[derive(Parser)]
#[command(about)]
struct Arguments {
    /// Numbers of situations, separated by commas. Without it, all.
    #[arg(long, env, value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=12))]
    situations: Vec<u32>,
    /// Names of ways to build, separated by commas. Without it, all.
    #[arg(long, env, value_delimiter = ',', value_parser = PEERS.map(|(name, _)| name))]
    peers: Vec<String>,
    /// The large app, the small one, or both.
    #[arg(long, env, value_delimiter = ',', default_value = "large,small", value_parser = ["large", "small"])]
    apps: Vec<String>,
    /// Only write the summary and the charts again.
    #[arg(long)]
    report: bool,
}

struct Bench {
    arguments: Arguments,
    results: Results,
    folder: TempDir,
    /// A number that no edit had before, in this run or another, so that no cache has its build.
    unique: u32,
    /// The option that tells Docker which image the chef peers start from.
    chef: String,
}

fn main() {
    let arguments = Arguments::parse();
    let folder = repository().join("template/bench");
    let file = folder.join("results.csv");
    if !arguments.report {
        let results = Results::open(&file, &conditions()).unwrap_or_else(|reason| {
            eprintln!("error: {reason}");
            std::process::exit(1)
        });
        let since = std::time::UNIX_EPOCH.elapsed().unwrap();
        let mut bench = Bench {
            arguments,
            results,
            folder: TempDir::new().unwrap(),
            unique: u32::try_from(since.as_secs() % 1_000_000_000).unwrap(),
            chef: String::new(),
        };
        if bench
            .peers(0, &[])
            .iter()
            .any(|peer| peer.starts_with("chef"))
        {
            bench.chef = peers::chef_context();
        }
        for app in bench.arguments.apps.clone() {
            bench.measure_all(&app);
        }
    }
    report::write(&folder, Results::open(&file, "").unwrap().rows());
}

/// The machine, and a hash of the template's Dockerfile without its comments, as these cost no time.
fn conditions() -> String {
    let hash = "grep -v '^#[^!]' Dockerfile | sha256sum";
    let hash = run(&mut command(repository(), "sh", &["-c", hash])).succeeds();
    format!("{}, Dockerfile {}", machine(), &hash.stdout[..12])
}

/// Removes all layers and cache mounts of the builder, but no images.
fn prune() {
    let arguments = ["builder", "prune", "--all", "--force"];
    docker(&arguments).succeeds();
}

impl Bench {
    fn wants(&self, situations: &[u32]) -> Vec<u32> {
        let all = self.arguments.situations.is_empty();
        let wanted = |situation: &u32| all || self.arguments.situations.contains(situation);
        situations.iter().copied().filter(wanted).collect()
    }

    /// The chosen peers, except `without`. Each round begins with another one.
    fn peers(&self, round: u32, without: &[&str]) -> Vec<&'static str> {
        let all = self.arguments.peers.is_empty();
        let mut peers: Vec<_> = PEERS
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| all || self.arguments.peers.iter().any(|peer| peer == name))
            .filter(|name| !without.contains(name))
            .collect();
        let count = peers.len().max(1);
        peers.rotate_left(round as usize % count);
        peers
    }

    fn next(&mut self) -> u32 {
        self.unique += 1;
        self.unique
    }

    /// Is there nothing to measure for this situation and peer in this round?
    fn done(&self, app: App, situation: u32, peer: &str, round: u32) -> bool {
        let rows = self.results.of(app.name(), situation, peer);
        let slow = |row: &&Row| row.build + row.start > SLOW.as_secs_f64();
        round >= rounds(situation, peer)
            || rows.iter().any(|row| row.round == round)
            || rows.iter().any(|row| !row.wrong.is_empty())
            || (![1, 11].contains(&situation) && rows.iter().any(slow))
    }

    fn project(&self, app: App, peer: &str) -> Project {
        Project::new(self.folder.path(), app, peer)
    }

    /// Builds with `peer`, runs the program, and adds a row for `app`: times, and what is wrong.
    fn measure(
        &mut self,
        project: &Project,
        app: App,
        situation: u32,
        peer: &str,
        round: u32,
        flags: &[&str],
    ) -> Outcome {
        let (built, ran, times) = self.build(project, peer, flags);
        let wrong = match &ran {
            _ if !built.success => "the build fails".to_owned(),
            Some(ran) if ran.stdout.contains(&project.expected()) => String::new(),
            Some(ran) => format!("prints '{}'", ran.stdout.trim()),
            None => unreachable!(),
        };
        if !wrong.is_empty() {
            eprintln!("{built}\nexpected '{}'", project.expected());
        }
        let app = app.name();
        eprintln!(
            "{app:5} {situation:2} {peer:12} round {round}: {:6.2} s + {:4.2} s {wrong}",
            times.0.as_secs_f64(),
            times.1.as_secs_f64()
        );
        self.results.add(app, situation, peer, round, times, wrong);
        built
    }

    /// Builds, and runs the program if the build succeeded. Returns both outcomes and both times.
    ///
    /// `make run` does both at once, so all of its time counts as the build's.
    fn build(
        &self,
        project: &Project,
        peer: &str,
        flags: &[&str],
    ) -> (Outcome, Option<Outcome>, (Duration, Duration)) {
        let mut all = vec!["--progress".to_owned(), "plain".to_owned()];
        all.extend(build_flags());
        all.extend(flags.iter().map(|flag| (*flag).to_owned()));
        let folder = &project.folder;
        let mut builds = ways::build(project, peer, &all, &self.chef);
        // Otherwise this build could wait for the disk to write what the one before left in memory.
        run(&mut command(folder, "sync", &[])).succeeds();
        let begin = Instant::now();
        let built = run(&mut builds);
        let build = begin.elapsed();
        if !built.success {
            return (built, None, (build, Duration::ZERO));
        }
        if peer == "template-run" {
            let ran = Some(built.clone());
            return (built, ran, (build, Duration::ZERO));
        }
        let begin = Instant::now();
        let ran = run(&mut ways::start(project));
        (built, Some(ran), (build, begin.elapsed()))
    }

    fn measure_all(&mut self, app: &str) {
        let app = if app == "small" {
            App::Small
        } else {
            App::Large
        };
        let projects = self.cold(app);
        self.edits(app, projects);
        self.fresh_runner(app);
        if app == App::Large {
            self.workspace();
        }
    }

    /// Situations 1 and 11. Returns the projects that the last round has built.
    fn cold(&mut self, app: App) -> Vec<(&'static str, Project)> {
        let situations = self.wants(&[1, 11]);
        let mut projects = Vec::new();
        // Round 0 has all peers. It runs last, so that the edits begin with what it leaves.
        for round in (0..ROUNDS).rev() {
            let peers = self.peers(round, &["template-run"]);
            let due: Vec<_> = situations
                .iter()
                .flat_map(|situation| peers.iter().map(move |peer| (*situation, *peer)))
                .filter(|(situation, _)| app == App::Large || *situation == 1)
                .filter(|(situation, peer)| *situation == 1 || !peer.starts_with("cargo"))
                .filter(|(situation, peer)| !self.done(app, *situation, peer, round))
                .collect();
            if due.is_empty() {
                continue;
            }
            prune();
            projects.clear();
            for peer in peers {
                let cells = [1, 11].map(|situation| due.contains(&(situation, peer)));
                if !cells.contains(&true) {
                    continue;
                }
                let mut project = self.project(app, peer);
                let line = self.next();
                project.edit_line(line);
                let built = if cells[0] {
                    self.measure(&project, app, 1, peer, round, &[])
                } else {
                    self.build(&project, peer, &[]).0
                };
                let cached: Vec<_> = built
                    .cached()
                    .into_iter()
                    .filter(|step| step.contains("] RUN"))
                    .collect();
                assert!(cached.is_empty(), "not cold: {peer} found {cached:?}");
                projects.push((peer, project));
                if cells[1] {
                    let mut project = self.project(App::Other, peer);
                    let line = self.next();
                    project.edit_line(line);
                    self.measure(&project, app, 11, peer, round, &[]);
                }
            }
        }
        projects
    }

    /// Situations 2 to 8, on builders that have built the project before.
    fn edits(&mut self, app: App, mut projects: Vec<(&'static str, Project)>) {
        // Slow peers skip rounds, edits included. That changes no later time, because a peer that
        // is slow in one situation is measured once in all that follow.
        for situation in self.wants(&[2, 3, 4, 5, 6, 7, 8]) {
            for round in 0..ROUNDS {
                for peer in self.peers(round, &[]) {
                    // 7 and 8 change a layer that both share: the second would find it cached.
                    let shared = peer == "template-run" && situation > 6;
                    if shared || self.done(app, situation, peer, round) {
                        continue;
                    }
                    let at = projects
                        .iter()
                        .position(|(name, _)| *name == peer)
                        .unwrap_or_else(|| {
                            let project = self.project(app, peer);
                            if peer != "plain" {
                                eprintln!("priming {peer}");
                                self.build(&project, peer, &[]).0.succeeds();
                            }
                            projects.push((peer, project));
                            projects.len() - 1
                        });
                    let (_, mut project) = projects.swap_remove(at);
                    let unique = self.next();
                    let compiled = project.edit(situation, unique, round);
                    let built = self.measure(&project, app, situation, peer, round, &[]);
                    if let Some(crate_) = compiled {
                        assert!(
                            built.to_string().contains(&format!("Compiling {crate_}")),
                            "{built}"
                        );
                    }
                    projects.push((peer, project));
                }
            }
        }
    }

    /// Situations 9 and 10: the builder is empty, and imports layers exported before the edit.
    fn fresh_runner(&mut self, app: App) {
        let without = ["template-run", "cargo", "cargo-incremental"];
        let situations = self.wants(&[9, 10]);
        let caches = self.folder.path().join("caches").join(app.name());
        // Export before emptying the builder, because it may have these layers already.
        for peer in self.peers(0, &without) {
            let due =
                |situation: &u32| (0..ROUNDS).any(|round| !self.done(app, *situation, peer, round));
            if situations.iter().any(due) {
                eprintln!("exporting the layers of {peer}");
                let to = caches.join(peer).display().to_string();
                let to = format!("type=local,dest={to},mode=max,compression=zstd");
                let project = self.project(app, peer);
                self.build(&project, peer, &["--cache-to", &to])
                    .0
                    .succeeds();
            }
        }
        for situation in situations {
            for round in 0..ROUNDS {
                for peer in self.peers(round, &without) {
                    if self.done(app, situation, peer, round) {
                        continue;
                    }
                    let mut project = self.project(app, peer);
                    let unique = self.next();
                    project.edit(if situation == 9 { 3 } else { 6 }, unique, round);
                    prune();
                    let from = format!("type=local,src={}", caches.join(peer).display());
                    self.measure(
                        &project,
                        app,
                        situation,
                        peer,
                        round,
                        &["--cache-from", &from],
                    );
                }
            }
        }
    }

    /// Situation 12.
    fn workspace(&mut self) {
        if self.wants(&[12]).is_empty() {
            return;
        }
        let mut projects = Vec::new();
        for round in 0..ROUNDS {
            for peer in self.peers(round, &[]) {
                if self.done(App::Large, 12, peer, round) {
                    continue;
                }
                let at = projects
                    .iter()
                    .position(|(name, _)| *name == peer)
                    .unwrap_or_else(|| {
                        let project = self.project(App::Workspace, peer);
                        eprintln!("priming {peer}");
                        self.build(&project, peer, &[]).0.succeeds();
                        projects.push((peer, project));
                        projects.len() - 1
                    });
                let (_, mut project) = projects.swap_remove(at);
                let line = self.next();
                project.edit_line(line);
                self.measure(&project, App::Large, 12, peer, round, &[]);
                projects.push((peer, project));
            }
        }
    }
}
