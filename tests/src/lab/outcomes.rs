//! Every cell of every listener's table, held against what a client gets.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use smtplint_core::Report;
use smtplint_core::facts::{
    Actor, Channel, Circumstance, Entry, Listener, Outcome, OutcomeCell, Outcomes, Recipient, Stage,
};

use super::dialogue::{ANSWER, Dialogue, DialogueError, Reply, Tls};
use super::{LabError, LabServer, STRANGER, TRUSTED};

/// Where a session ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The command that is answered last; [`Stage::Rcpt`] with 250 is success.
    pub stage: Stage,
    /// The code of the reply; 0 when none comes.
    pub code: u16,
    /// What the server said.
    pub said: String,
}

/// What a comparison found.
#[derive(Debug, Clone, Default)]
pub struct Compared {
    /// Cells that were predicted and seen.
    pub cells: usize,
    /// Cells that are said to be unknown.
    pub unknown: usize,
    /// Cells that the lab has no client or no table for.
    pub left: usize,
    /// Where prediction and server differ.
    pub wrong: Vec<String>,
}

impl Compared {
    /// Takes over what another one found.
    pub fn add(&mut self, other: Compared) {
        self.cells += other.cells;
        self.unknown += other.unknown;
        self.left += other.left;
        self.wrong.extend(other.wrong);
    }
}

/// Words of Postfix's log for what the lab does not have: tables in files, and DNS.
const MISSING: [&str; 8] = [
    "open database",
    "unsupported dictionary",
    "table lookup problem",
    "lookup error for",
    "No such file or directory",
    "Domain not found",
    "Host not found",
    "Host or domain name not found",
];

/// A port that waits for TLS says nothing; so long is enough to see it.
const SHORT: Duration = Duration::from_millis(800);

/// How a client comes.
#[derive(Debug, Clone, Copy)]
struct Way {
    source: IpAddr,
    /// Set for one that stands for a client with this address: the lab's servers believe their own machine.
    instead_of: Option<&'static str>,
}

/// Somebody's address, as XCLIENT has it.
const BY_IPV6: &str = "IPV6:2001:db8:5::5";

/// Holds every cell of every living listener against the server, and so every table of its exceptions.
///
/// # Errors
/// When the client itself cannot work.
pub fn compare(server: &LabServer, report: &Report) -> Result<Compared, LabError> {
    let mut found = Compared::default();
    for listener in &report.server.listeners {
        if !listener.is_alive() || server.address(&listener.name).is_err() {
            continue;
        }
        if let Some(first) = listener.in_case_of(Circumstance::FirstContact) {
            let mut new = true;
            for (number, cell) in (1..).zip(first.cells()) {
                // Whoever comes twice comes to smtpd.
                let fresh = IpAddr::V4(Ipv4Addr::new(127, 0, 9, number));
                let source = if cell.actor == Actor::Trusted { TRUSTED } else { fresh };
                // There is one trusted client, and it comes for the first time only once.
                let usual = listener.outcomes.at(cell.actor, cell.channel, cell.recipient);
                if source == TRUSTED && usual != Some(&cell.outcome) && !std::mem::take(&mut new) {
                    found.left += 1;
                    continue;
                }
                found.add(compare_cell(
                    server,
                    listener,
                    first,
                    cell,
                    Way {
                        source,
                        instead_of: None,
                    },
                )?);
            }
        }
        get_through(server, listener)?;
        for cell in listener.outcomes.cells() {
            let source = if cell.actor == Actor::Trusted {
                TRUSTED
            } else {
                STRANGER
            };
            found.add(compare_cell(
                server,
                listener,
                &listener.outcomes,
                cell,
                Way {
                    source,
                    instead_of: None,
                },
            )?);
        }
        if let Some(by_ipv6) = listener.in_case_of(Circumstance::Ipv6) {
            for cell in by_ipv6.cells().iter().filter(|cell| cell.actor != Actor::Trusted) {
                // The client's address is put in place of its own inside TLS: what comes before cannot be seen.
                if cell.channel == Channel::Tls && is_before_tls(&cell.outcome.outcome()) {
                    found.left += 1;
                    continue;
                }
                let way = Way {
                    source: IpAddr::V4(Ipv4Addr::LOCALHOST),
                    instead_of: Some(BY_IPV6),
                };
                found.add(compare_cell(server, listener, by_ipv6, cell, way)?);
            }
        }
    }
    Ok(found)
}

fn is_before_tls(outcome: &Outcome) -> bool {
    use Stage::{Connect, Ehlo};
    matches!(
        outcome,
        Outcome::Refused {
            stage: Connect | Ehlo,
            ..
        } | Outcome::Deferred {
            stage: Connect | Ehlo,
            ..
        }
    )
}

/// Lets the stranger pass the tests that are made when a client comes for the first time, where there are any, over a channel that
/// leads to RCPT.
///
/// # Errors
/// When the client itself cannot work.
pub fn get_through(server: &LabServer, listener: &Listener) -> Result<(), LabError> {
    let Some(first) = listener.in_case_of(Circumstance::FirstContact) else {
        return Ok(());
    };
    let at_rcpt = |cell: &&OutcomeCell| {
        let end = cell.outcome.outcome();
        cell.actor == Actor::Stranger && matches!(end, Outcome::Deferred { stage: Stage::Rcpt, .. })
    };
    let way = Way {
        source: STRANGER,
        instead_of: None,
    };
    match first.cells().iter().find(at_rcpt) {
        Some(cell) => send(server, listener, cell, &cell.outcome.outcome(), way).map(drop),
        None => Ok(()),
    }
}

fn compare_cell(
    server: &LabServer,
    listener: &Listener,
    table: &Outcomes,
    cell: &OutcomeCell,
    way: Way,
) -> Result<Compared, LabError> {
    let mut found = Compared::default();
    let predicted = cell.outcome.outcome();
    if let Outcome::Unknown(_) = predicted {
        found.unknown = 1;
        return Ok(found);
    }
    let login = cell.actor == Actor::Authenticated;
    let mechanisms = &listener.auth.mechanisms;
    let offered = match cell.channel {
        Channel::Clear => &mechanisms.plaintext_before_tls,
        Channel::Tls => &mechanisms.plaintext_after_tls,
    };
    let before_auth = match predicted {
        Outcome::Refused { stage, .. } | Outcome::Deferred { stage, .. } => stage <= Stage::Auth,
        _ => false,
    };
    let nobody_trusted = cell.actor == Actor::Trusted && !trusts_the_lab(listener);
    if nobody_trusted || (login && !offered.surely() && !before_auth) {
        found.left = 1;
        return Ok(found);
    }
    let seen = send(server, listener, cell, &predicted, way)?;
    if agrees(&predicted, &seen) {
        found.cells = 1;
    } else if way.instead_of.is_some() && seen.stage <= Stage::Ehlo {
        // A machine without IPv6; or its own address is refused before another one is put in its place.
        found.left = 1;
    } else if matches!(seen.code, 400..=499) && MISSING.iter().any(|words| server.log().contains(words)) {
        found.left = 1;
    } else {
        found.cells = 1;
        found.wrong.push(format!(
            "{}{}: {:?} over {:?} to {:?}: predicted {predicted:?}, seen {seen:?}",
            listener.name,
            listener
                .exceptions
                .iter()
                .find(|one| std::ptr::eq(&one.outcomes, table))
                .map_or(String::new(), |one| format!(" ({})", one.when.word())),
            cell.actor,
            cell.channel,
            cell.recipient
        ));
    }
    Ok(found)
}

/// True when the lab's trusted client stands for the one that is meant: loopback is trusted, or nothing is.
fn trusts_the_lab(listener: &Listener) -> bool {
    let Some(networks) = listener.trusted.known() else {
        return false;
    };
    let patterns = &networks.patterns.surely;
    let nobody = patterns.is_empty() && networks.patterns.rest.is_none();
    let loopback = |pattern: &String| {
        ["127.0.0.0/", "127.0.0.1"]
            .iter()
            .any(|start| pattern.starts_with(start))
    };
    networks.style.is_some()
        || nobody
        || patterns
            .iter()
            .any(|pattern| loopback(pattern) || matches!(pattern.as_str(), "0.0.0.0/0" | "static:all"))
}

/// Whom the server lets come as far as EHLO, so that its facts can be seen: a stranger, else the trusted client; `None` for nobody.
#[must_use]
pub fn observer(listener: &Listener) -> Option<IpAddr> {
    let comes_in = |actor| {
        let implicit = listener.tls.entry.known() == Some(&Entry::Implicit);
        let channel = if implicit { Channel::Tls } else { Channel::Clear };
        let outcome = listener.outcomes.at(actor, channel, Recipient::Local);
        !outcome.is_some_and(|outcome| {
            matches!(
                outcome.outcome(),
                Outcome::Refused {
                    stage: Stage::Connect | Stage::Ehlo,
                    ..
                } | Outcome::Deferred {
                    stage: Stage::Connect | Stage::Ehlo,
                    ..
                }
            )
        })
    };
    // Whoever is never let through to the server does not see what it offers.
    let user = listener
        .outcomes
        .at(Actor::Authenticated, Channel::Clear, Recipient::Local);
    let kept_out = user.is_some_and(|user| {
        let end = user.outcome();
        matches!(
            end,
            Outcome::Refused {
                stage: Stage::Auth,
                code: 502
            }
        )
    });
    if comes_in(Actor::Stranger) && !kept_out {
        Some(STRANGER)
    } else {
        comes_in(Actor::Trusted).then_some(TRUSTED)
    }
}

fn agrees(predicted: &Outcome, seen: &End) -> bool {
    match predicted {
        Outcome::Accepted => seen.stage == Stage::Rcpt && seen.code == 250,
        // Which of several it is, or none; what cannot be seen may refuse before.
        Outcome::Refused { stage, code: 0 } => seen.stage <= *stage && !matches!(seen.code, 200..=399),
        Outcome::Refused { stage, code } | Outcome::Deferred { stage, code } => {
            (seen.stage, seen.code) == (*stage, *code)
        }
        Outcome::Dead(_) | Outcome::Unknown(_) => false,
    }
}

/// Goes as far as the server lets, up to RCPT; to DATA when it is predicted that this is where it ends.
fn send(
    server: &LabServer,
    listener: &Listener,
    cell: &OutcomeCell,
    predicted: &Outcome,
    Way { source, instead_of }: Way,
) -> Result<End, LabError> {
    let address = server.address(&listener.name)?;
    let implicit = listener.tls.entry.known() == Some(&Entry::Implicit);
    let mut dialogue = match (cell.channel, implicit) {
        (Channel::Tls, true) => Dialogue::tls(address, source, Tls::Implicit)?,
        (Channel::Clear, _) => Dialogue::clear(address, source)?,
        (Channel::Tls, false) => {
            let mut clear = Dialogue::clear(address, source)?;
            let commands = [
                (Stage::Connect, None, 220),
                (Stage::Ehlo, Some(server.hello().to_owned()), 250),
                (Stage::Starttls, Some("STARTTLS".to_owned()), 220),
            ];
            for (stage, command, good) in commands {
                if let Some(end) = step(&mut clear, stage, command.as_deref(), good, ANSWER)? {
                    return Ok(end);
                }
            }
            drop(clear);
            Dialogue::tls(address, source, Tls::StartTls)?
        }
    };
    let mut commands = Vec::new();
    if implicit || cell.channel == Channel::Clear {
        commands.push((Stage::Connect, None, 220));
    }
    let login = cell.actor == Actor::Authenticated;
    commands.push((Stage::Ehlo, Some(server.hello().to_owned()), 250));
    if let Some(address) = instead_of {
        commands.push((
            Stage::Connect,
            Some(format!("XCLIENT NAME=[UNAVAILABLE] ADDR={address}")),
            220,
        ));
        commands.push((Stage::Ehlo, Some(server.hello().to_owned()), 250));
    }
    if login {
        // NUL alice@example.test NUL secret
        let command = "AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQ=".to_owned();
        commands.push((Stage::Auth, Some(command), 235));
    }
    let own = server.domain();
    let sender = if login {
        "alice@example.test".to_owned()
    } else {
        "a@sender.example.net".to_owned()
    };
    let recipient = match cell.recipient {
        Recipient::Local => format!("u@{own}"),
        Recipient::Foreign => "b@elsewhere.example.com".to_owned(),
    };
    commands.push((Stage::Mail, Some(format!("MAIL FROM:<{sender}>")), 250));
    commands.push((Stage::Rcpt, Some(format!("RCPT TO:<{recipient}>")), 250));
    let at_data = matches!(
        predicted,
        Outcome::Refused { stage: Stage::Data, .. } | Outcome::Deferred { stage: Stage::Data, .. }
    );
    if at_data {
        commands.push((Stage::Data, Some("DATA".to_owned()), 354));
        commands.push((Stage::Data, Some("Subject: probe\r\n\r\n.".to_owned()), 250));
    }
    let patience = if implicit && cell.channel == Channel::Clear {
        SHORT
    } else {
        ANSWER
    };
    for (stage, command, good) in commands {
        if let Some(end) = step(&mut dialogue, stage, command.as_deref(), good, patience)? {
            return Ok(end);
        }
    }
    Ok(End {
        stage: Stage::Rcpt,
        code: 250,
        said: String::new(),
    })
}

/// One command: where the session ends, when it does.
fn step(
    dialogue: &mut Dialogue,
    stage: Stage,
    command: Option<&str>,
    good: u16,
    patience: Duration,
) -> Result<Option<End>, LabError> {
    let reply = match command {
        None => dialogue.reply(patience),
        Some(command) => dialogue.command(command),
    };
    match reply {
        Ok(Reply { code, .. }) if code == good => Ok(None),
        Ok(reply) => Ok(Some(End {
            stage,
            code: reply.code,
            said: reply.lines.join(" / "),
        })),
        Err(DialogueError::Program(error)) => Err(DialogueError::Program(error).into()),
        Err(error) => Ok(Some(End {
            stage,
            code: 0,
            said: error.to_string(),
        })),
    }
}
