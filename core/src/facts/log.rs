//! What a listener writes to the log.

use super::Fact;
use crate::question::QuestionId;

/// What can be read in the log of a listener's sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The name under which they stand there.
    pub name: Fact<String>,
    /// Whether it says which of them were encrypted, and how.
    pub tls: Fact<bool>,
}

impl Log {
    /// Keeps what holds at another point as well.
    pub(crate) fn agree(&mut self, other: &Log, question: &QuestionId) {
        self.name.agree(&other.name, question);
        self.tls.agree(&other.tls, question);
    }
}
