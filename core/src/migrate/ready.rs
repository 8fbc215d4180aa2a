//! Making the wanted port ready: opened, or mended until nothing that the other port has is missing.

use super::Course;
use super::ports::{accepted, at, begins_rightly, in_use, is_at, may_offer_old, other, taken};
use super::step::Step;
use crate::change::Change;
use crate::facts::{Actor, Channel, Entry, Listener, Recipient, Role, Server, TlsVersion};
use crate::impact::{Loss, Who};
use crate::patch::Wish;
use crate::report::Report;
use crate::source::Sources;

/// More wishes than this are not tried.
const MOST: usize = 16;

/// The change, or none where nothing is to be changed, with the text after it and what is to be said of that. What cannot be
/// mended stays, and is told by the gates.
pub(super) fn make(course: &Course<'_>, sources: &Sources, before: &Report) -> (Option<Step>, Sources, Report) {
    let mut step: Option<Step> = None;
    let mut text = sources.clone();
    let mut report = before.clone();
    let mut tried: Vec<(Change, Option<String>)> = Vec::new();
    while tried.len() < MOST {
        let is_new = |wish: &Wish| !tried.contains(&key(wish));
        let Some(wish) = wishes(&report.server, course.to.wanted()).into_iter().find(is_new) else {
            break;
        };
        tried.push(key(&wish));
        let Ok((made, now)) = course.step(&text, &report, &[wish], &|loss| {
            is_meant(loss, &report.server, course.to.wanted())
        }) else {
            continue;
        };
        text = made.after.clone();
        report = now;
        match &mut step {
            Some(step) => step.append(made),
            None => step = Some(made),
        }
    }
    if let Some(step) = &mut step {
        step.impact = course.impact(&before.server, &report.server);
    }
    (step, text, report)
}

fn key((change, listener): &Wish) -> (Change, Option<String>) {
    (change.clone(), listener.as_ref().map(|listener| listener.id.clone()))
}

/// What a port may lose by being made strict: whoever comes to it in clear, with versions that are forbidden, or with TLS the
/// wrong way round. Everywhere else nobody may lose anything.
fn is_meant(loss: &Loss, server: &Server, wanted: &[u16]) -> bool {
    let is_here = |one: &Listener| one.id == loss.listener && wanted.iter().any(|port| is_at(one, *port));
    server.listeners.iter().any(is_here)
        && match &loss.who {
            Who::UsersInClear | Who::TrustedInClear | Who::DeliveryWithoutLogin | Who::ImplicitTls | Who::Starttls => {
                true
            }
            Who::OldTls(versions) => versions.iter().all(|version| *version < TlsVersion::Tls12),
            _ => false,
        }
}

/// What is still to be wished, in the order in which it is to be made: a new port is opened last, because it takes over the
/// options of the other one.
fn wishes(server: &Server, wanted: &[u16]) -> Vec<Wish> {
    let mut wishes = Vec::new();
    let mut missing = Vec::new();
    for &port in wanted {
        let there: Vec<&Listener> = at(server, port).collect();
        if there.is_empty() {
            missing.push((Change::OpenForUsers { port }, None));
        }
        let like = in_use(server, other(port)).first().copied();
        for listener in there.into_iter().filter(|one| one.known_role() == Role::Submission) {
            let changes = changes(listener, port, like);
            wishes.extend(changes.into_iter().map(|change| (change, Some(listener.clone()))));
        }
    }
    wishes.extend(missing);
    wishes
}

/// What one listener lacks that a line can mend.
fn changes(listener: &Listener, port: u16, like: Option<&Listener>) -> Vec<Change> {
    let (tls, auth) = (&listener.tls, &listener.auth);
    let mut changes = Vec::new();
    match (port, tls.entry.known()) {
        (465, Some(Entry::Starttls | Entry::None)) => changes.push(Change::ImplicitTls),
        (587, Some(Entry::Implicit)) => changes.push(Change::EndImplicitTls),
        (587, Some(Entry::Starttls | Entry::None)) => {
            if tls.hidden.surely() {
                let kept = listener.session.unannounced.iter().filter(|word| *word != "starttls");
                changes.push(Change::AnnounceStarttls {
                    others: kept.cloned().collect(),
                });
            }
            if !tls.required.surely() {
                changes.push(Change::RequireTls);
            }
        }
        _ => {}
    }
    if auth.after_tls.surely_not() {
        changes.push(Change::OfferAuth);
    }
    if port == 587 && tls.required.surely() && auth.before_tls.surely() {
        changes.push(Change::HideAuthInClear);
    }
    // Who comes here anew is to be served as it should be (RFC 8996), and nobody at another port loses anything by it.
    if may_offer_old(listener) {
        changes.push(Change::OldestTlsHere(TlsVersion::Tls12));
    }
    let strangers = |one: &Listener| accepted(one, Actor::Stranger, Recipient::Local);
    if like.and_then(strangers) == Some(false) && strangers(listener) == Some(true) {
        changes.push(Change::UsersOnly);
    }
    changes
}

/// What a listener surely lacks, or cannot be seen to have, as a port for users.
pub(super) fn lacks(listener: &Listener, port: u16) -> Vec<String> {
    if let Some(dead) = &listener.dead {
        let cause = dead.known().map(|cause| format!(" ({})", cause.0)).unwrap_or_default();
        return vec![format!("a service that works{cause}")];
    }
    let mut lacks = Vec::new();
    let mut lack = |is_there: bool, what: &str| {
        if !is_there {
            lacks.push(what.to_owned());
        }
    };
    let (tls, auth) = (&listener.tls, &listener.auth);
    let begins = begins_rightly(listener, port);
    lack(
        begins,
        if port == 465 {
            "TLS from the first byte"
        } else {
            "STARTTLS"
        },
    );
    if begins {
        lack(!tls.works.surely_not(), "a handshake that can succeed");
        lack(port == 465 || tls.required.surely(), "TLS as a must");
    }
    lack(auth.after_tls.surely(), "AUTH inside TLS");
    let users = |channel| taken(listener, Actor::Authenticated, channel, Recipient::Foreign);
    lack(
        users(Channel::Tls) != Some(false),
        "an open way for users who have logged in",
    );
    lack(
        accepted(listener, Actor::Stranger, Recipient::Foreign) != Some(true),
        "a refusal for strangers who send to other domains",
    );
    lack(
        !auth.before_tls.surely() && users(Channel::Clear) != Some(true),
        "a refusal for users in clear",
    );
    lacks
}
