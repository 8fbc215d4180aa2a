//! What a line of a log or a client's message means.

use std::fmt::Write;

use smtplint_core::explain::Problem;
use smtplint_core::finding::{Confidence, Finding};
use smtplint_core::source::Sources;

use super::{harmless, width, wrapped};

/// How many findings are shown; `check` shows them all.
const SHOWN: usize = 3;

/// What it says, what is likely behind it, what in this configuration explains it, and the command that tells. `found` is
/// there when a configuration was judged.
pub(crate) fn render(problem: &Problem, found: Option<(Vec<&Finding>, &Sources)>) -> String {
    let mut text = format!("{}\n{}\n", problem.headline, problem.id);
    let mut section = |title: &str, body: &str| {
        let _ = write!(text, "\n{title}\n{}", wrapped(body, "  ", width()));
    };
    section("What it says", problem.means);
    section("What is likely behind it", problem.cause);
    match &found {
        Some((findings, _)) if findings.is_empty() => {
            section(
                "In this configuration",
                "Nothing was found that explains it. smtplint check shows what was found.",
            );
        }
        Some((findings, sources)) => {
            text.push_str("\nIn this configuration\n");
            for finding in findings.iter().take(SHOWN) {
                text.push_str(&one(finding, sources));
            }
            if findings.len() > SHOWN {
                let _ = writeln!(text, "  and {} more; smtplint check shows them", findings.len() - SHOWN);
            }
        }
        None => {}
    }
    let _ = writeln!(text, "\nThe command that tells\n  {}", problem.command);
    if found.is_none() {
        text.push_str("\nWith the configuration behind the line, such as . or /etc/postfix, smtplint looks for the reason in it.\n");
    }
    text
}

/// A finding in short: what is so, where, and what to write.
fn one(finding: &Finding, sources: &Sources) -> String {
    let depends = match finding.confidence {
        Confidence::Certain => "",
        Confidence::Depends => ", if an open question turns out so",
    };
    let head = format!(
        "{}[{}]{depends}: {}",
        finding.severity.word(),
        finding.rule,
        finding.message
    );
    let mut text = wrapped(&harmless(&head), "  ", width());
    if let Some(span) = finding.at.first().or(finding.context.first()) {
        let place = sources.place(*span);
        let _ = writeln!(text, "    at {}:{}", harmless(&place.file), place.line);
    }
    if let Some(advice) = &finding.advice {
        let place = if advice.file == "shell" {
            "run".to_owned()
        } else {
            format!("in {}", advice.file)
        };
        let _ = writeln!(text, "    {}; {place}:", harmless(&advice.title));
        for line in advice.text.lines() {
            let _ = writeln!(text, "        {}", harmless(line));
        }
    }
    text
}
