//! What a session shows of the server, tolerates from the client and leaves in the log.

use super::Fact;
use crate::question::QuestionId;

/// What ends the text of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageEnd {
    /// The five characters of RFC 5321 §4.1.1.4 and nothing else.
    Standard,
    /// Other line ends as well, but commands that follow at once are refused.
    Guarded {
        /// The server has a setting that ends the tolerance itself.
        better: bool,
    },
    /// Other line ends as well.
    Any,
}

/// How a session goes at a listener, apart from TLS and AUTH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whether the greeting names the server's release.
    pub tells_release: Fact<bool>,
    /// Whether VRFY (RFC 5321 §3.5.1) is answered.
    pub answers_vrfy: Fact<bool>,
    /// Keywords that the answer to EHLO leaves out, in small letters.
    pub unannounced: Vec<String>,
    /// How much of TLS is logged: 0 nothing, 1 a line a session, more for those who look for a fault.
    pub tls_log: Fact<u8>,
    /// The name under which the listener's lines stand in the log.
    pub log_name: Fact<String>,
    /// Checks of the client's machine that come before a login counts, one a list: the word, with the list it stands in.
    pub checks_on_users: Vec<Fact<String>>,
}

impl Session {
    /// Keeps what holds at another point as well.
    pub(super) fn agree(&mut self, other: &Session, question: &QuestionId) {
        self.tells_release.agree(&other.tells_release, question);
        self.answers_vrfy.agree(&other.answers_vrfy, question);
        self.unannounced.retain(|word| other.unannounced.contains(word));
        self.tls_log.agree(&other.tls_log, question);
        self.log_name.agree(&other.log_name, question);
        self.checks_on_users
            .retain(|check| other.checks_on_users.contains(check));
    }
}

/// How messages and commands may follow each other in a session. It stands apart because it differs between many releases that
/// have all else in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialogue {
    /// What ends the text of a message.
    pub message_end: Fact<MessageEnd>,
    /// Whether a client that does not wait for its turn (RFC 2920 §3.1) is refused.
    pub stops_early_talk: Fact<bool>,
}

impl Dialogue {
    /// Keeps what holds at another point as well.
    pub(super) fn agree(&mut self, other: &Dialogue, question: &QuestionId) {
        self.message_end.agree(&other.message_end, question);
        self.stops_early_talk.agree(&other.stops_early_talk, question);
    }
}
