//! Logs in, counts out.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use proptest::prelude::*;
use smtplint_core::facts::{Entry, TlsVersion};
use smtplint_core::usage::{Change, Options, PortSource, Reader, Service, Usage};

/// Reads a log in one piece.
fn read(log: &[u8]) -> Usage {
    let mut reader = Reader::new(Options::default());
    reader.read(log);
    reader.finish()
}

/// The counts of the messages of one process a line, `service process message`.
fn counted(messages: &str) -> Usage {
    read(log(messages).as_bytes())
}

fn log(messages: &str) -> String {
    let line = |(second, line): (usize, &str)| {
        let (service, rest) = line.trim().split_once(' ').expect("a service");
        let (process, message) = rest.split_once(' ').expect("a process");
        format!("Nov 27 01:02:{second:02} mail {service}/smtpd[{process}]: {message}\n")
    };
    messages.trim().lines().enumerate().map(line).collect()
}

fn service<'u>(usage: &'u Usage, name: &str) -> &'u Service {
    usage.service(name).unwrap_or_else(|| panic!("{name} is there"))
}

/// Sessions and logins by entry and version.
fn encryption(service: &Service) -> Vec<(Option<Entry>, Option<TlsVersion>, u64, u64)> {
    let mut all: Vec<_> = service
        .encryption
        .iter()
        .map(|one| (one.entry, one.version, one.sessions, one.logins))
        .collect();
    all.sort_unstable();
    all
}

const BOTH: &str = "
    postfix/submissions 1 connect from a.example[192.0.2.1]
    postfix/submission 2 connect from b.example[2001:db8::1]
    postfix/submissions 1 Anonymous TLS connection established from a.example[192.0.2.1]: TLSv1.3 with cipher X (1/1 bits)
    postfix/submission 2 Anonymous TLS connection established from b.example[2001:db8::1]: TLSv1 with cipher X (1/1 bits)
    postfix/submissions 1 A1: client=a.example[192.0.2.1], sasl_method=PLAIN, sasl_username=anna
    postfix/submission 2 B1: client=b.example[2001:db8::1], sasl_method=LOGIN, sasl_username=bert
    postfix/submission 2 B2: client=b.example[2001:db8::1], sasl_method=LOGIN, sasl_username=bert
    postfix/submissions 1 disconnect from a.example[192.0.2.1] ehlo=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=6
    postfix/submission 2 disconnect from b.example[2001:db8::1] ehlo=2 starttls=1 auth=1 mail=2 rcpt=2 data=2 commands=10
    postfix/submission 2 connect from a.example[192.0.2.1]
    postfix/submission 2 Anonymous TLS connection established from a.example[192.0.2.1]: TLSv1.2 with cipher X (1/1 bits)
    postfix/submission 2 A2: client=a.example[192.0.2.1], sasl_method=PLAIN, sasl_username=anna
    postfix/submission 2 disconnect from a.example[192.0.2.1] ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 commands=8
    postfix/submission 3 connect from c.example[192.0.2.9]
    postfix/submission 3 disconnect from c.example[192.0.2.9] ehlo=1 auth=1 quit=1 commands=3
    postfix/submission 3 connect from d.example[198.51.100.9]
    postfix/submission 3 warning: d.example[198.51.100.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6
    postfix/submission 3 lost connection after AUTH from d.example[198.51.100.9]
    postfix/submission 3 disconnect from d.example[198.51.100.9] ehlo=1 auth=0/1 commands=1/2
";

#[test]
fn sessions_of_two_ports_are_told_apart() {
    let usage = counted(BOTH);
    let submission = service(&usage, "postfix/submission");
    assert_eq!(
        (submission.port, submission.port_from),
        (Some(587), Some(PortSource::Name))
    );
    assert_eq!(
        encryption(submission),
        [
            (Some(Entry::None), None, 2, 1),
            (Some(Entry::Starttls), Some(TlsVersion::Tls10), 1, 1),
            (Some(Entry::Starttls), Some(TlsVersion::Tls12), 1, 1),
        ]
    );
    assert_eq!(
        (submission.sessions, submission.logins, submission.failed_logins),
        (4, 3, 1)
    );
    assert_eq!(
        (submission.messages, submission.users, submission.partial_sessions),
        (3, 2, 0)
    );
    let submissions = service(&usage, "postfix/submissions");
    assert_eq!(submissions.port, Some(465));
    assert_eq!(
        encryption(submissions),
        [(Some(Entry::Implicit), Some(TlsVersion::Tls13), 1, 1)]
    );
    let users: Vec<_> = usage
        .users
        .iter()
        .map(|user| (user.user.as_str(), user.logins, user.messages))
        .collect();
    assert_eq!(users, [("anna", 2, 2), ("bert", 1, 2)]);
    let networks: Vec<_> = usage
        .networks
        .iter()
        .map(|one| (one.network.as_str(), one.logins))
        .collect();
    assert_eq!(networks, [("192.0.2.0/24", 3), ("2001:db8::/48", 1)]);
    assert_eq!(usage.ports(), [465, 587]);
    assert_eq!(
        (usage.lines.read, usage.lines.used, usage.lines.unreadable),
        (19, 18, 0)
    );
}

#[test]
fn whoever_fails_at_starttls_has_not_spoken_in_clear() {
    let usage = counted(
        "
    postfix/submission 1 connect from a.example[192.0.2.1]
    postfix/submission 1 SSL_accept error from a.example[192.0.2.1]: -1
    postfix/submission 1 lost connection after STARTTLS from a.example[192.0.2.1]
    postfix/submission 1 disconnect from a.example[192.0.2.1] ehlo=1 starttls=0/1 commands=1/2
    postfix/submission 1 connect from b.example[192.0.2.2]
    postfix/submission 1 disconnect from b.example[192.0.2.2] ehlo=2 starttls=0/1 auth=1 mail=1 rcpt=1 data=1 commands=6/7
",
    );
    let submission = service(&usage, "postfix/submission");
    assert_eq!((submission.sessions, submission.failed_handshakes), (1, 1));
    assert_eq!(submission.logins, 1, "the second went on in clear, and that is told");
}

#[test]
fn it_is_told_whom_a_change_shuts_out() {
    let usage = counted(BOTH);
    let users_of = |port| usage.users_of(port).map(|user| user.user.as_str()).collect::<Vec<_>>();
    assert_eq!(users_of(465), ["anna"]);
    assert_eq!(users_of(587), ["anna", "bert"]);
    let harmed = |change| {
        let breaks = usage.breaks(change);
        let users = breaks.users.iter();
        let users: Vec<_> = users
            .map(|one| (one.user.user.clone(), one.logins, one.otherwise))
            .collect();
        (users, breaks.logins, breaks.nameless, breaks.others, breaks.untold)
    };
    assert_eq!(harmed(Change::Port(465)), (vec![("anna".to_owned(), 1, 1)], 1, 0, 0, 0));
    let of_587 = vec![("anna".to_owned(), 1, 1), ("bert".to_owned(), 1, 0)];
    assert_eq!(harmed(Change::Port(587)), (of_587, 3, 1, 1, 0));
    assert_eq!(harmed(Change::OldTls), (vec![("bert".to_owned(), 1, 0)], 1, 0, 0, 0));
    assert_eq!(harmed(Change::ClearLogin), (Vec::new(), 1, 1, 1, 0));
    let last = usage.breaks_without(465).users[0].last.to_string();
    assert_eq!(last, "Nov 27 01:02:07", "the end of the session at that port");
}

#[test]
fn what_the_log_does_not_tell_is_not_told() {
    // Without smtpd_tls_loglevel = 1.
    let usage = counted(
        "postfix/submissions 1 connect from a[192.0.2.1]
         postfix/submissions 1 A1: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=anna
         postfix/submissions 1 disconnect from a[192.0.2.1] ehlo=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=6
         postfix/submission 1 connect from a[192.0.2.1]
         postfix/submission 1 A1: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=anna
         postfix/submission 1 disconnect from a[192.0.2.1] ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=7
         postfix/submission 1 connect from a[192.0.2.1]
         postfix/submission 1 disconnect from a[192.0.2.1] ehlo=1 auth=1 quit=1 commands=3",
    );
    assert_eq!(encryption(service(&usage, "postfix/submissions")), [(None, None, 1, 1)]);
    assert!(!service(&usage, "postfix/submissions").tls_logged);
    let submission = encryption(service(&usage, "postfix/submission"));
    assert_eq!(
        submission,
        [(Some(Entry::None), None, 1, 1), (Some(Entry::Starttls), None, 1, 1)]
    );
    assert_eq!(usage.breaks(Change::OldTls).untold, 2);
    assert_eq!(usage.breaks(Change::ClearLogin).untold, 1);
    assert_eq!(usage.breaks(Change::ClearLogin).logins, 1);
}

#[test]
fn a_session_whose_beginning_is_missing_is_not_taken_for_one_in_clear() {
    let usage = counted(
        "postfix/submissions 7 disconnect from a[192.0.2.1] ehlo=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=6
         postfix/submissions 7 connect from a[192.0.2.1]
         postfix/submissions 7 Trusted TLS connection established from a[192.0.2.1]: TLSv1.3 with cipher X (1/1 bits)
         postfix/submissions 7 disconnect from a[192.0.2.1] ehlo=1 quit=1 commands=2
         postfix/submissions 7 connect from a[192.0.2.1]
         postfix/submissions 7 A1: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=anna",
    );
    let submissions = service(&usage, "postfix/submissions");
    assert_eq!(
        encryption(submissions),
        [
            (None, None, 2, 2),
            (Some(Entry::Implicit), Some(TlsVersion::Tls13), 1, 0)
        ]
    );
    assert_eq!(submissions.partial_sessions, 2);
}

#[test]
fn a_process_may_be_taken_for_the_next_session_or_another_machine() {
    let mut text = log("postfix/submission 7 connect from a[192.0.2.1]
         postfix/submission 7 A1: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=anna
         postfix/submission 7 connect from b[192.0.2.2]");
    text +=
        &log("postfix/submission 7 disconnect from c[192.0.2.3] ehlo=1 quit=1 commands=2").replace(" mail ", " relay ");
    text += &log("postfix/submission 7 disconnect from b[192.0.2.2] ehlo=1 starttls=1 auth=1 commands=3");
    let usage = read(text.as_bytes());
    let submission = service(&usage, "postfix/submission");
    assert_eq!(
        (submission.sessions, submission.logins, submission.partial_sessions),
        (3, 2, 2)
    );
    assert_eq!(
        submission
            .encryption
            .iter()
            .map(|one| one.logins_without_name)
            .sum::<u64>(),
        1
    );
}

#[test]
fn old_releases_tell_less() {
    let usage = counted(
        "postfix/smtps 7 connect from a[192.0.2.1]
         postfix/smtps 7 Anonymous TLS connection established from a[192.0.2.1]: TLSv1.2 with cipher X (1/1 bits)
         postfix/smtps 7 A1: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=anna
         postfix/smtps 7 disconnect from a[192.0.2.1]",
    );
    let smtps = service(&usage, "postfix/smtps");
    assert!(smtps.commands_untold && smtps.tls_logged);
    assert_eq!(encryption(smtps), [(None, Some(TlsVersion::Tls12), 1, 1)]);
    assert_eq!(
        usage.breaks(Change::ClearLogin).untold,
        0,
        "it was encrypted, however it began"
    );
}

fn mx_with_a_login() -> Usage {
    counted(
        "postfix 7 connect from a[192.0.2.1]
         postfix 7 disconnect from a[192.0.2.1] ehlo=1 starttls=1 auth=1 commands=3",
    )
}

#[test]
fn services_without_a_name_are_told_by_what_they_do() {
    let session = |tls: &str, commands: &str| {
        format!(
            "postfix 7 connect from a[192.0.2.1]\n{tls}
             postfix 7 disconnect from a[192.0.2.1] ehlo=1 {commands} commands=1"
        )
    };
    let tls = "postfix 7 Anonymous TLS connection established from a[192.0.2.1]: TLSv1.2 with cipher X (1/1 bits)";
    let mx = counted(&session(tls, "starttls=1"));
    let found = service(&mx, "postfix");
    assert_eq!(
        (found.port, found.port_from, found.shared),
        (Some(25), Some(PortSource::Guess), true)
    );
    let login = mx_with_a_login();
    assert_eq!(
        (login.breaks_without(25).logins, login.breaks_without(25).untold),
        (1, 0)
    );
    assert_eq!(
        (login.breaks_without(465).logins, login.breaks_without(465).untold),
        (0, 1),
        "25 is a guess"
    );
    let several = counted(&format!("{}\n{}", session(tls, "starttls=1"), session(tls, "auth=1")));
    let found = service(&several, "postfix");
    assert_eq!((found.port, found.port_from, found.shared), (None, None, true));
    assert_eq!(several.breaks_without(25).untold, 1);
    let screened = "Nov 27 01:02:03 mail postfix/postscreen[9]: CONNECT from [192.0.2.1]:4711 to [192.0.2.2]:26\n";
    let screened = read((screened.to_owned() + &log(&session(tls, "starttls=1"))).as_bytes());
    let found = service(&screened, "postfix");
    assert_eq!((found.port, found.port_from), (Some(26), Some(PortSource::Postscreen)));
    let mut options = Options::default();
    options.ports.insert("postfix".to_owned(), 2525);
    let mut reader = Reader::new(options);
    reader.read(log(&session(tls, "starttls=1")).as_bytes());
    let given = reader.finish();
    let found = service(&given, "postfix");
    assert_eq!(
        (found.port, found.port_from, found.shared),
        (Some(2525), Some(PortSource::Given), false)
    );
}

#[test]
fn a_journal_tells_the_same() {
    let wanted = counted(BOTH);
    let (mut export, mut json) = (Vec::new(), String::new());
    for (index, line) in log(BOTH).lines().enumerate() {
        let (head, message) = line.split_once("]: ").expect("a message");
        let (program, process) = head[21..].split_once('[').expect("a process");
        let program = program.trim();
        let time = 1_795_741_320_000_000 + index as u64 * 1_000_000;
        export.extend_from_slice(
            format!(
                "__CURSOR=s\n__REALTIME_TIMESTAMP={time}\n_HOSTNAME=mail\nSYSLOG_IDENTIFIER={program}\n_PID={process}\n"
            )
            .as_bytes(),
        );
        if index % 2 == 0 {
            export.extend_from_slice(format!("MESSAGE={message}\n\n").as_bytes());
        } else {
            export.extend_from_slice(b"MESSAGE\n");
            export.extend_from_slice(&(message.len() as u64).to_le_bytes());
            export.extend_from_slice(format!("{message}\n\n").as_bytes());
        }
        json += &serde_json::json!({
            "__REALTIME_TIMESTAMP": time.to_string(), "_HOSTNAME": "mail", "SYSLOG_IDENTIFIER": program,
            "SYSLOG_PID": process, "_PID": "1", "MESSAGE": message,
        })
        .to_string();
        json.push('\n');
    }
    for found in [read(&export), read(json.as_bytes())] {
        assert_eq!(found.services, wanted.services);
        assert_eq!(found.lines, wanted.lines);
        assert_eq!(found.from.expect("a time").to_string(), "2026-11-27T01:02:00+00:00");
        let users = |usage: &Usage| {
            usage
                .users
                .iter()
                .map(|one| (one.user.clone(), one.logins))
                .collect::<Vec<_>>()
        };
        assert_eq!(users(&found), users(&wanted));
    }
}

#[test]
fn what_is_no_log_is_counted_as_that() {
    let usage = read(
        b"hello\n\n-- boot --\r\nNov 27 01:02:03 mail kernel: x\nNov 27 01:02:04 mail postfix/qmgr[1]: A: removed",
    );
    assert_eq!((usage.lines.read, usage.lines.unreadable, usage.lines.used), (4, 2, 0));
    assert_eq!(usage.until.expect("a time").to_string(), "Nov 27 01:02:04");
    assert_eq!(usage.services, []);
    let long = format!(
        "Nov 27 01:02:03 mail postfix/smtpd[1]: connect from {}[192.0.2.1]\n",
        "x".repeat(100_000)
    );
    let mut reader = Reader::new(Options::default());
    long.as_bytes().chunks(1000).for_each(|part| reader.read(part));
    let usage = reader.finish();
    assert_eq!((usage.lines.read, usage.lines.cut, usage.lines.used), (1, 1, 1));
    assert_eq!(usage, read(long.as_bytes()));
}

#[test]
fn words_may_stand_for_names() {
    let mut usage = counted(BOTH);
    usage.anonymise();
    let json = serde_json::to_string(&usage).expect("JSON");
    for name in ["anna", "bert", "192.0.2", "2001:db8", "example"] {
        assert!(!json.contains(name), "{name} is in {json}");
    }
    assert!(json.contains("user-1") && json.contains("network-2"));
}

#[test]
fn a_report_is_read_as_it_is_written() {
    let usage = counted(BOTH);
    let json = serde_json::to_string(&usage).expect("JSON");
    assert_eq!(serde_json::from_str::<Usage>(&json).expect("it is read"), usage);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes, however it is divided.
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..2000), size in 1..300_usize) {
        let mut reader = Reader::new(Options::default());
        bytes.chunks(size).for_each(|part| reader.read(part));
        let usage = reader.finish();
        prop_assert_eq!(usage, read(&bytes));
    }

    /// Logs with parts taken out and put in.
    #[test]
    fn broken_logs_are_read(
        at in 0..2600_usize, length in 0..60_usize, put in proptest::collection::vec(any::<u8>(), 0..20), size in 1..300_usize,
        journal in any::<bool>(),
    ) {
        let mut log = log(BOTH).into_bytes();
        if journal {
            log = [
                b"__CURSOR=s\n__REALTIME_TIMESTAMP=1795741323000123\nSYSLOG_IDENTIFIER=postfix/smtpd\n_PID=7\nMESSAGE\n".as_slice(),
                &24_u64.to_le_bytes(), b"connect from a[192.0.2.1]\n\n__CURSOR=t\n",
            ].concat().repeat(12);
        }
        let from = at.min(log.len());
        log.splice(from..(from + length).min(log.len()), put);
        let mut reader = Reader::new(Options::default());
        log.chunks(size).for_each(|part| reader.read(part));
        let usage = reader.finish();
        let whole = read(&log);
        let used: u64 = usage.services.iter().map(|one| one.logins).sum();
        prop_assert!(used <= usage.lines.used);
        prop_assert_eq!(usage, whole);
    }
}
