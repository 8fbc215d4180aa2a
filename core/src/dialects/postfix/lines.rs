//! Logical lines, which main.cf and master.cf share.
//!
//! A logical line begins in the first column and goes on over lines that begin with blanks; comments and empty lines are
//! skipped, inside a continuation as well (postconf(5), "The general format of the main.cf file"; master(5)).

use std::ops::Range;

pub(super) use crate::patch::text::is_space;
use crate::source::{self, FileId, Span};

/// A logical line: the text as Postfix sees it, and where each piece of it stands.
#[derive(Debug, Clone)]
pub(super) struct LogicalLine {
    /// The joined text, line ends left out.
    pub(super) text: String,
    /// True when the line begins with blanks though nothing stands before it to continue: Postfix skips it with a warning.
    pub(super) stray: bool,
    file: FileId,
    /// Where pieces begin: offset in `text`, offset in the file, length.
    pieces: Vec<(usize, usize, usize)>,
}

impl LogicalLine {
    /// The place in the file of a range of `text`.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        let start = self.offset(range.start, false);
        Span { file: self.file, start, end: self.offset(range.end, true).max(start) }
    }

    /// The place of the whole line, blanks at its end left out.
    pub(super) fn whole(&self) -> Span {
        self.span(0..self.text.trim_end().len())
    }

    /// An end belongs to the piece before it, a start to the piece it opens.
    fn offset(&self, at: usize, is_end: bool) -> usize {
        let opened = self.pieces.partition_point(|(logical, ..)| if is_end { *logical < at } else { *logical <= at });
        let piece = self.pieces.get(opened.saturating_sub(1));
        piece.map_or(0, |(logical, physical, length)| physical + (at.saturating_sub(*logical)).min(*length))
    }
}

/// Splits a text as Postfix does.
pub(super) fn logical_lines(file: FileId, text: &str) -> Vec<LogicalLine> {
    let mut lines: Vec<LogicalLine> = Vec::new();
    let mut offset = 0;
    for physical in source::lines(text) {
        let start = offset;
        offset += physical.len();
        if physical.starts_with('#') {
            continue;
        }
        let content = physical.strip_suffix('\n').unwrap_or(physical);
        let first = content.trim_start_matches(is_space);
        if first.is_empty() || first.starts_with('#') {
            continue;
        }
        let continues = content.starts_with(is_space);
        match lines.last_mut() {
            Some(line) if continues => {
                line.pieces.push((line.text.len(), start, content.len()));
                line.text.push_str(content);
            }
            _ => lines.push(LogicalLine {
                text: content.to_owned(),
                stray: continues,
                file,
                pieces: vec![(0, start, content.len())],
            }),
        }
    }
    lines
}

/// A word of a logical line, with its range in the line's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    pub(super) range: Range<usize>,
}

/// Splits into words at blanks; what stands in braces stays together, braces included.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let word = |range: Range<usize>| Word { text: text.get(range.clone()).unwrap_or(""), range };
    let mut words = Vec::with_capacity(8);
    let mut start = None;
    let mut depth = 0_usize;
    // All that parts words is ASCII.
    for (at, byte) in text.bytes().enumerate() {
        if depth == 0 && is_space(char::from(byte)) {
            words.extend(start.take().map(|from| word(from..at)));
            continue;
        }
        start.get_or_insert(at);
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    words.extend(start.map(|from| word(from..text.len())));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        logical_lines(FileId(0), text).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn continuations_skip_comments_and_empty_lines() {
        assert_eq!(texts("a = 1\n# c\n\n  2\n   # c\nb = 3"), ["a = 1  2", "b = 3"]);
        assert_eq!(texts("\n\r\na = 1\r\n\t2\r\n"), ["a = 1\r\t2\r"]);
    }

    #[test]
    fn a_continuation_of_nothing_is_stray() {
        let lines = logical_lines(FileId(0), "# head\n  x = 1\ny = 2\n");
        assert!(lines[0].stray && !lines[1].stray);
    }

    #[test]
    fn spans_lead_back_into_the_file() {
        let text = "a = 1\n# c\n  two\n";
        let line = &logical_lines(FileId(0), text)[0];
        let at = line.text.find("two").unwrap();
        let span = line.span(at..at + 3);
        assert_eq!(&text[span.start..span.end], "two");
        let one = line.span(4..5);
        assert_eq!(&text[one.start..one.end], "1");
    }

    #[test]
    fn words_keep_braces_together() {
        let found: Vec<&str> = words("-o { a = b c } -v").into_iter().map(|word| word.text).collect();
        assert_eq!(found, ["-o", "{ a = b c }", "-v"]);
    }
}
