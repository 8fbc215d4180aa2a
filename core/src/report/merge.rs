//! One cause, one finding: what rules said at each point becomes one list.

use std::fmt::Write;
use std::ops::Range;

use super::Judged;
use crate::change::{Advice, Change};
use crate::dialect::{Reading, Terms};
use crate::facts::{Listener, Role};
use crate::finding::{Confidence, Finding, Severity};
use crate::gather::{self, Groups, Index};
use crate::patch::Wish;
use crate::question::{QuestionId, Questions};
use crate::rule::{Citation, Draft, Rule};
use crate::rule_text::RuleText;
use crate::source::{Sources, Span};
use crate::version::Target;

/// Everything said, the same thing once.
#[derive(Default)]
pub(super) struct Gathered {
    said: Vec<Said>,
    /// Where the same thing stands in the list already.
    known: Index,
}

/// What something is said about, in one word: rule, places, listener.
fn subject(rule: &Rule, at: &[Span], listener: Option<&Listener>) -> String {
    let mut subject = String::with_capacity(96);
    subject.push_str(rule.id);
    for span in at {
        let _ = write!(subject, " {}:{}-{}", span.file.0, span.start, span.end);
    }
    subject.push(' ');
    subject.push_str(listener.map_or("", |listener| &listener.id));
    subject
}

/// One thing said at one or more points, about one or more listeners.
struct Said {
    rule: &'static Rule,
    group: &'static str,
    draft: Draft,
    listeners: Vec<Listener>,
    /// Indices of points, rising.
    points: Vec<usize>,
    /// Rules that this explains.
    explains: Vec<&'static str>,
}

impl Said {
    fn severity(&self) -> Severity {
        self.draft.severity.unwrap_or(self.rule.severity)
    }
}

impl Gathered {
    /// Takes what a rule said at points that are alike.
    pub(super) fn add(&mut self, rule: &'static Rule, group: &'static str, points: Range<usize>, mut draft: Draft) {
        let subject = subject(rule, &draft.at, draft.listener.as_ref());
        let mut listeners: Vec<Listener> = draft.listener.take().into_iter().collect();
        listeners.append(&mut draft.others);
        let index = *self.known.get_or_put(&subject, self.said.len());
        match self.said.get_mut(index) {
            Some(known) => {
                let last = known.points.last().copied();
                known
                    .points
                    .extend(points.filter(|point| last.is_none_or(|last| last < *point)));
                // The newest release tells the story.
                known.listeners = listeners;
                known.draft = draft;
            }
            None => self.said.push(Said {
                rule,
                group,
                listeners,
                draft,
                points: points.collect(),
                explains: Vec::new(),
            }),
        }
    }

    /// The same cause at several listeners is one thing: the same sentence at the same points with the same way out. Where the
    /// same line decides, it is as bad as at the worst of them; where each listener has a line of its own, they must be
    /// equally bad, and mended in the same file.
    fn join_listeners(&mut self, file: impl Fn(&Said) -> Option<String>) {
        let mut joined: Vec<Said> = Vec::new();
        let mut candidates = Groups::default();
        for mut one in std::mem::take(&mut self.said) {
            let same = |known: &Said| {
                let all_but_the_cause = known.draft.change == one.draft.change
                    && known.draft.question == one.draft.question
                    && known.points == one.points;
                let of_listeners = !known.listeners.is_empty() && !one.listeners.is_empty();
                all_but_the_cause
                    && match (known.draft.at.first(), one.draft.at.first()) {
                        (Some(there), Some(here)) if there == here => {
                            of_listeners || known.severity() == one.severity()
                        }
                        (Some(_), Some(_)) => {
                            of_listeners && known.severity() == one.severity() && file(known) == file(&one)
                        }
                        // Without a place, the default that decides is the cause.
                        (None, None) => known.draft.because == one.draft.because && !one.draft.because.is_empty(),
                        _ => false,
                    }
            };
            let near = format!("{} {}", one.rule.id, one.draft.message);
            let known = candidates
                .of(&near)
                .iter()
                .copied()
                .find(|&index| joined.get(index).is_some_and(same));
            match known.and_then(|index| joined.get_mut(index)) {
                Some(known) => {
                    if one.severity() > known.severity() {
                        std::mem::swap(known, &mut one);
                    }
                    known.draft.take_reasons(&one.draft);
                    known.listeners.extend(one.listeners);
                    for rule in one.explains {
                        if !known.explains.contains(&rule) {
                            known.explains.push(rule);
                        }
                    }
                }
                None => {
                    candidates.put(&near, joined.len());
                    joined.push(one);
                }
            }
        }
        self.said = joined;
    }

    /// At a point where nobody is served nothing is found, which says nothing against what is found wherever somebody is.
    fn pass_over_the_dead(&mut self, judged: &Judged) {
        for (point, lowered) in judged.lowered.iter().enumerate() {
            let mut dead = Index::default();
            for listener in lowered.server.listeners.iter().filter(|one| !one.is_judged()) {
                dead.add(&listener.id);
            }
            if dead.len() == 0 {
                continue;
            }
            for said in &mut self.said {
                let place = said.points.partition_point(|one| *one < point);
                if said.points.get(place) != Some(&point)
                    && !said.listeners.is_empty()
                    && said.listeners.iter().all(|one| dead.contains(&one.id))
                {
                    said.points.insert(place, point);
                }
            }
        }
    }

    /// What another rule explains, and what is written there cures, goes into that rule's finding. This comes before listeners
    /// are joined: a rule may explain another one at some of them only.
    fn supersede(&mut self) {
        let explains = |winner: &Said, loser: &Said| {
            winner.rule.supersedes.contains(&loser.rule.id)
                && !winner.draft.not_cured.contains(&loser.rule.id)
                && winner.severity() >= loser.severity()
                && (winner.draft.question.is_none() || winner.draft.question == loser.draft.question)
                && loser.points.iter().all(|point| winner.points.contains(point))
                && loser
                    .listeners
                    .iter()
                    .all(|one| winner.listeners.iter().any(|other| other.id == one.id))
        };
        // Not joined yet, each thing is about one listener at most: what explains it is about the same one.
        let listener = |said: &Said| {
            said.listeners
                .first()
                .map_or_else(String::new, |listener| listener.id.clone())
        };
        let mut winners = Groups::default();
        for (index, said) in self
            .said
            .iter()
            .enumerate()
            .filter(|(_, said)| !said.rule.supersedes.is_empty())
        {
            winners.put(&listener(said), index);
        }
        let mut gone = vec![false; self.said.len()];
        let mut explained: Vec<Vec<&'static str>> = vec![Vec::new(); self.said.len()];
        for (index, loser) in self.said.iter().enumerate() {
            for &winner in winners.of(&listener(loser)) {
                if self.said.get(winner).is_some_and(|winner| explains(winner, loser)) {
                    if let Some(gone) = gone.get_mut(index) {
                        *gone = true;
                    }
                    if let Some(list) = explained.get_mut(winner)
                        && !list.contains(&loser.rule.id)
                    {
                        list.push(loser.rule.id);
                    }
                }
            }
        }
        let all = std::mem::take(&mut self.said).into_iter().zip(explained).enumerate();
        self.said = all
            .filter(|(index, _)| gone.get(*index) != Some(&true))
            .map(|(_, (said, explains))| Said { explains, ..said })
            .collect();
    }

    /// The list that people read: the worst first, then by place.
    pub(super) fn into_findings(
        mut self,
        sources: &Sources,
        reading: &dyn Reading,
        judged: &Judged,
        target: &Target,
        version_question: &QuestionId,
        questions: &mut Questions,
    ) -> Vec<Finding> {
        self.pass_over_the_dead(judged);
        self.supersede();
        let terms = Terms {
            target,
            points: &judged.points,
        };
        self.join_listeners(|said| Some(said.way_out(reading, &terms)?.file));
        let findings: Vec<Finding> = self
            .said
            .iter()
            .map(|said| {
                let finding = said.finding(reading, judged, &terms, version_question);
                if let Some(question) = &finding.question {
                    questions.unlocks(question, finding.rule);
                }
                finding
            })
            .collect();
        let mut findings = gather::ordered(findings, rank);
        name_by_fingerprint(&mut findings, sources);
        findings
    }
}

/// What comes first: the worst, what is certain, what has no place, then by file and place.
pub(super) fn rank(finding: &Finding) -> u64 {
    let severity = Severity::ALL
        .iter()
        .position(|severity| *severity == finding.severity)
        .unwrap_or(0) as u64;
    let place = finding.at.first().or(finding.context.first());
    let (file, start) = place.map_or((0, 0), |span| (u64::from(span.file.0) + 1, span.start as u64));
    let depends = u64::from(finding.confidence == Confidence::Depends);
    // Three bits, one bit, twenty bits and forty: more files or longer ones only lose their order.
    severity << 61 | depends << 60 | file.min(0xf_ffff) << 40 | start.min(0xff_ffff_ffff)
}

impl Said {
    fn finding(
        &self,
        reading: &dyn Reading,
        judged: &Judged,
        terms: &Terms<'_>,
        version_question: &QuestionId,
    ) -> Finding {
        let everywhere = self.points.len() == judged.points.len();
        let question = match (&self.draft.question, everywhere) {
            (Some(question), _) => Some(question.clone()),
            (None, true) => None,
            (None, false) => Some(version_question.clone()),
        };
        let all_mx = !self.listeners.is_empty() && self.listeners.iter().all(|one| one.known_role() == Role::Mx);
        let names: Vec<String> = self.listeners.iter().map(Listener::spoken).collect();
        let advice = self.way_out(reading, terms);
        let counts = |one: &&Citation| one.is_of(judged.agreed.dialect);
        let own = |all: &'static [Citation]| all.iter().filter(counts).copied().collect::<Vec<_>>();
        let mut sources = own(self.draft.sources.unwrap_or_else(|| self.rule.sources()));
        if sources.is_empty() {
            sources = own(self.rule.sources());
        }
        Finding {
            rule: self.rule.id,
            group: self.group,
            gain: self.rule.gain,
            dialect: judged.agreed.dialect,
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
            message: self.when_alive(named(&self.draft.message, &names)),
            why: RuleText::why_of(self.rule.text(), all_mx, judged.agreed.dialect).to_owned(),
            at: self.draft.at.clone(),
            context: self.listeners.iter().filter_map(|listener| listener.defined).collect(),
            because: self.draft.because.clone(),
            advice,
            wishes: self.wishes(),
            sources,
            own_preference: self.draft.own_preference,
            supersedes: self.explains.clone(),
            fingerprint: String::new(),
        }
    }

    /// What is said of a listener that serves nobody now, for another reason than what is said, holds once that is mended.
    fn when_alive(&self, message: String) -> String {
        let waits = |listener: &&Listener| {
            let dead = listener.dead.as_ref();
            dead.is_some_and(|dead| !dead.because.iter().any(|step| self.draft.because.contains(step)))
        };
        let waiting: Vec<String> = self.listeners.iter().filter(waits).map(Listener::spoken).collect();
        if waiting.is_empty() {
            return message;
        }
        let which = match waiting.len() == self.listeners.len() {
            true => String::new(),
            false => enumerated(&waiting) + " ",
        };
        format!("{message} ({which}once it starts)")
    }

    fn way_out(&self, reading: &dyn Reading, terms: &Terms<'_>) -> Option<Advice> {
        let (change, at_listener) = self.draft.change.as_ref()?;
        self.advice(change, *at_listener, reading, terms)
    }

    /// The way out, once for each listener that needs it.
    fn wishes(&self) -> Vec<Wish> {
        match &self.draft.change {
            None => Vec::new(),
            Some((change, false)) => vec![(change.clone(), None)],
            Some((change, true)) => {
                let listeners = self.draft.change_listener.iter().chain(&self.listeners);
                listeners
                    .map(|listener| (change.clone(), Some(listener.clone())))
                    .collect()
            }
        }
    }

    /// What to write, at every listener that needs it, so that every release in question reads it.
    fn advice(&self, change: &Change, at_listener: bool, reading: &dyn Reading, terms: &Terms<'_>) -> Option<Advice> {
        if !at_listener {
            return reading.advise(change, None, terms);
        }
        let listeners = self.draft.change_listener.iter().chain(&self.listeners);
        let listeners: Vec<&Listener> = listeners.collect();
        if listeners.len() > 1
            && let Some(advice) = reading.advise_together(change, &listeners, terms)
        {
            return Some(advice);
        }
        let mut all = listeners
            .into_iter()
            .filter_map(|listener| reading.advise(change, Some(listener), terms));
        let mut advice = all.next()?;
        let mut lines = Index::default();
        advice.text.lines().for_each(|line| {
            lines.add(line);
        });
        for other in all {
            if other.file != advice.file {
                continue;
            }
            // What has a line that is new does not stand there already: with thousands of services a search takes long.
            let is_new = other.text.lines().fold(false, |is_new, line| lines.add(line) | is_new);
            if is_new || !advice.text.contains(&other.text) {
                advice.text.push('\n');
                advice.text.push_str(&other.text);
            }
        }
        Some(advice)
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

/// Puts the listeners' names into a message; with several of them the verb behind loses its `s`.
fn named(message: &str, names: &[String]) -> String {
    let mut named = message.to_owned();
    if names.len() > 1
        && let Some(at) = message.find("{listener} ")
    {
        let verb = at + "{listener} ".len();
        let end = message
            .get(verb..)
            .and_then(|rest| rest.find([' ', ':', ',']))
            .map_or(message.len(), |length| verb + length);
        if message.get(verb..end).is_some_and(|word| word.ends_with('s')) {
            named.replace_range(end - 1..end, "");
        }
    }
    named.replace("{listener}", &enumerated(names))
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
    let mut seen = Index::default();
    for finding in findings {
        let mut hash = Fnv::new();
        hash.word(finding.rule);
        // Names of findings in Postfix's files are older than other programs here.
        if finding.dialect != "postfix" {
            hash.word(finding.dialect);
        }
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
        let name = format!("{:016x}", hash.0);
        let number = seen.get_or_put(&name, 0);
        *number += 1;
        finding.fingerprint = if *number == 1 { name } else { format!("{name}-{number}") };
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
