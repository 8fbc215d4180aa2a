//! What machine readers see: facts, findings and questions as plain data, with places instead of spans.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::TOOL;
use crate::answers::Answer;
use crate::change::Advice;
use crate::facts::{Cause, Fact, Members, Outcome, Stage, Step, Value};
use crate::finding::{Confidence, Finding, Severity};
use crate::gain::Gain;
use crate::policy::Prefer;
use crate::question::{Question, QuestionId};
use crate::report::{Note, Report};
use crate::source::{Place, Sources};
use crate::suppress::{By, Suppressed};

/// One file of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Input {
    /// The path as given.
    pub path: String,
    /// Digest of the bytes as they were read, when whoever read them computed it.
    pub sha256: Option<String>,
    /// `authored`, `printed` or `generated`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["authored", "printed", "generated"])))]
    pub kind: String,
}

/// The inputs, with the digests their reader computed, in the order of the sources.
#[must_use]
pub fn inputs(sources: &Sources, digests: &[Option<String>]) -> Vec<Input> {
    sources
        .iter()
        .enumerate()
        .map(|(index, (_, source))| Input {
            path: source.path.clone(),
            sha256: digests.get(index).cloned().flatten(),
            kind: source.kind.word().to_owned(),
        })
        .collect()
}

/// One step, as machine readers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Step"))]
pub struct StepJson {
    /// `set`, `override`, `default`, `compatibility`, `linked`, `assumed` or `observed`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["set", "override", "default", "compatibility", "linked", "assumed", "observed"])))]
    pub step: &'static str,
    /// The setting's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// The default, the level, the other server, the flag or the endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// For a default: the releases that have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
}

/// A step with its place.
#[must_use]
pub fn step(step: &Step, sources: &Sources) -> StepJson {
    let mut json = StepJson {
        step: "",
        setting: None,
        value: None,
        versions: None,
        at: None,
    };
    json.setting = step.setting().filter(|name| !name.is_empty()).map(str::to_owned);
    json.at = step.span().map(|span| sources.place(span));
    match step {
        Step::Set { .. } => json.step = "set",
        Step::Override { .. } => json.step = "override",
        Step::Default { value, versions, .. } => {
            json.step = "default";
            json.value = Some(value.to_string());
            json.versions = Some(versions.to_string());
        }
        Step::Compatibility { level } => {
            json.step = "compatibility";
            json.value = Some(level.clone());
        }
        Step::Linked { server } => {
            json.step = "linked";
            json.value = Some(server.clone());
        }
        Step::Assumed { flag } => {
            json.step = "assumed";
            json.value = Some(flag.clone());
        }
        Step::Observed { endpoint } => {
            json.step = "observed";
            json.value = Some(endpoint.clone());
        }
    }
    json
}

/// A fact, as machine readers see it: `value` is null when it is unknown, and `question` then says why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Fact_{T}"))]
pub struct FactJson<T> {
    /// What is known.
    pub value: Option<T>,
    /// Id of the question that hides the value, or a part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<QuestionId>,
    /// The steps that led there, the one that decides first.
    pub because: Vec<StepJson>,
}

/// A fact, its value shown by `show`.
pub fn fact<T, U>(fact: &Fact<T>, sources: &Sources, show: impl FnOnce(&T) -> U) -> FactJson<U> {
    let (value, question) = match &fact.value {
        Value::Is(value) => (Some(show(value)), None),
        Value::Unknown(question) => (None, Some(question.clone())),
    };
    FactJson {
        value,
        question,
        because: fact.because.iter().map(|one| step(one, sources)).collect(),
    }
}

/// A fact about a set: what is sure is the value, what may hide behind it is the question.
pub fn members<T: Clone>(set: &Fact<Members<T>>, sources: &Sources) -> FactJson<Vec<T>> {
    let mut json = fact(set, sources, |members| members.surely.clone());
    if let Value::Is(members) = &set.value {
        json.question = members.rest.clone();
    }
    json
}

/// What a client gets, as machine readers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Outcome"))]
pub struct OutcomeJson {
    /// `accepted`, `refused`, `deferred` or `dead`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["accepted", "refused", "deferred", "dead"])))]
    pub result: &'static str,
    /// Where in the session the answer comes; at the latest, when there is no code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// The reply code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// Why nobody is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// An outcome; `None` for the unknown one, which is a fact's business.
#[must_use]
pub fn outcome(outcome: &Outcome) -> OutcomeJson {
    let plain = |result| OutcomeJson {
        result,
        stage: None,
        code: None,
        cause: None,
    };
    match outcome {
        Outcome::Accepted => plain("accepted"),
        Outcome::Refused { stage, code } => OutcomeJson {
            stage: Some(*stage),
            code: Some(*code).filter(|code| *code != 0),
            ..plain("refused")
        },
        Outcome::Deferred { stage, code } => OutcomeJson {
            stage: Some(*stage),
            code: Some(*code),
            ..plain("deferred")
        },
        Outcome::Dead(Cause(cause)) => OutcomeJson {
            cause: Some(cause.clone()),
            ..plain("dead")
        },
        Outcome::Unknown(_) => plain("unknown"),
    }
}

/// The release, in words.
#[must_use]
pub fn target(report: &Fact<crate::version::Versions>, dialect: &str) -> Vec<String> {
    report
        .known()
        .map(|versions| format!("{dialect} {versions}"))
        .into_iter()
        .collect()
}

/// A finding, as machine readers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Finding"))]
pub struct FindingJson {
    /// The rule's id.
    pub rule: &'static str,
    /// The rule's group.
    pub group: &'static str,
    /// What a stranger gains by it, at worst.
    pub gain: Gain,
    /// How bad.
    pub severity: Severity,
    /// `certain` or `depends`.
    pub confidence: Confidence,
    /// For `depends`: the releases on which it holds, in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub only_with: String,
    /// For `depends`: the question that would settle it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<QuestionId>,
    /// Ids of the listeners it is about.
    pub listeners: Vec<String>,
    /// What is so.
    pub message: String,
    /// What a stranger can do with it.
    pub why: String,
    /// The places that decide.
    pub at: Vec<Place>,
    /// The steps that lead there.
    pub because: Vec<StepJson>,
    /// What to write.
    pub advice: Option<Advice>,
    /// The standards and manuals it rests on.
    pub sources: Vec<String>,
    /// True when it rests on nothing but what the person prefers (`--prefer`).
    pub own_preference: bool,
    /// The same for the same finding, wherever its line moves.
    pub fingerprint: String,
    /// Rules whose findings this one explains.
    pub supersedes: Vec<&'static str>,
    /// What ignores it, when something does: where the comment or the order stands, or `baseline`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ignored_by: String,
    /// Why it is ignored, as the person says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// How many findings there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// Of severity critical.
    pub critical: usize,
    /// Of severity high.
    pub high: usize,
    /// Of severity medium.
    pub medium: usize,
    /// Of severity low.
    pub low: usize,
    /// Of severity info.
    pub info: usize,
    /// Findings that are ignored; the other numbers do not count them.
    pub suppressed: usize,
}

impl Summary {
    /// Counts findings by their severities; so many others are ignored.
    pub(crate) fn of(severities: impl IntoIterator<Item = Severity>, suppressed: usize) -> Summary {
        let mut summary = Summary {
            critical: 0,
            high: 0,
            medium: 0,
            low: 0,
            info: 0,
            suppressed,
        };
        for severity in severities {
            *match severity {
                Severity::Critical => &mut summary.critical,
                Severity::High => &mut summary.high,
                Severity::Medium => &mut summary.medium,
                Severity::Low => &mut summary.low,
                Severity::Info => &mut summary.info,
            } += 1;
        }
        summary
    }
}

/// Something to know beside the findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Note"))]
pub struct NoteJson {
    /// What it is about, in kebab-case, such as `unused-ignore`.
    pub topic: &'static str,
    /// One sentence.
    pub message: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
}

/// A rule that had nothing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "NotApplicable"))]
pub struct NotApplicableJson {
    /// Its id.
    pub rule: &'static str,
    /// Why.
    pub why: &'static str,
}

/// The whole report: `smtplint/report/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Report"))]
pub struct ReportJson {
    /// `smtplint/report/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "smtplint/report/1")))]
    pub schema: &'static str,
    /// Name and version of this program.
    pub tool: &'static str,
    /// The policy it was judged by.
    pub policy: &'static str,
    /// Which of the two ports for users is wanted.
    pub prefer: Prefer,
    /// The server and the releases the judgement holds for.
    pub target: Vec<String>,
    /// What was read.
    pub inputs: Vec<Input>,
    /// Short answers to what people ask first, always the same six.
    pub answers: Vec<Answer>,
    /// The worst first.
    pub findings: Vec<FindingJson>,
    /// Ids of rules that looked and found nothing.
    pub passed: Vec<&'static str>,
    /// Rules that had nothing to look at.
    pub not_applicable: Vec<NotApplicableJson>,
    /// What could not be known, what unlocks most first.
    pub questions: Vec<Question>,
    /// Findings that are ignored.
    pub suppressed: Vec<FindingJson>,
    /// What is to be said beside the findings.
    pub notes: Vec<NoteJson>,
    /// How many findings there are.
    pub summary: Summary,
}

/// The report as machine readers see it.
#[must_use]
pub fn report(report: &Report, sources: &Sources, inputs: Vec<Input>) -> ReportJson {
    ReportJson {
        schema: "smtplint/report/1",
        tool: TOOL,
        policy: report.policy.id,
        prefer: report.prefer,
        target: report
            .servers()
            .flat_map(|server| target(&server.version, server.dialect))
            .collect(),
        inputs,
        answers: report.answers(),
        findings: report.findings.iter().map(|one| finding(one, sources)).collect(),
        passed: report.passed.clone(),
        not_applicable: report
            .not_applicable
            .iter()
            .map(|one| NotApplicableJson {
                rule: one.rule,
                why: one.why,
            })
            .collect(),
        questions: report.questions.clone(),
        suppressed: report.suppressed.iter().map(|one| ignored(one, sources)).collect(),
        notes: report.notes.iter().map(|one| note(one, sources)).collect(),
        summary: Summary::of(report.findings.iter().map(|one| one.severity), report.suppressed.len()),
    }
}

fn ignored(one: &Suppressed, sources: &Sources) -> FindingJson {
    FindingJson {
        ignored_by: match &one.by {
            By::Comment(span) => sources.spoken(*span),
            By::Order(origin) => origin.clone(),
            By::Baseline => "baseline".to_owned(),
        },
        reason: one.reason.clone(),
        ..finding(&one.finding, sources)
    }
}

fn note(note: &Note, sources: &Sources) -> NoteJson {
    NoteJson {
        topic: note.topic,
        message: note.text.clone(),
        at: note.at.map(|span| sources.place(span)),
    }
}

fn finding(finding: &Finding, sources: &Sources) -> FindingJson {
    FindingJson {
        rule: finding.rule,
        group: finding.group,
        gain: finding.gain,
        severity: finding.severity,
        confidence: finding.confidence,
        only_with: finding.only_with.clone(),
        question: finding.question.clone(),
        listeners: finding.listeners.clone(),
        message: finding.message.clone(),
        why: finding.why.split_whitespace().collect::<Vec<_>>().join(" "),
        at: finding.at.iter().map(|span| sources.place(*span)).collect(),
        because: finding.because.iter().map(|one| step(one, sources)).collect(),
        advice: finding.advice.clone(),
        sources: finding.sources.iter().map(ToString::to_string).collect(),
        own_preference: finding.own_preference,
        fingerprint: finding.fingerprint.clone(),
        supersedes: finding.supersedes.clone(),
        ignored_by: String::new(),
        reason: String::new(),
    }
}

/// Reads what smtplint itself has printed: a value whose text says which schema it follows.
///
/// # Errors
/// In a few words, what is wrong with it.
pub fn parse<T: DeserializeOwned>(text: &str, schema: &str, of: fn(&T) -> &String) -> Result<T, String> {
    let value: T = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if of(&value) == schema {
        Ok(value)
    } else {
        Err(format!("its schema is `{}`, not `{schema}`", of(&value)))
    }
}
