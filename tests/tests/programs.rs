//! Two programs in one paste or folder: each file goes to its program, and the report speaks of both.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]

use smtplint_core::dialects::{dovecot::Dovecot, postfix::Postfix};
use smtplint_core::document::Document;
use smtplint_core::fix::{self, Choice};
use smtplint_core::source::Sources;
use smtplint_core::{Options, Report, check, inspect, intake, json, recognise};
use smtplint_tests::linked::{FOLDER, PAIRS, Pair};

const MAIN: &str = "compatibility_level = 3.6\nsmtpd_tls_security_level = may\n\
    smtpd_tls_chain_files = /etc/ssl/mail/privkey.pem, /etc/ssl/mail/fullchain.pem\n";
const MASTER: &str = "smtp inet n - y - - smtpd\nsubmission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n";
const DOVECOT: &str = "protocols = imap\ndisable_plaintext_auth = no\nssl_min_protocol = TLSv1.2\n\
    ssl_cert = </etc/ssl/mail/fullchain.pem\nssl_key = </etc/ssl/mail/privkey.pem\n";

fn judged(text: &str) -> (Sources, Report) {
    let sources = intake::split("paste", text);
    let dialect = recognise(&sources).unwrap_or_else(|| panic!("nobody knows it:\n{text}"));
    let report = check(&sources, dialect, &Options::default());
    (sources, report)
}

fn both() -> String {
    format!(
        "==> /etc/postfix/main.cf <==\n{MAIN}==> /etc/dovecot/dovecot.conf <==\n{DOVECOT}!include conf.d/*.conf\n\
         ==> /etc/postfix/master.cf <==\n{MASTER}==> /etc/dovecot/conf.d/10-a.conf <==\nlisten = *\n\
         ==> /etc/dovecot/local.conf <==\nssl = required\n"
    )
}

#[test]
fn nobody_is_asked_of_sending_where_mail_is_only_read() {
    let asked = |text: &str| -> Vec<&str> {
        let (_, report) = judged(text);
        let answers = Document::of(&report).answers;
        answers.iter().map(|answer| answer.label).collect()
    };
    let of_sending = ["Sending without a password?", "Can 465 stay as it is?"];
    let alone = asked(&format!("==> /etc/dovecot/dovecot.conf <==\n{DOVECOT}"));
    let together = asked(&both());
    assert!(
        of_sending
            .iter()
            .all(|one| together.contains(one) && !alone.contains(one)),
        "{alone:?}"
    );
    assert_eq!(together.len(), alone.len() + 2);
}

#[test]
fn each_file_goes_to_its_program() {
    let (sources, report) = judged(&both());
    let told: Vec<(&str, Vec<&str>)> = report
        .servers()
        .map(|server| {
            (
                server.dialect,
                server.listeners.iter().map(|one| one.name.as_str()).collect(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("postfix", vec!["smtp", "submission"]),
            ("dovecot", vec!["imap", "imaps"])
        ]
    );
    // Each cause is said in the file that it stands in.
    let clear: Vec<(&str, String)> = report
        .findings
        .iter()
        .filter(|one| one.rule == "auth-offered-in-clear")
        .map(|one| (one.dialect, sources.place(one.at[0]).file))
        .collect();
    let expected = [
        ("dovecot", "/etc/dovecot/dovecot.conf"),
        ("postfix", "/etc/postfix/master.cf"),
    ];
    assert_eq!(clear, expected.map(|(dialect, file)| (dialect, file.to_owned())));
    // The worst first, whosever it is.
    assert!(report.findings.is_sorted_by(|one, next| one.severity >= next.severity));
    // What nothing includes is said to be left out.
    let left_out = report.notes.iter().filter(|note| note.topic == "unread-file");
    let notes: Vec<&str> = left_out.map(|note| note.text.as_str()).collect();
    assert_eq!(
        notes,
        ["`/etc/dovecot/local.conf` is not judged: no file that was given includes it"]
    );
    assert_eq!(json::report(&report, &sources, Vec::new()).target.len(), 2);
    let inspection = inspect(&sources, &Postfix, &Options::default().target);
    let shown = inspection.to_json(&sources, Vec::new(), true);
    let dialects: Vec<&str> = shown.servers.iter().map(|one| one.dialect).collect();
    assert_eq!(dialects, ["postfix", "dovecot"]);
}

#[test]
fn together_they_are_judged_as_each_alone() {
    let (_, together) = judged(&both());
    let postfix = judged(&format!("==> main.cf <==\n{MAIN}==> master.cf <==\n{MASTER}")).1;
    let dovecot = judged(&format!("==> dovecot.conf <==\n{DOVECOT}listen = *\n")).1;
    let said = |reports: &[&Report]| {
        let findings = reports.iter().flat_map(|report| &report.findings);
        let mut all: Vec<(&str, String)> = findings.map(|one| (one.rule, one.message.clone())).collect();
        all.sort();
        all
    };
    assert_eq!(said(&[&together]), said(&[&postfix, &dovecot]));
    // A rule that found something in one of them has not passed.
    for rule in together.findings.iter().map(|one| one.rule) {
        assert!(!together.passed.contains(&rule), "{rule}");
    }
    // The short answers are about all ports.
    let says: Vec<String> = Document::of(&together)
        .answers
        .into_iter()
        .map(|one| one.says)
        .collect();
    assert!(says[0].contains("143") && says[0].contains("587"), "{says:?}");
}

#[test]
fn print_outs_without_headings_are_told_apart() {
    let dovecot = format!("# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf\n# OS: Linux\n{DOVECOT}");
    for text in [
        format!("{MAIN}{MASTER}{dovecot}"),
        format!("$ doveconf -n\n{dovecot}$ postconf -n\n{MAIN}{MASTER}"),
        format!("{dovecot}\n{MAIN}{MASTER}"),
    ] {
        let (sources, report) = judged(&text);
        let told: Vec<(&str, usize)> = report.servers().map(|one| (one.dialect, one.listeners.len())).collect();
        assert_eq!(told, [("postfix", 2), ("dovecot", 2)], "{text}");
        // Places count from the beginning of the whole text.
        let line = text
            .lines()
            .position(|line| line == "disable_plaintext_auth = no")
            .unwrap_or(0)
            + 1;
        let mut clear = report
            .findings
            .iter()
            .filter(|one| one.dialect == "dovecot" && one.rule == "auth-offered-in-clear");
        let place = clear.next().map(|one| {
            sources.file(one.at[0].file).map_or(0, |file| file.lines_before) + sources.place(one.at[0]).line
        });
        assert_eq!(place, Some(line), "{text}");
    }
}

#[test]
fn whoever_names_a_language_means_all_of_it() {
    let sources = intake::split(
        "paste",
        &format!("==> a <==\n{DOVECOT}==> b <==\nmynetworks = 10.0.0.0/8\n"),
    )
    .of_one_program();
    let report = check(&sources, &Dovecot, &Options::default());
    assert_eq!(report.servers().count(), 1);
}

#[test]
fn what_is_mended_of_one_program_leaves_the_other_as_it_is() {
    let text = both();
    let sources = intake::split("paste", &text);
    let options = Options::default();
    let check = |sources: &Sources| check(sources, &Postfix, &options);
    let choice = Choice {
        check: &check,
        wants: &|one| one.rule == "auth-offered-in-clear" && one.dialect == "postfix",
        weigh: &|impact| impact,
        bears: &|_| true,
    };
    let fixes = fix::fix(&sources, &Postfix, &options, &choice);
    assert_eq!(
        (fixes.done.len(), fixes.reload.as_str()),
        (1, "postfix check && postfix reload")
    );
    for ((_, before), (_, after)) in sources.iter().zip(fixes.after.iter()) {
        assert_eq!(before.path, after.path);
        if before.path.contains("dovecot") {
            assert_eq!(before.text(), after.text());
        }
    }
}

/// What is said of a pair: the mechanisms in clear and under TLS, or `dead` where smtpd finds no socket that it may use.
fn told(pair: &Pair) -> (String, Report) {
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {FOLDER}/spool\nsmtpd_tls_chain_files = /k.pem, /c.pem\nsmtpd_tls_security_level = may\n\
         smtpd_sasl_type = dovecot\nsmtpd_sasl_path = {}\nsmtpd_sasl_auth_enable = yes\n{}",
        pair.path, pair.postfix
    );
    let dovecot = format!(
        "protocols =\nssl_cert = </c.pem\nssl_key = </k.pem\n{}",
        pair.dovecot.concat()
    );
    let text = format!(
        "==> main.cf <==\n{main}==> master.cf <==\n587 inet n - {} - - smtpd\n==> dovecot.conf <==\n{dovecot}",
        pair.chroot
    );
    let (_, report) = judged(&text);
    let said = {
        let auth = &report.server.listeners[0].auth;
        let names = auth.mechanisms.names.known().unwrap_or_else(|| panic!("no names"));
        let offered = |is_offered: Option<&bool>| match is_offered {
            Some(true) => names.surely.join(" "),
            _ => "-".to_owned(),
        };
        match &names.rest {
            Some(question) if question.0.starts_with("sasl-socket") => "dead".to_owned(),
            rest => {
                assert_eq!(*rest, None, "{text}");
                format!(
                    "clear={} tls={}",
                    offered(auth.before_tls.known()),
                    offered(auth.after_tls.known())
                )
            }
        }
    };
    (said, report)
}

#[test]
fn what_postfix_asks_dovecot_is_decided_by_both() {
    for pair in PAIRS {
        let (said, report) = told(pair);
        assert_eq!(said, pair.told, "{:?} {} {}", pair.dovecot, pair.path, pair.chroot);
        let notes: Vec<&str> = report.notes.iter().map(|note| note.topic).collect();
        // At the ports for users it is a finding.
        let found = report
            .findings
            .iter()
            .any(|one| one.rule == "auth-missing-on-submission" && one.message.contains("lets nobody send"));
        assert_eq!(notes.contains(&"sasl-socket") || found, said == "dead", "{notes:?}");
        // Passwords can travel in clear where a mechanism shows them, and nowhere else.
        let clear = report.findings.iter().any(|one| one.rule == "auth-offered-in-clear");
        let in_clear = said.split(" tls=").next().unwrap_or_default();
        let shows = in_clear.contains("PLAIN") || in_clear.contains("LOGIN");
        assert!(clear == shows || said == "dead", "{said}: {clear}");
    }
}

#[test]
fn what_dovecot_protects_is_its_own() {
    let (_, report) = told(&PAIRS[1]);
    let notes: Vec<&str> = report.notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(
        notes,
        [
            "what Dovecot does about passwords in clear holds at its own ports alone: at port 587 Postfix takes them before TLS"
        ]
    );
    // Without Dovecot's files the mechanisms are a question, as before.
    let (_, alone) = judged(
        "==> main.cf <==\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_auth_enable = yes\n==> master.cf <==\n587 inet n - n - - smtpd\n",
    );
    assert!(alone.notes.is_empty() && alone.questions.iter().any(|one| one.id.0 == "sasl-mechanisms"));
}

#[test]
fn floors_and_certificates_that_differ_are_said() {
    let main =
        "compatibility_level = 3.6\nsmtpd_tls_security_level = encrypt\nsmtpd_tls_chain_files = /k.pem, /c.pem\n";
    let master = "submission inet n - n - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n";
    let dovecot = |cert: &str| {
        format!(
            "protocols = imap\nssl_cert = <{cert}\nssl_key = </k.pem\nssl_min_protocol = TLSv1.2\nssl_cipher_list = ECDHE+AESGCM\n"
        )
    };
    let topics = |more: &str, cert: &str| {
        let (_, report) = judged(&format!(
            "==> main.cf <==\n{main}{more}==> master.cf <==\n{master}==> dovecot.conf <==\n{}",
            dovecot(cert)
        ));
        report
            .notes
            .iter()
            .map(|note| (note.topic, note.text.clone()))
            .collect::<Vec<_>>()
    };
    let said = topics("", "/other.pem");
    assert_eq!(
        said[0].1,
        "users may send from TLS 1.0 on, and read from TLS 1.2 on: the floors of Postfix and Dovecot differ"
    );
    assert_eq!(
        said[1].1,
        "Postfix shows the certificate in `/k.pem` and `/c.pem`, and Dovecot the one in `/other.pem`"
    );
    assert!(topics("smtpd_tls_mandatory_protocols = >=TLSv1.2\n", "/c.pem").is_empty());
}
