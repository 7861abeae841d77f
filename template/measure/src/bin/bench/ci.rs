//! What CI costs: seconds of a job on a fresh runner, and bytes of the layer cache.

use std::fs;
use std::path::Path;
use std::time::Instant;

use measure::{progress, table};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use workshop::{build_flags, cmd, machine, run, today};

use crate::Bench;
use crate::project::{App, Measured};
use crate::situations::prune;
use crate::ways::Way;

/// The ways that are warm on a fresh runner if it imports layers, and one that is not.
const WAYS: [Way; 3] = [Way::Template, Way::Chef, Way::Guide];
const ROUNDS: u32 = 3;

/// A row of `ci.csv`: one job.
#[derive(Clone, Deserialize, Serialize)]
pub struct Job {
    pub date: String,
    pub machine: String,
    pub peer: Way,
    /// What is pushed: `first`, or `edit`, of a line of the program.
    pub push: String,
    pub round: u32,
    /// Wall time to import layers, to build the image and to export layers.
    pub seconds: f64,
    /// Bytes of the base image with the compiler, which a fresh runner pulls, as the engine has it:
    /// that of a stand-in is not compressed.
    pub base_bytes: u64,
    /// Bytes that the job adds to the layer cache, which has the layers of the base image.
    pub bytes: u64,
}

/// The jobs in `ci.csv`. None if there is no such file.
pub fn jobs(file: &Path) -> Vec<Job> {
    table::read(file)
}

impl Bench {
    /// Measures the jobs of the chosen ways, and writes them to `file`.
    pub fn ci(&mut self, file: &Path) {
        let mut jobs = Vec::new();
        for round in 0..ROUNDS {
            for way in self.ways(round).into_iter().filter(|way| WAYS.contains(way)) {
                let mut project = Measured::new(App::Large, way);
                let cache = TempDir::new().unwrap();
                self.export_base(way, cache.path());
                let base_bytes = size(cache.path());
                for push in ["first", "edit"] {
                    project.edit_line(self.next());
                    prune();
                    let shown = progress::begin(format!("CI, {push} push, {way:?}, round {round}"));
                    let before = size(cache.path());
                    let seconds = self.job(&project, way, cache.path());
                    shown.finish_and_clear();
                    let bytes = size(cache.path()) - before;
                    eprintln!("CI {way:?} {push} round {round}: {seconds:.2} s, {bytes} bytes");
                    let (date, machine, push) = (today(), machine(), push.to_owned());
                    let seconds = (seconds * 1000.0).round() / 1000.0;
                    let peer = way;
                    jobs.push(Job { date, machine, peer, push, round, seconds, base_bytes, bytes });
                }
            }
        }
        table::write(file, &jobs);
    }

    /// Exports the layers of the image that a way starts from to the folder `cache`.
    fn export_base(&self, way: Way, cache: &Path) {
        let base = if way == Way::Chef { "chef" } else { "rust" };
        let folder = TempDir::new().unwrap();
        // A step, because an image alone has no layers to export.
        let text = format!("FROM {base}\nRUN true\n");
        fs::write(folder.path().join("Dockerfile"), text).unwrap();
        let (to, flags) = (format!("type=local,dest={}", cache.display()), build_flags());
        let output = "type=cacheonly";
        let mut build = cmd!(
            folder.path(),
            "docker buildx build --output {output} --cache-to {to} {flags...} ."
        );
        if way == Way::Chef {
            build.arg(&self.chef);
        }
        run(&mut build).succeeds();
    }

    /// Imports layers from the folder `cache`, builds the image, and exports layers to the folder:
    /// all that a way has, and those that `ci.yml` exports of this template. Returns seconds.
    fn job(&self, project: &Measured, way: Way, cache: &Path) -> f64 {
        let from = format!("--cache-from=type=local,src={}", cache.display());
        let to = format!("--cache-to=type=local,dest={}", cache.display());
        let begin = Instant::now();
        if way == Way::Template {
            let (flags, output) = (build_flags(), "type=cacheonly");
            let mut build = cmd!(
                project,
                "docker buildx build --target dependencies --output {output} {flags...} {from} {to} ."
            );
            run(build.env("SOURCE_DATE_EPOCH", "0")).succeeds();
            run(&mut way.build(project, &[], &self.chef)).succeeds();
        } else {
            let flags = [from, to + ",mode=max"];
            run(&mut way.build(project, &flags, &self.chef)).succeeds();
        }
        begin.elapsed().as_secs_f64()
    }
}

/// The size of the files in a layer cache, in bytes.
fn size(cache: &Path) -> u64 {
    let blobs = fs::read_dir(cache.join("blobs/sha256")).unwrap();
    blobs.map(|blob| blob.unwrap().metadata().unwrap().len()).sum()
}
