//! Living with a finding: comments in the configuration that ignore it, the same from outside, and a baseline.
//!
//! A comment `# smtplint: ignore[rule-id, other-id] reason` stands on a line of its own, because nothing else is a comment to
//! the servers. It covers the line below it, with what continues that line; between the lines of a continued value it covers
//! the one line below. Where that line defines a listener, it covers what is found about this listener as well. A finding
//! about several listeners is covered when each of them is.
//!
//! Nothing is ignored in silence: a comment without a reason, one of a rule that is not there, one that ignores nothing or
//! has expired is noted, and so is what a baseline holds and is gone.

mod baseline;
mod comments;
mod day;
mod orders;

pub use baseline::{Baseline, Known};
pub use day::{Day, DayError};
pub(crate) use orders::Outside;

use crate::facts::Listener;
use crate::finding::Finding;
use crate::gather::Index;
use crate::report::{Note, Report};
use crate::source::{Sources, Span};
use comments::Comments;

/// An order from outside the configuration to ignore what a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// The rule's id.
    pub rule: String,
    /// Only at this listener: its name, its port or its id.
    pub listener: Option<String>,
    /// Only what is decided in this file: its name, or the end of its path.
    pub file: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<Day>,
    /// Where it is written, in words, such as `smtplint.toml:7`.
    pub origin: String,
}

/// What ignores a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A comment in the configuration.
    Comment(Span),
    /// An [`Ignore`], by its origin.
    Order(String),
    /// The baseline.
    Baseline,
}

/// A finding that is ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// What ignores it.
    pub by: By,
    /// Why, as the person says; may be empty.
    pub reason: String,
}

/// Takes out what comments and orders ignore, and notes what is to be said of them.
pub(crate) fn apply(report: &mut Report, sources: &Sources, orders: &mut impl Orders) {
    let listeners: Vec<Listener> = report.listeners().cloned().collect();
    let Report {
        findings,
        suppressed,
        notes,
        ..
    } = report;
    let mut comments = Comments::of(sources);
    notes.append(&mut comments.notes);
    let mut places = Index::default();
    for (at, one) in listeners.iter().enumerate() {
        places.put(&one.id, at);
    }
    for finding in std::mem::take(findings) {
        // What decides, or else all the listeners it is about.
        let mut cover = |place: Option<Span>, listener: Option<&Listener>| {
            let comment = place.and_then(|place| comments.cover(finding.rule, place, sources));
            comment.or_else(|| orders.cover(&finding, sources, listener))
        };
        let mut by = cover(finding.at.first().copied(), None);
        if by.is_none() {
            // All of them are asked, so that each comment that takes part counts as used.
            let mut all = true;
            for id in &finding.listeners {
                let listener = places.get(id).and_then(|at| listeners.get(at));
                let one = listener.and_then(|listener| cover(listener.defined, Some(listener)));
                all &= one.is_some();
                by = by.or(one);
            }
            by = by.filter(|_| all);
        }
        match by {
            Some((by, reason)) => suppressed.push(Suppressed { finding, by, reason }),
            None => findings.push(finding),
        }
    }
    comments.note_unused(notes);
    orders.note(notes);
}

/// Whoever ignores from outside the configuration. The page has nobody, and is spared the rest.
pub(crate) trait Orders {
    /// The order that ignores a finding as a whole, or at one of its listeners.
    fn cover(&mut self, finding: &Finding, sources: &Sources, listener: Option<&Listener>) -> Option<(By, String)>;
    /// Says what is to be said of the orders.
    fn note(&self, notes: &mut Vec<Note>);
}

impl Orders for () {
    fn cover(&mut self, _: &Finding, _: &Sources, _: Option<&Listener>) -> Option<(By, String)> {
        None
    }

    fn note(&self, _: &mut Vec<Note>) {}
}

/// What is said of a rule that is not there.
fn unknown(rule: &str) -> Option<String> {
    if crate::rule_by_id(rule).is_some() {
        return None;
    }
    let near = crate::nearest_rule(rule);
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Some(format!("there is no rule `{rule}`{near}"))
}
