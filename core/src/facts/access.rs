//! Whose word a listener takes, beside that of clients who log in.

use super::Fact;
use crate::question::QuestionId;

/// What keeps users who have logged in from sending under the addresses of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SenderCheck {
    /// Nothing.
    None,
    /// A check with a table of owners.
    Enforced,
    /// A check that stands where nobody who has logged in arrives.
    Unreached,
    /// A check without a table.
    Toothless,
}

/// Whose word a listener takes, and what that opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// What users who have logged in may write as their address.
    pub senders: Fact<SenderCheck>,
}

impl Access {
    /// Keeps what holds at another point as well.
    pub(crate) fn agree(&mut self, other: &Access, question: &QuestionId) {
        self.senders.agree(&other.senders, question);
    }
}
