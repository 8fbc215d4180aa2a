//! Words of a value in the place of others.

use super::text::is_space;
use crate::report::merge::enumerated;

/// A value with words in the place of others, wherever they stand by themselves.
pub(crate) fn spelt(value: &str, words: &[(String, String)]) -> String {
    let mut spelt = value.to_owned();
    for (word, meant) in words {
        for at in places(&spelt, word).into_iter().rev() {
            spelt.replace_range(with_its_sign(&spelt, at, word.len(), meant), meant);
        }
    }
    spelt
}

/// Where a word stands by itself, case aside.
pub(crate) fn places(text: &str, word: &str) -> Vec<usize> {
    let parts = |c: char| is_space(c) || matches!(c, ',' | ':' | ';');
    let (lower, word) = (text.to_ascii_lowercase(), word.to_ascii_lowercase());
    let found = lower.match_indices(&word).map(|(at, _)| at);
    // A sign belongs to the word only where it stands in front: `DES-CBC3-SHA` is one word.
    let is_alone = |at: &usize| {
        let before = text
            .get(..*at)
            .unwrap_or("")
            .trim_end_matches(['!', '-', '+'])
            .chars()
            .next_back();
        let behind = text.get(at + word.len()..).and_then(|behind| behind.chars().next());
        before.is_none_or(|c| parts(c) || c == '{') && behind.is_none_or(|c| parts(c) || c == '}')
    };
    found.filter(is_alone).collect()
}

/// The bytes of a word; of one that goes, with what parts it from its neighbour and the sign before it.
pub(crate) fn with_its_sign(text: &str, at: usize, length: usize, meant: &str) -> std::ops::Range<usize> {
    if !meant.is_empty() {
        return at..at + length;
    }
    let parts = |c: char| is_space(c) || matches!(c, ',' | ':' | ';');
    let before = text.get(..at).unwrap_or("");
    let start = before.trim_end_matches(['!', '-', '+']).len();
    let bare = before.get(..start).unwrap_or("").trim_end_matches(parts).len();
    let behind = text.get(at + length..).unwrap_or("");
    match bare {
        0 => start..at + length + (behind.len() - behind.trim_start_matches(parts).len()),
        _ => bare..at + length,
    }
}

/// What is done, in a few words.
pub(crate) fn titled(words: &[(String, String)]) -> String {
    let told = |goes: bool| {
        let words = words.iter().filter(move |(_, meant)| meant.is_empty() == goes);
        let words = words.map(|(word, meant)| {
            if goes {
                format!("`{word}`")
            } else {
                format!("`{meant}` for `{word}`")
            }
        });
        enumerated(&words.collect::<Vec<_>>())
    };
    match (told(false).as_str(), told(true).as_str()) {
        (meant, "") => format!("Write {meant}"),
        ("", gone) => format!("Leave {gone} out"),
        (meant, gone) => format!("Write {meant}, and leave {gone} out"),
    }
}
