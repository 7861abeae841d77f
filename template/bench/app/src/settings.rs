//! What a file can set.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

#[derive(Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub address: String,
    /// Served below the root.
    pub files: PathBuf,
    /// The most bytes of a note.
    pub longest: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { address: "127.0.0.1:8080".into(), files: "public".into(), longest: 10_000 }
    }
}

/// The defaults without a file. Errors name the file.
pub fn read(file: Option<&Path>) -> anyhow::Result<Settings> {
    let Some(file) = file else {
        return Ok(Settings::default());
    };
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    toml::from_str(&text).with_context(|| file.display().to_string())
}
