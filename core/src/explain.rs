//! Error messages of clients and lines of logs: what they mean, and which finding explains them.

mod problems;

use crate::facts::{Listener, Step};
use crate::finding::Finding;
use crate::gather;
use crate::report::Report;

pub use problems::PROBLEMS;
use problems::VAGUE;

/// A problem that people meet, by the words in which programs tell of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// Its name, in kebab-case.
    pub id: &'static str,
    /// Each a way to recognise it: all of its parts stand in one line, in this order, whatever the case of letters.
    pub signs: &'static [&'static [&'static str]],
    /// Where one of these stands in the line as well, it is about something else.
    pub unless: &'static [&'static str],
    /// What has happened, as a sentence without full stop.
    pub headline: &'static str,
    /// What the line says.
    pub means: &'static str,
    /// What is likely behind it, and what to do.
    pub cause: &'static str,
    /// The command that tells.
    pub command: &'static str,
    /// Rules whose findings explain it, the likeliest first.
    pub rules: &'static [&'static str],
    /// Of these rules, which speak of many things, a finding explains it only where a setting that it rests on has one of
    /// the parts in its name.
    pub only: &'static [(&'static str, &'static [&'static str])],
}

/// Longer texts are no error message: what stands behind is not looked at.
const LONGEST: usize = 20_000;

/// The problem that a line tells of, or the first such line of several, one that tells much before one that tells little;
/// `None` when it is not known.
#[must_use]
pub fn recognise(text: &str) -> Option<&'static Problem> {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end)?.to_ascii_lowercase();
    let known = |line| PROBLEMS.iter().find(|problem| problem.is_in(line));
    let mut vague = None;
    for problem in text.lines().filter_map(known) {
        if !VAGUE.contains(&problem.id) {
            return Some(problem);
        }
        vague = vague.or(Some(problem));
    }
    vague
}

impl Problem {
    /// True when a line, in small letters, tells of it.
    fn is_in(&self, line: &str) -> bool {
        self.signs.iter().any(|parts| in_order(line, parts)) && !self.unless.iter().any(|word| line.contains(word))
    }

    /// The findings of a configuration that explain it: those about a port that the text names come first, then the
    /// likeliest.
    #[must_use]
    pub fn explained_by<'r>(&self, text: &str, report: &'r Report) -> Vec<&'r Finding> {
        let rank = |finding: &Finding| self.rules.iter().position(|rule| *rule == finding.rule);
        let named: Vec<&str> = report
            .server
            .listeners
            .iter()
            .filter(|one| is_named(one, text))
            .map(|one| one.id.as_str())
            .collect();
        let fits = |finding: &Finding| {
            let parts = self.only.iter().find(|(rule, _)| *rule == finding.rule);
            parts.is_none_or(|(_, parts)| rests_on(finding, parts))
        };
        let fitting: Vec<(bool, usize, &Finding)> = report
            .findings
            .iter()
            .filter(|finding| fits(finding))
            .filter_map(|finding| {
                let about = finding.listeners.iter().any(|id| named.contains(&id.as_str()));
                rank(finding).map(|rank| (!about, rank, finding))
            })
            .collect();
        let key = |(elsewhere, rank, _): &(bool, usize, &Finding)| u64::from(*elsewhere) << 32 | *rank as u64;
        gather::ordered(fitting, key)
            .into_iter()
            .map(|(.., finding)| finding)
            .collect()
    }
}

/// True when a setting that the finding rests on has one of the parts in its name.
fn rests_on(finding: &Finding, parts: &[&str]) -> bool {
    let mut settings = finding.because.iter().filter_map(Step::setting);
    settings.any(|setting| parts.iter().any(|part| setting.contains(part)))
}

fn in_order(line: &str, parts: &[&str]) -> bool {
    let mut rest = line;
    parts.iter().all(|part| match rest.find(part) {
        Some(at) => {
            rest = rest.get(at + part.len()..).unwrap_or("");
            true
        }
        None => false,
    })
}

/// True when the text names the listener: its port as a number of its own, or its name in the log.
fn is_named(listener: &Listener, text: &str) -> bool {
    let port = listener.known_port().map(|port| port.to_string());
    let by_number = port.is_some_and(|port| {
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
            .any(|word| word == port)
    });
    let in_log = listener
        .log
        .name
        .known()
        .is_some_and(|name| name.contains('/') && text.contains(&format!("{name}/")));
    by_number || in_log
}
