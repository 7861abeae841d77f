//! Pages that are written from measurements, and committed beside them.

use minijinja::{Environment, Value};
use serde::Serialize;

use workshop::read;

/// What measurements were made on, and the first date of those.
#[derive(Serialize, PartialEq, PartialOrd, Eq, Ord)]
pub struct Machine<'a> {
    name: &'a str,
    date: &'a str,
}

/// The machines of rows, each of which has a machine and a date.
pub fn machines<'a>(rows: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Machine<'a>> {
    let mut machines: Vec<_> = rows.map(|(name, date)| Machine { name, date }).collect();
    machines.sort();
    machines.dedup_by_key(|machine| machine.name);
    machines
}

/// The text of `template`, a file of this repository in the syntax of Jinja, with `values` in it.
pub fn render(template: &str, values: Value) -> String {
    let text = read(template);
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_keep_trailing_newline(true);
    environment.render_str(&text, values).unwrap()
}
