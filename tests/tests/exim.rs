//! What is said of Exim is what clients of the real server meet. The lab's test `lab_exim` starts one for each of these.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]

use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_core::{Options, Report, recognise};
use smtplint_tests::doors::told;
use smtplint_tests::exim_ports::{CASES, TARGET, ends};

fn judged(text: &str, target: &str) -> Report {
    let mut sources = Sources::new();
    sources.add(Source::new("exim.conf", text, SourceKind::Authored));
    let dialect = recognise(&sources).unwrap_or_else(|| panic!("nobody knows it:\n{text}"));
    assert_eq!(dialect.id(), "exim");
    let mut options = Options::default();
    for target in target.split(' ') {
        options.target.add(target).unwrap_or_else(|error| panic!("{error}"));
    }
    smtplint_core::check(&sources, dialect, &options)
}

#[test]
fn ports_are_as_clients_find_them() {
    let mut wrong = Vec::new();
    for case in CASES {
        let report = judged(&case.text(), TARGET);
        let found: Vec<(u16, String, String)> = report
            .server
            .listeners
            .iter()
            .map(|one| (one.known_port().unwrap_or_default(), told(Some(one)), ends(one)))
            .collect();
        let expected: Vec<(u16, String, String)> = case
            .doors
            .iter()
            .map(|(port, told, ends)| (*port, (*told).to_owned(), (*ends).to_owned()))
            .collect();
        if found != expected {
            wrong.push(format!(
                "{:?} {:?}\n    found    {found:?}\n    expected {expected:?}",
                case.main, case.lists
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
