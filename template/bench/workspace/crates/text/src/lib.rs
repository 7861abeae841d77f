//! Words in texts. The module is that of the app that is one package.

mod text;
pub use text::*;

/// What the benchmark edits, and looks for in the output.
pub const LINE: u32 = 0;
