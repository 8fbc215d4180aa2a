//! Places in the whole text: bytes for the core, UTF-16 units for the browser, lines for people.

use std::ops::Range;

use smtplint_core::source::{FileId, Sources, Span};

/// Where each part of the text begins, in bytes of the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    starts: Vec<(FileId, usize)>,
    length: usize,
}

impl Parts {
    /// The parts that [`smtplint_core::intake::split`] made of `text`.
    pub(crate) fn of(text: &str, sources: &Sources) -> Parts {
        let lines: Vec<usize> = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let starts = sources
            .iter()
            .map(|(id, source)| (id, lines.get(source.lines_before).copied().unwrap_or(text.len())))
            .collect();
        Parts {
            starts,
            length: text.len(),
        }
    }

    /// The bytes of a span in the whole text.
    pub(crate) fn range(&self, span: Span) -> Range<usize> {
        let start = self
            .starts
            .iter()
            .find(|(file, _)| *file == span.file)
            .map_or(0, |(_, start)| *start);
        (start + span.start).min(self.length)..(start + span.end).min(self.length)
    }
}

/// How many UTF-16 units stand before a byte: what the browser counts in a selection.
pub(crate) fn utf16(text: &str, byte: usize) -> u32 {
    let before = &text[..text.floor_char_boundary(byte)];
    u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// The byte before which so many UTF-16 units stand.
pub(crate) fn byte(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    for (at, character) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left = left.saturating_sub(character.len_utf16());
    }
    text.len()
}

/// How many lines end before a byte.
pub(crate) fn lines_before(text: &str, byte: usize) -> usize {
    text[..text.floor_char_boundary(byte)].matches('\n').count()
}

/// Where a range of `old` stands in `new`, when the edit between the two did not touch it.
pub(crate) fn carry(range: &Range<usize>, old: &str, new: &str) -> Option<Range<usize>> {
    let same = |(a, b): &(u8, u8)| a == b;
    let before = old.bytes().zip(new.bytes()).take_while(same).count();
    let room = old.len().min(new.len()) - before;
    let after = old
        .bytes()
        .rev()
        .zip(new.bytes().rev())
        .take(room)
        .take_while(same)
        .count();
    if range.end <= before {
        Some(range.clone())
    } else if range.start >= old.len() - after {
        Some(range.start + new.len() - old.len()..range.end + new.len() - old.len())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smtplint_core::intake;

    #[test]
    fn parts_are_found_in_the_whole_text() {
        let text = "==> main.cf <==\na = ü\n==> master.cf <==\nsmtp inet\n";
        let sources = intake::split("paste", text);
        let parts = Parts::of(text, &sources);
        let (file, _) = sources.iter().nth(1).expect("two parts");
        let range = parts.range(Span { file, start: 5, end: 9 });
        assert_eq!(&text[range], "inet");
    }

    #[test]
    fn browsers_count_in_units_of_utf16() {
        let text = "aü😀b";
        assert_eq!([0, 1, 3, 7, 8].map(|at| utf16(text, at)), [0, 1, 2, 4, 5]);
        assert_eq!([0, 1, 2, 4, 5, 99].map(|at| byte(text, at)), [0, 1, 3, 7, 8, 8]);
        assert_eq!(utf16(text, 2), 1, "inside a character counts as before it");
    }

    #[test]
    fn ranges_move_with_the_text_around_them() {
        let old = "aaa bbb ccc";
        assert_eq!(carry(&(4..7), old, "aaa bbb ccc ddd"), Some(4..7));
        assert_eq!(carry(&(4..7), old, "x aaa bbb ccc"), Some(6..9));
        assert_eq!(carry(&(4..7), old, "bbb ccc"), Some(0..3));
        assert_eq!(carry(&(4..7), old, "aaa bxb ccc"), None);
        assert_eq!(carry(&(4..7), old, ""), None);
        assert_eq!(carry(&(4..7), old, old), Some(4..7));
    }
}
