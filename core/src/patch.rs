//! What a wish looks like in that person's own text.
//!
//! An [`Edit`] replaces bytes of one file. A [`Patch`] holds the edits that belong together, or the commands that make the
//! server's own tool write them where the text is a print-out.

pub(crate) mod spelling;
pub(crate) mod text;

use crate::change::Change;
use crate::facts::Listener;
use crate::gather;
use crate::source::{FileId, Source, Sources, Span};

/// A wish, and the listener it is about when it is about one.
pub type Wish = (Change, Option<Listener>);

/// Puts a text in the place of a range of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes; empty where something is put in.
    pub span: Span,
    /// What comes.
    pub text: String,
}

impl Edit {
    /// Puts a text in.
    pub(crate) fn insert(span: Span, text: impl Into<String>) -> Edit {
        Edit {
            span,
            text: text.into(),
        }
    }

    /// Takes a range out.
    pub(crate) fn remove(span: Span) -> Edit {
        Edit {
            span,
            text: String::new(),
        }
    }
}

/// Edits that belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patch {
    /// Rising, none over another.
    pub edits: Vec<Edit>,
    /// Commands for a shell that do the same, where the text given is not the file itself.
    pub commands: Vec<String>,
}

impl Patch {
    /// True when nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.commands.is_empty()
    }

    /// Puts edits in order; `None` when two of them want different things of the same bytes.
    pub(crate) fn of(mut edits: Vec<Edit>) -> Option<Patch> {
        // By file, in a file by where they begin, and then by where they end: what orders last counts most.
        edits = gather::ordered(edits, |edit| edit.span.end as u64);
        edits = gather::ordered(edits, |edit| edit.span.start as u64);
        edits = gather::ordered(edits, |edit| u64::from(edit.span.file.0));
        edits.dedup();
        let apart = edits.windows(2).all(|pair| match pair {
            [one, next] => one.span.file != next.span.file || one.span.end <= next.span.start,
            _ => true,
        });
        apart.then_some(Patch {
            edits,
            commands: Vec::new(),
        })
    }

    /// The edits of one file, as ranges of its bytes.
    pub fn of_file(&self, file: FileId) -> impl Iterator<Item = &Edit> {
        self.edits.iter().filter(move |edit| edit.span.file == file)
    }

    /// The files as they are afterwards.
    #[must_use]
    pub fn apply(&self, sources: &Sources) -> Sources {
        sources.map(|file, source| {
            let text = replaced(source.text(), self.of_file(file));
            let mut changed = Source::new(&source.path, &text, source.kind.clone());
            changed.lines_before = source.lines_before;
            changed
        })
    }
}

/// A text after edits of it, which are in order. Works on the text as it was read and on the masked one alike: masks are as
/// long as what they hide.
pub fn replaced<'a>(text: &str, edits: impl Iterator<Item = &'a Edit>) -> String {
    let mut after = String::with_capacity(text.len());
    let mut from = 0;
    for edit in edits {
        after.push_str(text.get(from..edit.span.start).unwrap_or(""));
        after.push_str(&edit.text);
        from = edit.span.end;
    }
    after.push_str(text.get(from..).unwrap_or(""));
    after
}

/// Why a wish cannot be written into the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocked {
    /// Only the person knows what has to be written, such as the path of a certificate.
    NeedsChoice(String),
    /// The file that it belongs in was not given.
    NeedFile(String),
    /// Another program writes the file, and would undo it.
    Generated {
        /// The file.
        path: String,
        /// The program.
        owner: String,
        /// Where that program takes its settings from, when that is known.
        place: Option<&'static str>,
    },
    /// The text leaves it open where it belongs, such as a template.
    Ambiguous(String),
    /// The language has no way to say it that every release in question reads.
    CannotExpress(String),
}

impl std::fmt::Display for Blocked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Blocked::NeedsChoice(why) | Blocked::Ambiguous(why) | Blocked::CannotExpress(why) => f.write_str(why),
            Blocked::NeedFile(path) => write!(f, "this belongs in {path}, which was not given"),
            Blocked::Generated {
                path,
                owner,
                place: Some(place),
            } => {
                write!(
                    f,
                    "{path} is written by {owner}, which would undo it; the place for it is {place}"
                )
            }
            Blocked::Generated {
                path,
                owner,
                place: None,
            } => {
                write!(f, "{path} is written by {owner}, which would undo it; change it there")
            }
        }
    }
}
