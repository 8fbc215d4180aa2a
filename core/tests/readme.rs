//! The README's table of rules is the list of rules.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]

use smtplint_core::rule_text::RuleText;
use smtplint_core::rules::RULES;

#[test]
fn the_readme_lists_the_rules() {
    let readme = include_str!("../../README.md");
    let rows: Vec<&str> = readme.lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> = RULES
        .iter()
        .map(|(_, rule)| {
            format!(
                "| `{}` | {} | {} |",
                rule.id,
                rule.severity.word(),
                RuleText::parse(rule.text()).headline
            )
        })
        .collect();
    assert_eq!(rows, expected, "the table in README.md under `The rules`");
}
