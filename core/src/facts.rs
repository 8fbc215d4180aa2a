//! Facts: one vocabulary for what every server does, and the steps that lead to each.

mod access;
mod because;
mod handshake;
mod identity;
mod listener;
mod log;
mod outbound;
mod outcome;
mod session;
mod suite_kind;
mod suites;
mod tls_version;

pub use access::{Access, SenderCheck, is_container_network};
pub use because::Because;
pub use handshake::{Handshake, Prime};
pub use identity::{Chain, Identity};
pub use listener::{
    Auth, Care, CertificateSource, ClientCertificate, Entry, Front, Listener, ListenerFacts, Mechanisms, Networks,
    Overruled, Role, Server, Stumble, Tls, VersionList,
};
pub use log::Log;
pub(crate) use outbound::is_machine;
pub use outbound::{Assurance, Outbound, Traffic};
pub use outcome::{Actor, Cause, Channel, Circumstance, Exception, Outcome, OutcomeCell, Outcomes, Recipient, Stage};
pub use session::{Dialogue, MessageEnd, Session};
pub use suite_kind::{Asked, Holds, SuiteKind};
pub use suites::{Refusal, SuiteReading, Suites, UnknownWord};
pub use tls_version::{TlsVersion, TlsVersions};

use std::rc::Rc;

use crate::question::QuestionId;
use crate::source::Span;
use crate::version::Versions;

/// Three-valued knowledge: what a template, a table or an unseen file hides is unknown, is said, and is never guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<T> {
    /// Known.
    Is(T),
    /// Hidden; the question says by what, and how to find out.
    Unknown(QuestionId),
}

impl<T> Value<T> {
    /// The value when it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Value::Is(value) => Some(value),
            Value::Unknown(_) => None,
        }
    }

    /// The question when it is not.
    pub fn question(&self) -> Option<&QuestionId> {
        match self {
            Value::Is(_) => None,
            Value::Unknown(question) => Some(question),
        }
    }

    /// The same knowledge about something derived from the value.
    pub fn map<U>(self, derive: impl FnOnce(T) -> U) -> Value<U> {
        match self {
            Value::Is(value) => Value::Is(derive(value)),
            Value::Unknown(question) => Value::Unknown(question),
        }
    }
}

/// A set of which some members are sure and others may be hidden:
/// `mynetworks = 0.0.0.0/0, hash:/x` is surely open although one member is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members<T> {
    /// What surely belongs to the set, in order.
    pub surely: Vec<T>,
    /// What else may belong to it.
    pub rest: Option<QuestionId>,
}

impl<T: PartialEq> Members<T> {
    /// True when `member` surely belongs to the set.
    pub fn has(&self, member: &T) -> bool {
        self.surely.contains(member)
    }

    /// `Some(true)` and `Some(false)` when it is certain whether `member` belongs to the set.
    pub fn holds(&self, member: &T) -> Option<bool> {
        if self.has(member) {
            Some(true)
        } else if self.rest.is_some() {
            None
        } else {
            Some(false)
        }
    }
}

/// One step on the way from the files to a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The setting stands in the file, for the whole server.
    Set {
        /// The setting's own name.
        setting: Rc<str>,
        /// Where.
        span: Span,
    },
    /// The setting stands in the file, for this listener only.
    Override {
        /// The setting's own name.
        setting: Rc<str>,
        /// Where.
        span: Span,
    },
    /// Nothing is set: the server's own default decides.
    Default {
        /// The setting's own name.
        setting: Rc<str>,
        /// The default, as the server's own tool prints it.
        value: Rc<str>,
        /// The releases that have this default.
        versions: Versions,
    },
    /// A default that depends on the compatibility level in force.
    Compatibility {
        /// The level.
        level: String,
    },
    /// Said by another server of the same machine.
    Linked {
        /// That server's id.
        server: String,
    },
    /// Said by the person, or taken for granted and said aloud.
    Assumed {
        /// The flag, or what is taken for granted.
        flag: String,
    },
    /// Seen at a live port or in DNS.
    Observed {
        /// Where.
        endpoint: String,
    },
}

impl Step {
    /// The place in the files, when the step is one.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        match self {
            Step::Set { span, .. } | Step::Override { span, .. } => Some(*span),
            _ => None,
        }
    }

    /// The setting's name, when the step is about one.
    #[must_use]
    pub fn setting(&self) -> Option<&str> {
        match self {
            Step::Set { setting, .. } | Step::Override { setting, .. } | Step::Default { setting, .. } => Some(setting),
            _ => None,
        }
    }
}

/// Something known, or known to be unknown, with the steps that led there; the step that decides stands first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<T> {
    /// What is known.
    pub value: Value<T>,
    /// Why.
    pub because: Because,
}

impl<T> Fact<T> {
    /// A known fact.
    pub fn is(value: T, because: impl Into<Because>) -> Fact<T> {
        Fact {
            value: Value::Is(value),
            because: because.into(),
        }
    }

    /// A fact that waits for an answer.
    pub fn unknown(question: QuestionId, because: impl Into<Because>) -> Fact<T> {
        Fact {
            value: Value::Unknown(question),
            because: because.into(),
        }
    }

    /// The value when it is known.
    pub fn known(&self) -> Option<&T> {
        self.value.known()
    }

    /// The same steps, leading to something derived from the value.
    pub fn map<U>(self, derive: impl FnOnce(T) -> U) -> Fact<U> {
        Fact {
            value: self.value.map(derive),
            because: self.because,
        }
    }

    /// The place that decides: the first step that stands in a file.
    #[must_use]
    pub fn place(&self) -> Option<Span> {
        self.because.iter().find_map(Step::span)
    }
}

impl<T: PartialEq> Fact<T> {
    /// Keeps what holds at another point as well; where the points differ the fact depends on `question`.
    pub fn agree(&mut self, other: &Fact<T>, question: &QuestionId) {
        if self.value != other.value {
            self.value = Value::Unknown(question.clone());
            self.because.gather(&other.because);
        }
    }
}

impl<T: PartialEq + Clone> Fact<Members<T>> {
    /// Keeps the members that are sure at both points; whatever is sure at only one of them may belong to the rest.
    pub fn agree_members(&mut self, other: &Fact<Members<T>>, question: &QuestionId) {
        match (&mut self.value, &other.value) {
            (Value::Is(mine), Value::Is(theirs)) if *mine != *theirs => {
                let differ = mine.surely.len() != theirs.surely.len() || mine.surely.iter().any(|one| !theirs.has(one));
                mine.surely.retain(|member| theirs.has(member));
                if mine.rest.is_none() {
                    mine.rest = theirs.rest.clone();
                }
                if differ {
                    mine.rest.get_or_insert_with(|| question.clone());
                }
            }
            (Value::Is(_), Value::Is(_)) => {}
            _ => self.agree(other, question),
        }
    }
}

impl Fact<bool> {
    /// True when surely so.
    #[must_use]
    pub fn surely(&self) -> bool {
        self.known() == Some(&true)
    }

    /// True when surely not so.
    #[must_use]
    pub fn surely_not(&self) -> bool {
        self.known() == Some(&false)
    }
}
