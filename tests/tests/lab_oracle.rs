//! Real postconf over every configuration there is: it runs, and every line it prints is read.
//!
//! What the host decides is pinned (host name, loopback alone), so the same values come on every machine.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::path::Path;

use smtplint_tests::corpus::{self, Case, Outside};
use smtplint_tests::postconf::{Configuration, Host, HostFacts, PostconfError, Printed};
use smtplint_tests::program::in_parallel;

/// The host name of a case that names none.
const HOST_NAME: &str = "mail.example.test";

/// What postconf says of one case.
struct Asked {
    settings: Printed,
    /// Only where there is a master.cf: without one, `-P` is fatal.
    services: Option<Printed>,
}

fn ask(case: &Case) -> Result<Asked, PostconfError> {
    let host_name = case.expectations.host_name.as_deref().unwrap_or(HOST_NAME);
    let configuration = Configuration {
        // What `postconf -n` printed is a main.cf too. Where there is none of the two, master.cf alone is asked about.
        main_cf: Some(
            case.file("main.cf")
                .or(case.file("postconf-n.txt"))
                .unwrap_or_default()
                .to_vec(),
        ),
        master_cf: case.file("master.cf").map(<[u8]>::to_vec),
        host: Host::Pinned(HostFacts::loopback(host_name)),
        ..Configuration::default()
    };
    let prepared = configuration.prepare()?;
    let settings = prepared.settings()?;
    let services = match configuration.master_cf {
        Some(_) => Some(prepared.services()?),
        None => None,
    };
    Ok(Asked { settings, services })
}

/// Asks about all cases and gives the number of values read.
fn ask_all(what: &str, cases: &[Case]) -> usize {
    let asked = in_parallel(cases, 4, ask);
    let (mut settings, mut services, mut warnings, mut fatals) = (0, 0, 0, Vec::new());
    for (case, asked) in cases.iter().zip(asked) {
        let asked = asked.unwrap_or_else(|error| panic!("{}: {error}", case.name));
        settings += asked.settings.values.len();
        warnings += asked.settings.warnings.len();
        services += asked.services.as_ref().map_or(0, |services| services.values.len());
        match asked.settings.fatal {
            Some(fatal) => fatals.push(format!("{}: {fatal}", case.name)),
            // postconf always prints at least the directory it was given.
            None => assert!(asked.settings.values.contains_key("config_directory"), "{}", case.name),
        }
    }
    println!(
        "{what}: {} cases, {settings} values of main.cf, {services} of master.cf, {warnings} warnings, {} fatal",
        cases.len(),
        fatals.len()
    );
    for fatal in fatals {
        println!("  {fatal}");
    }
    settings + services
}

#[test]
fn own_cases_are_what_they_say() {
    if !Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").is_dir() {
        println!("own: no cases yet");
        return;
    }
    let cases = corpus::own().unwrap_or_else(|error| panic!("{error}"));
    ask_all("own", &cases);
    for (case, asked) in cases.iter().zip(in_parallel(&cases, 4, ask)) {
        let Ok(asked) = asked else { continue };
        let said = match (
            &case.expectations.postconf,
            asked.settings.fatal.or(asked.services.and_then(|it| it.fatal)),
        ) {
            (None, None) => continue,
            (expected, fatal) => (expected.clone().unwrap_or_default(), fatal.unwrap_or_default()),
        };
        let expected = said.0.strip_prefix("fatal: ").unwrap_or(&said.0);
        assert!(
            !expected.is_empty() && said.1.contains(expected),
            "{}: expected {said:?}",
            case.name
        );
    }
}

#[test]
fn the_outside_corpus_is_read_to_the_last_line() {
    match corpus::outside().unwrap_or_else(|error| panic!("{error}")) {
        Outside::Absent(reason) => println!("{reason}"),
        Outside::Found(directory, cases) => {
            let values = ask_all(&directory.display().to_string(), &cases);
            assert!(values > 10 * cases.len(), "only {values} values");
        }
    }
}
