//! Any log, well formed or not: it is counted without a stop, the same however its bytes come in parts, and no login is counted
//! twice or lost.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use smtplint_core::usage::{Change, Options, Reader, Usage};

fn counted<'b>(parts: impl Iterator<Item = &'b [u8]>) -> Usage {
    let mut reader = Reader::new(Options::default());
    parts.for_each(|part| reader.read(part));
    reader.finish()
}

/// Lines as Postfix writes them, in the forms that logs have, in any order, and lines that are none.
fn line() -> impl Strategy<Value = String> {
    let stamp = prop_oneof![
        Just("Nov 27 01:02:03 mail ".to_owned()),
        Just("2026-11-27T01:02:03.5+01:00 mail ".to_owned()),
        Just("<22>Nov  7 01:02:03 mail ".to_owned()),
        "[ -~]{0,20}",
    ];
    let service = prop_oneof![
        "postfix/(submissions|submission|smtps)/smtpd",
        Just("postfix/smtpd".to_owned()),
        "[a-z/]{0,9}"
    ];
    let message = prop_oneof![
        "(dis)?connect from a\\[192\\.0\\.2\\.[0-9]\\]( ehlo=1)?( starttls=1)?( auth=1)?( commands=[0-9])?",
        "Q[0-9]: client=a\\[192\\.0\\.2\\.[0-9]\\], sasl_method=(PLAIN|LOGIN), sasl_username=(anna|b|é|\u{202e}x)",
        "Anonymous TLS connection established from a\\[192\\.0\\.2\\.1\\]: TLSv1(\\.[1-3])? with cipher X \\(128/128 bits\\)",
        ".{0,40}",
    ];
    (stamp, service, 0..4_u32, message)
        .prop_map(|(stamp, service, process, message)| format!("{stamp}{service}[{process}]: {message}"))
}

fn log() -> impl Strategy<Value = Vec<u8>> {
    let lines = prop::collection::vec(line(), 0..40);
    let noise = prop::collection::vec(any::<u8>(), 0..12);
    (
        lines,
        noise,
        any::<prop::sample::Index>(),
        prop_oneof![Just("\n"), Just("\r\n")],
    )
        .prop_map(|(lines, noise, at, end)| {
            let mut bytes = lines.join(end).into_bytes();
            let at = at.index(bytes.len() + 1);
            bytes.splice(at..at, noise);
            bytes
        })
}

proptest! {
    #[test]
    fn a_log_is_counted_the_same_in_any_parts(bytes in log(), size in 1_usize..50) {
        let whole = counted(std::iter::once(bytes.as_slice()));
        prop_assert_eq!(&whole, &counted(bytes.chunks(size)));
        let logins: u64 = whole.services.iter().map(|service| service.logins).sum();
        let nameless = |service: &smtplint_core::usage::Service| -> u64 {
            service.encryption.iter().map(|one| one.logins_without_name).sum()
        };
        let nameless: u64 = whole.services.iter().map(nameless).sum();
        let named: u64 = whole.users.iter().map(|user| user.logins).sum();
        prop_assert_eq!(named + nameless, logins);
        prop_assert!(whole.lines.used + whole.lines.unreadable <= whole.lines.read);
        for change in [Change::Port(465), Change::Port(587), Change::OldTls, Change::ClearLogin] {
            let breaks = whole.breaks(change);
            prop_assert!(breaks.logins + breaks.untold <= logins);
            let harmed: u64 = breaks.users.iter().map(|one| one.logins).sum();
            prop_assert_eq!(harmed + breaks.nameless, breaks.logins);
        }
    }

    #[test]
    fn no_name_is_left_in_a_report_without_names(bytes in log()) {
        let mut usage = counted(std::iter::once(bytes.as_slice()));
        usage.anonymise();
        prop_assert!(usage.users.iter().all(|user| user.user.starts_with("user-")));
        prop_assert!(usage.networks.iter().all(|one| one.network.starts_with("network-")));
    }
}

/// What the property is tried on does hold logins with names.
#[test]
fn the_logs_that_are_tried_hold_something() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let named = (0..200).filter(|_| {
        let tree = log().new_tree(&mut runner).expect("a log");
        !counted(std::iter::once(tree.current().as_slice())).users.is_empty()
    });
    assert!(named.count() > 20);
}
