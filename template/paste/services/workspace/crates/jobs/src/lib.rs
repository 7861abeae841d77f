//! What the programs tell each other.

use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
pub struct Job {
    pub name: String,
    pub minutes: u32,
}

/// The jobs of each night.
pub fn planned() -> Vec<Job> {
    vec![Job { name: "backup".to_owned(), minutes: 20 }]
}
