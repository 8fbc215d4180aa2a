//! One line of a file, as Dovecot's own parser takes it apart (`config_parse_line` of `config-parser.c`; measured on 2.3.13,
//! 2.3.19 and 2.4.1).

use crate::source::{FileId, Span};

/// A part of a file, with what it holds once quotes and continuations are taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) span: Span,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// `key = value`.
    Assignment {
        key: Word,
        value: Word,
        /// The value is the content of the file that it names: `<file`.
        from_file: bool,
        /// `$name` in it stands for another value.
        is_expanded: bool,
    },
    /// `kind name {`; the name may be empty.
    Begin { kind: Word, name: Word },
    /// `}`.
    End,
    /// `!include` and `!include_try`.
    Include { pattern: Word, may_be_missing: bool },
    /// What stops Dovecot, in its own words.
    Fault(&'static str),
}

/// A line together with what continues it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Logical {
    pub(super) line: Line,
    /// From its first sign to its last, without comments.
    pub(super) span: Span,
}

/// Signs that Dovecot takes for blanks.
fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// All lines of a text that say something.
pub(super) fn read(file: FileId, text: &str) -> Vec<Logical> {
    let mut lines = Vec::new();
    let mut joined = Joined::default();
    let mut offset = 0;
    for line in crate::source::lines(text) {
        let start = offset;
        offset += line.len();
        let stripped = without_comment(line);
        if stripped.is_empty() {
            // Behind a continuation, an empty line or a comment throws away what was to be continued.
            joined = Joined::default();
            continue;
        }
        let at = start + line.find(stripped).unwrap_or(0);
        match stripped.strip_suffix('\\') {
            Some(part) => {
                let part = part.trim_end_matches(|sign: char| sign.is_ascii() && is_white(sign as u8));
                if !part.is_empty() {
                    joined.add(part, at);
                    joined.add(" ", at + part.len());
                }
            }
            None => {
                joined.add(stripped, at);
                let whole = std::mem::take(&mut joined);
                lines.push(whole.into_line(file));
            }
        }
    }
    lines
}

/// The line without blanks around it, and without the comment at its end. Quotes keep a `#`.
fn without_comment(line: &str) -> &str {
    let trim = |text: &'_ str| -> (usize, usize) {
        let bytes = text.as_bytes();
        let start = bytes.iter().position(|byte| !is_white(*byte)).unwrap_or(bytes.len());
        let end = bytes.iter().rposition(|byte| !is_white(*byte)).map_or(start, |last| last + 1);
        (start, end)
    };
    let (start, _) = trim(line);
    let bytes = line.as_bytes();
    let mut quote = None;
    let mut at = start;
    let mut end = line.len();
    while let Some(byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'#') => {
                end = at;
                break;
            }
            _ => {}
        }
        at += 1;
    }
    let line = line.get(start..end).unwrap_or("");
    let (start, end) = trim(line);
    line.get(start..end).unwrap_or("")
}

/// Parts of lines put together, with where each stands.
#[derive(Default)]
struct Joined {
    text: String,
    /// Where each part begins in the text, and in the file.
    parts: Vec<(usize, usize)>,
}

impl Joined {
    fn add(&mut self, part: &str, at: usize) {
        self.parts.push((self.text.len(), at));
        self.text.push_str(part);
    }

    /// The place in the file of a place in the text.
    fn place(&self, at: usize) -> usize {
        let part = self.parts.iter().rev().find(|(start, _)| *start <= at);
        part.map_or(0, |(start, place)| place + (at - start))
    }

    fn span(&self, file: FileId, start: usize, end: usize) -> Span {
        // The end is that of the last sign, which may stand on another line than what follows it.
        let end = if end > start { self.place(end - 1) + 1 } else { self.place(start) };
        Span { file, start: self.place(start), end }
    }

    fn into_line(self, file: FileId) -> Logical {
        let line = self.take_apart(file);
        let span = self.span(file, 0, self.text.len());
        Logical { line, span }
    }

    fn word(&self, file: FileId, start: usize, end: usize) -> Word {
        Word { text: self.text.get(start..end).unwrap_or("").to_owned(), span: self.span(file, start, end) }
    }

    fn take_apart(&self, file: FileId) -> Line {
        let bytes = self.text.as_bytes();
        let end = bytes.len();
        let byte = |at: usize| bytes.get(at).copied();
        let skip = |mut at: usize| {
            while byte(at).is_some_and(is_white) {
                at += 1;
            }
            at
        };
        let key_end = bytes.iter().position(|byte| is_white(*byte) || *byte == b'=').unwrap_or(end);
        let key = self.word(file, 0, key_end);
        let at = skip(key_end);
        if matches!(key.text.as_str(), "!include" | "!include_try") {
            let may_be_missing = key.text == "!include_try";
            return Line::Include { pattern: self.word(file, at, end), may_be_missing };
        }
        if byte(at) == Some(b'=') {
            if key.text.is_empty() {
                return Line::Fault("a name is missing before `=`");
            }
            return self.assignment(file, key, skip(at + 1));
        }
        if key.text == "}" && at == end {
            return Line::End;
        }
        if key.text == "group" && self.text.ends_with('{') {
            // `group @name value {` of the new language.
            let name = self.text.get(at..end - 1).unwrap_or("").trim_end();
            return Line::Begin { kind: key, name: self.word(file, at, at + name.len()) };
        }
        let (name, at) = match byte(at) {
            Some(b'{') => (self.word(file, at, at), at),
            Some(b'"') => match self.text.get(at + 1..).and_then(|rest| rest.find('"')) {
                Some(length) => (self.word(file, at + 1, at + 1 + length), skip(at + length + 2)),
                None => return Line::Fault(NO_BRACE),
            },
            _ => {
                let length = bytes.iter().skip(at).position(|byte| is_white(*byte)).unwrap_or(end - at);
                (self.word(file, at, at + length), skip(at + length))
            }
        };
        match byte(at) {
            Some(b'{') if at + 1 == end => Line::Begin { kind: key, name },
            Some(b'{') => Line::Fault("what stands in braces has to begin on a line of its own: nothing may follow `{`"),
            _ => Line::Fault(NO_BRACE),
        }
    }

    fn assignment(&self, file: FileId, key: Word, at: usize) -> Line {
        let mut value = self.word(file, at, self.text.len());
        if let Some(path) = value.text.strip_prefix('<') {
            value.text = path.trim_start_matches([' ', '\t', '\r']).to_owned();
            return Line::Assignment { key, value, from_file: true, is_expanded: false };
        }
        let quote = value.text.chars().next().filter(|sign| matches!(sign, '"' | '\''));
        let inside = quote.and_then(|quote| value.text.strip_prefix(quote)?.strip_suffix(quote));
        if let Some(inside) = inside {
            value.text = unescaped(inside);
            return Line::Assignment { key, value, from_file: false, is_expanded: false };
        }
        let is_expanded = quote.is_none() && value.text.contains('$');
        Line::Assignment { key, value, from_file: false, is_expanded }
    }
}

/// What Dovecot says of a line that is neither setting nor section.
const NO_BRACE: &str = "this is neither `name = value` nor the beginning of a section: `{` is missing";

/// `\x` stands for `x`.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => out.extend(signs.next()),
            sign => out.push(sign),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Line {
        let mut lines = read(FileId(0), text);
        assert_eq!(lines.len(), 1, "{text}");
        lines.remove(0).line
    }

    fn value(text: &str) -> String {
        match only(text) {
            Line::Assignment { value, .. } => value.text,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn values_as_the_program_reads_them() {
        for (text, expected) in [
            ("ssl=required", "required"),
            ("  ssl =\trequired  # why\r\n", "required"),
            ("a = b#c", "b"),
            ("a = \"b # c\" # d", "b # c"),
            ("a = 'b'", "b"),
            ("a = x\"b#c\"d", "x\"b#c\"d"),
            ("a = \"HI\\\"GH\"", "HI\"GH"),
            ("a = \"b", "\"b"),
            ("a =", ""),
            ("a = < /x y", "/x y"),
            ("a = plain \\\n   cram-md5 \\  \n login # \\\n", "plain cram-md5 login"),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn a_comment_throws_away_what_was_to_be_continued() {
        for between in [" # comment\n", "\n", "   \n"] {
            let lines = read(FileId(0), &format!("a = plain \\\n{between}b = 1\n"));
            assert_eq!(lines.len(), 1);
            assert!(matches!(&lines[0].line, Line::Assignment { key, .. } if key.text == "b"));
        }
    }

    #[test]
    fn sections_and_what_is_none() {
        assert!(matches!(only("protocol imap {"), Line::Begin { name, .. } if name.text == "imap"));
        assert!(matches!(only("plugin { # x"), Line::Begin { name, .. } if name.text.is_empty()));
        assert!(matches!(only("mailbox \"Sent Messages\" {"), Line::Begin { name, .. } if name.text == "Sent Messages"));
        assert_eq!(only("} # x"), Line::End);
        assert!(matches!(only("group @tls old {"), Line::Begin { kind, name } if kind.text == "group" && name.text == "@tls old"));
        for text in ["passdb { driver = pam }", "ssl", "a b c", "protocol imap{", "=b", "} x", "a \"b {"] {
            assert!(matches!(only(text), Line::Fault(_)), "{text}: {:?}", only(text));
        }
        assert!(matches!(only("!include_try a b"), Line::Include { pattern, may_be_missing: true } if pattern.text == "a b"));
    }

    #[test]
    fn places_are_those_of_the_file() {
        let text = "x = 1\n  auth_mechanisms = plain \\\n    login  # end\n";
        let line = &read(FileId(0), text)[1];
        assert_eq!(&text[line.span.start..line.span.end], "auth_mechanisms = plain \\\n    login");
        let Line::Assignment { key, value, .. } = &line.line else { panic!("an assignment") };
        assert_eq!(&text[key.span.start..key.span.end], "auth_mechanisms");
        assert_eq!(&text[value.span.start..value.span.end], "plain \\\n    login");
    }
}
