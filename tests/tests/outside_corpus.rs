//! `check` over the outside corpus, when it is there: no panic, a place or a named default for every finding, and no finding
//! that comes or goes unnoticed.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use smtplint_core::facts::{Entry, Listener};
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

/// Whether something is so of one of the listeners at a port; `None` where a listener leaves it open.
fn one_at(report: &Report, port: u16, is_so: impl Fn(&Listener) -> Option<bool>) -> Option<bool> {
    let names = match port {
        465 => ["smtps", "submissions"],
        587 => ["submission", "587"],
        _ => ["smtp", "25"],
    };
    let is_at = |one: &&Listener| {
        one.known_port()
            .map_or(names.contains(&one.name.as_str()), |known| known == port)
    };
    let said: Vec<Option<bool>> = report.server.listeners.iter().filter(is_at).map(is_so).collect();
    if said.contains(&Some(true)) {
        return Some(true);
    }
    if said.contains(&None) { None } else { Some(false) }
}

/// What people get wrong, counted from the facts: of how many that have the port, in how many, and in how many it is open.
fn survey(reports: &[Report]) {
    type Row = (&'static str, u16, fn(&Listener) -> Option<bool>);
    let rows: [Row; 7] = [
        ("AUTH on 25", 25, |one| {
            match (one.auth.before_tls.known(), one.auth.after_tls.known()) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            }
        }),
        ("AUTH on 25 in clear", 25, |one| one.auth.before_tls.known().copied()),
        ("AUTH on 587 in clear", 587, |one| one.auth.before_tls.known().copied()),
        ("587 takes mail without TLS", 587, |one| {
            one.tls.required.known().map(|required| !required)
        }),
        ("465 begins in clear", 465, |one| {
            one.tls.entry.known().map(|entry| *entry != Entry::Implicit)
        }),
        ("no TLS on 25", 25, |one| {
            one.tls.entry.known().map(|entry| *entry == Entry::None)
        }),
        ("TLS a must on 25", 25, |one| one.tls.required.known().copied()),
    ];
    let counted = |port: u16, is_so: &dyn Fn(&Listener) -> Option<bool>| {
        let with_port = reports
            .iter()
            .filter(|one| one_at(one, port, |_| Some(true)) == Some(true));
        let said: Vec<Option<bool>> = with_port.map(|one| one_at(one, port, is_so)).collect();
        let count = |wanted| said.iter().filter(|one| **one == wanted).count();
        (count(Some(true)), said.len(), count(None))
    };
    for (row, port, is_so) in rows {
        let (yes, all, open) = counted(port, &is_so);
        println!("{yes:>5} of {all}, {open} open: {row}");
    }
    let has = |report: &&Report, port| one_at(report, port, |_| Some(true)) == Some(true);
    let ports = |is_465: bool, is_587: bool| {
        reports
            .iter()
            .filter(|one| has(one, 465) == is_465 && has(one, 587) == is_587)
            .count()
    };
    println!(
        "{:>5} 587 alone, {} 465 alone, {} neither",
        ports(false, true),
        ports(true, false),
        ports(false, false)
    );
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
    let mut reports = Vec::new();
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
        reports.push(report);
    }
    println!(
        "{} configurations, {findings} findings; configurations each rule speaks of:",
        cases.len()
    );
    for (rule, count) in spoken_of {
        println!("{count:>5}  {rule}");
    }
    survey(&reports);
    insta::assert_snapshot!("outside_corpus", text);
}
