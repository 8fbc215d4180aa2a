//! Dovecot: dovecot.conf with what it includes, and what `doveconf` prints of it.
//!
//! Sources: doc.dovecot.org (2.3 and 2.4), the parser of the program itself, and the behaviour of the real server; 2.3.13, 2.3.19
//! and 2.4.1 were asked.

mod advise;
mod backend;
mod beside;
mod edit;
mod identity;
mod lines;
mod listeners;
mod names;
mod passwords;
mod recognise;
mod releases;
mod services;
mod settings;
mod tls;
mod tree;
pub mod upgrade;
mod view;

use std::cell::RefCell;
use std::rc::Rc;

use tree::{Item, Tree};
use view::{OLD_NAMES, View};

use crate::certificate::NamedFile;
use crate::change::{Advice, Change};
use crate::dialect::{Dialect, Differs, Likelihood, Lowered, Read, Reading, Terms};
use crate::facts::{Cause, Fact, Listener, Server, Step};
use crate::late::{Late, late};
use crate::link::Backend;
use crate::patch::{Blocked, Patch, Wish};
use crate::question::Questions;
use crate::report::Note;
use crate::source::{FileId, Sources, Span};
use crate::version::{Point, Target, Version, Versions};

/// What a file includes, as it is written there; whoever has the files reads them too.
#[must_use]
pub fn includes(text: &str) -> Vec<String> {
    let all = lines::read(FileId(0), text).into_iter();
    let patterns = all.filter_map(|one| match one.line {
        lines::Line::Include { pattern, .. } => Some(pattern.text),
        _ => None,
    });
    patterns.collect()
}

/// True when a file's name is one of those that a pattern with `*` and `?` stands for.
#[must_use]
pub fn is_like(name: &str, pattern: &str) -> bool {
    tree::is_like(name.as_bytes(), pattern.as_bytes())
}

/// The command that printed a text.
pub(crate) fn printed_by(text: &str) -> Option<&'static str> {
    releases::printed(text).map(|_| "doveconf -n")
}

/// The release and the path of the file at the head of what `doveconf` prints; `None` for any other text.
#[must_use]
pub fn head(printed: &str) -> Option<(Version, &str)> {
    printed
        .lines()
        .take(releases::HEAD)
        .find_map(|line| Some((releases::head(line)?, line.rsplit_once(": ")?.1.trim_end())))
}

/// True for the line at the head of what `doveconf` prints.
pub(crate) fn is_head(line: &str) -> bool {
    releases::head(line).is_some()
}

/// The language of Dovecot's configuration.
pub struct Dovecot;

impl Dialect for Dovecot {
    fn id(&self) -> &'static str {
        "dovecot"
    }

    fn tells_release(&self) -> (&'static str, &'static str) {
        ("Dovecot", "dovecot --version")
    }

    fn recognise(&self, path: &str, text: &str) -> Likelihood {
        recognise::recognise(path, text)
    }

    fn reader(&self) -> &'static Late<Read> {
        static READER: Late<Read> = late!(read);
        &READER
    }
}

/// A function that writes changes.
type Edit = fn(View<'_>, bool, &Sources, &[Wish]) -> Result<Patch, Blocked>;

static EDIT: Late<Edit> = late!(edit::edit);

/// Hands over what writes changes.
pub(super) fn hand_over_edit() {
    EDIT.hand_over(edit::edit);
}

/// Reads a configuration of Dovecot.
#[must_use]
pub fn read(sources: &Sources) -> Box<dyn Reading> {
    let printed = sources.iter().find_map(|(_, source)| releases::printed(source.text()));
    Box::new(DovecotReading { tree: tree::read(sources), printed })
}

/// A read configuration.
struct DovecotReading {
    tree: Tree,
    /// The release that a print-out tells.
    printed: Option<Version>,
}

impl DovecotReading {
    /// `dovecot_config_version`, which the new language begins with.
    fn config_version(&self) -> Option<(Version, Step)> {
        self.tree.items.iter().find_map(|item| match item {
            Item::Entry(entry) if entry.name == "dovecot_config_version" && entry.sections.is_empty() => {
                Some((Version::of_first_three(&entry.value)?, Step::Set { setting: "dovecot_config_version".into(), span: entry.written }))
            }
            _ => None,
        })
    }

    /// Hands on what the newest of the points sees, whatever the machine may be.
    fn with_view<T>(&self, points: &[Point], look: impl FnOnce(&View<'_>) -> T) -> T {
        self.at(&Target::default(), points.last().map_or(releases::NEWEST, |point| point.version), look)
    }

    /// Hands on what the newest of the releases in question sees; `None` where none is.
    fn at_newest<T>(&self, target: &Target, look: impl FnOnce(&View<'_>) -> T) -> Option<T> {
        let newest = self.points(target).pop()?;
        Some(self.at(target, newest.version, look))
    }

    /// Hands on what one release sees. What it asks is asked elsewhere as well.
    fn at<T>(&self, target: &Target, version: Version, look: impl FnOnce(&View<'_>) -> T) -> T {
        let questions = RefCell::new(Questions::default());
        look(&View { tree: &self.tree, target, version, questions: &questions, protocol: "" })
    }

    /// The releases in question, and why just these.
    fn versions(&self, target: &Target) -> Fact<Versions> {
        let within = |versions: Versions| Versions { first: versions.first, last: versions.last.min(releases::NEWEST).max(versions.first) };
        if let Some(versions) = target.dovecot {
            return Fact::is(within(versions), vec![Step::Assumed { flag: "--target".to_owned() }]);
        }
        if let Some(version) = self.printed {
            return Fact::is(Versions::exactly(version), vec![Step::Assumed { flag: format!("the print-out of Dovecot {version}") }]);
        }
        if let Some((version, step)) = self.config_version() {
            let first = version.max(releases::NEW_LANGUAGE_SINCE);
            return Fact::is(Versions { first, last: releases::NEWEST.max(first) }, vec![step]);
        }
        // A part of a configuration has no such line, but it may have names that came with the new language.
        if let Some(entry) = self.tree.entries().find(|entry| entry.before_2_4().is_some()).filter(|_| self.tree.is_fragment) {
            let step = Step::Set { setting: entry.name.as_str().into(), span: entry.written };
            return Fact::is(Versions { first: releases::NEW_LANGUAGE_SINCE, last: releases::NEWEST }, vec![step]);
        }
        let usual = releases::USUAL_OLD;
        Fact::is(usual, vec![Step::Assumed { flag: format!("Dovecot {usual}, because no release is named") }])
    }

    /// True for what 1.x printed: its language is another one.
    fn is_of_1(&self) -> bool {
        self.printed.is_some_and(|version| version.major < 2)
    }

    /// What keeps the whole server from starting at a release.
    fn fault(&self, view: &View<'_>) -> Option<Fact<Cause>> {
        let at = |span: Span, why: String| {
            let step = Step::Set { setting: "".into(), span };
            Fact::is(Cause(format!("Dovecot does not start, because {why}")), vec![step])
        };
        if let Some((span, why)) = self.tree.faults.first() {
            return Some(at(*span, why.clone()));
        }
        let mut entries = self.tree.items.iter().filter_map(|item| match item {
            Item::Entry(entry) => Some(entry),
            _ => None,
        });
        let first = entries.clone().next()?;
        if view.is_new() {
            if first.name != "dovecot_config_version" && !self.tree.is_fragment {
                return Some(at(first.written, "the first setting has to be `dovecot_config_version` since 2.4".to_owned()));
            }
            return entries.filter(|entry| entry.sections.is_empty()).find_map(|entry| {
                let (old, new) = OLD_NAMES.iter().find(|(old, _)| *old == entry.name)?;
                Some(at(entry.written, format!("2.4 has no `{old}`: it is `{new}` there")))
            });
        }
        let of_2_4 = entries.find_map(|entry| {
            if entry.name == "dovecot_config_version" && entry.sections.is_empty() {
                return Some(at(entry.written, "releases before 2.4 have no `dovecot_config_version`".to_owned()));
            }
            let old = entry.before_2_4()?;
            Some(at(entry.written, format!("`{}` came with 2.4: it is `{old}` before", entry.name)))
        });
        let misspelt = || {
            let (entry, meant) = self.tree.slips.first()?;
            Some(at(entry.written, format!("it has no setting `{}`; `{meant}` is one", entry.name)))
        };
        of_2_4.or_else(misspelt)
    }

    /// A value that is none of those which its setting takes: what it would decide is not decided.
    fn bad_value(&self, view: &View<'_>) -> Option<Fact<Cause>> {
        self.tree.items.iter().find_map(|item| {
            let Item::Entry(entry) = item else { return None };
            let value = view.value_of(entry);
            let value = value.known()?;
            let is_door = entry.sections.last().is_some_and(|section| section.kind == "inet_listener");
            let is_filter = |section: &tree::Section| matches!(section.kind.as_str(), "protocol" | "local" | "remote" | "local_name");
            let takes = match entry.name.as_str() {
                "ssl" if entry.sections.iter().all(is_filter) => (!matches!(value.as_str(), "yes" | "no" | "required")).then_some("yes, no and required"),
                "disable_plaintext_auth" | "auth_allow_cleartext" | "ssl_prefer_server_ciphers" => view::is_no_answer(value).then_some("yes and no"),
                "ssl" | "haproxy" if is_door => view::is_no_answer(value).then_some("yes and no"),
                _ => None,
            }?;
            let step = Step::Set { setting: entry.name.as_str().into(), span: entry.written };
            Some(Fact::is(Cause(format!("Dovecot does not start, because `{}` is none of {takes}", entry.value)), vec![step]))
        })
    }

    fn server(&self, view: &View<'_>, target: &Target) -> Server {
        let id = "dovecot-1";
        let (listeners, more) = if self.is_of_1() {
            let ask = "Which release of Dovecot runs today? This is a print-out of 1.x, whose language is not read.";
            (Vec::new(), Some(view.ask("dovecot-1", ask, "doveconf -n")))
        } else {
            let (fault, bad_value) = (self.fault(view).or_else(|| identity::missing(view)), self.bad_value(view));
            let listening = listeners::listening(view, id, fault.as_ref(), bad_value.as_ref());
            (listening.listeners, listening.more)
        };
        let name = target.published_name.clone().map_or_else(
            || Fact::unknown(view.ask("published-name", "By which name do clients look for the server?", "--host-name"), Vec::new()),
            |name| Fact::is(name, vec![Step::Assumed { flag: "--host-name".to_owned() }]),
        );
        Server {
            id: id.to_owned(),
            dialect: "dovecot",
            version: self.versions(target),
            care: None,
            library: target.openssl,
            name,
            name_is_guessed: None,
            now: target.seen.now,
            // CVE-2021-33515, which its submission service had up to 2.3.14, is another one.
            takes_injected_commands: Fact::is(false, Vec::new()),
            listeners,
            more_listeners: more,
            overruled: Vec::new(),
            outbound: Vec::new(),
        }
    }
}

impl Reading for DovecotReading {
    fn points(&self, target: &Target) -> Vec<Point> {
        self.versions(target).known().map_or_else(Vec::new, |versions| versions.points(releases::MILESTONES))
    }

    fn lower(&self, target: &Target, points: &[Point]) -> Vec<Lowered> {
        let at_point = |point: &Point| {
            let questions = RefCell::new(Questions::default());
            let view = View { tree: &self.tree, target, version: point.version, questions: &questions, protocol: "" };
            let server = Rc::new(self.server(&view, target));
            let settings = Rc::new(settings::all(&view));
            for item in &self.tree.items {
                if let Item::Unseen { pattern, is_database: false, may_be_missing: true } = item {
                    let ask = format!("Is there a file `{pattern}`, and what does it say? It may be left out.");
                    view.ask(&format!("include:{pattern}"), ask, "doveconf -n");
                }
            }
            let differs = Differs { facts: true, dialogues: true, settings: true };
            Lowered { server, settings, questions: questions.into_inner(), differs }
        };
        points.iter().map(at_point).collect()
    }

    fn named_files(&self, target: &Target) -> Vec<NamedFile> {
        let files = |view: &View<'_>| {
            let protocols = services::PROTOCOLS.iter().map(|protocol| view.of(protocol.name));
            NamedFile::merged(std::iter::once(*view).chain(protocols).flat_map(|view| identity::files(&view)))
        };
        self.at_newest(target, files).unwrap_or_default()
    }

    fn backend(&self, target: &Target) -> Option<Backend> {
        if self.is_of_1() {
            return None;
        }
        self.at_newest(target, |view| backend::of(view, "dovecot-1"))
    }

    fn not_judged(&self, target: &Target) -> Vec<Note> {
        if self.is_of_1() {
            return Vec::new();
        }
        self.at_newest(target, beside::not_judged).unwrap_or_default()
    }

    fn open_backends(&self, target: &Target) -> Vec<(Option<Span>, String)> {
        if self.is_of_1() {
            return Vec::new();
        }
        self.at_newest(target, beside::open_backends).unwrap_or_default()
    }

    fn unread(&self) -> &[FileId] {
        &self.tree.unread
    }

    fn faults(&self) -> Vec<(Span, String)> {
        self.tree.faults.clone()
    }

    fn meant(&self, place: Span) -> Option<(Span, String)> {
        let (entry, meant) = self.tree.slips.iter().find(|(entry, _)| entry.written == place)?;
        Some((entry.name_span, (*meant).to_owned()))
    }

    fn advise(&self, change: &Change, listener: Option<&Listener>, terms: &Terms<'_>) -> Option<Advice> {
        self.with_view(terms.points, |view| advise::advise(change, listener, view))
    }

    fn edit(&self, sources: &Sources, wishes: &[Wish], terms: &Terms<'_>) -> Result<Patch, Blocked> {
        self.with_view(terms.points, |view| EDIT.get()(*view, edit::is_mixed(terms.points), sources, wishes))
    }

    fn reload(&self) -> &'static str {
        "doveconf -n >/dev/null && doveadm reload"
    }
}
