//! Compares words, in C.

#[allow(non_camel_case_types)]
mod bindings {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}

/// The bytes to insert, remove or replace to make one word of the other. `None` if there is no
/// memory.
pub fn distance(from: &str, to: &str) -> Option<usize> {
    let word = |text: &str| bindings::word { bytes: text.as_ptr().cast(), length: text.len() };
    // SAFETY: the call only reads the words, within their lengths.
    let distance = unsafe { bindings::distance(&word(from), &word(to)) };
    (distance != usize::MAX).then_some(distance)
}
