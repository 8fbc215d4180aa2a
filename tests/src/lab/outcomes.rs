//! Every cell of every listener's table, held against what a client gets.

use std::net::IpAddr;
use std::time::Duration;

use smtplint_core::Report;
use smtplint_core::facts::{Actor, Channel, Entry, Listener, Outcome, OutcomeCell, Recipient, Stage};

use super::dialogue::{ANSWER, CLIENT, Dialogue, DialogueError, Reply, Tls};
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

/// Holds every cell of every living listener against the server.
///
/// # Errors
/// When the client itself cannot work.
pub fn compare(server: &LabServer, report: &Report) -> Result<Compared, LabError> {
    let mut found = Compared::default();
    for listener in &report.server.listeners {
        if !listener.is_alive() || server.address(&listener.name).is_err() {
            continue;
        }
        // postscreen lets every new client wait: it is looked at, not asked a dozen times.
        if listener.service.ends_with("/pass") {
            found.left += listener.outcomes.cells().len();
            continue;
        }
        for cell in listener.outcomes.cells() {
            found.add(compare_cell(server, listener, cell)?);
        }
    }
    Ok(found)
}

fn compare_cell(server: &LabServer, listener: &Listener, cell: &OutcomeCell) -> Result<Compared, LabError> {
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
    let seen = send(server, listener, cell, &predicted)?;
    if agrees(&predicted, &seen) {
        found.cells = 1;
    } else if matches!(seen.code, 400..=499) && MISSING.iter().any(|words| server.log().contains(words)) {
        found.left = 1;
    } else {
        found.cells = 1;
        found.wrong.push(format!(
            "{}: {:?} over {:?} to {:?}: predicted {predicted:?}, seen {seen:?}",
            listener.name, cell.actor, cell.channel, cell.recipient
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
    if comes_in(Actor::Stranger) {
        Some(STRANGER)
    } else {
        comes_in(Actor::Trusted).then_some(TRUSTED)
    }
}

fn agrees(predicted: &Outcome, seen: &End) -> bool {
    match predicted {
        Outcome::Accepted => seen.stage == Stage::Rcpt && seen.code == 250,
        // Which of several it is, or none.
        Outcome::Refused { stage, code: 0 } => seen.stage == *stage && !matches!(seen.code, 200..=399),
        Outcome::Refused { stage, code } | Outcome::Deferred { stage, code } => {
            (seen.stage, seen.code) == (*stage, *code)
        }
        Outcome::Dead(_) | Outcome::Unknown(_) => false,
    }
}

/// Goes as far as the server lets, up to RCPT; to DATA when it is predicted that this is where it ends.
fn send(server: &LabServer, listener: &Listener, cell: &OutcomeCell, predicted: &Outcome) -> Result<End, LabError> {
    let address = server.address(&listener.name)?;
    let implicit = listener.tls.entry.known() == Some(&Entry::Implicit);
    let source: IpAddr = match cell.actor {
        Actor::Trusted => TRUSTED,
        Actor::Stranger | Actor::Authenticated => STRANGER,
    };
    let mut dialogue = match (cell.channel, implicit) {
        (Channel::Tls, true) => Dialogue::tls(address, source, Tls::Implicit)?,
        (Channel::Clear, _) => Dialogue::clear(address, source)?,
        (Channel::Tls, false) => {
            let mut clear = Dialogue::clear(address, source)?;
            let commands = [
                (Stage::Connect, None, 220),
                (Stage::Ehlo, Some(format!("EHLO {CLIENT}")), 250),
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
    commands.push((Stage::Ehlo, Some(format!("EHLO {CLIENT}")), 250));
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
