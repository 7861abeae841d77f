//! Words in texts.

use std::collections::BTreeMap;

use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Word {
    pub word: String,
    pub times: usize,
}

/// The matches of `pattern` in `text`, each once, the most frequent first.
pub fn words(pattern: &str, text: &str) -> Result<Vec<Word>, regex::Error> {
    let mut times = BTreeMap::<_, usize>::new();
    for found in regex::Regex::new(pattern)?.find_iter(text) {
        *times.entry(found.as_str().to_lowercase()).or_default() += 1;
    }
    let mut words: Vec<_> = times.into_iter().map(|(word, times)| Word { word, times }).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.times));
    Ok(words)
}
