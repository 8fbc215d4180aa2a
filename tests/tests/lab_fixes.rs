//! Every case of ours with all its fixes made, and each kind of fix by itself: the live server gives the predicted table.

#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::mem::{Discriminant, discriminant};
use std::sync::atomic::{AtomicUsize, Ordering};

use smtplint_core::change::Change;
use smtplint_core::facts::Listener;
use smtplint_core::finding::Finding;
use smtplint_core::fix::{self, Choice, Fixes};
use smtplint_core::source::Sources;
use smtplint_core::{Options, Report};
use smtplint_tests::corpus::Case;
use smtplint_tests::lab::{Lab, LabError, cases, outcomes};
use smtplint_tests::predict;
use smtplint_tests::program::in_parallel;

static FIXES: AtomicUsize = AtomicUsize::new(0);
static OUTCOMES: AtomicUsize = AtomicUsize::new(0);

/// Mends what is wanted of a case.
fn mended(case: &Case, wants: &dyn Fn(&Finding) -> bool) -> Option<(Fixes, Report)> {
    let sources = predict::sources(case);
    let dialect = smtplint_core::recognise(&sources)?;
    let options = Options {
        target: predict::target(case),
        ..Options::default()
    };
    let check = |sources: &Sources| smtplint_core::check(sources, dialect, &options);
    let choice = Choice {
        check: &check,
        wants,
        weigh: &|impact| impact,
        bears: &|_| true,
    };
    let fixes = fix::fix(&sources, dialect, &options, &choice);
    let report = check(&fixes.after);
    Some((fixes, report))
}

/// Where a case with all its fixes and the server disagree; empty when they do not.
fn disagreements(lab: &Lab, case: &Case) -> Result<Vec<String>, LabError> {
    let Some((fixes, report)) = mended(case, &|_| true) else {
        return Ok(vec!["nobody knows it".to_owned()]);
    };
    live(lab, case, "fixed", &fixes, &report)
}

/// Where the server with what was mended disagrees with what is said of it.
fn live(lab: &Lab, case: &Case, name: &str, fixes: &Fixes, report: &Report) -> Result<Vec<String>, LabError> {
    if fixes.done.is_empty() {
        return Ok(Vec::new());
    }
    FIXES.fetch_add(fixes.done.len(), Ordering::Relaxed);
    let text = |name: &str| {
        let file = fixes.after.iter().find(|(_, source)| source.file_name() == name);
        file.map(|(_, source)| source.text().to_owned()).unwrap_or_default()
    };
    let configuration = cases::configuration(
        case,
        &format!("{name}-{}", case.name),
        text("main.cf"),
        &text("master.cf"),
    );
    let server = match lab.start(&configuration) {
        Ok(server) => server,
        // What the master refuses starts no listener at all.
        Err(error @ (LabError::Refused(_) | LabError::NotStarted { .. })) => {
            // A name that the machine does not know keeps all from starting: that is said to depend on the machine.
            let by_name = |one: &Listener| {
                one.port
                    .value
                    .question()
                    .is_some_and(|question| question.0.starts_with("port-"))
            };
            if report.server.listeners.iter().any(by_name) {
                return Ok(Vec::new());
            }
            let alive = report.server.listeners.iter().filter(|one| one.is_alive());
            return Ok(alive.map(|one| format!("{}: {error}", one.spoken())).collect());
        }
        Err(error) => return Err(error),
    };
    let compared = outcomes::compare(&server, report)?;
    OUTCOMES.fetch_add(compared.cells, Ordering::Relaxed);
    let mut found = compared.wrong;
    if !found.is_empty() {
        found.extend(server.complaints());
    }
    server.stop()?;
    Ok(found)
}

#[test]
fn mended_cases_do_what_is_predicted() {
    let lab = Lab::new().unwrap_or_else(|error| panic!("{error}"));
    let cases = cases::runnable().unwrap_or_else(|error| panic!("{error}"));
    let wrong = cases::wrong(&cases, |case| disagreements(&lab, case));
    println!(
        "{} cases, {} fixes, {} outcomes live, {} cases disagree",
        cases.len(),
        FIXES.load(Ordering::Relaxed),
        OUTCOMES.load(Ordering::Relaxed),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is tried by itself: a case, and one finding of it.
struct Single<'c> {
    case: &'c Case,
    rule: &'static str,
    fingerprint: String,
}

impl Single<'_> {
    fn mended(&self) -> Option<(Fixes, Report)> {
        mended(self.case, &|one| one.fingerprint == self.fingerprint)
    }
}

/// Each rule once for each kind of change that it wishes for, in the first case, by name, where that mends it.
fn singles(cases: &[Case]) -> Vec<Single<'_>> {
    let mut seen: Vec<(&'static str, Vec<Discriminant<Change>>)> = Vec::new();
    let mut singles = Vec::new();
    for case in cases {
        let Some((_, before)) = mended(case, &|_| false) else {
            continue;
        };
        for finding in before.findings {
            let ways = finding.wishes.iter().map(|(change, _)| discriminant(change)).collect();
            let key = (finding.rule, ways);
            if finding.wishes.is_empty() || seen.contains(&key) {
                continue;
            }
            let single = Single {
                case,
                rule: finding.rule,
                fingerprint: finding.fingerprint,
            };
            if single.mended().is_some_and(|(fixes, _)| !fixes.done.is_empty()) {
                seen.push(key);
                singles.push(single);
            }
        }
    }
    singles
}

#[test]
fn each_fix_by_itself_does_what_is_predicted() {
    let lab = Lab::new().unwrap_or_else(|error| panic!("{error}"));
    let cases = cases::runnable().unwrap_or_else(|error| panic!("{error}"));
    let singles = singles(&cases);
    let before = OUTCOMES.load(Ordering::Relaxed);
    let results = in_parallel(&singles, 6, |single| match single.mended() {
        Some((fixes, report)) => live(&lab, single.case, single.rule, &fixes, &report),
        None => Ok(vec!["nobody knows it".to_owned()]),
    });
    let told = |(single, result): (&Single<'_>, Result<Vec<String>, LabError>)| {
        let name = format!("{} in {}", single.rule, single.case.name);
        match result {
            Ok(found) if found.is_empty() => None,
            Ok(found) => Some(format!("{name}:\n  {}", found.join("\n  "))),
            Err(error) => Some(format!("{name}: {error}")),
        }
    };
    let wrong: Vec<String> = singles.iter().zip(results).filter_map(told).collect();
    let mut rules: Vec<&str> = singles.iter().map(|single| single.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    println!(
        "{} fixes of {} rules one by one, {} outcomes live and more, {} disagree",
        singles.len(),
        rules.len(),
        OUTCOMES.load(Ordering::Relaxed) - before,
        wrong.len()
    );
    assert!(rules.len() > 30, "{rules:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
