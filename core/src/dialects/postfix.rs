//! Postfix: main.cf and master.cf, and what `postconf` prints of them.
//!
//! Sources: postconf(5), master(5), TLS_README, SASL_README, COMPATIBILITY_README, and the behaviour of the real server.

mod access;
mod advise;
mod auth;
mod backend;
mod client_certificates;
mod config;
mod edit;
mod evidence;
mod expand;
mod handshake;
mod health;
mod host;
mod identity;
mod known;
mod lines;
mod listeners;
mod log;
mod names;
mod outbound;
mod parameters;
mod parts;
mod postscreen;
mod protocols;
mod recognise;
mod releases;
mod restrictions;
mod session;
mod settings;
mod suite_advice;
mod suites;
mod support;
mod syntax;
pub(crate) mod table;
mod tls;

use std::rc::Rc;

use config::{Configuration, Files};
use evidence::Answer;
use settings::Settled;
use syntax::Syntax;

use crate::gather::{self, Index};
use crate::certificate::NamedFile;
use crate::change::{Advice, Change};
use crate::dialect::{Dialect, Differs, Likelihood, Lowered, Read, Reading, Terms};
use crate::facts::{Dialogue, Fact, Listener, Server, Step};
use crate::late::{Late, late};
use crate::patch::{Blocked, Patch, Wish};
use crate::setting::Setting;
use crate::source::{FileId, Sources, Span};
use crate::version::{Point, Target, Version, Versions};

/// True for the name of a parameter that some release has.
pub(crate) fn is_parameter(name: &str) -> bool {
    parameters::exists(name)
}

/// The language of Postfix's configuration.
pub struct Postfix;

/// The tables that travel beside the page.
#[cfg(feature = "embedded")]
pub(crate) static TABLES: [&crate::texts::Text; 4] =
    [&parameters::SERVICE_PARAMETERS, &parameters::DATABASE_PARAMETERS, &parameters::DEPRECATED, &support::TABLE];

/// Releases that change what a configuration means, beside changes of defaults.
const MILESTONES: &[Version] = &[
    Version::new(3, 0, 0),
    Version::new(3, 4, 0),
    Version::new(3, 6, 0),
    Version::new(3, 8, 0),
    Version::new(3, 9, 0),
    Version::new(3, 11, 0),
];

/// Parameters whose defaults facts are made of.
const LOOKED_AT: &[&str] = &[
    "inet_interfaces",
    "known_tcp_ports",
    "mynetworks_style",
    "relay_domains",
    "smtp_tls_security_level",
    "smtpd_relay_restrictions",
    "smtpd_tls_ciphers",
    "smtpd_tls_mandatory_ciphers",
    "smtpd_tls_mandatory_protocols",
    "smtpd_tls_protocols",
    "smtpd_tls_security_level",
    "smtpd_tls_chain_files",
];

/// Every built-in parameter of a release with its default, as `postconf -d` prints it, sorted by name. `<host>` and `<build>`
/// stand for what the machine or the build decides.
pub fn defaults(version: Version) -> impl Iterator<Item = (&'static str, &'static str)> {
    parameters::names().filter_map(move |name| {
        let parameter = parameters::at(name, version)?;
        (parameter.nature.kind != parameters::Kind::Legacy).then_some((name, parameter.default))
    })
}

impl Dialect for Postfix {
    fn id(&self) -> &'static str {
        "postfix"
    }

    fn tells_release(&self) -> (&'static str, &'static str) {
        ("Postfix", "postconf -h mail_version")
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
type Edit = fn(&Syntax, &Sources, &[Wish], &[Point]) -> Result<Patch, Blocked>;

static EDIT: Late<Edit> = late!(edit::edit);

/// Hands over what writes changes.
pub(super) fn hand_over_edit() {
    EDIT.hand_over(edit::edit);
}

/// Reads a configuration of Postfix.
#[must_use]
pub fn read(sources: &Sources) -> Box<dyn Reading> {
    let syntax = Syntax::read(sources.iter());
    let printed_version = printed_version(&syntax, sources);
    Box::new(PostfixReading { syntax, printed_version })
}

/// The release as `postconf -d`, and `postconf -n` of some builds, print it. In a main.cf that somebody wrote, the line changes
/// nothing but what the server says of itself.
fn printed_version(syntax: &Syntax, sources: &Sources) -> Option<(Version, Step)> {
    let is_told = |one: &&syntax::Assignment| {
        let source = sources.file(one.written.file);
        one.name == "mail_version" && source.is_some_and(|source| source.is_printed() || source.file_name() != "main.cf")
    };
    let written = syntax.assignments.iter().find(is_told)?;
    let version = written.value.parse().ok()?;
    Some((version, Step::Set { setting: "mail_version".into(), span: written.written }))
}

/// Releases from which on a parameter exists, does not exist any more, or differs. Where main.cf sets it, its default is not
/// asked for, and only differs what it can hold.
fn changes_of(lines: &[parameters::Parameter], is_set: bool) -> Vec<Version> {
    let mut changes: Vec<Version> = lines.first().map(|line| line.versions.first).into_iter().collect();
    for (index, line) in lines.iter().enumerate() {
        let behind = releases::after(line.versions.last);
        match lines.get(index + 1) {
            Some(next) if is_set && line.only_default_differs(next) => {}
            Some(next) => changes.extend(behind.into_iter().chain([next.versions.first])),
            None => changes.extend(behind),
        }
    }
    changes
}

/// A read configuration.
struct PostfixReading {
    syntax: Syntax,
    /// The release that a print-out tells.
    printed_version: Option<(Version, Step)>,
}

impl PostfixReading {
    /// The releases that somebody named.
    fn named(&self, target: &Target) -> Option<Fact<Versions>> {
        if let Some(versions) = target.postfix {
            let (versions, remark) = releases::known_set(versions);
            let flag = remark.unwrap_or_else(|| "--target".to_owned());
            return Some(Fact::is(versions, vec![Step::Assumed { flag }]));
        }
        let (version, step) = self.printed_version.clone()?;
        Some(Fact::is(Versions::exactly(releases::known(version)), vec![step]))
    }

    /// The releases in question, and why just these.
    fn versions(&self, target: &Target) -> Fact<Versions> {
        if let Some(named) = self.named(target) {
            return named;
        }
        let mut because = Vec::new();
        let mut first = releases::USUAL.first;
        if let Some((at_least, span)) = self.oldest_by_level() {
            because.push(Step::Set { setting: "compatibility_level".into(), span });
            first = first.max(at_least);
        }
        because.push(Step::Assumed { flag: format!("Postfix {}, because no release is named", Versions { first, ..releases::USUAL }) });
        Fact::is(Versions { first, ..releases::USUAL }, because)
    }

    /// Whether the release named, which may be older than all whose settings are known, is one of those of CVE-2011-0411:
    /// <https://www.postfix.org/CVE-2011-0411.html>. Every release from 2.8 on throws away what was sent ahead.
    fn takes_injected_commands(&self, view: &config::View<'_>, target: &Target) -> Fact<bool> {
        let (versions, step) = match (target.postfix, self.printed_version.clone()) {
            (Some(versions), _) => (versions, Step::Assumed { flag: "--target".to_owned() }),
            (None, Some((version, step))) => (Versions::exactly(version), step),
            (None, None) => return Fact::is(false, Vec::new()),
        };
        if !releases::may_take_injected_commands(versions) {
            return Fact::is(false, vec![step]);
        }
        // Distributions mend a release and leave its number as it is.
        let question = view.ask(
            "starttls-injection",
            "Has this package of Postfix been mended against CVE-2011-0411? Its number alone does not tell.",
            "rpm -q --changelog postfix | grep CVE-2011-0411, or zgrep CVE-2011-0411 /usr/share/doc/postfix/changelog.Debian.gz",
        );
        Fact::unknown(question, vec![step])
    }

    /// A level such as 3.6 is read only by releases that know it.
    fn oldest_by_level(&self) -> Option<(Version, Span)> {
        let written = self.syntax.assignments.iter().rev().find(|one| one.name == "compatibility_level")?;
        let (major, minor, _) = expand::parse_level(&written.value)?;
        let minor = u16::try_from(minor).ok()?;
        let version = if major >= 3 { Version::new(3, minor.min(releases::NEWEST.minor), 0) } else { return None };
        // The first release with levels of this form.
        Some((version.max(Version::new(3, 6, 0)), written.written))
    }
}

/// What was told of the point before.
struct Before {
    frame: Rc<Frame>,
    server: Rc<Server>,
    settings: Rc<Vec<Rc<Setting>>>,
}

/// The facts of a server, without those that differ between many releases.
#[derive(PartialEq)]
struct Frame {
    /// Without listeners.
    server: Server,
    listening: listeners::Listening,
}

impl Frame {
    fn with(&self, dialogues: Vec<Rc<Dialogue>>) -> Server {
        let listeners = self.listening.listeners.iter().map(Rc::clone).zip(dialogues);
        Server { listeners: listeners.map(|(facts, dialogue)| Listener::new(facts, dialogue)).collect(), ..self.server.clone() }
    }
}

impl Reading for PostfixReading {
    fn points(&self, target: &Target) -> Vec<Point> {
        let versions = self.versions(target);
        let Some(versions) = versions.known() else { return Vec::new() };
        let mut starts = vec![versions.first];
        starts.extend(MILESTONES);
        starts.extend(self.syntax.assignments.iter().flat_map(|one| changes_of(one.lines, true)));
        let in_main = Index::of(self.syntax.assignments.iter().map(|one| &one.name));
        for name in self.syntax.options().chain(LOOKED_AT.iter().copied()).filter(|name| !in_main.contains(name)) {
            starts.extend(changes_of(parameters::lines_of(name), false));
        }
        let levels = self.syntax.assignments.iter().filter(|one| one.name == "compatibility_level");
        if levels.into_iter().any(|one| health::is_newer_level(&one.value)) {
            starts.extend(health::LEVELS_READ.map(|(since, _)| since));
        }
        // Since then tables of patterns can be written where they are named.
        let values = self.syntax.services.iter().flat_map(|one| &one.overrides).chain(&self.syntax.assignments);
        if values.into_iter().any(|one| one.value.contains(":{")) {
            starts.push(Version::new(3, 7, 0));
        }
        starts.retain(|version| versions.contains(*version) && releases::exists(*version));
        let mut starts = gather::ordered(starts, Version::number);
        starts.dedup();
        starts.into_iter().map(|version| Point { version }).collect()
    }

    fn lower(&self, target: &Target, points: &[Point]) -> Vec<Lowered> {
        let id = "postfix-1";
        let files = Files::new(&self.syntax);
        // Most releases differ in little: what rests on nothing that differs is taken over from the one before.
        let mut known: Option<Answer<Rc<Frame>>> = None;
        let mut before: Option<Before> = None;
        let mut parts = parts::Parts::default();
        let Some(first) = points.first() else { return Vec::new() };
        let configuration = Configuration::new(&files, target, first.version);
        let view = configuration.server();
        let mut settings = Settled::new(&view);
        let mut at_point = |point: &Point| {
            configuration.go_to(point.version);
            let work = || {
                let mut listening = listeners::listening(&view, id, &mut parts);
                let (name, name_is_guessed) = host::published_name(&view);
                let server = Server {
                    id: id.to_owned(),
                    dialect: "postfix",
                    version: self.versions(target),
                    care: self.named(target).map(|named| support::care(&view, named.because)),
                    library: target.openssl,
                    name,
                    name_is_guessed,
                    now: target.seen.now,
                    takes_injected_commands: self.takes_injected_commands(&view, target),
                    listeners: Vec::new(),
                    more_listeners: listening.more.take(),
                    overruled: std::mem::take(&mut listening.overruled),
                    outbound: outbound::outbound(&view, id),
                };
                Rc::new(Frame { server, listening })
            };
            let mut frame = configuration.part(&mut known, work);
            let dialogues = listeners::dialogues(&view, &frame.listening, &mut parts);
            let settings = settings.update(&view);
            let mut differs = Differs { facts: true, dialogues: true, settings: true };
            if let Some(before) = &before {
                // Asked for something that does not differ after all, it is still the same, and judged once.
                differs.facts = before.frame != frame;
                if !differs.facts {
                    frame = Rc::clone(&before.frame);
                }
                let same = |(listener, dialogue): (&Listener, &Rc<Dialogue>)| std::ptr::eq(listener.dialogue(), dialogue.as_ref());
                differs.dialogues = !before.server.listeners.iter().zip(&dialogues).all(same);
                differs.settings = !Rc::ptr_eq(&before.settings, &settings);
            }
            let server = match &before {
                Some(before) if !differs.facts && !differs.dialogues => Rc::clone(&before.server),
                _ => Rc::new(frame.with(dialogues)),
            };
            before = Some(Before { frame, server: Rc::clone(&server), settings: Rc::clone(&settings) });
            Lowered { server, settings, questions: configuration.questions.take(), differs }
        };
        points.iter().map(&mut at_point).collect()
    }

    fn named_files(&self, target: &Target) -> Vec<NamedFile> {
        let files = Files::new(&self.syntax);
        let Some(newest) = self.points(target).pop() else { return Vec::new() };
        let configuration = Configuration::new(&files, target, newest.version);
        let view = configuration.server();
        let services = self.syntax.services.iter().filter(|one| one.program == "smtpd" || one.program == "postscreen");
        NamedFile::merged(std::iter::once(view).chain(services.map(|one| view.of(one))).flat_map(|view| identity::files(&view)))
    }

    fn stray(&self) -> &[Span] {
        &self.syntax.stray
    }

    fn unread(&self) -> &[FileId] {
        &[]
    }

    fn faults(&self) -> Vec<(Span, String)> {
        let options = self.syntax.services.iter().flat_map(|service| &service.faults);
        self.syntax.faults.iter().chain(options).map(|fault| (fault.span, fault.why.clone())).collect()
    }

    fn nearest_name(&self, name: &str) -> Option<&'static str> {
        if parameters::exists(name) { None } else { parameters::nearest(name) }
    }

    fn meant(&self, place: Span) -> Option<(Span, String)> {
        edit::meant::at(&self.syntax, place)
    }

    fn advise(&self, change: &Change, listener: Option<&Listener>, terms: &Terms<'_>) -> Option<Advice> {
        if let Change::OpenForUsers { port } = change {
            return Some(advise::open_for_users(*port, terms.points, &self.syntax));
        }
        let standing = change.line().and_then(|line| edit::spelling::advise(&self.syntax, change, line));
        Some(standing.unwrap_or_else(|| advise::advise(change, listener, terms.points, self.syntax.is_printed)))
    }

    fn edit(&self, sources: &Sources, wishes: &[Wish], terms: &Terms<'_>) -> Result<Patch, Blocked> {
        EDIT.get()(&self.syntax, sources, wishes, terms.points)
    }

    fn reload(&self) -> &'static str {
        "postfix check && postfix reload"
    }
}
