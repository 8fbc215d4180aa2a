//! The two ports for users, and what a listener is as one of them.

use crate::facts::{Actor, Channel, Entry, Fact, Listener, Outcome, Recipient, Role, Server, TlsVersion};

/// The ports for users: STARTTLS on the first, implicit TLS on the second.
pub(crate) const PORTS: [u16; 2] = [587, 465];

/// The other one of the two.
pub(crate) fn other(port: u16) -> u16 {
    PORTS.into_iter().find(|one| *one != port).unwrap_or(port)
}

/// True for the port, by its number, or by its name where the number is open.
pub(crate) fn is_at(listener: &Listener, port: u16) -> bool {
    match listener.known_port() {
        Some(known) => known == port,
        None => (port == 465) == listener.is_implicit_port() && listener.known_role() == Role::Submission,
    }
}

/// The listeners at the port.
pub(crate) fn at(server: &Server, port: u16) -> impl Iterator<Item = &Listener> {
    server.listeners.iter().filter(move |one| is_at(one, port))
}

/// True where the session begins as the clients of the port begin it.
pub(crate) fn begins_rightly(listener: &Listener, port: u16) -> bool {
    let expected = if port == 465 { Entry::Implicit } else { Entry::Starttls };
    listener.tls.entry.known() == Some(&expected)
}

/// Those that serve users on the port now.
pub(crate) fn in_use(server: &Server, port: u16) -> Vec<&Listener> {
    let serves = |one: &&Listener| {
        one.known_role() == Role::Submission
            && one.is_alive()
            && one.auth.after_tls.surely()
            && begins_rightly(one, port)
    };
    at(server, port).filter(serves).collect()
}

/// Whether a client is accepted; `None` when that is not known.
pub(crate) fn taken(listener: &Listener, actor: Actor, channel: Channel, recipient: Recipient) -> Option<bool> {
    match listener.outcomes.at(actor, channel, recipient).map(Fact::outcome) {
        Some(Outcome::Unknown(_)) | None => None,
        Some(outcome) => Some(outcome == Outcome::Accepted),
    }
}

/// Whether a client is accepted inside TLS; `None` when that is not known.
pub(crate) fn accepted(listener: &Listener, actor: Actor, recipient: Recipient) -> Option<bool> {
    taken(listener, actor, Channel::Tls, recipient)
}

/// True when a version before TLS 1.2 is offered, or may be.
pub(super) fn may_offer_old(listener: &Listener) -> bool {
    let tls = &listener.tls;
    if matches!(tls.entry.known(), Some(Entry::None)) || tls.works.surely_not() {
        return false;
    }
    let is_old = |version: &TlsVersion| *version < TlsVersion::Tls12;
    let offered = tls.versions.known();
    offered.is_none_or(|offered| offered.surely.iter().any(is_old))
        || tls.open.iter().any(|(version, _)| is_old(version))
}

/// The oldest version that is surely offered.
pub(crate) fn floor(listener: &Listener) -> Option<TlsVersion> {
    listener.tls.versions.known()?.surely.iter().min().copied()
}
