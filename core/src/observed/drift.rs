//! What a configuration says and what its port does, held against each other, fact by fact.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Observation;
use crate::facts::{Actor, Channel, Fact, Listener, Members, Outcome, Recipient, TlsVersion};
use crate::report::merge::enumerated;
use crate::tls::Suite;

/// One fact, from both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Drift"))]
pub struct Drift {
    /// Which, by its name in `inspect`: `tls.versions`, `auth.before_tls` and the like.
    pub fact: String,
    /// What the configuration says; null when it does not tell.
    pub configured: Option<String>,
    /// What was seen; null when it was not seen.
    pub seen: Option<String>,
    /// Whether both are the same; null when one of them is not known.
    pub is_same: Option<bool>,
}

/// Every fact that both sides may know. The other listener is that of the observation's own inspection.
#[must_use]
pub fn drift(configured: &Listener, seen: &Observation) -> Vec<Drift> {
    let inspection = super::inspect(seen);
    let Some(live) = inspection.server.listeners.first() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let mut add = |fact: &str, configured: Option<String>, seen: Option<String>| {
        let is_same = configured.as_ref().zip(seen.as_ref()).map(|(one, other)| one == other);
        all.push(Drift {
            fact: fact.to_owned(),
            configured,
            seen,
            is_same,
        });
    };
    let said = |fact: &Fact<bool>| fact.known().map(|is| if *is { "yes" } else { "no" }.to_owned());
    let entry = |one: &Listener| one.tls.entry.known().map(|entry| entry.word().to_owned());
    let serves = |one: &Listener| Some(if one.is_alive() { "yes" } else { "no" }.to_owned());
    add("serves", serves(configured), serves(live));
    if !configured.is_alive() || !live.is_alive() {
        return all;
    }
    add("tls.entry", entry(configured), entry(live));
    add("tls.required", said(&configured.tls.required), said(&live.tls.required));
    add("tls.works", said(&configured.tls.works), said(&live.tls.works));
    if configured.tls.works.surely() && live.tls.works.surely() {
        let versions = |one: &Listener| members(&one.tls.versions, TlsVersion::to_string);
        add("tls.versions", versions(configured), versions(live));
        let (mine, theirs) = suites(configured, live);
        add("tls.suites", mine, theirs);
        let order = |one: &Listener| {
            one.tls
                .handshake
                .as_ref()
                .and_then(|handshake| said(&handshake.own_order))
        };
        add("tls.server_preference", order(configured), order(live));
        let asked = |one: &Listener| said(&one.tls.client_certificate.asked);
        add("tls.client_certificate", asked(configured), asked(live));
        let chains = |one: &Listener| {
            one.tls
                .identity
                .chains
                .as_ref()
                .and_then(|chains| members(chains, certificate))
        };
        add("tls.chains", chains(configured), chains(live));
    }
    add(
        "auth.before_tls",
        said(&configured.auth.before_tls),
        said(&live.auth.before_tls),
    );
    add(
        "auth.after_tls",
        said(&configured.auth.after_tls),
        said(&live.auth.after_tls),
    );
    let mechanisms = |one: &Listener| members(&one.auth.mechanisms.names, Clone::clone);
    add("auth.mechanisms", mechanisms(configured), mechanisms(live));
    for (channel, of_channel) in [(Channel::Clear, "clear"), (Channel::Tls, "tls")] {
        for (recipient, of_recipient) in [(Recipient::Local, "local"), (Recipient::Foreign, "foreign")] {
            if !seen.recipients.iter().any(|one| (one.0, one.1) == (channel, recipient)) {
                continue;
            }
            let outcome = |one: &Listener| one.outcomes.at(Actor::Stranger, channel, recipient).and_then(outcome);
            add(
                &format!("outcomes.stranger.{of_channel}.{of_recipient}"),
                outcome(configured),
                outcome(live),
            );
        }
    }
    all
}

/// What a stranger gets; at which point of the session it is refused both sides may see differently.
fn outcome(fact: &Fact<Outcome>) -> Option<String> {
    let word = match fact.outcome() {
        Outcome::Accepted => "accepted",
        Outcome::Refused { .. } | Outcome::Deferred { .. } => "refused",
        Outcome::Dead(_) => "dead",
        Outcome::Unknown(_) => return None,
    };
    Some(word.to_owned())
}

/// All members, in one order, where there are no others.
fn members<T>(fact: &Fact<Members<T>>, show: impl Fn(&T) -> String) -> Option<String> {
    let members = fact.known().filter(|members| members.rest.is_none())?;
    Some(listed(members.surely.iter().map(show)))
}

fn listed(words: impl Iterator<Item = String>) -> String {
    let words: BTreeSet<String> = words.collect();
    if words.is_empty() {
        return "none".to_owned();
    }
    enumerated(&words.into_iter().collect::<Vec<_>>())
}

/// The server's own certificate: the same one, if it names the same, is valid as long, and has a key as long.
fn certificate(chain: &crate::facts::Chain) -> String {
    chain.own().map_or_else(
        || "an empty chain".to_owned(),
        |own| {
            let until = crate::certificate::day(own.not_after);
            format!(
                "{} of {} bits until {until}, issued by {}",
                own.subject, own.bits, own.issuer
            )
        },
    )
}

/// The suites of both sides: where they differ, those that the other side does not have.
fn suites(configured: &Listener, live: &Listener) -> (Option<String>, Option<String>) {
    let of = |one: &Listener| -> Vec<BTreeSet<&'static str>> {
        let Some(suites) = one.tls.suites.as_ref().and_then(Fact::known) else {
            return Vec::new();
        };
        let names = |all: Vec<&'static Suite>| {
            all.into_iter()
                .map(|suite| suite.openssl.unwrap_or(suite.name))
                .collect()
        };
        suites.alternatives().map(names).collect()
    };
    let (mine, theirs) = (of(configured), of(live));
    let Some(theirs) = theirs.first() else {
        return (mine.first().map(|all| format!("{} suites", all.len())), None);
    };
    let count = format!("{} suites", theirs.len());
    match mine.as_slice() {
        [] => (None, Some(count)),
        all if all.contains(theirs) => (Some(count.clone()), Some(count)),
        [one] => {
            let only = |here: &BTreeSet<&'static str>, there: &BTreeSet<&'static str>| {
                let alone = here.difference(there).map(|&name| name.to_owned());
                format!("{} suites, here alone: {}", here.len(), listed(alone))
            };
            (Some(only(one, theirs)), Some(only(theirs, one)))
        }
        // The release of the library or the kind of the key decides, and fits none of them.
        several => (
            Some(enumerated(
                &several
                    .iter()
                    .map(|all| format!("{} suites", all.len()))
                    .collect::<Vec<_>>(),
            )),
            Some(count),
        ),
    }
}

/// The listener of a configuration that is meant: the one of that name, or else the only one on that port.
///
/// # Errors
/// The names of those that could be meant.
pub fn listener<'a>(
    listeners: impl Iterator<Item = &'a Listener>,
    port: u16,
    name: Option<&str>,
) -> Result<&'a Listener, Vec<String>> {
    let all: Vec<&Listener> = listeners.collect();
    let is_it = |one: &&&Listener| match name {
        Some(name) => one.name == name,
        None => one.known_port() == Some(port),
    };
    let mut meant = all.iter().filter(is_it);
    match (meant.next(), meant.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(all.iter().map(|one| one.spoken()).collect()),
        (Some(_), Some(_)) => Err(all.iter().filter(is_it).map(|one| one.spoken()).collect()),
    }
}
