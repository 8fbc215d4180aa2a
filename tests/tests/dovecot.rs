//! What is said of Dovecot is what clients of the real server meet. The lab's test `lab_dovecot` starts one for each of these.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]

use smtplint_core::answers::Asked;
use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_core::{Options, Report, recognise};
use smtplint_tests::doors::{CASES, CERTIFICATE, told};

fn judged(text: &str, target: &str) -> Report {
    let mut sources = Sources::new();
    sources.add(Source::new("dovecot.conf", text, SourceKind::Authored));
    let dialect = recognise(&sources).unwrap_or_else(|| panic!("nobody knows it:\n{text}"));
    assert_eq!(dialect.id(), "dovecot");
    let mut options = Options::default();
    for target in target.split(' ') {
        options.target.add(target).unwrap_or_else(|error| panic!("{error}"));
    }
    smtplint_core::check(&sources, dialect, &options)
}

#[test]
fn doors_are_as_clients_find_them() {
    for case in CASES {
        let report = judged(
            &format!("{}protocols = imap submission\n{}", case.certificate, case.text),
            case.target,
        );
        for (name, expected) in case.doors {
            let listener = report.server.listeners.iter().find(|listener| listener.name == *name);
            assert_eq!(
                told(listener),
                *expected,
                "{name} with {:?} on {}",
                case.text,
                case.target
            );
        }
    }
}

#[test]
fn ports_that_no_rule_looks_at_are_named() {
    let notes = |text: &str| -> Vec<String> {
        let report = judged(&format!("{CERTIFICATE}protocols = imap\n{text}"), "dovecot=2.3.19");
        let of_ports = report.notes.iter().filter(|note| note.topic == "port-not-judged");
        of_ports.map(|note| note.text.clone()).collect()
    };
    let auth = "service auth {\n  inet_listener {\n    port = 12345\n  }\n}\n";
    let found = |text: &str| -> Vec<String> {
        let report = judged(&format!("{CERTIFICATE}protocols = imap\n{text}"), "dovecot=2.3.19");
        let all = report
            .findings
            .iter()
            .filter(|one| one.rule == "unencrypted-sasl-backend");
        all.map(|one| one.message.clone()).collect()
    };
    let said = found(auth);
    assert!(
        said.len() == 1 && said[0].contains("port 12345 of `service auth`"),
        "{said:?}"
    );
    assert!(said[0].contains("whether a password is right"), "{said:?}");
    let users = found(&auth.replace("inet_listener", "inet_listener auth-userdb"));
    assert!(
        users.len() == 1 && users[0].contains("who all the users are"),
        "{users:?}"
    );
    assert_eq!(notes(auth), [""; 0]);
    assert_eq!(found(&format!("listen = 127.0.0.1\n{auth}")), [""; 0]);
    let lmtp = "service lmtp {\n  inet_listener lmtp {\n    port = 24\n    address = 127.0.0.1 ::1\n  }\n}\n";
    assert_eq!(notes(lmtp), [""; 0]);
    assert_eq!(notes(&lmtp.replace("127.0.0.1 ::1", "192.0.2.1")).len(), 1);
    assert_eq!(notes(&format!("listen = 127.0.0.1\n{auth}")), [""; 0]);
    assert_eq!(
        notes("service imap-login {\n  inet_listener x {\n    port = 1143\n  }\n}\n"),
        [""; 0]
    );
}

#[test]
fn a_server_of_mailboxes_is_asked_for_no_submission() {
    let replies = |text: &str| -> Vec<&'static str> {
        let report = judged(text, "dovecot=2.3.19");
        let of = |asked| {
            let answers = report.answers();
            let answer = answers.iter().find(move |answer| answer.asked == asked);
            answer.map_or("", |answer| answer.reply.word())
        };
        vec![of(Asked::SafeSubmission), of(Asked::Port465)]
    };
    let none = ["not applicable"; 2];
    assert_eq!(replies(&format!("{CERTIFICATE}protocols = imap pop3\n")), none);
    // It only tells another program whether a password is right.
    let sasl =
        "protocols =\nservice auth {\n  unix_listener /var/spool/postfix/private/auth {\n    mode = 0666\n  }\n}\n";
    assert_eq!(replies(sasl), none);
    let both = replies(&format!("{CERTIFICATE}protocols = imap submission\n"));
    assert!(both.iter().all(|reply| *reply != "not applicable"), "{both:?}");
}

#[test]
fn two_ways_of_a_template_do_not_overrule_each_other() {
    let shadowed = |text: &str| {
        let report = judged(text, "dovecot=2.3.19");
        report.findings.iter().any(|one| one.rule == "shadowed-setting")
    };
    let both = "protocols = imap\n{% if a %}\nssl_min_protocol = TLSv1.2\n{% else %}\nssl_min_protocol = TLSv1.3\n{% endif %}\n";
    assert!(!shadowed(both));
    let plain: String = both
        .lines()
        .filter(|line| !line.starts_with('{'))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(shadowed(&plain));
}

#[test]
fn what_was_not_given_is_asked() {
    let asked = |text: &str| {
        let report = judged(text, "dovecot=2.3.19");
        let said: Vec<&str> = report.findings.iter().map(|one| one.rule).collect();
        let ids: Vec<String> = report.questions.iter().map(|one| one.id.0.clone()).collect();
        (said.contains(&"auth-offered-in-clear"), ids)
    };
    let clear = format!("{CERTIFICATE}protocols = imap\ndisable_plaintext_auth = no\n");
    assert!(asked(&clear).0);
    // What is included behind it may say otherwise; what may be left out is asked about and taken for left out.
    let (said, ids) = asked(&format!("{clear}!include conf.d/*.conf\n"));
    assert!(!said && ids.contains(&"dovecot-conf".to_owned()), "{ids:?}");
    let (said, ids) = asked(&format!("{clear}!include_try local.conf\n"));
    assert!(said && ids.contains(&"include:local.conf".to_owned()), "{ids:?}");
    // Before it, nothing is left open.
    assert!(asked(&format!("{CERTIFICATE}protocols = imap\n!include conf.d/*.conf\nauth_mechanisms = plain\ndisable_plaintext_auth = no\nssl = yes\n")).0);
    // Another value for some addresses of the server leaves it open by which of them clients come.
    assert!(
        !asked(&format!(
            "{clear}local 192.0.2.1 {{\n  disable_plaintext_auth = yes\n}}\n"
        ))
        .0
    );
    // Known clients are not strangers.
    let known = format!("{CERTIFICATE}protocols = imap\nremote 10.0.0.0/8 {{\n  disable_plaintext_auth = no\n}}\n");
    assert!(!asked(&known).0);
    assert!(
        asked(&format!(
            "{CERTIFICATE}protocols = imap\ndisable_plaintext_auth = no # {{\n"
        ))
        .0
    );
}

#[test]
fn a_print_out_of_1_is_said_to_be_one() {
    let report = judged(
        "# 1.1.11: /etc/dovecot/dovecot.conf\nprotocols: imap imaps\nssl_disable: yes\n",
        "openssl=3.0",
    );
    assert!(report.server.listeners.is_empty() && report.findings.is_empty());
    assert!(report.questions.iter().any(|one| one.id.0 == "dovecot-1"));
}

#[test]
fn releases_are_told_by_the_text() {
    for (text, expected) in [
        (
            "# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf\nssl = yes\n",
            "2.3.19",
        ),
        ("dovecot_config_version = 2.4.0\nssl = yes\n", "2.4"),
        ("ssl = yes\n", "2.3"),
    ] {
        let report = judged(text, "openssl=3.0");
        assert_eq!(
            report.version.known().map(ToString::to_string).as_deref(),
            Some(expected),
            "{text}"
        );
    }
}

#[test]
fn what_stops_dovecot_is_told() {
    for (text, target, words) in [
        (
            "disable_plaintext_auth = true\n",
            "dovecot=2.3.19",
            "`true` is none of yes and no",
        ),
        ("ssl = YES\n", "dovecot=2.3.19", "`YES` is none of yes, no and required"),
        ("passdb { driver = pam }\n", "dovecot=2.3.19", "nothing may follow `{`"),
        (
            "ssl_min_protocl = TLSv1.2\n",
            "dovecot=2.3.19",
            "it has no setting `ssl_min_protocl`; `ssl_min_protocol` is one",
        ),
        (
            "service auth {\n  usr = root\n}\n",
            "dovecot=2.3.19",
            "it has no setting `usr`; `user` is one",
        ),
        (
            "ssl = yes\n",
            "dovecot=2.4.1",
            "the first setting has to be `dovecot_config_version`",
        ),
    ] {
        let report = judged(&format!("{text}{CERTIFICATE}protocols = imap\n"), target);
        let told = report
            .findings
            .iter()
            .any(|one| one.rule == "service-cannot-start" && one.message.contains(words));
        let messages: Vec<&str> = report.findings.iter().map(|one| one.message.as_str()).collect();
        assert!(told, "{text}: {messages:?}");
        assert!(
            !messages.iter().any(|message| message.contains("in clear")),
            "{text}: {messages:?}"
        );
    }
}

#[test]
fn a_name_that_may_be_known_stops_nothing() {
    for line in [
        // Of an older release, of a plugin, of a module that others have made, and of a template.
        "mail_log_max_lines_per_sec = 10",
        "plugin {\n  quta = maildir\n}",
        "dict {\n  usr = mysql:/etc/dovecot/dict.conf\n}",
        "xaps_config = /etc/dovecot/xaps.conf",
        // Of a file that tells where LDAP is.
        "tls_cert_file = /etc/ssl/ldap.pem",
        "{{ ssl_min_protocl }} = TLSv1.2",
    ] {
        let report = judged(&format!("{line}\n{CERTIFICATE}protocols = imap\n"), "dovecot=2.3.19");
        let stops = report.findings.iter().any(|one| one.rule == "service-cannot-start");
        assert!(!stops, "{line}");
    }
}

#[test]
fn a_database_that_asks_no_password_is_told() {
    for (blocks, target, expected) in [
        (
            "passdb {\n  driver = static\n  args = nopassword=y\n}\n",
            "dovecot=2.3.19",
            true,
        ),
        (
            "passdb static {\n  fields {\n    nopassword = yes\n  }\n}\n",
            "dovecot=2.4.1",
            true,
        ),
        // Another machine is asked, or some are kept out, or another database may keep them out.
        (
            "passdb {\n  driver = static\n  args = nopassword=y proxy=y host=10.0.0.1\n}\n",
            "dovecot=2.3.19",
            false,
        ),
        (
            "passdb {\n  driver = static\n  args = nopassword=y\n  mechanisms = external\n}\n",
            "dovecot=2.3.19",
            false,
        ),
        (
            "passdb {\n  driver = pam\n  result_failure = return-fail\n}\npassdb {\n  driver = static\n  args = nopassword=y\n}\n",
            "dovecot=2.3.19",
            false,
        ),
        (
            "passdb {\n  driver = passwd-file\n  args = nopassword=y\n}\n",
            "dovecot=2.3.19",
            false,
        ),
    ] {
        let head = match target {
            "dovecot=2.4.1" => {
                "dovecot_config_version = 2.4.1\nssl_server_cert_file = /c.pem\nssl_server_key_file = /k.pem\n"
            }
            _ => CERTIFICATE,
        };
        let report = judged(&format!("{head}protocols = imap\nssl = required\n{blocks}"), target);
        let told = report.findings.iter().any(|one| one.rule == "anonymous-sasl-allowed");
        assert_eq!(told, expected, "{blocks}");
    }
}

#[test]
fn names_of_the_new_language_tell_it() {
    // A part of a configuration is one of 2.4 then; a whole one of 2.3 does not start.
    let part = smtplint_core::intake::split("conf.d/10-ssl.conf", "ssl = required\nssl_server_cert_file = /c.pem\n");
    let report = smtplint_core::check(&part, &smtplint_core::dialects::dovecot::Dovecot, &Options::default());
    let version = report
        .server
        .version
        .known()
        .map(ToString::to_string)
        .unwrap_or_default();
    assert!(version.starts_with("2.4"), "{version}");
    for paste in ["auth_allow_cleartext = no\n", "mail_path = ~/mail\n"] {
        let part = smtplint_core::intake::split("local.conf", paste);
        let report = smtplint_core::check(&part, &smtplint_core::dialects::dovecot::Dovecot, &Options::default());
        assert!(
            !report.findings.iter().any(|one| one.rule == "service-cannot-start"),
            "{paste}"
        );
    }
    let report = judged(
        &format!("{CERTIFICATE}protocols = imap\nssl_server_prefer_ciphers = server\n"),
        "dovecot=2.3.19",
    );
    let told = report
        .findings
        .iter()
        .any(|one| one.message.contains("`ssl_server_prefer_ciphers` came with 2.4"));
    assert!(
        told,
        "{:?}",
        report.findings.iter().map(|one| &one.message).collect::<Vec<_>>()
    );
}
