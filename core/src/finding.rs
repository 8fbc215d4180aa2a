//! Findings: what a rule has to say.

use serde::{Deserialize, Serialize};

use crate::change::Advice;
use crate::facts::Because;
use crate::gain::Gain;
use crate::patch::Wish;
use crate::question::QuestionId;
use crate::rule::Citation;
use crate::source::Span;

/// How bad it is. Ordered from the least to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Better otherwise.
    Low,
    /// Somebody can be harmed under circumstances.
    Medium,
    /// Somebody can be harmed.
    High,
    /// Passwords or the server are open to anyone.
    Critical,
}

impl Severity {
    /// All, the worst first.
    pub const ALL: [Severity; 5] = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::Info,
    ];

    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
            Severity::Info => "info",
        }
    }

    /// The severity of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| severity.word() == word)
    }
}

/// Whether it is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It holds whatever the open questions turn out to be.
    Certain,
    /// It holds for some answers.
    Depends,
}

/// One thing to know, with its reasons and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// The rule's group.
    pub group: &'static str,
    /// What a stranger gains by it, at worst.
    pub gain: Gain,
    /// The id of the dialect in which the server's configuration is written.
    pub dialect: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How certain.
    pub confidence: Confidence,
    /// For `Depends`: on which releases it holds, in words, or empty.
    pub only_with: String,
    /// The question that would settle it.
    pub question: Option<QuestionId>,
    /// Ids of the listeners it is about; empty when it is about the whole server.
    pub listeners: Vec<String>,
    /// One sentence: what is so.
    pub message: String,
    /// One or two sentences: what a stranger can do with it.
    pub why: String,
    /// The places that decide, the first one first. Empty when a default decides; `because` names it then.
    pub at: Vec<Span>,
    /// Where the listeners are defined, for context.
    pub context: Vec<Span>,
    /// The steps that lead there.
    pub because: Because,
    /// What to write.
    pub advice: Option<Advice>,
    /// The same as a wish, for whoever writes it into the text; see [`crate::fix`].
    pub wishes: Vec<Wish>,
    /// What it rests on; empty when it is the person's own preference.
    pub sources: Vec<Citation>,
    /// It rests on nothing but what the person prefers.
    pub own_preference: bool,
    /// Rules whose findings this one explains.
    pub supersedes: Vec<&'static str>,
    /// The same for the same finding in the same file, wherever its line moves.
    pub fingerprint: String,
}
