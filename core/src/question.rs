//! Questions: what cannot be known from what was given, and the command that would tell.

use crate::gather::{self, Index};

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
    /// Where each stands in the list, by name.
    places: Index,
    asked: Vec<Question>,
}

impl Questions {
    /// Asks, once, and gives the name back.
    pub fn ask(&mut self, id: &str, ask: impl Into<String>, command: impl Into<String>) -> QuestionId {
        let id = QuestionId(id.to_owned());
        if self.places.add(&id.0) {
            self.asked.push(Question {
                id: id.clone(),
                ask: ask.into(),
                command: command.into(),
                unlocks: Vec::new(),
            });
        }
        id
    }

    /// Notes that a rule waits for the answer.
    pub fn unlocks(&mut self, id: &QuestionId, rule: &str) {
        if let Some(question) = self.places.get(&id.0).and_then(|at| self.asked.get_mut(at))
            && !question.unlocks.iter().any(|known| known == rule)
        {
            question.unlocks.push(rule.to_owned());
        }
    }

    /// Two lists as one, each question once.
    pub(crate) fn joined(one: Vec<Question>, other: Vec<Question>) -> Vec<Question> {
        let mut questions = Questions::default();
        one.into_iter()
            .chain(other)
            .for_each(|question| questions.take(question));
        questions.into_sorted()
    }

    /// Takes over all questions of `others`.
    pub fn extend(&mut self, others: Questions) {
        others.asked.into_iter().for_each(|question| self.take(question));
    }

    /// Takes over a question with what waits for its answer.
    pub(crate) fn take(&mut self, question: Question) {
        let id = self.ask(&question.id.0, question.ask, question.command);
        for rule in question.unlocks {
            self.unlocks(&id, &rule);
        }
    }

    /// All questions, those that unlock most first.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Question> {
        let mut by_name: Vec<Question> = Vec::with_capacity(self.asked.len());
        for question in self.asked {
            let at = by_name.partition_point(|before| before.id.0 < question.id.0);
            by_name.insert(at, question);
        }
        gather::ordered(by_name, |question: &Question| u64::MAX - question.unlocks.len() as u64)
    }
}

/// A path as a shell takes it.
pub(crate) fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+');
    if path.chars().all(is_plain) {
        path.to_owned()
    } else {
        in_quotes(path)
    }
}

/// A word in quotes, in which a shell changes nothing.
pub(crate) fn in_quotes(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::{in_quotes, quoted};

    #[test]
    fn a_shell_changes_nothing_in_what_is_quoted() {
        assert_eq!(quoted("/etc/ssl/mail-1.pem"), "/etc/ssl/mail-1.pem");
        assert_eq!(quoted("/etc/ssl/a b$(id)"), "'/etc/ssl/a b$(id)'");
        assert_eq!(in_quotes("HIGH:'x"), r"'HIGH:'\''x'");
    }
}
