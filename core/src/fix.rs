//! The way out of findings: each wish is written into the text, read again and judged again before it is offered.
//!
//! A fix is offered only when the finding is gone afterwards and no earlier fix is undone. What it costs, and to whom, is
//! computed from the facts before and after.

use crate::dialect::Dialect;
use crate::finding::{Finding, Severity};
use crate::impact::Impact;
use crate::patch::{Blocked, Patch};
use crate::report::{Options, Report};
use crate::source::Sources;

/// One finding that is mended.
#[derive(Debug, Clone)]
pub struct Fix {
    /// What was found.
    pub finding: Finding,
    /// The edits, of the text as the fixes before it left it.
    pub patch: Patch,
    /// What it costs.
    pub impact: Impact,
}

/// Why a finding is left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Nothing in the configuration is to be written: the way out lies elsewhere, as the rule's text says.
    NothingToWrite,
    /// It cannot be written into this text.
    Blocked(Blocked),
    /// Somebody would lose something, and that was not allowed.
    Costs(Impact),
    /// What would be written does not cure it by itself.
    NotCured,
    /// What would be written brings back what another fix mended.
    Undoes(&'static str),
}

/// One finding that is left.
#[derive(Debug, Clone)]
pub struct Left {
    /// What was found.
    pub finding: Finding,
    /// Why it stays.
    pub reason: Reason,
}

/// What became of the findings that were chosen.
#[derive(Debug)]
pub struct Fixes {
    /// In the order in which they were made.
    pub done: Vec<Fix>,
    /// The worst first.
    pub left: Vec<Left>,
    /// The text after all of them.
    pub after: Sources,
    /// The command that makes a changed configuration the one in force.
    pub reload: &'static str,
}

/// Whoever decides what is mended.
pub struct Choice<'a> {
    /// Judges a text; what it ignores is not mended.
    pub check: &'a dyn Fn(&Sources) -> Report,
    /// Which findings are to be mended.
    pub wants: &'a dyn Fn(&Finding) -> bool,
    /// Whether a cost is borne.
    pub bears: &'a dyn Fn(&Impact) -> bool,
}

/// Mends what can be mended, the worst first.
#[must_use]
pub fn fix(sources: &Sources, dialect: &dyn Dialect, options: &Options, choice: &Choice<'_>) -> Fixes {
    let mut text = sources.clone();
    let mut report = (choice.check)(&text);
    let mut done: Vec<Fix> = Vec::new();
    let mut left: Vec<Left> = Vec::new();
    loop {
        let is_open = |finding: &&Finding| {
            (choice.wants)(finding)
                && !left
                    .iter()
                    .any(|left: &Left| left.finding.fingerprint == finding.fingerprint)
        };
        let Some(finding) = report.findings.iter().find(is_open).cloned() else {
            break;
        };
        match attempt(&text, dialect, options, choice, &report, &finding, &done) {
            Ok(Attempt {
                patch,
                impact,
                after,
                report: now,
            }) if (choice.bears)(&impact) => {
                done.push(Fix { finding, patch, impact });
                text = after;
                report = now;
            }
            Ok(Attempt { impact, .. }) => left.push(Left {
                finding,
                reason: Reason::Costs(impact),
            }),
            Err(reason) => left.push(Left { finding, reason }),
        }
    }
    // What another fix has mended along the way is no longer there to be left.
    left.retain(|left| {
        report
            .findings
            .iter()
            .any(|finding| finding.fingerprint == left.finding.fingerprint)
    });
    left.sort_by_key(|left| std::cmp::Reverse(left.finding.severity));
    Fixes {
        done,
        left,
        after: text,
        reload: dialect.read(sources).reload(),
    }
}

/// A fix that cures.
struct Attempt {
    patch: Patch,
    impact: Impact,
    after: Sources,
    report: Report,
}

fn attempt(
    text: &Sources,
    dialect: &dyn Dialect,
    options: &Options,
    choice: &Choice<'_>,
    before: &Report,
    finding: &Finding,
    done: &[Fix],
) -> Result<Attempt, Reason> {
    if finding.wishes.is_empty() {
        return Err(Reason::NothingToWrite);
    }
    let reading = dialect.read(text);
    let points = reading.points(&options.target);
    let patch = reading.edit(text, &finding.wishes, &points).map_err(Reason::Blocked)?;
    if patch.is_empty() {
        return Err(Reason::NotCured);
    }
    let after = patch.apply(text);
    let report = (choice.check)(&after);
    if report.findings.iter().any(|now| is_same(now, finding)) {
        return Err(Reason::NotCured);
    }
    let back = done
        .iter()
        .find(|fix| report.findings.iter().any(|now| is_same(now, &fix.finding)));
    if let Some(fix) = back {
        return Err(Reason::Undoes(fix.finding.rule));
    }
    let mut impact = Impact::between(&before.server, &report.server);
    impact.reveals = reveals(before, &report, finding.severity);
    Ok(Attempt {
        patch,
        impact,
        after,
        report,
    })
}

/// What is there afterwards, was not before, and is no better than what was mended.
fn reveals(before: &Report, after: &Report, at_least: Severity) -> Vec<String> {
    let is_new = |now: &&Finding| {
        now.severity >= at_least
            && !before
                .findings
                .iter()
                .any(|then| then.rule == now.rule && (is_same(then, now)))
    };
    after
        .findings
        .iter()
        .filter(is_new)
        .map(|now| now.message.clone())
        .collect()
}

/// The same rule about the same listener; or, about none, with the same words.
fn is_same(one: &Finding, other: &Finding) -> bool {
    one.rule == other.rule
        && match (one.listeners.is_empty(), other.listeners.is_empty()) {
            (true, true) => one.message == other.message,
            (false, false) => one.listeners.iter().any(|listener| other.listeners.contains(listener)),
            _ => false,
        }
}
