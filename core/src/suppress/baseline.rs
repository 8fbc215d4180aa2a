//! What is known already: findings by fingerprint, at the time when somebody wrote them down.

use serde::{Deserialize, Serialize};

use super::{By, Suppressed};
use crate::finding::{Finding, Severity};
use crate::gather::Index;
use crate::report::{Note, Report};

/// One finding of a baseline.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The rule's id.
    pub rule: String,
    /// The finding's fingerprint.
    pub fingerprint: String,
    /// How bad it was; when it has become worse it is new.
    pub severity: Severity,
}

/// The whole baseline: `smtplint/baseline/1`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// `smtplint/baseline/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "smtplint/baseline/1")))]
    pub schema: String,
    /// Sorted by rule and fingerprint.
    pub findings: Vec<Known>,
}

impl Baseline {
    /// What [`Baseline::schema`] holds.
    pub const SCHEMA: &str = "smtplint/baseline/1";

    /// Everything that is found and that nothing ignores.
    #[must_use]
    pub fn of(report: &Report) -> Baseline {
        let mut findings: Vec<Known> = report
            .findings
            .iter()
            .map(|finding| Known {
                rule: finding.rule.to_owned(),
                fingerprint: finding.fingerprint.clone(),
                severity: finding.severity,
            })
            .collect();
        findings.sort();
        Baseline {
            schema: Baseline::SCHEMA.to_owned(),
            findings,
        }
    }

    /// True when the finding is in it.
    #[must_use]
    pub fn knows(&self, other: &Known) -> bool {
        self.findings.iter().any(|known| known.fingerprint == other.fingerprint)
    }
}

impl Report {
    /// Leaves what is new: what the baseline holds, and has not become worse, is ignored. What it holds and is gone is noted.
    /// Returns how many of its findings are gone.
    pub fn leave_new(&mut self, baseline: &[Known], called: &str) -> usize {
        let mut places = Index::default();
        for (at, known) in baseline.iter().enumerate() {
            places.put(&known.fingerprint, at);
        }
        let mut there = vec![false; baseline.len()];
        let mut find = |finding: &Finding| {
            let at = places.get(&finding.fingerprint)?;
            if let Some(there) = there.get_mut(at) {
                *there = true;
            }
            baseline.get(at)
        };
        for one in &self.suppressed {
            find(&one.finding);
        }
        for finding in std::mem::take(&mut self.findings) {
            match find(&finding) {
                Some(known) if finding.severity <= known.severity => {
                    self.suppressed.push(Suppressed {
                        finding,
                        by: By::Baseline,
                        reason: String::new(),
                    });
                }
                _ => self.findings.push(finding),
            }
        }
        let gone: Vec<&str> = baseline
            .iter()
            .zip(there)
            .filter(|(_, there)| !there)
            .map(|(known, _)| known.rule.as_str())
            .collect();
        if !gone.is_empty() {
            let (number, names) = (gone.len(), counted(&gone));
            let text = format!(
                "{called}: {number} of its findings {} gone: {names}; --update-baseline takes {} out",
                if number == 1 { "is" } else { "are" },
                if number == 1 { "it" } else { "them" }
            );
            self.notes.push(Note {
                topic: "gone-from-baseline",
                text,
                at: None,
            });
        }
        gone.len()
    }
}

/// `a, b (3 times)`, in the order given.
fn counted(names: &[&str]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let mut places = Index::default();
    for name in names {
        let at = *places.get_or_put(name, counts.len());
        match counts.get_mut(at) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let words: Vec<String> = counts
        .into_iter()
        .map(|(name, count)| {
            if count == 1 {
                format!("`{name}`")
            } else {
                format!("`{name}` ({count} times)")
            }
        })
        .collect();
    words.join(", ")
}
