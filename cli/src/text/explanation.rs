//! The text of a rule.

use std::fmt::Write;

use smtplint_core::finding::Severity;
use smtplint_core::rule_text::{HERE, RuleText};

use super::{width, wrapped};

/// Headline, sections, examples, sources.
pub(crate) fn render(id: &str, (rule, severity, sources): &(RuleText<'_>, Severity, Vec<String>)) -> String {
    let mut text = format!("{}\n{id}, {}\n", rule.headline, severity.word());
    for (title, body) in &rule.sections {
        let _ = writeln!(text, "\n{title}");
        for paragraph in body.split("\n\n") {
            if paragraph
                .lines()
                .all(|line| line.starts_with("- ") || line.starts_with("  "))
            {
                for item in paragraph.split("\n- ") {
                    text.push_str(&wrapped(&format!("- {}", item.trim_start_matches("- ")), "  ", width()));
                }
            } else {
                text.push_str(&wrapped(paragraph, "  ", width()));
            }
            text.push('\n');
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    for example in &rule.examples {
        let _ = writeln!(
            text,
            "\n{}",
            if example.good {
                "So it is right"
            } else {
                "So it is found"
            }
        );
        for line in example.text.lines() {
            let shown = line.replace(HERE, "   <- here");
            let _ = writeln!(text, "    {}", shown.trim_end());
        }
    }
    let _ = writeln!(text, "\nSources\n  {}", sources.join("; "));
    text
}
