//! Asks the service whether it answers.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

fn answer() -> std::io::Result<String> {
    let mut stream = TcpStream::connect("127.0.0.1:8080")?;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn main() -> ExitCode {
    match answer() {
        Ok(answer) if answer.contains(" 200 ") => ExitCode::SUCCESS,
        Ok(answer) => {
            eprintln!("{answer}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
