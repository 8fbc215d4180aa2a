//! Looking at a live port: what it says, how TLS begins, what it takes. What was seen is handed to the core, which judges it.

mod answer;
mod connection;
mod hello;
mod injection;
mod look;
mod relay;
mod scan;
mod session;
mod smtp;
mod target;

#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use smtplint_core::certificate::{self, Certificate};
use smtplint_core::facts::{Entry, Role, TlsVersion};
use smtplint_core::mx::port::Reached;
use smtplint_core::observed::{Observation, Spoken};
use smtplint_core::tls::{Suite, suite};

pub(crate) use connection::Failure;
pub(crate) use look::Begins;
use look::First;
use scan::{Found, Scan};
use session::{Inside, Library};
use target::Target;

use crate::input;

/// What is wanted of a look.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The name or address.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
    /// The addresses to connect to, one after the other until somebody is there; the system is asked for the host's own where there
    /// are none.
    pub(crate) addresses: Vec<IpAddr>,
    /// How clients begin there.
    pub(crate) begins: Begins,
    /// How much of it is looked at.
    pub(crate) extent: Extent,
    /// How long one connection may take; all of them together may take six times as long.
    pub(crate) patience: Duration,
    /// How many connections there may be at a time.
    pub(crate) connections: usize,
    /// What the port is for, where the person says it.
    pub(crate) role: Option<Role>,
    /// The recipients for whom a stranger's mail is tried.
    pub(crate) relay_test: Option<Recipients>,
    /// Whether commands are sent ahead of the handshake.
    pub(crate) aggressive: bool,
}

/// How much of a port is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything that can be seen: more than a hundred handshakes.
    Whole,
    /// How TLS begins and which certificates are shown: four connections, where nothing is odd.
    Certificates,
}

/// For whom a stranger's mail is tried.
#[derive(Debug, Clone)]
pub(crate) struct Recipients {
    /// Somebody elsewhere.
    pub(crate) foreign: String,
    /// A mailbox of the server, where one is known.
    pub(crate) mailbox: Option<String>,
}

/// What was seen, and what is to be said of how it was.
pub(crate) struct Seen {
    pub(crate) observation: Observation,
    /// Whether anybody is there.
    pub(crate) reached: Reached,
    /// A device on the way writes over what the server announces.
    pub(crate) is_overwritten: bool,
    /// What is answered to STARTTLS, where it is announced and then not done.
    pub(crate) refused_tls: Option<String>,
    /// The chains that are shown, in DER, each with the server's own certificate first.
    pub(crate) chains: Vec<Vec<Vec<u8>>>,
    /// One sentence each, without a full stop.
    pub(crate) notes: Vec<String>,
}

/// Looks. Whatever the server does is something that was seen.
///
/// # Errors
/// When the host has no address, or the library for TLS does not work; in words.
pub(crate) fn look(wanted: &Wanted) -> Result<Seen, String> {
    let library = Library::new().map_err(|error| error.to_string())?;
    let addresses = if wanted.addresses.is_empty() {
        target::addresses(&wanted.host, wanted.port, wanted.patience)?
    } else {
        wanted
            .addresses
            .iter()
            .map(|address| (*address, wanted.port).into())
            .collect()
    };
    let (mut last, mut is_refused) = (None, true);
    for address in addresses.into_iter().take(4) {
        let target = Target::new(&wanted.host, address, wanted.patience);
        let first = look::first(&target, &library, wanted.begins);
        // Nobody is there: the host may have another address.
        let is_absent = matches!(first, Err(Failure::Connect(_)));
        is_refused &= matches!(&first, Err(Failure::Connect(error)) if error.kind() == ErrorKind::ConnectionRefused);
        last = Some((target, first));
        if !is_absent {
            break;
        }
    }
    let (target, first) = last.ok_or_else(|| format!("`{}` has no address", wanted.host))?;
    let mut seen = nothing(wanted, &target);
    seen.reached = match &first {
        Err(Failure::Connect(_)) if is_refused => Reached::Refused,
        Err(Failure::Connect(_)) => Reached::Failed,
        _ => Reached::Answers,
    };
    match first {
        Ok(first) => further(wanted, &target, &library, first, &mut seen),
        Err(failure) => seen.observation.dead = Some(failure.to_string()),
    }
    Ok(seen)
}

/// Before anything was seen.
fn nothing(wanted: &Wanted, target: &Target) -> Seen {
    Seen {
        observation: Observation {
            role: wanted.role,
            now: input::now(),
            ..Observation::of(&wanted.host, target.address.ip(), wanted.port)
        },
        reached: Reached::Failed,
        is_overwritten: false,
        refused_tls: None,
        chains: Vec::new(),
        notes: Vec::new(),
    }
}

/// What the first look leads to.
fn further(wanted: &Wanted, target: &Target, library: &Library, first: First, seen: &mut Seen) {
    let observation = &mut seen.observation;
    observation.from = first.from;
    observation.entry = first.entry;
    observation.greeting = first.greeting.map(|greeting| greeting.lines.join(" "));
    observation.clear = first.hello.as_ref().map(smtp::Reply::announced);
    seen.is_overwritten = first.hello.is_some_and(|hello| hello.is_overwritten());
    if seen.is_overwritten {
        seen.notes.push(
            "a device on the way writes X over words of the answer to EHLO, as the inspection of ESMTP by some firewalls does: \
             what the server itself announces cannot be seen from here"
                .to_owned(),
        );
    }
    let Some(entry) = first.entry else { return };
    if let Some(refused) = first.starttls.filter(|reply| reply.code != 220) {
        seen.notes
            .push(format!("STARTTLS is announced and then answered with `{refused}`"));
        observation.works = Some(false);
        seen.refused_tls = Some(refused.to_string());
    } else if entry != Entry::None {
        scan(wanted, target, library, entry, seen);
    }
    let works = seen.observation.works == Some(true);
    if let Some(recipients) = &wanted.relay_test {
        let relayed = relay::test(target, entry, works, library, recipients);
        seen.observation.recipients = relayed.recipients;
        seen.observation.required = relayed.required;
        seen.notes.extend(relayed.notes);
    }
    // Where no session comes about, none can show what was taken into it.
    let has_session = seen.observation.inside.is_some();
    if wanted.aggressive && entry == Entry::Starttls && has_session {
        match injection::test(target, library) {
            Ok(takes) => seen.observation.takes_injected = Some(takes),
            Err(failure) => seen
                .notes
                .push(format!("the test of commands ahead of TLS came to no end: {failure}")),
        }
    }
}

fn scan(wanted: &Wanted, target: &Target, library: &Library, entry: Entry, seen: &mut Seen) {
    let scan = Scan {
        target,
        entry,
        library,
        failures: Mutex::default(),
        silences: AtomicUsize::new(0),
    };
    let mut gathered = Gathered::default();
    let found = match wanted.extent {
        Extent::Whole => scan.all(wanted.connections),
        Extent::Certificates => scan.certificates(),
    };
    for found in found {
        gathered.take(found);
    }
    let failures = scan
        .failures
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    seen.notes.extend(
        failures
            .into_iter()
            .map(|why| format!("a handshake was left without an answer: {why}")),
    );
    gathered.into(seen);
}

/// What the parts of a scan come to together.
#[derive(Default)]
struct Gathered {
    versions: Vec<Spoken>,
    groups: Vec<Option<Vec<&'static str>>>,
    prime_bits: Option<u16>,
    compression: Option<bool>,
    asks_certificate: Option<bool>,
    chains: Vec<Vec<Vec<u8>>>,
    inside: Option<Result<Inside, Failure>>,
}

impl Gathered {
    fn take(&mut self, found: Found) {
        match found {
            Found::Spoken(part) => match self.versions.iter_mut().find(|known| known.version == part.version) {
                Some(known) => join(known, part),
                None => self.versions.push(part),
            },
            Found::Groups(groups) => self.groups.push(groups),
            Found::Flight(None) => {}
            Found::Flight(Some(flight)) => {
                self.prime_bits = self.prime_bits.or(flight.prime_bits);
                self.compression = Some(self.compression.unwrap_or(false) | flight.compresses);
                if flight.is_done {
                    self.asks_certificate = Some(self.asks_certificate.unwrap_or(false) | flight.asks_certificate);
                }
                self.add_chain(flight.certificates);
            }
            Found::Inside(inside) => self.inside = Some(*inside),
        }
    }

    fn add_chain(&mut self, chain: Vec<Vec<u8>>) {
        if !chain.is_empty() && !self.chains.iter().any(|known| known.first() == chain.first()) {
            self.chains.push(chain);
        }
    }

    fn into(mut self, seen: &mut Seen) {
        match self.inside.take() {
            Some(Ok(inside)) => {
                self.add_session(&inside);
                let observation = &mut seen.observation;
                observation.greeting = observation
                    .greeting
                    .take()
                    .or(inside.greeting.map(|reply| reply.lines.join(" ")));
                self.add_chain(inside.certificates);
                match inside.announced {
                    Ok(announced) => observation.inside = Some(announced),
                    Err(failure) => seen.notes.push(unseen_inside(&failure)),
                }
            }
            Some(Err(failure)) => seen.notes.push(unseen_inside(&failure)),
            None => {}
        }
        self.versions.sort_by_key(|one| one.version);
        let observation = &mut seen.observation;
        let any = self.versions.iter().any(|one| one.offered == Some(true));
        let none = !self.versions.is_empty() && self.versions.iter().all(|one| one.offered == Some(false));
        observation.works = if any { Some(true) } else { none.then_some(false) };
        observation.prime_bits = self.prime_bits;
        // Compression went with TLS 1.3, which has none (RFC 8446 §4.1.2).
        let newest_alone = !self.versions.is_empty()
            && self
                .versions
                .iter()
                .all(|one| one.version == TlsVersion::Tls13 || one.offered == Some(false));
        observation.compression = self.compression.or(newest_alone.then_some(false));
        observation.asks_certificate = self.asks_certificate;
        observation.groups = groups(self.groups);
        let suites = || self.versions.iter().flat_map(|one| &one.suites);
        let is_whole = self.versions.iter().all(|one| one.is_whole);
        let read = |chain: &Vec<Vec<u8>>| -> Vec<Option<Certificate>> {
            chain.iter().map(|der| certificate::of_der(der)).collect()
        };
        let chains: Vec<Vec<Option<Certificate>>> = self.chains.iter().map(read).collect();
        if chains.iter().flatten().any(Option::is_none) {
            seen.notes.push("a certificate that is shown cannot be read".to_owned());
        }
        observation.chains = if chains.is_empty() {
            // Every suite was tried, and none has the server prove anything.
            (any && is_whole && suites().all(|suite| suite.is_anonymous())).then(Vec::new)
        } else {
            let read = chains.into_iter().map(|chain| chain.into_iter().flatten().collect());
            Some(read.filter(|chain: &Vec<Certificate>| !chain.is_empty()).collect())
                .filter(|all: &Vec<_>| !all.is_empty())
        };
        observation.versions = self.versions;
        seen.chains = self.chains;
    }

    /// A server that has no answer to a hello without a key speaks TLS 1.3 all the same, if a session shows it.
    fn add_session(&mut self, inside: &Inside) {
        let version = TlsVersion::ALL
            .into_iter()
            .find(|one| Some(hello::number(*one)) == inside.version);
        let suite: Option<&'static Suite> = inside.suite.and_then(suite::by_id);
        let (Some(version), Some(suite)) = (version, suite) else {
            return;
        };
        if let Some(known) = self.versions.iter_mut().find(|one| one.version == version)
            && !known.suites.contains(&suite)
        {
            known.suites.push(suite);
            known.offered = Some(true);
            known.is_whole = false;
        }
    }
}

fn unseen_inside(failure: &Failure) -> String {
    format!("inside TLS nothing was seen: {failure}")
}

/// Two parts of the same version.
fn join(known: &mut Spoken, part: Spoken) {
    known.suites.extend(part.suites);
    known.is_whole &= part.is_whole;
    known.offered = match (known.offered, part.offered) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    };
    known.own_order = match (known.own_order, part.own_order) {
        (Some(one), Some(other)) => Some(one && other),
        (one, other) => one.or(other),
    };
}

/// The groups of all versions, where there was an answer each time.
fn groups(parts: Vec<Option<Vec<&'static str>>>) -> Option<Vec<&'static str>> {
    let mut all: Vec<&'static str> = Vec::new();
    for group in parts.into_iter().collect::<Option<Vec<_>>>()?.concat() {
        if !all.contains(&group) {
            all.push(group);
        }
    }
    Some(all)
}
