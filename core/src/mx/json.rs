//! What was seen of a domain and what it comes to, as machine readers see it.

use serde::Serialize;

use super::autoconfig::Outgoing;
use super::rules::GROUP;
use super::strict::Policy;
use super::{Asked, Dnssec, Domain, Exchange, Fetched, Host, Judgement, Service};
use crate::TOOL;
use crate::finding::Severity;
use crate::json::Summary;
use crate::rule_text::RuleText;

/// `smtplint/mx/1`: one domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Mx"))]
pub struct MxJson {
    /// `smtplint/mx/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "smtplint/mx/1")))]
    pub schema: &'static str,
    /// Name and version of this program.
    pub tool: &'static str,
    /// The domain in small letters, in the form of the DNS; what was given, where that is none.
    pub domain: String,
    /// Why nothing can be said of the domain; null when something can. Then everything else says nothing.
    pub error: Option<String>,
    /// When, in seconds since 1970.
    pub at: Option<i64>,
    /// Whether the signatures of the exchangers hold.
    pub dnssec: Dnssec,
    /// The exchangers.
    pub mx: Option<Asked<Exchange>>,
    /// The hosts that mail goes to; without exchangers the domain itself.
    pub hosts: Vec<Host>,
    /// MTA-STS (RFC 8461).
    pub mta_sts: Option<StsJson>,
    /// Reports of TLS (RFC 8460).
    pub tlsrpt: Option<ReportsJson>,
    /// Where users hand in mail.
    pub srv: Option<SrvJson>,
    /// What mail programs fetch.
    pub autoconfig: AutoconfigJson,
    /// The worst first.
    pub findings: Vec<MxFindingJson>,
    /// What could not be seen.
    pub questions: Vec<MxQuestionJson>,
    /// How it was to look, one sentence each without a full stop.
    pub notes: Vec<String>,
    /// How many findings there are.
    pub summary: Summary,
}

/// MTA-STS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MtaSts"))]
pub struct StsJson {
    /// The texts that announce it.
    pub record: Asked<String>,
    /// The id that they announce; null when they announce nothing that counts.
    pub id: Option<String>,
    /// The file.
    pub file: Fetched,
    /// What it says; null when nobody can read it.
    pub policy: Option<Policy>,
}

/// Reports of TLS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "TlsReports"))]
pub struct ReportsJson {
    /// The texts.
    pub record: Asked<String>,
    /// Where the reports go.
    pub to: Vec<String>,
}

/// Where users hand in mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Services"))]
pub struct SrvJson {
    /// With STARTTLS.
    pub submission: Asked<Service>,
    /// Inside TLS.
    pub submissions: Asked<Service>,
    /// The hosts that they name.
    pub hosts: Vec<Host>,
}

/// What mail programs fetch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Autoconfig"))]
pub struct AutoconfigJson {
    /// The files, in the order in which they are tried.
    pub files: Vec<Fetched>,
    /// The servers for outgoing mail in the first that is there.
    pub outgoing: Vec<Outgoing>,
}

/// A finding about a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MxFinding"))]
pub struct MxFindingJson {
    /// The rule's id.
    pub rule: &'static str,
    /// The rule's group.
    pub group: &'static str,
    /// How bad.
    pub severity: Severity,
    /// The name or the place that it is about.
    pub about: String,
    /// What is so.
    pub message: String,
    /// What comes of it.
    pub why: String,
    /// What to do.
    pub advice: String,
    /// The standards it rests on.
    pub sources: Vec<String>,
}

/// Something that could not be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MxQuestion"))]
pub struct MxQuestionJson {
    /// What is not known, and why.
    pub ask: String,
    /// The command that settles it.
    pub command: String,
}

/// The first paragraph of why a rule matters.
#[must_use]
pub fn why(text: &'static str) -> String {
    let sections = RuleText::parse(text).sections;
    let body = sections.into_iter().find(|(title, _)| *title == "Why it matters");
    let first = body.and_then(|(_, body)| body.split("\n\n").next()).unwrap_or("");
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What was seen and what it comes to. `at` is in seconds since 1970.
#[must_use]
pub fn domain(seen: Domain, judgement: &Judgement, at: Option<i64>) -> MxJson {
    let count = |severity: Severity| judgement.findings.iter().filter(|one| one.severity == severity).count();
    let error = seen.is_unknown().then(|| {
        let why = seen.mx.why.clone();
        why.unwrap_or_else(|| "there was no answer".to_owned())
    });
    MxJson {
        error,
        at,
        dnssec: seen.mx.dnssec,
        hosts: seen.hosts,
        mta_sts: Some(StsJson {
            record: seen.sts,
            id: judgement.sts_id.clone(),
            file: seen.policy,
            policy: judgement.policy.clone(),
        }),
        tlsrpt: Some(ReportsJson {
            record: seen.reports,
            to: judgement.reports_to.clone(),
        }),
        srv: Some(SrvJson {
            submission: seen.submission,
            submissions: seen.submissions,
            hosts: seen.servers,
        }),
        autoconfig: AutoconfigJson {
            files: seen.autoconfig,
            outgoing: judgement.outgoing.clone(),
        },
        findings: judgement.findings.iter().map(finding).collect(),
        questions: judgement
            .open
            .iter()
            .map(|open| MxQuestionJson {
                ask: open.ask.clone(),
                command: open.command.clone(),
            })
            .collect(),
        notes: seen.notes,
        summary: Summary {
            critical: count(Severity::Critical),
            high: count(Severity::High),
            medium: count(Severity::Medium),
            low: count(Severity::Low),
            info: count(Severity::Info),
            suppressed: 0,
        },
        mx: Some(seen.mx),
        ..nothing(seen.name)
    }
}

/// Of something that is no domain.
#[must_use]
pub fn no_domain(given: &str, why: String, at: Option<i64>) -> MxJson {
    MxJson {
        error: Some(why),
        at,
        ..nothing(given.to_owned())
    }
}

fn nothing(domain: String) -> MxJson {
    MxJson {
        schema: "smtplint/mx/1",
        tool: TOOL,
        domain,
        error: None,
        at: None,
        dnssec: Dnssec::Unknown,
        mx: None,
        hosts: Vec::new(),
        mta_sts: None,
        tlsrpt: None,
        srv: None,
        autoconfig: AutoconfigJson::default(),
        findings: Vec::new(),
        questions: Vec::new(),
        notes: Vec::new(),
        summary: Summary {
            critical: 0,
            high: 0,
            medium: 0,
            low: 0,
            info: 0,
            suppressed: 0,
        },
    }
}

fn finding(one: &super::Finding) -> MxFindingJson {
    MxFindingJson {
        rule: one.rule.id,
        group: GROUP,
        severity: one.severity,
        about: one.about.clone(),
        message: one.message.clone(),
        why: why(one.rule.text),
        advice: one.advice.clone(),
        sources: one.rule.cited(),
    }
}
