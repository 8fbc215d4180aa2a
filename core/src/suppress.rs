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

pub use baseline::{Baseline, Known};
pub use day::{Day, DayError};

use crate::facts::Listener;
use crate::finding::Finding;
use crate::gather;
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
pub(crate) fn apply(report: &mut Report, sources: &Sources, orders: &[Ignore], today: Option<Day>) {
    let mut comments = Comments::of(sources);
    report.notes.append(&mut comments.notes);
    if comments.is_empty() && orders.is_empty() {
        return;
    }
    let mut all = Ignores {
        sources,
        defined: gather::map(report.server.listeners.iter().map(|one| (one.id.clone(), one))),
        comments,
        orders,
        used: vec![false; orders.len()],
        today,
    };
    for finding in std::mem::take(&mut report.findings) {
        match all.cover(&finding) {
            Some((by, reason)) => report.suppressed.push(Suppressed { finding, by, reason }),
            None => report.findings.push(finding),
        }
    }
    all.note_orders(&mut report.notes);
    all.comments.note_unused(&mut report.notes);
}

/// Everything that ignores, while it is being applied.
struct Ignores<'a> {
    sources: &'a Sources,
    /// Listeners by id.
    defined: std::collections::BTreeMap<String, &'a Listener>,
    comments: Comments,
    orders: &'a [Ignore],
    used: Vec<bool>,
    today: Option<Day>,
}

impl Ignores<'_> {
    /// What ignores a finding as a whole, or each of its listeners.
    fn cover(&mut self, finding: &Finding) -> Option<(By, String)> {
        if let Some(by) = self.at(finding, finding.at.first().copied(), None) {
            return Some(by);
        }
        let mut first = None;
        // All of them are asked, so that each comment that takes part counts as used.
        let mut all = true;
        for id in &finding.listeners {
            let listener = self.defined.get(id).copied();
            let by = listener.and_then(|listener| self.at(finding, listener.defined, Some(listener)));
            all &= by.is_some();
            first = first.or(by);
        }
        first.filter(|_| all)
    }

    /// What ignores a finding at a place, or at one listener.
    fn at(&mut self, finding: &Finding, place: Option<Span>, listener: Option<&Listener>) -> Option<(By, String)> {
        if let Some(place) = place
            && let Some((span, reason)) = self.comments.cover(finding.rule, place)
        {
            return Some((By::Comment(span), reason));
        }
        let decides = finding.at.first().or(finding.context.first());
        let path = decides
            .and_then(|span| self.sources.file(span.file))
            .map_or("", |file| file.path.as_str());
        for (order, used) in self.orders.iter().zip(&mut self.used) {
            let here = match (&order.listener, listener) {
                (None, _) => true,
                (Some(name), Some(listener)) => is_called(listener, name),
                (Some(_), None) => false,
            };
            let in_file = order.file.as_ref().is_none_or(|file| is_path_end(path, file));
            if here && in_file && order.rule == finding.rule && !is_over(order, self.today) {
                *used = true;
                return Some((By::Order(order.origin.clone()), order.reason.clone()));
            }
        }
        None
    }

    /// What is to be said of the orders from outside.
    fn note_orders(&self, notes: &mut Vec<Note>) {
        for (order, used) in self.orders.iter().zip(&self.used) {
            let (origin, rule) = (&order.origin, &order.rule);
            let (topic, text) = if let Some(text) = unknown(rule) {
                ("unknown-rule", text)
            } else if is_over(order, self.today) {
                let until = order.until.map(|day| day.to_string()).unwrap_or_default();
                (
                    "expired-ignore",
                    format!(
                        "`{rule}` was to be ignored until {until}, and is not any more; mend it, or give it another date"
                    ),
                )
            } else if !used {
                (
                    "unused-ignore",
                    format!("`{rule}` is to be ignored, but nothing is found that this is about: take it out"),
                )
            } else {
                continue;
            };
            notes.push(Note {
                topic,
                text: format!("{origin}: {text}"),
                at: None,
            });
        }
    }
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

fn is_over(order: &Ignore, today: Option<Day>) -> bool {
    matches!((order.until, today), (Some(until), Some(today)) if until < today)
}

fn is_called(listener: &Listener, name: &str) -> bool {
    listener.name == name
        || listener.id == name
        || listener.service == name
        || listener.known_port().is_some_and(|port| port.to_string() == name)
}

fn is_path_end(path: &str, end: &str) -> bool {
    path.strip_suffix(end)
        .is_some_and(|before| before.is_empty() || before.ends_with('/') || end.starts_with('/'))
}
