//! What the programs of one machine are to each other: Postfix asks Dovecot whether a password is right.
//!
//! Measured on Postfix 3.7.11 with Dovecot 2.3.19: all mechanisms of `auth_mechanisms` are announced, whatever Dovecot's own
//! `ssl` and `disable_plaintext_auth` say, but for those that `smtpd_sasl_security_options` takes out; smtpd stops at every
//! client where it finds no socket, or may not use it.

use std::borrow::Cow;

use crate::facts::{Fact, Listener, Role, Server, Step, TlsVersion};
use crate::programs::Program;
use crate::report::merge::enumerated;
use crate::report::{Note, Report};
use crate::version::Target;

/// Where a program answers whether a password is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A socket in the file system, by its whole path.
    Path(String),
    /// A TCP port of the machine.
    Port(u16),
}

/// One such place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    /// Where it is.
    pub place: Place,
    /// True when no account but root may use it.
    pub root_alone: bool,
}

/// A program that knows the users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// The server's id.
    pub server: String,
    /// Where it can be asked.
    pub sockets: Vec<Socket>,
    /// False when there may be more.
    pub is_whole: bool,
    /// The mechanisms that it offers, in capitals.
    pub mechanisms: Fact<Vec<String>>,
}

/// The id of the question behind a socket that the files of the program that knows the users do not open.
pub(crate) const NO_SOCKET: &str = "sasl-socket";

/// The same behind one that root alone may use.
pub(crate) const CLOSED_SOCKET: &str = "sasl-socket-closed";

/// What is known of the machine, with what its programs say of each other; where there is one, it says nothing of others.
pub(crate) fn target<'t>(programs: &[Program<'_>], target: &'t Target) -> Cow<'t, Target> {
    if programs.len() < 2 {
        return Cow::Borrowed(target);
    }
    let mut linked = target.clone();
    let backends = programs
        .iter()
        .filter_map(|program| program.dialect.read(&program.sources).backend(target));
    linked.backends = backends.collect();
    Cow::Owned(linked)
}

/// A path without what says nothing in it.
pub(crate) fn normal(path: &str) -> String {
    let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
    let normal: String = parts.flat_map(|part| ["/", part]).collect();
    match normal.strip_prefix("/var/run/") {
        Some(rest) => format!("/run/{rest}"),
        None => normal,
    }
}

/// What is to be said of two programs together.
pub(crate) fn notes(report: &Report) -> Vec<Note> {
    let (Some(postfix), Some(dovecot)) = (report.server_of("postfix"), report.server_of("dovecot")) else {
        return Vec::new();
    };
    let mut notes = Vec::new();
    let mut say = |topic, text| notes.push(Note { topic, text, at: None });
    let with = |question: &str| {
        let rest = |one: &&Listener| {
            let names = one.auth.mechanisms.names.known();
            names
                .and_then(|names| names.rest.as_ref())
                .is_some_and(|rest| rest.0 == question)
        };
        // At the ports for users a rule says it.
        let others = postfix
            .listeners
            .iter()
            .filter(|one| one.known_role() != Role::Submission);
        spoken(others.filter(rest))
    };
    for (question, why) in [
        (NO_SOCKET, "Dovecot's files open none where `smtpd_sasl_path` says"),
        (
            CLOSED_SOCKET,
            "Dovecot opens it for root alone, and Postfix runs as another account",
        ),
    ] {
        if let Some(ports) = with(question) {
            say(
                "sasl-socket",
                format!(
                    "{ports}: smtpd finds no socket to ask for users, and stops at every client, unless another program opens it: {why}"
                ),
            );
        }
    }
    let is_linked = |one: &&Listener| {
        let mut because = one.auth.mechanisms.names.because.iter();
        because.any(|step| matches!(step, Step::Linked { .. }))
    };
    let in_clear = |one: &&Listener| one.is_alive() && one.auth.mechanisms.plaintext_before_tls.surely();
    let hides = dovecot
        .listeners
        .iter()
        .all(|one| one.auth.mechanisms.plaintext_before_tls.surely_not());
    if hides && let Some(ports) = spoken(postfix.listeners.iter().filter(is_linked).filter(in_clear)) {
        let text = format!(
            "what Dovecot does about passwords in clear holds at its own ports alone: at {ports} Postfix takes them before TLS"
        );
        say("who-protects-what", text);
    }
    if let (Some(one), Some(other)) = (oldest(postfix, Role::Submission), oldest(dovecot, Role::Mailbox))
        && one != other
    {
        say(
            "versions-differ",
            format!("users may send from {one} on, and read from {other} on: the floors of Postfix and Dovecot differ"),
        );
    }
    if let (Some(one), Some(other)) = (
        certificate(postfix, Role::Submission),
        certificate(dovecot, Role::Mailbox),
    ) && one.iter().all(|file| !other.contains(file))
    {
        let [one, other] = [&one, &other].map(|files| files.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>());
        say(
            "certificates-differ",
            format!(
                "Postfix shows the certificate in {}, and Dovecot the one in {}",
                enumerated(&one),
                enumerated(&other)
            ),
        );
    }
    notes
}

fn spoken<'a>(listeners: impl Iterator<Item = &'a Listener>) -> Option<String> {
    let ports: Vec<String> = listeners.map(Listener::spoken).collect();
    (!ports.is_empty()).then(|| enumerated(&ports))
}

/// The oldest version at the ports of a role, where that is known of all.
fn oldest(server: &Server, role: Role) -> Option<TlsVersion> {
    let mut ports = server
        .listeners
        .iter()
        .filter(|one| one.is_alive() && one.known_role() == role)
        .peekable();
    ports.peek()?;
    let mut oldest: Option<TlsVersion> = None;
    for port in ports {
        let versions = port
            .tls
            .versions
            .known()
            .filter(|versions| versions.rest.is_none() && port.tls.open.is_empty())?;
        for version in &versions.surely {
            oldest = Some(oldest.map_or(*version, |known| known.min(*version)));
        }
    }
    oldest
}

/// The files of the certificate at the ports of a role.
fn certificate(server: &Server, role: Role) -> Option<Vec<String>> {
    let mut ports = server
        .listeners
        .iter()
        .filter(|one| one.is_alive() && one.known_role() == role);
    let port = ports.find(|one| !one.tls.certificate.because.is_empty())?;
    match port.tls.certificate.known()? {
        crate::facts::CertificateSource::Files(files) => Some(files.clone()),
        crate::facts::CertificateSource::None | crate::facts::CertificateSource::OwnMaking => None,
    }
}
