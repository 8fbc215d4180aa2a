//! Who loses what through a change: computed from the facts before and after, at every listener, never declared.

mod evidence;

use serde::Serialize;

use crate::facts::{
    Actor, Assurance, Channel, Entry, Fact, Listener, Outcome, Recipient, Role, Server, Tls, TlsVersion, Value,
};
use crate::gather::Index;
use crate::report::merge::enumerated;
use crate::tls::suite::Suite;

/// Somebody who got something before and does not, or may not, afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The listener's id, or that of a way on which mail leaves.
    pub listener: String,
    /// How people speak of it.
    pub place: String,
    /// Who.
    pub who: Who,
    /// False when an open question decides.
    pub certain: bool,
    /// The port, where it is known.
    pub port: Option<u16>,
    /// Who that is by a log, where one was given.
    pub seen: Option<String>,
}

/// Who loses something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// Everybody: nothing listens there any more.
    Everybody,
    /// Other servers with mail for this one's users, whether they use TLS or not.
    IncomingMail,
    /// The same, as far as they send without TLS.
    IncomingMailInClear,
    /// Whoever hands in mail for this server's own users without a login, at a port that is not for other servers.
    DeliveryWithoutLogin,
    /// Trusted machines that send without a login.
    Trusted,
    /// Machines in these networks, which are not trusted any more; without a name it is the networks that the machine is in.
    NotTrusted(Vec<String>),
    /// Trusted machines that send without TLS.
    TrustedInClear,
    /// Users who have logged in.
    Users,
    /// Users who log in there, where no login is taken any more.
    Logins,
    /// Users who send or log in without TLS.
    UsersInClear,
    /// Clients that begin with TLS at the first byte.
    ImplicitTls,
    /// Clients that begin in clear and ask for TLS then.
    Starttls,
    /// Clients that speak nothing newer than these versions.
    OldTls(Vec<TlsVersion>),
    /// Clients that know no other suites than these.
    Suites(Vec<&'static str>),
    /// Users whose clients know no other mechanisms than PLAIN and LOGIN.
    PlaintextMechanisms,
    /// Users whose clients know no other mechanisms than these.
    Mechanisms(Vec<String>),
    /// Mail that leaves, while the other side offers no TLS.
    OutgoingMail,
}

/// What a change costs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Impact {
    /// Who loses what, by listener.
    pub losses: Vec<Loss>,
    /// What a log has shown to cost nobody anything.
    pub cleared: Vec<Loss>,
    /// Findings that come to light with the change and are no better than the one it mends, one sentence each.
    pub reveals: Vec<String>,
}

impl Impact {
    /// True when nobody loses anything.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.losses.is_empty()
    }

    /// What a change costs, by the facts before and after it.
    #[must_use]
    pub fn between(before: &Server, after: &Server) -> Impact {
        let mut losses = Vec::new();
        for listener in before.listeners.iter().filter(|listener| listener.is_alive()) {
            // A service may get another name and stay what it is.
            let now = after.listeners.iter().find(|now| now.id == listener.id).or_else(|| {
                let is_there = |now: &&Listener| {
                    now.port.value == listener.port.value && now.address.value == listener.address.value
                };
                after
                    .listeners
                    .iter()
                    .find(is_there)
                    .filter(|_| listener.known_port().is_some())
            });
            let mut lost = Lost {
                listener,
                losses: &mut losses,
            };
            match now.filter(|now| now.is_alive()) {
                Some(now) => lost.compare(now),
                None => lost.add(Who::Everybody, true),
            }
        }
        for way in before.outbound.iter().filter(|way| way.is_in_use()) {
            let now = after.outbound.iter().find(|now| now.id == way.id);
            let stops = now.is_none_or(|now| now.stuck.is_some() && way.stuck.is_none());
            let stricter = now.is_some_and(|now| {
                let needs_none = |tls: &Assurance| matches!(tls, Assurance::None | Assurance::Optional);
                way.tls.known().is_some_and(needs_none) && now.tls.known().is_some_and(|tls| !needs_none(tls))
            });
            if stops || stricter {
                let place = way
                    .spoken_host()
                    .map_or_else(|| "outgoing mail".to_owned(), |host| format!("mail to {host}"));
                losses.push(Loss {
                    listener: way.id.clone(),
                    place,
                    who: Who::OutgoingMail,
                    certain: true,
                    port: None,
                    seen: None,
                });
            }
        }
        Impact {
            losses,
            cleared: Vec::new(),
            reveals: Vec::new(),
        }
    }

    /// What clients lack at another listener that they need where they are, however they are set up: versions of TLS, suites and
    /// mechanisms.
    pub(crate) fn of_moving(from: &Listener, to: &Listener) -> Impact {
        let mut losses = Vec::new();
        let mut lost = Lost {
            listener: from,
            losses: &mut losses,
        };
        lost.logins(to);
        lost.handshakes(to);
        losses.retain(|loss| {
            matches!(
                loss.who,
                Who::OldTls(_) | Who::Suites(_) | Who::PlaintextMechanisms | Who::Mechanisms(_)
            )
        });
        for loss in &mut losses {
            loss.place = to.spoken();
        }
        Impact {
            losses,
            ..Impact::default()
        }
    }

    /// One sentence for each kind of loss, the listeners named.
    #[must_use]
    pub fn spoken(&self) -> Vec<String> {
        spoken(&self.losses)
    }

    /// The same of what a log has shown to cost nobody anything.
    #[must_use]
    pub fn cleared_spoken(&self) -> Vec<String> {
        spoken(&self.cleared)
    }
}

fn spoken(losses: &[Loss]) -> Vec<String> {
    let mut kinds: Vec<(&Loss, Vec<String>, Vec<String>)> = Vec::new();
    for loss in losses {
        let is_alike = |first: &Loss| first.who == loss.who && first.certain == loss.certain;
        let seen = loss.seen.clone().into_iter();
        match kinds.iter_mut().find(|(first, ..)| is_alike(first)) {
            Some((_, places, all_seen)) => {
                places.push(loss.place.clone());
                all_seen.extend(seen);
            }
            None => kinds.push((loss, vec![loss.place.clone()], seen.collect())),
        }
    }
    let sentence = |(loss, places, seen): (&Loss, Vec<String>, Vec<String>)| {
        let perhaps = if loss.certain {
            ""
        } else {
            " (perhaps: an open question decides)"
        };
        let seen = if seen.is_empty() {
            String::new()
        } else {
            format!("; {}", seen.join(", and "))
        };
        format!("{}: {}{perhaps}{seen}", enumerated(&places), loss.who)
    };
    kinds.into_iter().map(sentence).collect()
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Who::Everybody => "nobody is served there any more",
            Who::IncomingMail => "other servers can bring no mail any more",
            Who::IncomingMailInClear => "other servers that send without TLS can bring no mail any more",
            Who::DeliveryWithoutLogin => "whoever hands in mail for your own users without logging in is turned away",
            Who::Trusted => "machines in trusted networks that send without logging in are turned away",
            Who::TrustedInClear => "machines in trusted networks that send without TLS are turned away",
            Who::Users => "users who have logged in are turned away",
            Who::Logins => "nobody can log in there any more: users need another port",
            Who::UsersInClear => "users whose clients send or log in without TLS are turned away",
            Who::ImplicitTls => "clients set to SSL/TLS cannot connect; they have to be set to STARTTLS",
            Who::Starttls => "clients set to STARTTLS cannot connect; they have to be set to SSL/TLS",
            Who::PlaintextMechanisms => "clients that know only PLAIN and LOGIN cannot log in",
            Who::OutgoingMail => "it waits in the queue while the other side offers no TLS",
            Who::NotTrusted(networks) => {
                let named = if networks.is_empty() { "the networks around the server".to_owned() } else { enumerated(networks) };
                return write!(f, "machines in {named} are not trusted any more: what they send to others without logging in is refused");
            }
            Who::Mechanisms(names) => {
                return write!(
                    f,
                    "clients that know no other mechanism than {} cannot log in",
                    enumerated(names)
                );
            }
            Who::OldTls(versions) => {
                let names: Vec<String> = versions.iter().map(ToString::to_string).collect();
                return write!(
                    f,
                    "clients that speak only {} cannot connect with TLS",
                    enumerated(&names)
                );
            }
            Who::Suites(suites) => {
                let names: Vec<String> = suites.iter().take(3).map(|&name| name.to_owned()).collect();
                let more = suites.len().saturating_sub(3);
                let more = if more > 0 {
                    format!(" and {more} more")
                } else {
                    String::new()
                };
                return write!(
                    f,
                    "clients that know none but suites that are left out ({}{more}) cannot connect with TLS",
                    names.join(", ")
                );
            }
        })
    }
}

/// What one listener's clients lose.
struct Lost<'a> {
    listener: &'a Listener,
    losses: &'a mut Vec<Loss>,
}

impl Lost<'_> {
    fn add(&mut self, who: Who, certain: bool) {
        let loss = Loss {
            listener: self.listener.id.clone(),
            place: self.listener.spoken(),
            who,
            certain,
            port: self.listener.known_port(),
            seen: None,
        };
        let is_known = |known: &&mut Loss| known.listener == loss.listener && known.who == loss.who;
        match self.losses.iter_mut().find(is_known) {
            Some(known) => known.certain |= loss.certain,
            None => self.losses.push(loss),
        }
    }

    fn compare(&mut self, now: &Listener) {
        if let (Some(was), Some(is)) = (self.listener.tls.entry.known(), now.tls.entry.known()) {
            match (was, is) {
                (Entry::Implicit, Entry::Starttls | Entry::None) => return self.add(Who::ImplicitTls, true),
                (Entry::Starttls | Entry::None, Entry::Implicit) => return self.add(Who::Starttls, true),
                _ => {}
            }
        }
        self.outcomes(now);
        self.trust(now);
        self.logins(now);
        self.handshakes(now);
    }

    fn outcomes(&mut self, now: &Listener) {
        let is_mx = now.known_role() != Role::Submission;
        let lost = |actor, channel, recipient| {
            let cell = |listener: &Listener| listener.outcomes.at(actor, channel, recipient).map(Fact::outcome);
            match (cell(self.listener)?, cell(now)?) {
                (Outcome::Accepted, Outcome::Accepted | Outcome::Dead(_))
                | (Outcome::Unknown(_), Outcome::Unknown(_) | Outcome::Accepted) => None,
                (Outcome::Accepted, Outcome::Unknown(_)) => Some(false),
                (Outcome::Accepted, _) => Some(true),
                (Outcome::Unknown(_), _) => Some(false),
                _ => None,
            }
        };
        let rows = [
            // That a stranger can no longer relay is what is wanted.
            (
                Actor::Stranger,
                Recipient::Local,
                if is_mx {
                    (Who::IncomingMail, Who::IncomingMailInClear)
                } else {
                    (Who::DeliveryWithoutLogin, Who::DeliveryWithoutLogin)
                },
            ),
            (Actor::Trusted, Recipient::Foreign, (Who::Trusted, Who::TrustedInClear)),
            (Actor::Trusted, Recipient::Local, (Who::Trusted, Who::TrustedInClear)),
            (
                Actor::Authenticated,
                Recipient::Foreign,
                (Who::Users, Who::UsersInClear),
            ),
            (Actor::Authenticated, Recipient::Local, (Who::Users, Who::UsersInClear)),
        ];
        let found: Vec<(Who, bool)> = rows
            .into_iter()
            .filter_map(|(actor, recipient, (all, in_clear))| {
                match (
                    lost(actor, Channel::Tls, recipient),
                    lost(actor, Channel::Clear, recipient),
                ) {
                    (Some(certain), _) => Some((all, certain)),
                    (None, Some(certain)) => Some((in_clear, certain)),
                    (None, None) => None,
                }
            })
            .collect();
        for (who, certain) in found {
            self.add(who, certain);
        }
    }

    /// The table has one trusted client; which networks it stands for is told by their list.
    fn trust(&mut self, now: &Listener) {
        let (Some(was), Some(is)) = (self.listener.trusted.known(), now.trusted.known()) else {
            return;
        };
        let sends = [Channel::Clear, Channel::Tls].into_iter().any(|channel| {
            let cell = self.listener.outcomes.at(Actor::Trusted, channel, Recipient::Foreign);
            cell.is_some_and(|cell| matches!(cell.outcome(), Outcome::Accepted | Outcome::Unknown(_)))
        });
        let kept = Index::of(&is.patterns.surely);
        let gone: Vec<String> = was
            .patterns
            .surely
            .iter()
            .filter(|pattern| !kept.contains(pattern))
            .cloned()
            .collect();
        let style_is_gone = was.style.is_some() && is.style.is_none();
        if sends && (style_is_gone || !gone.is_empty()) {
            self.add(Who::NotTrusted(gone), true);
        }
    }

    fn logins(&mut self, now: &Listener) {
        let (was, is) = (&self.listener.auth, &now.auth);
        // Where AUTH stays for others, those who send the password itself may lose it all the same.
        let shown_in_clear = || {
            lost(
                &was.mechanisms.plaintext_before_tls,
                &is.mechanisms.plaintext_before_tls,
            )
        };
        let in_clear = match was.before_tls.surely_not() {
            true => None,
            false => lost(&was.before_tls, &is.before_tls).or_else(shown_in_clear),
        };
        let inside = lost(&was.after_tls, &is.after_tls);
        let plaintext = lost(&was.mechanisms.plaintext_after_tls, &is.mechanisms.plaintext_after_tls);
        match (inside, in_clear) {
            (Some(certain), _) => {
                let of_users = |loss: &Loss| {
                    loss.listener == self.listener.id && matches!(loss.who, Who::Users | Who::UsersInClear)
                };
                self.losses.retain(|loss| !of_users(loss));
                self.add(Who::Logins, certain);
            }
            (None, Some(certain))
                if !self
                    .losses
                    .iter()
                    .any(|loss| loss.listener == self.listener.id && loss.who == Who::UsersInClear) =>
            {
                self.add(Who::UsersInClear, certain);
            }
            _ => {}
        }
        if let (Some(old), Some(new)) = (was.mechanisms.picked.known(), is.mechanisms.picked.known()) {
            let gone: Vec<String> = old
                .surely
                .iter()
                .filter(|name| !new.surely.contains(name))
                .map(|name| name.to_ascii_uppercase())
                .collect();
            if !gone.is_empty() && !new.surely.is_empty() {
                self.add(Who::Mechanisms(gone), true);
            }
        }
        if let (Some(certain), None) = (plaintext, inside) {
            self.add(Who::PlaintextMechanisms, certain);
        }
    }

    fn handshakes(&mut self, now: &Listener) {
        let (was, is) = (&self.listener.tls, &now.tls);
        let offers = |entry: &Fact<Entry>| entry.known().is_some_and(|entry| *entry != Entry::None);
        if !offers(&was.entry) || !offers(&is.entry) || was.works.surely_not() || is.works.surely_not() {
            return;
        }
        if let (Value::Is(old), Value::Is(new)) = (&was.versions.value, &is.versions.value) {
            let gone = |version: &&TlsVersion| old.has(version) && new.holds(version) != Some(true);
            let gone: Vec<TlsVersion> = TlsVersion::ALL.iter().filter(gone).copied().collect();
            let is_open = |tls: &Tls, version: &TlsVersion| tls.open.iter().any(|(open, _)| open == version);
            let perhaps = |version: &&TlsVersion| {
                is_open(was, version) && !is_open(is, version) && new.holds(version) == Some(false)
            };
            let perhaps: Vec<TlsVersion> = TlsVersion::ALL.iter().filter(perhaps).copied().collect();
            if !perhaps.is_empty() {
                self.add(Who::OldTls(perhaps), false);
            }
            if !gone.is_empty() {
                let certain = gone.iter().all(|version| new.holds(version) == Some(false));
                self.add(Who::OldTls(gone), certain);
                // Whoever speaks none of the versions left has no use for suites.
                return;
            }
        }
        if let (Some(old), Some(new)) = (&was.suites, &is.suites)
            && let (Value::Is(old), Value::Is(new)) = (&old.value, &new.value)
        {
            // A client that offers nothing better than no certificate or no encryption is none that anybody means to serve.
            let counts = |suite: &Suite| !suite.is_anonymous() && !suite.is_null();
            let left = new.which(|_| true);
            let gone: Vec<&'static str> = old
                .which(counts)
                .into_iter()
                .filter(|one| !left.contains(one))
                .map(|one| one.openssl.unwrap_or(one.name))
                .collect();
            if !gone.is_empty() {
                self.add(Who::Suites(gone), true);
            }
        }
    }
}

/// Whether something that was so is not so, or may not be.
fn lost(was: &Fact<bool>, is: &Fact<bool>) -> Option<bool> {
    match (was.known(), is.known()) {
        (Some(true), Some(false)) => Some(true),
        (Some(true), None) | (None, Some(false)) => Some(false),
        _ => None,
    }
}
