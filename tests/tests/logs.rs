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

/// Lines as the servers write them, in the forms that logs have, in any order, and lines that are none.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![3 => of_postfix(), 2 => of_exim(), 2 => of_dovecot()]
}

fn of_exim() -> impl Strategy<Value = String> {
    let head = prop_oneof![
        Just("2026-11-27 01:02:03 "),
        Just("2026-11-27 03:02:03.125 +0100 [7] "),
        Just("Nov 27 01:02:03 mail exim[7]: "),
    ];
    let host = "H=\\(a\\) \\[192\\.0\\.2\\.[0-9]\\](:[0-9]{1,3})?( I=\\[192\\.0\\.2\\.9\\]:(465|587|[0-9]{1,6}))?";
    let login = "( X=TLS(v?1\\.[0-3]|[a-z]):Y:256)?( A=[a-z]{1,2}(:(anna|b|é|c d:x@y))?)?";
    let message = prop_oneof![
        (
            "1abcDE-00000[0-4]-2F <= (<>|a@b|\"a b\"@c|\") ",
            host,
            " P=(utf8)?e?smtps?a?",
            login,
            "( PRDR| K)?( S=[0-9])?( T=\"A=x:y S=\")?"
        )
            .prop_map(|(id, host, protocol, login, rest)| format!("{id}{host}{protocol}{login}{rest}")),
        (
            "no MAIL in SMTP connection from ",
            host,
            login,
            "( C=(EHLO|STARTTLS|,){0,4})?"
        )
            .prop_map(|(what, host, login, commands)| format!("{what}{}{login}{commands}", &host[2..])),
        (
            "(plain authenticator failed for |TLS error on connection from |)",
            host,
            "( rejected RCPT)?"
        )
            .prop_map(|(what, host, end)| format!("{what}{host}{end}")),
        "exim 4.96 daemon started: pid=1, listening for SMTP on (port (465|587) )?(and )?for SMTPS on .{0,9}:\\{465,(587|x)\\}",
        ".{0,40}",
    ];
    (head, message).prop_map(|(head, message)| format!("{head}{message}"))
}

fn of_dovecot() -> impl Strategy<Value = String> {
    let head = prop_oneof![
        Just("Nov 27 01:02:03 mail dovecot: "),
        Just("Nov 27 01:02:03 "),
        Just("2026-11-27T01:02:03Z mail dovecot[7]: "),
    ];
    let message = prop_oneof![
        "(imap|submission|x)-login: (Info: )?(Login|Logged in|Disconnected \\(auth failed, [0-9]{1,11} att): user=<(anna|b|é|, method=X>|)>?(,          method=(PLAIN|LOGIN))?(, rip=(192\\.0\\.2\\.1|x))?(, (TLS|secured|TLS handshaking: x))?(, TLSv1\\.2 with cipher X)?(,          lport=(465|587|[0-9]{1,7}))?(, session=<[a-c]>?)?",
        "submission\\(a\\)<1><[a-c]>: (Info: )?(relay: )?(Successfully relayed message: |Disconnected).{0,9}",
    ];
    (head, message).prop_map(|(head, message)| format!("{head}{message}"))
}

fn of_postfix() -> impl Strategy<Value = String> {
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
