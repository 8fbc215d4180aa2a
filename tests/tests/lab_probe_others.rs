//! `smtplint probe`, held against live Exim, against Dovecot, and against a stack that speaks SSL 3.0 and TLS 1.0 alone, as
//! `lab_probe` does against Postfix.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use smtplint_tests::doors;
use smtplint_tests::exim_ports;
use smtplint_tests::lab::dialogue::Tls;
use smtplint_tests::lab::probed::{agree, drift, library, offered, probe, same_auth, strings};
use smtplint_tests::lab::scanners::{NAME, python_path, sslscan, sslyze, swaks};
use smtplint_tests::lab::{STRANGER, dovecot, exim, mode, self_signed};
use smtplint_tests::program::{OPENSSL, PYTHON};

/// Where the command comes from: the same for the client that AUTH is compared with.
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Versions and suites, and AUTH, at a port to which the command can speak inside TLS.
fn look(server: &str, address: SocketAddr, tls: Tls) {
    let seen = probe(address, &[]);
    let mine = offered(&seen);
    let scanners = [("sslscan", sslscan(address, tls)), ("sslyze", sslyze(address, tls))];
    let exceptions = agree(server, address, tls, &mine, &scanners);
    same_auth(server, &seen, &swaks(address, CLIENT, tls), true);
    println!("{server}: {} suites; {exceptions}", mine.suites.len());
}

/// The running server, held against what it runs with, and then against configurations with a line more, each with the facts in which
/// they differ from what runs.
fn drifts(server: &str, address: SocketAddr, file: &Path, more: &[&str], changes: &[(&str, &str, &[&str])]) {
    let path = file.display().to_string();
    let before = drift(address, &path, more);
    assert!(before.facts.is_empty(), "{server}: {}", before.said);
    assert!(before.compared >= 12, "{server}: {} facts compared", before.compared);
    println!("{server}: {} facts compared", before.compared);
    let text = fs::read_to_string(file).expect("what it runs with");
    for (line, changed, facts) in changes {
        let text_after = text.replacen(line, changed, 1);
        assert_ne!(text, text_after, "{server}: {line}");
        fs::write(file, text_after).expect("a changed file");
        let found = drift(address, &path, more);
        let expected: BTreeSet<String> = facts.iter().map(|fact| (*fact).to_owned()).collect();
        assert_eq!(found.facts, expected, "{server}, {changed}: {}", found.said);
    }
    fs::write(file, text).expect("the file as it was");
}

#[test]
fn exim_is_seen_as_others_see_it() {
    let folder = exim::folder();
    let file = folder.path().join("exim.conf");
    // Scanners come with more connections at a time than it allows of itself.
    let case = &exim_ports::CASES[1];
    let text = format!("smtp_accept_max = 0\n{}", case.text());
    fs::write(&file, exim::written(folder.path(), &text)).expect("the configuration can be written");
    let _running = exim::start(folder.path()).expect("exim starts");
    let at = |port| SocketAddr::new(IpAddr::V4(exim::SERVER), port);
    look("Exim", at(587), Tls::StartTls);
    look("Exim with implicit TLS", at(465), Tls::Implicit);
    let more: Vec<&str> = exim_ports::TARGET
        .split(' ')
        .flat_map(|target| ["--target", target])
        .collect();
    drifts(
        "Exim",
        at(587),
        &file,
        &more,
        &[
            (
                "begin acl",
                "tls_require_ciphers = NORMAL:-VERS-TLS1.0:-VERS-TLS1.1\nbegin acl",
                &["tls.versions"],
            ),
            (
                "begin acl",
                "tls_try_verify_hosts = *\nbegin acl",
                &["tls.client_certificate"],
            ),
            (
                "  server_advertise_condition = ${if def:tls_in_cipher }\n",
                "",
                &["auth.before_tls"],
            ),
        ],
    );
}

#[test]
fn dovecot_is_seen_as_others_see_it() {
    let folder = dovecot::folder();
    let path = folder.path();
    // Without a prime of its own it begins handshakes that it cannot finish.
    let mut command = OPENSSL.command().expect("the lab has it");
    command.args([
        "genpkey",
        "-genparam",
        "-algorithm",
        "DH",
        "-pkeyopt",
        "group:ffdhe2048",
        "-out",
    ]);
    command.arg(path.join("dh.pem"));
    OPENSSL
        .run(&mut command, b"", Duration::from_secs(20))
        .expect("a prime can be written");
    let file = path.join("dovecot.conf");
    let text = dovecot::written(path, doors::CERTIFICATE, "ssl_dh = </t/dh.pem\n", false);
    fs::write(&file, text).expect("the configuration can be written");
    let _running = dovecot::Running::start(path).expect("dovecot starts");
    let (_, port, _) = dovecot::DOORS[2];
    let address = SocketAddr::new(IpAddr::V4(dovecot::SERVER), port);
    look("Dovecot", address, Tls::StartTls);
    let targets = [
        format!("dovecot={}", dovecot::release()),
        format!("openssl={}", library()),
    ];
    drifts(
        "Dovecot",
        address,
        &file,
        &[
            "--listener",
            "submission",
            "--target",
            &targets[0],
            "--target",
            &targets[1],
        ],
        &[
            (
                "ssl_dh",
                "ssl_min_protocol = TLSv1.3\nssl_dh",
                &["tls.suites", "tls.versions"],
            ),
            (
                "ssl_dh",
                "ssl_prefer_server_ciphers = yes\nssl_dh",
                &["tls.server_preference"],
            ),
            ("ssl_dh", "auth_mechanisms = plain login\nssl_dh", &["auth.mechanisms"]),
            ("ssl_dh", "disable_plaintext_auth = no\nssl_dh", &["auth.before_tls"]),
        ],
    );
}

/// The stack of old TLS, ended when this goes.
struct Old(Child);

impl Drop for Old {
    fn drop(&mut self) {
        if self.0.kill().and_then(|()| self.0.wait().map(drop)).is_err() {
            println!("the old stack with the process id {} may still run", self.0.id());
        }
    }
}

impl Old {
    fn start(folder: &Path, address: SocketAddr) -> Old {
        let (key, certificate) = (folder.join("key.pem"), folder.join("cert.pem"));
        self_signed(&key, &certificate, &["-newkey", "rsa:2048"]).expect("a certificate");
        let mut command = PYTHON.command().unwrap_or_else(|error| panic!("{error}"));
        let log = File::create(folder.join("log")).expect("a file for what it says");
        let mut child = command
            .env("PYTHONPATH", python_path())
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lab/old_tls.py"))
            .args([&address.ip().to_string(), &address.port().to_string()])
            .args([certificate, key])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("Python can be started");
        let said = child.stdout.take().expect("a pipe");
        let running = Old(child);
        let mut first = String::new();
        BufReader::new(said).read_line(&mut first).expect("a first line");
        let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert_eq!(first, "ready\n", "{}", log());
        running
    }
}

#[test]
fn old_tls_is_seen_as_others_see_it() {
    let folder = tempfile::tempdir().expect("a folder");
    mode(folder.path(), 0o755).expect("a readable folder");
    let address = SocketAddr::from(([127, 0, 9, 3], 587));
    let _running = Old::start(folder.path(), address);
    let seen = probe(address, &[]);
    let mine = offered(&seen);
    let versions = ["SSLv3", "TLSv1"].map(str::to_owned);
    assert_eq!(mine.versions, versions.into());
    let groups = strings(&seen["groups"]);
    assert!(
        groups.contains(&"x25519".to_owned()) && groups.contains(&"secp256r1".to_owned()),
        "{groups:?}"
    );
    let scanners = [
        ("sslscan", sslscan(address, Tls::StartTls)),
        ("sslyze", sslyze(address, Tls::StartTls)),
    ];
    let exceptions = agree("old", address, Tls::StartTls, &mine, &scanners);
    let announced = swaks(address, STRANGER, Tls::StartTls);
    same_auth("old", &seen, &announced, false);
    assert_eq!(
        announced.inside,
        Some(vec!["PLAIN".to_owned(), "LOGIN".to_owned()]),
        "{NAME}"
    );
    println!("SSL 3.0 and TLS 1.0: {} suites; {exceptions}", mine.suites.len());
}
