//! A report as something to read: the terminal and the page walk the same pieces.

use crate::answers::{Answer, Asked, Reply};
use crate::facts::{Listener, Role, Step};
use crate::finding::{Confidence, Finding, Severity};
use crate::question::Question;
use crate::report::Report;
use crate::report::merge::enumerated;
use crate::rule_text::RuleText;
use crate::source::Span;
use crate::version::Versions;

/// Everything to read, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The short answers at the head.
    pub answers: Vec<Short>,
    /// One card a finding, the worst first.
    pub cards: Vec<Card>,
    /// The questions worth asking now: at most three, each with the command that answers it.
    pub questions: Vec<(String, String)>,
    /// How many more questions are open.
    pub more_questions: usize,
    /// One sentence that sums up.
    pub summary: String,
    /// What was taken for granted, one sentence each.
    pub assumptions: Vec<String>,
    /// What is to be said beside the findings, with its place.
    pub notes: Vec<(Option<Span>, String)>,
}

/// A short answer to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    /// What is asked, in a few words.
    pub label: &'static str,
    /// The answer in one word.
    pub word: &'static str,
    /// How it is meant.
    pub reply: Reply,
    /// What decides.
    pub says: String,
}

/// One finding to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// How bad.
    pub severity: Severity,
    /// Whether it is so whatever the open questions turn out to be.
    pub confidence: Confidence,
    /// The rule's id.
    pub rule: &'static str,
    /// What is so.
    pub title: String,
    /// Lines of the person's own text.
    pub excerpts: Vec<Excerpt>,
    /// Notes under the excerpts, each with its kind.
    pub notes: Vec<(NoteKind, String)>,
}

/// A place in the text and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Where.
    pub span: Span,
    /// What is said there.
    pub label: String,
    /// The line decides; the others only show the surroundings.
    pub decides: bool,
}

/// What a note is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// Why it matters.
    Why,
    /// What decides when no line does.
    Because,
    /// When it holds.
    When,
    /// What to write.
    Write,
    /// What it explains besides.
    Also,
    /// Where it is written.
    Source,
}

impl NoteKind {
    /// The word before the note.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            NoteKind::Why => "why",
            NoteKind::Because => "because",
            NoteKind::When => "if",
            NoteKind::Write => "write",
            NoteKind::Also => "also",
            NoteKind::Source => "source",
        }
    }
}

impl Card {
    /// The severity, and whether that depends on an open question: `high`, or `high, if …`.
    #[must_use]
    pub fn weight(&self) -> String {
        let depends = self.confidence == Confidence::Depends;
        format!("{}{}", self.severity.word(), if depends { ", if …" } else { "" })
    }
}

impl Document {
    /// The document of a report.
    #[must_use]
    pub fn of(report: &Report) -> Document {
        let asked = report.questions.iter().filter(|question| is_worth_asking(question));
        let questions: Vec<(String, String)> = asked
            .clone()
            .take(3)
            .map(|question| (question.ask.clone(), question.command.clone()))
            .collect();
        Document {
            answers: report
                .answers()
                .iter()
                .filter(|answer| concerns(answer.asked, report))
                .map(|answer| short(answer, report))
                .collect(),
            cards: report.findings.iter().map(|finding| card(finding, report)).collect(),
            more_questions: asked.count() - questions.len(),
            questions,
            summary: summary(report),
            assumptions: assumptions(report),
            notes: report.notes.iter().map(|note| (note.at, note.text.clone())).collect(),
        }
    }
}

/// Whether a question is one for the machine: where mail is only read, and nothing else may listen, nobody sends.
fn concerns(asked: Asked, report: &Report) -> bool {
    let is_of_sending = matches!(asked, Asked::WithoutAuthentication | Asked::Port465);
    let mut listeners = report.listeners().peekable();
    let is_all = report.servers().all(|server| server.more_listeners.is_none());
    let is_read_only = is_all && listeners.peek().is_some() && listeners.all(|one| one.known_role() == Role::Mailbox);
    !(is_of_sending && is_read_only)
}

fn short(answer: &Answer, report: &Report) -> Short {
    let label = match answer.asked {
        Asked::AlwaysEncrypted => "Always encrypted?",
        Asked::SafeSubmission => "Safe from untrusted networks?",
        Asked::ReadInTheMiddle => "Readable in the middle?",
        Asked::OutdatedVersions => "Outdated TLS versions?",
        Asked::WithoutAuthentication => "Sending without a password?",
        Asked::Port465 => "Can 465 stay as it is?",
    };
    let mut says = answer.says.clone();
    let asked = answer.questions.first().filter(|_| answer.reply == Reply::Unknown);
    let question = asked.and_then(|id| report.questions.iter().find(|one| one.id == *id));
    if let Some(question) = question {
        says.push_str(&format!(" (`{}` tells)", question.command));
    }
    Short {
        label,
        word: answer.reply.word(),
        reply: answer.reply,
        says,
    }
}

fn card(finding: &Finding, report: &Report) -> Card {
    let mut notes = Vec::new();
    if finding.confidence == Confidence::Depends {
        notes.push((NoteKind::When, condition(finding, report)));
    }
    if finding.at.is_empty()
        && let Some(reason) = finding.because.iter().find_map(|step| reason(step, finding, report))
    {
        notes.push((NoteKind::Because, reason));
    }
    if !finding.why.is_empty() {
        notes.push((NoteKind::Why, unwrapped(&finding.why)));
    }
    if let Some(advice) = &finding.advice {
        let place = if advice.file == "shell" {
            "run".to_owned()
        } else {
            format!("in {}", advice.file)
        };
        notes.push((NoteKind::Write, format!("{}; {place}:\n{}", advice.title, advice.text)));
    }
    if !finding.supersedes.is_empty() {
        notes.push((
            NoteKind::Also,
            format!("this explains {} as well", finding.supersedes.join(", ")),
        ));
    }
    let source = source(finding);
    if !source.is_empty() {
        notes.push((NoteKind::Source, source));
    }
    Card {
        severity: finding.severity,
        confidence: finding.confidence,
        rule: finding.rule,
        title: finding.message.clone(),
        excerpts: excerpts(finding, report),
        notes,
    }
}

/// What it rests on, in words.
fn source(finding: &Finding) -> String {
    if finding.own_preference {
        return "your own preference".to_owned();
    }
    let sources: Vec<String> = finding.sources.iter().map(ToString::to_string).collect();
    sources.join("; ")
}

/// The lines that decide, and the listeners they are about when those stand elsewhere, each with the name people know it by.
fn excerpts(finding: &Finding, report: &Report) -> Vec<Excerpt> {
    let mut excerpts: Vec<Excerpt> = finding
        .at
        .iter()
        .map(|span| Excerpt {
            span: *span,
            label: label(finding, *span),
            decides: true,
        })
        .collect();
    for span in &finding.context {
        if !excerpts.iter().any(|known| known.span == *span) && excerpts.len() < 6 {
            excerpts.push(Excerpt {
                span: *span,
                label: listeners_at(*span, finding, report),
                decides: excerpts.is_empty(),
            });
        }
    }
    excerpts
}

/// The listeners that a line defines, as people speak of them: of several those that the finding is about, where it is about some.
fn listeners_at(span: Span, finding: &Finding, report: &Report) -> String {
    let here: Vec<&Listener> = report
        .listeners()
        .filter(|listener| listener.defined == Some(span))
        .collect();
    let meant = |listener: &&&Listener| finding.listeners.contains(&listener.id);
    let some = here.iter().any(|listener| meant(&listener));
    let shown = here.iter().filter(|listener| !some || meant(listener));
    enumerated(&shown.map(|listener| listener.spoken()).collect::<Vec<_>>())
}

/// What to say beside a line.
fn label(finding: &Finding, span: Span) -> String {
    let first = finding.at.first() == Some(&span);
    match (finding.rule, first) {
        // Here the first line is the one that decides nothing.
        ("shadowed-setting", true) => "no effect",
        ("shadowed-setting", false) => "this line wins",
        (_, true) => "decided here",
        (_, false) => "",
    }
    .to_owned()
}

/// A step that is no line, in words.
fn reason(step: &Step, finding: &Finding, report: &Report) -> Option<String> {
    // Releases in question that are older have a default of their own; the finding says when it does not hold for them.
    let asked = report
        .server_of(finding.dialect)
        .and_then(|server| server.version.known());
    let older = |versions: &Versions| match asked {
        Some(asked) if asked.first < versions.first => "; older releases have another one",
        _ => "",
    };
    match step {
        Step::Default {
            setting,
            value,
            versions,
        } if value.is_empty() => Some(format!(
            "`{setting}` is not set, and its default is empty (releases {versions}{})",
            older(versions)
        )),
        Step::Default {
            setting,
            value,
            versions,
        } => Some(format!(
            "`{setting}` is not set; its default is `{value}` (releases {versions})"
        )),
        Step::Compatibility { level } => Some(format!("the compatibility level is {level}")),
        Step::Linked { server } => Some(format!("{server} says so")),
        Step::Assumed { flag } => Some(flag.clone()),
        Step::Observed { endpoint } => Some(format!("seen at {endpoint}")),
        Step::Set { .. } | Step::Override { .. } => None,
    }
}

/// When a finding that depends holds.
fn condition(finding: &Finding, report: &Report) -> String {
    let question = finding
        .question
        .as_ref()
        .and_then(|id| report.questions.iter().find(|one| one.id == *id));
    let ask = question.map_or_else(String::new, |question| {
        format!("{} `{}` tells.", question.ask, question.command)
    });
    if finding.only_with.is_empty() {
        ask
    } else {
        // With several programs it is said whose releases they are.
        let dialect = crate::dialect::by_id(finding.dialect).filter(|_| !report.beside.is_empty());
        let name = dialect.map_or_else(String::new, |dialect| format!(" of {}", dialect.tells_release().0));
        format!("only with releases{name} {}. {ask}", finding.only_with)
    }
}

/// One sentence that sums up, and another one where something is ignored.
fn summary(report: &Report) -> String {
    let mut text = found(report);
    let ignored = report.suppressed.len();
    if ignored > 0 {
        text.push_str(&format!(" Ignored: {ignored}."));
    }
    text
}

fn found(report: &Report) -> String {
    if report.findings.is_empty() {
        return nothing_found(report);
    }
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .map(|severity| (report.count(severity), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {}", severity.word()))
        .collect();
    let number = report.findings.len();
    let noun = if number == 1 { "finding" } else { "findings" };
    let open = report
        .findings
        .iter()
        .filter(|one| one.confidence == Confidence::Depends);
    let depends = match (open.count(), number) {
        (0, _) => String::new(),
        (1, 1) => "; it depends on an open question".to_owned(),
        (1, _) => "; one depends on an open question".to_owned(),
        (count, _) => format!("; {count} depend on open questions"),
    };
    format!("{number} {noun}: {}{depends}.", counts.join(", "))
}

/// Questions that hold up a rule; and what a template hides, because whole services may stand behind it.
fn is_worth_asking(question: &Question) -> bool {
    !question.unlocks.is_empty() || question.id.0 == "template"
}

/// What an empty list of findings means: not more than the rules that could look.
fn nothing_found(report: &Report) -> String {
    let waiting = report
        .questions
        .iter()
        .filter(|question| !question.unlocks.is_empty())
        .count();
    let looked = report.passed.len();
    let rules = |count: usize| {
        if count == 1 {
            "1 rule".to_owned()
        } else {
            format!("{count} rules")
        }
    };
    if report.server.more_listeners.is_some() && report.listeners().all(Listener::is_local_only) {
        return "What listens is not told by what was given, so there is little to judge.".to_owned();
    }
    if report.listeners().next().is_none() {
        return "Nothing listens in this configuration, so there is little to judge.".to_owned();
    }
    match (looked, waiting) {
        (0, _) => "Nothing here could be judged.".to_owned(),
        (_, 0) => format!("Nothing to report: {} looked and found nothing.", rules(looked)),
        _ => format!(
            "{} looked and found nothing; the others wait for answers to the questions above.",
            rules(looked)
        ),
    }
}

/// What was taken for granted.
fn assumptions(report: &Report) -> Vec<String> {
    let versions = report.servers().flat_map(|server| &server.version.because);
    let listeners = report.listeners().flat_map(|listener| &listener.role.because);
    let mut said: Vec<String> = Vec::new();
    for step in versions.chain(listeners) {
        if let Step::Assumed { flag } = step
            && !flag.starts_with("--")
            && !said.contains(flag)
        {
            said.push(flag.clone());
        }
    }
    said
}

/// Text of a rule, its line breaks undone.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of a rule as `explain` and the page show it: headline, severity and sections.
#[must_use]
pub fn explanation(id: &str) -> Option<(RuleText<'static>, Severity, Vec<String>)> {
    let (_, rule) = crate::rule_by_id(id)?;
    Some((
        RuleText::parse(rule.text()),
        rule.severity,
        rule.sources().iter().map(ToString::to_string).collect(),
    ))
}
