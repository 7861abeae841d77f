//! Builds published programs, services and traps with this template and with other ways, and writes
//! pages of what was seen.

pub mod evidence;
mod images;
pub mod page;
pub mod paste;
pub mod peer;
pub mod peers;
pub mod progress;
pub mod services;
pub mod table;
pub mod traps;
