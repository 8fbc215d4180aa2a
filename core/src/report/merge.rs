//! One cause, one finding: what rules said at each point becomes one list.

use std::collections::{BTreeMap, BTreeSet};

use super::Judged;
use crate::dialect::Reading;
use crate::facts::Listener;
use crate::finding::{Confidence, Finding, Severity};
use crate::question::{QuestionId, Questions};
use crate::rule::{Draft, Rule};
use crate::rule_text::RuleText;
use crate::source::{Sources, Span};

/// Everything said, the same thing once.
#[derive(Default)]
pub(super) struct Gathered {
    said: Vec<Said>,
    /// Where the same thing stands in the list already.
    known: BTreeMap<Subject, usize>,
}

/// What something is said about: rule, places, listener.
type Subject = (&'static str, Vec<Span>, Option<String>);

/// One thing said at one or more points, about one or more listeners.
struct Said {
    rule: &'static Rule,
    group: &'static str,
    draft: Draft,
    listeners: Vec<Listener>,
    /// Indices of points.
    points: BTreeSet<usize>,
}

impl Said {
    fn severity(&self) -> Severity {
        self.draft.severity.unwrap_or(self.rule.severity)
    }
}

impl Gathered {
    /// Takes what a rule said at one point.
    pub(super) fn add(&mut self, rule: &'static Rule, group: &'static str, point: usize, draft: Draft) {
        let listener = draft.listener.as_ref().map(|listener| listener.id.clone());
        let index = *self
            .known
            .entry((rule.id, draft.at.clone(), listener))
            .or_insert(self.said.len());
        match self.said.get_mut(index) {
            Some(known) => {
                known.points.insert(point);
                // The newest release tells the story.
                known.listeners = draft.listener.iter().cloned().collect();
                known.draft = draft;
            }
            None => self.said.push(Said {
                rule,
                group,
                listeners: draft.listener.iter().cloned().collect(),
                draft,
                points: BTreeSet::from([point]),
            }),
        }
    }

    /// The same cause at several listeners is one thing: same rule, same places, same severity, same points.
    fn join_listeners(&mut self) {
        let mut joined: Vec<Said> = Vec::new();
        // What can be the same has the same rule and the same first place.
        let mut candidates: BTreeMap<(&'static str, Option<Span>), Vec<usize>> = BTreeMap::new();
        for one in std::mem::take(&mut self.said) {
            let same = |known: &Said| {
                !one.draft.at.is_empty()
                    && known.rule.id == one.rule.id
                    && known.draft.at.first() == one.draft.at.first()
                    && known.draft.message == one.draft.message
                    && known.severity() == one.severity()
                    && known.points == one.points
            };
            let same_default = |known: &Said| {
                one.draft.at.is_empty()
                    && known.draft.at.is_empty()
                    && known.rule.id == one.rule.id
                    && known.draft.because == one.draft.because
                    && !one.draft.because.is_empty()
                    && known.draft.message == one.draft.message
                    && known.severity() == one.severity()
                    && known.points == one.points
            };
            let near = candidates
                .entry((one.rule.id, one.draft.at.first().copied()))
                .or_default();
            let known = near.iter().find(|&&index| {
                joined
                    .get(index)
                    .is_some_and(|known| same(known) || same_default(known))
            });
            match known.and_then(|&index| joined.get_mut(index)) {
                Some(known) => known.listeners.extend(one.listeners),
                None => {
                    near.push(joined.len());
                    joined.push(one);
                }
            }
        }
        self.said = joined;
    }

    /// What another rule explains goes into that rule's finding.
    fn supersede(&self) -> Vec<(usize, Vec<&'static str>)> {
        let explains = |winner: &Said, loser: &Said| {
            winner.rule.supersedes.contains(&loser.rule.id)
                && winner.severity() >= loser.severity()
                && winner.draft.question.is_none()
                && winner.points.is_superset(&loser.points)
                && loser
                    .listeners
                    .iter()
                    .all(|one| winner.listeners.iter().any(|other| other.id == one.id))
        };
        // Only few rules explain others, and only few are explained.
        let winners: Vec<&Said> = self.said.iter().filter(|one| !one.rule.supersedes.is_empty()).collect();
        let explained: BTreeSet<&str> = winners.iter().flat_map(|one| one.rule.supersedes).copied().collect();
        let losers = self
            .said
            .iter()
            .enumerate()
            .filter(|(_, one)| explained.contains(one.rule.id));
        let gone: BTreeSet<usize> = losers
            .filter(|(_, loser)| winners.iter().any(|winner| explains(winner, loser)))
            .map(|(index, _)| index)
            .collect();
        let stays = self.said.iter().enumerate().filter(|(index, _)| !gone.contains(index));
        stays
            .map(|(index, winner)| {
                let mut explained: Vec<&'static str> = Vec::new();
                let losers = if winner.rule.supersedes.is_empty() {
                    &BTreeSet::new()
                } else {
                    &gone
                };
                for loser in losers.iter().filter_map(|index| self.said.get(*index)) {
                    if explains(winner, loser) && !explained.contains(&loser.rule.id) {
                        explained.push(loser.rule.id);
                    }
                }
                (index, explained)
            })
            .collect()
    }

    /// The list that people read: the worst first, then by place.
    pub(super) fn into_findings(
        mut self,
        sources: &Sources,
        reading: &dyn Reading,
        judged: &Judged,
        version_question: &QuestionId,
        questions: &mut Questions,
    ) -> Vec<Finding> {
        self.join_listeners();
        let kept = self.supersede();
        let mut findings: Vec<Finding> = kept
            .into_iter()
            .filter_map(|(index, supersedes)| {
                let said = self.said.get(index)?;
                let finding = said.finding(supersedes, reading, judged, version_question);
                if let Some(question) = &finding.question {
                    questions.unlocks(question, finding.rule);
                }
                Some(finding)
            })
            .collect();
        findings.sort_by(|left, right| {
            (right.severity, left.confidence, first(left)).cmp(&(left.severity, right.confidence, first(right)))
        });
        name_by_fingerprint(&mut findings, sources);
        findings
    }
}

fn first(finding: &Finding) -> Option<Span> {
    finding.at.first().or(finding.context.first()).copied()
}

impl Said {
    fn finding(
        &self,
        supersedes: Vec<&'static str>,
        reading: &dyn Reading,
        judged: &Judged,
        version_question: &QuestionId,
    ) -> Finding {
        let everywhere = self.points.len() == judged.points.len();
        let question = match (&self.draft.question, everywhere) {
            (Some(question), _) => Some(question.clone()),
            (None, true) => None,
            (None, false) => Some(version_question.clone()),
        };
        let names: Vec<String> = self.listeners.iter().map(Listener::spoken).collect();
        let advice = self.draft.change.as_ref().map(|(change, at_listener)| {
            // What is written must be read by every release in question, not only by those where it is needed.
            let listener = self.listeners.first().filter(|_| *at_listener);
            reading.advise(change, listener, &judged.points)
        });
        Finding {
            rule: self.rule.id,
            group: self.group,
            severity: self.severity(),
            confidence: if question.is_none() {
                Confidence::Certain
            } else {
                Confidence::Depends
            },
            only_with: if everywhere {
                String::new()
            } else {
                self.releases(judged)
            },
            question,
            listeners: self.listeners.iter().map(|listener| listener.id.clone()).collect(),
            message: self.draft.message.replace("{listener}", &enumerated(&names)),
            why: RuleText::parse(self.rule.text).why().to_owned(),
            at: self.draft.at.clone(),
            context: self.listeners.iter().filter_map(|listener| listener.defined).collect(),
            because: self.draft.because.clone(),
            advice,
            supersedes,
            fingerprint: String::new(),
        }
    }

    /// The releases at which it was said, in words.
    fn releases(&self, judged: &Judged) -> String {
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for &point in &self.points {
            match spans.last_mut() {
                Some((_, last)) if *last + 1 == point => *last = point,
                _ => spans.push((point, point)),
            }
        }
        let version = |index: usize| {
            judged
                .points
                .get(index)
                .map(|point| point.version.to_string())
                .unwrap_or_default()
        };
        let words: Vec<String> = spans
            .into_iter()
            .map(|(from, to)| match (from, judged.points.get(to + 1)) {
                (0, Some(_)) => format!("before {}", version(to + 1)),
                (_, None) => format!("{} and later", version(from)),
                (_, Some(_)) => format!("from {} to before {}", version(from), version(to + 1)),
            })
            .collect();
        enumerated(&words)
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn enumerated(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

/// Names each finding by what it is about, never by where its line happens to stand.
fn name_by_fingerprint(findings: &mut [Finding], sources: &Sources) {
    let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
    for finding in findings {
        let mut hash = Fnv::new();
        hash.word(finding.rule);
        for listener in &finding.listeners {
            hash.word(listener);
        }
        for span in &finding.at {
            hash.word(sources.file(span.file).map_or("", |file| file.file_name()));
            // Comments between the lines of a value are no part of it.
            let lines = sources
                .slice(*span)
                .lines()
                .filter(|line| !line.trim_start().starts_with('#'));
            for word in lines.flat_map(str::split_whitespace) {
                hash.word(word);
            }
        }
        for setting in finding.because.iter().filter_map(crate::facts::Step::setting) {
            hash.word(setting);
        }
        // The same thing said twice, as of two equal lines, is told apart by its number.
        let number = seen.entry(hash.0).or_default();
        *number += 1;
        finding.fingerprint = match *number {
            1 => format!("{:016x}", hash.0),
            number => format!("{:016x}-{number}", hash.0),
        };
    }
}

/// FNV-1a, 64 bits: short, stable across releases and platforms, and no secret depends on it.
struct Fnv(u64);

impl Fnv {
    fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn word(&mut self, word: &str) {
        for byte in word.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
