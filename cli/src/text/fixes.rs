//! What became of findings that were to be mended: for people, and for programs.

use std::path::PathBuf;

use serde::Serialize;
use smtplint_core::TOOL;
use smtplint_core::finding::Severity;
use smtplint_core::fix::{Fix, Fixes, Left, Reason};

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
    }
    for left in &fixes.left {
        lines.push(format!(
            "left: {}[{}]: {}",
            left.finding.severity.word(),
            left.finding.rule,
            left.finding.message
        ));
        lines.push(format!("  because {}", reason(left)));
    }
    if fixes.done.is_empty() && fixes.left.is_empty() {
        lines.push("nothing to mend".to_owned());
    }
    lines
}

/// Why it is left, in words that follow "because".
fn reason(left: &Left) -> String {
    match &left.reason {
        Reason::NothingToWrite => {
            format!(
                "no line of the configuration cures it by itself; what to do: smtplint explain {}",
                left.finding.rule
            )
        }
        Reason::Blocked(blocked) => blocked.to_string(),
        Reason::Costs(impact) => format!(
            "of what it costs; --allow-impact makes it all the same. {}",
            impact.spoken().join("; ")
        ),
        Reason::NotCured => "what there is to write does not cure it by itself".to_owned(),
        Reason::Undoes(rule) => format!("it would bring back what was mended for {rule}"),
    }
}

/// `smtplint/fix/1`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) struct FixJson {
    schema: &'static str,
    tool: &'static str,
    /// In the order in which they are made.
    fixes: Vec<FixedJson>,
    left: Vec<LeftJson>,
    /// As `patch -p1` takes it.
    patch: String,
    /// Commands that do the same where the text is a print-out.
    commands: Vec<String>,
    /// Files written, each with the copy of what it was.
    written: Vec<WrittenJson>,
    /// The command that makes it effective.
    reload: &'static str,
}

#[derive(Debug, Serialize)]
struct FixedJson {
    rule: &'static str,
    severity: Severity,
    listeners: Vec<String>,
    message: String,
    fingerprint: String,
    title: String,
    /// Who loses what.
    impact: Vec<String>,
    /// What comes to light with it.
    reveals: Vec<String>,
}

#[derive(Debug, Serialize)]
struct LeftJson {
    rule: &'static str,
    severity: Severity,
    listeners: Vec<String>,
    message: String,
    fingerprint: String,
    blocked: String,
}

#[derive(Debug, Serialize)]
struct WrittenJson {
    path: String,
    copy: String,
}

/// The same for programs.
pub(crate) fn json(fixes: &Fixes, patch: &str, written: &[(String, PathBuf)]) -> FixJson {
    let fixed = |fix: &Fix| FixedJson {
        rule: fix.finding.rule,
        severity: fix.finding.severity,
        listeners: fix.finding.listeners.clone(),
        message: fix.finding.message.clone(),
        fingerprint: fix.finding.fingerprint.clone(),
        title: fix
            .finding
            .advice
            .as_ref()
            .map(|advice| advice.title.clone())
            .unwrap_or_default(),
        impact: fix.impact.spoken(),
        reveals: fix.impact.reveals.clone(),
    };
    let left = |left: &Left| LeftJson {
        rule: left.finding.rule,
        severity: left.finding.severity,
        listeners: left.finding.listeners.clone(),
        message: left.finding.message.clone(),
        fingerprint: left.finding.fingerprint.clone(),
        blocked: reason(left),
    };
    let written = written.iter().map(|(path, copy)| WrittenJson {
        path: path.clone(),
        copy: copy.display().to_string(),
    });
    FixJson {
        schema: "smtplint/fix/1",
        tool: TOOL,
        fixes: fixes.done.iter().map(fixed).collect(),
        left: fixes.left.iter().map(left).collect(),
        patch: patch.to_owned(),
        commands: fixes.done.iter().flat_map(|fix| fix.patch.commands.clone()).collect(),
        written: written.collect(),
        reload: fixes.reload,
    }
}
