//! A project's image: how it is built without the Makefile, what it does, and what is in it.

use serde_json::Value;

use crate::layers::{Entry, layers};
use crate::{Outcome, Project, build_flags, cmd, sh, words};

impl Project {
    /// Builds the image with `docker buildx build` and options in a shell's syntax, without the
    /// Makefile. Panics if the build compiles dependencies again.
    pub fn docker_build(&self, options: &str) -> Outcome {
        let (image, bases, options) = (&self.image, build_flags(), words(options));
        let mut build = cmd!(
            self,
            "docker buildx build --progress=plain --load --tag {image} {bases...} {options...} ."
        );
        self.turn(&mut build).compiled_once()
    }

    /// Runs a container of the image, with `options` before its name and `arguments` after it, both
    /// in a shell's syntax.
    pub fn container(&self, options: &str, arguments: &str) -> Outcome {
        let (image, options, arguments) = (&self.image, words(options), words(arguments));
        sh!(self, "docker run --rm {options...} {image} {arguments...}")
    }

    /// Runs a container of the image without options and arguments.
    pub fn starts(&self) -> Outcome {
        self.container("", "")
    }

    /// The output of `docker image inspect` for the image.
    pub fn inspect(&self) -> Value {
        let image = &self.image;
        let text = sh!(self, "docker image inspect {image}").succeeds().stdout;
        serde_json::from_str::<Value>(&text).unwrap()[0].take()
    }

    /// The image's layers, lowest first, each with its entries in the order of the archive.
    pub fn layers(&self) -> Vec<Vec<Entry>> {
        layers(&self.image)
    }

    /// The image's program, as bytes. Panics if there is none.
    pub fn program(&self) -> Vec<u8> {
        let in_folder = |entry: &Entry| entry.path.starts_with("usr/local/bin/") && !entry.link;
        let mut entries = self.layers().into_iter().flatten();
        let program = entries.rfind(|entry| in_folder(entry) && !entry.content.is_empty());
        program.expect("the image should have a program").content
    }
}
