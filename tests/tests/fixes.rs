//! What `fix` writes, over all cases: the finding is gone, what else comes to light is named, a second run changes nothing,
//! and every line that no edit is about stays byte for byte as it was.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::collections::BTreeMap;

use smtplint_core::finding::Finding;
use smtplint_core::fix::{self, Choice, Fix, Fixes, Reason};
use smtplint_core::source::Sources;
use smtplint_core::{Options, Report};
use smtplint_tests::corpus::{self, Case, Outside};
use smtplint_tests::predict;

/// What became of the findings of a rule.
#[derive(Default)]
struct Count {
    done: usize,
    left: BTreeMap<String, usize>,
}

/// Mends one finding of a text and nothing else.
fn mend(sources: &Sources, options: &Options, finding: &Finding) -> Fixes {
    let dialect = smtplint_core::recognise(sources).unwrap_or_else(|| panic!("not recognised"));
    let check = |sources: &Sources| smtplint_core::check(sources, dialect, options);
    let wants = |one: &Finding| one.fingerprint == finding.fingerprint;
    fix::fix(
        sources,
        dialect,
        options,
        &Choice {
            check: &check,
            wants: &wants,
            weigh: &|impact| impact,
            bears: &|_| true,
        },
    )
}

/// Lines that an edit has no part in stay; what is put in is all that is new.
fn leaves_the_rest_alone(before: &Sources, fix: &Fix, after: &Sources) {
    for ((file, old), (_, new)) in before.iter().zip(after.iter()) {
        let edits: Vec<_> = fix.patch.of_file(file).collect();
        let (mut from, mut at) = (0, 0);
        for edit in &edits {
            let same = &old.text()[from..edit.span.start];
            assert_eq!(&new.text()[at..at + same.len()], same);
            at += same.len();
            assert_eq!(&new.text()[at..at + edit.text.len()], edit.text);
            at += edit.text.len();
            from = edit.span.end;
            // No comment goes, and none is made.
            let gone = old.text()[edit.span.start..edit.span.end]
                .lines()
                .filter(|line| line.trim_start().starts_with('#'));
            assert!(gone.clone().all(|line| line == "#"), "{:?}", gone.collect::<Vec<_>>());
        }
        assert_eq!(&new.text()[at..], &old.text()[from..]);
    }
}

/// Findings that what there is to write does not cure, each with the reason.
const NOT_CURED: &[(&str, &str, &str)] = &[(
    "postfix/modoboa__modoboa-installer",
    "cipher-list-empty-or-invalid",
    "a template fills in a list as well",
)];

fn tried(case: &Case, counts: &mut BTreeMap<&'static str, Count>) {
    let sources = predict::sources(case);
    let Some(dialect) = smtplint_core::recognise(&sources) else {
        return;
    };
    let options = Options {
        target: predict::target(case),
        ..Options::default()
    };
    let report: Report = smtplint_core::check(&sources, dialect, &options);
    for finding in &report.findings {
        let fixes = mend(&sources, &options, finding);
        let count = counts.entry(finding.rule).or_default();
        for left in &fixes.left {
            let word = match &left.reason {
                Reason::NothingToWrite => "nothing to write".to_owned(),
                Reason::Blocked(why) => format!("blocked: {why}"),
                Reason::Costs(_) => "costs".to_owned(),
                Reason::NotCured => "not cured".to_owned(),
                Reason::Undoes(rule) => format!("undoes {rule}"),
            };
            let known = |(name, rule, _): &(&str, &str, &str)| *name == case.name && *rule == finding.rule;
            let is_wrong = matches!(left.reason, Reason::Costs(_) | Reason::NotCured | Reason::Undoes(_));
            assert!(
                !is_wrong || NOT_CURED.iter().any(known),
                "{}: {word}: {}",
                case.name,
                finding.message
            );
            *count.left.entry(word).or_default() += 1;
        }
        for fix in &fixes.done {
            count.done += 1;
            leaves_the_rest_alone(&sources, fix, &fixes.after);
            let after = smtplint_core::check(&fixes.after, dialect, &options);
            names_what_comes_to_light(&report, &after, fix, &case.name);
            let again = mend(&fixes.after, &options, finding);
            assert!(again.done.is_empty(), "{}: {} is mended twice", case.name, finding.rule);
        }
    }
}

/// What is there afterwards, was not before, and is as bad as what was mended, stands in the impact.
fn names_what_comes_to_light(before: &Report, after: &Report, fix: &Fix, name: &str) {
    for now in after.findings.iter().filter(|now| now.severity >= fix.finding.severity) {
        let is_named = fix.impact.reveals.contains(&now.message);
        let was_there = before.findings.iter().any(|then| {
            then.rule == now.rule
                && (then.message == now.message || then.listeners.iter().any(|one| now.listeners.contains(one)))
        });
        assert!(
            is_named || was_there,
            "{name}: {} brings {}: {}",
            fix.finding.rule,
            now.rule,
            now.message
        );
    }
}

#[test]
fn every_fix_of_every_case_cures_and_leaves_the_rest_alone() {
    let mut cases = corpus::own().unwrap_or_else(|error| panic!("{error}"));
    if let Outside::Found(_, outside) = corpus::outside().unwrap_or_else(|error| panic!("{error}")) {
        cases.extend(outside);
    }
    let mut counts = BTreeMap::new();
    for case in &cases {
        tried(case, &mut counts);
    }
    for (rule, count) in &counts {
        println!("{rule}: {} fixed, {:?}", count.done, count.left);
    }
    let done: usize = counts.values().map(|count| count.done).sum();
    println!("{} cases, {done} findings mended", cases.len());
    assert!(done > 0);
}

#[test]
fn all_fixes_of_a_case_together_leave_nothing_that_they_mend() {
    for case in corpus::own().unwrap_or_else(|error| panic!("{error}")) {
        let sources = predict::sources(&case);
        let Some(dialect) = smtplint_core::recognise(&sources) else {
            continue;
        };
        let options = Options {
            target: predict::target(&case),
            ..Options::default()
        };
        let check = |sources: &Sources| smtplint_core::check(sources, dialect, &options);
        let choice = Choice {
            check: &check,
            wants: &|_| true,
            weigh: &|impact| impact,
            bears: &|_| true,
        };
        let fixes = fix::fix(&sources, dialect, &options, &choice);
        let after = check(&fixes.after);
        for fix in &fixes.done {
            let is_back = after
                .findings
                .iter()
                .any(|now| now.fingerprint == fix.finding.fingerprint && now.severity >= fix.finding.severity);
            assert!(!is_back, "{}: {} is back", case.name, fix.finding.message);
        }
        let again = fix::fix(&fixes.after, dialect, &options, &choice);
        assert!(
            again.done.is_empty(),
            "{}: {:?}",
            case.name,
            again.done.first().map(|fix| &fix.finding.message)
        );
    }
}
