//! A judgement as SARIF 2.1.0 (OASIS), which code hosts and editors read.

use std::collections::BTreeMap;

use crate::TOOL;
use crate::document::{Document, NoteKind};
use crate::finding::{Finding, Severity};
use crate::json::Input;
use crate::markdown::harmless;
use crate::report::{Note, Report};
use crate::rule_text::RuleText;
use crate::source::{Place, Sources, Span};
use crate::suppress::{By, Suppressed};
use serde_json::{Value, json};

/// Where the schema is published.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The log of one run. Findings that are ignored stand in it as well, and say so.
#[must_use]
pub fn log(report: &Report, sources: &Sources, inputs: &[Input]) -> Value {
    let mut rules = Rules::default();
    // The notes that people read are the message; a document of the ignored findings has theirs.
    let ignored = Report {
        findings: report.suppressed.iter().map(|one| one.finding.clone()).collect(),
        ..report.clone()
    };
    let (shown, hidden) = (Document::of(report), Document::of(&ignored));
    let mut results: Vec<Value> = Vec::new();
    for (finding, card) in report.findings.iter().zip(&shown.cards) {
        results.push(result(finding, &card.notes, sources, &mut rules));
    }
    for (one, card) in report.suppressed.iter().zip(&hidden.cards) {
        let mut result = result(&one.finding, &card.notes, sources, &mut rules);
        result["suppressions"] = json!([suppression(one, sources)]);
        results.push(result);
    }
    let notifications: Vec<Value> = report.notes.iter().map(|note| notification(note, sources)).collect();
    let version = TOOL.rsplit(' ').next().unwrap_or(TOOL);
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "smtplint", "version": version, "rules": rules.list } },
            "columnKind": "unicodeCodePoints",
            "artifacts": inputs.iter().map(artifact).collect::<Vec<_>>(),
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notifications }],
            "results": results,
        }],
    })
}

/// The rules that results are of.
#[derive(Default)]
struct Rules {
    list: Vec<Value>,
    places: BTreeMap<&'static str, usize>,
}

impl Rules {
    /// The place of a rule in the list.
    fn index(&mut self, id: &'static str) -> usize {
        *self.places.entry(id).or_insert_with(|| {
            self.list.push(rule(id));
            self.list.len() - 1
        })
    }
}

fn rule(id: &'static str) -> Value {
    let Some((group, rule)) = crate::rule_by_id(id) else {
        return json!({ "id": id });
    };
    let text = RuleText::parse(rule.text());
    let sections: Vec<String> = text
        .sections
        .iter()
        .map(|(title, body)| format!("{title}\n\n{body}"))
        .collect();
    let mut shown = json!({
        "id": id,
        "shortDescription": message(text.headline),
        "fullDescription": message(&unwrapped(text.why(false))),
        "help": { "text": braced(&sections.join("\n\n")), "markdown": braced(rule.text()) },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": [group], "severity": rule.severity.word(), "security-severity": score(rule.severity) },
    });
    if let Some(url) = rule.sources().iter().find_map(crate::rule::Citation::url) {
        shown["helpUri"] = json!(url);
    }
    shown
}

fn result(finding: &Finding, notes: &[(NoteKind, String)], sources: &Sources, rules: &mut Rules) -> Value {
    let mut said = vec![harmless(&finding.message)];
    for (kind, note) in notes {
        said.push(format!("{}: {}", kind.word(), harmless(note)));
    }
    let decides = finding.at.first().or(finding.context.first()).copied();
    let others = finding
        .at
        .iter()
        .chain(&finding.context)
        .filter(|span| Some(**span) != decides);
    let related: Vec<Value> = (1..)
        .zip(others)
        .map(|(id, span)| {
            let mut shown = location(&sources.place(*span));
            shown["id"] = json!(id);
            shown
        })
        .collect();
    let mut shown = json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": level(finding.severity),
        "message": { "text": braced(&said.join("\n")) },
        "locations": [decides.map_or_else(|| whole_input(sources), |span| location(&sources.place(span)))],
        "partialFingerprints": { "smtplint/v1": finding.fingerprint },
        "properties": { "severity": finding.severity.word(), "confidence": json!(finding.confidence), "listeners": finding.listeners },
    });
    if !related.is_empty() {
        shown["relatedLocations"] = json!(related);
    }
    shown
}

fn suppression(one: &Suppressed, sources: &Sources) -> Value {
    let (kind, mut reason, at): (_, _, Option<Span>) = match &one.by {
        By::Comment(span) => ("inSource", one.reason.clone(), Some(*span)),
        By::Order(origin) => ("external", format!("{} ({origin})", one.reason), None),
        By::Baseline => ("external", "it stands in the baseline".to_owned(), None),
    };
    if reason.is_empty() {
        reason.push_str("no reason is given");
    }
    let mut shown = json!({ "kind": kind, "status": "accepted", "justification": harmless(&reason) });
    if let Some(span) = at {
        shown["location"] = location(&sources.place(span));
    }
    shown
}

fn notification(note: &Note, sources: &Sources) -> Value {
    let mut shown = json!({
        "level": "note",
        "message": message(&harmless(&note.text)),
        "descriptor": { "id": note.topic },
    });
    if let Some(span) = note.at {
        shown["locations"] = json!([location(&sources.place(span))]);
    }
    shown
}

/// Lines and columns count from 1 there as here; the end of a region is one past its last column.
fn location(place: &Place) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&place.file) },
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        },
    } })
}

/// Where no line decides and none defines the listener, all that can be named is the file.
fn whole_input(sources: &Sources) -> Value {
    let first = sources.iter().next().map_or("", |(_, source)| source.path.as_str());
    json!({ "physicalLocation": { "artifactLocation": { "uri": uri(first) } } })
}

fn artifact(input: &Input) -> Value {
    let mut shown = json!({ "location": { "uri": uri(&input.path) } });
    if let Some(digest) = &input.sha256 {
        shown["hashes"] = json!({ "sha-256": digest });
    }
    shown
}

/// A path as RFC 3986 wants it.
fn uri(path: &str) -> String {
    let path = path.trim_start_matches("./");
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

fn message(text: &str) -> Value {
    json!({ "text": braced(text) })
}

/// Braces stand for arguments in messages, and are doubled where they mean themselves (§3.11.5).
fn braced(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// What code hosts sort by, from 0 to 10.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_addresses() {
        assert_eq!(uri("/etc/postfix/main.cf"), "file:///etc/postfix/main.cf");
        assert_eq!(uri("./main.cf"), "main.cf");
        assert_eq!(uri("a b/ü%.cf"), "a%20b/%C3%BC%25.cf");
        assert_eq!(braced("${a?{b}}"), "${{a?{{b}}}}");
    }
}
