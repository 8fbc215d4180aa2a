//! What the rules about moving users share: the two ports for users, and what each lacks.

use crate::facts::{Actor, Listener, Recipient, Role, TlsVersion};
use crate::migrate::ports::{self, at};
use crate::report::merge::enumerated;
use crate::rule::{Context, Draft, Sink};

pub(super) use crate::migrate::ports::{accepted, begins_rightly, floor};

/// Those that serve users on the port now.
pub(super) fn in_use<'a>(context: &'a Context<'_>, port: u16) -> Vec<&'a Listener> {
    ports::in_use(context.server, port)
}

/// Says what stands between the users of the other port and this one.
pub(super) fn gate(context: &Context<'_>, sink: &mut Sink, port: u16) {
    let wanted = if port == 465 { context.prefer().wants_implicit() } else { context.prefer().wants_starttls() };
    if !wanted {
        return sink.not_applicable("you prefer the other port for users alone");
    }
    let other = ports::other(port);
    let users = in_use(context, other);
    if users.is_empty() {
        return sink.not_applicable(match port {
            587 => "nobody who uses 465 could move to 587",
            _ => "nobody who uses 587 could move to 465",
        });
    }
    let here: Vec<&Listener> = at(context.server, port).collect();
    if here.is_empty() {
        let hidden = context.server.listeners.iter().find_map(|one| one.port.value.question());
        return match context.server.more_listeners.as_ref().or(hidden) {
            Some(question) => sink.wait_for(question),
            None => sink.report(Draft::on_all(&users, format!("the users of {{listener}} cannot move to {port}: nothing listens there"))),
        };
    }
    for listener in here.into_iter().filter(|one| one.known_role() == Role::Submission) {
        let lacks = lacking(listener, port, users.first().copied());
        if !lacks.is_empty() {
            let message = format!("{{listener}} is not ready for the users of {other}: it lacks {}", enumerated(&lacks));
            sink.report(Draft::on_all(&[listener], message));
        } else if listener.tls.required.known().is_none() {
            sink.wait_for_fact(&listener.tls.required);
        }
    }
}

/// What a port for users needs and this one surely does not have, though the one they come from has it.
fn lacking(listener: &Listener, port: u16, other: Option<&Listener>) -> Vec<String> {
    let tls = &listener.tls;
    let mut lacks: Vec<String> = Vec::new();
    let mut lack = |missing: bool, what: &str| {
        if missing {
            lacks.push(what.to_owned());
        }
    };
    if listener.dead.is_some() {
        lack(true, "a service that starts");
        return lacks;
    }
    match tls.entry.known() {
        Some(_) if !begins_rightly(listener, port) => lack(true, if port == 465 { "implicit TLS" } else { "STARTTLS" }),
        _ => lack(tls.required.surely_not(), "TLS as a must"),
    }
    lack(listener.auth.after_tls.surely_not(), "AUTH");
    // What both lack is no matter of moving.
    let of_other = other.and_then(floor).filter(|version| *version >= TlsVersion::Tls12);
    lack(of_other.is_some() && floor(listener).is_some_and(|version| version < TlsVersion::Tls12), "a floor of TLS 1.2");
    let takes_strangers = |one: &Listener| accepted(one, Actor::Stranger, Recipient::Local);
    let refused_there = other.and_then(takes_strangers) == Some(false);
    lack(refused_there && takes_strangers(listener) == Some(true), "a refusal for clients without AUTH");
    lacks
}
