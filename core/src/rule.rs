//! What a rule is.

use std::cell::Cell;
use std::rc::Rc;

use crate::change::Change;
use crate::dialect::{Dialect, Differs, Lowered, Reading};
use crate::dialects::DIALECTS;
use crate::dialects::postfix::Postfix;
use crate::facts::{Because, Dialogue, Fact, Listener, Role, Server, Step};
use crate::finding::Severity;
use crate::gain::Gain;
use crate::policy::{Policy, Prefer};
use crate::question::QuestionId;
use crate::report::Options;
use crate::setting::Setting;
use crate::source::Span;
use crate::version::Target;

/// A standard or manual that a rule rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Citation {
    /// A section of an RFC.
    Rfc {
        /// Its number.
        number: u16,
        /// The section, without the sign.
        section: &'static str,
    },
    /// A part of a server's own manual.
    Manual {
        /// The document, such as `postconf(5)`.
        document: &'static str,
        /// The entry or heading in it.
        entry: &'static str,
    },
    /// A published weakness.
    Cve(&'static str),
    /// A document that a policy is made of.
    Document {
        /// Its title with its edition.
        title: &'static str,
        /// Where to read it.
        url: &'static str,
    },
}

impl std::fmt::Display for Citation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Citation::Rfc { number, section } => write!(f, "RFC {number} §{section}"),
            Citation::Manual { document, entry } => write!(f, "{document}, {entry}"),
            Citation::Cve(text) | Citation::Document { title: text, .. } => f.write_str(text),
        }
    }
}

/// Where the manual of Dovecot 2.3 has its pages.
const DOVECOT: &str = "https://doc.dovecot.org/2.3/configuration_manual";

/// Where the specification of Exim has its chapters.
const EXIM: &str = "https://www.exim.org/exim-html-current/doc/html/spec_html";

/// A chapter's title as its page is called: `smtp_authentication`.
fn exim_chapter(title: &str) -> String {
    title.to_ascii_lowercase().replace('/', "").replace(' ', "_")
}

impl Citation {
    /// True for what says something of a server that is configured in a dialect: a manual speaks of its own alone, and of none
    /// that was only looked at.
    #[must_use]
    pub fn is_of(&self, dialect: &str) -> bool {
        match self {
            Citation::Manual { document, .. } => {
                // Manuals name their server first, but for the pages of Postfix.
                let of = |one: &&&dyn Dialect| document.starts_with(one.tells_release().0);
                DIALECTS.iter().find(of).map_or(Postfix.id(), |of| of.id()) == dialect
            }
            _ => true,
        }
    }

    /// Where to read it, when it has a lasting address.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        match self {
            Citation::Rfc { number, section } => {
                Some(format!("https://www.rfc-editor.org/rfc/rfc{number}#section-{section}"))
            }
            Citation::Manual { document, entry } => Some(match *document {
                "Dovecot Core Settings" => format!("https://doc.dovecot.org/2.3/settings/core/#core_setting-{entry}"),
                "Dovecot 2.4 Settings" => format!("https://doc.dovecot.org/main/core/summaries/settings.html#{entry}"),
                "Dovecot SSL configuration" => format!("{DOVECOT}/dovecot_ssl_configuration/"),
                "Dovecot Service Configuration" => format!("{DOVECOT}/service_configuration/"),
                "Dovecot Config File Syntax" => format!("{DOVECOT}/config_file/config_file_syntax/"),
                "Exim specification" => format!("{EXIM}/ch-{}.html", exim_chapter(entry)),
                document => document.strip_suffix("(5)").map_or_else(
                    || format!("https://www.postfix.org/{document}.html"),
                    |page| format!("https://www.postfix.org/{page}.5.html"),
                ),
            }),
            Citation::Cve(id) => Some(format!("https://www.cve.org/CVERecord?id={id}")),
            Citation::Document { url, .. } => Some((*url).to_owned()),
        }
    }
}

/// How citations are written to travel beside a program: one a line, its parts with a tab between them.
#[cfg(feature = "embedded")]
pub(crate) fn write_down(citations: &[Citation]) -> String {
    let line = |citation: &Citation| match citation {
        Citation::Rfc { number, section } => format!("rfc\t{number}\t{section}\n"),
        Citation::Manual { document, entry } => format!("manual\t{document}\t{entry}\n"),
        Citation::Cve(id) => format!("cve\t{id}\t\n"),
        Citation::Document { title, url } => format!("document\t{title}\t{url}\n"),
    };
    citations.iter().map(line).collect()
}

/// Citations that were written down.
#[cfg(any(test, not(feature = "embedded")))]
pub(crate) fn read_back(written: &'static str) -> Vec<Citation> {
    let mut citations = Vec::new();
    for line in written.lines() {
        let mut parts = line.split('\t');
        let mut next = || parts.next().unwrap_or("");
        let (kind, first, second) = (next(), next(), next());
        citations.push(match kind {
            "rfc" => rfc(first.parse().unwrap_or(0), second),
            "manual" => manual(first, second),
            "cve" => cve(first),
            _ => Citation::Document {
                title: first,
                url: second,
            },
        });
    }
    citations
}

/// A section of an RFC.
pub(crate) const fn rfc(number: u16, section: &'static str) -> Citation {
    Citation::Rfc { number, section }
}

/// An entry of a server's manual.
pub(crate) const fn manual(document: &'static str, entry: &'static str) -> Citation {
    Citation::Manual { document, entry }
}

/// A published weakness.
pub(crate) const fn cve(id: &'static str) -> Citation {
    Citation::Cve(id)
}

/// One rule: reads facts, says what is wrong.
pub struct Rule {
    /// Its name everywhere, in kebab-case.
    pub id: &'static str,
    /// The severity when nothing about the listener changes it.
    pub severity: Severity,
    /// What a stranger gains by what it finds, at worst.
    pub gain: Gain,
    #[cfg(feature = "embedded")]
    pub(crate) sources: &'static [Citation],
    /// Rules whose findings at the same listener it explains.
    pub supersedes: &'static [&'static str],
    /// Its text, in Markdown; see [`crate::rule_text`].
    #[cfg(feature = "embedded")]
    pub(crate) embedded: &'static str,
    /// The judgement.
    pub check: fn(&Context<'_>, &mut Sink),
}

impl Rule {
    /// What it rests on.
    #[must_use]
    pub fn sources(&self) -> &'static [Citation] {
        #[cfg(feature = "embedded")]
        return self.sources;
        #[cfg(not(feature = "embedded"))]
        crate::texts::sources(self.id)
    }

    /// Its text, in Markdown; see [`crate::rule_text`]. In a program that does not carry texts it is the brief one, until the whole
    /// ones are there; see [`crate::texts`].
    #[must_use]
    pub fn text(&self) -> &'static str {
        #[cfg(feature = "embedded")]
        return self.embedded;
        #[cfg(not(feature = "embedded"))]
        crate::texts::text(self.id)
    }
}

/// Defines the rule of a file: id, severity, what a stranger gains, sources, what it supersedes, and the function that judges.
/// The text stands beside it, in the file of the same name ending in `.md`.
macro_rules! rule {
    ($id:literal, $text:literal, $severity:ident, gain: $gain:ident, sources: [$($source:expr),* $(,)?], supersedes: [$($other:literal),* $(,)?], $check:ident) => {
        // Seen here by the compiler alone: nothing of it is kept.
        #[cfg(not(feature = "embedded"))]
        const _: &[$crate::rule::Citation] = &[$($source),*];
        #[cfg(not(feature = "embedded"))]
        pub(crate) const WHOLE: &str = include_str!($text);
        /// The rule of this file.
        pub static RULE: $crate::rule::Rule = $crate::rule::Rule {
            id: $id,
            severity: $crate::finding::Severity::$severity,
            gain: $crate::gain::Gain::$gain,
            #[cfg(feature = "embedded")]
            sources: &[$($source),*],
            supersedes: &[$($other),*],
            #[cfg(feature = "embedded")]
            embedded: include_str!($text),
            check: $check,
        };
    };
}
pub(crate) use rule;

/// Lists the rules: one line a rule, under its group.
macro_rules! rules {
    ($($(#[$note:meta])* $group:ident $(shares $helper:ident)? { $($rule:ident),* $(,)? })*) => {
        $($(#[$note])* pub mod $group { $(mod $helper;)? $(pub mod $rule;)* })*
        /// Every rule with its group, in the order in which reports list what is equally bad.
        pub static RULES: &[(&str, &$crate::rule::Rule)] = &[$($((stringify!($group), &$group::$rule::RULE)),*),*];

        /// The whole text of every rule, which nothing else refers to.
        #[cfg(not(feature = "embedded"))]
        pub(crate) fn whole() -> &'static [(&'static $crate::rule::Rule, &'static str)] {
            static ALL: &[(&$crate::rule::Rule, &str)] = &[$($((&$group::$rule::RULE, $group::$rule::WHOLE)),*),*];
            ALL
        }
    };
}
pub(crate) use rules;

/// What a rule sees: one server, as it is at one or more points.
pub struct Context<'a> {
    /// The facts. Those that differ between many releases are asked for apart.
    pub server: &'a Server,
    settings: &'a [Rc<Setting>],
    reading: &'a dyn Reading,
    policy: &'static Policy,
    prefer: Prefer,
    target: &'a Target,
    asked: Cell<Differs>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(lowered: &'a Lowered, reading: &'a dyn Reading, options: &'a Options) -> Context<'a> {
        Context {
            server: &lowered.server,
            settings: &lowered.settings,
            reading,
            policy: options.policy,
            prefer: options.prefer,
            target: &options.target,
            asked: Cell::new(Differs {
                facts: true,
                ..Differs::default()
            }),
        }
    }

    /// What a rule asked for: at a point that differs in nothing of it, the rule says the same.
    pub(crate) fn asked(&self) -> Differs {
        self.asked.get()
    }

    /// The settings, with what becomes of them, in the order of the files.
    pub fn settings(&self) -> impl DoubleEndedIterator<Item = &'a Setting> {
        self.asked.set(Differs {
            settings: true,
            ..self.asked.get()
        });
        self.settings.iter().map(Rc::as_ref)
    }

    /// Doors at which whoever reaches them is told of users and their passwords, and that are open to other machines.
    #[must_use]
    pub fn open_backends(&self) -> Vec<(Option<Span>, String)> {
        self.reading.open_backends(self.target)
    }

    /// True when no line was given that the server itself cannot read.
    #[must_use]
    pub fn is_read_whole(&self) -> bool {
        self.reading.faults().is_empty()
    }

    /// How messages and commands may follow each other at a listener.
    pub fn dialogue(&self, listener: &'a Listener) -> &'a Dialogue {
        self.asked.set(Differs {
            dialogues: true,
            ..self.asked.get()
        });
        listener.dialogue()
    }

    /// Listeners that serve somebody, or will once something beside TLS and AUTH is mended.
    pub fn alive(&self) -> impl Iterator<Item = &'a Listener> {
        self.server.listeners.iter().filter(|listener| listener.is_judged())
    }

    /// Listeners that serve somebody and have this role.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &'a Listener> {
        self.alive().filter(move |listener| listener.known_role() == role)
    }

    /// Listeners that serve users: those they send by, and those they read by.
    pub fn for_users(&self) -> impl Iterator<Item = &'a Listener> {
        self.alive()
            .filter(|listener| matches!(listener.known_role(), Role::Submission | Role::Mailbox))
    }

    /// Listeners that serve somebody beyond the machine itself.
    pub fn exposed(&self) -> impl Iterator<Item = &'a Listener> {
        self.alive().filter(|listener| listener.known_role() != Role::Internal)
    }

    /// Listeners that serve somebody and that others than the machine itself can reach, whatever they are for: who sends mail
    /// for strangers does harm even where nobody means to serve them.
    pub fn reachable(&self) -> impl Iterator<Item = &'a Listener> {
        self.alive().filter(|listener| !listener.is_local_only())
    }

    /// What to judge by.
    #[must_use]
    pub fn policy(&self) -> &'static Policy {
        self.policy
    }

    /// Which of the two ports for users is wanted.
    #[must_use]
    pub fn prefer(&self) -> Prefer {
        self.prefer
    }

    /// What was meant at a place where the server stops, when that is plain.
    #[must_use]
    pub fn meant(&self, steps: &[Step]) -> Option<Change> {
        let (place, text) = steps
            .iter()
            .filter_map(Step::span)
            .find_map(|place| self.reading.meant(place))?;
        Some(Change::Put {
            place,
            title: "Write what was meant".to_owned(),
            text,
        })
    }

    /// A real setting's name close to a misspelt one.
    #[must_use]
    pub fn nearest_name(&self, name: &str) -> Option<&'static str> {
        self.reading.nearest_name(name)
    }
}

/// What a rule says; made whole by the report.
#[derive(Debug)]
pub struct Draft {
    pub(crate) severity: Option<Severity>,
    pub(crate) listener: Option<Listener>,
    /// Other listeners that the same finding is about.
    pub(crate) others: Vec<Listener>,
    pub(crate) message: String,
    pub(crate) at: Vec<Span>,
    pub(crate) because: Because,
    pub(crate) change: Option<(Change, bool)>,
    /// Where the change belongs, when the finding is about no listener.
    pub(crate) change_listener: Option<Listener>,
    /// Rules that what is written here does not cure, although this rule explains them elsewhere.
    pub(crate) not_cured: &'static [&'static str],
    pub(crate) question: Option<QuestionId>,
    /// What it rests on, where that is not what the whole rule does.
    pub(crate) sources: Option<&'static [Citation]>,
    /// It rests on nothing but what the person prefers.
    pub(crate) own_preference: bool,
}

impl Draft {
    /// A finding about one listener. `{listener}` in the message becomes its name, or those of all listeners that share
    /// the cause.
    #[must_use]
    pub fn on(listener: &Listener, message: impl Into<String>) -> Draft {
        Draft {
            listener: Some(listener.clone()),
            ..Draft::saying(message)
        }
    }

    /// One finding about several listeners, which it places where they are defined. `{listener}` becomes the names of all.
    #[must_use]
    pub fn on_all(listeners: &[&Listener], message: impl Into<String>) -> Draft {
        let mut all = listeners.iter().map(|&listener| listener.clone());
        Draft {
            listener: all.next(),
            others: all.collect(),
            at: listeners.iter().filter_map(|listener| listener.defined).collect(),
            ..Draft::saying(message)
        }
    }

    /// A finding about the server as a whole.
    #[must_use]
    pub fn on_server(message: impl Into<String>) -> Draft {
        Draft::saying(message)
    }

    /// A finding about a setting.
    #[must_use]
    pub fn about(setting: &Setting, message: impl Into<String>) -> Draft {
        Draft {
            at: vec![setting.written],
            ..Draft::saying(message)
        }
    }

    /// A finding about the whole server.
    #[must_use]
    pub fn whole(message: impl Into<String>) -> Draft {
        Draft::saying(message)
    }

    fn saying(message: impl Into<String>) -> Draft {
        Draft {
            severity: None,
            listener: None,
            others: Vec::new(),
            message: message.into(),
            at: Vec::new(),
            because: Because::default(),
            change: None,
            change_listener: None,
            not_cured: &[],
            question: None,
            sources: None,
            own_preference: false,
        }
    }

    /// Overrides the rule's severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Draft {
        self.severity = Some(severity);
        self
    }

    /// Adds the steps of a fact; its places are the places of the finding.
    #[must_use]
    pub fn because<T>(self, fact: &Fact<T>) -> Draft {
        self.because_of(&fact.because)
    }

    /// Adds steps; their places are the places of the finding.
    #[must_use]
    pub fn because_of(mut self, steps: &[Step]) -> Draft {
        self.take(steps, &[]);
        self
    }

    fn take(&mut self, steps: &[Step], places: &[Span]) {
        for step in steps {
            if !self.because.contains(step) {
                self.because.push(step.clone());
                self.at.extend(step.span().filter(|span| !self.at.contains(span)));
            }
        }
        for place in places {
            if !self.at.contains(place) {
                self.at.push(*place);
            }
        }
    }

    /// Adds the steps and places of the same at another listener.
    pub(crate) fn take_reasons(&mut self, other: &Draft) {
        self.take(&other.because, &other.at);
    }

    /// Adds a place that takes part.
    #[must_use]
    pub fn also_at(mut self, span: Span) -> Draft {
        self.take(&[], &[span]);
        self
    }

    /// The way out, at the listener.
    #[must_use]
    pub fn change(mut self, change: Change) -> Draft {
        self.change = Some((change, true));
        self
    }

    /// The way out, at a listener that the finding itself does not name.
    #[must_use]
    pub fn change_at(mut self, listener: &Listener, change: Change) -> Draft {
        self.change = Some((change, true));
        self.change_listener = Some(listener.clone());
        self
    }

    /// The way out, for the whole server.
    #[must_use]
    pub fn change_server(mut self, change: Change) -> Draft {
        self.change = Some((change, false));
        self
    }

    /// Rules whose findings stay beside this one, because what is written here does not cure them.
    #[must_use]
    pub fn not_curing(mut self, rules: &'static [&'static str]) -> Draft {
        self.not_cured = rules;
        self
    }

    /// What it rests on, where that is less than the whole rule does.
    #[must_use]
    pub fn resting_on(mut self, sources: &'static [Citation]) -> Draft {
        self.sources = Some(sources);
        self
    }

    /// Without the person's own preference there would be nothing to say: it cites no standard.
    #[must_use]
    pub fn own_preference(mut self, prefer: Prefer) -> Draft {
        self.own_preference = true;
        self.sources = Some(&[]);
        let flag = format!("--prefer {}", prefer.word());
        self.because.push(Step::Assumed { flag });
        self
    }

    /// For what is missing at the listener, and may be there on the proxy in front of it.
    #[must_use]
    pub fn unless_in_front(self, listener: &Listener) -> Draft {
        match &listener.front {
            Some(front) => self.depends_on(&front.question),
            None => self,
        }
    }

    /// It holds only for some answers to this question.
    #[must_use]
    pub fn depends_on(mut self, question: &QuestionId) -> Draft {
        self.question = Some(question.clone());
        self
    }
}

/// Takes what rules say.
#[derive(Debug, Default)]
pub struct Sink {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) waits_for: Vec<QuestionId>,
    pub(crate) told_elsewhere: bool,
    pub(crate) not_applicable: Option<&'static str>,
}

impl Sink {
    /// A finding.
    pub fn report(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }

    /// The rule cannot decide before a question is answered.
    pub fn wait_for(&mut self, question: &QuestionId) {
        if !self.waits_for.contains(question) {
            self.waits_for.push(question.clone());
        }
    }

    /// What the rule has to say stands in another rule's finding.
    pub fn told_elsewhere(&mut self) {
        self.told_elsewhere = true;
    }

    /// The rule cannot decide before the question behind a fact is answered.
    pub fn wait_for_fact<T>(&mut self, fact: &Fact<T>) {
        if let Some(question) = fact.value.question() {
            self.wait_for(question);
        }
    }

    /// The configuration has nothing that the rule is about.
    pub fn not_applicable(&mut self, why: &'static str) {
        self.not_applicable = Some(why);
    }
}

#[cfg(test)]
mod tests {
    use super::manual;

    #[test]
    fn chapters_of_exim_have_their_pages() {
        let url = manual("Exim specification", "Encrypted SMTP connections using TLS/SSL").url();
        let page = "ch-encrypted_smtp_connections_using_tlsssl.html";
        assert!(url.is_some_and(|url| url.starts_with("https://www.exim.org/") && url.ends_with(page)));
    }
}
