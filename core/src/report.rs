//! Judging: every rule at every point, then one list of findings.

pub(crate) mod merge;

use std::borrow::Cow;
use std::rc::Rc;

use crate::answers::{self, Answer};
use crate::dialect::{Dialect, Lowered, Reading};
use crate::facts::{Fact, Listener, Server};
use crate::finding::{Confidence, Finding, Severity};
use crate::gather;
use crate::link;
use crate::policy::{Policy, Prefer};
use crate::programs::{self, Program};
use crate::question::{Question, QuestionId, Questions};
use crate::rule::{Context, Sink};
use crate::rules::RULES;
use crate::source::{Sources, Span};
use crate::suppress::Suppressed;
use crate::version::{Point, Target, Versions};

/// What the person chooses.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What is known of the machine.
    pub target: Target,
    /// What to judge by.
    pub policy: &'static Policy,
    /// Which of the two ports for users is wanted.
    pub prefer: Prefer,
}

/// Something to know about how a judgement came about, beside the findings. It makes no configuration fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is about, in kebab-case, such as `unused-ignore`.
    pub topic: &'static str,
    /// One sentence without a full stop.
    pub text: String,
    /// Where.
    pub at: Option<Span>,
}

/// A rule that had nothing to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotApplicable {
    /// Its id.
    pub rule: &'static str,
    /// Why.
    pub why: &'static str,
}

/// The judgement of a configuration.
#[derive(Debug, Clone)]
pub struct Report {
    /// The dialect's id.
    pub dialect: &'static str,
    /// The releases the judgement holds for.
    pub version: Fact<Versions>,
    /// The facts on which all points agree.
    pub server: Server,
    /// The same of other programs whose files were given as well.
    pub beside: Vec<Server>,
    /// The findings, the worst first.
    pub findings: Vec<Finding>,
    /// Rules that looked and found nothing.
    pub passed: Vec<&'static str>,
    /// Rules that had nothing to look at.
    pub not_applicable: Vec<NotApplicable>,
    /// What could not be known, what unlocks most first.
    pub questions: Vec<Question>,
    /// What was judged by.
    pub policy: &'static Policy,
    /// Which of the two ports for users is wanted.
    pub prefer: Prefer,
    /// Findings that are ignored.
    pub suppressed: Vec<Suppressed>,
    /// What else is to be said.
    pub notes: Vec<Note>,
}

impl Report {
    /// How many findings are of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// What is known of each program.
    pub fn servers(&self) -> impl Iterator<Item = &Server> {
        std::iter::once(&self.server).chain(&self.beside)
    }

    /// Where anything listens.
    pub fn listeners(&self) -> impl Iterator<Item = &Listener> {
        self.servers().flat_map(|server| &server.listeners)
    }

    /// The program that is configured in a dialect.
    #[must_use]
    pub fn server_of(&self, dialect: &str) -> Option<&Server> {
        self.servers().find(|server| server.dialect == dialect)
    }

    /// The short answers, of all programs together.
    #[must_use]
    pub fn answers(&self) -> Vec<Answer> {
        if self.beside.is_empty() {
            return answers::of(&self.server);
        }
        let mut machine = self.server.clone();
        for server in &self.beside {
            machine.listeners.extend(server.listeners.iter().cloned());
            machine.more_listeners = machine.more_listeners.or_else(|| server.more_listeners.clone());
        }
        answers::of(&machine)
    }

    /// Takes in what is said of another program of the same machine.
    fn join(mut self, other: Report) -> Report {
        let open = |report: &Report, rule: &str| {
            !report.passed.contains(&rule) && !report.not_applicable.iter().any(|one| one.rule == rule)
        };
        let passed = RULES.iter().map(|(_, rule)| rule.id).filter(|rule| {
            let any = self.passed.contains(rule) || other.passed.contains(rule);
            any && !open(&self, rule) && !open(&other, rule)
        });
        let passed: Vec<&'static str> = passed.collect();
        let nowhere = |one: &NotApplicable| other.not_applicable.iter().any(|there| there.rule == one.rule);
        self.not_applicable.retain(nowhere);
        self.passed = passed;
        self.beside.push(other.server);
        self.beside.extend(other.beside);
        self.findings.extend(other.findings);
        self.findings = gather::ordered(std::mem::take(&mut self.findings), merge::rank);
        self.notes.extend(other.notes);
        self.questions = Questions::joined(self.questions, other.questions);
        self
    }

    /// True when something certain is at least this bad; with `strict`, when something that depends is as well, or a
    /// question that holds up a rule is open.
    #[must_use]
    pub fn fails(&self, at_least: Severity, strict: bool) -> bool {
        let open = || self.questions.iter().any(|question| !question.unlocks.is_empty());
        let counts = |finding: &&Finding| strict || finding.confidence == Confidence::Certain;
        self.findings
            .iter()
            .filter(counts)
            .any(|finding| finding.severity >= at_least)
            || (strict && open())
    }
}

/// Everything known at all points, and the facts on which they agree.
pub(crate) struct Judged {
    pub(crate) points: Vec<Point>,
    /// In the order of the points.
    pub(crate) lowered: Vec<Lowered>,
    pub(crate) agreed: Server,
    pub(crate) questions: Questions,
}

/// The name of the question that tells which of several points is the true one.
pub(crate) fn version_id(dialect: &dyn Dialect) -> QuestionId {
    QuestionId(format!("{}-version", dialect.id()))
}

/// The question that tells which of several points is the true one.
fn version_question(dialect: &dyn Dialect, questions: &mut Questions) -> QuestionId {
    let (name, command) = dialect.tells_release();
    questions.ask(
        &version_id(dialect).0,
        format!("Which release of {name} is this?"),
        command,
    )
}

pub(crate) fn judge(reading: &dyn Reading, dialect: &dyn Dialect, target: &Target) -> Option<Judged> {
    let points = reading.points(target);
    let mut lowered: Vec<Lowered> = reading.lower(target, &points);
    let mut questions = Questions::default();
    for one in &mut lowered {
        questions.extend(std::mem::take(&mut one.questions));
    }
    // The newest release tells the story; the others may only take certainty away.
    let newest = Rc::clone(&lowered.last()?.server);
    let mut agreed = Server::clone(&newest);
    let before: Vec<&Server> = lowered
        .iter()
        .map(|one| &one.server)
        .filter(|server| {
            !Rc::ptr_eq(server, &newest)
                && (server.listeners != agreed.listeners
                    || server.more_listeners != agreed.more_listeners
                    || !server.sends_like(&agreed))
        })
        .map(Rc::as_ref)
        .collect();
    if !before.is_empty() {
        let question = version_question(dialect, &mut questions);
        for server in before {
            agreed.agree(server, &question);
        }
    }
    Some(Judged {
        points,
        lowered,
        agreed,
        questions,
    })
}

/// What a judgement was made of. To take it apart takes time that whoever ends right behind it can save.
#[derive(Default)]
pub struct Workings {
    _all: Vec<(Box<dyn Reading>, Vec<Lowered>)>,
}

/// Judges each of the programs whose files were given, and says it all in one.
pub(crate) fn check(sources: &Sources, dialect: &dyn Dialect, options: &Options) -> (Report, Workings) {
    let mut workings = Workings::default();
    let programs = programs::apart(sources, dialect);
    let linked;
    let options = match link::target(&programs, &options.target) {
        Cow::Borrowed(_) => options,
        Cow::Owned(target) => {
            linked = Options {
                target,
                ..options.clone()
            };
            &linked
        }
    };
    let judge_one = |program: Program<'_>| {
        let reading = program.dialect.read(&program.sources);
        let (report, lowered) = match judge(reading.as_ref(), program.dialect, &options.target) {
            Some(judged) => report(&program.sources, program.dialect, options, reading.as_ref(), judged),
            None => (Report::empty(program.dialect, options), Vec::new()),
        };
        workings._all.push((reading, lowered));
        report
    };
    let reports = programs.into_iter().map(judge_one);
    let whole = reports.reduce(Report::join);
    let mut whole = whole.unwrap_or_else(|| Report::empty(dialect, options));
    let together = link::notes(&whole);
    whole.notes.extend(together);
    (whole, workings)
}

/// What the rules say of all that is known, which is handed back.
fn report(
    sources: &Sources,
    dialect: &dyn Dialect,
    options: &Options,
    reading: &dyn Reading,
    mut judged: Judged,
) -> (Report, Vec<Lowered>) {
    let mut gathered = merge::Gathered::default();
    let mut spoke = vec![false; RULES.len()];
    let mut not_applicable = Vec::new();
    for ((group, rule), spoke) in RULES.iter().zip(&mut spoke) {
        let mut subjects = 0_usize;
        let mut no_subject = None;
        let mut points = judged.lowered.iter().enumerate().peekable();
        while let Some((first, lowered)) = points.next() {
            let context = Context::new(lowered, reading, options);
            let mut sink = Sink::default();
            (rule.check)(&context, &mut sink);
            // At the points that follow it says the same, as long as nothing differs that it asked for.
            let mut end = first + 1;
            while points
                .next_if(|(_, next)| !next.differs.matters(context.asked()))
                .is_some()
            {
                end += 1;
            }
            for question in &sink.waits_for {
                judged.questions.unlocks(question, rule.id);
                *spoke = true;
            }
            if !sink.drafts.is_empty() || sink.told_elsewhere {
                *spoke = true;
            }
            match sink.not_applicable {
                Some(why) => no_subject = Some(why),
                None => subjects += 1,
            }
            for draft in sink.drafts {
                gathered.add(rule, group, first..end, draft);
            }
        }
        if let (0, Some(why)) = (subjects, no_subject) {
            *spoke = true;
            not_applicable.push(NotApplicable { rule: rule.id, why });
        }
    }
    let mut questions = std::mem::take(&mut judged.questions);
    let version_question = version_question(dialect, &mut questions);
    let findings = gathered.into_findings(
        sources,
        reading,
        &judged,
        &options.target,
        &version_question,
        &mut questions,
    );
    let passed = RULES
        .iter()
        .zip(spoke)
        .filter(|(_, spoke)| !spoke)
        .map(|((_, rule), _)| rule.id)
        .collect();
    let report = Report {
        dialect: dialect.id(),
        version: judged.agreed.version.clone(),
        server: judged.agreed,
        beside: Vec::new(),
        findings,
        passed,
        not_applicable,
        questions: questions.into_sorted(),
        policy: options.policy,
        prefer: options.prefer,
        suppressed: Vec::new(),
        notes: unread(sources, reading, &options.target),
    };
    (report, judged.lowered)
}

/// Files that were handed in and that the server does not read, and what else no rule looks at.
fn unread(sources: &Sources, reading: &dyn Reading, target: &Target) -> Vec<Note> {
    let files = reading.unread().iter().filter_map(|file| sources.file(*file));
    let notes = files.map(|source| Note {
        topic: "unread-file",
        text: format!("`{}` is not judged: no file that was given includes it", source.path),
        at: None,
    });
    notes.chain(reading.not_judged(target)).collect()
}

impl Report {
    /// For a target that leaves no release to judge.
    fn empty(dialect: &dyn Dialect, options: &Options) -> Report {
        let server = Server::unknown(dialect.id(), &version_id(dialect));
        Report {
            dialect: dialect.id(),
            version: server.version.clone(),
            server,
            beside: Vec::new(),
            findings: Vec::new(),
            passed: Vec::new(),
            not_applicable: Vec::new(),
            questions: Vec::new(),
            policy: options.policy,
            prefer: options.prefer,
            suppressed: Vec::new(),
            notes: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{intake, samples};

    #[test]
    fn rules_say_the_same_where_nothing_differs_that_they_asked_for() {
        let options = Options::default();
        let mut skipped = 0;
        for sample in samples::SAMPLES {
            let sources = intake::split("paste", sample.text());
            let dialect = crate::recognise(&sources).unwrap();
            let reading = dialect.read(&sources);
            let judged = judge(reading.as_ref(), dialect, &options.target).unwrap();
            for (_, rule) in RULES {
                let says = |lowered: &Lowered| {
                    let context = Context::new(lowered, reading.as_ref(), &options);
                    let mut sink = Sink::default();
                    (rule.check)(&context, &mut sink);
                    let drafts = sink.drafts.iter();
                    let drafts: Vec<_> = drafts
                        .map(|draft| (&draft.message, &draft.at, &draft.because, draft.severity))
                        .collect();
                    let said = format!("{drafts:?} {:?} {:?}", sink.waits_for, sink.not_applicable);
                    (said, context.asked())
                };
                for pair in judged.lowered.windows(2) {
                    let (said, asked) = says(&pair[0]);
                    if !pair[1].differs.matters(asked) {
                        skipped += 1;
                        assert_eq!(said, says(&pair[1]).0, "{} of {}", rule.id, sample.name);
                    }
                }
            }
        }
        assert!(skipped > 0);
    }
}
