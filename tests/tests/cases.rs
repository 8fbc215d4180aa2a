//! Our own cases: what they expect is found, what they forbid is not, and the facts are predicted as they state them.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]

use smtplint_core::Report;
use smtplint_core::dialect::Dialect;
use smtplint_core::dialects::postfix::Postfix;
use smtplint_core::finding::{Finding, Severity};
use smtplint_core::source::Sources;
use smtplint_core::version::Target;
use smtplint_tests::corpus::{self, Case};
use smtplint_tests::predict;

fn cases() -> Vec<Case> {
    let cases = corpus::own().unwrap_or_else(|error| panic!("{error}"));
    assert!(cases.len() >= 40, "only {} cases", cases.len());
    cases
}

/// Every case, and what is wrong with it, in one message.
fn for_every_case(wrong_with: impl Fn(&Case) -> Vec<String>) {
    let wrong: Vec<String> = cases()
        .iter()
        .flat_map(|case| wrong_with(case).into_iter().map(|one| format!("{}: {one}", case.name)))
        .collect();
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

/// True when a finding is about the listener or the setting that a case names.
fn is_about(finding: &Finding, subject: &str, sources: &Sources) -> bool {
    finding
        .listeners
        .iter()
        .any(|id| id.split_once('/').is_some_and(|(_, name)| name == subject))
        || finding.at.iter().any(|span| sources.slice(*span).contains(subject))
        || finding.because.iter().any(|step| step.setting() == Some(subject))
        || finding.message.contains(subject)
}

fn found(report: &Report) -> String {
    report
        .findings
        .iter()
        .map(|one| format!("{} {:?}", one.rule, one.listeners))
        .collect::<Vec<_>>()
        .join("; ")
}

#[test]
fn what_cases_expect_is_found() {
    for_every_case(|case| {
        let report = predict::judge(case);
        let sources = predict::sources(case);
        let missing = case.expectations.expect.iter().filter(|expected| {
            let (rule, subject) = expected.split_once('@').unwrap_or((expected, ""));
            // A finding that explains another one stands for it.
            let stands_for = |one: &Finding| one.rule == rule || one.supersedes.contains(&rule);
            !report
                .findings
                .iter()
                .any(|one| stands_for(one) && is_about(one, subject, &sources))
        });
        missing
            .map(|expected| format!("{expected} is missing; found: {}", found(&report)))
            .collect()
    });
}

#[test]
fn what_cases_forbid_is_not_found() {
    for_every_case(|case| {
        let report = predict::judge(case);
        let there = report
            .findings
            .iter()
            .filter(|one| case.expectations.forbid.iter().any(|rule| rule == one.rule));
        there
            .map(|one| format!("{} says: {} {:?}", one.rule, one.message, one.listeners))
            .collect()
    });
}

#[test]
fn facts_are_predicted() {
    for_every_case(|case| {
        let report = predict::judge(case);
        // Whether a name is a port is the machine's business; the case says what happens on one that does not know it.
        if report
            .questions
            .iter()
            .any(|question| question.id.0.starts_with("port-"))
        {
            return Vec::new();
        }
        let lines: Vec<String> = report.server.listeners.iter().map(predict::line).collect();
        let mut wrong = Vec::new();
        for fact in &case.expectations.facts {
            let (service, expected) = fact.split_once(": ").unwrap_or((fact, ""));
            let Some(ours) = lines.iter().find_map(|line| line.strip_prefix(&format!("{service}: "))) else {
                wrong.push(format!("no listener `{service}`; there are {lines:?}"));
                continue;
            };
            let own: Vec<&str> = ours.split(' ').collect();
            // What a template hides may be left out of our line, never contradicted.
            let contradicted = expected.split(' ').any(|word| {
                let key = word.split('=').next().unwrap_or(word);
                own.iter().any(|one| one.split('=').next() == Some(key) && *one != word)
            });
            // A template, a library nobody named, or a certificate nobody saw, leaves facts open.
            let templated = report
                .questions
                .iter()
                .any(|one| ["template", "openssl-version", "certificate-key"].contains(&one.id.0.as_str()));
            let left_out = expected.split(' ').any(|word| !own.contains(&word));
            if contradicted || (left_out && !templated) {
                wrong.push(format!("{service}\n    expected {expected}\n    ours     {ours}"));
            }
        }
        wrong
    });
}

#[test]
fn every_finding_has_a_place_or_names_a_default() {
    for_every_case(|case| {
        let report = predict::judge(case);
        let nowhere = report
            .findings
            .iter()
            .filter(|one| one.at.is_empty() && one.because.is_empty());
        nowhere.map(|one| format!("{} stands nowhere", one.rule)).collect()
    });
}

#[test]
fn quiet_cases_are_quiet() {
    for_every_case(|case| {
        if !case.expectations.traps.iter().any(|trap| trap == "quiet") {
            return Vec::new();
        }
        let report = predict::judge(case);
        let loud = report.findings.iter().filter(|one| one.severity >= Severity::Medium);
        loud.map(|one| format!("{} says: {}", one.rule, one.message)).collect()
    });
}

/// Most of what is known of one release is taken over from the one before: it must be what that release alone would give.
#[test]
fn a_release_among_others_is_as_it_is_alone() {
    for_every_case(|case| {
        let reading = Postfix.read(&predict::sources(case));
        let mut target = Target {
            host_name: case.expectations.host_name.clone(),
            ..Target::default()
        };
        assert_eq!(target.add("postfix=2.10.0-3.11.6"), Ok(()));
        let points = reading.points(&target);
        let among = reading.lower(&target, &points);
        assert_eq!(among.len(), points.len(), "{}: one answer a point", case.name);
        let differs = points.iter().zip(&among).filter(|(point, among)| {
            let alone = reading.lower(&target, std::slice::from_ref(*point));
            alone.len() != 1
                || alone
                    .iter()
                    .any(|alone| alone.server != among.server || alone.settings != among.settings)
        });
        differs
            .map(|(point, _)| format!("{} differs when it is asked for alone", point.version))
            .collect()
    });
}
