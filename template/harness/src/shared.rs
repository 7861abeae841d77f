//! Something that takes long to start, for all tests that run at the same time.

use std::sync::{Arc, Mutex, Weak};

/// Holds a `T` while a test uses it. Weak, because Rust never drops what a static owns.
pub struct Shared<T>(Mutex<Weak<T>>);

impl<T> Shared<T> {
    /// Holds nothing yet.
    pub const fn empty() -> Self {
        Self(Mutex::new(Weak::new()))
    }

    /// The one that another test uses, or else a new one, which `start` returns.
    pub fn get(&self, start: impl FnOnce() -> T) -> Arc<T> {
        let mut shared = self.0.lock().unwrap();
        shared.upgrade().unwrap_or_else(|| {
            let new = Arc::new(start());
            *shared = Arc::downgrade(&new);
            new
        })
    }
}
