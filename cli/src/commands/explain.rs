//! `smtplint explain`.

use std::process::ExitCode;

use smtplint_core::document;
use smtplint_core::rules::RULES;

use crate::args::ExplainOptions;
use crate::error::Error;
use crate::{output, text};

/// Prints the text of a rule.
pub(crate) fn run(options: &ExplainOptions) -> Result<ExitCode, Error> {
    let id = options.rule.as_str();
    let explanation = document::explanation(id).ok_or_else(|| Error::Rule {
        id: id.to_owned(),
        nearest: nearest(id),
    })?;
    output::print(&text::explanation::render(id, &explanation))?;
    Ok(ExitCode::SUCCESS)
}

/// A rule that shares most of the words.
fn nearest(id: &str) -> Option<String> {
    let words: Vec<&str> = id.split(['-', '_', ' ']).filter(|word| word.len() > 2).collect();
    let shared = |rule: &str| {
        words
            .iter()
            .filter(|word| rule.split('-').any(|own| own.starts_with(**word)))
            .count()
    };
    RULES
        .iter()
        .map(|(_, rule)| (shared(rule.id), rule.id))
        .filter(|(count, _)| *count > 0)
        .max()
        .map(|(_, id)| id.to_owned())
}
