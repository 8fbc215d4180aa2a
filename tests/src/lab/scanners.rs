//! What other programs find at a port: sslscan and sslyze the versions and suites, swaks what EHLO announces, and OpenSSL's client
//! whether one suite is taken.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;
use smtplint_core::tls::suite;

use super::dialogue::{CLIENT, Tls};
use crate::program::{OPENSSL, PYTHON, SSLSCAN, SWAKS};

/// The name that is asked for: that of the lab's certificates.
pub const NAME: &str = "mail.example.test";

/// How long one look may take. On a machine with other work, sslyze takes ten seconds.
const LIMIT: Duration = Duration::from_secs(90);

/// A version and a suite, by the names of OpenSSL.
pub type Pair = (String, String);

/// What is offered at a port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    /// The versions, as OpenSSL calls them.
    pub versions: BTreeSet<String>,
    /// The suites of each version.
    pub suites: BTreeSet<Pair>,
}

/// The name of OpenSSL, also for what is called by IANA's.
fn suite_name(name: &str) -> String {
    let known = suite::all().iter().find(|suite| suite.name == name);
    known.and_then(|suite| suite.openssl).unwrap_or(name).to_owned()
}

/// What sslscan finds. Of SSL 3.0 it tells that it is spoken, and not with which suites.
///
/// # Panics
/// When it is not there, or does not end.
#[must_use]
pub fn sslscan(address: SocketAddr, tls: Tls) -> Offered {
    let mut command = SSLSCAN.command().unwrap_or_else(|error| panic!("{error}"));
    command.args([
        "--no-colour",
        "--no-heartbleed",
        "--no-renegotiation",
        "--no-compression",
        "--no-groups",
    ]);
    command.arg(format!("--sni-name={NAME}"));
    if tls == Tls::StartTls {
        command.arg("--starttls-smtp");
    }
    command.arg(address.to_string());
    let finished = SSLSCAN
        .run(&mut command, b"", LIMIT)
        .unwrap_or_else(|error| panic!("{error}"));
    let mut offered = Offered::default();
    let version = |word: &str| if word == "TLSv1.0" { "TLSv1" } else { word }.to_owned();
    for line in finished.stdout.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [spoken, "enabled"] => drop(offered.versions.insert(version(spoken))),
            ["Preferred" | "Accepted", spoken, _, "bits", name, ..] => {
                offered.suites.insert((version(spoken), suite_name(name)));
            }
            _ => {}
        }
    }
    offered
}

/// Where its sslyze and its tlslite-ng are: Python looks there with this in the environment.
///
/// # Panics
/// When they are not there; in words that tell what installs them.
#[must_use]
pub fn python_path() -> &'static str {
    static PLACE: LazyLock<String> = LazyLock::new(|| {
        let place = xtask::lab::python::installed().unwrap_or_else(|error| panic!("{error}"));
        place.display().to_string()
    });
    &PLACE
}

/// What sslyze finds, from SSL 2.0 to TLS 1.3. Older suites it tries with an OpenSSL 1.0.2 of its own.
///
/// # Panics
/// When it is not there, does not end, or has no answer for a version.
#[must_use]
pub fn sslyze(address: SocketAddr, tls: Tls) -> Offered {
    let mut command = PYTHON.command().unwrap_or_else(|error| panic!("{error}"));
    command
        .env("PYTHONPATH", python_path())
        .args([
            "-m",
            "sslyze",
            "--mozilla_config=disable",
            "--json_out=-",
            "--sni",
            NAME,
        ])
        .args(["--sslv2", "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3"]);
    if tls == Tls::StartTls {
        command.args(["--starttls", "smtp"]);
    }
    command.arg(address.to_string());
    let finished = PYTHON
        .run(&mut command, b"", LIMIT)
        .unwrap_or_else(|error| panic!("{error}"));
    let all: Value = serde_json::from_str(&finished.stdout)
        .unwrap_or_else(|error| panic!("sslyze: {error}: {}{}", finished.stdout, finished.stderr));
    let server = &all["server_scan_results"][0];
    assert_eq!(
        server["connectivity_status"], "COMPLETED",
        "sslyze: {}",
        server["connectivity_error_trace"]
    );
    let results = &server["scan_result"];
    let mut offered = Offered::default();
    for (key, version) in [
        ("ssl_2_0", "SSLv2"),
        ("ssl_3_0", "SSLv3"),
        ("tls_1_0", "TLSv1"),
        ("tls_1_1", "TLSv1.1"),
        ("tls_1_2", "TLSv1.2"),
        ("tls_1_3", "TLSv1.3"),
    ] {
        let one = &results[format!("{key}_cipher_suites")];
        let suites = one["result"]["accepted_cipher_suites"].as_array();
        let suites = suites.unwrap_or_else(|| panic!("sslyze, {version}: {one}"));
        if !suites.is_empty() {
            offered.versions.insert(version.to_owned());
        }
        for suite in suites {
            let name = suite["cipher_suite"]["name"].as_str().expect("a name");
            offered.suites.insert((version.to_owned(), suite_name(name)));
        }
    }
    offered
}

/// Whether a handshake with one suite comes about; `None` where this OpenSSL does not have the version or the suite.
///
/// # Panics
/// When it is not there, or does not end.
#[must_use]
pub fn openssl(address: SocketAddr, tls: Tls, (version, suite): &Pair) -> Option<bool> {
    static KNOWN: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let mut command = OPENSSL.command().unwrap_or_else(|error| panic!("{error}"));
        command.args(["ciphers", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]);
        let finished = OPENSSL.run(&mut command, b"", LIMIT);
        let finished = finished.unwrap_or_else(|error| panic!("{error}"));
        finished.stdout.trim().split(':').map(str::to_owned).collect()
    });
    let option = match version.as_str() {
        "TLSv1.3" => "-tls1_3",
        "TLSv1.2" => "-tls1_2",
        "TLSv1.1" => "-tls1_1",
        "TLSv1" => "-tls1",
        _ => return None,
    };
    if !KNOWN.contains(suite) {
        return None;
    }
    let mut command = OPENSSL.command().unwrap_or_else(|error| panic!("{error}"));
    command.args([
        "s_client",
        "-connect",
        &address.to_string(),
        "-servername",
        NAME,
        "-brief",
        option,
    ]);
    if tls == Tls::StartTls {
        command.args(["-starttls", "smtp"]);
    }
    match version.as_str() {
        "TLSv1.3" => command.args(["-ciphersuites", suite]),
        _ => command.args(["-cipher", &format!("{suite}:@SECLEVEL=0")]),
    };
    let finished = OPENSSL
        .run(&mut command, b"", Duration::from_secs(10))
        .unwrap_or_else(|error| panic!("{error}"));
    Some(finished.stderr.contains(&format!("Ciphersuite: {suite}")))
}

/// The mechanisms that EHLO announces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announced {
    /// In clear.
    pub before: Vec<String>,
    /// Inside TLS; `None` where no session comes about.
    pub inside: Option<Vec<String>>,
}

/// What swaks is told, from a source address, in clear and inside whatever version the server has.
///
/// # Panics
/// When it is not there, or does not end.
#[must_use]
pub fn swaks(address: SocketAddr, source: IpAddr, tls: Tls) -> Announced {
    let mut command = SWAKS.command().unwrap_or_else(|error| panic!("{error}"));
    command
        .args([
            "--server",
            &address.ip().to_string(),
            "--port",
            &address.port().to_string(),
        ])
        .args([
            "--local-interface",
            &source.to_string(),
            "--ehlo",
            CLIENT,
            "--quit-after",
            "EHLO",
        ])
        .args(["--tls-sni", NAME, "--tls-cipher", "ALL:@SECLEVEL=0"])
        .arg(match tls {
            Tls::Implicit => "--tls-on-connect",
            Tls::StartTls => "--tls",
        });
    let finished = SWAKS
        .run(&mut command, b"", LIMIT)
        .unwrap_or_else(|error| panic!("{error}"));
    let mut announced = Announced::default();
    for line in finished.stdout.lines() {
        if line.starts_with("=== TLS started") {
            announced.inside = Some(Vec::new());
        }
        let (line, list) = match (
            line.strip_prefix("<-  "),
            line.strip_prefix("<~  "),
            &mut announced.inside,
        ) {
            (Some(line), ..) => (line, &mut announced.before),
            (_, Some(line), Some(inside)) => (line, inside),
            _ => continue,
        };
        let Some(names) = line.strip_prefix("250-AUTH").or_else(|| line.strip_prefix("250 AUTH")) else {
            continue;
        };
        for name in names.split([' ', '=']).filter(|name| !name.is_empty()) {
            if !list.iter().any(|known| known == name) {
                list.push(name.to_owned());
            }
        }
    }
    announced
}
