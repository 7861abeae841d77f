//! Projects of one program that differ in how many dependencies or members they have.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use workshop::{command, copy_files, repository, run};

use crate::results::Row;

#[derive(Clone, Copy, PartialEq)]
pub enum Growth {
    /// About that many packages in the lock file.
    Dependencies(usize),
    /// As with the fewest dependencies, and that many packages of the project's own.
    Members(usize),
}

pub use Growth::{Dependencies, Members};

/// With the fewest dependencies, the project has one member.
pub const SIZES: [Growth; 5] = [
    Dependencies(50),
    Dependencies(130),
    Dependencies(400),
    Members(30),
    Members(300),
];
/// What is measured: an edited line, an added dependency, and an edited line on a fresh runner.
pub const SITUATIONS: [u32; 3] = [3, 7, 9];
pub const PEERS: [&str; 6] = [
    "template",
    "template-run",
    "guide",
    "chef",
    "cargo",
    "cargo-incremental",
];
pub const ROUNDS: u32 = 3;

/// Is the row of an app that grows?
pub fn is_of(row: &Row) -> bool {
    SIZES.iter().any(|size| size.name() == row.app)
}

/// Has anything been measured with an app that grows?
pub fn is_measured(rows: &[Row]) -> bool {
    rows.iter().any(is_of)
}

impl Growth {
    /// The name in the results.
    pub fn name(self) -> String {
        match self {
            Dependencies(count) => format!("{count} dependencies"),
            Members(count) => format!("{count} members"),
        }
    }

    /// Writes the project into `folder`.
    pub fn write(self, folder: &Path) {
        copy_files(&repository().join("template/bench/growth"), folder);
        let manifest = folder.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        let (package, rest) = text.split_once("[dependencies]\n").unwrap();
        let (dependencies, profile) = rest.split_once("\n\n").unwrap();
        let kept = match self {
            Dependencies(130) => 9,
            Dependencies(400) => usize::MAX,
            _ => 5,
        };
        let mut text = format!("{package}[dependencies]\n");
        for line in dependencies.lines().take(kept) {
            writeln!(text, "{line}").unwrap();
        }
        if let Members(count) = self {
            // The program is the first.
            for number in 1..count {
                let path = format!("crates/member-{number}");
                writeln!(text, "member-{number} = {{ path = \"{path}\" }}").unwrap();
                write_member(&folder.join(path), number);
            }
        }
        fs::write(manifest, format!("{text}\n{profile}")).unwrap();
        // Keeps the versions in the lock file, and removes the packages that are no longer needed.
        let update = ["update", "--quiet", "--workspace"];
        run(&mut command(folder, "cargo", &update)).succeeds();
    }
}

/// Writes a library of one constant.
fn write_member(folder: &Path, number: usize) {
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!(
        r#"[package]
name = "member-{number}"
version = "0.1.0"
edition = "2024"
"#
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    let library = format!("pub const NUMBER: u32 = {number};\n");
    fs::write(folder.join("src/lib.rs"), library).unwrap();
}
