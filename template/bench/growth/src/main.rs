//! A program that uses none of its dependencies, so that only the work around it grows with them.

// What the benchmark edits, and looks for in the output.
const LINE: u32 = 0;

fn main() {
    println!("version {} line {LINE} module 0", env!("CARGO_PKG_VERSION"));
}
