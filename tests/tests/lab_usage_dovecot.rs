//! What `usage` counts is what happened: clients of a live Dovecot read and hand in mail by every way, and its own log tells.

#![allow(clippy::print_stdout, reason = "the counts are the test's report")]
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use smtplint_core::facts::{Entry, TlsVersion};
use smtplint_core::usage::{Change, Options, PortSource, Reader, Service, Usage};
use smtplint_tests::lab::dialogue::{CLIENT, Dialogue, LOGIN, Tls};
use smtplint_tests::lab::dovecot::{Running, folder, release};
use smtplint_tests::lab::{STRANGER, TlsVersion as Spoken};
use smtplint_tests::program::OPENSSL;

const LIMIT: Duration = Duration::from_secs(20);

/// NUL alice NUL secret, and NUL alice NUL wrong.
const RIGHT: (&str, u16) = (LOGIN, 235);
const WRONG: (&str, u16) = ("AUTH PLAIN AGFsaWNlAHdyb25n", 535);

const SUBMISSION: u16 = 22_587;
const SUBMISSIONS: u16 = 22_465;
const IMAP: u16 = 22_143;
const IMAPS: u16 = 22_993;
const RELAY: u16 = 22_025;

/// What shows ports and versions, as the report asks for it.
const OLD_MORE: &str =
    "login_log_format_elements = user=<%u> method=%m rip=%r lip=%l mpid=%e %c session=<%{session}> %k lport=%a\n";
const NEW_MORE: &str = "login_log_format_elements = user=<%{user}> method=%{mechanism} rip=%{remote_ip} lip=%{local_ip} mpid=%{mail_pid} \
                        %{secured} session=<%{session}> %{ssl_security} lport=%{local_port}\n";

fn configuration(folder: &Path, more: &str, is_new: bool) -> String {
    let at = folder.display();
    let common = format!(
        "base_dir = {at}/run\nlog_path = {at}/log\nlisten = 127.0.0.1\nprotocols = imap submission\nhostname = mail.example.test\n\
         auth_mechanisms = plain login\nssl = yes\nfirst_valid_uid = 1\nsubmission_relay_host = 127.0.0.1\n\
         submission_relay_port = {RELAY}\nservice imap-login {{\n  inet_listener imap {{\n    port = {IMAP}\n  }}\n  \
         inet_listener imaps {{\n    port = {IMAPS}\n  }}\n}}\nservice submission-login {{\n  inet_listener submission {{\n    \
         port = {SUBMISSION}\n  }}\n  inet_listener submissions {{\n    port = {SUBMISSIONS}\n    ssl = yes\n  }}\n}}\n{more}"
    );
    if is_new {
        format!(
            "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\nauth_allow_cleartext = yes\n\
             ssl_server_cert_file = {at}/cert.pem\nssl_server_key_file = {at}/key.pem\nmail_driver = maildir\n\
             mail_path = {at}/mail/%{{user}}\npassdb passwd-file {{\n  passwd_file_path = {at}/passwd\n}}\nuserdb static {{\n  \
             fields {{\n    uid = dovecot\n    gid = dovecot\n    home = {at}/mail/%{{user}}\n  }}\n}}\n{common}"
        )
    } else {
        format!(
            "disable_plaintext_auth = no\nstate_dir = {at}/run\nssl_cert = <{at}/cert.pem\nssl_key = <{at}/key.pem\n\
             mail_location = maildir:{at}/mail/%u\npassdb {{\n  driver = passwd-file\n  args = {at}/passwd\n}}\nuserdb {{\n  \
             driver = static\n  args = uid=dovecot gid=dovecot home={at}/mail/%u\n}}\n{common}"
        )
    }
}

/// A server that takes every message, and keeps none.
fn relay() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, RELAY)).expect("the relay's port is free");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || take(stream));
        }
    });
}

/// `None` when the client is gone.
fn take(stream: TcpStream) -> Option<()> {
    let mut out = stream.try_clone().ok()?;
    out.write_all(b"220 relay ESMTP\r\n").ok()?;
    let mut is_data = false;
    for line in BufReader::new(stream).lines() {
        let line = line.ok()?;
        let answer: &[u8] = match line.get(..4) {
            _ if is_data && line != "." => continue,
            Some("DATA") => b"354 go on\r\n",
            Some("QUIT") => b"221 bye\r\n",
            _ => b"250 fine\r\n",
        };
        is_data = answer.starts_with(b"354");
        out.write_all(answer).ok()?;
    }
    Some(())
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

fn send(port: u16, tls: Option<(Tls, Spoken)>, login: (&str, u16), messages: usize) {
    let mut dialogue = match tls {
        Some((tls, version)) => Dialogue::tls_of(address(port), STRANGER, tls, Some(version)),
        None => Dialogue::clear(address(port), STRANGER),
    }
    .expect("the client starts");
    if tls.is_none_or(|(tls, _)| tls == Tls::Implicit) {
        assert_eq!(dialogue.reply(LIMIT).expect("a greeting").code, 220);
    }
    let mut say = |command: &str, code: u16| {
        let reply = dialogue
            .command(command)
            .unwrap_or_else(|error| panic!("{port}: {command}: {error}"));
        assert_eq!(reply.code, code, "{port}: {command}: {reply}");
    };
    say(&format!("EHLO {CLIENT}"), 250);
    say(login.0, login.1);
    for _ in 0..messages {
        say("MAIL FROM:<alice@example.test>", 250);
        say("RCPT TO:<bob@example.test>", 250);
        say("DATA", 354);
        say("Subject: one\r\n\r\ntext\r\n.", 250);
    }
    say("QUIT", 221);
}

const READS: &[u8] = b"a LOGIN alice secret\r\nb LOGOUT\r\n";

/// Reads mail in clear. From the server's own address Dovecot takes every connection for secured.
fn read_in_clear(source: IpAddr) {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::new(source, 0).into()).expect("an address");
    socket.connect(&address(IMAP).into()).expect("it listens");
    let mut stream: TcpStream = socket.into();
    stream.set_read_timeout(Some(LIMIT)).expect("a limit");
    stream.write_all(READS).expect("it is read");
    let said: Vec<String> = BufReader::new(stream).lines().map_while(Result::ok).collect();
    assert!(said.iter().any(|line| line.starts_with("a OK")), "{said:?}");
}

fn read_in_tls(port: u16, starttls: bool) {
    let mut command = OPENSSL.command().unwrap_or_else(|error| panic!("{error}"));
    command.args([
        "s_client",
        "-quiet",
        "-ign_eof",
        "-connect",
        &format!("127.0.0.1:{port}"),
    ]);
    command.args(["-bind", &format!("{STRANGER}:0")]);
    if starttls {
        command.args(["-starttls", "imap"]);
    }
    let ran = OPENSSL
        .run(command.stderr(Stdio::null()), READS, LIMIT)
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(ran.stdout.contains("a OK"), "{ran:?}");
}

fn happen() {
    let tls = |tls, version| Some((tls, version));
    send(SUBMISSIONS, tls(Tls::Implicit, Spoken::V1_3), RIGHT, 1);
    send(SUBMISSION, tls(Tls::StartTls, Spoken::V1_3), RIGHT, 2);
    send(SUBMISSION, tls(Tls::StartTls, Spoken::V1_2), RIGHT, 0);
    send(SUBMISSION, None, RIGHT, 1);
    send(SUBMISSION, tls(Tls::StartTls, Spoken::V1_3), WRONG, 0);
    read_in_clear(STRANGER);
    read_in_clear(IpAddr::V4(Ipv4Addr::LOCALHOST));
    read_in_tls(IMAP, true);
    read_in_tls(IMAPS, false);
}

/// The log when all sessions have ended in it.
fn log(more: &str, is_new: bool) -> String {
    let folder = folder();
    let path = folder.path();
    fs::create_dir(path.join("mail")).expect("a folder for mail");
    smtplint_tests::lab::mode(&path.join("mail"), 0o777).expect("a folder that it can write to");
    fs::write(path.join("dovecot.conf"), configuration(path, more, is_new)).expect("the configuration can be written");
    let running = Running::start(path).expect("Dovecot starts");
    let until = Instant::now() + LIMIT;
    while TcpStream::connect(address(SUBMISSIONS)).is_err() {
        assert!(Instant::now() < until, "it does not listen");
        sleep(Duration::from_millis(50));
    }
    happen();
    loop {
        let log = fs::read_to_string(path.join("log")).unwrap_or_default();
        // Eight logins that ended, and one that failed. How an end is told differs between releases; its bytes are in all of them.
        if log.matches(" out=").count() == 8 && log.contains("(auth failed") {
            drop(running);
            return log;
        }
        assert!(
            Instant::now() < until + LIMIT,
            "not all sessions end in the log:\n{log}"
        );
        sleep(Duration::from_millis(50));
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

/// Logins by entry and version; who only looks whether it listens is no login.
fn logins(service: &Service) -> Vec<(Option<Entry>, Option<TlsVersion>, u64)> {
    let counts = service.encryption.iter().filter(|one| one.logins > 0);
    let mut all: Vec<_> = counts.map(|one| (one.entry, one.version, one.logins)).collect();
    all.sort_unstable();
    all
}

#[test]
fn what_happens_is_what_is_counted() {
    relay();
    let release = release();
    let is_new = release.starts_with("2.4");
    let (clear, starttls) = (Some(Entry::None), Some(Entry::Starttls));
    let (new, old) = (Some(TlsVersion::Tls13), Some(TlsVersion::Tls12));

    let told = log(if is_new { NEW_MORE } else { OLD_MORE }, is_new);
    let usage = counted(&told);
    let submission = service(&usage, &format!("submission-login/{SUBMISSION}"));
    assert_eq!(
        (submission.port, submission.port_from),
        (Some(SUBMISSION), Some(PortSource::Log))
    );
    assert_eq!(
        logins(submission),
        [(clear, None, 1), (starttls, old, 1), (starttls, new, 1)],
        "{told}"
    );
    assert_eq!((submission.messages, submission.failed_logins), (3, 1), "{told}");
    let submissions = service(&usage, &format!("submission-login/{SUBMISSIONS}"));
    assert_eq!(
        (
            logins(submissions).iter().map(|one| one.2).sum::<u64>(),
            submissions.messages
        ),
        (1, 1),
        "{told}"
    );
    let imap = service(&usage, &format!("imap-login/{IMAP}"));
    assert_eq!(
        logins(imap),
        [(None, None, 1), (clear, None, 1), (starttls, new, 1)],
        "{told}"
    );
    assert_eq!(service(&usage, &format!("imap-login/{IMAPS}")).logins, 1, "{told}");
    let [alice] = usage.users.as_slice() else {
        panic!("{} users\n{told}", usage.users.len());
    };
    assert_eq!(
        (alice.user.as_str(), alice.logins, alice.messages),
        ("alice", 8, 4),
        "{told}"
    );
    assert!(
        alice.uses.iter().all(|one| one.mechanism.as_deref() == Some("PLAIN")),
        "{told}"
    );
    assert!(
        usage
            .services
            .iter()
            .filter(|one| one.port != Some(SUBMISSIONS))
            .all(|one| one.lacks.is_empty())
    );
    let ends = usage.breaks(Change::ClearLogin);
    assert_eq!((ends.logins, ends.untold), (2, 1), "{told}");

    let told = log("", is_new);
    let usage = counted(&told);
    let submission = service(&usage, "submission-login");
    assert_eq!(
        (submission.port, submission.shared, submission.messages),
        (None, true, 4)
    );
    assert_eq!(logins(submission), [(None, None, 3), (clear, None, 1)], "{told}");
    let imap = service(&usage, "imap-login");
    assert_eq!(logins(imap), [(None, None, 3), (clear, None, 1)], "{told}");
    assert!(imap.reads && imap.lacks[0].contains("lport="), "{:?}", imap.lacks);
    assert_eq!(
        usage.breaks_without(587).untold,
        4,
        "those who read mail are not among them"
    );
    println!("Dovecot {release}: {} logins", usage.users[0].logins);
}
