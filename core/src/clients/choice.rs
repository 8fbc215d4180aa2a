//! Which ports may be published: those where a user's login is taken, and can never travel in clear.

use super::{First, Outgoing, Security, Withheld};
use crate::dialects::DIALECTS;
use crate::facts::{Actor, Channel, Fact, Listener, Outcome, Recipient, Role, Server};
use crate::gather::ordered;
use crate::question::Question;
use crate::redact;

/// What may be published, and what may not.
pub(super) struct Choice<'s> {
    /// In the order in which programs are to try them.
    pub(super) outgoing: Vec<Outgoing>,
    /// The listeners behind them.
    pub(super) published: Vec<&'s Listener>,
    /// Ways that the server surely has none of for its users.
    pub(super) absent: Vec<Security>,
    pub(super) withheld: Vec<Withheld>,
    pub(super) remarks: Vec<String>,
}

/// Why a listener is not published, and whether that is certain.
struct Refusal {
    reason: String,
    is_certain: bool,
}

fn certainly<T>(reason: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal {
        reason: reason.into(),
        is_certain: true,
    })
}

fn perhaps<T>(reason: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal {
        reason: reason.into(),
        is_certain: false,
    })
}

/// Where users hand in their mail: looks at every listener of the servers.
pub(super) fn choose<'s>(servers: &[&'s Server], first: First, questions: &[Question]) -> Choice<'s> {
    let mut choice = sifted(servers, first, |listener| offer(listener, questions));
    let more = servers.iter().any(|server| server.more_listeners.is_some());
    if !more && choice.withheld.iter().all(|one| one.is_certain) {
        let all = [Security::Implicit, Security::Starttls].into_iter();
        choice.absent = all
            .filter(|security| choice.outgoing.iter().all(|one| one.security != *security))
            .collect();
    } else if more {
        choice
            .remarks
            .push("the server may listen elsewhere too: not all of its services were given".to_owned());
    }
    choice
}

/// Where users read their mail by IMAP, TLS from the first byte first (RFC 8314 §3.2).
pub(super) fn reading<'s>(servers: &[&'s Server], questions: &[Question]) -> Choice<'s> {
    sifted(servers, First::Implicit, |listener| {
        let is_imap = listener.known_role() == Role::Mailbox
            && (listener.name.starts_with("imap") || matches!(listener.known_port(), Some(143 | 993)));
        if is_imap && !listener.is_local_only() {
            offered(listener, questions).map(Some)
        } else {
            Ok(None)
        }
    })
}

/// The listeners that are `offer`ed, without those of a port at which another address is none.
fn sifted<'s>(
    servers: &[&'s Server],
    first: First,
    offer: impl Fn(&Listener) -> Result<Option<Outgoing>, Refusal>,
) -> Choice<'s> {
    let mut choice = Choice {
        outgoing: Vec::new(),
        published: Vec::new(),
        absent: Vec::new(),
        withheld: Vec::new(),
        remarks: Vec::new(),
    };
    let mut offers = Vec::new();
    // A port that is told is told for every address of the server: a dangerous listener spoils it for the others.
    let mut spoilt = Vec::new();
    for listener in servers.iter().flat_map(|server| &server.listeners) {
        match offer(listener) {
            Ok(Some(outgoing)) => offers.push((outgoing, listener)),
            Ok(None) => {}
            Err(refusal) => {
                if !listener.is_local_only() {
                    spoilt.extend(listener.known_port());
                }
                // A cause may hold a line of the configuration.
                choice.withheld.push(Withheld {
                    listener: listener.spoken(),
                    reason: redact::mask(&refusal.reason),
                    is_certain: refusal.is_certain,
                });
            }
        }
    }
    for (outgoing, listener) in offers {
        let differs = choice
            .outgoing
            .iter()
            .any(|one| one.port == outgoing.port && *one != outgoing);
        if spoilt.contains(&outgoing.port) || differs {
            choice.withheld.push(Withheld {
                listener: listener.spoken(),
                reason: "clients of another address meet something else at the same port".to_owned(),
                is_certain: true,
            });
            continue;
        }
        choice.published.push(listener);
        if !choice.outgoing.contains(&outgoing) {
            choice.outgoing.push(outgoing);
        }
        if listener.tls.works.known().is_none() {
            let spoken = listener.spoken();
            choice.remarks.push(format!(
                "it is not known whether every TLS handshake succeeds at {spoken}"
            ));
        }
    }
    choice.outgoing = ordered(choice.outgoing, |one| {
        let later = u64::from(one.security != first.security()) << 17 | u64::from(!one.is_usual()) << 16;
        later | u64::from(one.port)
    });
    choice
}

/// How what is not known comes to be known: the question behind it, with the command that answers it.
fn way<T>(fact: &Fact<T>, questions: &[Question]) -> String {
    let asked = fact.value.question();
    let Some(question) = questions.iter().find(|one| asked == Some(&one.id)) else {
        return String::new();
    };
    let program = question.id.0.strip_suffix("-version");
    let program = program.filter(|program| DIALECTS.iter().any(|dialect| dialect.id() == *program));
    let flag = program.map_or_else(String::new, |program| {
        format!(", and `--target {program}=VERSION` hands it in")
    });
    format!(". {} `{}` tells{flag}", question.ask, question.command)
}

/// What a listener is to users: `None` where it is none of theirs.
fn offer(listener: &Listener, questions: &[Question]) -> Result<Option<Outgoing>, Refusal> {
    match listener.known_role() {
        Role::Submission => {}
        Role::Unknown if listener.is_alive() && !listener.is_local_only() => {
            let which = listener
                .known_port()
                .map_or_else(|| listener.name.clone(), |port| port.to_string());
            return perhaps(format!(
                "nothing tells whether it is for users; `--role {which}=submission` does"
            ));
        }
        Role::Mx | Role::Mailbox | Role::Internal | Role::Unknown => return Ok(None),
    }
    let offered = offered(listener, questions)?;
    sends(listener)?;
    Ok(Some(offered))
}

/// What a listener that is for users offers them.
fn offered(listener: &Listener, questions: &[Question]) -> Result<Outgoing, Refusal> {
    if let Some(dead) = &listener.dead {
        return match dead.known() {
            Some(cause) => certainly(format!("it serves nobody: {}", cause.0)),
            None => perhaps("it may serve nobody"),
        };
    }
    if listener.is_local_only() {
        return certainly("it can be reached only from the machine itself");
    }
    if listener.front.is_some() {
        return perhaps("it stands behind a proxy, and what users meet is decided there");
    }
    let Some(port) = listener.known_port() else {
        return perhaps(format!("its port is not known{}", way(&listener.port, questions)));
    };
    let tls = &listener.tls;
    let Some(entry) = tls.entry.known() else {
        return perhaps(format!(
            "how TLS begins there is not known{}",
            way(&tls.entry, questions)
        ));
    };
    let Some(security) = Security::of(*entry) else {
        return certainly("it has no TLS, so that passwords would travel in clear");
    };
    if tls.works.surely_not() {
        return certainly("every TLS handshake fails there");
    }
    login(listener, questions)?;
    Ok(Outgoing { port, security })
}

/// Whether a user can log in, and never in clear.
fn login(listener: &Listener, questions: &[Question]) -> Result<(), Refusal> {
    let auth = &listener.auth;
    match auth.after_tls.known() {
        Some(true) => {}
        Some(false) => return certainly("it takes no login"),
        None => {
            return perhaps(format!(
                "whether it takes logins is not known{}",
                way(&auth.after_tls, questions)
            ));
        }
    }
    match auth.before_tls.known() {
        Some(false) => {}
        Some(true) => return certainly("it takes a login before TLS too, so that it could travel in clear"),
        None => {
            return perhaps(format!(
                "it may take a login before TLS too, so that it could travel in clear{}",
                way(&auth.before_tls, questions)
            ));
        }
    }
    if auth.mechanisms.plaintext_after_tls.surely_not() {
        return certainly("it has neither PLAIN nor LOGIN inside TLS, which programs use for normal passwords");
    }
    Ok(())
}

/// Whether a user who has logged in may send.
fn sends(listener: &Listener) -> Result<(), Refusal> {
    let sends = listener
        .outcomes
        .at(Actor::Authenticated, Channel::Tls, Recipient::Foreign);
    match sends.and_then(|outcome| outcome.known()) {
        Some(Outcome::Refused { code, .. } | Outcome::Deferred { code, .. }) => {
            let code = Some(*code)
                .filter(|code| *code != 0)
                .map(|code| format!(" with {code}"));
            certainly(format!(
                "it turns users away even after a login{}",
                code.unwrap_or_default()
            ))
        }
        Some(Outcome::Dead(cause)) => certainly(format!("it serves no user: {}", cause.0)),
        _ => Ok(()),
    }
}

impl First {
    fn security(self) -> Security {
        match self {
            First::Implicit => Security::Implicit,
            First::Starttls => Security::Starttls,
        }
    }
}

impl Outgoing {
    /// True for the port that is registered for it (RFC 6409 §3.1, RFC 8314 §7.3; for reading RFC 9051 §11.1, RFC 8314 §7.1).
    fn is_usual(self) -> bool {
        match self.security {
            Security::Implicit => matches!(self.port, 465 | 993),
            Security::Starttls => matches!(self.port, 587 | 143),
        }
    }
}
