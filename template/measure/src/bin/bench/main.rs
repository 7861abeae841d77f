//! Measures how long a developer waits with each way to build an image, situation by situation.
//!
//! Each row of the results is one measurement: make the edit, build the image, run the program, and
//! compare its output with what the sources say. An interrupted run continues where it stopped.

mod chart;
mod ci;
mod page;
mod project;
mod results;
mod situations;
mod ways;
mod week;

use std::time::{Duration, Instant};

use clap::Parser;
use measure::{peers, progress};
use project::{App, Measured};
use results::{Results, Row};
use situations::{ROUNDS, SLOW, Situation};
use tempfile::TempDir;
use ways::Way;
use workshop::{Outcome, machine, repository, run, sh, today};

#[derive(Parser)]
#[command(about)]
struct Arguments {
    /// Names of situations, separated by commas. Without it, all.
    #[arg(long, env, value_delimiter = ',')]
    situations: Vec<Situation>,
    /// Names of ways to build, separated by commas. Without it, all, or with a commit those to
    /// compare.
    #[arg(long, env, value_delimiter = ',')]
    peers: Vec<Way>,
    /// A commit, whose Dockerfile and Makefile are measured in turn with today's.
    #[arg(long, env, value_parser = commit)]
    before: Option<String>,
    /// Measure what CI costs, and nothing else.
    #[arg(long)]
    ci: bool,
    /// Only write the summary and the charts again.
    #[arg(long)]
    report: bool,
}

struct Bench {
    arguments: Arguments,
    results: Results,
    /// For the layers that fresh runners import.
    caches: TempDir,
    /// A number that no edit had before, in this run or another, so that no cache has its build.
    unique: u32,
    /// The option that tells Docker which image cargo-chef starts from.
    chef: String,
}

fn main() {
    let arguments = Arguments::parse();
    let shared = arguments.situations.iter().find(|one| one.is_shared());
    if let (Some(situation), Some(_)) = (shared, &arguments.before) {
        let reason = "the second would find in the caches what the first has compiled";
        refuse(&format!("with a commit, not the situation {situation:?}: {reason}"));
    }
    let folder = repository().join("template/bench");
    let [file, before] = ["results.csv", "before.csv"].map(|name| folder.join(name));
    if !arguments.report {
        let (file, conditions) = match &arguments.before {
            Some(commit) => (&before, format!("{}, before {commit}", conditions())),
            None => (&file, conditions()),
        };
        let mut results = Results::open(file);
        if !arguments.ci {
            results.accept(&conditions).unwrap_or_else(|reason| refuse(&reason));
        }
        let since = std::time::UNIX_EPOCH.elapsed().unwrap();
        let mut bench = Bench {
            arguments,
            results,
            caches: TempDir::new().unwrap(),
            unique: u32::try_from(since.as_secs() % 1_000_000_000).unwrap(),
            chef: String::new(),
        };
        if bench.ways(0).contains(&Way::Chef) {
            bench.chef = peers::chef_context();
        }
        match bench.arguments.ci {
            true => bench.ci(&folder.join("ci.csv")),
            false => bench.measure_all(),
        }
    }
    let [results, before] = [file, before].map(|file| Results::open(&file));
    let jobs = ci::jobs(&folder.join("ci.csv"));
    page::write(&folder, results.rows(), before.rows(), &jobs);
    chart::write(&folder, results.rows());
}

fn refuse(reason: &str) -> ! {
    eprintln!("error: {reason}");
    std::process::exit(2)
}

/// The short hash of a commit.
fn commit(name: &str) -> Result<String, String> {
    let commit = format!("{name}^{{commit}}");
    let parsed = sh!(repository(), "git rev-parse --verify --quiet --short {commit}");
    let hash = parsed.success.then(|| parsed.last_line().to_owned());
    hash.ok_or_else(|| "there is no such commit".to_owned())
}

/// The machine, and a hash of the template's Dockerfile without its comments, as these cost no time.
fn conditions() -> String {
    let hash = "grep -v '^#[^!]' Dockerfile | sha256sum";
    let hash = sh!(repository(), "sh -c {hash}").succeeds();
    format!("{}, Dockerfile {}", machine(), &hash.stdout[..12])
}

impl Bench {
    /// The chosen situations, in their order.
    fn situations(&self) -> Vec<Situation> {
        let chosen = &self.arguments.situations;
        let in_turn = self.arguments.before.is_some();
        let wanted = |one: &Situation| match chosen.is_empty() {
            true => !(in_turn && one.is_shared()),
            false => chosen.contains(one),
        };
        Situation::all().filter(wanted).collect()
    }

    /// The chosen ways. Each round begins with another one.
    fn ways(&self, round: u32) -> Vec<Way> {
        let chosen = &self.arguments.peers;
        let in_turn = self.arguments.before.is_some();
        let wanted = |way: &Way| match chosen.is_empty() {
            true if in_turn => way.is_own(),
            true => !way.is_before(),
            false => chosen.contains(way),
        };
        let mut ways: Vec<_> = Way::all().filter(wanted).collect();
        let count = ways.len().max(1);
        ways.rotate_left(round as usize % count);
        ways
    }

    fn next(&mut self) -> u32 {
        self.unique += 1;
        self.unique
    }

    /// Is there nothing to measure for this situation and way in this round?
    fn is_done(&self, situation: Situation, way: Way, round: u32) -> bool {
        let rows = self.results.of(situation, way);
        let is_slow = |row: &&Row| row.seconds() > SLOW.as_secs_f64();
        round >= ROUNDS
            || rows.iter().any(|row| row.round == round || !row.wrong.is_empty())
            || rows.iter().any(is_slow)
    }

    /// A copy of the app for a way.
    fn project(&self, app: App, way: Way) -> Measured {
        let project = Measured::new(app, way);
        if let (true, Some(commit)) = (way.is_before(), &self.arguments.before) {
            project.restore(commit);
        }
        project
    }

    /// Builds, runs the program, and adds a row: times, and what is wrong.
    fn measure(
        &mut self,
        project: &Measured,
        situation: Situation,
        way: Way,
        round: u32,
        flags: &[String],
    ) -> Outcome {
        let what = format!("{situation:?} {way:?} round {round}");
        let line = progress::begin(what.clone());
        let (built, ran, [build, start]) = self.build(project, way, flags);
        line.finish_and_clear();
        let wrong = match &ran {
            Some(ran) if ran.stdout.contains(&project.expected()) => String::new(),
            Some(ran) => format!("prints '{}'", ran.stdout.trim()),
            None => "the build fails".to_owned(),
        };
        if !wrong.is_empty() {
            eprintln!("{built}\nexpected '{}'", project.expected());
        }
        let rounded = |time: Duration| (time.as_secs_f64() * 1000.0).round() / 1000.0;
        let [build, start] = [build, start].map(rounded);
        eprintln!("{what}: {build:6.2} s + {start:4.2} s {wrong}");
        let (date, machine) = (today(), self.results.machine.clone());
        let row = Row { date, machine, situation, peer: way, round, build, start, wrong };
        self.results.add(row);
        built
    }

    /// Builds, and runs the program if the build succeeded. Returns both outcomes and both times.
    ///
    /// `make run` does both at once, so all of its time counts as the build's.
    fn build(
        &self,
        project: &Measured,
        way: Way,
        flags: &[String],
    ) -> (Outcome, Option<Outcome>, [Duration; 2]) {
        let mut builds = way.build(project, flags, &self.chef);
        // Otherwise this build could wait for the disk to write what the one before left in memory.
        sh!("/", "sync").succeeds();
        let begin = Instant::now();
        let built = run(&mut builds);
        let build = begin.elapsed();
        if !built.success || way.runs() {
            let ran = built.success.then(|| built.clone());
            return (built, ran, [build, Duration::ZERO]);
        }
        let begin = Instant::now();
        let ran = run(&mut way.start(project));
        (built, Some(ran), [build, begin.elapsed()])
    }
}
