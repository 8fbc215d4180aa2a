//! Who logs in where, by a log: at the port that users leave, and at ports that are for nobody's login.

use super::Course;
use super::commands::security;
use super::ports::{PORTS, is_at};
use crate::facts::{Listener, Role, Server};
use crate::gather::ordered;
use crate::report::merge::enumerated;
use crate::usage::{Harmed, Usage, logins};

/// More users are counted, and not named.
const NAMED: usize = 20;

/// Who has to move, by a log.
pub(super) fn who(usage: &Usage, left: u16) -> String {
    if !usage.ports().contains(&left) {
        return format!("The log that was given does not know port {left} apart: stage 2 says how it comes to.");
    }
    let breaks = usage.breaks_without(left);
    let told = |one: &Harmed<'_>| {
        let otherwise = if one.otherwise > 0 {
            ", and otherwise as well"
        } else {
            ""
        };
        format!(
            "{} ({}, the last {}{otherwise})",
            one.user.user,
            logins(one.logins),
            one.last
        )
    };
    let mut names: Vec<String> = breaks.users.iter().take(NAMED).map(told).collect();
    let more = breaks.users.len().saturating_sub(NAMED);
    if more > 0 {
        names.push(format!("{more} more users"));
    }
    if breaks.nameless > 0 {
        names.push(format!("somebody without a name ({})", logins(breaks.nameless)));
    }
    match names.as_slice() {
        [] => format!("By the log nobody logs in at port {left}."),
        names => format!("By the log these log in at port {left}: {}.", names.join("; ")),
    }
}

/// Where users can log in beside the two ports that are for them.
fn others(server: &Server) -> Vec<&Listener> {
    let takes = |one: &&Listener| {
        let is_theirs = PORTS.iter().any(|port| is_at(one, *port));
        let lets_in = one.auth.before_tls.surely() || one.auth.after_tls.surely();
        let is_another = matches!(one.known_role(), Role::Internal | Role::Mailbox);
        one.is_alive() && !is_another && !is_theirs && lets_in
    };
    server.listeners.iter().filter(takes).collect()
}

/// What is to be done for users who log in at other ports than the two: who they are, and what they change.
pub(super) fn told(course: &Course<'_>, server: &Server) -> Vec<String> {
    let mut told = Vec::new();
    let Some(wanted) = course.to.wanted().first() else {
        return told;
    };
    let others = others(server);
    if others.is_empty() {
        return told;
    }
    let spoken: Vec<String> = others.iter().map(|one| one.spoken()).collect();
    told.push(format!(
        "Users can log in at {} as well, which is not for them: whoever does sets the same name of the server with port {wanted} \
         and {}, and keeps user name and password.",
        enumerated(&spoken),
        security(*wanted)
    ));
    let ports = others.iter().filter_map(|one| one.known_port());
    let mut ports = ordered(ports.collect(), |port| u64::from(*port));
    ports.dedup();
    match course.evidence {
        Some(usage) => told.extend(ports.iter().map(|port| who(usage, *port))),
        None => told.push("The list of stage 2 names them, as `smtplint usage` prints it.".to_owned()),
    }
    told
}
