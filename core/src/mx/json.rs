//! What was seen of a domain and what it comes to, as machine readers see it.

use serde::Serialize;

use super::autoconfig::Outgoing;
use super::port::{Port, Purpose, Reached, Shown, Verdict};
use super::rules::GROUP;
use super::strict::Policy;
use super::{Asked, Dnssec, Domain, Exchange, Fetched, Host, Judgement, Service};
use crate::TOOL;
use crate::certificate;
use crate::facts::Entry;
use crate::finding::Severity;
use crate::inspect::CertificateJson;
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
    /// With `--probe`: what was seen at the ports that the records lead to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ports: Option<Vec<PortJson>>,
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

/// What was seen at a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MxPort"))]
pub struct PortJson {
    /// The host, by the name in the record.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// The kind of record that leads to it.
    pub purpose: Purpose,
    /// The address that answered, or the last that was tried.
    pub address: Option<String>,
    /// Whether anybody answers.
    pub reached: Reached,
    /// Why there is nothing to see, or not all.
    pub why: Option<String>,
    /// How TLS begins; null where that was not to be seen.
    pub tls: Option<Entry>,
    /// What is answered to STARTTLS, where it is announced and then not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starttls_refused: Option<String>,
    /// The chains that are shown: one for each kind of key.
    pub chains: Vec<ChainJson>,
}

/// A chain of certificates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MxChain"))]
pub struct ChainJson {
    /// The server's own first, as far as they can be read.
    pub certificates: Vec<CertificateJson>,
    /// The SHA-256 digest of the server's own key, as `TLSA 3 1 1` has it.
    pub key_sha256: Option<String>,
    /// Whether authorities that are trusted where it was looked at stand behind it, now and for the host's name; null where nobody
    /// could tell.
    pub trusted: Option<bool>,
    /// Why it is not trusted, or why nobody could tell.
    pub why: Option<String>,
}

impl PortJson {
    fn of(port: Port) -> PortJson {
        PortJson {
            host: port.host,
            port: port.number,
            purpose: port.purpose,
            address: port.address.map(|address| address.to_string()),
            reached: port.reached,
            why: port.why,
            tls: port.entry,
            starttls_refused: port.refused_tls,
            chains: port.chains.iter().map(ChainJson::of).collect(),
        }
    }
}

impl ChainJson {
    fn of(chain: &Shown) -> ChainJson {
        let read = chain.der.iter().filter_map(|der| certificate::of_der(der));
        let (trusted, why) = match &chain.trusted {
            Verdict::Yes => (Some(true), None),
            Verdict::No(why) => (Some(false), Some(why.clone())),
            Verdict::Unknown(why) => (None, Some(why.clone())),
        };
        ChainJson {
            certificates: read.map(|one| CertificateJson::of(&one)).collect(),
            key_sha256: chain.der.first().and_then(|der| super::dane::compared(der, 1, 1)),
            trusted,
            why,
        }
    }
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
        ports: seen.ports.map(|ports| ports.into_iter().map(PortJson::of).collect()),
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
        summary: Summary::of(judgement.findings.iter().map(|one| one.severity), 0),
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
        ports: None,
        findings: Vec::new(),
        questions: Vec::new(),
        notes: Vec::new(),
        summary: Summary::of([], 0),
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
