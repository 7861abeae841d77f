//! What tests do to projects beside edits of their text.

use std::fs::File;
use std::time::{Duration, SystemTime};

use crate::package::CONFIG;
use crate::{Outcome, Project, sentence};

impl Project {
    /// Sets the modification time of all files to `seconds` after 1970.
    pub fn age(&self, seconds: u64) {
        self.touch(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    }

    /// Sets the modification time of all files.
    pub fn touch(&self, time: SystemTime) {
        for file in self.files() {
            let file = File::options().write(true).open(self.path.join(file));
            file.unwrap().set_modified(time).unwrap();
        }
    }

    /// Panics unless the image runs the real program of the project hello-world, not a stub.
    pub fn ships_itself(&self) -> Outcome {
        self.starts().prints(&sentence("hello-world"))
    }

    /// Turns on Cargo's new layout of the build folder, which is to become the default.
    pub fn new_layout(&self) {
        self.write(CONFIG, "[unstable]\nbuild-dir-new-layout = true\n");
        // RUSTC_BOOTSTRAP lets a stable Cargo accept unstable options.
        let variable = "SQLX_OFFLINE=true";
        self.edit("Dockerfile", variable, &format!("RUSTC_BOOTSTRAP=1 {variable}"));
    }

    /// Adds lines to the last stages of the Dockerfile, before USER.
    pub fn add_to_images(&self, lines: &str) {
        let mut dockerfile = self.read("Dockerfile");
        for stage in [" AS on-scratch\n", " AS on-alpine\n"] {
            let (before, after) = dockerfile.split_once(stage).unwrap();
            let after = after.replacen("\nUSER ", &format!("\n{lines}\nUSER "), 1);
            dockerfile = format!("{before}{stage}{after}");
        }
        self.write("Dockerfile", dockerfile);
    }
}
