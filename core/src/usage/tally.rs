//! The counts while a log is read.

use super::event::{Channel, Commands, Event, Key, Login, Told};
use super::heavy::{Heavy, New, Place};
use super::names::{Names, Table};
use super::network::Network;
use super::{Limits, Stamp};
use crate::facts::{Entry, TlsVersion};

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
    /// Nor here, but a part of the session is missing in the log, or it says that it does not tell.
    Cut,
    /// In clear, as it says itself.
    Clear,
    /// It has no sign of TLS, and means clear text where others of its server have one.
    Unmarked,
}

impl Way {
    pub(super) const ALL: [Way; 7] = [
        Way::Implicit,
        Way::Starttls,
        Way::Encrypted,
        Way::Silent,
        Way::Cut,
        Way::Clear,
        Way::Unmarked,
    ];

    /// The way that a line tells, and the version.
    fn told(channel: Channel) -> (Way, Option<TlsVersion>) {
        match channel {
            Channel::Clear => (Way::Clear, None),
            Channel::Tls(Some(Entry::Implicit), version) => (Way::Implicit, version),
            Channel::Tls(Some(Entry::Starttls), version) => (Way::Starttls, version),
            Channel::Tls(Some(Entry::None) | None, version) => (Way::Encrypted, version),
            Channel::Unmarked => (Way::Unmarked, None),
            Channel::Untold => (Way::Cut, None),
        }
    }
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
    /// How the server said that connections begin here: in clear or with TLS, or both at different times.
    pub(super) opened: Vec<Entry>,
}

impl ServiceTally {
    /// Sessions of a way.
    pub(super) fn sessions(&self, way: Way) -> u64 {
        self.counts[way as usize].iter().map(|count| count.sessions).sum()
    }
}

/// A process has one session after the other: what comes longer than this after the last message is of another one, in seconds.
/// Exim closes a connection in which nothing comes for five minutes (`smtp_receive_timeout`).
const LONGEST_REST: i64 = 600;

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
    /// Where it is counted.
    service: u16,
    begun: bool,
    /// How it was encrypted, where one line tells.
    told: Option<Way>,
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
    fn new(service: u16, begun: bool, last: Seen) -> Session {
        Session {
            service,
            begun,
            told: None,
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

impl Session {
    /// Whether another line is of the same session.
    fn goes_on_in(&self, other: &Session) -> bool {
        let what = |one: &Session| (one.service, one.told, one.version, one.mechanism, one.user, one.network);
        what(self) == what(other) && self.is_recent(other.last)
    }

    fn is_recent(&self, now: Seen) -> bool {
        let rest = now.stamp.seconds() - self.last.stamp.seconds();
        (-LONGEST_REST..=LONGEST_REST).contains(&rest)
    }
}

/// Whose session it is: processes of several machines and services may have the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub(super) host: u16,
    pub(super) service: u16,
    pub(super) number: u32,
}

/// By what the lines of a session are known, on a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Mark {
    Process(Process),
    Told(u16, Key),
}

/// All counts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    limits: Limits,
    pub(super) services: Vec<ServiceTally>,
    open: Table<Mark, Session>,
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

    fn make_room_for(&mut self, service: u16) -> usize {
        let index = usize::from(service);
        if self.services.len() <= index {
            self.services.resize_with(index + 1, ServiceTally::default);
        }
        index
    }

    /// A service is open, and connections begin there so.
    pub(super) fn opened(&mut self, service: u16, entry: Entry) {
        let index = self.make_room_for(service);
        let opened = &mut self.services[index].opened;
        if !opened.contains(&entry) {
            opened.push(entry);
        }
    }

    /// Counts what happened in a process's session.
    pub(super) fn take(&mut self, process: Process, seen: Seen, event: Event<'_>) {
        let index = self.make_room_for(process.service);
        match event {
            Event::Began => {
                // A process has one session at a time: one that is there was never seen to end.
                let session = Session::new(process.service, true, seen);
                if let Some(lost) = self.open.insert(Mark::Process(process), session) {
                    self.count(&lost, way(&lost, None), true);
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
                let open = self.open.remove(&Mark::Process(process));
                let mut session = open.unwrap_or_else(|| Session::new(process.service, false, seen));
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
                self.count(&session, way, !session.begun);
            }
            Event::HandshakeFailed => self.services[index].failed_handshakes += 1,
            Event::LoginFailed => self.services[index].failed_logins += 1,
            Event::Refused => self.services[index].refused += 1,
            Event::Screened(port) => add(&mut self.services[index].screened, port, 1),
            Event::Told(told) => self.told(process, seen, &told),
            Event::Sent(key) => match self.open.get_mut(&Mark::Told(process.host, key)) {
                Some(session) => {
                    session.messages += 1;
                    session.last = seen;
                    let index = usize::from(session.service);
                    self.services[index].messages += 1;
                }
                None => self.services[index].messages += 1,
            },
            Event::Over(key) => {
                if let Some(session) = self.open.remove(&Mark::Told(process.host, key)) {
                    self.count_told(&session);
                }
            }
        }
    }

    /// Counts a session that a line tells, or keeps it until no more can come of it.
    fn told(&mut self, process: Process, seen: Seen, told: &Told<'_>) {
        let service = &mut self.services[usize::from(process.service)];
        service.messages += u64::from(told.messages);
        service.failed_logins += u64::from(told.failed_logins);
        let mut session = Session::new(process.service, true, seen);
        let (way, version) = Way::told(told.channel);
        (session.told, session.version, session.messages) = (Some(way), version, told.messages);
        if let Some(login) = told.login {
            session.login = true;
            (session.mechanism, session.user) = self.login(login);
            session.network = Network::of_client(told.client);
        }
        let mark = told.key.map(|key| Mark::Told(process.host, key));
        let before = mark.and_then(|mark| self.open.get_mut(&mark));
        if let Some(before) = before.filter(|before| before.goes_on_in(&session)) {
            before.messages += session.messages;
            before.last = seen;
            return;
        }
        if let Some(user) = session.user {
            self.users.add(user);
        }
        let Some(mark) = mark else {
            self.count_told(&session);
            return;
        };
        if let Some(before) = self.open.insert(mark, session) {
            self.count_told(&before);
        }
        if self.open.len() > self.limits.sessions {
            self.give_up_rested(seen);
        }
    }

    /// Counts the sessions of which nothing is to come, and all where that makes no room.
    fn give_up_rested(&mut self, now: Seen) {
        let rested = self
            .open
            .extract_if(|_, session| session.told.is_some() && !session.is_recent(now));
        let rested: Vec<Session> = rested.map(|(_, session)| session).collect();
        for session in &rested {
            self.count_told(session);
        }
        if self.open.len() > self.limits.sessions / 2 {
            self.give_up_open();
        }
    }

    fn count_told(&mut self, session: &Session) {
        self.count(session, way(session, None), false);
    }

    fn session(&mut self, process: Process, seen: Seen) -> &mut Session {
        let new = || Session::new(process.service, false, seen);
        let session = self.open.entry(Mark::Process(process)).or_insert_with(new);
        session.last = seen;
        session
    }

    /// The number of a mechanism, and the place of a user.
    fn login(&mut self, login: Login<'_>) -> (u32, Option<Place>) {
        let mechanism = login
            .mechanism
            .and_then(|name| self.mechanisms.number(name, self.limits.mechanisms));
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
        for session in std::mem::take(&mut self.open).into_values() {
            self.count(&session, way(&session, None), session.told.is_none());
        }
    }

    fn count(&mut self, session: &Session, way: Way, partial: bool) {
        let service = &mut self.services[usize::from(session.service)];
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
                (row.service, row.way, row.version, row.mechanism) == (session.service, way, version, mechanism)
            };
            if let Some(row) = rows.iter_mut().find(is_same) {
                row.logins = row.logins.saturating_add(1);
                row.messages = row.messages.saturating_add(session.messages);
                row.last.update(session.last);
            } else {
                // Most have one.
                rows.reserve_exact(1);
                rows.push(Row {
                    service: session.service,
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
        self.count_network(session);
    }

    fn count_network(&mut self, session: &Session) {
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
        add(&mut tally.services, session.service, 1);
    }
}

/// How a session was encrypted, by what it told and by the commands its end tells.
fn way(session: &Session, commands: Option<Commands>) -> Way {
    if let Some(told) = session.told {
        return told;
    }
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
