//! What has to be so before a plan goes on.

use super::ports::{PORTS, accepted, at, in_use, is_at, other};
use super::{Course, Gate, ready};
use crate::change::Change;
use crate::dialect::Terms;
use crate::facts::{Actor, Listener, Recipient, Server};
use crate::finding::{Finding, Severity};
use crate::impact::Impact;
use crate::report::Report;
use crate::report::merge::enumerated;
use crate::source::{Source, Sources};

/// Rules about what clients are shown: with one of these findings a program that checks the certificate does not connect.
const CERTIFICATES: &[&str] = &[
    "no-certificate-configured",
    "starttls-advertised-without-certificate",
    "hostname-mismatch",
    "self-signed-or-snakeoil",
    "expired-or-expiring",
    "incomplete-chain",
];

fn gate(met: Option<bool>, what: impl Into<String>, why: impl Into<String>) -> Gate {
    Gate {
        met,
        what: what.into(),
        why: why.into(),
    }
}

/// What is asked before anything is changed; the first is about the users.
pub(super) fn at_the_start(course: &Course<'_>, sources: &Sources, before: &Report) -> Vec<Gate> {
    let users = users(course, before);
    let proxy = no_proxy(course, &before.server);
    if users.met != Some(true) {
        // Behind a proxy users come by ports of other numbers.
        return std::iter::once(users)
            .chain((proxy.met == Some(false)).then_some(proxy))
            .collect();
    }
    vec![users, own_files(course, sources, before), proxy]
}

fn ports_of(course: &Course<'_>) -> Vec<u16> {
    match course.to.left() {
        Some(port) => vec![port],
        None => course.to.wanted().to_vec(),
    }
}

/// Those who are to move, or to get a second port.
fn moving<'a>(course: &Course<'_>, server: &'a Server) -> Vec<&'a Listener> {
    let ports = ports_of(course);
    ports.into_iter().flat_map(|port| in_use(server, port)).collect()
}

fn spoken(listeners: &[&Listener]) -> String {
    enumerated(&listeners.iter().map(|one| one.spoken()).collect::<Vec<_>>())
}

fn users(course: &Course<'_>, before: &Report) -> Gate {
    let ports: Vec<String> = ports_of(course).iter().map(|port| format!("port {port}")).collect();
    let what = format!("Users send through {} today, with TLS and a login", ports.join(" or "));
    let moving = moving(course, &before.server);
    if !moving.is_empty() {
        return gate(Some(true), what, format!("by {}", spoken(&moving)));
    }
    let ports = ports_of(course);
    let there: Vec<&Listener> = before
        .server
        .listeners
        .iter()
        .filter(|one| ports.iter().any(|port| is_at(one, *port)))
        .collect();
    let why = match (there.first(), course.to.left()) {
        (Some(listener), left) => {
            let port = left.or(listener.known_port()).unwrap_or(587);
            let lacks = ready::lacks(listener, port);
            let first = match lacks.as_slice() {
                [] => "is not known to serve users".to_owned(),
                _ => format!("lacks {}", enumerated(&lacks)),
            };
            format!(
                "{} {first}: mend that first (`smtplint check` says how), because nobody can be moved from a port that \
                 does not serve them",
                listener.spoken()
            )
        }
        (None, Some(left)) if before.server.more_listeners.is_some() => {
            format!("not all services were given: hand in master.cf as well, so that port {left} can be seen")
        }
        (None, None) if before.server.more_listeners.is_some() => {
            "not all services were given: hand in master.cf as well".to_owned()
        }
        (None, Some(left)) if !in_use(&before.server, other(left)).is_empty() => format!(
            "nothing listens on port {left}, so there is nobody to move: users are on port {} already. To offer both: \
             `smtplint migrate --to both`",
            other(left)
        ),
        (None, _) => {
            "neither port 587 nor port 465 serves users, so there is nobody to move: set up a port for users with \
             TLS and AUTH first (`smtplint check` says how)"
                .to_owned()
        }
    };
    gate(Some(false), what, why)
}

fn own_files(course: &Course<'_>, sources: &Sources, before: &Report) -> Gate {
    let what = "The files are written by hand, so that a change of them lasts";
    let sources = &course.own(sources);
    let reading = course.dialect.read(sources);
    let terms = Terms {
        target: &course.options.target,
        points: &reading.points(&course.options.target),
    };
    // To close a port is tried, not done: it shows whether the services stand in a file of one's own. The last port can be closed
    // only once the other is open.
    let missing = course
        .to
        .wanted()
        .iter()
        .filter(|port| at(&before.server, **port).next().is_none());
    let opened: Vec<_> = missing.map(|&port| (Change::OpenForUsers { port }, None)).collect();
    let closed = moving(course, &before.server).into_iter().map(|one| {
        let wish = (Change::CloseListener, Some(one.clone()));
        let alone = reading.edit(sources, std::slice::from_ref(&wish), &terms);
        alone.or_else(|blocked| {
            let both: Vec<_> = opened.iter().cloned().chain([wish]).collect();
            reading.edit(sources, &both, &terms).map_err(|_| blocked)
        })
    });
    let logged = reading.edit(sources, &[(Change::LogTls, None)], &terms);
    match closed.chain(std::iter::once(logged)).find_map(Result::err) {
        None if is_template(sources, before) => gate(
            Some(false),
            what,
            "a template is among them, and what is made of it is made anew: change the template itself, or plan for the finished files",
        ),
        None => gate(
            Some(true),
            what,
            "no template and no other program's file is among them",
        ),
        Some(blocked) => gate(Some(false), what, blocked.to_string()),
    }
}

/// True where a text has places that a program fills in, or a file is named as one.
fn is_template(sources: &Sources, before: &Report) -> bool {
    const ENDS: [&str; 6] = [".template", ".tpl", ".tmpl", ".j2", ".erb", ".epp"];
    let is_named = |source: &Source| ENDS.iter().any(|end| source.path.ends_with(end));
    before.questions.iter().any(|question| question.id.0 == "template")
        || sources.iter().any(|(_, source)| is_named(source))
}

fn no_proxy(course: &Course<'_>, server: &Server) -> Gate {
    let what = "Clients reach the server itself, and no proxy in front of it";
    let serves_users = |one: &Listener| one.auth.after_tls.surely() || PORTS.iter().any(|port| is_at(one, *port));
    let concerned = |one: &&Listener| one.front.is_some() && serves_users(one);
    let behind: Vec<&Listener> = server.listeners.iter().filter(concerned).collect();
    if behind.is_empty() {
        return gate(Some(true), what, "nothing in the configuration speaks of a proxy");
    }
    let why = format!(
        "clients come to {} through a proxy, whose configuration was not seen: which ports it opens, and whether TLS ends \
         there, is decided in it. Plan the move to {} there first, and never lead one of the ports to the other",
        spoken(&behind),
        course.to.word()
    );
    gate(Some(false), what, why)
}

/// What is asked of the wanted port, once all is written that there is to write.
pub(super) fn of_the_port(course: &Course<'_>, now: &Report) -> Vec<Gate> {
    let mut gates = Vec::new();
    for &port in course.to.wanted() {
        gates.push(is_ready(port, now));
    }
    gates.push(are_alike(now));
    gates.push(lets_them_in(course, &now.server));
    for &port in course.to.wanted() {
        gates.push(has_a_name(course, port, now));
    }
    let ports: Vec<String> = course.to.wanted().iter().map(|port| format!("port {port}")).collect();
    gates.push(gate(
        None,
        format!("A firewall or NAT lets {} through", enumerated(&ports)),
        "no file of the mail server tells: run the commands of stage 1 on a machine elsewhere, at home and by mobile network",
    ));
    gates
}

/// The findings of a rule about a listener that is at a port, or about the server as a whole.
fn found<'a>(now: &'a Report, rules: &'a [&str], port: u16) -> impl Iterator<Item = &'a Finding> {
    let here: Vec<&str> = at(&now.server, port).map(|one| one.id.as_str()).collect();
    now.findings.iter().filter(move |finding| {
        let touches = |id: &String| here.contains(&id.as_str());
        rules.contains(&finding.rule) && (finding.listeners.is_empty() || finding.listeners.iter().any(touches))
    })
}

fn is_ready(port: u16, now: &Report) -> Gate {
    let what = format!("Port {port} is open for users, demands TLS, and offers AUTH inside it");
    let there: Vec<&Listener> = at(&now.server, port).collect();
    if there.is_empty() {
        let why = format!("nothing listens on port {port}, and no service for it can be written here");
        return gate(Some(false), what, why);
    }
    for listener in &there {
        let lacks = ready::lacks(listener, port);
        if !lacks.is_empty() {
            let why = format!(
                "{} lacks {}, and this plan has no line that mends that; see what `smtplint check` and `smtplint fix` write, and plan anew then",
                listener.spoken(),
                enumerated(&lacks)
            );
            return gate(Some(false), what, why);
        }
    }
    let rule: &[&str] = if port == 465 {
        &["port-465-not-ready"]
    } else {
        &["port-587-not-ready"]
    };
    if let Some(finding) = found(now, rule, port).next() {
        return gate(Some(false), what, finding.message.clone());
    }
    gate(Some(true), what, "so it is, once stage 1 is done")
}

fn are_alike(now: &Report) -> Gate {
    let what = "Both ports have the same rules for users";
    let finding = now.findings.iter().find(|one| one.rule == "submission-policies-differ");
    match finding {
        None => gate(Some(true), what, "they have, once stage 1 is done"),
        Some(finding) if finding.severity >= Severity::Medium => gate(
            Some(false),
            what,
            format!("{}; write the same checks for both, then ask again", finding.message),
        ),
        Some(finding) => gate(
            None,
            what,
            format!(
                "{}: see that nobody depends on it before anybody is moved",
                finding.message
            ),
        ),
    }
}

/// Whoever is let in where users come from has to be let in where they go; what is open here is a risk for them.
fn lets_them_in(course: &Course<'_>, server: &Server) -> Gate {
    let what = "Users who are let in where they are will be let in at the other port";
    let takes = |one: &Listener| accepted(one, Actor::Authenticated, Recipient::Foreign);
    for &port in course.to.wanted() {
        let from = in_use(server, other(port));
        let Some(sure) = from.iter().find(|one| takes(one) == Some(true)) else {
            continue;
        };
        let Some(doubtful) = in_use(server, port).into_iter().find(|one| takes(one) != Some(true)) else {
            continue;
        };
        let checks: Vec<String> = doubtful
            .session
            .checks_on_users
            .iter()
            .filter_map(|check| check.known().map(|word| format!("`{word}`")))
            .collect();
        let checks = if checks.is_empty() {
            "a check that these files do not decide".to_owned()
        } else {
            enumerated(&checks)
        };
        let why = format!(
            "{} lets in everybody who has logged in, and at {} comes {checks} first: let users pass there, as `smtplint check` \
             says, then ask again",
            sure.spoken(),
            doubtful.spoken()
        );
        return gate(Some(false), what, why);
    }
    let stay: Vec<String> = course
        .to
        .wanted()
        .iter()
        .flat_map(|port| cannot_move(course, server, other(*port), *port))
        .collect();
    if !stay.is_empty() {
        let why = format!(
            "{}: see that nobody depends on it before anybody is moved",
            stay.join("; ")
        );
        return gate(None, what, why);
    }
    gate(Some(true), what, "computed from what every kind of client gets")
}

/// What keeps clients of a port from another one however they are set up, one sentence for each kind; by a log those are named.
pub(super) fn cannot_move(course: &Course<'_>, server: &Server, left: u16, wanted: u16) -> Vec<String> {
    let mut spoken: Vec<String> = Vec::new();
    for from in at(server, left).filter(|one| one.is_alive()) {
        for to in at(server, wanted).filter(|one| one.is_alive()) {
            for sentence in Impact::of_moving(from, to).weighed(course.evidence).spoken() {
                if !spoken.contains(&sentence) {
                    spoken.push(sentence);
                }
            }
        }
    }
    spoken
}

fn has_a_name(course: &Course<'_>, port: u16, now: &Report) -> Gate {
    let what = format!("Port {port} shows a certificate for the name that clients use");
    let bad = found(now, CERTIFICATES, port).find(|finding| finding.severity >= Severity::Medium);
    if let Some(finding) = bad {
        let why = format!(
            "{}; `smtplint explain {}` says what to do",
            finding.message, finding.rule
        );
        return gate(Some(false), what, why);
    }
    let mut there = at(&now.server, port);
    let was_seen = there.all(|one| one.tls.identity.chains.is_some());
    let is_named = now.server.name_is_guessed.is_none() && now.server.name.known().is_some();
    if was_seen && is_named {
        return gate(Some(true), what, format!("it is for {}", course.host));
    }
    let why = if is_named {
        "the certificate was not seen: stage 1 has the command that shows it; or run smtplint on the server"
    } else {
        "nobody said by which name clients come: stage 1 has the command; or run smtplint on the server, with `--host-name`"
    };
    gate(None, what, why)
}
