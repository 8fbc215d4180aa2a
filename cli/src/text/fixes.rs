//! What became of findings that were to be mended, for people.

use smtplint_core::fix::Fixes;

/// What is said beside the patch: what it mends and costs, and what is left.
pub(crate) fn told(fixes: &Fixes) -> Vec<String> {
    let mut lines = Vec::new();
    for fix in &fixes.done {
        lines.push(format!(
            "mended: {}[{}]: {}",
            fix.finding.severity.word(),
            fix.finding.rule,
            fix.finding.message
        ));
        lines.extend(fix.impact.spoken().into_iter().map(|cost| format!("  costs: {cost}")));
        lines.extend(fix.impact.reveals.iter().map(|new| format!("  brings to light: {new}")));
        let cleared = fix.impact.cleared_spoken();
        lines.extend(
            cleared
                .into_iter()
                .map(|who| format!("  costs nobody by the log: {who}")),
        );
    }
    for left in &fixes.left {
        lines.push(format!(
            "left: {}[{}]: {}",
            left.finding.severity.word(),
            left.finding.rule,
            left.finding.message
        ));
        lines.push(format!("  because {}", left.reason_spoken()));
    }
    if fixes.done.is_empty() && fixes.left.is_empty() {
        lines.push("nothing to mend".to_owned());
    }
    lines
}
