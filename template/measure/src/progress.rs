//! What a long run is doing, on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A line that says `what` is going on and for how long, until it is cleared. Logs get no such lines.
pub fn begin(what: String) -> ProgressBar {
    let style = ProgressStyle::with_template("{elapsed_precise} {msg}").unwrap();
    let line = ProgressBar::new_spinner().with_style(style).with_message(what);
    line.enable_steady_tick(Duration::from_secs(1));
    line
}
