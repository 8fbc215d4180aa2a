//! What `usage` counts is what happened: clients of a live Exim log in by every way, and its own log tells.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use smtplint_core::facts::{Entry, TlsVersion};
use smtplint_core::usage::{Change, Options, PortSource, Reader, Service, Usage};
use smtplint_tests::lab::dialogue::{CLIENT, Dialogue, LOGIN, Tls};
use smtplint_tests::lab::exim::{SERVER, USERS, folder, start, written};
use smtplint_tests::lab::{STRANGER, TlsVersion as Spoken};

const CONFIGURATION: &str = "primary_hostname = mail.example.test
keep_environment =
daemon_smtp_ports = 25 : 465 : 587
tls_on_connect_ports = 465
tls_advertise_hosts = *
tls_certificate = /t/cert.pem
tls_privatekey = /t/key.pem
acl_smtp_rcpt = recipients
begin acl
recipients:
  accept authenticated = *
  require domains = example.test
  accept
";

/// The ports are the same in every test: one goes after the other.
static TURN: Mutex<()> = Mutex::new(());

/// NUL alice NUL secret, and NUL alice NUL wrong.
const RIGHT: (&str, u16) = (LOGIN, 235);
const WRONG: (&str, u16) = ("AUTH PLAIN AGFsaWNlAHdyb25n", 535);

struct Client {
    port: u16,
    tls: Option<(Tls, Spoken)>,
    login: Option<(&'static str, u16)>,
    messages: usize,
    /// What becomes of a recipient elsewhere.
    elsewhere: Option<u16>,
}

/// What happens, in this order.
fn clients() -> Vec<Client> {
    let client = |port, tls: Option<Tls>, login, messages| Client {
        port,
        tls: tls.map(|tls| (tls, Spoken::V1_3)),
        login,
        messages,
        elsewhere: None,
    };
    let starttls = Some(Tls::StartTls);
    let old = Client {
        tls: Some((Tls::StartTls, Spoken::V1_2)),
        ..client(587, starttls, Some(RIGHT), 1)
    };
    let refused = Client {
        elsewhere: Some(550),
        ..client(25, None, None, 0)
    };
    vec![
        client(25, None, None, 1),
        client(25, starttls, None, 2),
        refused,
        client(465, Some(Tls::Implicit), Some(RIGHT), 2),
        client(465, Some(Tls::Implicit), Some(RIGHT), 0),
        client(587, starttls, Some(RIGHT), 1),
        old,
        client(587, None, Some(RIGHT), 1),
        client(587, starttls, Some(WRONG), 0),
    ]
}

fn happen(client: &Client) {
    let Client { port, tls, .. } = *client;
    let address = SocketAddr::new(IpAddr::V4(SERVER), port);
    let mut dialogue = match tls {
        Some((tls, version)) => Dialogue::tls_of(address, STRANGER, tls, Some(version)),
        None => Dialogue::clear(address, STRANGER),
    }
    .expect("the client starts");
    if tls.is_none_or(|(tls, _)| tls == Tls::Implicit) {
        assert_eq!(dialogue.reply(Duration::from_secs(20)).expect("a greeting").code, 220);
    }
    let mut say = |command: &str, code: u16| {
        let reply = dialogue
            .command(command)
            .unwrap_or_else(|error| panic!("{port}: {command}: {error}"));
        assert_eq!(reply.code, code, "{port}: {command}: {reply}");
    };
    say(&format!("EHLO {CLIENT}"), 250);
    if let Some((command, code)) = client.login {
        say(command, code);
    }
    for _ in 0..client.messages {
        say("MAIL FROM:<alice@example.test>", 250);
        say("RCPT TO:<bob@example.test>", 250);
        say("DATA", 354);
        say("Subject: A=plain_server:mallory\r\n\r\ntext\r\n.", 250);
    }
    if let Some(code) = client.elsewhere {
        say("MAIL FROM:<alice@example.test>", 250);
        say("RCPT TO:<bob@elsewhere.example>", code);
    }
    say("QUIT", 221);
}

/// The log of everything that happened, once the last line of it is there.
fn log(selector: &str, folder: &Path, last: &str) -> String {
    let text = format!("log_selector = {selector}\n{CONFIGURATION}{USERS}");
    fs::write(folder.join("exim.conf"), written(folder, &text)).expect("the configuration is written");
    let running = start(folder).unwrap_or_else(|| {
        let said = fs::read_to_string(folder.join("said")).unwrap_or_default();
        panic!("Exim starts: {said}")
    });
    clients().iter().for_each(happen);
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let log = fs::read_to_string(folder.join("log/mainlog")).unwrap_or_default();
        if log.contains(last) {
            drop(running);
            return log;
        }
        assert!(Instant::now() < until, "`{last}` does not come:\n{log}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn counted(log: &str) -> Usage {
    let mut reader = Reader::new(Options::default());
    reader.read(log.as_bytes());
    let usage = reader.finish();
    assert_eq!(usage.lines.unreadable, 0, "{log}");
    usage
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
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = folder();
    let (clear, starttls, implicit) = (Some(Entry::None), Some(Entry::Starttls), Some(Entry::Implicit));
    let (new, old) = (Some(TlsVersion::Tls13), Some(TlsVersion::Tls12));
    for more in ["", " +millisec +pid +smtp_connection +subject"] {
        let log = log(
            &format!("+incoming_interface +smtp_no_mail{more}"),
            folder.path(),
            // The last line: it comes when the client whose password is wrong has gone.
            "C=EHLO,STARTTLS,EHLO,AUTH,QUIT",
        );
        let usage = counted(&log);
        let mx = service(&usage, "exim/25");
        assert_eq!((mx.port, mx.port_from), (Some(25), Some(PortSource::Log)));
        assert_eq!(encryption(mx), [(clear, None, 1, 0), (starttls, new, 1, 0)], "{log}");
        assert_eq!((mx.messages, mx.refused), (3, 1), "{log}");
        let submissions = service(&usage, "exim/465");
        assert_eq!(encryption(submissions), [(implicit, new, 2, 2)], "{log}");
        assert_eq!(submissions.messages, 2);
        let submission = service(&usage, "exim/587");
        let failed = u64::from(log.contains("C=EHLO,STARTTLS,EHLO,AUTH,QUIT"));
        assert_eq!(
            encryption(submission),
            [
                (clear, None, 1, 1),
                (starttls, old, 1, 1),
                (starttls, new, 1 + failed, 1)
            ],
            "{log}"
        );
        assert_eq!(
            (submission.failed_logins, submission.messages, failed),
            (1, 3, 1),
            "{log}"
        );
        let [alice] = usage.users.as_slice() else {
            panic!("{} users\n{log}", usage.users.len());
        };
        assert_eq!(
            (alice.user.as_str(), alice.logins, alice.messages),
            ("alice", 5, 5),
            "{log}"
        );
        assert!(
            alice
                .uses
                .iter()
                .all(|one| one.mechanism.as_deref() == Some("plain_server"))
        );
        let networks: Vec<_> = usage
            .networks
            .iter()
            .map(|one| (one.network.as_str(), one.logins))
            .collect();
        assert_eq!(networks, [("127.0.0.0/24", 5)]);
        assert_eq!(usage.breaks_without(465).logins, 2);
        let ends = usage.breaks(Change::ClearLogin);
        assert_eq!((ends.logins, ends.untold), (1, 0));
        fs::remove_file(folder.path().join("log/mainlog")).expect("the next log is another one");
        fs::remove_file(folder.path().join("pid")).unwrap_or_default();
    }
}

/// As the log is unless somebody asks for more: no ports, and nothing of those who log in and send nothing.
#[test]
fn what_the_log_does_not_tell_is_not_known() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = folder();
    let log = log("", folder.path(), "authenticator failed for");
    let usage = counted(&log);
    let [exim] = usage.services.as_slice() else {
        panic!("one service\n{log}");
    };
    assert_eq!((exim.name.as_str(), exim.port, exim.shared), ("exim", None, true));
    let (new, old) = (Some(TlsVersion::Tls13), Some(TlsVersion::Tls12));
    assert_eq!(
        encryption(exim),
        [(None, old, 1, 1), (None, new, 3, 2), (Some(Entry::None), None, 2, 1)],
        "{log}"
    );
    assert!(exim.lacks[0].contains("+incoming_interface"), "{:?}", exim.lacks);
    let breaks = usage.breaks_without(587);
    assert_eq!((breaks.logins, breaks.untold), (0, 4));
    assert_eq!(usage.breaks(Change::OldTls).untold, 0);
}
