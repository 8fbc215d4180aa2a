//! What was given to judge: files with their places, and how they came to be.

use std::rc::Rc;

use serde::Serialize;

use memchr::arch::all::memchr::One;

use crate::redact;

/// Names one file of a [`Sources`]; an index, valid only for the `Sources` that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u32);

/// A range of bytes in one file: `start` inclusive, `end` exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file that holds the bytes.
    pub file: FileId,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The smallest span that covers both; `other` must lie in the same file, else `self` is returned.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// A place as people and JSON readers see it: lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// The path as it was given, or the name the intake gave a pasted part.
    pub file: String,
    /// First line, from 1.
    pub line: usize,
    /// First column, from 1, in characters.
    pub column: usize,
    /// Last line, from 1.
    pub end_line: usize,
    /// One past the last column.
    pub end_column: usize,
}

/// How a text came to be; it decides whether the text can be edited where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceKind {
    /// Written by the person: edits go here.
    Authored,
    /// Printed by a program, such as `postconf -n`: edits go into the file behind it.
    Printed {
        /// The command that printed it.
        by: String,
    },
    /// Written by another program from its own settings: edits here are lost.
    Generated {
        /// The program that owns the file.
        owner: String,
        /// Where that program takes settings of one's own from, when that is known.
        place: Option<&'static str>,
    },
}

impl SourceKind {
    /// The word that JSON readers see.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            SourceKind::Authored => "authored",
            SourceKind::Printed { .. } => "printed",
            SourceKind::Generated { .. } => "generated",
        }
    }
}

/// One file, or one part of a paste. Its text has every password and key masked, byte for byte,
/// so that nothing which reads it can give a secret away.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path as given, or a name such as `paste`.
    pub path: String,
    /// How the text came to be.
    pub kind: SourceKind,
    /// How many lines of the whole paste stand before this part.
    pub lines_before: usize,
    text: String,
    line_starts: Vec<usize>,
}

impl Source {
    /// Takes a text, masks the secrets in it and finds its lines.
    #[must_use]
    pub fn new(path: impl Into<String>, text: &str, kind: SourceKind) -> Source {
        let text = redact::mask(text);
        let mut line_starts = Vec::with_capacity(1 + text.len() / 32);
        line_starts.push(0);
        line_starts.extend(end_of_line().iter(text.as_bytes()).map(|at| at + 1));
        Source {
            path: path.into(),
            kind,
            lines_before: 0,
            text,
            line_starts,
        }
    }

    /// The masked text, as long as the given one.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True for what a program printed.
    #[must_use]
    pub fn is_printed(&self) -> bool {
        matches!(self.kind, SourceKind::Printed { .. })
    }

    /// True for what a program printed of a file that lies elsewhere. A main.cf in the order of names and without comments is
    /// the file itself: `postconf -e` writes such files.
    #[must_use]
    pub fn is_print_out(&self) -> bool {
        self.is_printed() && !matches!(self.file_name(), "main.cf" | "master.cf")
    }

    /// The last part of the path.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.path.rsplit(['/', '\\']).next().unwrap_or(&self.path)
    }

    /// Line and column, both from 1, of a byte offset; beyond the end it is the end.
    #[must_use]
    pub fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let start = line
            .checked_sub(1)
            .and_then(|index| self.line_starts.get(index))
            .copied();
        let before = self.text.get(start.unwrap_or(0)..offset).unwrap_or("");
        (line.max(1), before.chars().count() + 1)
    }

    /// The bytes of a line counted from 1, its line end left out; empty for a line that is not there.
    #[must_use]
    pub fn line(&self, line: usize) -> &str {
        let Some(&start) = line.checked_sub(1).and_then(|index| self.line_starts.get(index)) else {
            return "";
        };
        let end = self.line_starts.get(line).map_or(self.text.len(), |&next| next - 1);
        self.text.get(start..end).unwrap_or("").trim_end_matches('\r')
    }
}

/// Looks for ends of lines eight bytes at a time. The search made for the processor is faster over megabytes alone: it has to ask
/// the processor first what it can do, and on a virtual machine that takes longer than a configuration.
fn end_of_line() -> One {
    One::new(b'\n')
}

/// The lines of a text, each with its end. They are short, and the standard library's own look for an end takes long to begin.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let (mut rest, end_of_line) = (text, end_of_line());
    std::iter::from_fn(move || {
        let end = end_of_line.find(rest.as_bytes()).map_or(rest.len(), |end| end + 1);
        let (line, behind) = rest.split_at_checked(end)?;
        rest = behind;
        (!line.is_empty()).then_some(line)
    })
}

/// Everything given at once. All parts are judged together, as one machine's configuration.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Rc<Source>>,
    /// Files of other programs than the one that reads these; they keep their names all the same.
    others: Vec<FileId>,
    /// All files are of one program, whatever they look like.
    of_one: bool,
}

impl Sources {
    /// No files yet.
    #[must_use]
    pub fn new() -> Sources {
        Sources::default()
    }

    /// Adds a file and names it.
    pub fn add(&mut self, source: Source) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Rc::new(source));
        id
    }

    /// The files with their names, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        let all = self
            .files
            .iter()
            .zip(0..)
            .map(|(source, id)| (FileId(id), source.as_ref()));
        all.filter(|(id, _)| !self.others.contains(id))
    }

    /// The same of which one program reads what is not named.
    pub(crate) fn without(&self, others: Vec<FileId>) -> Sources {
        Sources {
            files: self.files.clone(),
            others,
            of_one: true,
        }
    }

    /// The same, all of it read as one program's, whatever the files look like.
    #[must_use]
    pub fn of_one_program(mut self) -> Sources {
        self.of_one = true;
        self
    }

    /// The same files with other texts.
    #[must_use]
    pub(crate) fn map(&self, mut change: impl FnMut(FileId, &Source) -> Source) -> Sources {
        let files = self.files.iter().zip(0..);
        Sources {
            files: files.map(|(source, id)| Rc::new(change(FileId(id), source))).collect(),
            others: self.others.clone(),
            of_one: self.of_one,
        }
    }

    /// True when nobody needs to ask which program a file is of.
    pub(crate) fn is_of_one(&self) -> bool {
        self.of_one || self.files.len() < 2
    }

    /// True when nothing was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// One file; `None` for an id of another `Sources`.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&Source> {
        self.files.get(id.0 as usize).map(Rc::as_ref)
    }

    /// The bytes of a span; empty when the span is not of these sources.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.file(span.file)
            .and_then(|file| file.text().get(span.start..span.end))
            .unwrap_or("")
    }

    /// Where a span begins, as people write it: `main.cf:12`.
    #[must_use]
    pub fn spoken(&self, span: Span) -> String {
        let place = self.place(span);
        format!("{}:{}", place.file, place.line)
    }

    /// Where a span stands, for people and JSON readers.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        let Some(file) = self.file(span.file) else {
            return Place {
                file: String::new(),
                line: 1,
                column: 1,
                end_line: 1,
                end_column: 1,
            };
        };
        let (line, column) = file.line_and_column(span.start);
        let (end_line, end_column) = file.line_and_column(span.end);
        Place {
            file: file.path.clone(),
            line,
            column,
            end_line,
            end_column,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_one_in_characters() {
        let mut sources = Sources::new();
        let file = sources.add(Source::new("main.cf", "é = 1\nb = 2\n", SourceKind::Authored));
        let place = sources.place(Span { file, start: 7, end: 8 });
        assert_eq!(
            (place.line, place.column, place.end_line, place.end_column),
            (2, 1, 2, 2)
        );
        let place = sources.place(Span { file, start: 3, end: 4 });
        assert_eq!((place.line, place.column), (1, 3));
    }

    #[test]
    fn lines_lose_their_line_ends() {
        let source = Source::new("x", "a\r\nb\n\nc", SourceKind::Authored);
        assert_eq!(
            [source.line(1), source.line(2), source.line(3), source.line(4)],
            ["a", "b", "", "c"]
        );
        assert_eq!(source.line(0), "");
        assert_eq!(source.line(9), "");
    }
}
