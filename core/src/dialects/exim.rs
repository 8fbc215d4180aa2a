//! Exim: one file or Debian's parts, with what it includes, and what `exim -bP` prints of it.
//!
//! Sources: the specification (<https://www.exim.org/exim-html-current/doc/html/spec_html/>), the program's own reader, and the
//! behaviour of the real server; 4.96 was asked.

mod acl;
mod advise;
mod auth;
mod config;
mod debian;
mod domains;
mod edit;
mod expand;
mod hosts;
mod identity;
mod lines;
mod list;
mod listeners;
mod names;
mod outbound;
mod recognise;
mod releases;
mod session;
mod settings;
mod tls;
mod view;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use config::Config;
use view::{Library, View};

use crate::certificate::NamedFile;
use crate::change::{Advice, Change};
use crate::dialect::{Dialect, Differs, Likelihood, Lowered, Read, Reading, Terms};
use crate::facts::{Cause, Fact, Listener, Server, Step};
use crate::late::{Late, late};
use crate::patch::{Blocked, Patch, Wish};
use crate::question::Questions;
use crate::setting::Setting;
use crate::source::{FileId, Source, Sources, Span};
use crate::version::{Point, Target, Version, Versions};

/// What a file includes, as it is written there; whoever has the files reads them too.
#[must_use]
pub fn includes(text: &str) -> Vec<String> {
    lines::includes(text).map(str::to_owned).collect()
}

/// Under this name the target keeps the TLS library that the machine's own Exim names.
pub const LIBRARY: &str = "exim-library";

/// The release, the TLS library and the file that `exim -bV` names; `None` for any other text.
#[must_use]
pub fn build(printed: &str) -> Option<(Version, Option<&'static str>, Option<&str>)> {
    let version = releases::printed(printed)?;
    let library = library_of(printed).map(|library| match library {
        Library::GnuTls => "GnuTLS",
        Library::OpenSsl => "OpenSSL",
    });
    let file = printed.lines().find_map(|line| line.strip_prefix("Configuration file is "));
    Some((version, library, file))
}

/// The command that printed a text.
pub(crate) fn printed_by(text: &str) -> Option<&'static str> {
    if releases::printed(text).is_some() {
        return Some("exim -bP config");
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let begins_so = lines.next() == Some("accept_8bitmime") || lines.next() == Some("accept_8bitmime");
    (begins_so && lines.any(|line| line.starts_with("acl_not_smtp ="))).then_some("exim -bP")
}

/// The language of Exim's configuration.
pub struct Exim;

impl Dialect for Exim {
    fn id(&self) -> &'static str {
        "exim"
    }

    fn tells_release(&self) -> (&'static str, &'static str) {
        ("Exim", "exim -bV")
    }

    fn recognise(&self, path: &str, text: &str) -> Likelihood {
        recognise::recognise(path, text)
    }

    fn reader(&self) -> &'static Late<Read> {
        static READER: Late<Read> = late!(read);
        &READER
    }
}

/// Reads a configuration of Exim.
#[must_use]
pub fn read(sources: &Sources) -> Box<dyn Reading> {
    let files: Vec<(FileId, &Source)> = sources.iter().collect();
    let mut included = Vec::new();
    for (_, source) in &files {
        for path in lines::includes(source.text()) {
            let name = path.rsplit('/').next().unwrap_or(path);
            included.extend(files.iter().filter(|(_, other)| other.file_name() == name).map(|(file, _)| *file));
        }
    }
    let start = debian::start(sources, &included);
    let printed = files.iter().find_map(|(_, source)| releases::printed(source.text()));
    let printed_library = files.iter().find_map(|(_, source)| library_of(source.text()));
    let mut config = config::read(lines::read(sources, &start.order, &start.macros));
    config.names = files.iter().map(|(file, source)| (*file, source.file_name().to_owned())).collect();
    // Debian's answers are not read by Exim, and say nonetheless what it is given.
    config.unread.retain(|unread| !files.iter().any(|(file, source)| file == unread && debian::is_answers(&source.path, source.text())));
    if start.is_answers_alone {
        debian::from_answers(&mut config, &start.macros);
    }
    // No server is without a single option of its own: what has none is a part of one.
    let is_fragment = start.is_fragment || config.options.is_empty();
    Box::new(EximReading { config, printed, printed_library, is_fragment, is_answers_alone: start.is_answers_alone })
}

/// The library that `exim -bV` names.
fn library_of(text: &str) -> Option<Library> {
    let line = text.lines().find(|line| line.starts_with("Support for:"))?;
    let has = |name: &str| line.split_whitespace().any(|word| word == name);
    if has("GnuTLS") { Some(Library::GnuTls) } else { has("OpenSSL").then_some(Library::OpenSsl) }
}

/// A read configuration.
struct EximReading {
    config: Config,
    /// The release that a print-out tells.
    printed: Option<Version>,
    printed_library: Option<Library>,
    is_fragment: bool,
    /// Debian's answers were given, and nothing that they go into.
    is_answers_alone: bool,
}

impl EximReading {
    /// Hands on the configuration at a release, with what is asked meanwhile.
    fn with_view<T>(&self, target: &Target, version: Version, look: impl FnOnce(&View<'_>) -> T) -> (T, Questions) {
        let (questions, work) = (RefCell::new(Questions::default()), Cell::new(0));
        let (is_fragment, printed_library) = (self.is_fragment, self.printed_library);
        let versions = self.versions(target).known().copied().unwrap_or(releases::USUAL);
        let view = View { config: &self.config, target, version, versions, questions: &questions, work: &work, is_fragment, printed_library };
        let found = look(&view);
        (found, questions.into_inner())
    }

    /// Hands on the configuration at the newest release in question.
    fn at_newest<T>(&self, terms: &Terms<'_>, look: impl FnOnce(&View<'_>) -> T) -> T {
        let newest = terms.points.last().map_or(releases::NEWEST, |point| point.version);
        self.with_view(terms.target, newest, look).0
    }

    /// The releases in question, and why just these.
    fn versions(&self, target: &Target) -> Fact<Versions> {
        let within = |versions: Versions, flag: String| {
            let (versions, remark) = releases::known_set(versions);
            Fact::is(versions, vec![Step::Assumed { flag: remark.unwrap_or(flag) }])
        };
        if let Some(versions) = target.exim {
            return within(versions, "--target".to_owned());
        }
        if let Some(version) = self.printed {
            return within(Versions::exactly(version), format!("the print-out of Exim {version}"));
        }
        let usual = releases::USUAL;
        Fact::is(usual, vec![Step::Assumed { flag: format!("Exim {usual}, because no release is named") }])
    }

    /// The same, with what else is taken for granted.
    fn judged_as(&self, target: &Target) -> Fact<Versions> {
        let versions = self.versions(target);
        if !self.is_answers_alone {
            return versions;
        }
        let alone = Step::Assumed { flag: debian::ALONE.to_owned() };
        let because: Vec<Step> = versions.because.iter().cloned().chain([alone]).collect();
        Fact { because: because.into(), ..versions }
    }

    /// The settings that stand in the files; answers are none.
    fn settings(&self, view: &View<'_>) -> Vec<Rc<Setting>> {
        if self.is_answers_alone { Vec::new() } else { settings::all(view) }
    }

    /// What keeps Exim from starting.
    fn fault(&self, view: &View<'_>) -> Option<Fact<Cause>> {
        let written = self.config.faults.first().map(|(span, why)| {
            let step = Step::Set { setting: "".into(), span: *span };
            Fact::is(Cause(format!("Exim does not start, because {why}")), vec![step])
        });
        written.or_else(|| tls::refused(view))
    }

    fn server(&self, view: &View<'_>, target: &Target) -> Server {
        let id = "exim-1";
        let fault = self.fault(view);
        let listening = listeners::listening(view, id, fault.as_ref());
        let own = view.fixed("primary_hostname");
        let ask = || view.ask("published-name", "By which name do clients look for the server?", "--host-name");
        let (name, name_is_guessed) = match (&target.published_name, own.known()) {
            (Some(name), _) => (Fact::is(name.clone(), vec![Step::Assumed { flag: "--host-name".to_owned() }]), None),
            (None, Some(own)) if !own.is_empty() => (Fact::is(own.clone(), own_steps(view)), Some(ask())),
            _ => (Fact::unknown(ask(), Vec::new()), None),
        };
        Server {
            id: id.to_owned(),
            dialect: "exim",
            version: self.judged_as(target),
            care: None,
            library: target.openssl,
            name,
            name_is_guessed,
            now: target.seen.now,
            // CVE-2021-38371 is another one: it is about the answers that Exim itself gets as a client.
            takes_injected_commands: Fact::is(false, Vec::new()),
            listeners: listening.listeners,
            more_listeners: listening.more,
            overruled: Vec::new(),
            outbound: outbound::outbound(view, id),
        }
    }
}

fn own_steps(view: &View<'_>) -> Vec<Step> {
    view.entry("primary_hostname").map(view::steps).unwrap_or_default()
}

impl Reading for EximReading {
    fn points(&self, target: &Target) -> Vec<Point> {
        self.versions(target).known().map_or_else(Vec::new, |versions| versions.points(releases::MILESTONES))
    }

    fn lower(&self, target: &Target, points: &[Point]) -> Vec<Lowered> {
        let at_point = |point: &Point| {
            let look = |view: &View<'_>| {
                for (open, _) in &self.config.unseen {
                    view.ask_open(open);
                }
                (Rc::new(self.server(view, target)), Rc::new(self.settings(view)))
            };
            let ((server, settings), questions) = self.with_view(target, point.version, look);
            let differs = Differs { facts: true, dialogues: true, settings: true };
            Lowered { server, settings, questions, differs }
        };
        points.iter().map(at_point).collect()
    }

    fn named_files(&self, _: &Target) -> Vec<NamedFile> {
        // None are looked at.
        Vec::new()
    }

    fn unread(&self) -> &[FileId] {
        &self.config.unread
    }

    fn faults(&self) -> Vec<(Span, String)> {
        self.config.faults.clone()
    }

    fn meant(&self, place: Span) -> Option<(Span, String)> {
        let (entry, meant) = self.config.slips().find(|(entry, _)| entry.written == place)?;
        Some((entry.name_span, meant.to_owned()))
    }

    fn advise(&self, change: &Change, listener: Option<&Listener>, terms: &Terms<'_>) -> Option<Advice> {
        let listeners: Vec<&Listener> = listener.into_iter().collect();
        self.advise_together(change, &listeners, terms)
    }

    fn advise_together(&self, change: &Change, listeners: &[&Listener], terms: &Terms<'_>) -> Option<Advice> {
        self.at_newest(terms, |view| advise::advise(change, listeners, view, self.is_answers_alone))
    }

    fn edit(&self, sources: &Sources, wishes: &[Wish], terms: &Terms<'_>) -> Result<Patch, Blocked> {
        self.at_newest(terms, |view| edit::edit(view, sources, wishes, self.is_answers_alone))
    }

    fn reload(&self) -> &'static str {
        "exim -bV && systemctl reload exim4"
    }
}
