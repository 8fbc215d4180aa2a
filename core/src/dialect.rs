//! What every server's configuration language offers to the rest of the program.

use std::rc::Rc;

use crate::certificate::NamedFile;
use crate::change::{Advice, Change};
use crate::facts::{Listener, Server};
use crate::late::Late;
use crate::link::Backend;
use crate::patch::{Blocked, Patch, Wish};
use crate::question::Questions;
use crate::report::Note;
use crate::setting::Setting;
use crate::source::{FileId, Sources, Span};
use crate::version::{Point, Target};

/// How sure a dialect is that a text is written in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likelihood {
    /// Nothing speaks for it.
    No,
    /// Something does.
    Possible,
    /// Most of it does.
    Likely,
    /// The file's name says so.
    Certain,
}

/// A function that reads a configuration; what cannot be read is part of the result.
pub type Read = fn(&Sources) -> Box<dyn Reading>;

/// One server's configuration language.
pub trait Dialect: Sync {
    /// The name used in reports, by `--dialect` and as the language of code in rule texts.
    fn id(&self) -> &'static str;
    /// The server's own name, and the command that prints its release.
    fn tells_release(&self) -> (&'static str, &'static str);
    /// Whether a text is written in it.
    fn recognise(&self, path: &str, text: &str) -> Likelihood;
    /// What reads it.
    fn reader(&self) -> &'static Late<Read>;
    /// Reads; what cannot be read is part of the result, so this never fails.
    ///
    /// # Panics
    /// In a program whose readers are fetched, when this one was not handed over: see [`Late`].
    fn read(&self, sources: &Sources) -> Box<dyn Reading> {
        self.reader().get()(sources)
    }
}

/// Everything a dialect says of a configuration at one point.
#[derive(Debug)]
pub struct Lowered {
    /// The server in the common vocabulary.
    pub server: Rc<Server>,
    /// Every setting of the files, with what becomes of it.
    pub settings: Rc<Vec<Rc<Setting>>>,
    /// What could not be known.
    pub questions: Questions,
    /// What is not as it was at the point before.
    pub differs: Differs,
}

/// What differs between two points, or matters to somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Differs {
    /// The facts, but for those named here.
    pub facts: bool,
    /// How messages and commands may follow each other.
    pub dialogues: bool,
    /// What becomes of the settings.
    pub settings: bool,
}

impl Differs {
    /// True when something that differs matters.
    pub(crate) fn matters(self, asked: Differs) -> bool {
        self.facts && asked.facts || self.dialogues && asked.dialogues || self.settings && asked.settings
    }
}

/// What has to read the lines that are written.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// What is known of the machine.
    pub target: &'a Target,
    /// The points of [`Reading::points`].
    pub points: &'a [Point],
}

/// A configuration that has been read. What a language has none of is left as it is here.
pub trait Reading {
    /// The points at which something this input touches changes its meaning; at least one.
    fn points(&self, target: &Target) -> Vec<Point>;
    /// Facts and settings at each of the points.
    fn lower(&self, target: &Target, points: &[Point]) -> Vec<Lowered>;
    /// The files that its listeners take certificates and keys from.
    fn named_files(&self, target: &Target) -> Vec<NamedFile>;
    /// Lines that the server skips with a warning.
    fn stray(&self) -> &[Span] {
        &[]
    }
    /// Files that were given and that the server does not read, because no other names them.
    fn unread(&self) -> &[FileId];
    /// What the configuration opens and no rule looks at, such as doors for other programs that other machines reach.
    fn not_judged(&self, _: &Target) -> Vec<Note> {
        Vec::new()
    }
    /// Doors at which whoever reaches them is told of users and their passwords, and that are open to other machines: where each
    /// stands, with a sentence about it.
    fn open_backends(&self, _: &Target) -> Vec<(Option<Span>, String)> {
        Vec::new()
    }
    /// Where other programs may ask it whether a password is right.
    fn backend(&self, _: &Target) -> Option<Backend> {
        None
    }
    /// Lines and options that stop the server or one of its services, with the reason.
    fn faults(&self) -> Vec<(Span, String)>;
    /// A real setting's name close to a misspelt one; `None` when the name is real or nothing is close.
    fn nearest_name(&self, _: &str) -> Option<&'static str> {
        None
    }
    /// What was meant at a place where the server stops, when that is plain: what goes, and what comes.
    fn meant(&self, _: Span) -> Option<(Span, String)> {
        None
    }
    /// How a wish is written in this language, so that it is read at every one of the points; `None` where it has no words for it.
    fn advise(&self, _: &Change, _: Option<&Listener>, _: &Terms<'_>) -> Option<Advice> {
        None
    }
    /// The same for several listeners, where it is written at once for all of them; `None` where each has lines of its own.
    fn advise_together(&self, _: &Change, _: &[&Listener], _: &Terms<'_>) -> Option<Advice> {
        None
    }
    /// The same written into that person's own text, which is `sources`, for several wishes at once; or why that cannot be.
    ///
    /// # Errors
    /// What keeps the wishes from being written.
    ///
    /// # Panics
    /// As [`Dialect::read`] does, when what writes was not handed over.
    fn edit(&self, sources: &Sources, wishes: &[Wish], terms: &Terms<'_>) -> Result<Patch, Blocked>;
    /// The command that makes a changed configuration the one in force.
    fn reload(&self) -> &'static str;
}

/// Lists the dialects: one line a server.
macro_rules! dialects {
    ($($module:ident :: $dialect:ident),* $(,)?) => {
        $(pub mod $module;)*
        /// Every dialect, in the order in which a text is offered to them.
        pub static DIALECTS: &[&dyn Dialect] = &[$(&$module::$dialect),*];
    };
}
pub(crate) use dialects;

/// The dialect of an id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static dyn Dialect> {
    crate::dialects::DIALECTS
        .iter()
        .copied()
        .find(|dialect| dialect.id() == id)
}
