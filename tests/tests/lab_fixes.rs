//! Every case of ours with all its fixes made: the live server gives the predicted table.

#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::sync::atomic::{AtomicUsize, Ordering};

use smtplint_core::Options;
use smtplint_core::facts::Listener;
use smtplint_core::fix::{self, Choice};
use smtplint_core::source::Sources;
use smtplint_tests::corpus::Case;
use smtplint_tests::lab::{Lab, LabError, cases, outcomes};
use smtplint_tests::predict;

static FIXES: AtomicUsize = AtomicUsize::new(0);
static OUTCOMES: AtomicUsize = AtomicUsize::new(0);

/// Where the mended case and the server disagree; empty when they do not.
fn disagreements(lab: &Lab, case: &Case) -> Result<Vec<String>, LabError> {
    let sources = predict::sources(case);
    let Some(dialect) = smtplint_core::recognise(&sources) else {
        return Ok(vec!["nobody knows it".to_owned()]);
    };
    let options = Options {
        target: predict::target(case),
        ..Options::default()
    };
    let check = |sources: &Sources| smtplint_core::check(sources, dialect, &options);
    let fixes = fix::fix(
        &sources,
        dialect,
        &options,
        &Choice {
            check: &check,
            wants: &|_| true,
            evidence: None,
            bears: &|_| true,
        },
    );
    if fixes.done.is_empty() {
        return Ok(Vec::new());
    }
    FIXES.fetch_add(fixes.done.len(), Ordering::Relaxed);
    let text = |name: &str| {
        let file = fixes.after.iter().find(|(_, source)| source.file_name() == name);
        file.map(|(_, source)| source.text().to_owned()).unwrap_or_default()
    };
    let report = check(&fixes.after);
    let configuration = cases::configuration(
        case,
        &format!("fixed-{}", case.name),
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
    let compared = outcomes::compare(&server, &report)?;
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
