//! The plan of a move as Markdown, with boxes to tick.

use std::fmt::Write;

use super::{Gate, Plan, Stage};
use crate::file_change::Patched;
use crate::markdown::{block, code, sentence};

/// The whole plan; `patches` are those of its stages, in their order.
pub(super) fn render(plan: &Plan, patches: &[Patched]) -> String {
    let title = plan.title();
    let mut text = format!("# {title}\n\n{}\n\n## What has to be so\n\n", sentence(plan.answer));
    for gate in &plan.gates {
        text.push_str(&told(gate));
    }
    for (stage, patched) in plan.stages.iter().zip(patches) {
        text.push_str(&shown(stage, patched));
    }
    if let Some(why) = plan.stopped() {
        // Formatting into a string cannot fail.
        let _ = write!(text, "\n**{}**\n", sentence(&why));
    }
    text
}

fn told(gate: &Gate) -> String {
    let (tick, mark) = match gate.met {
        Some(true) => ("x", ""),
        Some(false) => (" ", "**Not so.** "),
        None => (" ", "To check: "),
    };
    format!("- [{tick}] {}\n  {mark}{}\n", sentence(&gate.what), sentence(&gate.why))
}

fn shown(stage: &Stage, patched: &Patched) -> String {
    let optional = if stage.is_optional { " (optional)" } else { "" };
    let mut text = format!("\n## Stage {}: {}{optional}\n\n", stage.number, sentence(&stage.title));
    for action in &stage.actions {
        let _ = writeln!(text, "- [ ] {}", sentence(action));
    }
    let costs: Vec<String> = stage.step.iter().flat_map(|step| step.impact.spoken()).collect();
    if !costs.is_empty() {
        let _ = write!(text, "\nCosts: {}.\n", sentence(&costs.join("; ")));
    }
    if let Some(remark) = &patched.remark {
        let _ = write!(text, "\n{}\n", sentence(remark));
    }
    if !patched.text.is_empty() {
        let fenced = block(&patched.text);
        let _ = write!(text, "\n{}", fenced.replacen("```\n", "```diff\n", 1));
    }
    let mut lines = |title: &str, all: Vec<&str>| {
        if !all.is_empty() {
            let _ = write!(text, "\n{title}:\n\n{}", block(&all.join("\n")));
        }
    };
    lines("Commands", stage.step.iter().flat_map(|step| step.commands()).collect());
    lines("In the zone", stage.dns.iter().map(String::as_str).collect());
    lines("A person types", stage.clients.iter().map(String::as_str).collect());
    if !stage.checks.is_empty() {
        text.push_str("\nCheck:\n\n");
    }
    for check in &stage.checks {
        let _ = writeln!(text, "- [ ] {} shows {}", code(&check.command), sentence(&check.shows));
    }
    let _ = write!(
        text,
        "\n**Done when:** {}\n\n**Roll back:** {}\n",
        sentence(&stage.done_when),
        sentence(&stage.roll_back)
    );
    text
}
