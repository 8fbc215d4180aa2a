//! The counts while a log is read.

use super::event::{Commands, Event, Login};
use super::heavy::{Heavy, New, Place};
use super::names::{Names, Table};
use super::network::Network;
use super::{Limits, Stamp};
use crate::facts::TlsVersion;

/// How a session was encrypted, as far as it tells itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// TLS, and STARTTLS was not among the commands.
    Implicit,
    /// STARTTLS succeeded.
    Starttls,
    /// TLS; the log does not tell the commands.
    Encrypted,
    /// Neither TLS nor STARTTLS is told, from beginning to end.
    Silent,
    /// Nor here, but a part of the session is missing in the log.
    Cut,
}

impl Way {
    pub(super) const ALL: [Way; 5] = [Way::Implicit, Way::Starttls, Way::Encrypted, Way::Silent, Way::Cut];
}

/// So many versions, and a place for the one that is not told.
pub(super) const VERSIONS: usize = TlsVersion::ALL.len() + 1;

fn place(version: Option<TlsVersion>) -> usize {
    version.map_or(VERSIONS - 1, |version| version as usize)
}

/// The mechanism is not told.
const NONE: u32 = u32::MAX;

/// When something was seen: the stamp of a line, and its place among the lines, because stamps without a year cannot be
/// compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// Counts the lines.
    pub(super) line: u64,
    pub(super) stamp: Stamp,
}

impl Seen {
    fn update(&mut self, other: Seen) {
        if other.line >= self.line {
            *self = other;
        }
    }
}

/// Counts of sessions of one way and version.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    pub(super) sessions: u64,
    pub(super) logins: u64,
    /// Logins of which no name is known.
    pub(super) nameless: u64,
}

/// Counts of a service.
#[derive(Debug, Default)]
pub(super) struct ServiceTally {
    pub(super) counts: [[Count; VERSIONS]; Way::ALL.len()],
    pub(super) messages: u64,
    pub(super) refused: u64,
    pub(super) failed_logins: u64,
    pub(super) failed_handshakes: u64,
    /// Sessions of which the beginning or the end is missing.
    pub(super) partial: u64,
    /// Ends of sessions that do not tell the commands.
    pub(super) untold: u64,
    /// Logins by mechanism, in the order in which they appear.
    pub(super) mechanisms: Vec<(u32, u64)>,
    /// What was looked at on its way here, by port.
    pub(super) screened: Vec<(u16, u64)>,
}

/// What a user did in one way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) service: u16,
    pub(super) way: Way,
    version: u8,
    mechanism: u16,
    pub(super) logins: u32,
    pub(super) messages: u32,
    pub(super) last: Seen,
}

impl Row {
    pub(super) fn version(&self) -> Option<TlsVersion> {
        TlsVersion::ALL.get(usize::from(self.version)).copied()
    }

    pub(super) fn mechanism(&self) -> usize {
        usize::from(self.mechanism)
    }
}

/// What comes from a network.
#[derive(Debug)]
pub(super) struct NetworkTally {
    /// Logins by service.
    pub(super) services: Vec<(u16, u32)>,
    pub(super) last: Seen,
}

/// A session that has not ended yet.
#[derive(Debug, Clone, Copy)]
struct Session {
    begun: bool,
    encrypted: bool,
    version: Option<TlsVersion>,
    messages: u32,
    login: bool,
    mechanism: u32,
    /// `None` where the user is not told.
    user: Option<Place>,
    network: Option<Network>,
    last: Seen,
}

impl Session {
    fn new(begun: bool, last: Seen) -> Session {
        Session {
            begun,
            encrypted: false,
            version: None,
            messages: 0,
            login: false,
            mechanism: NONE,
            user: None,
            network: None,
            last,
        }
    }
}

/// Whose session it is: processes of several machines and services may have the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub(super) host: u16,
    pub(super) service: u16,
    pub(super) number: u32,
}

/// All counts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    limits: Limits,
    pub(super) services: Vec<ServiceTally>,
    open: Table<Process, Session>,
    pub(super) users: Heavy,
    pub(super) rows: Vec<Vec<Row>>,
    /// Logins of users who are not kept.
    pub(super) other_users: u64,
    pub(super) mechanisms: Names,
    pub(super) networks: Table<Network, NetworkTally>,
    /// Logins from networks that are beyond the limit, or not told.
    pub(super) other_networks: u64,
}

impl Tally {
    pub(super) fn new(limits: Limits) -> Tally {
        Tally {
            limits,
            ..Tally::default()
        }
    }

    /// Counts what happened in a process's session.
    pub(super) fn take(&mut self, process: Process, seen: Seen, event: Event<'_>) {
        let index = usize::from(process.service);
        if self.services.len() <= index {
            self.services.resize_with(index + 1, ServiceTally::default);
        }
        match event {
            Event::Began => {
                // A process has one session at a time: one that is there was never seen to end.
                if let Some(lost) = self.open.insert(process, Session::new(true, seen)) {
                    self.count(process, &lost, way(&lost, None), true);
                }
                if self.open.len() > self.limits.sessions {
                    self.give_up_open();
                }
            }
            Event::Encrypted(version) => {
                let session = self.session(process, seen);
                session.encrypted = true;
                session.version = version;
            }
            Event::Message { client, login } => {
                self.services[index].messages += 1;
                let (mechanism, user) = login.map_or((NONE, None), |login| self.login(login));
                let session = self.session(process, seen);
                session.messages += 1;
                // However many messages it has, a session is one login.
                let is_login = user != session.user;
                if login.is_some() {
                    session.login = true;
                    session.mechanism = mechanism;
                    session.user = user;
                    session.network = session.network.or_else(|| Network::of_client(client));
                }
                if let Some(user) = user.filter(|_| is_login) {
                    self.users.add(user);
                }
            }
            Event::Ended { client, commands } => {
                let mut session = self.open.remove(&process).unwrap_or_else(|| Session::new(false, seen));
                session.last = seen;
                session.login |= commands.is_some_and(|commands| commands.auth);
                if session.login && session.network.is_none() {
                    session.network = Network::of_client(client);
                }
                self.services[index].untold += u64::from(commands.is_none());
                if commands.is_some_and(|commands| commands.fruitless) && !session.encrypted {
                    // The line of the handshake that failed is counted; this client did not speak in clear.
                    return;
                }
                let way = match way(&session, commands) {
                    // All of it was there.
                    Way::Cut if session.begun => Way::Silent,
                    way => way,
                };
                self.count(process, &session, way, !session.begun);
            }
            Event::HandshakeFailed => self.services[index].failed_handshakes += 1,
            Event::LoginFailed => self.services[index].failed_logins += 1,
            Event::Refused => self.services[index].refused += 1,
            Event::Screened(port) => add(&mut self.services[index].screened, port, 1),
        }
    }

    fn session(&mut self, process: Process, seen: Seen) -> &mut Session {
        let session = self.open.entry(process).or_insert_with(|| Session::new(false, seen));
        session.last = seen;
        session
    }

    /// The number of a mechanism, and the place of a user.
    fn login(&mut self, login: Login<'_>) -> (u32, Option<Place>) {
        let mechanism = self.mechanisms.number(login.mechanism, self.limits.mechanisms);
        let user = login.user.and_then(|user| {
            let seated = self.users.seat(user, self.limits.users)?;
            match seated.new {
                None => {}
                Some(New::Free) => self.rows.push(Vec::new()),
                Some(New::Taken) => self.forget(seated.place.index as usize),
            }
            Some(seated.place)
        });
        (mechanism.map_or(NONE, |(number, _)| number), user)
    }

    /// What was counted of a user whose place another one has now: of it no name is known.
    fn forget(&mut self, index: usize) {
        let Some(rows) = self.rows.get_mut(index) else { return };
        for row in std::mem::take(rows) {
            let logins = u64::from(row.logins);
            self.other_users += logins;
            let counts = self.services.get_mut(usize::from(row.service));
            let counts = counts.map(|service| &mut service.counts[row.way as usize]);
            if let Some(count) = counts.and_then(|counts| counts.get_mut(usize::from(row.version))) {
                count.nameless += logins;
            }
        }
    }

    /// Counts the sessions that were not seen to end.
    pub(super) fn give_up_open(&mut self) {
        for (process, session) in std::mem::take(&mut self.open) {
            self.count(process, &session, way(&session, None), true);
        }
    }

    fn count(&mut self, process: Process, session: &Session, way: Way, partial: bool) {
        let service = &mut self.services[usize::from(process.service)];
        let version = place(session.version);
        let count = &mut service.counts[way as usize][version];
        count.sessions += 1;
        service.partial += u64::from(partial);
        if !session.login {
            return;
        }
        count.logins += 1;
        add(&mut service.mechanisms, session.mechanism, 1);
        let mechanism = u16::try_from(session.mechanism).unwrap_or(u16::MAX);
        let user = session.user.and_then(|user| self.users.index(user));
        let rows = user.and_then(|user| self.rows.get_mut(user));
        if let Some(rows) = rows {
            let version = u8::try_from(version).unwrap_or(u8::MAX);
            let is_same = |row: &&mut Row| {
                (row.service, row.way, row.version, row.mechanism) == (process.service, way, version, mechanism)
            };
            if let Some(row) = rows.iter_mut().find(is_same) {
                row.logins = row.logins.saturating_add(1);
                row.messages = row.messages.saturating_add(session.messages);
                row.last.update(session.last);
            } else {
                // Most have one.
                rows.reserve_exact(1);
                rows.push(Row {
                    service: process.service,
                    way,
                    version,
                    mechanism,
                    logins: 1,
                    messages: session.messages,
                    last: session.last,
                });
            }
        } else {
            count.nameless += 1;
            self.other_users += u64::from(session.user.is_some());
        }
        self.count_network(process.service, session);
    }

    fn count_network(&mut self, service: u16, session: &Session) {
        let is_full = self.networks.len() >= self.limits.networks;
        let Some(network) = session
            .network
            .filter(|network| !is_full || self.networks.contains_key(network))
        else {
            self.other_networks += 1;
            return;
        };
        let tally = self.networks.entry(network).or_insert_with(|| NetworkTally {
            services: Vec::with_capacity(1),
            last: session.last,
        });
        tally.last.update(session.last);
        add(&mut tally.services, service, 1);
    }
}

/// How a session was encrypted, by what it told and by the commands its end tells.
fn way(session: &Session, commands: Option<Commands>) -> Way {
    match commands {
        Some(commands) if commands.starttls => Way::Starttls,
        // The commands are those of the whole session, even where its beginning is missing.
        Some(_) if session.encrypted => Way::Implicit,
        None if session.encrypted => Way::Encrypted,
        _ => Way::Cut,
    }
}

/// Adds to the count of a key in a short list.
fn add<K: PartialEq, N: std::ops::AddAssign>(list: &mut Vec<(K, N)>, key: K, number: N) {
    match list.iter_mut().find(|(known, _)| *known == key) {
        Some((_, count)) => *count += number,
        None => list.push((key, number)),
    }
}
