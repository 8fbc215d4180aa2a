//! What `smtplint probe` finds at a port, held against what other programs find there and against a configuration.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::dialogue::Tls;
use super::scanners::{self, Announced, NAME, Offered, Pair};
use crate::command::SMTPLINT;
use crate::program::OPENSSL;

/// Where a scanner may see otherwise, and why. Whatever else differs is a mistake of one of them.
#[derive(Debug)]
struct Exception {
    scanner: &'static str,
    version: &'static str,
    /// What the name of the suite holds.
    suite: &'static str,
    why: &'static str,
}

const EXCEPTIONS: &[Exception] = &[
    Exception {
        scanner: "sslscan",
        version: "SSLv3",
        suite: "",
        why: "it tells that SSL 3.0 is spoken, and not with which suites",
    },
    Exception {
        scanner: "sslyze",
        version: "TLSv1.2",
        suite: "ADH-CAMELLIA",
        why: "of its two libraries OpenSSL 1.0.2 does not have these suites, and 1.1.1 stays at a level that forbids anonymous ones",
    },
];

/// Looks at a port by the command.
///
/// # Panics
/// When it does not end as it should.
#[must_use]
pub fn probe(address: SocketAddr, more: &[&str]) -> Value {
    let output = Command::new(&*SMTPLINT)
        .arg("probe")
        .arg(format!("{NAME}:{}", address.port()))
        .args(["--address", &address.ip().to_string(), "--format", "json"])
        .args(more)
        .output()
        .expect("the command starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{said}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// What it finds to be offered. It was asked for everything, and answered each time.
///
/// # Panics
/// When something was left without an answer.
#[must_use]
pub fn offered(probe: &Value) -> Offered {
    let mut offered = Offered::default();
    for one in probe["handshakes"].as_array().expect("handshakes") {
        assert_eq!(one["whole"], true, "{one}");
        let version = one["version"].as_str().expect("a version");
        if one["offered"] == true {
            offered.versions.insert(version.to_owned());
        }
        for suite in one["suites"].as_array().expect("suites") {
            let name = suite["name"].as_str().expect("a name");
            offered.suites.insert((version.to_owned(), name.to_owned()));
        }
    }
    offered
}

/// Holds what the command found against the scanners. Where they differ, OpenSSL's client decides whether the command is right, and
/// the table says why the other is not. Gives the exceptions that were met, in words.
///
/// # Panics
/// When they differ and no exception is for it, or the command is wrong.
#[must_use]
pub fn agree(server: &str, address: SocketAddr, tls: Tls, mine: &Offered, scanners: &[(&str, Offered)]) -> String {
    assert!(!mine.versions.is_empty(), "{server}: nothing is found");
    let (mut met, mut wrong) = (BTreeSet::<String>::new(), Vec::new());
    for (scanner, theirs) in scanners {
        if mine.versions != theirs.versions {
            wrong.push(format!(
                "{scanner} finds {:?}, and we {:?}",
                theirs.versions, mine.versions
            ));
        }
        for pair in mine.suites.symmetric_difference(&theirs.suites) {
            let is_mine = mine.suites.contains(pair);
            let truth = scanners::openssl(address, tls, pair);
            let exception = EXCEPTIONS.iter().find(|one| one.is_for(scanner, pair));
            match exception {
                Some(exception) if truth.is_none_or(|truth| truth == is_mine) => {
                    met.insert(format!("{scanner} differs: {}", exception.why));
                }
                _ => wrong.push(format!(
                    "{} {}: we say {is_mine}, {scanner} {}, openssl {truth:?}",
                    pair.0, pair.1, !is_mine
                )),
            }
        }
    }
    assert!(wrong.is_empty(), "{server}:\n{}", wrong.join("\n"));
    if met.is_empty() {
        return "all see the same".to_owned();
    }
    met.into_iter().collect::<Vec<_>>().join("; ")
}

impl Exception {
    fn is_for(&self, scanner: &str, (version, suite): &Pair) -> bool {
        scanner == self.scanner && version == self.version && suite.contains(self.suite)
    }
}

/// The strings of a list.
#[must_use]
pub fn strings(value: &Value) -> Vec<String> {
    let all = value.as_array().into_iter().flatten();
    all.map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

/// Holds the AUTH that the command found against what EHLO announces. What it cannot see it asks for: all of what is inside versions
/// before TLS 1.2, and inside TLS without a certificate.
///
/// # Panics
/// When they differ.
pub fn same_auth(server: &str, probe: &Value, announced: &Announced, sees_inside: bool) {
    let auth = &probe["servers"][0]["listeners"][0]["auth"];
    if auth["before_tls"]["question"].is_null() {
        assert_eq!(
            auth["before_tls"]["value"],
            !announced.before.is_empty(),
            "{server}, in clear"
        );
    } else {
        // The machine itself may be offered what strangers are not.
        assert_eq!(auth["before_tls"]["question"], "stranger", "{server}, in clear");
        assert!(
            !announced.before.is_empty(),
            "{server}: nothing is offered in clear, and it is asked for"
        );
    }
    if sees_inside {
        let inside = announced.inside.as_ref().expect("swaks comes inside");
        assert_eq!(auth["after_tls"]["value"], !inside.is_empty(), "{server}, inside TLS");
        assert_eq!(strings(&auth["mechanisms"]["value"]), *inside, "{server}");
    } else {
        assert_eq!(auth["after_tls"]["question"], "inside-tls", "{server}, inside TLS");
    }
}

/// What was compared with a configuration.
#[derive(Debug)]
pub struct Drift {
    /// The facts in which the port does not do what the configuration says, by their names.
    pub facts: BTreeSet<String>,
    /// How many both sides know.
    pub compared: usize,
    /// All that differs, in words.
    pub said: String,
}

/// What a look at a port finds to differ from a configuration.
///
/// # Panics
/// When there is no answer.
#[must_use]
pub fn drift(address: SocketAddr, configuration: &str, more: &[&str]) -> Drift {
    let mut arguments = vec!["--relay-test", "--mailbox", "alice@example.test", "--root", "/"];
    arguments.extend(["--against", configuration]);
    arguments.extend(more);
    let seen = probe(address, &arguments);
    let all = seen["drift"].as_array().expect("both sides");
    let known = all.iter().filter(|one| !one["is_same"].is_null());
    let differ: Vec<&Value> = all.iter().filter(|one| one["is_same"] == false).collect();
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let said = differ
        .iter()
        .map(|one| format!("{}: {}, seen {}", one["fact"], one["configured"], one["seen"]));
    Drift {
        facts: differ.iter().map(|one| word(&one["fact"])).collect(),
        compared: known.count(),
        said: said.collect::<Vec<_>>().join("\n"),
    }
}

/// The release of the library of Postfix and Dovecot, without its last number.
///
/// # Panics
/// When nobody can tell.
#[must_use]
pub fn library() -> String {
    let mut command = OPENSSL.command().unwrap_or_else(|error| panic!("{error}"));
    let said = OPENSSL.run(command.arg("version"), b"", Duration::from_secs(5));
    let said = said.unwrap_or_else(|error| panic!("{error}")).stdout;
    let release = said.split(' ').nth(1).and_then(|version| version.rsplit_once('.'));
    release.expect("a version").0.to_owned()
}
