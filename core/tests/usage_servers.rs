//! Logs of Exim and Dovecot in, counts out: they tell a session in one line.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use smtplint_core::facts::{Entry, TlsVersion};
use smtplint_core::usage::{Change, Options, PortSource, Reader, Service, Usage};

fn read(log: &str) -> Usage {
    let mut reader = Reader::new(Options::default());
    reader.read(log.as_bytes());
    reader.finish()
}

fn service<'u>(usage: &'u Usage, name: &str) -> &'u Service {
    usage
        .service(name)
        .unwrap_or_else(|| panic!("{name} is there: {usage:?}"))
}

/// Sessions and logins by entry and version.
fn encryption(service: &Service) -> Vec<(Option<Entry>, Option<TlsVersion>, u64, u64)> {
    let counts = service.encryption.iter();
    let mut all: Vec<_> = counts
        .map(|one| (one.entry, one.version, one.sessions, one.logins))
        .collect();
    all.sort_unstable();
    all
}

const TLS: &str = "X=TLS1.3:ECDHE_X25519__AES_256_GCM:256 CV=no";

/// A message of a process, at a second of a minute.
fn message(time: &str, process: &str, port: &str, rest: &str) -> String {
    format!("2026-11-27 {time} 1xX4Cq-{process}-2l <= a@x H=(c) [192.0.2.5] {port}{rest} S=1 id=x\n")
}

#[test]
fn messages_of_one_process_are_one_login() {
    let rest = format!("P=esmtpsa {TLS} A=plain:anna");
    let log = [
        message("01:02:03", "0005bn", "I=[192.0.2.1]:587 ", &rest),
        message("01:02:04", "0005bn", "I=[192.0.2.1]:587 ", &rest),
        // Another process, the same one as somebody else, and the same one much later.
        message("01:02:05", "0005bo", "I=[192.0.2.1]:587 ", &rest),
        message(
            "01:02:06",
            "0005bn",
            "I=[192.0.2.1]:587 ",
            &rest.replace("anna", "bert"),
        ),
        message("03:02:06", "0005bo", "I=[192.0.2.1]:587 ", &rest),
    ]
    .concat();
    let usage = read(&log);
    let found = service(&usage, "exim/587");
    assert_eq!((found.port, found.port_from), (Some(587), Some(PortSource::Log)));
    assert_eq!(
        (found.sessions, found.logins, found.messages, found.partial_sessions),
        (4, 4, 5, 0)
    );
    let users: Vec<_> = usage
        .users
        .iter()
        .map(|one| (one.user.as_str(), one.logins, one.messages))
        .collect();
    assert_eq!(users, [("anna", 3, 4), ("bert", 1, 1)]);
    assert_eq!(usage.networks[0].logins, 4);
    assert!(found.authenticators && found.lacks.is_empty(), "{:?}", found.lacks);
}

#[test]
fn how_tls_begins_is_known_from_the_servers_start_or_from_who_speaks_in_clear() {
    let rest = format!("P=esmtpsa {TLS} A=plain:anna");
    let messages = [
        message("01:02:03", "0005bn", "I=[192.0.2.1]:465 ", &rest),
        message("01:02:03", "0005bo", "I=[192.0.2.1]:587 ", &rest),
    ]
    .concat();
    let version = Some(TlsVersion::Tls13);
    let usage = read(&messages);
    assert_eq!(encryption(service(&usage, "exim/465")), [(None, version, 1, 1)]);
    let start = "2026-11-27 01:02:03 exim 4.96 daemon started: pid=1, -q30m, listening for SMTP on [192.0.2.1]:{25,587} and for SMTPS on \
                 [192.0.2.1]:465\n";
    let usage = read(&format!("{messages}{start}"));
    assert_eq!(
        encryption(service(&usage, "exim/465")),
        [(Some(Entry::Implicit), version, 1, 1)]
    );
    assert_eq!(
        encryption(service(&usage, "exim/587")),
        [(Some(Entry::Starttls), version, 1, 1)]
    );
    assert!(usage.service("exim/25").is_none(), "nobody came");
    // After another start it may have been the other way.
    let usage = read(&format!(
        "{messages}{start}{}",
        start.replace("465", "587").replace("25,587", "25,465")
    ));
    assert_eq!(encryption(service(&usage, "exim/587")), [(None, version, 1, 1)]);
    let clear = message("01:02:03", "0005bp", "I=[192.0.2.1]:587 ", "P=esmtpa A=plain:bert");
    let usage = read(&format!("{messages}{clear}"));
    let found = encryption(service(&usage, "exim/587"));
    assert_eq!(
        found,
        [(Some(Entry::None), None, 1, 1), (Some(Entry::Starttls), version, 1, 1)]
    );
    let breaks = usage.breaks(Change::ClearLogin);
    assert_eq!(
        (breaks.users.len(), breaks.users[0].user.user.as_str(), breaks.untold),
        (1, "bert", 0)
    );
}

#[test]
fn ports_that_are_not_told_are_not_guessed() {
    let usage = read(&message(
        "01:02:03",
        "0005bn",
        "",
        &format!("P=esmtpsa {TLS} A=plain:anna"),
    ));
    let found = service(&usage, "exim");
    assert_eq!((found.port, found.port_from, found.shared), (None, None, true));
    assert!(
        found.lacks[0].contains("log_selector = +incoming_interface"),
        "{:?}",
        found.lacks
    );
    let breaks = usage.breaks_without(587);
    assert_eq!((breaks.logins, breaks.untold), (0, 1));
    let mut reader = Reader::new(Options {
        ports: [("exim".to_owned(), 587)].into(),
    });
    reader.read(message("01:02:03", "0005bn", "", "P=esmtpa A=plain:anna").as_bytes());
    assert_eq!(reader.finish().breaks_without(587).logins, 1);
}

#[test]
fn exim_writes_by_syslog_too() {
    for head in [
        "Nov 27 01:02:03 mail exim[77]: ",
        "2026-11-27T01:02:03+01:00 mail exim[77]: 2026-11-27 01:02:03 ",
        "<22>1 2026-11-27T01:02:03Z mail exim 77 - - ",
        "2026-11-27 01:02:03.125 +0100 [77] ",
    ] {
        let usage = read(&format!(
            "{head}1xX4Cq-0005bn-2l <= a@x H=(c) [192.0.2.5] P=esmtpa A=plain:anna S=1\n"
        ));
        assert_eq!((usage.lines.used, usage.lines.unreadable), (1, 0), "{head}");
        assert_eq!(usage.users[0].user, "anna", "{head}");
    }
}

fn login(service: &str, user: &str, rest: &str) -> String {
    format!(
        "Nov 27 01:02:03 mail dovecot: {service}: Login: user=<{user}>, method=PLAIN, rip=192.0.2.5, lip=192.0.2.1, mpid=1{rest}\n"
    )
}

#[test]
fn dovecot_tells_logins_and_messages_by_the_names_of_sessions() {
    let log = [
        login("imap-login", "anna", ", TLS, session=<i>"),
        login("imap-login", "bert", ", session=<j>"),
        login("imap-login", "web", ", secured, session=<k>"),
        login(
            "submission-login",
            "anna",
            ", TLS, TLSv1.2 with cipher X (1/1 bits), lport=587, session=<s>",
        ),
        login("submission-login", "anna", ", lport=587, session=<t>"),
        "Nov 27 01:02:04 mail dovecot: submission(anna)<1><s>: Successfully relayed message: from=<a@x>, size=1\n"
            .repeat(2),
        "Nov 27 01:02:05 mail dovecot: submission(anna)<1><s>: Disconnected: Logged out\n".to_owned(),
    ]
    .concat();
    let usage = read(&log);
    let imap = service(&usage, "imap-login");
    assert_eq!(
        (imap.port, imap.shared, imap.reads, imap.logins, imap.users),
        (None, true, true, 3, 3)
    );
    assert_eq!(
        encryption(imap),
        [(None, None, 2, 2), (Some(Entry::None), None, 1, 1)],
        "TLS without a version, and what Dovecot takes for secured, are not told apart"
    );
    assert!(
        imap.lacks[0].contains("lport=%a") && imap.lacks[0].contains("%{local_port}"),
        "{:?}",
        imap.lacks
    );
    let submission = service(&usage, "submission-login/587");
    assert_eq!(
        (submission.port, submission.messages, submission.reads),
        (Some(587), 2, false)
    );
    assert_eq!(
        encryption(submission),
        [
            (Some(Entry::None), None, 1, 1),
            (Some(Entry::Starttls), Some(TlsVersion::Tls12), 1, 1)
        ]
    );
    assert!(submission.lacks.is_empty(), "{:?}", submission.lacks);
    let anna = &usage.users[0];
    assert_eq!((anna.user.as_str(), anna.logins, anna.messages), ("anna", 3, 2));
    let breaks = usage.breaks_without(587);
    assert_eq!(
        (breaks.users.len(), breaks.logins, breaks.untold),
        (1, 2, 0),
        "mail is not read at 587"
    );
    assert_eq!(usage.breaks_without(993).untold, 3);
}

/// Who leaves the signs of TLS out of the log has no login in clear by that.
#[test]
fn a_line_without_signs_of_tls_means_nothing_where_no_line_has_one() {
    let usage = read(&login("imap-login", "anna", ", session=<i>"));
    assert_eq!(encryption(service(&usage, "imap-login")), [(None, None, 1, 1)]);
    assert_eq!(usage.breaks(Change::ClearLogin).untold, 1);
}

#[test]
fn many_sessions_of_a_line_are_counted_as_they_are() {
    use std::fmt::Write as _;
    let mut log = String::new();
    for number in 0..30_000 {
        let (minute, second) = (number / 60 % 60, number % 60);
        let user = number % 7;
        // Two messages each.
        for part in 0..2 {
            let _ = writeln!(
                log,
                "2026-11-27 {:02}:{minute:02}:{second:02} 1xX4Cq-{:06}-0{part} <= a@x H=(c) [192.0.2.5] P=esmtpsa {TLS} A=plain:user{user} S=1",
                number / 3600,
                number
            );
        }
    }
    let usage = read(&log);
    let found = service(&usage, "exim");
    assert_eq!((found.logins, found.messages), (30_000, 60_000));
}
