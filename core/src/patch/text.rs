//! The text of one file, and what can be done to its physical lines.

use crate::patch::Edit;
use crate::source::{FileId, Source, Span};

/// What C's `isspace` takes for a blank, which is what servers ask.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

/// A file that is to be edited.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) file: FileId,
    pub(crate) text: &'a str,
}

impl<'a> Text<'a> {
    pub(crate) fn of(file: FileId, source: &'a Source) -> Text<'a> {
        Text {
            file,
            text: source.text(),
        }
    }

    pub(crate) fn slice(self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or("")
    }

    fn span(self, start: usize, end: usize) -> Span {
        Span {
            file: self.file,
            start,
            end,
        }
    }

    /// Where the physical line begins that holds the byte.
    pub(crate) fn line_start(self, at: usize) -> usize {
        self.slice(0, at).rfind('\n').map_or(0, |end| end + 1)
    }

    /// Where it ends, its line end left out.
    pub(crate) fn line_end(self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or("");
        let end = at + rest.find('\n').unwrap_or(rest.len());
        if self.slice(at, end).ends_with('\r') {
            end - 1
        } else {
            end
        }
    }

    /// Where the next one begins; the end of the text when there is none.
    pub(crate) fn next_line(self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or("");
        at + rest.find('\n').map_or(rest.len(), |end| end + 1)
    }

    /// How lines end around a byte.
    fn ending(self, at: usize) -> &'static str {
        let first_end = self.text.get(at..).and_then(|rest| rest.find('\n')).map(|end| at + end);
        let end = first_end.or_else(|| self.text.rfind('\n'));
        if end.is_some_and(|end| self.slice(0, end).ends_with('\r')) {
            "\r\n"
        } else {
            "\n"
        }
    }

    /// Puts whole lines in behind the physical line that holds the byte before `at`.
    pub(crate) fn insert_behind(self, at: usize, lines: &[String]) -> Edit {
        let from = at.saturating_sub(1);
        let place = self.next_line(from);
        let ending = self.ending(from);
        let is_open = place == self.text.len() && !self.text.is_empty() && !self.text.ends_with('\n');
        let text = match is_open {
            true => lines.iter().map(|line| format!("{ending}{line}")).collect(),
            false => lines.iter().map(|line| format!("{line}{ending}")).collect::<String>(),
        };
        Edit::insert(self.span(place, place), text)
    }

    /// Takes the physical lines out that hold the range, but for the comments and empty lines among them.
    pub(crate) fn remove_lines(self, span: Span) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut start = self.line_start(span.start);
        while start < span.end && start < self.text.len() {
            let end = self.next_line(start);
            if !is_comment(self.slice(start, end)) {
                edits.push(Edit::remove(self.span(start, end)));
            }
            start = end;
        }
        edits
    }

    /// Puts a value in the place of another one, which may go on over several lines: comments among them stay.
    pub(crate) fn replace(self, value: Span, with: &str) -> Vec<Edit> {
        let first_end = self.line_end(value.start).min(value.end).max(value.start);
        let before = self.slice(self.line_start(value.start), value.start);
        // A value that goes leaves no blanks at the end of a line.
        let blanks = if with.is_empty() {
            before.len() - before.trim_end_matches(is_space).len()
        } else {
            0
        };
        let (start, text) = (value.start - blanks, with.to_owned());
        let mut edits = vec![Edit {
            span: self.span(start, first_end),
            text,
        }];
        let behind = self.next_line(value.start);
        if value.end > behind {
            // What follows the value in its last line, such as a brace, stays.
            let last = self.line_start(value.end);
            let is_alone = self.slice(value.end, self.line_end(value.end)).trim().is_empty();
            edits.extend(self.remove_lines(self.span(behind, if is_alone { value.end } else { last })));
            if !is_alone {
                let blanks = self.slice(last, value.end).len() - self.slice(last, value.end).trim_start().len();
                edits.push(Edit::remove(self.span(last + blanks, value.end)));
            }
        }
        edits
    }

    /// Takes a word out, with its line when nothing else stands there.
    pub(crate) fn remove_word(self, start: usize, end: usize) -> Edit {
        let (line, line_end) = (self.line_start(start), self.line_end(end));
        let before = self.slice(line, start);
        if before.trim().is_empty() && self.slice(end, line_end).trim().is_empty() {
            return Edit::remove(self.span(line, self.next_line(end)));
        }
        let blanks = before.len() - before.trim_end_matches(is_space).len();
        Edit::remove(self.span(start - blanks, end))
    }

    /// Puts a text in the place of a range.
    pub(crate) fn put(self, start: usize, end: usize, text: String) -> Edit {
        Edit {
            span: self.span(start, end),
            text,
        }
    }
}

/// True for a physical line that says nothing.
pub(crate) fn is_comment(line: &str) -> bool {
    let text = line.trim_start_matches(is_space);
    text.is_empty() || text.starts_with('#')
}
