//! What a client gets: one table a listener.

use std::rc::Rc;

use serde::Serialize;

use super::{Fact, Value};
use crate::question::QuestionId;

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// Anyone on the network.
    Stranger,
    /// A client from the trusted networks.
    Trusted,
    /// A client that has proved who it is.
    Authenticated,
}

/// Over what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Without encryption.
    Clear,
    /// Inside TLS.
    Tls,
}

/// Where to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Recipient {
    /// A mailbox of this server.
    Local,
    /// Anywhere else.
    Foreign,
}

/// Where in the session the answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Before the greeting.
    Connect,
    /// At EHLO.
    Ehlo,
    /// At STARTTLS.
    Starttls,
    /// At AUTH.
    Auth,
    /// At MAIL.
    Mail,
    /// At RCPT.
    Rcpt,
    /// At DATA or after it.
    Data,
}

/// Why a listener cannot work at all: in words, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause(pub String);

/// What a client gets. A yes or no cannot say "the port is dead", "deferred", "refused only at RCPT".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The recipient is accepted.
    Accepted,
    /// Refused for good; or, when the code is not known, for good or for now.
    Refused {
        /// Where; at the latest, when the code is not known.
        stage: Stage,
        /// The reply code; 0 when the connection ends without one, or when it is not known which of several comes.
        code: u16,
    },
    /// Refused for now.
    Deferred {
        /// Where.
        stage: Stage,
        /// The reply code.
        code: u16,
    },
    /// Nobody is served.
    Dead(Cause),
    /// Not decided by what was given.
    Unknown(QuestionId),
}

/// One cell of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeCell {
    /// Who.
    pub actor: Actor,
    /// How.
    pub channel: Channel,
    /// Where to.
    pub recipient: Recipient,
    /// What happens.
    pub outcome: Fact<Outcome>,
}

/// The whole table of a listener: who × how × where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcomes {
    /// Shared, because findings take their listener along.
    cells: Rc<Vec<OutcomeCell>>,
}

/// When clients get something else than they usually do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Circumstance {
    /// A client that no list names comes for the first time, and a program in front answers it that takes no mail.
    FirstContact,
    /// The client comes by IPv6.
    Ipv6,
}

impl Circumstance {
    /// A word for each: `first-contact`, `ipv6`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Circumstance::FirstContact => "first-contact",
            Circumstance::Ipv6 => "ipv6",
        }
    }
}

/// What clients get in a circumstance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// When.
    pub when: Circumstance,
    /// The table that holds then.
    pub outcomes: Outcomes,
}

impl Outcomes {
    /// Fills the table by asking for each cell.
    pub fn of(mut decide: impl FnMut(Actor, Channel, Recipient) -> Fact<Outcome>) -> Outcomes {
        let mut cells = Vec::with_capacity(12);
        for actor in [Actor::Stranger, Actor::Trusted, Actor::Authenticated] {
            for channel in [Channel::Clear, Channel::Tls] {
                for recipient in [Recipient::Local, Recipient::Foreign] {
                    let outcome = decide(actor, channel, recipient);
                    cells.push(OutcomeCell {
                        actor,
                        channel,
                        recipient,
                        outcome,
                    });
                }
            }
        }
        Outcomes { cells: Rc::new(cells) }
    }

    /// The cells: strangers first, then trusted, then authenticated clients.
    #[must_use]
    pub fn cells(&self) -> &[OutcomeCell] {
        &self.cells
    }

    /// What one kind of client gets.
    #[must_use]
    pub fn at(&self, actor: Actor, channel: Channel, recipient: Recipient) -> Option<&Fact<Outcome>> {
        self.cells
            .iter()
            .find(|cell| cell.actor == actor && cell.channel == channel && cell.recipient == recipient)
            .map(|cell| &cell.outcome)
    }

    /// True when every client gets the same by the other table, for whatever reasons.
    pub(crate) fn is_like(&self, other: &Outcomes) -> bool {
        let mut pairs = self.cells.iter().zip(other.cells());
        pairs.all(|(mine, theirs)| mine.outcome.value == theirs.outcome.value)
    }

    /// Keeps what holds at another point as well.
    pub(crate) fn agree(&mut self, other: &Outcomes, question: &QuestionId) {
        // Nearly always they do agree, and what is shared stays shared.
        let differs = |(mine, theirs): (&OutcomeCell, &OutcomeCell)| mine.outcome.value != theirs.outcome.value;
        if !self.cells().iter().zip(other.cells()).any(differs) {
            return;
        }
        for (mine, theirs) in Rc::make_mut(&mut self.cells).iter_mut().zip(other.cells()) {
            mine.outcome.agree(&theirs.outcome, question);
        }
    }
}

impl Fact<Outcome> {
    /// The outcome, an unknown fact being an unknown outcome.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match &self.value {
            Value::Is(outcome) => outcome.clone(),
            Value::Unknown(question) => Outcome::Unknown(question.clone()),
        }
    }
}
