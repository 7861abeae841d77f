//! Makes constants of the commit and of the holidays.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=GIT_SHA");
    println!("cargo::rerun-if-changed=holidays.csv");
    let commit = env::var("GIT_SHA").unwrap_or_else(|_| "unknown".to_owned());
    let text = fs::read_to_string("holidays.csv")?;
    let holidays: Vec<_> = text.lines().filter_map(|line| line.split_once(',')).collect();
    let code = format!(
        "pub const COMMIT: &str = {commit:?};\npub const HOLIDAYS: [(&str, &str); {}] = {holidays:?};\n",
        holidays.len(),
    );
    fs::write(Path::new(&env::var("OUT_DIR")?).join("generated.rs"), code)?;
    Ok(())
}
