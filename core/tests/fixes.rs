//! Whether each rule's finding can be mended is written down in `fixes.tsv`, with the reason where it cannot, and its examples
//! bear it out.

#[allow(dead_code, reason = "each test file uses its own part")]
mod common;

use std::collections::BTreeMap;

use common::examples::{cases, whole};
use smtplint_core::finding::Finding;
use smtplint_core::fix::{self, Choice, Reason};
use smtplint_core::rules::RULES;

/// `fix`: what is found can be mended. `sometimes`: not every form of it, for the reason given. `blocked`: only the person knows
/// what to write. `none`: no line of the configuration is the way out.
fn list() -> BTreeMap<&'static str, (&'static str, &'static str)> {
    let lines = include_str!("fixes.tsv").lines().filter(|line| !line.starts_with('#'));
    let parts = lines.map(|line| {
        let mut parts = line.split('\t');
        let mut next = || parts.next().unwrap_or("");
        (next(), (next(), next()))
    });
    parts.collect()
}

#[test]
fn every_rule_is_listed_with_its_answer_and_the_reason() {
    let list = list();
    let (of_one_server, listed): (Vec<&str>, Vec<&str>) = list.keys().copied().partition(|rule| rule.contains(' '));
    let mut all: Vec<&str> = RULES.iter().map(|(_, rule)| rule.id).collect();
    all.sort_unstable();
    assert_eq!(listed, all);
    for own in of_one_server {
        let rule = own.split(' ').next().unwrap_or_default();
        assert!(listed.contains(&rule), "{own}: no such rule");
    }
    for (rule, (answer, reason)) in &list {
        assert!(
            ["fix", "sometimes", "blocked", "none"].contains(answer),
            "{rule}: {answer}"
        );
        assert_eq!(reason.is_empty(), *answer == "fix", "{rule}: {reason}");
    }
}

#[test]
fn what_the_bad_examples_show_is_mended_as_listed() {
    let list = list();
    let mut wrong = Vec::new();
    let mut mended = BTreeMap::new();
    for case in cases().iter().filter(|case| !case.example.good) {
        let (sources, dialect, options) = whole(case);
        let check = |sources: &_| smtplint_core::check(sources, dialect, &options);
        let wants = |finding: &Finding| finding.rule == case.rule;
        let choice = Choice {
            check: &check,
            wants: &wants,
            weigh: &|impact| impact,
            bears: &|_| true,
        };
        let fixes = fix::fix(&sources, dialect, &options, &choice);
        // One server may have no way to say what another has.
        let own = format!("{} {}", case.rule, dialect.id());
        let listed = list.get(own.as_str()).or_else(|| list.get(case.rule));
        let (answer, _) = listed.copied().unwrap_or(("", ""));
        *mended.entry(case.rule).or_insert(0) += fixes.done.len();
        let is_as_listed = |reason: &Reason| match answer {
            "sometimes" => !matches!(reason, Reason::NotCured | Reason::Undoes(_)),
            "blocked" => matches!(reason, Reason::Blocked(_)),
            "none" => *reason == Reason::NothingToWrite,
            _ => false,
        };
        let told = |why: String| format!("{} ({answer}): {why}", case.name());
        wrong.extend(
            fixes
                .left
                .iter()
                .filter(|left| !is_as_listed(&left.reason))
                .map(|left| told(format!("{:?}", left.reason))),
        );
        let never = matches!(answer, "blocked" | "none");
        wrong.extend(
            fixes
                .done
                .iter()
                .filter(|_| never)
                .map(|fix| told(format!("{:?}", fix.patch))),
        );
        // A second run changes nothing.
        let again = fix::fix(&fixes.after, dialect, &options, &choice);
        wrong.extend(again.done.iter().map(|fix| told(format!("again: {:?}", fix.patch))));
    }
    let idle = mended.iter().filter(|(rule, count)| {
        **count == 0
            && list
                .get(*rule)
                .is_some_and(|(answer, _)| matches!(*answer, "fix" | "sometimes"))
    });
    wrong.extend(idle.map(|(rule, _)| format!("{rule}: no example of it is mended")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
