//! `smtplint rules`.

use std::fmt::Write;
use std::process::ExitCode;

use serde::Serialize;
use smtplint_core::finding::Severity;
use smtplint_core::mx::rules as mx;
use smtplint_core::rule_text::RuleText;
use smtplint_core::rules::RULES;

use crate::args::{Format, RulesOptions};
use crate::error::Error;
use crate::output;

/// A rule in the list for programs.
#[derive(Serialize)]
struct RuleJson {
    id: &'static str,
    group: &'static str,
    severity: &'static str,
    headline: String,
    sources: Vec<String>,
}

/// A rule to be listed.
struct Listed {
    id: &'static str,
    group: &'static str,
    severity: Severity,
    text: &'static str,
    sources: Vec<String>,
}

/// Those that judge configurations and ports, then those that judge what a domain says.
fn all() -> impl Iterator<Item = Listed> {
    let configured = RULES.iter().map(|(group, rule)| Listed {
        id: rule.id,
        group,
        severity: rule.severity,
        text: rule.text(),
        sources: rule.sources().iter().map(ToString::to_string).collect(),
    });
    configured.chain(mx::ALL.iter().map(|rule| Listed {
        id: rule.id,
        group: mx::GROUP,
        severity: rule.severity,
        text: rule.text,
        sources: rule.cited(),
    }))
}

/// Lists the rules by group.
pub(crate) fn run(options: &RulesOptions) -> Result<ExitCode, Error> {
    match options.format {
        Format::Json => {
            let list: Vec<RuleJson> = all()
                .map(|rule| RuleJson {
                    id: rule.id,
                    group: rule.group,
                    severity: rule.severity.word(),
                    headline: RuleText::parse(rule.text).headline.to_owned(),
                    sources: rule.sources,
                })
                .collect();
            output::print_json(&list)?;
        }
        Format::Text => output::print(&listed())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn listed() -> String {
    let mut text = String::new();
    let mut last = "";
    let width = all().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in all() {
        if rule.group != last {
            let _ = writeln!(text, "{}{}", if last.is_empty() { "" } else { "\n" }, rule.group);
            last = rule.group;
        }
        let headline = RuleText::parse(rule.text).headline;
        let _ = writeln!(text, "  {:width$}  {:8}  {headline}", rule.id, rule.severity.word());
    }
    text.push_str("\nsmtplint explain RULE tells what a rule means, why it matters and what to do.\n");
    text
}
