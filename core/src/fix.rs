//! The way out of findings: each wish is written into the text, read again and judged again before it is offered.
//!
//! A fix is offered only when the finding is gone afterwards and no earlier fix is undone. What it costs, and to whom, is
//! computed from the facts before and after.

mod json;

pub use json::{FixJson, FixedJson, LeftJson, WrittenJson};

use crate::dialect::{Dialect, Terms};
use crate::finding::{Finding, Severity};
use crate::gather;
use crate::impact::Impact;
use crate::patch::{Blocked, Patch};
use crate::programs::{self, Program};
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

impl Left {
    /// Why it is left, in words that follow "because".
    #[must_use]
    pub fn reason_spoken(&self) -> String {
        match &self.reason {
            Reason::NothingToWrite => {
                format!(
                    "no line of the configuration cures it by itself; what to do: smtplint explain {}",
                    self.finding.rule
                )
            }
            Reason::Blocked(blocked) => blocked.to_string(),
            Reason::Costs(impact) => {
                format!(
                    "it costs somebody something; --allow-impact makes it all the same. {}",
                    impact.spoken().join("; ")
                )
            }
            Reason::NotCured => "what there is to write does not cure it by itself".to_owned(),
            Reason::Undoes(rule) => format!("it would bring back what was mended for {rule}"),
        }
    }
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
    pub reload: String,
}

impl Fixes {
    /// The form for programs; the patch and the files written come from whoever has the files.
    #[must_use]
    pub fn to_json(&self, patch: &str, written: Vec<WrittenJson>) -> FixJson {
        json::of(self, patch, written)
    }
}

/// Whoever decides what is mended.
pub struct Choice<'a> {
    /// Judges a text; what it ignores is not mended.
    pub check: &'a dyn Fn(&Sources) -> Report,
    /// Which findings are to be mended.
    pub wants: &'a dyn Fn(&Finding) -> bool,
    /// Weighs a cost by what a log says of who uses what, with [`Impact::weighed`]: it names who would lose something, or shows that
    /// nobody does. Without a log the cost stays as it is.
    pub weigh: &'a dyn Fn(Impact) -> Impact,
    /// Whether a cost is borne.
    pub bears: &'a dyn Fn(&Impact) -> bool,
}

/// Mends what can be mended, the worst first.
#[must_use]
pub fn fix(sources: &Sources, dialect: &dyn Dialect, options: &Options, choice: &Choice<'_>) -> Fixes {
    let mut work = Work::new(sources, choice);
    while work.step(dialect, options, choice) {}
    work.finish(dialect)
}

/// How often everything is tried that is left.
const MOST_TURNS: usize = 4;

/// The mending, step by step, for whoever has other things to do in between.
#[derive(Debug)]
pub struct Work {
    text: Sources,
    report: Report,
    done: Vec<Fix>,
    left: Vec<Left>,
    /// Turns that are over.
    turns: usize,
    /// How much was done when this turn began.
    first: usize,
}

impl Work {
    /// Judges the text; nothing is mended yet.
    #[must_use]
    pub fn new(sources: &Sources, choice: &Choice<'_>) -> Work {
        Work {
            report: (choice.check)(sources),
            text: sources.clone(),
            done: Vec::new(),
            left: Vec::new(),
            turns: 0,
            first: 0,
        }
    }

    /// Tries the worst finding that was not tried in this turn; false when there is nothing more to be tried. Dialect, options and
    /// choice have to be the same at every step.
    pub fn step(&mut self, dialect: &dyn Dialect, options: &Options, choice: &Choice<'_>) -> bool {
        let Work {
            text,
            report,
            done,
            left,
            ..
        } = self;
        let is_left = |finding: &Finding| left.iter().any(|left| left.finding.fingerprint == finding.fingerprint);
        let next = report
            .findings
            .iter()
            .find(|finding| (choice.wants)(finding) && !is_left(finding));
        let Some(finding) = next.cloned() else {
            return self.end_turn();
        };
        let of_this_turn = done.get(self.first..).unwrap_or_default();
        let reason = match attempt(text, dialect, options, choice, report, &finding, of_this_turn) {
            Ok(attempt) if (choice.bears)(&attempt.impact) => {
                done.push(Fix {
                    finding,
                    patch: attempt.patch,
                    impact: attempt.impact,
                });
                *text = attempt.after;
                *report = attempt.report;
                return true;
            }
            Ok(attempt) => Reason::Costs(attempt.impact),
            Err(reason) => reason,
        };
        left.push(Left { finding, reason });
        true
    }

    /// True when another turn begins: what could not be mended may be, once other things are. Two that undo each other end after
    /// a few turns.
    fn end_turn(&mut self) -> bool {
        self.turns += 1;
        let goes_on = self.done.len() > self.first && self.turns < MOST_TURNS;
        if goes_on {
            self.first = self.done.len();
            self.left.clear();
        }
        goes_on
    }

    /// What became of it.
    #[must_use]
    pub fn finish(self, dialect: &dyn Dialect) -> Fixes {
        let Work {
            text,
            report,
            done,
            left,
            ..
        } = self;
        // What another fix has mended along the way is no longer there to be left.
        let is_there = |left: &Left| {
            let mut now = report.findings.iter();
            now.any(|finding| finding.fingerprint == left.finding.fingerprint)
        };
        let left = left.into_iter().filter(is_there).collect();
        Fixes {
            left: gather::ordered(left, |left| u64::from(u8::MAX - left.finding.severity as u8)),
            reload: reload(&text, dialect, &done),
            done,
            after: text,
        }
    }
}

/// The commands of the programs whose files change; where none does, that of the first.
fn reload(text: &Sources, dialect: &dyn Dialect, done: &[Fix]) -> String {
    let programs = programs::apart(text, dialect);
    let changes = |program: &&Program<'_>| done.iter().any(|fix| fix.finding.dialect == program.dialect.id());
    let changed = programs.iter().filter(changes);
    let first = programs.iter().take(usize::from(done.is_empty()));
    let all: Vec<&str> = changed
        .chain(first)
        .map(|program| program.dialect.read(&program.sources).reload())
        .collect();
    all.join(" && ")
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
    let mut programs = programs::apart(text, dialect).into_iter();
    let Some(program) = programs.find(|program| program.dialect.id() == finding.dialect) else {
        return Err(Reason::NotCured);
    };
    let reading = program.dialect.read(&program.sources);
    let terms = Terms {
        target: &options.target,
        points: &reading.points(&options.target),
    };
    let patch = reading
        .edit(&program.sources, &finding.wishes, &terms)
        .map_err(Reason::Blocked)?;
    if patch.is_empty() {
        return Err(Reason::NotCured);
    }
    let after = patch.apply(text);
    let report = (choice.check)(&after);
    // The same may be said of several lines: one of them is mended.
    let as_bad = |one: &&Finding| is_same(one, finding) && one.severity >= finding.severity;
    let count = |report: &Report| report.findings.iter().filter(as_bad).count();
    let is_there = |report: &Report| report.findings.iter().any(|one| one.fingerprint == finding.fingerprint);
    if count(&report) > 0 && (is_there(&report) || !finding.listeners.is_empty() || count(&report) >= count(before)) {
        return Err(Reason::NotCured);
    }
    let back = done
        .iter()
        .find(|fix| report.findings.iter().any(|now| is_same(now, &fix.finding)));
    if let Some(fix) = back {
        return Err(Reason::Undoes(fix.finding.rule));
    }
    // What is written is one program's, and the others stay as they are.
    let [was, is] = [before, &report].map(|report| report.server_of(finding.dialect).unwrap_or(&report.server));
    let mut impact = (choice.weigh)(Impact::between(was, is));
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
    let is_new = |now: &&Finding| now.severity >= at_least && !before.findings.iter().any(|then| is_same(then, now));
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
