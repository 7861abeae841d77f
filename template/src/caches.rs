//! The caches that builds mount, for tests that search or damage them.

use std::fs;
use std::time::Instant;

use crate::{Outcome, Project, build_flags, command};

/// A stage on top of another one, which runs a script with the caches mounted.
const STAGE: &str = r#"
FROM {stage} AS caches
ARG INCREMENTAL TIME
COPY --chmod=755 <<"SCRIPT" /usr/local/bin/in-caches
#!/bin/sh -e
{script}
SCRIPT
RUN --mount=type=cache,id=rust-cargo,target=/cargo \
    --mount=type=cache,id=rust-target-,target=/target-cache \
    --mount=type=cache,id=rust-incremental-$INCREMENTAL,target=/app in-caches
"#;

impl Project {
    /// Gives the project caches of its own, which are empty, because all others share theirs. Its
    /// layers are its own as well: BuildKit takes one from a build that mounted another cache.
    pub fn own_caches(&self) {
        let stage = "FROM toolchain AS dependencies\n";
        let own = format!("{stage}ENV CACHES_OF=\"{}\"\n", self.image);
        let dockerfile = self.with_own_caches(&self.read("Dockerfile"));
        assert!(dockerfile.contains(stage), "{dockerfile}");
        let dockerfile = dockerfile.replace(stage, &own);
        fs::write(self.path.join("Dockerfile"), dockerfile).unwrap();
    }

    fn with_own_caches(&self, dockerfile: &str) -> String {
        let id = format!("type=cache,id={}-", self.image.replace('/', "-"));
        dockerfile.replace("type=cache,id=", &id)
    }

    /// Runs `script` on top of `stage`, with the project's own caches at `/cargo`, `/target-cache`
    /// and `/app`, which is that of `make run`. `flags` are those of the builds that came
    /// before.
    pub fn in_caches(&self, stage: &str, script: &str, flags: &str) -> Outcome {
        let added = STAGE.replace("{stage}", stage).replace("{script}", script);
        let dockerfile = self.read("Dockerfile") + &self.with_own_caches(&added);
        // Beside the build context, because a new file in it would change the steps of a build.
        fs::write(self.path.join("../Caches"), dockerfile).unwrap();
        let incremental = format!("--build-arg=INCREMENTAL={}", self.path.display());
        // A new value makes BuildKit run it again. --no-cache-filter would empty the caches as well.
        let time = format!("--build-arg=TIME={:?}", Instant::now());
        // Without --load, because it takes seconds to make an image of the tools.
        let build = ["buildx", "build", "--progress=plain", "--target=caches"];
        self.turn(
            command(&self.path, "docker", &build)
                .args([
                    "--file=../Caches",
                    "--output=type=cacheonly",
                    &incremental,
                    &time,
                ])
                .args(build_flags())
                .args(flags.split_whitespace())
                .arg("."),
        )
    }
}
