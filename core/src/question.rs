//! Questions: what cannot be known from what was given, and the command that would tell.

use std::collections::BTreeMap;

use crate::gather;

use serde::Serialize;

/// Names a question; the same cause gives the same name, so that one answer unlocks everything it holds up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct QuestionId(pub String);

/// Something the given text cannot tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Question {
    /// The name that facts refer to.
    pub id: QuestionId,
    /// One sentence that ends with a question mark.
    pub ask: String,
    /// The command that prints the answer, or what to give to `smtplint`.
    pub command: String,
    /// Ids of the rules that could not decide, or only for some versions.
    pub unlocks: Vec<String>,
}

/// Questions by name, so that each is asked once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Questions {
    asked: BTreeMap<QuestionId, Question>,
}

impl Questions {
    /// Asks, once, and gives the name back.
    pub fn ask(&mut self, id: &str, ask: impl Into<String>, command: impl Into<String>) -> QuestionId {
        let id = QuestionId(id.to_owned());
        self.asked.entry(id.clone()).or_insert_with(|| Question {
            id: id.clone(),
            ask: ask.into(),
            command: command.into(),
            unlocks: Vec::new(),
        });
        id
    }

    /// Notes that a rule waits for the answer.
    pub fn unlocks(&mut self, id: &QuestionId, rule: &str) {
        if let Some(question) = self.asked.get_mut(id)
            && !question.unlocks.iter().any(|known| known == rule)
        {
            question.unlocks.push(rule.to_owned());
        }
    }

    /// Takes over all questions of `others`.
    pub fn extend(&mut self, others: Questions) {
        for (id, question) in others.asked {
            let mine = self.asked.entry(id).or_insert_with(|| Question {
                unlocks: Vec::new(),
                ..question.clone()
            });
            for rule in question.unlocks {
                if !mine.unlocks.contains(&rule) {
                    mine.unlocks.push(rule);
                }
            }
        }
    }

    /// All questions, those that unlock most first.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Question> {
        let all: Vec<Question> = self.asked.into_values().collect();
        gather::ordered(all, |question| u64::MAX - question.unlocks.len() as u64)
    }
}
