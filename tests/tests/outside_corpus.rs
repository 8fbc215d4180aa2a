//! `check` over the outside corpus, when it is there: no panic, a place or a named default for every finding, and no finding
//! that comes or goes unnoticed.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use smtplint_core::finding::Confidence;
use smtplint_core::{Options, Report};
use smtplint_tests::corpus::{self, Case, Outside};
use smtplint_tests::predict;

/// Rules, listeners and lines: enough to see a change, nothing of the files themselves.
fn summary(case: &Case, report: &Report) -> String {
    let sources = predict::sources(case);
    let mut text = format!("{}\n", case.name);
    for finding in &report.findings {
        let place = finding.at.first().map(|span| sources.place(*span));
        let place = place.map_or_else(
            || "default".to_owned(),
            |place| format!("{}:{}", place.file, place.line),
        );
        let listeners: Vec<&str> = finding
            .listeners
            .iter()
            .filter_map(|id| id.split_once('/'))
            .map(|(_, name)| name)
            .collect();
        let depends = if finding.confidence == Confidence::Depends {
            " depends"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "  {} {} at {place} [{}]{depends}",
            finding.severity.word(),
            finding.rule,
            listeners.join(" ")
        );
    }
    text
}

#[test]
fn every_real_configuration_is_judged_as_before() {
    let cases = match corpus::outside().unwrap_or_else(|error| panic!("{error}")) {
        Outside::Absent(reason) => {
            println!("{reason}");
            return;
        }
        Outside::Found(_, cases) => cases,
    };
    let mut text = String::new();
    let mut findings = 0;
    let mut spoken_of: BTreeMap<&str, usize> = BTreeMap::new();
    for case in &cases {
        let sources = predict::sources(case);
        let options = Options::default();
        let report = smtplint_core::check(&sources, &smtplint_core::dialects::postfix::Postfix, &options);
        for finding in &report.findings {
            assert!(
                !finding.at.is_empty() || !finding.because.is_empty(),
                "{}: {} stands nowhere",
                case.name,
                finding.rule
            );
        }
        findings += report.findings.len();
        let rules: BTreeSet<&str> = report.findings.iter().map(|finding| finding.rule).collect();
        for rule in rules {
            *spoken_of.entry(rule).or_default() += 1;
        }
        text.push_str(&summary(case, &report));
    }
    println!(
        "{} configurations, {findings} findings; configurations each rule speaks of:",
        cases.len()
    );
    for (rule, count) in spoken_of {
        println!("{count:>5}  {rule}");
    }
    insta::assert_snapshot!("outside_corpus", text);
}
