//! The README's tables of rules are the lists of rules.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]

use smtplint_core::mx::rules as mx;
use smtplint_core::rule_text::RuleText;
use smtplint_core::rules::RULES;

#[test]
fn the_readme_lists_the_rules() {
    let readme = include_str!("../../README.md");
    let rows: Vec<&str> = readme.lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> = RULES
        .iter()
        .map(|(_, rule)| {
            let text = RuleText::parse(rule.text());
            // The servers whose language its examples are in, which the tests judge.
            let has = |dialect: &str| text.examples.iter().any(|one| one.dialect == dialect);
            let servers: Vec<&str> = [("postfix", "Postfix"), ("dovecot", "Dovecot"), ("exim", "Exim")]
                .into_iter()
                .filter(|(dialect, _)| has(dialect))
                .map(|(_, name)| name)
                .collect();
            format!(
                "| `{}` | {} | {} | {} |",
                rule.id,
                rule.severity.word(),
                text.headline,
                servers.join(", ")
            )
        })
        .chain(mx::ALL.iter().map(|rule| {
            let headline = RuleText::parse(rule.text).headline;
            format!("| `{}` | {} | {headline} |", rule.id, rule.severity.word())
        }))
        .collect();
    assert_eq!(rows, expected, "the tables in README.md under `The rules`");
}
