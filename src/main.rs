//! Prints a lucky number, then the account that the program runs as.

use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    match report(&mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not `eprintln!`, which panics when stderr is closed.
            let _ = writeln!(io::stderr(), "{}: {error}", env!("CARGO_PKG_NAME"));
            ExitCode::FAILURE
        }
    }
}

/// Writes two lines to `out`. Fails if `out` does, or if there is no way to know the account.
fn report(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Lucky number: {}", rand::random_range(1..=100))?;
    writeln!(
        out,
        "I've once more been updated, and now I run as the user {}!",
        account()?
    )
}

/// The account's name, or the user id if it has no account (`docker run --user 12345`).
fn account() -> io::Result<String> {
    whoami::username().or_else(|error| {
        fs::read_to_string("/proc/self/status")?
            .lines()
            .find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().nth(1))
            .map(str::to_owned)
            .ok_or_else(|| io::Error::other(error))
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    #[test]
    fn last_line_names_the_account_that_id_knows() {
        let mut out = Vec::new();
        super::report(&mut out).unwrap();
        let id = Command::new("id").arg("-un").output().unwrap();
        let name = String::from_utf8(id.stdout).unwrap();
        let sentence = "I've once more been updated, and now I run as the user";
        assert_eq!(
            String::from_utf8(out).unwrap().lines().last().unwrap(),
            format!("{sentence} {}!", name.trim())
        );
    }
}
