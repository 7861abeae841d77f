//! The caches that builds mount, for tests that search or damage them.

use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::{Outcome, Project, build_flags, cmd, sh, words};

/// A stage on top of another one, which runs a script with the caches mounted.
const STAGE: &str = r#"
FROM {stage} AS caches
ARG INCREMENTAL TIME
COPY --chmod=755 <<"SCRIPT" /usr/local/bin/in-caches
#!/bin/sh -e
{script}
SCRIPT
RUN --mount=type=cache,id=rust-crates-,target=/target-cache \
    --mount=type=cache,id=rust-sources-$INCREMENTAL,target=/app \
    --mount=type=cache,id=rust-target-$INCREMENTAL-,target=/incremental \
    in-caches
"#;

impl Project {
    /// Gives the project caches of its own, which are empty, because all others share theirs. Its
    /// layers are its own as well: BuildKit takes one from a build that mounted another cache.
    pub fn own_caches(&self) {
        let stage = "FROM openssl AS dependencies\n";
        let own = format!("{stage}ENV CACHES_OF=\"{}\"\n", self.image);
        self.write("Dockerfile", self.with_own_caches(&self.read("Dockerfile")));
        self.edit("Dockerfile", stage, &own);
    }

    fn with_own_caches(&self, dockerfile: &str) -> String {
        let id = format!("type=cache,id={}-", self.image.replace('/', "-"));
        dockerfile.replace("type=cache,id=", &id)
    }

    /// Runs `script` on top of `stage`, with the project's own caches: `/target-cache` has crates,
    /// `/app` the sources of `make run`, and `/incremental` what that compiled of them. `flags` are
    /// those of the builds that came before.
    pub fn in_caches(&self, stage: &str, script: &str, flags: &str) -> Outcome {
        let added = STAGE.replace("{stage}", stage).replace("{script}", script);
        let dockerfile = self.read("Dockerfile") + &self.with_own_caches(&added);
        // Beside the build context, because a new file in it would change the steps of a build.
        let file = self.path.with_extension("Caches");
        fs::write(&file, dockerfile).unwrap();
        let host = sh!("/", "uname -n").succeeds();
        // As the Makefile names the cache.
        let incremental = format!("INCREMENTAL={}:{}", host.last_line(), self.path.display());
        // A new value makes BuildKit run it again. --no-cache-filter would empty the caches as well.
        let time = format!("TIME={:?}", Instant::now());
        let flags = [build_flags(), words(flags)].concat();
        // Without --load, because it takes seconds to make an image of the tools.
        let options = ["--progress=plain", "--target=caches", "--output=type=cacheonly"];
        let arguments = ["--build-arg", &incremental, "--build-arg", &time];
        let mut build = cmd!(self, "docker buildx build {options...} {arguments...} {flags...}");
        self.turn(build.arg("--file").args([&file, Path::new(".")]))
    }
}
