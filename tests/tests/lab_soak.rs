//! Random restriction lists against the live server. `cargo xtask soak` runs many; a run of the lab tries some.

#![allow(clippy::print_stdout, reason = "the seed and the counts are the test's report")]

use std::time::Duration;

use smtplint_core::facts::Entry;
use smtplint_tests::lab::configurations::COMMON;
use smtplint_tests::lab::dialogue::Dialogue;
use smtplint_tests::lab::outcomes::{self, Compared};
use smtplint_tests::lab::random::{Chance, lines, port};
use smtplint_tests::lab::{Lab, LabConfiguration, LabError, STRANGER};
use smtplint_tests::predict;
use smtplint_tests::program::in_parallel;

/// So many ports share a server.
const PORTS: usize = 10;

/// A number from the environment.
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

fn compare(lab: &Lab, seed: u64, release: &str) -> Result<(Compared, usize), LabError> {
    let mut chance = Chance::new(seed);
    let ports: Vec<String> = (0..PORTS)
        .map(|index| lines(u16::try_from(3000 + index).unwrap_or(3000), &port(&mut chance)))
        .collect();
    let master_cf = ports.concat();
    let report = predict::judge_texts(COMMON, &master_cf, release);
    let server = lab.start(&LabConfiguration::new(&format!("seed {seed}"), COMMON, &master_cf))?;
    let mut found = outcomes::compare(&server, &report)?;
    let mut dead = 0;
    for listener in report.server.listeners.iter().filter(|one| !one.is_alive()) {
        dead += 1;
        // A port of implicit TLS says nothing first, dead or not.
        if listener.tls.entry.known() == Some(&Entry::Implicit) {
            continue;
        }
        let mut dialogue = Dialogue::clear(server.address(&listener.name)?, STRANGER)?;
        if let Ok(reply) = dialogue.reply(Duration::from_millis(1500)) {
            found
                .wrong
                .push(format!("{}: said to be dead, and says {reply}", listener.name));
        }
    }
    for line in &mut found.wrong {
        let name = line.split(':').next().unwrap_or_default().to_owned();
        let written = ports.iter().find(|one| one.starts_with(&name));
        line.push_str(&format!("\n{}", written.map_or("", String::as_str)));
    }
    server.stop()?;
    Ok((found, dead))
}

#[test]
fn random_lists_decide_as_predicted() {
    let (seed, count) = (number("SMTPLINT_SOAK_SEED", 1), number("SMTPLINT_SOAK_COUNT", 60));
    println!("seed {seed}, {count} configurations");
    let lab = Lab::new().unwrap_or_else(|error| panic!("{error}"));
    let release = lab.release().unwrap_or_else(|error| panic!("{error}"));
    let servers = count.div_ceil(PORTS as u64);
    let seeds: Vec<u64> = (0..servers)
        .map(|index| seed.wrapping_mul(100_003).wrapping_add(index))
        .collect();
    let results = in_parallel(&seeds, 4, |seed| compare(&lab, *seed, &release));
    let (mut all, mut dead, mut failed) = (Compared::default(), 0, Vec::new());
    for (seed, result) in seeds.iter().zip(results) {
        match result {
            Ok((found, silent)) => {
                dead += silent;
                all.add(found);
            }
            Err(error) => failed.push(format!("server {seed}: {error}")),
        }
    }
    println!(
        "Postfix {release}, seed {seed}: {} ports, {dead} of them dead; {} cells, {} unknown, {} left, {} wrong",
        seeds.len() * PORTS,
        all.cells,
        all.unknown,
        all.left,
        all.wrong.len()
    );
    failed.extend(all.wrong);
    assert!(failed.is_empty(), "seed {seed}:\n{}", failed.join("\n"));
}
