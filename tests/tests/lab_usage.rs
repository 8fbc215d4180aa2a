//! What `usage` counts is what happened: clients of a live Postfix log in by both ways to begin TLS and in clear, and its own
//! log tells.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::time::{Duration, Instant};

use smtplint_core::facts::{Entry, TlsVersion};
use smtplint_core::usage::{Change, Options, PortSource, Reader, Service, Usage};
use smtplint_tests::lab::dialogue::{CLIENT, Dialogue, Tls};
use smtplint_tests::lab::{Lab, LabConfiguration, LabServer, STRANGER};

const MAIN: &str = "compatibility_level = 3.6
myhostname = mail.example.test
mydestination = example.test
mynetworks = 192.0.2.1/32
local_recipient_maps =
local_transport = discard
smtpd_tls_security_level = may
smtpd_tls_chain_files = /etc/ssl/mail.pem
smtpd_sasl_auth_enable = yes
smtpd_tls_loglevel = 1
";

/// A port with implicit TLS, one with STARTTLS that stops at TLS 1.2, one whose log is silent about TLS, and one without a
/// name of its own.
const MASTER: &str = "2465 inet n - n - - smtpd
  -o syslog_name=postfix/submissions
  -o smtpd_tls_wrappermode=yes
2587 inet n - n - - smtpd
  -o syslog_name=postfix/submission
  -o smtpd_tls_protocols=TLSv1.2
2526 inet n - n - - smtpd
  -o syslog_name=postfix/2526
  -o smtpd_tls_loglevel=0
2525 inet n - n - - smtpd
";

/// NUL alice@example.test NUL secret.
const LOGIN: &str = "AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQ=";
/// NUL alice@example.test NUL wrong.
const WRONG: &str = "AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdAB3cm9uZw==";

/// How many sessions [`happen`] has.
const SESSIONS: usize = 8;

/// A session from its greeting to its end, with so many messages.
fn session(server: &LabServer, service: &str, tls: Option<Tls>, login: Option<(&str, u16)>, messages: usize) {
    let address = server.address(service).expect("it listens");
    let mut dialogue = match tls {
        Some(tls) => Dialogue::tls(address, STRANGER, tls),
        None => Dialogue::clear(address, STRANGER),
    }
    .expect("the client starts");
    if tls != Some(Tls::StartTls) {
        assert_eq!(dialogue.reply(Duration::from_secs(20)).expect("a greeting").code, 220);
    }
    let mut say = |command: &str, code: u16| {
        let reply = dialogue
            .command(command)
            .unwrap_or_else(|error| panic!("{service}: {command}: {error}"));
        assert_eq!(reply.code, code, "{service}: {command}: {reply}");
    };
    say(&format!("EHLO {CLIENT}"), 250);
    if let Some((command, code)) = login {
        say(command, code);
    }
    for _ in 0..messages {
        say("MAIL FROM:<alice@example.test>", 250);
        say("RCPT TO:<bob@example.test>", 250);
        say("DATA", 354);
        say("Subject: one\r\n\r\ntext\r\n.", 250);
    }
    say("QUIT", 221);
}

fn happen(server: &LabServer) {
    let right = Some((LOGIN, 235));
    session(server, "2465", Some(Tls::Implicit), right, 1);
    session(server, "2465", Some(Tls::Implicit), right, 0);
    session(server, "2587", Some(Tls::StartTls), right, 2);
    session(server, "2587", Some(Tls::StartTls), Some((WRONG, 535)), 0);
    session(server, "2587", None, right, 1);
    session(server, "2526", Some(Tls::StartTls), right, 1);
    session(server, "2525", None, None, 1);
    session(server, "2525", Some(Tls::StartTls), None, 1);
}

/// The log when all sessions have ended in it.
fn log(server: &LabServer) -> String {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let log = server.log();
        if log.matches("]: disconnect from ").count() == SESSIONS {
            return log;
        }
        assert!(Instant::now() < until, "not all sessions end in the log:\n{log}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn service<'u>(usage: &'u Usage, name: &str) -> &'u Service {
    usage.service(name).unwrap_or_else(|| panic!("{name} is there"))
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

#[test]
fn what_happens_is_what_is_counted() {
    let lab = Lab::new().expect("the lab works");
    let server = lab
        .start(&LabConfiguration::new("usage", MAIN, MASTER))
        .expect("Postfix starts");
    happen(&server);
    let log = log(&server);
    let mut reader = Reader::new(Options::default());
    reader.read(log.as_bytes());
    let usage = reader.finish();
    assert_eq!(usage.lines.unreadable, 0, "{log}");

    let (starttls, clear, implicit) = (Some(Entry::Starttls), Some(Entry::None), Some(Entry::Implicit));
    let submissions = service(&usage, "postfix/submissions");
    assert_eq!(submissions.port, Some(465));
    assert_eq!(
        encryption(submissions),
        [(implicit, Some(TlsVersion::Tls13), 2, 2)],
        "{log}"
    );
    let submission = service(&usage, "postfix/submission");
    assert_eq!(submission.port, Some(587));
    assert_eq!(
        encryption(submission),
        [(clear, None, 1, 1), (starttls, Some(TlsVersion::Tls12), 2, 1)],
        "{log}"
    );
    assert_eq!((submission.failed_logins, submission.messages), (1, 3), "{log}");
    let silent = service(&usage, "postfix/2526");
    assert_eq!((silent.port, silent.tls_logged), (Some(2526), false));
    assert_eq!(encryption(silent), [(starttls, None, 1, 1)], "{log}");
    let shared = service(&usage, "postfix");
    assert_eq!((shared.port, shared.port_from), (Some(25), Some(PortSource::Guess)));
    assert_eq!(
        encryption(shared),
        [(clear, None, 1, 0), (starttls, Some(TlsVersion::Tls13), 1, 0)],
        "{log}"
    );

    let [alice] = usage.users.as_slice() else {
        panic!("{} users\n{log}", usage.users.len());
    };
    assert_eq!(
        (alice.user.as_str(), alice.logins, alice.messages),
        ("alice@example.test", 4, 5)
    );
    assert!(alice.uses.iter().all(|one| one.mechanism.as_deref() == Some("PLAIN")));
    let networks: Vec<_> = usage
        .networks
        .iter()
        .map(|one| (one.network.as_str(), one.logins))
        .collect();
    assert_eq!(networks, [("127.0.0.0/24", 5)]);
    let of_465 = usage.breaks_without(465);
    assert_eq!((of_465.users.len(), of_465.logins, of_465.nameless), (1, 2, 1));
    assert_eq!(usage.breaks(Change::ClearLogin).logins, 1);
    assert_eq!(usage.breaks(Change::OldTls).untold, 1);
    server.stop().expect("Postfix stops");
}
