//! Logical lines, as Exim reads them: macros replaced, conditions followed, files included, continuations joined
//! (`get_config_line` of `readconf.c`; measured on 4.96).

use crate::source::{FileId, Source, Sources, Span};
use crate::template;

/// A part of a line, with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    /// Where it begins in the text of the line.
    at: usize,
    /// Where it begins in the file.
    place: usize,
    /// How long it is there. What a macro stands for is as long as the macro's name.
    length: usize,
}

/// A line of the configuration, without what only joins and chooses lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    file: FileId,
    pieces: Vec<Piece>,
    /// Whether it is read: `None` where that hangs on a macro that the build defines, or on a file that was not given.
    pub(super) open: Option<Open>,
    /// Where the macros in it are defined, with their names.
    pub(super) macros: Vec<(String, Span)>,
}

/// Why it is open whether a line is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Open {
    /// The text behind `.ifdef`.
    Condition(String),
    /// A file that was not given may stand here.
    Include { path: String, may_be_missing: bool },
    /// A template is to be filled in here.
    Template(String),
}

impl Line {
    /// The place in the file of a place in the text.
    fn place(&self, at: usize) -> usize {
        let piece = self.pieces.iter().rev().find(|piece| piece.at <= at);
        piece.map_or(0, |piece| piece.place + (at - piece.at).min(piece.length))
    }

    /// Where a part of it stands.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let place = self.place(start);
        let last = if end > start { self.place(end - 1) } else { place };
        // A macro is one sign and all of them.
        let piece = self.pieces.iter().rev().find(|piece| piece.at < end.max(1));
        let end = piece.map_or(last, |piece| if last >= piece.place + piece.length { last } else { last + usize::from(end > start) });
        Span { file: self.file, start: place, end: end.max(place) }
    }

    /// Where all of it stands.
    pub(super) fn whole(&self) -> Span {
        self.span(0, self.text.len())
    }

    /// True for what is not there at all, and only says that something may be.
    pub(super) fn is_unseen(&self) -> bool {
        self.text.is_empty()
    }
}

/// All lines, and what is wrong with them.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) lines: Vec<Line>,
    /// What stops Exim, in words.
    pub(super) faults: Vec<(Span, String)>,
    /// Files that were given and that no other includes.
    pub(super) unread: Vec<FileId>,
}

/// Known, or open.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tri {
    Yes,
    No,
    Open(Open),
}

impl Tri {
    fn and(&self, other: &Tri) -> Tri {
        match (self, other) {
            (Tri::No, _) | (_, Tri::No) => Tri::No,
            (Tri::Open(open), _) | (_, Tri::Open(open)) => Tri::Open(open.clone()),
            (Tri::Yes, Tri::Yes) => Tri::Yes,
        }
    }

    fn not(&self) -> Tri {
        match self {
            Tri::Yes => Tri::No,
            Tri::No => Tri::Yes,
            Tri::Open(open) => Tri::Open(open.clone()),
        }
    }
}

/// An `.ifdef` that is not closed yet.
struct Frame {
    /// Whether lines around it are read.
    outside: Tri,
    /// Whether one of its branches was taken.
    taken: Tri,
    /// Whether the branch in hand is.
    here: Tri,
    opened: Span,
}

struct Macro {
    name: String,
    value: String,
    defined: Span,
    open: Option<Open>,
    /// Debian defines it where no file has done so before.
    is_answer: bool,
}

/// Files within files: more are a circle.
const DEEPEST: usize = 12;

/// The most that is read, in bytes, and in macros that are looked for in a line: macros and files within each other stand for more
/// than anybody writes.
const MOST_READ: usize = 8_000_000;

struct Walk<'a> {
    files: Vec<(FileId, &'a Source)>,
    was_read: Vec<bool>,
    read: usize,
    macros: Vec<Macro>,
    frames: Vec<Frame>,
    /// A file that was not given and may define macros.
    unseen: Option<Open>,
    lines: Lines,
    /// What is to be continued.
    joined: Option<Line>,
    /// The first section has begun, in which options of the server stand.
    in_main: bool,
}

/// Reads the files in the order in which Exim reads them: `order` are those that stand at the beginning, one after the other.
pub(super) fn read(sources: &Sources, order: &[FileId], defined: &[(String, String, Span)]) -> Lines {
    let files: Vec<(FileId, &Source)> = sources.iter().collect();
    let was_read = vec![false; files.len()];
    let mut walk = Walk {
        files,
        was_read,
        read: 0,
        macros: Vec::new(),
        frames: Vec::new(),
        unseen: None,
        lines: Lines::default(),
        joined: None,
        in_main: true,
    };
    for (name, value, defined) in defined {
        walk.macros.push(Macro { name: name.clone(), value: value.clone(), defined: *defined, open: None, is_answer: true });
    }
    for file in order {
        if let Some(which) = walk.files.iter().position(|(id, _)| id == file) {
            walk.file(which, 0);
        }
    }
    walk.end();
    let read = walk.files.iter().zip(&walk.was_read);
    walk.lines.unread = read.filter(|(_, was_read)| !**was_read).map(|((file, _), _)| *file).collect();
    walk.lines
}

/// What a file includes, as it is written there, macros left alone.
pub(super) fn includes(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(include).map(|(path, _)| path)
}

/// What stands for all that is not read any more.
fn rest() -> Open {
    Open::Include { path: "the rest of the configuration".to_owned(), may_be_missing: false }
}

/// The file behind `.include`, and whether it may be missing.
fn include(line: &str) -> Option<(&str, bool)> {
    let rest = line.trim().strip_prefix(".include")?;
    let (rest, may_be_missing) = match rest.strip_prefix("_if_exists") {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let path = rest.strip_prefix(|sign: char| sign.is_ascii_whitespace())?.trim();
    Some((path.strip_prefix('"').and_then(|path| path.strip_suffix('"')).unwrap_or(path), may_be_missing))
}

fn white(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

impl Walk<'_> {
    fn now(&self) -> Tri {
        self.frames.last().map_or(Tri::Yes, |frame| frame.outside.and(&frame.here))
    }

    fn file(&mut self, which: usize, depth: usize) {
        let Some((file, source)) = self.files.get(which).copied() else { return };
        self.read += source.text().len().max(4096);
        if let Some(was_read) = self.was_read.get_mut(which) {
            *was_read = true;
        }
        let mut offset = 0;
        for physical in crate::source::lines(source.text()) {
            let start = offset;
            offset += physical.len();
            self.physical(which, file, physical, start, depth);
        }
    }

    fn physical(&mut self, which: usize, file: FileId, physical: &str, start: usize, depth: usize) {
        if self.read > MOST_READ {
            if !matches!(self.lines.lines.last(), Some(line) if line.is_unseen()) {
                let open = rest();
                self.unseen = Some(open.clone());
                let pieces = vec![Piece { at: 0, place: start, length: 0 }];
                self.lines.lines.push(Line { text: String::new(), file, pieces, open: Some(open), macros: Vec::new() });
            }
            return;
        }
        let skipped = physical.bytes().take_while(|byte| white(*byte)).count();
        let raw = physical.get(skipped..).unwrap_or("").trim_end_matches(['\n', '\r']);
        let at = start + skipped;
        let mut line = self.expanded(file, raw, at);
        // A macro that stands for nothing may stand at the beginning.
        let lead = line.text.bytes().take_while(|byte| white(*byte)).count();
        cut_front(&mut line, lead);
        if line.text.starts_with('#') {
            return;
        }
        if line.text.starts_with('.') && self.condition(&line) {
            return;
        }
        let now = self.now();
        if now == Tri::No {
            return;
        }
        if let Some((path, may_be_missing)) = include(&line.text) {
            return self.include(which, path, may_be_missing, &line, now, depth);
        }
        if let Tri::Open(open) = now {
            line.open.get_or_insert(open);
        }
        self.join(line);
    }

    /// Adds a line to what it continues; and takes in what is whole.
    fn join(&mut self, line: Line) {
        let mut whole = match self.joined.take() {
            Some(mut before) => {
                let shift = before.text.len();
                // Only parts of one file can be pointed at.
                if before.file == line.file {
                    before.pieces.extend(line.pieces.iter().map(|piece| Piece { at: piece.at + shift, ..piece.clone() }));
                }
                before.text.push_str(&line.text);
                let new = line.macros.into_iter().filter(|one| !before.macros.contains(one)).collect::<Vec<_>>();
                before.macros.extend(new);
                before.open = before.open.or(line.open);
                before
            }
            None => line,
        };
        let kept = whole.text.bytes().rposition(|byte| !white(byte)).map_or(0, |last| last + 1);
        whole.text.truncate(kept);
        if whole.text.ends_with('\\') {
            whole.text.pop();
            self.joined = Some(whole);
        } else if whole.text.is_empty() {
            self.joined = None;
        } else {
            self.take(whole);
        }
    }

    fn take(&mut self, line: Line) {
        let begins = line.text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("begin "));
        if begins {
            self.in_main = false;
        }
        if template::is_control_line(&line.text) || line.text.starts_with("{{") || line.text.starts_with("<%") {
            self.unseen = Some(Open::Template(line.text.chars().take(40).collect()));
            let open = self.unseen.clone();
            self.lines.lines.push(Line { text: String::new(), open, ..line });
            return;
        }
        if line.text.starts_with(|sign: char| sign.is_ascii_uppercase()) && !begins {
            let name: String = line.text.chars().take_while(|sign| sign.is_ascii_alphanumeric() || *sign == '_').collect();
            let rest = line.text.get(name.len()..).unwrap_or("").trim_start_matches(|sign: char| sign.is_ascii() && white(sign as u8));
            if let Some(value) = rest.strip_prefix('=') {
                return self.define(&line, name, value);
            }
            if self.in_main {
                self.lines.faults.push((line.whole(), format!("`{}` begins with a capital and is no definition of a macro", shown(&name))));
                return;
            }
        }
        self.lines.lines.push(line);
    }

    fn define(&mut self, line: &Line, name: String, value: &str) {
        let (again, value) = match value.strip_prefix('=') {
            Some(value) => (true, value),
            None => (false, value),
        };
        let value = value.trim_start_matches(|sign: char| sign.is_ascii() && white(sign as u8)).to_owned();
        let (defined, open) = (line.whole(), line.open.clone());
        let is_sure = open.is_none();
        let fault = match self.macros.iter_mut().find(|one| one.name == name) {
            // What a file says goes before the answers.
            Some(known) if known.is_answer && is_sure => {
                *known = Macro { name, value, defined, open: None, is_answer: false };
                None
            }
            Some(known) if again || !is_sure || known.open.is_some() => {
                // Where one of both may not be read, neither is sure.
                let both = known.open.clone().or(open);
                *known = Macro { name, value, defined, open: if again && is_sure { None } else { both }, is_answer: false };
                None
            }
            Some(_) => Some(format!("the macro `{}` is defined already: only `==` changes it", shown(&name))),
            None if again && self.unseen.is_none() && is_sure => Some(format!("there is no macro `{}` that `==` could change", shown(&name))),
            None => {
                let part = self.macros.iter().find(|one| one.name.len() < name.len() && name.contains(&one.name) && one.open.is_none());
                match part.filter(|_| is_sure) {
                    Some(part) => Some(format!("`{}` cannot be a macro: `{}`, which was defined before, is a part of the name", shown(&name), shown(&part.name))),
                    None => {
                        self.macros.push(Macro { name, value, defined, open, is_answer: false });
                        None
                    }
                }
            }
        };
        self.lines.faults.extend(fault.map(|why| (defined, why)));
    }

    /// The line with every macro replaced by what it stands for.
    fn expanded(&mut self, file: FileId, raw: &str, at: usize) -> Line {
        let mut line = Line {
            text: raw.to_owned(),
            file,
            pieces: vec![Piece { at: 0, place: at, length: raw.len() }],
            open: None,
            macros: Vec::new(),
        };
        let bytes = raw.as_bytes();
        // Where a macro is defined, its name stays as it is.
        let mut from = 0;
        if self.joined.is_none() && bytes.first().is_some_and(u8::is_ascii_uppercase) {
            let name = bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            let blank = bytes.iter().skip(name).take_while(|byte| white(**byte)).count();
            if bytes.get(name + blank) == Some(&b'=') {
                from = name + blank;
            }
        }
        if line.text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            // Each of them is looked for in all of the line.
            self.read += self.macros.len() * (8 + line.text.len() / 64);
        }
        for one in &self.macros {
            let mut search = from;
            let mut is_used = false;
            while let Some(found) = line.text.get(search..).and_then(|rest| rest.find(&one.name)) {
                let (start, end) = (search + found, search + found + one.name.len());
                // The rest of the line moves, and its parts are listed anew, even where a macro stands for nothing.
                self.read += one.value.len() + line.pieces.len() + line.text.len() / 64 + 64;
                if self.read > MOST_READ {
                    line.open = Some(rest());
                    break;
                }
                replace(&mut line, start, end, &one.value);
                search = start + one.value.len();
                if !is_used {
                    line.macros.push((one.name.clone(), one.defined));
                    is_used = true;
                }
                if line.open.is_none() {
                    line.open.clone_from(&one.open);
                }
            }
        }
        line
    }

    /// Follows a condition; false for a line that is none.
    fn condition(&mut self, line: &Line) -> bool {
        let word = line.text.get(1..).unwrap_or("");
        let name_end = word.find(|sign: char| sign.is_ascii_whitespace()).unwrap_or(word.len());
        let (name, rest) = word.split_at(name_end);
        let whole = line.whole();
        let holds = || -> Tri {
            if let Some(open) = &line.open {
                return Tri::Open(open.clone());
            }
            if !line.macros.is_empty() {
                return Tri::Yes;
            }
            // Releases since 4.88 define macros of their own, which tell what the build has.
            let of_build = rest.as_bytes().windows(2).any(|pair| matches!(pair, [b'_', next] if next.is_ascii_uppercase()));
            if of_build && rest.trim_start().starts_with('_') {
                return Tri::Open(Open::Condition(rest.trim().chars().take(60).collect()));
            }
            match &self.unseen {
                Some(open) => Tri::Open(open.clone()),
                None => Tri::No,
            }
        };
        match name {
            "ifdef" | "ifndef" => {
                let holds = if name == "ifdef" { holds() } else { holds().not() };
                let outside = self.now();
                self.frames.push(Frame { outside, taken: holds.clone(), here: holds, opened: whole });
            }
            "elifdef" | "elifndef" | "else" => {
                let holds = match name {
                    "elifdef" => holds(),
                    "elifndef" => holds().not(),
                    _ => Tri::Yes,
                };
                match self.frames.last_mut() {
                    Some(frame) => {
                        frame.here = frame.taken.not().and(&holds);
                        frame.taken = frame.taken.not().and(&holds.not()).not();
                    }
                    None => self.lines.faults.push((whole, format!("`.{name}` stands without an `.ifdef` before it"))),
                }
            }
            "endif" => {
                if self.frames.pop().is_none() {
                    self.lines.faults.push((whole, "`.endif` stands without an `.ifdef` before it".to_owned()));
                }
            }
            _ => return false,
        }
        true
    }

    fn include(&mut self, which: usize, path: &str, may_be_missing: bool, line: &Line, now: Tri, depth: usize) {
        match self.named(which, path) {
            // Whether its lines are read hangs on what is around them: they are read as they stand here.
            Some(found) if depth < DEEPEST && self.read < MOST_READ => self.file(found, depth + 1),
            _ => {
                let open = match now {
                    Tri::Open(open) => open,
                    _ => Open::Include { path: path.to_owned(), may_be_missing },
                };
                if !matches!(open, Open::Include { may_be_missing: true, .. }) {
                    self.unseen = Some(open.clone());
                }
                self.lines.lines.push(Line { text: String::new(), open: Some(open), ..line.clone() });
            }
        }
    }

    /// The file that another one includes. A folder may stand below another root, and in a paste folders are often left out.
    fn named(&self, from: usize, path: &str) -> Option<usize> {
        let fits = |own: &str| {
            let mut parts = own.rsplit('/').zip(path.rsplit('/'));
            parts.all(|(one, other)| one == other || one.is_empty() || other.is_empty() || other == "..")
        };
        (0..self.files.len()).find(|one| *one != from && self.files.get(*one).is_some_and(|(_, source)| fits(&source.path)))
    }

    fn end(&mut self) {
        if let Some(line) = self.joined.take().filter(|line| !line.text.is_empty()) {
            self.take(line);
        }
        if let Some(frame) = self.frames.first() {
            self.lines.faults.push((frame.opened, "`.endif` is missing".to_owned()));
        }
    }
}

/// Names are shown as far as a sentence can hold them.
fn shown(name: &str) -> String {
    name.chars().take(64).collect()
}

fn replace(line: &mut Line, start: usize, end: usize, value: &str) {
    line.text.replace_range(start..end, value);
    let mut pieces = Vec::with_capacity(line.pieces.len() + 2);
    for (index, piece) in line.pieces.iter().enumerate() {
        let until = line.pieces.get(index + 1).map_or(usize::MAX, |next| next.at);
        if piece.at <= start && start < until {
            let place = piece.place + (start - piece.at).min(piece.length);
            let rest = (end - piece.at).min(piece.length);
            pieces.push(Piece { length: (start - piece.at).min(piece.length), ..piece.clone() });
            pieces.push(Piece { at: start, place, length: piece.place + rest - place });
            pieces.push(Piece { at: start + value.len(), place: piece.place + rest, length: piece.length - rest });
        } else if piece.at >= end {
            pieces.push(Piece { at: piece.at - (end - start) + value.len(), ..piece.clone() });
        } else if piece.at <= start {
            pieces.push(piece.clone());
        }
    }
    line.pieces = pieces;
}

fn cut_front(line: &mut Line, count: usize) {
    if count == 0 {
        return;
    }
    let place = line.place(count);
    line.text.drain(..count);
    let kept = line.pieces.iter().filter(|piece| piece.at > count).map(|piece| Piece { at: piece.at - count, ..piece.clone() });
    let kept: Vec<Piece> = kept.collect();
    let first = line.pieces.iter().rev().find(|piece| piece.at <= count);
    let length = first.map_or(0, |piece| (piece.place + piece.length).saturating_sub(place));
    line.pieces = std::iter::once(Piece { at: 0, place, length }).chain(kept).collect();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceKind;

    fn of(text: &str) -> Lines {
        let mut sources = Sources::new();
        let file = sources.add(Source::new("exim.conf", text, SourceKind::Authored));
        read(&sources, &[file], &[])
    }

    #[test]
    fn a_macro_is_told_once_a_line() {
        let lines = of("NET = 10.0.0.1\nhostlist one = NET : NET : \\\n  NET\n").lines;
        let line = lines.last().filter(|line| line.text == "hostlist one = 10.0.0.1 : 10.0.0.1 : 10.0.0.1");
        assert_eq!(line.map(|line| line.macros.len()), Some(1), "{lines:?}");
    }

    #[test]
    fn macros_for_nothing_are_work_as_well() {
        let lines = of(&format!("A =\nx = {}\n", "A".repeat(1_000_000))).lines;
        let line = lines.iter().find(|line| line.text.starts_with("x ="));
        assert!(line.is_some_and(|line| line.open == Some(rest()) && line.text.len() > 900_000 && line.pieces.len() < 10_000));
    }
}
