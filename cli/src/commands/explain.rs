//! `smtplint explain`.

use std::process::ExitCode;

use smtplint_core::{Options, Report, document, explain, mx};

use crate::args::ExplainOptions;
use crate::error::Error;
use crate::input::{self, Given};
use crate::{output, text};

/// Prints the text of a rule, or what a line means.
pub(crate) fn run(options: &ExplainOptions) -> Result<ExitCode, Error> {
    let subject = options.subject.as_str();
    // Without a word about a configuration none is looked for: the line may come from another machine.
    let wanted = !options.input.paths.is_empty() || options.input.root.is_some();
    if let Some(explanation) = document::explanation(subject).or_else(|| mx::rules::explanation(subject)) {
        if wanted {
            return Err(Error::RuleWithPath { id: subject.to_owned() });
        }
        output::print(&text::explanation::render(subject, &explanation))?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(problem) = explain::recognise(subject) else {
        return Err(not_known(subject));
    };
    let judged = wanted.then(|| judged(options)).transpose()?;
    let found = judged
        .as_ref()
        .map(|(given, report)| (problem.explained_by(subject, report), &given.sources));
    output::print(&text::problem::render(problem, found))?;
    Ok(ExitCode::SUCCESS)
}

fn judged(options: &ExplainOptions) -> Result<(Given, Report), Error> {
    let given = input::read(&options.input, false)?;
    output::remark(options.input.quiet, &given.remarks)?;
    let target = Options {
        target: given.target.clone(),
        ..Options::default()
    };
    let report = smtplint_core::check(&given.sources, given.dialect, &target);
    Ok((given, report))
}

/// One word in small letters was meant for a rule; anything else for a line.
fn not_known(subject: &str) -> Error {
    let is_id = |word: &str| {
        word.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    if is_id(subject) {
        return Error::Rule {
            id: subject.to_owned(),
            nearest: smtplint_core::nearest_of_all_rules(subject).map(str::to_owned),
        };
    }
    let line = subject.lines().next().unwrap_or("");
    let shown: String = line.chars().take(100).collect();
    let more = if shown.len() < subject.len() { "…" } else { "" };
    Error::Line {
        line: text::harmless(&format!("{shown}{more}")),
    }
}
