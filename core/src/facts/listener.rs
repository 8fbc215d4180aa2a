//! Servers and the places where they listen.

use std::ops::Deref;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::{
    Access, Because, Cause, Circumstance, Dialogue, Exception, Fact, Handshake, Identity, Log, Members, Outbound,
    Outcomes, Session, Suites, TlsVersion, Value,
};
use crate::question::QuestionId;
use crate::source::Span;
use crate::version::{Version, Versions};

/// What a listener is for; it decides how hard it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Takes mail from other servers: it must take it without TLS as well (RFC 3207 §4).
    Mx,
    /// Takes new mail from its users: TLS and authentication belong there (RFC 8314 §3.3, RFC 6409 §4.3).
    Submission,
    /// Gives users their mail (IMAP, POP3) and takes their passwords for it: TLS belongs there (RFC 8314 §3.3).
    Mailbox,
    /// Reachable only from the machine itself, or serving only trusted clients.
    Internal,
    /// Neither the port nor the settings tell.
    Unknown,
}

impl Role {
    /// The word used in every output and taken by `--role`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Role::Mx => "mx",
            Role::Submission => "submission",
            Role::Mailbox => "mailbox",
            Role::Internal => "internal",
            Role::Unknown => "unknown",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Role> {
        [Role::Mx, Role::Submission, Role::Mailbox, Role::Internal, Role::Unknown]
            .into_iter()
            .find(|role| role.word() == word)
    }
}

/// How a session comes to be encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Entry {
    /// Never.
    None,
    /// After the command of RFC 3207.
    Starttls,
    /// From the first byte (RFC 8314 §3.3).
    Implicit,
}

impl Entry {
    /// The word used in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Entry::None => "none",
            Entry::Starttls => "starttls",
            Entry::Implicit => "implicit",
        }
    }
}

/// Where the certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateSource {
    /// None is configured.
    None,
    /// None is configured, and the server makes one by itself, which nobody has issued.
    OwnMaking,
    /// The files named, as written.
    Files(Vec<String>),
}

/// What the list of protocol versions comes to, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionList {
    /// It leaves some.
    Leaves {
        /// Those that are wanted are named, rather than those that are not.
        by_name: bool,
    },
    /// It leaves none.
    Nothing,
    /// A word of it cannot be read.
    Unreadable {
        /// The word.
        word: String,
        /// The first release that reads it; `None` when none does.
        since: Option<Version>,
    },
}

/// TLS at a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// How it begins, as the listener advertises it.
    pub entry: Fact<Entry>,
    /// Whether STARTTLS is set up here and then taken out of what the listener advertises.
    pub hidden: Fact<bool>,
    /// Whether mail is refused without it.
    pub required: Fact<bool>,
    /// Whether the handshake can succeed at all: a missing certificate or a bad list lets it fail every time.
    pub works: Fact<bool>,
    /// The protocol versions offered.
    pub versions: Fact<Members<TlsVersion>>,
    /// The suites offered; `None` where TLS is not offered, or nothing can be made of the lists.
    pub suites: Option<Fact<Suites>>,
    /// The list of versions in force; `None` where TLS is not offered, or a mode that is not known decides which list it is.
    pub list: Option<Fact<VersionList>>,
    /// Versions that are permitted, while something unseen decides whether they are offered, each with its question.
    pub open: Vec<(TlsVersion, QuestionId)>,
    /// The versions of the list that is not in force, for servers that keep one for required TLS and one for optional TLS.
    pub other_versions: Option<Fact<Members<TlsVersion>>>,
    /// What else is decided about a handshake; `None` where TLS is not offered.
    pub handshake: Option<Handshake>,
    /// The certificate.
    pub certificate: Fact<CertificateSource>,
    /// What stands in the certificate's files, where somebody looked.
    pub identity: Identity,
    /// Certificates of clients.
    pub client_certificate: ClientCertificate,
}

impl Tls {
    /// What is known before the lists are read: how it begins, and what is shown. Nothing is offered, and no handshake succeeds.
    pub(crate) fn before_its_lists(
        entry: Fact<Entry>,
        required: Fact<bool>,
        certificate: Fact<CertificateSource>,
        identity: Identity,
        client_certificate: ClientCertificate,
    ) -> Tls {
        let no = || Fact::is(false, Because::default());
        let nothing = Members {
            surely: Vec::new(),
            rest: None,
        };
        Tls {
            entry,
            hidden: no(),
            required,
            works: no(),
            versions: Fact::is(nothing, Because::default()),
            suites: None,
            list: None,
            open: Vec::new(),
            other_versions: None,
            handshake: None,
            certificate,
            identity,
            client_certificate,
        }
    }

    /// True when sessions begin alike, whatever versions and suites they may choose from.
    pub(crate) fn begins_like(&self, other: &Tls) -> bool {
        self.entry == other.entry && self.required == other.required && self.works == other.works
    }

    fn agree(&mut self, other: &Tls, question: &QuestionId) {
        self.entry.agree(&other.entry, question);
        self.hidden.agree(&other.hidden, question);
        self.required.agree(&other.required, question);
        self.works.agree(&other.works, question);
        for version in self.offered_by_one(other) {
            self.open.push((version, question.clone()));
        }
        self.versions.agree_members(&other.versions, question);
        match (&mut self.list, &other.list) {
            (Some(mine), Some(theirs)) => mine.agree(theirs, question),
            (mine, _) => *mine = None,
        }
        match (&mut self.suites, &other.suites) {
            (Some(mine), Some(theirs)) => match (&mut mine.value, &theirs.value) {
                (Value::Is(mine), Value::Is(theirs)) => mine.join(theirs, question),
                _ => mine.agree(theirs, question),
            },
            (mine, _) => *mine = None,
        }
        for one in &other.open {
            if !self.open.contains(one) {
                self.open.push(one.clone());
            }
        }
        if let (Some(mine), Some(theirs)) = (&mut self.handshake, &other.handshake) {
            mine.agree(theirs, question);
        }
        self.certificate.agree(&other.certificate, question);
        self.identity.agree(&other.identity, question);
        self.client_certificate
            .asked
            .agree(&other.client_certificate.asked, question);
        self.client_certificate
            .used
            .agree(&other.client_certificate.used, question);
    }

    /// Versions that are sure here or there, not at both.
    fn offered_by_one(&self, other: &Tls) -> Vec<TlsVersion> {
        let (Some(mine), Some(theirs)) = (self.versions.known(), other.versions.known()) else {
            return Vec::new();
        };
        let both = mine.surely.iter().chain(&theirs.surely).copied();
        both.filter(|one| mine.has(one) != theirs.has(one)).collect()
    }
}

/// Whether clients are asked for a certificate of their own, and to what end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The listener asks every client for one.
    pub asked: Fact<bool>,
    /// Something depends on the answer: the session itself, a rule of the listener, or a service it consults.
    pub used: Fact<bool>,
}

/// A proxy in front of a listener. Which ports it opens, and whether TLS ends there, only its own configuration tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Front {
    /// The question that only the proxy's configuration answers.
    pub question: QuestionId,
    /// How it is known that clients come through a proxy.
    pub because: Because,
}

/// What is known of the mechanisms offered; the names come from the authentication service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mechanisms {
    /// Whether mechanisms that show the password, such as PLAIN and LOGIN, may be offered before TLS.
    pub plaintext_before_tls: Fact<bool>,
    /// Whether they may be offered inside TLS.
    pub plaintext_after_tls: Fact<bool>,
    /// Whether a login without a name (ANONYMOUS, RFC 4505) may be offered, as soon as the authentication service has it.
    pub anonymous: Fact<bool>,
    /// The names that a list of the server's own picks out of those that the authentication service has.
    pub picked: Fact<Members<String>>,
    /// The names.
    pub names: Fact<Members<String>>,
}

impl Mechanisms {
    /// Mechanisms that show the password, in capitals. Source: RFC 4616 §1, draft-murchison-sasl-login §1.
    pub const PLAINTEXT: &[&str] = &["PLAIN", "LOGIN"];
}

/// AUTH (RFC 4954) at a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// Offered while the session is in clear, to clients from anywhere.
    pub before_tls: Fact<bool>,
    /// Offered inside TLS, to the same.
    pub after_tls: Fact<bool>,
    /// Whether it is announced a second time, in a form older than the standard.
    pub old_form: Fact<bool>,
    /// The other machine that passwords are sent to in clear to be looked at; empty when they stay on this one.
    pub backend: Fact<String>,
    /// Networks whose clients are not told of it, and may use it all the same.
    pub hidden_from: Fact<Members<String>>,
    /// Which mechanisms.
    pub mechanisms: Mechanisms,
}

impl Auth {
    /// True where some clients may not be told of it.
    #[must_use]
    pub fn is_hidden_from_some(&self) -> bool {
        let networks = self.hidden_from.known();
        networks.is_none_or(|networks| !networks.surely.is_empty() || networks.rest.is_some())
    }

    fn agree(&mut self, other: &Auth, question: &QuestionId) {
        self.before_tls.agree(&other.before_tls, question);
        self.after_tls.agree(&other.after_tls, question);
        self.old_form.agree(&other.old_form, question);
        self.backend.agree(&other.backend, question);
        self.hidden_from.agree_members(&other.hidden_from, question);
        let (mine, theirs) = (&mut self.mechanisms, &other.mechanisms);
        mine.plaintext_before_tls.agree(&theirs.plaintext_before_tls, question);
        mine.plaintext_after_tls.agree(&theirs.plaintext_after_tls, question);
        mine.anonymous.agree(&theirs.anonymous, question);
        mine.picked.agree_members(&theirs.picked, question);
        mine.names.agree_members(&theirs.names, question);
    }
}

/// The networks whose clients may send without proving who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Networks {
    /// Network patterns as the server reads them, exclusions with their `!`.
    pub patterns: Members<String>,
    /// Set when nobody named networks and the machine's interfaces decide: how wide around them trust goes, in the server's
    /// own word.
    pub style: Option<Fact<String>>,
}

impl Networks {
    /// True when the same clients are trusted, whatever led there.
    fn is_as(&self, other: &Networks) -> bool {
        let style = |networks: &Networks| networks.style.as_ref().map(|style| style.value.clone());
        self.patterns == other.patterns && style(self) == style(other)
    }
}

/// One place where a server listens, with all that is known of it. Shared: every finding takes its listener along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    facts: Rc<ListenerFacts>,
    dialogue: Rc<Dialogue>,
}

impl Deref for Listener {
    type Target = ListenerFacts;

    fn deref(&self) -> &ListenerFacts {
        &self.facts
    }
}

/// A word of a list of restrictions or of networks that the server cannot follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stumble {
    /// As it stands there.
    pub word: String,
    /// What was meant, where that is clear.
    pub meant: Option<String>,
}

/// What is known of a [`Listener`]. Its larger parts are shared between releases that have them in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerFacts {
    /// `<server>/<name>`, unique in a report.
    pub id: String,
    /// The name the configuration gives it.
    pub name: String,
    /// The address it binds, `*` for all.
    pub address: Fact<String>,
    /// The TCP port.
    pub port: Fact<u16>,
    /// What it is for.
    pub role: Fact<Role>,
    /// Where it is defined; `None` when it is taken for granted.
    pub defined: Option<Span>,
    /// Set when clients come through a proxy: what a stranger meets is decided there.
    pub front: Option<Front>,
    /// The service whose options count here, by the name the server's own tool uses, such as `submission/inet`.
    pub service: String,
    /// Set when the listener cannot serve anybody.
    pub dead: Option<Fact<Cause>>,
    /// True when what is known of TLS and AUTH holds although nobody is served: it will count once the cause is mended.
    pub judged_though_dead: bool,
    /// TLS.
    pub tls: Rc<Tls>,
    /// AUTH.
    pub auth: Rc<Auth>,
    /// Trusted networks in force here.
    pub trusted: Rc<Fact<Networks>>,
    /// Whose word is taken beside that.
    pub access: Rc<Access>,
    /// What stands in the log afterwards.
    pub log: Rc<Log>,
    /// Whether strangers' mail is taken for every domain whose DNS names this server as one that stands in.
    pub backs_up: Fact<bool>,
    /// Whether users are turned away before they can log in, who would be let in if they could.
    pub locks_out: Fact<bool>,
    /// What stands in a list and the server cannot follow: whoever comes so far is put off.
    pub stumbles: Fact<Option<Stumble>>,
    /// What a session shows and leaves in the log.
    pub session: Rc<Session>,
    /// What each kind of client gets: one that comes by IPv4, and that a program in front has let through.
    pub outcomes: Outcomes,
    /// When clients get something else.
    pub exceptions: Vec<Exception>,
}

impl Listener {
    pub(crate) fn new(facts: Rc<ListenerFacts>, dialogue: Rc<Dialogue>) -> Listener {
        Listener { facts, dialogue }
    }

    /// How messages and commands may follow each other. Rules ask their context for it.
    #[must_use]
    pub fn dialogue(&self) -> &Dialogue {
        &self.dialogue
    }

    /// True when it can serve somebody.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.dead.is_none()
    }

    /// True when TLS and AUTH are worth a judgement: it serves somebody, or will once something else is mended.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        self.is_alive() || self.judged_though_dead
    }

    /// True for a port whose clients begin with TLS (RFC 8314 §7.3), by its number, or by its name where the number is open.
    #[must_use]
    pub fn is_implicit_port(&self) -> bool {
        match self.known_port() {
            Some(port) => port == 465,
            None => matches!(self.name.as_str(), "smtps" | "submissions"),
        }
    }

    /// True for such a port, and for the ports of mailboxes whose clients begin with TLS: 993 and 995 (RFC 8314 §3.2).
    #[must_use]
    pub fn awaits_implicit_tls(&self) -> bool {
        self.is_implicit_port() || matches!(self.known_port(), Some(993 | 995))
    }

    /// True for one of them where the listener begins in clear.
    #[must_use]
    pub fn is_implicit_port_in_clear(&self) -> bool {
        self.awaits_implicit_tls() && matches!(self.tls.entry.known(), Some(Entry::Starttls | Entry::None))
    }

    /// The role when known, else [`Role::Unknown`].
    #[must_use]
    pub fn known_role(&self) -> Role {
        self.role.known().copied().unwrap_or(Role::Unknown)
    }

    /// The port when known.
    #[must_use]
    pub fn known_port(&self) -> Option<u16> {
        self.port.known().copied()
    }

    /// True when only the machine itself can reach it.
    #[must_use]
    pub fn is_local_only(&self) -> bool {
        let words = |address: &String| {
            let mut words = address.split([',', ' ']).filter(|word| !word.is_empty()).peekable();
            words.peek().is_some()
                && words.all(|word| {
                    let word = word.trim_matches(['[', ']']);
                    matches!(word, "loopback-only" | "localhost" | "ip6-localhost")
                        || word
                            .parse::<std::net::IpAddr>()
                            .is_ok_and(|address| address.is_loopback())
                })
        };
        self.address.known().is_some_and(words)
    }

    /// How people speak of it: `port 587 (submission)`.
    #[must_use]
    pub fn spoken(&self) -> String {
        match self.known_port() {
            Some(port) if self.name == port.to_string() => format!("port {port}"),
            Some(port) => format!("port {port} ({})", self.name),
            None => format!("the service {}", self.name),
        }
    }

    /// Keeps what holds at another point as well.
    pub(crate) fn agree(&mut self, other: &Listener, question: &QuestionId) {
        agree(&mut self.facts, &other.facts, question, ListenerFacts::agree);
        agree(&mut self.dialogue, &other.dialogue, question, Dialogue::agree);
    }
}

impl ListenerFacts {
    fn agree(&mut self, other: &ListenerFacts, question: &QuestionId) {
        self.address.agree(&other.address, question);
        self.port.agree(&other.port, question);
        self.role.agree(&other.role, question);
        if other.dead.is_none() {
            self.dead = None;
        }
        agree(&mut self.tls, &other.tls, question, Tls::agree);
        agree(&mut self.auth, &other.auth, question, Auth::agree);
        // The same trust for reasons that differ is the same.
        let same = match (self.trusted.known(), other.trusted.known()) {
            (Some(mine), Some(theirs)) => mine.is_as(theirs),
            _ => false,
        };
        if !same {
            agree(&mut self.trusted, &other.trusted, question, Fact::agree);
        }
        agree(&mut self.access, &other.access, question, Access::agree);
        agree(&mut self.log, &other.log, question, Log::agree);
        self.backs_up.agree(&other.backs_up, question);
        self.locks_out.agree(&other.locks_out, question);
        self.stumbles.agree(&other.stumbles, question);
        agree(&mut self.session, &other.session, question, Session::agree);
        // Where one of them knows no exception, its usual table is what holds then.
        let usual = self.outcomes.clone();
        for Exception { when, outcomes } in &mut self.exceptions {
            outcomes.agree(other.in_case_of(*when).unwrap_or(&other.outcomes), question);
        }
        for exception in &other.exceptions {
            if self.in_case_of(exception.when).is_none() {
                let mut outcomes = usual.clone();
                outcomes.agree(&exception.outcomes, question);
                self.exceptions.push(Exception {
                    outcomes,
                    ..exception.clone()
                });
            }
        }
        self.outcomes.agree(&other.outcomes, question);
    }

    /// The tables of those who are let through: by IPv4, and by IPv6 where it differs.
    pub fn tables(&self) -> impl Iterator<Item = &Outcomes> {
        std::iter::once(&self.outcomes).chain(self.in_case_of(Circumstance::Ipv6))
    }

    /// What clients get in a circumstance, where that is something else.
    #[must_use]
    pub fn in_case_of(&self, when: Circumstance) -> Option<&Outcomes> {
        let exception = self.exceptions.iter().find(|exception| exception.when == when);
        exception.map(|exception| &exception.outcomes)
    }
}

/// Keeps what holds at another point as well; the very same part holds.
fn agree<T: Clone>(mine: &mut Rc<T>, theirs: &Rc<T>, question: &QuestionId, one: fn(&mut T, &T, &QuestionId)) {
    if !Rc::ptr_eq(mine, theirs) {
        one(Rc::make_mut(mine), theirs, question);
    }
}

/// Who mends the faults of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Care {
    /// Those who make it.
    Makers,
    /// The distribution it comes with, by its name and release.
    Distribution(String),
    /// Nobody any more.
    Nobody,
}

/// One mail server and everything it does, at one point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Unique in a report: dialect and number.
    pub id: String,
    /// The dialect's id.
    pub dialect: &'static str,
    /// Its release, or the releases it may be.
    pub version: Fact<Versions>,
    /// Whether the release takes what was sent ahead of the TLS handshake for part of the encrypted session
    /// (CVE-2011-0411).
    pub takes_injected_commands: Fact<bool>,
    /// The name by which clients look for it: as the person says, or as the server calls itself.
    pub name: Fact<String>,
    /// Set when the person did not say the name: the question that tells whether it is the one.
    pub name_is_guessed: Option<QuestionId>,
    /// When its certificates were looked at, in seconds since 1970.
    pub now: Option<i64>,
    /// Who mends its faults; `None` when no release is named.
    pub care: Option<Fact<Care>>,
    /// The releases of the TLS library, where somebody named them.
    pub library: Option<Versions>,
    /// Where it listens, in the order of the file.
    pub listeners: Vec<Listener>,
    /// Set when it may listen elsewhere too: not all of its services were given.
    pub more_listeners: Option<QuestionId>,
    /// Services that never run, because another entry takes their place.
    pub overruled: Vec<Overruled>,
    /// The ways on which mail leaves, in the order of the file.
    pub outbound: Vec<Outbound>,
}

/// A service that never runs, because a later entry takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overruled {
    /// What the entry that does not count is called, as the server's own tool names it.
    pub name: String,
    /// The entry that does not count.
    pub entry: Span,
    /// The entry that does.
    pub by: Span,
    /// True when both say the same, so that nothing is lost.
    pub is_same: bool,
}

impl Server {
    /// Keeps what holds at another point as well.
    pub(crate) fn agree(&mut self, other: &Server, question: &QuestionId) {
        self.name.agree(&other.name, question);
        match (&mut self.care, &other.care) {
            (Some(mine), Some(theirs)) => mine.agree(theirs, question),
            (mine, _) => *mine = None,
        }
        for (mine, theirs) in self.listeners.iter_mut().zip(&other.listeners) {
            mine.agree(theirs, question);
        }
        self.more_listeners = self.more_listeners.take().or_else(|| other.more_listeners.clone());
        for (mine, theirs) in self.outbound.iter_mut().zip(&other.outbound) {
            mine.agree(theirs, question);
        }
    }

    /// True when mail leaves both in the same way, for whatever reasons.
    pub(crate) fn sends_like(&self, other: &Server) -> bool {
        self.outbound.len() == other.outbound.len()
            && self
                .outbound
                .iter()
                .zip(&other.outbound)
                .all(|(mine, theirs)| mine.is_like(theirs))
    }

    /// True where no configuration was read: all that is known of it was seen from outside.
    #[must_use]
    pub fn is_only_seen(&self) -> bool {
        self.dialect == crate::observed::LIVE
    }

    /// A server of which nothing is known.
    pub(crate) fn unknown(dialect: &'static str, question: &QuestionId) -> Server {
        Server {
            id: String::new(),
            dialect,
            version: Fact::unknown(question.clone(), Vec::new()),
            takes_injected_commands: Fact::unknown(question.clone(), Vec::new()),
            care: None,
            library: None,
            name: Fact::unknown(QuestionId("published-name".to_owned()), Vec::new()),
            name_is_guessed: None,
            now: None,
            listeners: Vec::new(),
            more_listeners: None,
            overruled: Vec::new(),
            outbound: Vec::new(),
        }
    }
}
