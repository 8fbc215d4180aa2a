//! The way from Dovecot 2.3 to 2.4, for people at a terminal.

use std::fmt::Write as _;

use smtplint_core::dialects::dovecot::upgrade::Upgrade;
use smtplint_core::file_change::FileChange;
use smtplint_core::source::Sources;

use super::{width, wrapped};

/// The whole plan with its patch.
pub(crate) fn render(plan: &Upgrade, sources: &Sources, changes: &[FileChange]) -> String {
    let width = width();
    let mut text = wrapped(&plan.answer(), "", width);
    if !plan.left.is_empty() {
        text.push_str("\nYours to write\n");
    }
    for left in &plan.left {
        let line = sources.slice(left.span).lines().next().unwrap_or("");
        // Formatting into a string cannot fail.
        let _ = writeln!(text, "  {}  {}", sources.spoken(left.span), line.trim());
        text.push_str(&wrapped(&left.why, "      ", width));
        text.push_str(&wrapped(&format!("in its place: {}", left.instead), "      ", width));
    }
    let (patch, remark) = plan.shown(sources, changes);
    if !patch.is_empty() {
        let _ = write!(text, "\nThe change\n{patch}");
    }
    if let Some(remark) = remark {
        text.push('\n');
        text.push_str(&wrapped(&remark, "", width));
    }
    text.push_str("\nAlso to know\n");
    for remark in &plan.remarks {
        text.push_str("  - ");
        text.push_str(wrapped(remark, "    ", width).trim_start());
    }
    for (title, steps) in [
        ("The way", plan.steps(sources, changes)),
        ("The way back", plan.way_back(sources)),
    ] {
        let _ = writeln!(text, "\n{title}");
        for (number, step) in steps.iter().enumerate() {
            let number = format!("  {}. ", number + 1);
            text.push_str(&number);
            text.push_str(wrapped(&step.what, "     ", width).trim_start());
            if let Some(command) = &step.command {
                let _ = writeln!(text, "         {command}");
            }
        }
    }
    text
}
