//! Measures how long a developer waits with each way to build an image, situation by situation.
//!
//! Each row of the results is one measurement: make the edit, build the image, run the program, and
//! compare its output with what the sources say. An interrupted run continues where it stopped.

mod chart;
mod ci;
mod curves;
mod growth;
mod page;
mod project;
mod results;
mod situations;
mod ways;
mod week;

use std::time::{Duration, Instant};

use clap::Parser;
use project::{App, Measured};
use results::{Results, Row};
use situations::{ROUNDS, SHARED, SLOW, rounds};
use tempfile::TempDir;
use ways::PEERS;
use workshop::{Outcome, build_flags, command, machine, peers, progress, repository, run};

#[derive(Parser)]
#[command(about)]
struct Arguments {
    /// Numbers of situations, separated by commas. Without it, all.
    #[arg(long, env, value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=13))]
    situations: Vec<u32>,
    /// Names of ways to build, separated by commas. Without it, all, or with a commit those to compare.
    #[arg(long, env, value_delimiter = ',', value_parser = PEERS.map(|(name, _)| name))]
    #[arg(requires_ifs = [("before", "before"), ("before-run", "before")])]
    peers: Vec<String>,
    /// The large app, the small one, and one that grows.
    #[arg(long, env, value_delimiter = ',', default_value = "large,small,growing", value_parser = ["large", "small", "growing"])]
    apps: Vec<String>,
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

impl Arguments {
    fn apps(&self) -> Vec<App> {
        let apps = |name: &String| match name.as_str() {
            "large" => vec![App::Large],
            "small" => vec![App::Small],
            _ => growth::SIZES.map(App::Growing).to_vec(),
        };
        self.apps.iter().flat_map(apps).collect()
    }
}

struct Bench {
    arguments: Arguments,
    results: Results,
    /// For the layers that fresh runners import.
    caches: TempDir,
    /// A number that no edit had before, in this run or another, so that no cache has its build.
    unique: u32,
    /// The option that tells Docker which image the chef peers start from.
    chef: String,
}

fn main() {
    let arguments = Arguments::parse();
    if arguments.before.is_some() && arguments.situations.iter().any(|one| SHARED.contains(one)) {
        let reason = "the second would find in the caches what the first has compiled";
        eprintln!("error: with a commit, not situations {SHARED:?}: {reason}");
        std::process::exit(2);
    }
    let folder = repository().join("template/bench");
    let file = folder.join("results.csv");
    let before = folder.join("before.csv");
    if !arguments.report {
        let apps = arguments.apps().into_iter().filter(|_| !arguments.ci);
        let apps: Vec<_> = apps.map(|app| app.name()).collect();
        let (file, conditions) = match &arguments.before {
            Some(commit) => (&before, format!("{}, before {commit}", conditions())),
            None => (&file, conditions()),
        };
        let results = Results::open(file, &conditions, &apps).unwrap_or_else(|reason| {
            eprintln!("error: {reason}");
            std::process::exit(1)
        });
        let since = std::time::UNIX_EPOCH.elapsed().unwrap();
        let mut bench = Bench {
            arguments,
            results,
            caches: TempDir::new().unwrap(),
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
        if bench.arguments.ci {
            bench.ci(&folder.join("ci.csv"));
        } else {
            for app in bench.arguments.apps() {
                bench.measure_all(app);
            }
        }
    }
    let [results, before] = [file, before].map(|file| Results::open(&file, "", &[]).unwrap());
    let jobs = ci::jobs(&folder.join("ci.csv"));
    page::write(&folder, results.rows(), before.rows(), &jobs);
    chart::write(&folder, results.rows());
}

/// The short hash of a commit.
fn commit(name: &str) -> Result<String, String> {
    let parse = ["rev-parse", "--verify", "--quiet", "--short"];
    let parsed = run(command(repository(), "git", &parse).arg(format!("{name}^{{commit}}")));
    let hash = parsed.success.then(|| parsed.stdout.trim().to_owned());
    hash.ok_or_else(|| "there is no such commit".to_owned())
}

/// The machine, and a hash of the template's Dockerfile without its comments, as these cost no time.
fn conditions() -> String {
    let hash = "grep -v '^#[^!]' Dockerfile | sha256sum";
    let hash = run(&mut command(repository(), "sh", &["-c", hash])).succeeds();
    format!("{}, Dockerfile {}", machine(), &hash.stdout[..12])
}

impl Bench {
    fn wants(&self, situations: &[u32]) -> Vec<u32> {
        let all = self.arguments.situations.is_empty();
        let in_turn = self.arguments.before.is_some();
        let wanted = |situation: &u32| match all {
            true => !(in_turn && SHARED.contains(situation)),
            false => self.arguments.situations.contains(situation),
        };
        situations.iter().copied().filter(wanted).collect()
    }

    /// The chosen peers, except `without`. Each round begins with another one.
    fn peers(&self, round: u32, without: &[&str]) -> Vec<&'static str> {
        let all = self.arguments.peers.is_empty();
        let in_turn = self.arguments.before.is_some();
        let wanted = |name: &&str| match all {
            true if in_turn => name.starts_with("before") || name.starts_with("template"),
            true => !name.starts_with("before"),
            false => self.arguments.peers.iter().any(|peer| peer == name),
        };
        let mut peers: Vec<_> = PEERS
            .iter()
            .map(|(name, _)| *name)
            .filter(wanted)
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
        let rows = self.results.of(&app.name(), situation, peer);
        let slow = |row: &&Row| row.build + row.start > SLOW.as_secs_f64();
        let rounds = match rounds(app, situation, peer) {
            // In turn, all equally often.
            1.. if self.arguments.before.is_some() => ROUNDS,
            rounds => rounds,
        };
        round >= rounds
            || rows.iter().any(|row| row.round == round)
            || rows.iter().any(|row| !row.wrong.is_empty())
            || (![1, 11].contains(&situation) && rows.iter().any(slow))
    }

    /// A copy of the app for `peer`.
    fn project(&self, app: App, peer: &str) -> Measured {
        let project = Measured::new(app, peer);
        if let (true, Some(commit)) = (peer.starts_with("before"), &self.arguments.before) {
            project.restore(commit);
        }
        project
    }

    /// Builds with `peer`, runs the program, and adds a row for `app`: times, and what is wrong.
    fn measure(
        &mut self,
        project: &Measured,
        app: App,
        situation: u32,
        peer: &str,
        round: u32,
        flags: &[&str],
    ) -> Outcome {
        let what = format!("{:5} {situation:2} {peer:17} round {round}", app.name());
        let line = progress::begin(what.clone());
        let (built, ran, times) = self.build(project, peer, flags);
        line.finish_and_clear();
        let wrong = match &ran {
            _ if !built.success => "the build fails".to_owned(),
            Some(ran) if ran.stdout.contains(&project.expected()) => String::new(),
            Some(ran) => format!("prints '{}'", ran.stdout.trim()),
            None => unreachable!(),
        };
        if !wrong.is_empty() {
            eprintln!("{built}\nexpected '{}'", project.expected());
        }
        eprintln!(
            "{what}: {:6.2} s + {:4.2} s {wrong}",
            times.0.as_secs_f64(),
            times.1.as_secs_f64()
        );
        self.results
            .add(app.name(), situation, peer, round, times, wrong);
        built
    }

    /// Builds, and runs the program if the build succeeded. Returns both outcomes and both times.
    ///
    /// `make run` does both at once, so all of its time counts as the build's.
    fn build(
        &self,
        project: &Measured,
        peer: &str,
        flags: &[&str],
    ) -> (Outcome, Option<Outcome>, (Duration, Duration)) {
        let mut all = vec!["--progress".to_owned(), "plain".to_owned()];
        all.extend(build_flags());
        all.extend(flags.iter().map(|flag| (*flag).to_owned()));
        let folder = &project.path;
        let mut builds = ways::build(project, peer, &all, &self.chef);
        // Otherwise this build could wait for the disk to write what the one before left in memory.
        run(&mut command(folder, "sync", &[])).succeeds();
        let begin = Instant::now();
        let built = run(&mut builds);
        let build = begin.elapsed();
        if !built.success {
            return (built, None, (build, Duration::ZERO));
        }
        if peer.ends_with("-run") {
            let ran = Some(built.clone());
            return (built, ran, (build, Duration::ZERO));
        }
        let begin = Instant::now();
        let ran = run(&mut ways::start(project));
        (built, Some(ran), (build, begin.elapsed()))
    }
}
