//! Does the jobs that it reads from its input, as JSON.

use std::io;

use jobs::Job;

fn main() -> anyhow::Result<()> {
    let jobs: Vec<Job> = serde_json::from_reader(io::stdin())?;
    for job in jobs {
        println!("{} takes {} minutes", job.name, job.minutes);
    }
    Ok(())
}
