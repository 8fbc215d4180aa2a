//! Tables of outcomes, held against live servers cell by cell: who, how, where to; at which command, with which code.

#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use smtplint_tests::lab::configurations::{ALL_WRITTEN, COMMON, Written};
use smtplint_tests::lab::outcomes::{self, Compared};
use smtplint_tests::lab::{Lab, LabConfiguration, LabError, Prediction};
use smtplint_tests::predict;
use smtplint_tests::program::in_parallel;

/// Runs one configuration and compares every port's facts and every cell.
fn compare(lab: &Lab, written: &Written, release: &str) -> Result<Compared, LabError> {
    let main_cf = format!("{COMMON}{}", written.main_cf);
    let report = predict::judge_texts(&main_cf, written.master_cf, release);
    let server = lab.start(&LabConfiguration::new(written.name, &main_cf, written.master_cf))?;
    let mut found = Compared::default();
    for listener in &report.server.listeners {
        let line = predict::line(listener);
        let Some(observer) = outcomes::observer(listener) else {
            continue;
        };
        match Prediction::of_service(&line) {
            Ok((service, prediction)) => {
                outcomes::get_through(&server, listener)?;
                let observed = server.observe(&service, observer)?;
                let differences = observed.disagreements(&prediction);
                found
                    .wrong
                    .extend(differences.into_iter().map(|one| format!("{service}: {one}")));
            }
            Err(error) => found.wrong.push(format!("{line}: {error}")),
        }
        if listener.is_alive() == written.name.starts_with("dead-") && written.name != "dead-option" {
            found
                .wrong
                .push(format!("{}: alive is {}", listener.name, listener.is_alive()));
        }
    }
    found.add(outcomes::compare(&server, &report)?);
    if !found.wrong.is_empty() {
        found.wrong.extend(server.complaints());
    }
    server.stop()?;
    Ok(found)
}

#[test]
fn every_cell_is_as_predicted() {
    let lab = Lab::new().unwrap_or_else(|error| panic!("{error}"));
    let release = lab.release().unwrap_or_else(|error| panic!("{error}"));
    let chosen = std::env::var("SMTPLINT_LAB_ONLY").unwrap_or_default();
    let written: Vec<Written> = ALL_WRITTEN
        .iter()
        .filter(|one| one.name.contains(&chosen))
        .copied()
        .collect();
    let results = in_parallel(&written, 6, |one| compare(&lab, one, &release));
    let mut all = Compared::default();
    let mut wrong = Vec::new();
    for (one, result) in written.iter().zip(results) {
        match result {
            Ok(found) => {
                if !found.wrong.is_empty() {
                    wrong.push(format!("{}:\n  {}", one.name, found.wrong.join("\n  ")));
                }
                println!(
                    "{:45} {} cells, {} unknown, {} left",
                    one.name, found.cells, found.unknown, found.left
                );
                all.add(found);
            }
            Err(error) => wrong.push(format!("{}: {error}", one.name)),
        }
    }
    println!(
        "Postfix {release}: {} configurations, {} cells seen as predicted or not, {} unknown, {} left, {} configurations disagree",
        written.len(),
        all.cells,
        all.unknown,
        all.left,
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
