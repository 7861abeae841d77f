//! Generates projects from the template, edits, builds and runs them, and looks into their images.
//!
//! Failures panic with the output of the command that failed, because the callers are tests.

mod ask;
pub mod builder;
mod caches;
mod command;
pub mod container;
pub mod edits;
pub mod elf;
pub mod emulator;
pub mod engine;
pub mod evidence;
mod expressions;
pub mod greeting;
mod layers;
mod machine;
pub mod page;
pub mod paste;
pub mod peers;
pub mod podman;
mod process;
pub mod progress;
mod project;
pub mod registry;
mod repository;
pub mod services;
pub mod shared;
pub mod small;
pub mod vendor;
pub mod workflow;

pub use command::{Outcome, command, docker, run};
pub use layers::{Entry, top_is_compressed};
pub use machine::{base_image, build_flags, machine, today};
pub use process::{compiler, process};
pub use project::Project;
pub use repository::{
    CONTAINER_FILES, commit, copy_files, copy_repository, generate, generate_from, repository,
};

/// The last line that the program prints when it runs as `account`.
pub fn sentence(account: &str) -> String {
    format!("I've once more been updated, and now I run as the user {account}!")
}
