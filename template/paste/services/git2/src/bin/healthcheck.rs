//! Asks the service whether it answers.

use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;

fn main() -> Result<()> {
    let mut stream = TcpStream::connect("127.0.0.1:8080")?;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let healthy = answer.contains(" 200 ");
    healthy.then_some(()).ok_or(Error::other(answer))
}
