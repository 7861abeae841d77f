//! Generates projects from the template, edits, builds and runs them, and looks into their images.
//!
//! Failures panic with the output of the command that failed, because the callers are tests.

pub mod ask;
pub mod builder;
mod caches;
mod command;
pub mod container;
mod edits;
pub mod elf;
pub mod emulator;
pub mod engine;
mod expressions;
pub mod greeting;
mod image;
mod layers;
mod machine;
pub mod package;
pub mod podman;
mod process;
mod project;
pub mod registry;
mod repository;
pub mod shared;
pub mod workflow;

pub use command::{Outcome, in_folder, run, words};
pub use layers::{Entry, top_is_compressed};
pub use machine::{base_image, build_flags, machine, today};
pub use process::{compiler, process};
pub use project::{LUCKY, Project};
pub use repository::{
    CONTAINER_FILES, commit, copy_files, copy_repository, generate, generate_from, read, repository,
};
pub use xshell;

/// Options that cut a build off the network. The layer with Debian's packages must be cached already.
pub const OFFLINE: &str =
    "--build-arg http_proxy=http://127.0.0.1:9 --build-arg https_proxy=http://127.0.0.1:9";

/// The last line that the program prints when it runs as `account`.
pub fn sentence(account: &str) -> String {
    format!("I've once more been updated, and now I run as the user {account}!")
}
