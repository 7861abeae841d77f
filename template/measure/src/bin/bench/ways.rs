//! The ways to build an image of a project, and to start its program.

use std::process::Command;

use clap::ValueEnum;
use measure::peers;
use serde::{Deserialize, Serialize};
use workshop::cmd;

use crate::project::Measured;

/// A way to build. Its name in the results and for PEERS is in kebab case.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    Template,
    TemplateRun,
    /// This template as it was at an earlier commit.
    Before,
    BeforeRun,
    Guide,
    GuideIncremental,
    Chef,
    #[serde(rename = "2018-mended")]
    #[value(name = "2018-mended")]
    Post,
    Plain,
    Cargo,
    CargoIncremental,
}

use Way::*;

impl Way {
    /// All, in the order of the page.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::value_variants().iter().copied()
    }

    /// Its name on the page.
    pub fn title(self) -> &'static str {
        match self {
            Template => "this template, make build",
            TemplateRun => "this template, make run",
            Before => "make build before",
            BeforeRun => "make run before",
            Guide => "Docker's guide",
            GuideIncremental => "Docker's guide, incremental",
            Chef => "cargo-chef",
            Post => "2018 post, mended",
            Plain => "COPY . . and build",
            Cargo => "cargo build, no image",
            CargoIncremental => "cargo build, incremental, no image",
        }
    }

    pub fn is_before(self) -> bool {
        matches!(self, Before | BeforeRun)
    }

    pub fn is_own(self) -> bool {
        matches!(self, Template | TemplateRun) || self.is_before()
    }

    /// Does it build no image?
    pub fn is_cargo(self) -> bool {
        matches!(self, Cargo | CargoIncremental)
    }

    /// Does it build and start at once?
    pub fn runs(self) -> bool {
        matches!(self, TemplateRun | BeforeRun)
    }

    pub fn is_incremental(self) -> bool {
        self.runs() || matches!(self, GuideIncremental | CargoIncremental)
    }

    /// The Dockerfile of another way, in `bench/peers`. Incremental ways add a line to it.
    fn dockerfile(self) -> &'static str {
        match self {
            Guide | GuideIncremental => "guide",
            Chef => "chef",
            Post => "2018-mended",
            Plain => "plain",
            _ => unreachable!("{self:?} has no Dockerfile of its own"),
        }
    }

    /// A command that builds the project. `flags` are those of `docker buildx build`, and `chef` is
    /// the one for cargo-chef's base image.
    pub fn build(self, project: &Measured, flags: &[String], chef: &str) -> Command {
        if let Some(container) = &project.container {
            return container.command("cargo build --locked --release");
        }
        if self.is_own() {
            let target = if self.runs() { "run" } else { "build" };
            let flags = flags.join(" ");
            return project.make_command(&format!("{target} 'BUILD_FLAGS={flags}'"));
        }
        let name = format!("NAME={}", project.app.package());
        let mut file = peers::dockerfile(self.dockerfile());
        if self.is_incremental() {
            file = project.with_a_line(&file, "FROM rust ", "ENV CARGO_INCREMENTAL=1");
        }
        let (image, bases) = (&project.image, workshop::build_flags());
        let mut build = cmd!(
            project,
            "docker buildx build --progress plain --load --build-arg {name} --tag {image} --file
             {file} {bases...} {flags...} ."
        );
        if self == Chef {
            build.arg(chef);
        }
        build
    }

    /// A command that runs the program that was built.
    pub fn start(self, project: &Measured) -> Command {
        if let Some(container) = &project.container {
            let folder = "/target/x86_64-unknown-linux-musl/release";
            return container.command(&format!("{folder}/{}", project.app.package()));
        }
        let image = &project.image;
        cmd!(project, "docker run --rm {image}")
    }
}
