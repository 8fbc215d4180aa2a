//! Ignoring: comments, orders from outside, the baseline; and that none of it happens in silence.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

use smtplint_core::finding::Severity;
use smtplint_core::report::{Options, Report};
use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_core::suppress::{By, Day, Ignore, Known};
use smtplint_core::{check, check_with, recognise};

/// Offers TLS 1.0 on 587 by main.cf, and AUTH in clear by an option of the service.
const MAIN: &str = "compatibility_level = 3.6
mynetworks = 127.0.0.0/8
smtpd_tls_chain_files = /etc/ssl/mail/privkey.pem, /etc/ssl/mail/fullchain.pem
smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3
smtpd_tls_loglevel = 1
smtpd_data_restrictions = reject_unauth_pipelining
smtpd_forbid_bare_newline = yes
smtpd_discard_ehlo_keywords = chunking
";
const MASTER: &str = "submission inet n - y - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
submissions inet n - y - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
";

fn sources(main: &str, master: &str) -> Sources {
    let mut sources = Sources::new();
    sources.add(Source::new("/etc/postfix/main.cf", main, SourceKind::Authored));
    sources.add(Source::new("/etc/postfix/master.cf", master, SourceKind::Authored));
    sources
}

fn judged(main: &str, master: &str) -> Report {
    let sources = sources(main, master);
    check(
        &sources,
        recognise(&sources).expect("it is Postfix"),
        &Options::default(),
    )
}

fn ordered(orders: &[Ignore]) -> Report {
    let sources = sources(MAIN, MASTER);
    let dialect = recognise(&sources).expect("it is Postfix");
    let today = "2026-06-15".parse().expect("a day");
    check_with(&sources, dialect, &Options::default(), orders, Some(today)).0
}

fn order(rule: &str) -> Ignore {
    Ignore {
        rule: rule.to_owned(),
        listener: None,
        file: None,
        reason: "old printers".to_owned(),
        until: None,
        origin: "smtplint.toml:3".to_owned(),
    }
}

fn finds(report: &Report, rule: &str) -> bool {
    report.findings.iter().any(|one| one.rule == rule)
}

fn ignores(report: &Report, rule: &str) -> bool {
    report.suppressed.iter().any(|one| one.finding.rule == rule)
}

fn topics(report: &Report) -> Vec<&'static str> {
    report.notes.iter().map(|note| note.topic).collect()
}

/// Nothing is lost and nothing is there twice.
fn holds_together(report: &Report) {
    let plain = judged(MAIN, MASTER);
    assert_eq!(plain.findings.len(), report.findings.len() + report.suppressed.len());
    assert!(
        plain.suppressed.is_empty() && plain.notes.is_empty(),
        "{:?}",
        plain.notes
    );
}

/// `text` with a line put before the one that begins with `before`.
fn with_line(text: &str, before: &str, line: &str) -> String {
    let at = text.find(before).expect("the line is there");
    format!("{}{line}\n{}", &text[..at], &text[at..])
}

#[test]
fn a_comment_ignores_what_the_line_below_decides() {
    assert!(finds(&judged(MAIN, MASTER), "tls10-enabled"));
    let main = with_line(
        MAIN,
        "smtpd_tls_mandatory",
        "# smtplint: ignore[tls10-enabled] printers of 2009, until they go",
    );
    let report = judged(&main, MASTER);
    assert!(!finds(&report, "tls10-enabled") && ignores(&report, "tls10-enabled"));
    assert_eq!(report.suppressed[0].reason, "printers of 2009, until they go");
    assert!(matches!(report.suppressed[0].by, By::Comment(_)));
    assert!(
        !report.passed.contains(&"tls10-enabled"),
        "what is ignored has not passed"
    );
    assert!(!report.fails(Severity::Medium, false));
    assert_eq!(topics(&report), [""; 0]);
    holds_together(&report);
}

#[test]
fn comments_and_empty_lines_between_do_not_matter() {
    let main = with_line(
        MAIN,
        "smtpd_tls_mandatory",
        "  ##smtplint: ignore[ tls11-enabled , tls10-enabled ]: so\n\n# More.\n",
    );
    let report = judged(&main, MASTER);
    assert!(ignores(&report, "tls10-enabled"));
    assert_eq!(
        topics(&report),
        ["unused-ignore"],
        "of the second rule nothing is found"
    );
    assert!(report.notes[0].text.contains("`tls11-enabled`"));
}

#[test]
fn a_comment_covers_what_continues_the_line() {
    let main = MAIN.replace("!SSLv2, !SSLv3", "!SSLv2,\n# between\n  !SSLv3");
    let main = with_line(&main, "smtpd_tls_mandatory", "# smtplint: ignore[tls10-enabled] so");
    assert!(ignores(&judged(&main, MASTER), "tls10-enabled"));
}

#[test]
fn a_comment_covers_no_other_line() {
    for (before, text) in [("compatibility_level", MAIN), ("smtpd_tls_chain_files", MAIN)] {
        let main = with_line(text, before, "# smtplint: ignore[tls10-enabled] so");
        let report = judged(&main, MASTER);
        assert!(finds(&report, "tls10-enabled"), "above {before}");
        assert_eq!(topics(&report), ["unused-ignore"]);
        assert!(report.notes[0].at.is_some());
    }
    let report = judged(&format!("{MAIN}# smtplint: ignore[tls10-enabled] so\n"), MASTER);
    assert!(finds(&report, "tls10-enabled"), "at the end of the file");
    assert_eq!(topics(&report), ["unused-ignore"]);
}

#[test]
fn above_a_service_it_covers_the_service_and_no_other() {
    // One line of main.cf decides for both ports: one finding about two listeners.
    let line = "# smtplint: ignore[tls10-enabled] old printers";
    let one = with_line(MASTER, "submission inet", line);
    let report = judged(MAIN, &one);
    assert!(finds(&report, "tls10-enabled"), "the other port has it as well");
    let both = with_line(&one, "submissions inet", line);
    let report = judged(MAIN, &both);
    assert!(ignores(&report, "tls10-enabled"));
    assert_eq!(topics(&report), [""; 0], "both comments are used");
    holds_together(&report);
}

#[test]
fn between_the_options_it_covers_the_option_below() {
    let spoilt = MASTER.replacen("encrypt", "may\n  -o smtpd_tls_auth_only=yes", 1);
    let there = judged(MAIN, &spoilt);
    let bad: Vec<&str> = there
        .findings
        .iter()
        .filter(|one| one.severity >= Severity::Medium)
        .map(|one| one.rule)
        .collect();
    assert!(bad.contains(&"tls-not-required-on-submission"), "{bad:?}");
    let line = "# smtplint: ignore[tls-not-required-on-submission] so";
    let covered = with_line(&spoilt, "  -o smtpd_tls_security_level", line);
    assert!(ignores(&judged(MAIN, &covered), "tls-not-required-on-submission"));
    let other = with_line(&spoilt, "  -o smtpd_client_restrictions", line);
    let report = judged(MAIN, &other);
    assert!(finds(&report, "tls-not-required-on-submission"));
    assert_eq!(topics(&report), ["unused-ignore"]);
}

#[test]
fn how_a_comment_is_written_is_judged() {
    for (line, topic, word) in [
        ("# smtplint: ignore[tls10-enabled]", "no-reason", "no reason"),
        (
            "# smtplint: ignore[tls10-enable] so",
            "unknown-rule",
            "did you mean `tls10-enabled`?",
        ),
        ("# smtplint: ignore[qqq] so", "unknown-rule", "there is no rule `qqq`"),
        (
            "# smtplint: ignore tls10-enabled",
            "not-understood",
            "ignore[rule-id] reason",
        ),
        ("# smtplint: ignore[] so", "not-understood", "ignore[rule-id] reason"),
        (
            "# smtplint: ignore[tls10-enabled so",
            "not-understood",
            "ignore[rule-id] reason",
        ),
        (
            "# smtplint: ingore[tls10-enabled] so",
            "not-understood",
            "ignore[rule-id] reason",
        ),
        (
            "own = 1 # smtplint: ignore[tls10-enabled] so",
            "not-understood",
            "a line of its own",
        ),
    ] {
        let report = judged(&with_line(MAIN, "smtpd_tls_mandatory", line), MASTER);
        let note = report.notes.iter().find(|note| note.topic == topic);
        assert!(
            note.is_some_and(|note| note.text.contains(word)),
            "{line}: {:?}",
            report.notes
        );
        assert_eq!(ignores(&report, "tls10-enabled"), topic == "no-reason", "{line}");
    }
}

#[test]
fn an_order_ignores_where_it_says() {
    let at = |listener: Option<&str>, file: Option<&str>| {
        let order = Ignore {
            listener: listener.map(str::to_owned),
            file: file.map(str::to_owned),
            ..order("tls10-enabled")
        };
        let report = ordered(&[order]);
        holds_together(&report);
        (ignores(&report, "tls10-enabled"), topics(&report))
    };
    assert_eq!(at(None, None), (true, vec![]));
    assert_eq!(at(None, Some("main.cf")), (true, vec![]));
    assert_eq!(at(None, Some("postfix/main.cf")), (true, vec![]));
    assert_eq!(at(None, Some("/etc/postfix/main.cf")), (true, vec![]));
    assert_eq!(at(None, Some("n.cf")), (false, vec!["unused-ignore"]));
    assert_eq!(at(None, Some("master.cf")), (false, vec!["unused-ignore"]));
    let elsewhere = ordered(&[Ignore {
        file: Some("master.cf".to_owned()),
        ..order("tls10-enabled")
    }]);
    let said = &elsewhere.notes[0].text;
    assert!(
        said.contains("in `master.cf`, but what is found stands in `") && said.contains("main.cf`"),
        "{said}"
    );
    // It is about two listeners, and one order names one of them.
    assert!(!at(Some("587"), None).0);
    let name = |listener: &str| Ignore {
        listener: Some(listener.to_owned()),
        ..order("tls10-enabled")
    };
    let report = ordered(&[name("587"), name("submissions")]);
    assert!(ignores(&report, "tls10-enabled"));
    assert_eq!(topics(&report), [""; 0]);
    let report = ordered(&[name("25")]);
    assert_eq!(
        (ignores(&report, "tls10-enabled"), topics(&report)),
        (false, vec!["unused-ignore"])
    );
}

#[test]
fn an_order_expires() {
    let until = |day: &str| Ignore {
        until: Some(day.parse::<Day>().expect("a day")),
        ..order("tls10-enabled")
    };
    for (day, holds) in [("2026-06-14", false), ("2026-06-15", true), ("2027-01-01", true)] {
        let report = ordered(&[until(day)]);
        assert_eq!(ignores(&report, "tls10-enabled"), holds, "{day}");
        assert_eq!(topics(&report).contains(&"expired-ignore"), !holds, "{day}");
    }
    let report = ordered(&[order("no-such-rule-at-all")]);
    assert_eq!(topics(&report), ["unknown-rule"]);
    assert!(
        report.notes[0].text.starts_with("smtplint.toml:3: there is no rule"),
        "{:?}",
        report.notes
    );
}

#[test]
fn a_baseline_leaves_what_is_new() {
    let before = judged(MAIN, MASTER);
    let baseline: Vec<Known> = before
        .findings
        .iter()
        .map(|one| Known {
            fingerprint: one.fingerprint.clone(),
            rule: one.rule.to_owned(),
            severity: one.severity,
        })
        .collect();
    let mut same = judged(&format!("# moved\n\n{MAIN}"), MASTER);
    assert_eq!(same.leave_new(&baseline, "base.json"), 0);
    assert!(same.findings.is_empty() && same.notes.is_empty());
    assert_eq!(same.suppressed.len(), before.findings.len());

    let mut more = judged(
        MAIN,
        &MASTER.replacen("encrypt", "may\n  -o smtpd_tls_auth_only=yes", 1),
    );
    more.leave_new(&baseline, "base.json");
    assert!(finds(&more, "tls-not-required-on-submission"));

    let mended = MAIN.replace("!SSLv3", "!SSLv3, !TLSv1, !TLSv1.1");
    let mut less = judged(&mended, MASTER);
    assert_eq!(less.leave_new(&baseline, "base.json"), 1);
    assert_eq!(topics(&less), ["gone-from-baseline"]);
    assert!(less.notes[0].text.contains("`tls10-enabled`"), "{:?}", less.notes);

    let milder: Vec<Known> = baseline
        .iter()
        .map(|one| Known {
            severity: Severity::Info,
            ..one.clone()
        })
        .collect();
    let mut worse = judged(MAIN, MASTER);
    worse.leave_new(&milder, "base.json");
    assert!(finds(&worse, "tls10-enabled"), "what has become worse is new");
}

#[test]
fn what_a_comment_ignores_is_not_gone_from_the_baseline() {
    let before = judged(MAIN, MASTER);
    let tls10 = before
        .findings
        .iter()
        .find(|one| one.rule == "tls10-enabled")
        .expect("it is there");
    let baseline = [Known {
        fingerprint: tls10.fingerprint.clone(),
        rule: tls10.rule.to_owned(),
        severity: tls10.severity,
    }];
    let main = with_line(MAIN, "smtpd_tls_mandatory", "# smtplint: ignore[tls10-enabled] so");
    assert_eq!(judged(&main, MASTER).leave_new(&baseline, "base.json"), 0);
}

#[test]
fn a_role_of_nothing_is_said() {
    let mut options = Options::default();
    for which in ["587", "submissions", "2525"] {
        options
            .target
            .roles
            .push((which.to_owned(), smtplint_core::facts::Role::Mx));
    }
    let sources = sources(MAIN, MASTER);
    let (report, _) = check_with(
        &sources,
        recognise(&sources).expect("it is Postfix"),
        &options,
        &[],
        None,
    );
    assert_eq!(topics(&report), ["role-of-nothing"]);
    assert!(
        report.notes[0]
            .text
            .starts_with("the role 2525=mx is nobody's: nothing listens at `2525`"),
        "{:?}",
        report.notes
    );
}
