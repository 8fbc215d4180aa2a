//! From what was seen to facts.

use std::rc::Rc;

use super::ask::Asking;
use super::{Announced, LIVE, Observation};
use crate::certificate::Certificate;
use crate::dialect::{Differs, Lowered};
use crate::facts::{
    Access, Actor, Auth, Because, Cause, CertificateSource, Chain, Channel, ClientCertificate, Dialogue, Entry, Fact,
    Handshake, Identity, Listener, ListenerFacts, Log, Mechanisms, Members, Outcome, Outcomes, Prime, Recipient, Role,
    Server, Session, Stage, Step, SuiteReading, Suites, Tls, TlsVersion, TlsVersions, Value,
};
use crate::question::QuestionId;
use crate::tls::openssl::{Negotiable, Release};
use crate::tls::{Key, Suite};

/// The facts of what was seen, and the questions it leaves open.
pub(super) fn lowered(seen: &Observation) -> Lowered {
    let mut lowering = Lowering {
        seen,
        asking: Asking::of(seen),
        because: Because::from(Step::Observed {
            endpoint: format!("{} port {}", seen.address, seen.port),
        }),
    };
    let server = Rc::new(lowering.server());
    Lowered {
        server,
        settings: Rc::default(),
        questions: lowering.asking.questions,
        differs: Differs {
            facts: true,
            dialogues: true,
            settings: true,
        },
    }
}

struct Lowering<'a> {
    seen: &'a Observation,
    asking: Asking<'a>,
    because: Because,
}

impl<'a> Lowering<'a> {
    fn is<T>(&self, value: T) -> Fact<T> {
        Fact::is(value, self.because.clone())
    }

    /// What was seen, or else the answer to a question.
    fn or<T>(&mut self, value: Option<T>, question: fn(&mut Asking<'a>) -> QuestionId) -> Fact<T> {
        match value {
            Some(value) => self.is(value),
            None => Fact::unknown(question(&mut self.asking), self.because.clone()),
        }
    }

    /// What only the configuration tells.
    fn hidden<T>(&mut self) -> Fact<T> {
        self.or(None, Asking::configuration)
    }

    fn server(&mut self) -> Server {
        let is_name = self.seen.host.parse::<std::net::IpAddr>().is_err();
        let name = is_name.then(|| self.seen.host.trim_end_matches('.').to_owned());
        let injected = match self.seen.entry {
            Some(Entry::Implicit | Entry::None) => Some(false),
            _ => self.seen.takes_injected,
        };
        Server {
            id: format!("{LIVE}-1"),
            takes_injected_commands: self.or(injected, Asking::injection),
            version: self.hidden(),
            name: self.or(name, Asking::name),
            now: self.seen.now,
            listeners: vec![self.listener()],
            more_listeners: Some(self.asking.other_ports()),
            ..Server::unknown(LIVE, &QuestionId("configuration".to_owned()))
        }
    }

    fn listener(&mut self) -> Listener {
        let seen = self.seen;
        let tls = Rc::new(self.tls());
        let auth = Rc::new(self.auth());
        let dead = seen.dead.clone().map(|why| self.is(Cause(why)));
        let outcomes = self.outcomes(dead.as_ref());
        let port = seen.port.to_string();
        let facts = ListenerFacts {
            id: format!("{LIVE}-1/{port}"),
            name: port.clone(),
            // Of all the addresses that it may listen at, one answered; of the machine's own nothing is to be concluded.
            address: match seen.address.is_loopback() {
                true => self.hidden(),
                false => self.is(seen.address.to_string()),
            },
            port: self.is(seen.port),
            role: self.role(),
            defined: None,
            front: None,
            service: port,
            judged_though_dead: false,
            dead,
            tls,
            auth,
            trusted: Rc::new(self.hidden()),
            access: Rc::new(self.access()),
            log: Rc::new(Log {
                name: self.hidden(),
                tls: self.hidden(),
            }),
            backs_up: self.hidden(),
            locks_out: self.hidden(),
            stumbles: self.hidden(),
            session: Rc::new(Session {
                tells_release: self.or(seen.greeting.as_deref().map(tells_release), Asking::announced),
                answers_vrfy: self.hidden(),
                unannounced: Vec::new(),
                tls_log: self.hidden(),
                log_name: self.hidden(),
                checks_on_users: Vec::new(),
            }),
            outcomes,
            exceptions: Vec::new(),
        };
        let dialogue = Dialogue {
            message_end: self.hidden(),
            stops_early_talk: self.hidden(),
        };
        Listener::new(Rc::new(facts), Rc::new(dialogue))
    }

    /// What the person says, or else what the port is registered for (RFC 8314 §7.3, RFC 6409 §3.1, RFC 5321 §4.5.4.2).
    fn role(&mut self) -> Fact<Role> {
        let port = self.seen.port;
        let assumed = |role: Role, flag: String| Fact::is(role, Step::Assumed { flag });
        let mut announced = [&self.seen.clear, &self.seen.inside].into_iter().flatten();
        match (self.seen.role, port) {
            (Some(role), _) => assumed(role, format!("--role {port}={}", role.word())),
            (None, 25) => assumed(Role::Mx, "port 25 is for mail from other servers".to_owned()),
            (None, 465 | 587) => assumed(Role::Submission, format!("port {port} is for users")),
            (None, _) if announced.any(|one| !one.mechanisms.is_empty()) => assumed(
                Role::Submission,
                format!("port {port} is for users, because it offers AUTH"),
            ),
            (None, _) => self.is(Role::Unknown),
        }
    }

    fn tls(&mut self) -> Tls {
        let seen = self.seen;
        let entry = self.or(seen.entry, Asking::announced);
        let none = seen.entry == Some(Entry::None);
        let works = if none { Some(false) } else { seen.works };
        let required = match seen.entry {
            Some(Entry::Implicit) => Some(true),
            Some(Entry::None) => Some(false),
            _ => seen.required,
        };
        let versions = self.versions();
        let open = seen
            .versions
            .iter()
            .filter(|one| one.offered.is_none())
            .map(|one| (one.version, self.asking.handshakes()))
            .collect();
        Tls {
            entry,
            hidden: self.hidden(),
            required: self.or(required, self.untried(None, Recipient::Local)),
            works: self.or(works, Asking::handshakes),
            versions,
            suites: (!none && seen.works == Some(true)).then(|| self.suites()).flatten(),
            list: None,
            open,
            other_versions: None,
            handshake: (!none && seen.works == Some(true)).then(|| self.handshake()),
            certificate: self.certificate(),
            identity: self.identity(),
            client_certificate: ClientCertificate {
                asked: self.or(seen.asks_certificate, Asking::inside),
                used: self.hidden(),
            },
        }
    }

    fn versions(&mut self) -> Fact<Members<TlsVersion>> {
        let all = &self.seen.versions;
        let offered = all.iter().filter(|one| one.offered == Some(true));
        let members = Members {
            surely: offered.map(|one| one.version).collect(),
            rest: all
                .iter()
                .any(|one| one.offered.is_none())
                .then(|| self.asking.handshakes()),
        };
        self.is(members)
    }

    /// The suites of all versions, those of the newest first, each with the versions that it was chosen with.
    fn suites(&mut self) -> Option<Fact<Suites>> {
        let spoken = || self.seen.versions.iter().rev();
        let mut offered: Vec<Negotiable> = Vec::new();
        for one in spoken() {
            for &suite in &one.suites {
                match offered.iter_mut().find(|known| known.suite == suite) {
                    Some(known) => known.versions = known.versions.with(one.version),
                    None => offered.push(Negotiable {
                        suite,
                        versions: TlsVersions::default().with(one.version),
                    }),
                }
            }
        }
        if offered.is_empty() {
            return None;
        }
        if !spoken().all(|one| one.is_whole || one.offered == Some(false)) {
            return Some(self.or(None, Asking::handshakes));
        }
        let question = QuestionId("handshakes".to_owned());
        let permitted = spoken().rev().filter(|one| one.offered == Some(true));
        let suites = Suites {
            string: "".into(),
            keys: Rc::new(vec![keys(
                offered.iter().map(|one| one.suite),
                self.seen.chains.as_deref(),
            )]),
            // The release is nobody's business here: what was chosen was chosen.
            readings: Rc::new(vec![Rc::new(SuiteReading::new(
                Release::V3_5,
                Ok(offered),
                0,
                Vec::new(),
            ))]),
            release: question.clone(),
            has_short_key: false,
            key: question,
            permitted: permitted.map(|one| one.version).collect(),
            is_stock: false,
            parts: Rc::default(),
            asked: None,
        };
        Some(self.is(suites))
    }

    fn handshake(&mut self) -> Handshake {
        let seen = self.seen;
        let orders: Vec<bool> = seen.versions.iter().filter_map(|one| one.own_order).collect();
        // One answer for all versions: where they differ, the client's order counts somewhere.
        let own_order = (!orders.is_empty()).then(|| orders.iter().all(|own| *own));
        let groups = seen.groups.as_ref().map(|groups| Members {
            surely: groups.iter().map(|&group| group.to_owned()).collect(),
            rest: None,
        });
        Handshake {
            own_order: self.or(own_order, Asking::handshakes),
            compression: self.or(seen.compression, Asking::handshakes),
            unsafe_renegotiation: self.hidden(),
            prime: self.or(seen.prime_bits.map(Prime::Bits), Asking::handshakes),
            curves: self.or(groups, Asking::handshakes),
            system_settings: self.hidden(),
        }
    }

    fn certificate(&mut self) -> Fact<CertificateSource> {
        match &self.seen.chains {
            // Handshakes succeed, and nothing is shown.
            Some(chains) if chains.is_empty() => self.is(CertificateSource::None),
            Some(_) => self.hidden(),
            None => self.or(None, Asking::certificates),
        }
    }

    fn identity(&mut self) -> Identity {
        let chains = self.seen.chains.as_ref().map(|chains| {
            let chain = |shown: &Vec<Certificate>| Chain {
                file: None,
                is_seen: true,
                certificates: shown.clone(),
                is_complete: self.is_complete(shown),
            };
            let surely = chains.iter().map(chain).collect();
            Members { surely, rest: None }
        });
        let is_empty = |chains: &Members<Chain>| chains.surely.is_empty();
        Identity {
            chains: match (chains, self.seen.entry) {
                (_, Some(Entry::None)) => None,
                (Some(chains), _) if is_empty(&chains) => None,
                (chains, _) => Some(self.or(chains, Asking::certificates)),
            },
            ..Identity::default()
        }
    }

    /// Whether clients get the issuer's certificate, unless they have it by themselves: that of an authority that serves the
    /// public they have not, since such a one issues nothing without another between.
    fn is_complete(&mut self, shown: &[Certificate]) -> Value<bool> {
        let Some((own, rest)) = shown.split_first() else {
            return Value::Is(true);
        };
        if own.is_self_issued() || rest.iter().any(|one| one.subject == own.issuer) {
            Value::Is(true)
        } else if own.is_public {
            Value::Is(false)
        } else {
            Value::Unknown(self.asking.authority())
        }
    }

    fn auth(&mut self) -> Auth {
        let seen = self.seen;
        let nothing = Announced::default();
        let before = match seen.entry {
            Some(Entry::Implicit) => Some(&nothing),
            _ => seen.clear.as_ref(),
        };
        let inside = match seen.entry {
            Some(Entry::None) => Some(&nothing),
            _ => seen.inside.as_ref(),
        };
        let offers = |one: Option<&Announced>| one.map(|one| !one.mechanisms.is_empty());
        let has = |one: Option<&Announced>, names: &[&str]| {
            one.map(|one| one.mechanisms.iter().any(|name| names.contains(&name.as_str())))
        };
        let either = |of: &dyn Fn(Option<&Announced>) -> Option<bool>| match (of(before), of(inside)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
        let mut names: Vec<String> = Vec::new();
        for name in [before, inside].into_iter().flatten().flat_map(|one| &one.mechanisms) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let names = Members {
            surely: names,
            rest: (before.is_none() || inside.is_none()).then(|| self.asking.inside()),
        };
        // Dovecot takes its own machine's sessions for safe, and offers them in clear what it offers to nobody else.
        let (offered, shown) = (offers(before), has(before, Mechanisms::PLAINTEXT));
        let [before_tls, plaintext_before_tls] = [offered, shown].map(|one| match one {
            Some(true) if self.is_from_itself() => self.or(None, Asking::stranger),
            one => self.or(one, Asking::announced),
        });
        Auth {
            before_tls,
            after_tls: self.or(offers(inside), Asking::inside),
            old_form: self.or(either(&|one| one.map(|one| one.old_form)), Asking::inside),
            backend: self.hidden(),
            hidden_from: self.hidden(),
            mechanisms: Mechanisms {
                plaintext_before_tls,
                plaintext_after_tls: self.or(has(inside, Mechanisms::PLAINTEXT), Asking::inside),
                anonymous: self.or(either(&|one| has(one, &["ANONYMOUS"])), Asking::inside),
                picked: self.is(names.clone()),
                names: self.is(names),
            },
        }
    }

    fn access(&mut self) -> Access {
        // The client that looked may name nobody unless it is told that it may.
        let announced = self.seen.inside.as_ref().or(self.seen.clear.as_ref());
        let trusted = announced.map(|one| Members {
            surely: self
                .seen
                .from
                .filter(|_| one.xclient)
                .iter()
                .map(ToString::to_string)
                .collect(),
            rest: None,
        });
        Access {
            may_name_client: self.or(trusted, Asking::announced),
            may_name_for_log: self.hidden(),
            preamble: self.hidden(),
            proxy_alone: self.hidden(),
            behind_container: self.hidden(),
            by_certificate: self.hidden(),
            any_certificate_relays: self.hidden(),
            relays_below: self.hidden(),
            relay_unguarded: self.hidden(),
            senders: self.hidden(),
            old_defaults: self.hidden(),
        }
    }

    fn outcomes(&mut self, dead: Option<&Fact<Cause>>) -> Outcomes {
        let seen = self.seen;
        Outcomes::of(|actor, channel, recipient| {
            if let Some(cause) = dead {
                return cause.clone().map(Outcome::Dead);
            }
            let refused = |stage, code| Outcome::Refused { stage, code };
            match (channel, seen.entry) {
                (Channel::Clear, Some(Entry::Implicit)) => return self.is(refused(Stage::Connect, 0)),
                (Channel::Tls, Some(Entry::None)) => return self.is(refused(Stage::Starttls, 502)),
                _ => {}
            }
            if actor != Actor::Stranger {
                return self.hidden();
            }
            let tried = seen
                .recipients
                .iter()
                .find(|one| (one.0, one.1) == (channel, recipient));
            let outcome = tried.map(|(_, _, outcome)| outcome.clone());
            // What is refused to it is refused to strangers; what it gets, it may get because it is trusted.
            if outcome == Some(Outcome::Accepted) && recipient == Recipient::Foreign && !self.is_stranger() {
                return self.or(None, Asking::stranger);
            }
            self.or(outcome, self.untried(Some(channel), recipient))
        })
    }

    /// What has to be done to know what becomes of a recipient, over one channel or any. For the postmaster alone servers make
    /// exceptions, so that a mailbox has to be named.
    fn untried(&self, channel: Option<Channel>, recipient: Recipient) -> fn(&mut Asking<'a>) -> QuestionId {
        let of_channel = |one: &&(Channel, Recipient, Outcome)| channel.is_none_or(|channel| one.0 == channel);
        let mut tried = self.seen.recipients.iter().filter(of_channel).peekable();
        match (self.seen.recipients.is_empty(), tried.peek().is_none()) {
            (true, _) => Asking::relay_test,
            // There was no session to try it in.
            (_, true) => Asking::inside,
            _ if recipient == Recipient::Local && !tried.any(|one| one.1 == recipient) => Asking::own_mailbox,
            _ => Asking::configuration,
        }
    }

    /// True when it was looked at from the server itself, which some servers trust in all things.
    fn is_from_itself(&self) -> bool {
        self.seen.from == Some(self.seen.address)
    }

    /// True when the machine that looked is surely none of the server's own networks: networks that are nobody's own are trusted
    /// by whoever uses them.
    fn is_stranger(&self) -> bool {
        let is_public = |address: std::net::IpAddr| match address {
            std::net::IpAddr::V4(one) => !(one.is_loopback() || one.is_private() || one.is_link_local()),
            std::net::IpAddr::V6(one) => !(one.is_loopback() || one.is_unique_local() || one.is_unicast_link_local()),
        };
        let near = |from: std::net::IpAddr| match (from, self.seen.address) {
            (std::net::IpAddr::V4(from), std::net::IpAddr::V4(server)) => from.octets()[..2] == server.octets()[..2],
            (std::net::IpAddr::V6(from), std::net::IpAddr::V6(server)) => from.octets()[..6] == server.octets()[..6],
            _ => false,
        };
        self.seen.from.is_some_and(|from| is_public(from) && !near(from))
    }
}

/// The kinds of keys that the server must have, by its suites and its certificates.
fn keys(suites: impl Iterator<Item = &'static Suite>, chains: Option<&[Vec<Certificate>]>) -> Vec<Key> {
    let shown = chains.into_iter().flatten().filter_map(|chain| chain.first());
    let mut keys: Vec<Key> = Vec::new();
    for key in suites
        .filter_map(Suite::needs)
        .chain(shown.filter_map(|one| Key::of(one.key)))
    {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    // Suites of TLS 1.3 tell no kind; there is a key all the same, unless nothing but anonymous ones were chosen.
    if keys.is_empty() && chains.is_none() {
        keys.push(Key::Rsa);
    }
    keys
}

/// True when a word of the greeting behind the host's name is a number with points in it, as releases have.
pub(super) fn tells_release(greeting: &str) -> bool {
    greeting.split_whitespace().skip(1).any(|word| {
        let word = word.trim_matches(['(', ')', '[', ']', ',', ';', '/']);
        let word = word.split('/').next().unwrap_or(word);
        let word = word.strip_prefix(['v', 'V']).unwrap_or(word);
        let mut parts = word.split('.');
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        parts.clone().count() > 1
            && word.parse::<std::net::IpAddr>().is_err()
            && parts.next().is_some_and(is_number)
            && parts
                .next()
                .is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()))
    })
}
