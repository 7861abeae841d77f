//! Finds the processes of a build, so that a test can end them.

use std::fs;
use std::thread::{ScopedJoinHandle, sleep};
use std::time::Duration;

use crate::Outcome;

/// Waits until `build` compiles the crate `name` with `flag`. Returns the process IDs of the
/// compiler and of its parent. Panics if the build ends before.
pub fn compiler(build: &ScopedJoinHandle<Outcome>, flag: &str, name: &str) -> [String; 2] {
    process(build, &[flag, name])
}

/// Waits until a process has `arguments`. Returns its ID and that of its parent. Panics if `build`
/// ends before.
pub fn process(build: &ScopedJoinHandle<Outcome>, arguments: &[&str]) -> [String; 2] {
    while !build.is_finished() {
        for process in fs::read_dir("/proc").unwrap().map(Result::unwrap) {
            // The process may have ended since.
            let read = |file: &str| fs::read_to_string(process.path().join(file)).ok();
            let Some((line, status)) = read("cmdline").zip(read("status")) else {
                continue;
            };
            let has = |argument: &&str| line.split('\0').any(|word| word == *argument);
            if arguments.iter().all(has) {
                let parent = status.lines().find_map(|line| line.strip_prefix("PPid:\t"));
                let own = process.file_name().into_string().unwrap();
                return [own, parent.unwrap().to_owned()];
            }
        }
        sleep(Duration::from_millis(10));
    }
    panic!("the build ended before a process had {arguments:?}");
}
