//! What became of findings that were to be mended, for programs.

use serde::Serialize;

use super::{Fix, Fixes, Left};
use crate::TOOL;
use crate::finding::Severity;

/// `smtplint/fix/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FixJson {
    /// `smtplint/fix/1`.
    pub schema: &'static str,
    /// The name and version of what wrote it.
    pub tool: &'static str,
    /// In the order in which they are made.
    pub fixes: Vec<FixedJson>,
    /// What is left, and why.
    pub left: Vec<LeftJson>,
    /// As `patch -p1` takes it.
    pub patch: String,
    /// Commands that do the same where the text is a print-out.
    pub commands: Vec<String>,
    /// Files written, each with the copy of what it was.
    pub written: Vec<WrittenJson>,
    /// The command that makes it effective.
    pub reload: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
/// One finding that is mended.
pub struct FixedJson {
    /// The rule's id.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Ids of the listeners it is about.
    pub listeners: Vec<String>,
    /// What is so.
    pub message: String,
    /// The same for the same finding, wherever its line moves.
    pub fingerprint: String,
    /// What is done, in a few words.
    pub title: String,
    /// Who loses what.
    pub impact: Vec<String>,
    /// What comes to light with it.
    pub reveals: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
/// One finding that is left.
pub struct LeftJson {
    /// The rule's id.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Ids of the listeners it is about.
    pub listeners: Vec<String>,
    /// What is so.
    pub message: String,
    /// The same for the same finding, wherever its line moves.
    pub fingerprint: String,
    /// Why it is left.
    pub blocked: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
/// One file that was written.
pub struct WrittenJson {
    /// The file.
    pub path: String,
    /// The copy beside it.
    pub copy: String,
}

/// The same for programs.
pub(super) fn of(fixes: &Fixes, patch: &str, written: Vec<WrittenJson>) -> FixJson {
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
        blocked: left.reason_spoken(),
    };
    FixJson {
        schema: "smtplint/fix/1",
        tool: TOOL,
        fixes: fixes.done.iter().map(fixed).collect(),
        left: fixes.left.iter().map(left).collect(),
        patch: patch.to_owned(),
        commands: fixes.done.iter().flat_map(|fix| fix.patch.commands.clone()).collect(),
        written,
        reload: fixes.reload.clone(),
    }
}
