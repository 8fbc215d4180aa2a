//! Who may send mail where: a listener's table of outcomes.

use std::fmt::Write;

use smtplint_core::facts::{Actor, Channel, Circumstance, Fact, Listener, Outcome, Outcomes, Recipient, Role, Stage};

const ACTORS: [(Actor, &str); 3] = [
    (Actor::Stranger, "a stranger"),
    (Actor::Trusted, "the trusted"),
    (Actor::Authenticated, "with AUTH"),
];

/// The width of the first column.
const NAME: usize = 14;
/// The width of the second one, where nothing longer stands in it.
const CELL: usize = 30;

/// The tables: the usual one, and one for each circumstance in which clients get something else.
pub(crate) fn tables(listener: &Listener) -> String {
    if listener.known_role() == Role::Mailbox {
        // No mail is taken there from anybody.
        return String::new();
    }
    let mut text = table("may send", &listener.outcomes);
    for exception in &listener.exceptions {
        let heading = match exception.when {
            Circumstance::FirstContact => "first contact",
            Circumstance::Ipv6 => "by IPv6",
        };
        text.push_str(&table(heading, &exception.outcomes));
    }
    text
}

/// A row for each kind of client.
fn table(heading: &str, outcomes: &Outcomes) -> String {
    let cells = ACTORS.map(|(actor, name)| {
        (
            name,
            [Channel::Clear, Channel::Tls].map(|channel| cell(outcomes, actor, channel)),
        )
    });
    let longest = cells.iter().map(|(_, [clear, _])| clear.len() + 2).max();
    let width = longest.unwrap_or(0).max(CELL);
    let mut text = String::new();
    let mut row = |name: &str, clear: &str, tls: &str| {
        let _ = writeln!(text, "  {name:<NAME$}{clear:<width$}{tls}");
    };
    row(heading, "in clear", "inside TLS");
    for (name, [clear, tls]) in &cells {
        row(name, clear, tls);
    }
    text
}

/// What becomes of mail to local users and to everybody else, in a few words.
fn cell(outcomes: &Outcomes, actor: Actor, channel: Channel) -> String {
    let outcome = |recipient| {
        let fact = outcomes.at(actor, channel, recipient);
        fact.map_or(
            Outcome::Unknown(smtplint_core::question::QuestionId(String::new())),
            Fact::outcome,
        )
    };
    match (outcome(Recipient::Local), outcome(Recipient::Foreign)) {
        (Outcome::Accepted, Outcome::Accepted) => "to anyone".to_owned(),
        (Outcome::Accepted, Outcome::Refused { .. } | Outcome::Deferred { .. }) => "to local users".to_owned(),
        (Outcome::Accepted, Outcome::Unknown(_)) => "to local users, perhaps others".to_owned(),
        (
            Outcome::Refused { stage, code },
            Outcome::Refused {
                stage: other,
                code: second,
            },
        ) if stage == other => refused(stage, if code == second { code } else { 0 }),
        (Outcome::Refused { .. }, Outcome::Refused { .. }) => "nothing: refused".to_owned(),
        (
            Outcome::Deferred { stage, code },
            Outcome::Deferred {
                stage: other,
                code: second,
            },
        ) if (stage, code) == (other, second) => {
            format!("nothing: {code} at {}", place(stage))
        }
        (Outcome::Deferred { .. }, Outcome::Deferred { .. }) => "nothing: put off".to_owned(),
        (Outcome::Dead(_), _) | (_, Outcome::Dead(_)) => "nothing: nobody is served".to_owned(),
        (Outcome::Unknown(_), Outcome::Refused { .. } | Outcome::Deferred { .. }) => {
            "perhaps to local users".to_owned()
        }
        (Outcome::Refused { .. } | Outcome::Deferred { .. }, Outcome::Accepted) => "not to local users".to_owned(),
        (Outcome::Refused { .. }, Outcome::Deferred { .. }) | (Outcome::Deferred { .. }, Outcome::Refused { .. }) => {
            "nothing: refused or put off".to_owned()
        }
        (Outcome::Unknown(_), _) | (_, Outcome::Unknown(_)) => "not known".to_owned(),
    }
}

fn refused(stage: Stage, code: u16) -> String {
    match (stage, code) {
        (Stage::Connect, 0) => "no session".to_owned(),
        (Stage::Auth, 0 | 502 | 503 | 530) => "no AUTH".to_owned(),
        (_, 0) => format!("nothing: refused at {} or before", place(stage)),
        _ => format!("nothing: {code} at {}", place(stage)),
    }
}

fn place(stage: Stage) -> &'static str {
    match stage {
        Stage::Connect => "the greeting",
        Stage::Ehlo => "EHLO",
        Stage::Starttls => "STARTTLS",
        Stage::Auth => "AUTH",
        Stage::Mail => "MAIL",
        Stage::Rcpt => "RCPT",
        Stage::Data => "DATA",
    }
}
