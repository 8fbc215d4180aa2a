//! What was seen and what it comes to, as machine readers see it.

use serde::Serialize;

use super::drift::Drift;
use super::{Observation, inspect};
use crate::TOOL;
use crate::answers::Answer;
use crate::facts::TlsVersion;
use crate::inspect::{ServerJson, SuiteJson};
use crate::json::{self, FindingJson, NotApplicableJson, Summary};
use crate::question::Question;
use crate::report::Report;
use crate::source::Sources;

/// `smtplint/probe/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Probe"))]
pub struct ProbeJson {
    /// `smtplint/probe/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "smtplint/probe/1")))]
    pub schema: &'static str,
    /// Name and version of this program.
    pub tool: &'static str,
    /// The policy it was judged by.
    pub policy: &'static str,
    /// The name or address that was asked for.
    pub host: String,
    /// The address that was connected to.
    pub address: String,
    /// The TCP port.
    pub port: u16,
    /// The address that the connections came from; null when none was made.
    pub from: Option<String>,
    /// When, in seconds since 1970.
    pub at: Option<i64>,
    /// The text of the greeting; null when none was seen.
    pub greeting: Option<String>,
    /// The facts, in the form of `inspect`: one server with one listener.
    pub servers: Vec<ServerJson>,
    /// What became of each version that was asked for, oldest first; empty where no handshake was tried.
    pub handshakes: Vec<SpokenJson>,
    /// Groups for the agreement on a key, by the registry's names; null when not all of it was answered.
    pub groups: Option<Vec<&'static str>>,
    /// With `--against`: what the configuration says and what was seen, fact by fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<Vec<Drift>>,
    /// Short answers to what people ask first, always the same six.
    pub answers: Vec<Answer>,
    /// The worst first.
    pub findings: Vec<FindingJson>,
    /// Ids of rules that looked and found nothing.
    pub passed: Vec<&'static str>,
    /// Rules that had nothing to look at.
    pub not_applicable: Vec<NotApplicableJson>,
    /// What could not be seen, what unlocks most first.
    pub questions: Vec<Question>,
    /// How it was to look, one sentence each without a full stop.
    pub notes: Vec<String>,
    /// Commands of other programs that show the same.
    pub commands: Vec<String>,
    /// How many findings there are.
    pub summary: Summary,
}

/// What became of one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Handshakes"))]
pub struct SpokenJson {
    /// The version by OpenSSL's name.
    pub version: TlsVersion,
    /// Whether a handshake with it begins; null when the server did not answer.
    pub offered: Option<bool>,
    /// The suites that were chosen.
    pub suites: Vec<SuiteJson>,
    /// True when the server was asked for every suite that smtplint knows, and answered each time.
    pub whole: bool,
    /// Whether the server's order of suites counts; null when there was nothing to choose from.
    pub server_preference: Option<bool>,
}

/// What is said beside what was seen.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// What a configuration says of the same.
    pub drift: Option<Vec<Drift>>,
    /// How it was to look, one sentence each without a full stop.
    pub notes: Vec<String>,
    /// Commands of other programs that show the same.
    pub commands: Vec<String>,
}

/// Everything, as machine readers see it.
#[must_use]
pub fn probe(observation: &Observation, report: &Report, beside: Beside) -> ProbeJson {
    let none = Sources::new();
    let judged = json::report(report, &none, Vec::new());
    ProbeJson {
        schema: "smtplint/probe/1",
        tool: TOOL,
        policy: judged.policy,
        host: observation.host.clone(),
        address: observation.address.to_string(),
        port: observation.port,
        from: observation.from.map(|from| from.to_string()),
        at: observation.now,
        greeting: observation.greeting.clone(),
        servers: inspect(observation).to_json(&none, Vec::new(), false).servers,
        handshakes: observation
            .versions
            .iter()
            .map(|one| SpokenJson {
                version: one.version,
                offered: one.offered,
                suites: one.suites.iter().map(|suite| SuiteJson::of(suite)).collect(),
                whole: one.is_whole,
                server_preference: one.own_order,
            })
            .collect(),
        groups: observation.groups.clone(),
        answers: judged.answers,
        findings: judged.findings,
        passed: judged.passed,
        not_applicable: judged.not_applicable,
        questions: judged.questions,
        drift: beside.drift,
        notes: beside.notes,
        commands: beside.commands,
        summary: judged.summary,
    }
}
