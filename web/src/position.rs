//! Places in the whole text: bytes for the core, UTF-16 units for the browser, lines for people.

use std::ops::Range;

use smtplint_core::source::{FileId, Source, Sources, Span};

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

    /// The bytes of a whole part in the whole text.
    pub(crate) fn range_of(&self, file: FileId, source: &Source) -> Range<usize> {
        let (start, end) = (0, source.text().len());
        self.range(Span { file, start, end })
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

/// One edit: what two texts have in common at their beginning and at their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edit {
    before: usize,
    after: usize,
    old: usize,
    new: usize,
}

impl Edit {
    /// The edit that leads from one text to the other.
    pub(crate) fn between(old: &str, new: &str) -> Edit {
        let same = |(a, b): &(u8, u8)| a == b;
        let before = old.bytes().zip(new.bytes()).take_while(same).count();
        let room = old.len().min(new.len()) - before;
        let ends = old.bytes().rev().zip(new.bytes().rev());
        Edit {
            before,
            after: ends.take(room).take_while(same).count(),
            old: old.len(),
            new: new.len(),
        }
    }

    /// True where next to nothing of the old text is left.
    pub(crate) fn leaves_little(self) -> bool {
        self.before + self.after < self.old / 10
    }

    /// Where a range of the old text stands in the new one, when the edit did not touch it.
    pub(crate) fn carry(self, range: &Range<usize>) -> Option<Range<usize>> {
        if range.end <= self.before {
            Some(range.clone())
        } else if range.start >= self.old - self.after {
            Some(range.start + self.new - self.old..range.end + self.new - self.old)
        } else {
            None
        }
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
        let carried = |new| Edit::between("aaa bbb ccc", new).carry(&(4..7));
        assert_eq!(carried("aaa bbb ccc ddd"), Some(4..7));
        assert_eq!(carried("x aaa bbb ccc"), Some(6..9));
        assert_eq!(carried("bbb ccc"), Some(0..3));
        assert_eq!(carried("aaa bxb ccc"), None);
        assert_eq!(carried(""), None);
        assert_eq!(carried("aaa bbb ccc"), Some(4..7));
    }
}
