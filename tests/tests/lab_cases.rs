//! The facts our own cases state, and the outcomes smtplint predicts for them, held against the live server.

#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::sync::atomic::{AtomicUsize, Ordering};

use smtplint_tests::corpus::Case;
use smtplint_tests::lab::{Lab, LabError, Prediction, STRANGER, cases, outcomes};
use smtplint_tests::predict;

/// Where a case and the server disagree; empty when they do not.
fn disagreements(lab: &Lab, case: &Case) -> Result<Vec<String>, LabError> {
    let text = |file: &str| String::from_utf8_lossy(case.file(file).unwrap_or_default()).into_owned();
    let configuration = cases::configuration(case, &case.name, text("main.cf"), &text("master.cf"));
    let server = match lab.start(&configuration) {
        Ok(server) => server,
        // What the master refuses starts no listener at all.
        Err(error @ (LabError::Refused(_) | LabError::NotStarted { .. })) => {
            let alive = case
                .expectations
                .facts
                .iter()
                .filter(|line| !line.ends_with("entry=dead"));
            return Ok(alive.map(|line| format!("{line}: {error}")).collect());
        }
        Err(error) => return Err(error),
    };
    let report = predict::judge(case);
    let mut found = Vec::new();
    for line in &case.expectations.facts {
        let told = match Prediction::of_service(line) {
            Ok((service, prediction)) => {
                let listener = report.server.listeners.iter().find(|one| one.name == service);
                // Where nobody comes as far as EHLO there is nothing to be seen.
                let Some(observer) = listener.map_or(Some(STRANGER), outcomes::observer) else {
                    continue;
                };
                if let Some(listener) = listener {
                    outcomes::get_through(&server, listener)?;
                }
                let observed = server.observe(&service, observer)?;
                let told = observed.disagreements(&prediction);
                if told.is_empty() {
                    told
                } else {
                    vec![format!("{service}: {told:?}; seen {observed}")]
                }
            }
            Err(error) => vec![error.to_string()],
        };
        found.extend(told);
    }
    let compared = outcomes::compare(&server, &report)?;
    OUTCOMES.fetch_add(compared.cells, Ordering::Relaxed);
    found.extend(compared.wrong);
    if !found.is_empty() {
        found.extend(server.complaints());
    }
    server.stop()?;
    Ok(found)
}

/// How many outcomes were held against the server, over all cases.
static OUTCOMES: AtomicUsize = AtomicUsize::new(0);

#[test]
fn the_facts_of_our_cases_are_true() {
    let lab = Lab::new().unwrap_or_else(|error| panic!("{error}"));
    let cases = cases::runnable().unwrap_or_else(|error| panic!("{error}"));
    let wrong = cases::wrong(&cases, |case| disagreements(&lab, case));
    let listeners: usize = cases.iter().map(|case| case.expectations.facts.len()).sum();
    println!(
        "{} cases, {listeners} listeners live, {} outcomes, {} cases disagree",
        cases.len(),
        OUTCOMES.load(Ordering::Relaxed),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
