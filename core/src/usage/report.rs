//! What was counted, as people and programs get it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::event::{Mechanisms, Named, Server};
use super::names::text;
use super::reader::KnownDoor;
use super::servers::SERVERS;
use super::tally::{Row, ServiceTally, Tally, VERSIONS, Way};
use super::{Options, Stamp};
use crate::TOOL;
use crate::facts::{Entry, TlsVersion};
use crate::json;

/// Who uses what, by the log: `smtplint/usage/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Usage {
    /// `smtplint/usage/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "smtplint/usage/1")))]
    pub schema: String,
    /// Name and version of the program that counted.
    pub tool: String,
    /// True when words stand for the names of users and networks; the same word for the same name.
    pub anonymised: bool,
    /// The stamp of the first line; null when no line has one.
    pub from: Option<Stamp>,
    /// The stamp of the last line.
    pub until: Option<Stamp>,
    /// How much was read and understood.
    pub lines: Lines,
    /// The services, those with most logins first.
    pub services: Vec<Service>,
    /// Users with names, most logins first.
    pub users: Vec<User>,
    /// Logins of users beyond the number of those that are kept, and of those that are kept from before they were.
    pub logins_beyond_users: u64,
    /// So many users there are at least who are not kept; there may be more.
    #[serde(default)]
    pub users_beyond_at_least: u64,
    /// Nobody who is not kept has more logins than these; 0 where everybody is.
    #[serde(default)]
    pub logins_of_one_beyond_at_most: u64,
    /// Networks from which somebody logged in, most logins first.
    pub networks: Vec<NetworkUse>,
    /// Logins from networks beyond the number of those that are kept, or from where there is no address.
    pub logins_beyond_networks: u64,
}

/// Lines of a log, or entries of a journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lines {
    /// All that were read, empty ones left out.
    pub read: u64,
    /// Those that tell something about a session.
    pub used: u64,
    /// Those that are no lines of a log.
    pub unreadable: u64,
    /// Those that were too long, and were read up to there.
    pub cut: u64,
    /// Those that would be of use, but name a machine or a service beyond the number of those that are kept.
    pub beyond: u64,
}

/// A service, by its name in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Service {
    /// Its name, such as `postfix/submission`.
    pub name: String,
    /// The server whose service it is.
    pub server: String,
    /// True when all services without a name of their own write under this one.
    pub shared: bool,
    /// Its port, where that is known.
    pub port: Option<u16>,
    /// Where the port is known from.
    pub port_from: Option<PortSource>,
    /// Sessions; those that ended with a STARTTLS that failed are not among them, but among `failed_handshakes`.
    pub sessions: u64,
    /// Sessions of which the beginning or the end is missing in the log.
    pub partial_sessions: u64,
    /// Sessions in which somebody logged in.
    pub logins: u64,
    /// Times that somebody could not log in.
    pub failed_logins: u64,
    /// Times that TLS could not be established.
    pub failed_handshakes: u64,
    /// Messages that were taken on.
    pub messages: u64,
    /// Commands that were refused.
    pub refused: u64,
    /// Users with names.
    pub users: u64,
    /// True when the log has a line for each session with TLS.
    pub tls_logged: bool,
    /// True when the ends of sessions do not tell the commands, as in Postfix before 3.0.
    pub commands_untold: bool,
    /// Sessions by how TLS began and by version, most sessions first.
    pub encryption: Vec<EncryptionCount>,
    /// Logins by mechanism, most logins first.
    pub mechanisms: Vec<MechanismCount>,
    /// True when what stands for mechanisms are names that the configuration gives, as those of Exim's authenticators.
    #[serde(default)]
    pub authenticators: bool,
    /// True when mail is read there, and not handed in.
    #[serde(default)]
    pub reads: bool,
    /// What the log does not tell of it, each with the setting that would show it.
    #[serde(default)]
    pub lacks: Vec<String>,
}

impl Service {
    /// True when there may have been TLS, and no session tells its version.
    pub(super) fn tells_no_version(&self) -> bool {
        let may_be_tls = |one: &EncryptionCount| one.entry != Some(Entry::None);
        self.encryption.iter().any(may_be_tls) && self.encryption.iter().all(|one| one.version.is_none())
    }
}

/// Where the port of a service is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum PortSource {
    /// The person says so.
    Given,
    /// Each line of the log has it.
    Log,
    /// Its name.
    Name,
    /// What postscreen hands on came there.
    Postscreen,
    /// It is the usual one of services without a name of their own.
    Guess,
}

/// Sessions of one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EncryptionCount {
    /// How TLS began, `none` for sessions in clear; null when the log does not tell.
    pub entry: Option<Entry>,
    /// The version; null in clear, and when the log does not tell.
    pub version: Option<TlsVersion>,
    /// Sessions.
    pub sessions: u64,
    /// Those in which somebody logged in.
    pub logins: u64,
    /// Logins of which no name is known: mostly sessions in which nothing was sent, and users beyond the limit.
    pub logins_without_name: u64,
}

/// Logins by one mechanism.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MechanismCount {
    /// Its name; null where the log does not tell it, mostly for sessions in which nothing was sent.
    pub mechanism: Option<Arc<str>>,
    /// Logins.
    pub logins: u64,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct User {
    /// The name they logged in by.
    pub user: String,
    /// Sessions in which they logged in by this name; where the name comes with the first message, as in Postfix's log, those in
    /// which something was sent.
    pub logins: u64,
    /// So many more logins they may have, from before their name was kept; 0 where nobody's name had to go.
    #[serde(default)]
    pub logins_missed_at_most: u64,
    /// Messages they sent.
    pub messages: u64,
    /// When they were last seen.
    pub last: Stamp,
    /// What they used, the last use first.
    pub uses: Vec<Use>,
}

/// One way in which a user logs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Use {
    /// The service's name in the log.
    pub service: Arc<str>,
    /// Its port, where that is known.
    pub port: Option<u16>,
    /// How TLS began, `none` in clear; null when the log does not tell.
    pub entry: Option<Entry>,
    /// The version of TLS; null in clear, and when the log does not tell.
    pub version: Option<TlsVersion>,
    /// The mechanism.
    pub mechanism: Option<Arc<str>>,
    /// Sessions.
    pub logins: u64,
    /// Messages.
    pub messages: u64,
    /// When last.
    pub last: Stamp,
}

/// A network from which somebody logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NetworkUse {
    /// A /24 of IPv4 or a /48 of IPv6.
    pub network: String,
    /// Logins from there.
    pub logins: u64,
    /// When last.
    pub last: Stamp,
    /// The services they were at, in the order in which they were first used.
    pub services: Vec<Arc<str>>,
}

/// What a reader has at its end.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) options: Options,
    pub(super) services: Vec<KnownDoor>,
    pub(super) lines: Lines,
    pub(super) range: Option<(Stamp, Stamp)>,
    pub(super) tally: Tally,
}

/// Makes a report of the counts.
pub(super) fn make(counted: Counted) -> Usage {
    let Counted {
        options,
        services,
        lines,
        range,
        mut tally,
    } = counted;
    let mechanisms: Vec<Arc<str>> = tally.mechanisms.into_texts().into_iter().map(Arc::from).collect();
    tally.services.resize_with(services.len(), ServiceTally::default);
    // Where lines of a server have signs of TLS, a line without one is of a session in clear.
    let mut has_signs = [false; SERVERS.len()];
    for (door, tally) in services.iter().zip(&tally.services) {
        has_signs[door.server] |= [Way::Encrypted, Way::Cut]
            .into_iter()
            .any(|way| tally.sessions(way) > 0);
    }
    let known: Vec<Known> = services
        .into_iter()
        .zip(tally.services)
        .map(|(door, tally)| Known::of(has_signs[door.server], door, tally, &options))
        .collect();
    let mut users_of = vec![0; known.len()];
    let (others, most) = (tally.users.others(), tally.users.most_of_others());
    let users = users(tally.users.into_names(), tally.rows, &known, &mechanisms, &mut users_of);
    let mut networks: Vec<NetworkUse> = tally
        .networks
        .into_iter()
        .map(|(network, tally)| NetworkUse {
            network: network.to_string(),
            logins: tally.services.iter().map(|(_, logins)| u64::from(*logins)).sum(),
            last: tally.last.stamp,
            services: tally
                .services
                .iter()
                .map(|(service, _)| Arc::clone(&known[usize::from(*service)].name))
                .collect(),
        })
        .collect();
    networks.sort_unstable_by(|one, other| {
        other
            .logins
            .cmp(&one.logins)
            .then_with(|| one.network.cmp(&other.network))
    });
    let mut services: Vec<Service> = known
        .into_iter()
        .zip(users_of)
        .filter(|(service, _)| !service.is_empty())
        .map(|(service, users)| service.into_service(users, &mechanisms))
        .collect();
    services
        .sort_by(|one, other| (other.logins, other.sessions, &one.name).cmp(&(one.logins, one.sessions, &other.name)));
    Usage {
        schema: Usage::SCHEMA.to_owned(),
        tool: TOOL.to_owned(),
        anonymised: false,
        from: range.map(|(first, _)| first),
        until: range.map(|(_, last)| last),
        lines,
        services,
        users,
        logins_beyond_users: tally.other_users,
        users_beyond_at_least: others,
        logins_of_one_beyond_at_most: most,
        networks,
        logins_beyond_networks: tally.other_networks,
    }
}

fn users(
    names: impl Iterator<Item = (String, u64)>,
    rows: Vec<Vec<Row>>,
    services: &[Known],
    mechanisms: &[Arc<str>],
    users_of: &mut [u64],
) -> Vec<User> {
    let mut users = Vec::with_capacity(rows.len());
    for ((user, missed), mut rows) in names.zip(rows) {
        // A session with a name may be cut off before anything is counted.
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.last.line));
        let Some(last) = rows.first().map(|row| row.last.stamp) else {
            continue;
        };
        let mut uses: Vec<Use> = Vec::with_capacity(rows.len());
        for row in &rows {
            let service = &services[usize::from(row.service)];
            let (entry, version) = service.resolved(row.way, row.version());
            let mechanism = mechanisms.get(row.mechanism()).cloned();
            let (logins, messages) = (u64::from(row.logins), u64::from(row.messages));
            // Two ways may turn out to be one.
            let same = uses.iter_mut().find(|one| {
                *one.service == *service.name
                    && (one.entry, one.version, &one.mechanism) == (entry, version, &mechanism)
            });
            if let Some(one) = same {
                one.logins += logins;
                one.messages += messages;
                continue;
            }
            if !uses.iter().any(|one| *one.service == *service.name) {
                users_of[usize::from(row.service)] += 1;
            }
            uses.push(Use {
                service: Arc::clone(&service.name),
                port: service.port.map(|(port, _)| port),
                entry,
                version,
                mechanism,
                logins,
                messages,
                last: row.last.stamp,
            });
        }
        users.push(User {
            user,
            logins: uses.iter().map(|one| one.logins).sum(),
            logins_missed_at_most: missed,
            messages: uses.iter().map(|one| one.messages).sum(),
            last,
            uses,
        });
    }
    users.sort_unstable_by(|one, other| other.logins.cmp(&one.logins).then_with(|| one.user.cmp(&other.user)));
    users
}

/// A service, with what can be said of it when all is counted.
struct Known {
    name: Arc<str>,
    server: &'static dyn Server,
    shared: bool,
    port: Option<(u16, PortSource)>,
    tls_logged: bool,
    /// There are sessions that begin with TLS, or the server said that there may be.
    implicit: bool,
    /// There are sessions that begin in clear.
    starttls: bool,
    /// A line without a sign of TLS is of a session in clear.
    has_signs: bool,
    tally: ServiceTally,
}

impl Known {
    fn of(has_signs: bool, door: KnownDoor, tally: ServiceTally, options: &Options) -> Known {
        let server = SERVERS[door.server];
        let name = text(door.name.into());
        let named = server.port(&name);
        let name = door.port.map_or_else(|| name.clone(), |port| format!("{name}/{port}"));
        let given = options.ports.get(&name).map(|port| (*port, PortSource::Given));
        let told = door.port.map(|port| (port, PortSource::Log));
        let shared = matches!(named, Named::Shared(_)) && given.or(told).is_none();
        let port = given.or(told).or(match named {
            Named::Port(port) => Some((port, PortSource::Name)),
            Named::Shared(usual) => match tally.screened.as_slice() {
                [(port, _)] => Some((*port, PortSource::Postscreen)),
                // Clients of port 25 never begin with TLS: then there is another port behind the name.
                [] if tally.sessions(Way::Implicit) == 0 => usual.map(|port| (port, PortSource::Guess)),
                _ => None,
            },
            Named::Unknown => None,
        });
        let told = |way: Way| &tally.counts[way as usize][..VERSIONS - 1];
        let any = |way: Way| tally.sessions(way) > 0;
        let tls_logged = Way::ALL
            .iter()
            .any(|way| told(*way).iter().any(|count| count.sessions > 0))
            || [Way::Implicit, Way::Encrypted, Way::Clear].into_iter().any(any);
        let implicit = any(Way::Implicit) || tally.opened.contains(&Entry::Implicit);
        // Whoever speaks in clear does so at a port that does not begin with TLS.
        let in_clear = any(Way::Clear) || (has_signs && any(Way::Unmarked)) || tally.opened.contains(&Entry::None);
        let starttls = any(Way::Starttls) || in_clear;
        Known {
            name: name.into(),
            server,
            shared,
            port,
            tls_logged,
            implicit,
            starttls,
            has_signs,
            tally,
        }
    }

    /// True when nobody came: only postscreen may have heard of it.
    fn is_empty(&self) -> bool {
        let tally = &self.tally;
        tally.failed_handshakes + tally.failed_logins + tally.refused + tally.messages == 0
            && tally.counts.iter().flatten().all(|count| count.sessions == 0)
    }

    /// How a session began, as far as all sessions of its service together tell: a service of its own begins either with
    /// TLS or in clear, and a shared one may do both.
    fn resolved(&self, way: Way, version: Option<TlsVersion>) -> (Option<Entry>, Option<TlsVersion>) {
        let (implicit, starttls) = (self.implicit, self.starttls);
        let entry = match way {
            Way::Implicit => Some(Entry::Implicit),
            Way::Starttls => Some(Entry::Starttls),
            Way::Encrypted if self.shared || implicit == starttls => None,
            Way::Encrypted => Some(if implicit { Entry::Implicit } else { Entry::Starttls }),
            Way::Cut => None,
            Way::Clear => Some(Entry::None),
            Way::Unmarked => self.has_signs.then_some(Entry::None),
            Way::Silent if starttls => (self.tally.untold == 0 || self.tls_logged).then_some(Entry::None),
            Way::Silent if implicit && !self.shared => Some(Entry::Implicit),
            // Commands that are not told, as in old releases, and TLS that is logged.
            Way::Silent => {
                let begins_in_clear = self.shared || self.port.is_some_and(|(port, _)| port != 465);
                (self.tls_logged && begins_in_clear).then_some(Entry::None)
            }
        };
        (entry, version)
    }

    fn into_service(self, users: u64, mechanisms: &[Arc<str>]) -> Service {
        let mut encryption: Vec<EncryptionCount> = Vec::new();
        for way in Way::ALL {
            for (place, count) in self.tally.counts[way as usize].iter().enumerate() {
                if count.sessions == 0 {
                    continue;
                }
                let (entry, version) = self.resolved(way, TlsVersion::ALL.get(place).copied());
                let known = encryption
                    .iter()
                    .position(|one| (one.entry, one.version) == (entry, version));
                let at = known.unwrap_or_else(|| {
                    encryption.push(EncryptionCount {
                        entry,
                        version,
                        sessions: 0,
                        logins: 0,
                        logins_without_name: 0,
                    });
                    encryption.len() - 1
                });
                encryption[at].sessions += count.sessions;
                encryption[at].logins += count.logins;
                encryption[at].logins_without_name += count.nameless;
            }
        }
        encryption.sort_by_key(|one| std::cmp::Reverse(one.sessions));
        let tally = &self.tally;
        let mut by_mechanism: Vec<MechanismCount> = tally
            .mechanisms
            .iter()
            .map(|(mechanism, logins)| MechanismCount {
                mechanism: usize::try_from(*mechanism)
                    .ok()
                    .and_then(|at| mechanisms.get(at))
                    .cloned(),
                logins: *logins,
            })
            .collect();
        by_mechanism.sort_by(|one, other| {
            other
                .logins
                .cmp(&one.logins)
                .then_with(|| one.mechanism.cmp(&other.mechanism))
        });
        let mut service = Service {
            name: self.name.to_string(),
            server: self.server.name().to_owned(),
            shared: self.shared,
            port: self.port.map(|(port, _)| port),
            port_from: self.port.map(|(_, from)| from),
            sessions: encryption.iter().map(|one| one.sessions).sum(),
            partial_sessions: tally.partial,
            logins: encryption.iter().map(|one| one.logins).sum(),
            failed_logins: tally.failed_logins,
            failed_handshakes: tally.failed_handshakes,
            messages: tally.messages,
            refused: tally.refused,
            users,
            tls_logged: self.tls_logged,
            commands_untold: tally.untold > 0,
            encryption,
            mechanisms: by_mechanism,
            authenticators: self.server.mechanisms() == Mechanisms::Configured,
            reads: self.server.reads(&self.name),
            lacks: Vec::new(),
        };
        service.lacks = self.server.lacks(&service);
        service
    }
}

impl Usage {
    /// What [`Usage::schema`] says.
    pub const SCHEMA: &'static str = "smtplint/usage/1";

    /// Reads what `smtplint usage --format json` has printed.
    ///
    /// # Errors
    /// In a few words, what is wrong with it.
    pub fn parse(text: &str) -> Result<Usage, String> {
        json::parse(text, Usage::SCHEMA, |usage: &Usage| &usage.schema)
    }

    /// Puts words in the place of the names of users and networks: `user-1` is the one with most logins.
    pub fn anonymise(&mut self) {
        self.anonymised = true;
        for (user, number) in self.users.iter_mut().zip(1..) {
            user.user = format!("user-{number}");
        }
        for (network, number) in self.networks.iter_mut().zip(1..) {
            network.network = format!("network-{number}");
        }
    }
}
