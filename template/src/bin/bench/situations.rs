//! What happens before each build that is measured.

use std::time::Duration;

use workshop::docker;

use crate::project::{App, Measured};
use crate::ways::INCREMENTAL;
use crate::{Bench, growth};

/// The situations: their numbers in the results, and what has happened before the build.
pub const SITUATIONS: [(u32, &str); 13] = [
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
    (13, "fresh runner, a dependency added"),
];

/// The situations in which the cache mounts would spare the second of two Dockerfiles what the first
/// has compiled.
pub const SHARED: [u32; 4] = [1, 7, 8, 11];

/// What takes a peer longer than this is measured once, except the cold situations, 1 and 11.
pub const SLOW: Duration = Duration::from_secs(25);
pub const ROUNDS: u32 = 5;

/// How often a situation is measured with a peer: most often for the template and Docker's guide,
/// the fastest of the others.
pub fn rounds(app: App, situation: u32, peer: &str) -> u32 {
    if let App::Growing(_) = app {
        let chosen = growth::PEERS.contains(&peer) || peer.starts_with("before");
        let measured = chosen && growth::SITUATIONS.contains(&situation);
        // An incremental build begins as another one does when dependencies change.
        let same = situation != 3 && peer == "cargo-incremental";
        return if measured && !same { growth::ROUNDS } else { 0 };
    }
    match (situation, peer) {
        // Incremental compilation changes only how long an edit of the project's own code takes.
        (3, "chef-incremental") => 2,
        (3 | 4 | 12, _) if peer.ends_with(INCREMENTAL) => ROUNDS,
        _ if peer.ends_with(INCREMENTAL) => 0,
        // 2018 builds a wrong program each time, and plain compiles everything after any edit.
        (1, "2018") | (1 | 3, "plain") => 1,
        (_, "2018" | "plain") => 0,
        (1, "template" | "guide" | "chef") | (11, "template" | "guide") => 3,
        (9, "template" | "chef") => ROUNDS,
        (1 | 11, "2018-mended" | "chef" | "chef-cache" | "cargo") => 1,
        (9 | 10 | 13, "chef-cache") => 1,
        (9..=11 | 13, _) => 2,
        (3, "2018-mended" | "cargo") => ROUNDS,
        (_, "2018-mended" | "chef" | "chef-cache" | "cargo") => 2,
        _ => ROUNDS,
    }
}

/// Removes all layers and cache mounts of the builder, but no images.
pub fn prune() {
    let arguments = ["builder", "prune", "--all", "--force"];
    docker(&arguments).succeeds();
}

impl Bench {
    /// Measures all chosen situations with `app`.
    pub fn measure_all(&mut self, app: App) {
        let projects = self.cold(app);
        self.edits(app, projects);
        self.fresh_runner(app);
        if app == App::Large {
            self.workspace();
        }
    }

    /// Situations 1 and 11. Returns the projects that the last round has built.
    fn cold(&mut self, app: App) -> Vec<(&'static str, Measured)> {
        let situations = self.wants(&[1, 11]);
        let mut projects = Vec::new();
        // Round 0 has all peers. It runs last, so that the edits begin with what it leaves.
        for round in (0..ROUNDS).rev() {
            let peers = self.peers(round, &["template-run", "before-run"]);
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
    fn edits(&mut self, app: App, mut projects: Vec<(&'static str, Measured)>) {
        // Slow peers skip rounds, edits included. That changes no later time, because a peer that
        // is slow in one situation is measured once in all that follow.
        for situation in self.wants(&[2, 3, 4, 5, 6, 7, 8]) {
            for round in 0..ROUNDS {
                for peer in self.peers(round, &[]) {
                    // 7 and 8 change a layer that both share: the second would find it cached.
                    let shared = peer.ends_with("-run") && situation > 6;
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
                    let compiled = project.make_edit(situation, unique, round);
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

    /// Situations 9, 10 and 13: the builder is empty, and imports layers exported before the edit.
    fn fresh_runner(&mut self, app: App) {
        let without = ["template-run", "before-run", "cargo", "cargo-incremental"];
        let situations = self.wants(&[9, 10, 13]);
        // Without a space, because make splits the options that name it.
        let caches = self.caches.path().join(app.name().replace(' ', "-"));
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
                    let edit = match situation {
                        9 => 3,
                        10 => 6,
                        _ => 7,
                    };
                    project.make_edit(edit, unique, round);
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
