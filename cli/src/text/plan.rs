//! The plan of a move, for people at a terminal.

use std::fmt::Write;

use smtplint_core::file_change::Patched;
use smtplint_core::migrate::{Gate, Plan, Stage};

use super::{width, wrapped};

/// The whole plan; `patches` are those of its stages, in their order.
pub(crate) fn render(plan: &Plan, patches: &[Patched]) -> String {
    let width = width();
    let mut text = wrapped(plan.answer, "", width);
    text.push_str("\nWhat has to be so\n");
    for gate in &plan.gates {
        text.push_str(&told(gate, width));
    }
    for (stage, patched) in plan.stages.iter().zip(patches) {
        text.push_str(&shown(stage, patched, width));
    }
    if let Some(why) = plan.stopped() {
        text.push('\n');
        text.push_str(&wrapped(&why, "", width));
    }
    text
}

fn told(gate: &Gate, width: usize) -> String {
    let mark = match gate.met {
        Some(true) => "yes",
        Some(false) => "no",
        None => "to check",
    };
    let first = wrapped(&gate.what, "              ", width);
    let first = first.trim_start();
    format!("  {mark:<10}  {first}{}", wrapped(&gate.why, "                ", width))
}

fn shown(stage: &Stage, patched: &Patched, width: usize) -> String {
    let optional = if stage.is_optional { " (optional)" } else { "" };
    let mut text = format!("\nStage {}: {}{optional}\n", stage.number, stage.title);
    for action in &stage.actions {
        text.push_str("  - ");
        text.push_str(wrapped(action, "    ", width).trim_start());
    }
    for cost in stage.step.iter().flat_map(|step| step.impact.spoken()) {
        text.push_str(&wrapped(&format!("costs: {cost}"), "    ", width));
    }
    if let Some(remark) = &patched.remark {
        text.push_str(&wrapped(remark, "  ", width));
    }
    // Formatting into a string cannot fail.
    let mut lines = |title: &str, body: &mut dyn Iterator<Item = String>| {
        let mut body = body.peekable();
        if body.peek().is_some() {
            let _ = writeln!(text, "  {title}:");
            for line in body {
                let _ = writeln!(text, "      {line}");
            }
        }
    };
    lines("patch", &mut patched.text.lines().map(str::to_owned));
    lines(
        "commands",
        &mut stage.step.iter().flat_map(|step| step.commands()).map(str::to_owned),
    );
    lines("in the zone", &mut stage.dns.iter().cloned());
    lines("a person types", &mut stage.clients.iter().cloned());
    if !stage.checks.is_empty() {
        text.push_str("  check:\n");
    }
    for check in &stage.checks {
        let _ = writeln!(text, "      {}", check.command);
        text.push_str(&wrapped(&format!("shows {}", check.shows), "          ", width));
    }
    text.push_str(&wrapped(&format!("done when: {}", stage.done_when), "  ", width));
    text.push_str(&wrapped(&format!("roll back: {}", stage.roll_back), "  ", width));
    text
}
