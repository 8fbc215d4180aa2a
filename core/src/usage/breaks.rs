//! Whom a change would shut out.

use super::{PortSource, Service, Stamp, Usage, Use, User};
use crate::facts::{Entry, TlsVersion};
use crate::gather::ordered;

/// Something that would be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A port.
    Port(u16),
    /// Every version before TLS 1.2 (RFC 8996).
    OldTls,
    /// Logins without TLS (RFC 8314 §4.1).
    ClearLogin,
}

impl Change {
    /// Whether a way to log in ends with it; `None` when the log does not tell.
    #[must_use]
    pub fn ends(self, port: Option<u16>, entry: Option<Entry>, version: Option<TlsVersion>) -> Option<bool> {
        match self {
            Change::Port(closed) => Some(port? == closed),
            Change::OldTls => match version {
                Some(version) => Some(version < TlsVersion::Tls12),
                // Where there is no TLS, it has no version.
                None => (entry == Some(Entry::None)).then_some(false),
            },
            Change::ClearLogin => match entry {
                Some(entry) => Some(entry == Entry::None),
                // Something was encrypted, however it began.
                None => version.map(|_| false),
            },
        }
    }
}

/// What a change would break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaks<'u> {
    /// Users who log in by what would end, most logins first.
    pub users: Vec<Harmed<'u>>,
    /// Logins by what would end, of everybody, with a name or without.
    pub logins: u64,
    /// Those of them of which no name is known: sessions in which nothing was sent, and users beyond the limit.
    pub nameless: u64,
    /// Sessions without a login by what would end.
    pub others: u64,
    /// Logins of which the log does not tell whether they would end.
    pub untold: u64,
}

/// A user whom a change would concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Harmed<'u> {
    /// Who.
    pub user: &'u User,
    /// How often they logged in by what would end.
    pub logins: u64,
    /// When last.
    pub last: Stamp,
    /// How often they logged in by something else.
    pub otherwise: u64,
}

/// A number of logins, in words.
pub(crate) fn logins(count: u64) -> String {
    if count == 1 {
        "1 login".to_owned()
    } else {
        format!("{count} logins")
    }
}

impl Usage {
    /// The service that something was done at.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }

    /// The ports that are known, without repetition, the lowest first.
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        let ports = self.services.iter().filter_map(|service| service.port);
        let mut ports = ordered(ports.collect(), |port| u64::from(*port));
        ports.dedup();
        ports
    }

    /// The users who logged in at a port, most logins at all ports first.
    pub fn users_of(&self, port: u16) -> impl Iterator<Item = &User> {
        self.users
            .iter()
            .filter(move |user| user.uses.iter().any(|one| one.port == Some(port)))
    }

    /// Whom it would shut out to close a port.
    #[must_use]
    pub fn breaks_without(&self, port: u16) -> Breaks<'_> {
        self.breaks(Change::Port(port))
    }

    /// Whom a change would shut out.
    #[must_use]
    pub fn breaks(&self, change: Change) -> Breaks<'_> {
        let mut breaks = Breaks {
            users: Vec::new(),
            logins: 0,
            nameless: 0,
            others: 0,
            untold: 0,
        };
        for service in &self.services {
            // Behind a port that is a guess there may be any other.
            let is_guess = service.port_from == Some(PortSource::Guess);
            let asked = |port: &u16| !is_guess || change == Change::Port(*port);
            let port = service.port.filter(asked);
            if port.is_none() && matches!(change, Change::Port(port) if !service.may_be_at(port)) {
                continue;
            }
            for count in &service.encryption {
                match change.ends(port, count.entry, count.version) {
                    Some(true) => {
                        breaks.logins += count.logins;
                        breaks.nameless += count.logins_without_name;
                        breaks.others += count.sessions - count.logins.min(count.sessions);
                    }
                    Some(false) => {}
                    None => breaks.untold += count.logins,
                }
            }
        }
        let users = self.users.iter().filter_map(|user| harmed(user, change));
        breaks.users = ordered(users.collect(), |one| u64::MAX - one.logins);
        breaks
    }
}

/// Ports for handing in mail, and for reading it, by their registered numbers.
const SENDING: [u16; 3] = [25, 465, 587];
const READING: [u16; 5] = [110, 143, 993, 995, 4190];

impl Service {
    /// Whether a service whose port is not told may be the one of a port.
    pub(crate) fn may_be_at(&self, port: u16) -> bool {
        !(if self.reads { &SENDING[..] } else { &READING[..] }).contains(&port)
    }
}

fn harmed(user: &User, change: Change) -> Option<Harmed<'_>> {
    let ends = |one: &&Use| change.ends(one.port, one.entry, one.version) == Some(true);
    // Uses are in the order of time, the last one first.
    let last = user.uses.iter().find(ends)?.last;
    let logins = user.uses.iter().filter(ends).map(|one| one.logins).sum();
    Some(Harmed {
        user,
        logins,
        last,
        otherwise: user.logins - user.logins.min(logins),
    })
}
