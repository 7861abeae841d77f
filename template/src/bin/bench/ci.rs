//! What CI costs: seconds of a job on a fresh runner, and bytes of the layer cache.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use workshop::{build_flags, command, machine, progress, run, today};

use crate::Bench;
use crate::project::{App, Measured};
use crate::situations::prune;
use crate::ways;

/// The ways to build that are warm on a fresh runner if it imports layers, and one that is not.
const PEERS: [&str; 3] = ["template", "chef", "guide"];
const ROUNDS: u32 = 3;

/// A row of `ci.csv`: one job.
#[derive(Clone, Deserialize, Serialize)]
pub struct Job {
    pub date: String,
    pub machine: String,
    pub peer: String,
    /// What is pushed: `first`, or `edit`, of a line of the program.
    pub push: String,
    pub round: u32,
    /// Wall time to import layers, to build the image and to export layers.
    pub seconds: f64,
    /// Bytes of the compressed base image with the compiler, which a fresh runner pulls.
    pub base_bytes: u64,
    /// Bytes that the job adds to the layer cache, which has the layers of the base image.
    pub bytes: u64,
}

/// The jobs in `ci.csv`. None if there is no such file.
pub fn jobs(file: &Path) -> Vec<Job> {
    if !file.exists() {
        return Vec::new();
    }
    let mut reader = csv::Reader::from_path(file).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

impl Bench {
    /// Measures the jobs of the chosen peers, and writes them to `file`.
    pub fn ci(&mut self, file: &Path) {
        let mut jobs = Vec::new();
        for round in 0..ROUNDS {
            let chosen = self.peers(round, &[]);
            for peer in chosen.into_iter().filter(|peer| PEERS.contains(peer)) {
                let mut project = Measured::new(App::Large, peer);
                let cache = TempDir::new().unwrap();
                self.export_base(peer, cache.path());
                let base_bytes = bytes(cache.path());
                for push in ["first", "edit"] {
                    let line = self.next();
                    project.edit_line(line);
                    prune();
                    let shown = progress::begin(format!("CI, {push} push, {peer}, round {round}"));
                    let before = bytes(cache.path());
                    let seconds = self.job(&project, peer, cache.path());
                    shown.finish_and_clear();
                    let bytes = bytes(cache.path()) - before;
                    eprintln!("CI {peer:8} {push:5} round {round}: {seconds:6.2} s, {bytes} bytes");
                    jobs.push(Job {
                        date: today(),
                        machine: machine(),
                        peer: peer.to_owned(),
                        push: push.to_owned(),
                        round,
                        seconds: (seconds * 1000.0).round() / 1000.0,
                        base_bytes,
                        bytes,
                    });
                }
            }
        }
        let mut writer = csv::Writer::from_path(file).unwrap();
        for job in &jobs {
            writer.serialize(job).unwrap();
        }
        writer.flush().unwrap();
    }

    /// Exports the layers of the image that `peer` starts from to the folder `cache`.
    fn export_base(&self, peer: &str, cache: &Path) {
        let base = if peer == "chef" { "chef" } else { "rust" };
        let folder = TempDir::new().unwrap();
        // A step, because an image alone has no layers to export.
        let text = format!("FROM {base}\nRUN true\n");
        fs::write(folder.path().join("Dockerfile"), text).unwrap();
        let to = format!("--cache-to=type=local,dest={}", cache.display());
        let build = ["buildx", "build", "--output=type=cacheonly", &to, "."];
        let mut build = command(folder.path(), "docker", &build);
        build.args(build_flags());
        if base == "chef" {
            build.arg(&self.chef);
        }
        run(&mut build).succeeds();
    }

    /// Imports layers from the folder `cache`, builds the image, and exports layers to the folder: all
    /// that a peer has, and those that `ci.yml` exports of this template. Returns seconds.
    fn job(&self, project: &Measured, peer: &str, cache: &Path) -> f64 {
        let from = format!("--cache-from=type=local,src={}", cache.display());
        let to = format!("--cache-to=type=local,dest={}", cache.display());
        let flags = [build_flags(), vec![from]].concat();
        let begin = Instant::now();
        if peer == "template" {
            let build = [
                "buildx",
                "build",
                "--target=dependencies",
                "--output=type=cacheonly",
            ];
            run(command(&project.path, "docker", &build)
                .args(&flags)
                .args([&to, "."])
                .env("SOURCE_DATE_EPOCH", "0"))
            .succeeds();
            run(&mut ways::build(project, peer, &build_flags(), &self.chef)).succeeds();
        } else {
            let flags = [flags, vec![to + ",mode=max"]].concat();
            run(&mut ways::build(project, peer, &flags, &self.chef)).succeeds();
        }
        begin.elapsed().as_secs_f64()
    }
}

/// The size of the files in `folder`.
fn bytes(folder: &Path) -> u64 {
    let blobs = fs::read_dir(folder.join("blobs/sha256")).unwrap();
    blobs
        .map(|blob| blob.unwrap().metadata().unwrap().len())
        .sum()
}
