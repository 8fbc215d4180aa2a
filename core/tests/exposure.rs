//! Known attacks: for each a configuration that it applies to, and one that it does not.

#![allow(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use smtplint_core::tls::attack;
use smtplint_core::version::Target;
use smtplint_core::{exposure, inspect, intake, recognise};

const SUBMISSION: &str = "smtpd_tls_cert_file = /etc/ssl/chain.pem\nsubmission inet n - y - - smtpd\n  -o smtpd_tls_security_level=encrypt\n";
const MAY: &str =
    "smtpd_tls_cert_file = /etc/ssl/chain.pem\nsmtp inet n - y - - smtpd\n  -o smtpd_tls_security_level=may\n";
const NEW: &str = "smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1\n";

/// Whether an attack applies: `yes`, `no`, or the id of the question that decides.
fn judged(id: &str, targets: &str, text: &str) -> String {
    let sources = intake::split("paste", text);
    let dialect = recognise(&sources).expect("a configuration");
    let mut target = Target::default();
    for word in targets.split(' ') {
        target.add(word).expect("a target");
    }
    let inspection = inspect(&sources, dialect, &target);
    let listener = inspection.server.listeners.first().expect("a listener");
    let found = exposure::of(&inspection.server, listener)
        .into_iter()
        .find(|one| one.attack.id == id);
    found.map_or_else(
        || "no".to_owned(),
        |one| one.question.map_or_else(|| "yes".to_owned(), |question| question.0),
    )
}

#[test]
fn each_attack_applies_to_one_configuration_and_not_to_another() {
    let stock = "postfix=3.7 openssl=3.0";
    let listed = |list: &str| format!("tls_medium_cipherlist = {list}\n{SUBMISSION}");
    let excluding = |words: &str| format!("smtpd_tls_exclude_ciphers = {words}\n{SUBMISSION}");
    let with = |line: &str| format!("{line}{SUBMISSION}");
    // The attack, where it applies and how far that is known, and where it does not.
    let cases = [
        (
            "poodle",
            (stock, with("smtpd_tls_mandatory_protocols = !SSLv2\n"), "openssl-sslv3"),
            (stock, with(NEW)),
        ),
        ("beast", (stock, with(""), "yes"), (stock, with(NEW))),
        (
            "crime",
            ("postfix=3.3 openssl=1.0.2", with(""), "tls-compression"),
            ("postfix=3.3 openssl=1.0.2", with("tls_ssl_options = NO_COMPRESSION\n")),
        ),
        (
            "sweet32",
            (stock, listed("HIGH:DES-CBC3-SHA"), "openssl-weak-suites"),
            (stock, with("")),
        ),
        (
            "freak",
            (stock, listed("ALL:EXP"), "openssl-weak-suites"),
            (stock, with("")),
        ),
        (
            "logjam",
            ("postfix=3.0 openssl=1.1.1", with(""), "yes"),
            (stock, with("")),
        ),
        (
            "drown",
            (
                "postfix=3.3 openssl=1.0.2",
                with("smtpd_tls_mandatory_protocols =\n"),
                "openssl-sslv2",
            ),
            (stock, with("smtpd_tls_mandatory_protocols =\n")),
        ),
        (
            "lucky13",
            (stock, with(NEW), "yes"),
            (stock, excluding("SHA1, SHA256, SHA384")),
        ),
        (
            "robot",
            (stock, with(""), "certificate-key"),
            (stock, excluding("kRSA")),
        ),
        ("raccoon", (stock, with(""), "yes"), (stock, excluding("kDHE"))),
        (
            "rc4",
            (stock, listed("HIGH:RC4-SHA"), "openssl-weak-suites"),
            (stock, with("")),
        ),
        ("starttls-stripping", (stock, MAY.to_owned(), "yes"), (stock, with(""))),
        (
            "starttls-injection",
            ("postfix=2.7.2", MAY.to_owned(), "starttls-injection"),
            (stock, MAY.to_owned()),
        ),
    ];
    let known: Vec<&str> = attack::all().iter().map(|attack| attack.id).collect();
    let mut tried: Vec<&str> = cases.iter().map(|(id, ..)| *id).collect();
    tried.sort_by_key(|id| known.iter().position(|known| known == id));
    assert_eq!(tried, known, "every attack of the table has its two configurations");
    for (id, (target, text, expected), (other_target, other)) in cases {
        assert_eq!(judged(id, target, &text), expected, "{id} with {target}:\n{text}");
        assert_eq!(
            judged(id, other_target, &other),
            "no",
            "{id} with {other_target}:\n{other}"
        );
    }
}

#[test]
fn where_there_is_no_tls_no_attack_on_it_is_named() {
    let text = "smtpd_tls_security_level = none\nsmtp inet n - y - - smtpd\n";
    for attack in attack::all() {
        assert_eq!(judged(attack.id, "postfix=3.7", text), "no", "{}", attack.id);
    }
}
