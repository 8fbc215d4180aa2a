//! The rules about cipher suites: one cause is one finding, roles decide how bad it is, and what is advised cures it.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use smtplint_core::Report;
use smtplint_core::facts::{TlsVersion, Value};
use smtplint_core::finding::{Confidence, Finding};
use smtplint_core::intake;
use smtplint_core::policy;
use smtplint_core::report::Options;

/// The rules about kinds of suites.
const KINDS: &[&str] = &[
    "null-cipher",
    "export-cipher",
    "rc4-enabled",
    "no-forward-secrecy",
    "des-3des-enabled",
    "no-aead",
    "static-rsa-key-exchange",
    "anonymous-cipher-on-submission",
    "finite-field-dhe",
    "cbc-ciphers-enabled",
];

const MAIN: &str = "compatibility_level = 2\nmynetworks = 127.0.0.0/8\nsmtpd_tls_security_level = may\n\
    smtpd_tls_cert_file = /c\nsmtpd_tls_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1\n\
    smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1\n";
const MX: &str = "smtp inet n - y - - smtpd\n";
const USERS: &str = "submission inet n - y - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\n  \
    -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n";

/// Without TLS 1.3, whose suites stand in no list.
const NO_TLS13: &str = "smtpd_tls_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1, !TLSv1.3\n\
    smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1, !TLSv1.3\n";

fn judged(main: &str, master: &str, targets: &[&str], policy: &str) -> Report {
    let sources = intake::split("paste", &format!("{MAIN}{main}{master}"));
    let mut options = Options::default();
    for target in targets {
        assert_eq!(options.target.add(target), Ok(()), "{target}");
    }
    options.policy = policy::by_id(policy).unwrap();
    smtplint_core::check(&sources, &smtplint_core::dialects::postfix::Postfix, &options)
}

/// What is said of cipher suites: severity, rule, and a star where it depends.
fn said(main: &str, master: &str, targets: &[&str], policy: &str) -> Vec<String> {
    let report = judged(main, master, targets, policy);
    let is_about = |one: &&Finding| one.group == "ciphers" && one.rule != "overridden-named-cipherlist";
    let word = |one: &Finding| {
        let star = if one.confidence == Confidence::Depends { "*" } else { "" };
        format!("{} {}{star}", one.severity.word(), one.rule)
    };
    report.findings.iter().filter(is_about).map(word).collect()
}

fn finding<'a>(report: &'a Report, rule: &str) -> &'a Finding {
    let found = report.findings.iter().find(|one| one.rule == rule);
    found.unwrap_or_else(|| panic!("{rule} says nothing"))
}

#[test]
fn stock_installations_have_one_line_of_low_severity_and_none_on_an_mx() {
    for postfix in [
        "postfix=2.11",
        "postfix=3.1",
        "postfix=3.5",
        "postfix=3.7",
        "postfix=3.8",
        "postfix=3.11",
    ] {
        for openssl in [&[][..], &["openssl=1.1.1"], &["openssl=3.0.2"], &["openssl=3.5.0"]] {
            let targets = [&[postfix], openssl].concat();
            assert_eq!(
                said("", &format!("{MX}{USERS}"), &targets, "bcp195"),
                ["low anonymous-cipher-on-submission"],
                "{targets:?}"
            );
            assert_eq!(said("", MX, &targets, "bcp195"), [""; 0], "{targets:?}");
        }
    }
    // To pick a better grade makes nothing worse.
    let graded = judged("smtpd_tls_mandatory_ciphers = high\n", USERS, &[], "bcp195");
    assert!(
        finding(&graded, "anonymous-cipher-on-submission")
            .message
            .contains("keeps Postfix's own")
    );
    let report = judged("", USERS, &[], "bcp195");
    let found = finding(&report, "anonymous-cipher-on-submission");
    assert!(
        found.message.contains("keeps Postfix's own cipher list"),
        "{}",
        found.message
    );
    assert!(
        found.message.contains("with an RSA key also RSA key exchange"),
        "{}",
        found.message
    );
    assert!(
        !report.passed.contains(&"static-rsa-key-exchange"),
        "what is told elsewhere has not passed"
    );
    assert!(
        report
            .questions
            .iter()
            .all(|one| one.id.0 != "certificate-key" || one.unlocks.is_empty())
    );
}

#[test]
fn the_worst_that_is_sure_speaks_for_the_rest() {
    let cases = [
        ("smtpd_tls_mandatory_ciphers = null\n", "critical null-cipher"),
        ("tls_medium_cipherlist = HIGH:eNULL\n", "critical null-cipher"),
        (
            "smtpd_tls_mandatory_exclude_ciphers = aNULL\n",
            "low cbc-ciphers-enabled",
        ),
        // Only the key tells.
        (
            "smtpd_tls_mandatory_exclude_ciphers = aNULL, SHA1, SHA256, SHA384\n",
            "medium static-rsa-key-exchange*",
        ),
        (
            "smtpd_tls_mandatory_exclude_ciphers = aNULL, kRSA, SHA1, SHA256, SHA384\n",
            "low finite-field-dhe*",
        ),
        // Only the build of the library tells.
        (
            "tls_medium_cipherlist = ECDHE+AESGCM:RC4-SHA:3DES\n",
            "low rc4-enabled*",
        ),
        ("tls_medium_cipherlist = ECDHE+AESGCM:3DES\n", "low des-3des-enabled*"),
        (
            "tls_medium_cipherlist = ECDHE+AESGCM:EXPORT:LOW\n",
            "low export-cipher*",
        ),
    ];
    for (main, expected) in cases {
        assert_eq!(said(main, USERS, &["postfix=3.9"], "bcp195"), [expected], "{main}");
    }
    let quiet = [
        "tls_medium_cipherlist = ECDHE+AESGCM:!RC4:!3DES:!EXPORT\n",
        "tls_medium_cipherlist = ECDHE+AESGCM:+RC4\n",
    ];
    for main in quiet {
        assert_eq!(said(main, USERS, &["postfix=3.9"], "bcp195"), [""; 0], "{main}");
    }
}

#[test]
fn without_tls_1_3_a_list_may_lack_what_all_should_have() {
    let lists = [
        ("tls_medium_cipherlist = ECDHE+AES+SHA384\n", "medium no-aead"),
        (
            "tls_medium_cipherlist = AES128-GCM-SHA256\n",
            "high no-forward-secrecy*",
        ),
    ];
    for (main, expected) in lists {
        let main = format!("{NO_TLS13}{main}");
        assert_eq!(said(&main, USERS, &[], "bcp195"), [expected], "{main}");
    }
}

#[test]
fn an_mx_is_told_of_what_is_worse_than_old() {
    for (main, expected, strict) in [
        (
            "tls_medium_cipherlist = HIGH\n",
            &[][..],
            &["low anonymous-cipher-on-submission"][..],
        ),
        ("smtpd_tls_ciphers = null\n", &["low null-cipher"], &["low null-cipher"]),
        (
            "tls_medium_cipherlist = ECDHE+AESGCM:RC4-SHA\n",
            &["info rc4-enabled*"],
            &["info rc4-enabled*"],
        ),
    ] {
        assert_eq!(said(main, MX, &["postfix=3.9"], "bcp195"), expected, "{main}");
        assert_eq!(said(main, MX, &["postfix=3.9"], "ncsc-nl-2025"), strict, "{main}");
    }
    let old = format!("{NO_TLS13}tls_medium_cipherlist = ECDHE+AES+SHA384\n");
    assert_eq!(said(&old, MX, &[], "bcp195"), ["low no-aead"]);
}

#[test]
fn of_a_library_that_is_not_known_nothing_is_said() {
    let report = judged("tls_medium_cipherlist = ALL:RC4\n", USERS, &["openssl=1.0.2"], "bcp195");
    assert!(report.findings.iter().all(|one| !KINDS.contains(&one.rule)));
    let question = report.questions.iter().find(|one| one.id.0 == "cipher-suites").unwrap();
    assert!(KINDS.iter().all(|rule| question.unlocks.iter().any(|id| id == rule)));
}

#[test]
fn the_grade_of_old_releases_asks_for_export_suites() {
    let main = "smtpd_tls_ciphers = export\n";
    assert_eq!(said(main, MX, &["postfix=3.7"], "bcp195"), ["info export-cipher*"]);
    assert_eq!(said(main, MX, &["postfix=3.8"], "bcp195"), [""; 0]);
}

#[test]
fn lists_that_leave_nothing_are_said_with_the_way_out() {
    let rule = "cipher-list-empty-or-invalid";
    for (main, expected) in [
        (
            "smtpd_tls_exclude_ciphers = !aNULL, MD5\n",
            "smtpd_tls_exclude_ciphers = aNULL, MD5",
        ),
        (
            "tls_medium_cipherlist = nonsense\n",
            "# tls_medium_cipherlist = …    (take this line out)",
        ),
        (
            "tls_medium_cipherlist =\n",
            "# tls_medium_cipherlist = …    (take this line out)",
        ),
        (
            "tls_medium_cipherlist = HIGH:@SECLVL=1\n",
            "# tls_medium_cipherlist = …    (take this line out)",
        ),
        (
            "smtpd_tls_exclude_ciphers = ALL\n",
            "# smtpd_tls_exclude_ciphers = …    (take this line out)",
        ),
    ] {
        let report = judged(main, MX, &[], "bcp195");
        let found = finding(&report, rule);
        assert_eq!(found.severity.word(), "high", "{main}");
        assert_eq!(found.advice.as_ref().unwrap().text, expected, "{main}");
        // Where TLS is a must nobody is served, for this reason.
        let report = judged(main, USERS, &[], "bcp195");
        let found = finding(&report, rule);
        assert_eq!(found.supersedes, ["service-cannot-start"], "{main}");
        assert_eq!(found.advice.as_ref().unwrap().text, expected, "{main}");
        // At an emptied list smtpd stops wherever TLS is offered.
        if main.ends_with("=\n") {
            assert!(found.message.contains("it must not be empty"), "{}", found.message);
            continue;
        }
        // Where users may do without, a worse rule takes it over, with the same way out.
        let may = USERS.replace("  -o smtpd_tls_security_level=encrypt\n", "");
        let report = judged(main, &may, &[], "bcp195");
        let found = finding(&report, "no-tls-on-submission");
        assert!(found.supersedes.contains(&rule), "{main}");
        assert_eq!(found.advice.as_ref().unwrap().text, expected, "{main}");
    }
}

#[test]
fn misspelt_words_are_named_with_what_was_meant() {
    let main = "smtpd_tls_exclude_ciphers = aNULL, EXPORT, KRB5, EDH-RSA-DES-CDC3-SHA\n";
    let report = judged(main, MX, &[], "bcp195");
    let found = finding(&report, "cipher-list-empty-or-invalid");
    let expected = "port 25 (smtp) reads cipher lists in which `EDH-RSA-DES-CDC3-SHA` (meant is perhaps `EDH-RSA-DES-CBC3-SHA`) is no word of OpenSSL";
    assert_eq!((found.severity.word(), found.message.as_str()), ("low", expected));
}

#[test]
fn a_list_that_no_grade_names_has_no_effect() {
    let rule = "overridden-named-cipherlist";
    let severity = |main: &str, master: &str| {
        let report = judged(main, master, &["postfix=3.9"], "bcp195");
        let found = report.findings.iter().find(|one| one.rule == rule);
        found.map_or("", |one| one.severity.word())
    };
    let list = "tls_high_cipherlist = ECDHE+AESGCM\n";
    assert_eq!(severity(list, USERS), "medium");
    assert_eq!(severity(list, MX), "low");
    assert_eq!(
        severity(&format!("{list}smtpd_tls_mandatory_ciphers = high\n"), USERS),
        "info"
    );
    // It waits for TLS to be enforced, or clients read it, or may.
    for other in [
        "smtpd_tls_mandatory_ciphers = high\n",
        "smtp_tls_mandatory_ciphers = HIGH\n",
        "smtp_tls_policy_maps = hash:/p\n",
    ] {
        assert_eq!(severity(&format!("{list}{other}"), MX), "", "{other}");
    }
    assert_eq!(
        severity(
            "tls_medium_cipherlist = ECDHE+AESGCM\nsmtpd_tls_mandatory_ciphers = high\n",
            USERS
        ),
        ""
    );
    assert_eq!(severity("tls_export_cipherlist = ALL\n", MX), "info");
}

/// The configuration with what is advised.
fn with_advice(main: &str, found: &Finding) -> (String, String) {
    let advice = found.advice.as_ref().unwrap();
    if advice.file == "master.cf" {
        let options = advice
            .text
            .lines()
            .skip(1)
            .fold(String::new(), |all, line| format!("{all}{line}\n"));
        return (main.to_owned(), options);
    }
    let mut main = main.to_owned();
    for line in advice.text.lines() {
        let (name, _) = line.trim_start_matches("# ").split_once(" =").unwrap();
        main = main
            .lines()
            .filter(|one| !one.starts_with(name))
            .fold(String::new(), |all, one| format!("{all}{one}\n"));
        if !line.starts_with('#') {
            main.push_str(&format!("{line}\n"));
        }
    }
    (main, String::new())
}

#[test]
fn what_is_advised_cures_all_of_it_and_leaves_suites() {
    let may = USERS.replace("  -o smtpd_tls_security_level=encrypt\n", "");
    let mains = [
        String::new(),
        "smtpd_tls_mandatory_ciphers = null\n".to_owned(),
        "tls_medium_cipherlist = HIGH:eNULL:RC4-SHA:LOW:EXP\n".to_owned(),
        "tls_medium_cipherlist = RC4-SHA:AES256-SHA:DES-CBC3-SHA\n".to_owned(),
        "smtpd_tls_mandatory_exclude_ciphers = MD5, kDHE\n".to_owned(),
        "smtpd_tls_exclude_ciphers = kRSA, kECDHE\n".to_owned(),
        "tls_medium_cipherlist = AES128-GCM-SHA256\n".to_owned(),
        "tls_medium_cipherlist = ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA\n".to_owned(),
        format!("{NO_TLS13}tls_medium_cipherlist = ECDHE+AES+SHA384\n"),
        format!("{NO_TLS13}tls_medium_cipherlist = AES128-GCM-SHA256\n"),
        format!("{NO_TLS13}tls_medium_cipherlist = ECDHE+AES\nsmtpd_tls_mandatory_exclude_ciphers = AESGCM, AESCCM\n"),
    ];
    for main in &mains {
        for master in [USERS, &may] {
            for targets in [
                &[][..],
                &["postfix=3.5", "openssl=1.1.1"],
                &["postfix=3.9", "openssl=3.0.2"],
            ] {
                let report = judged(main, master, targets, "bcp195");
                let found = report.findings.iter().find(|one| KINDS.contains(&one.rule));
                let Some(found) = found else {
                    panic!("nothing is said of {main} at {targets:?}")
                };
                let (after, options) = with_advice(main, found);
                let report = judged(&after, &format!("{master}{options}"), targets, "bcp195");
                let left: Vec<&str> = report
                    .findings
                    .iter()
                    .map(|one| one.rule)
                    .filter(|rule| KINDS.contains(rule))
                    .collect();
                let is_restored = found.advice.as_ref().unwrap().text.starts_with('#');
                assert!(
                    left.is_empty() || is_restored && !left.contains(&found.rule),
                    "{main} {targets:?}: {left:?} in\n{after}{options}"
                );
                let suites = report.server.listeners[0].tls.suites.as_ref().unwrap().known().unwrap();
                assert!(suites.fault().is_none(), "{after}");
                let speaks_tls12 = suites.any(|one| one.versions.contains(TlsVersion::Tls12));
                assert_ne!(speaks_tls12, Value::Is(false), "{after}");
            }
        }
    }
}
