//! Rules about versions and hardening, where the release, the library or the distribution decides.

use smtplint_core::Report;
use smtplint_core::finding::{Confidence, Finding, Severity};
use smtplint_core::intake;
use smtplint_core::report::Options;

const MX: &str = "compatibility_level = 2\nmynetworks = 127.0.0.0/8\nsmtp inet n - y - - smtpd\n";
const BOTH: &str =
    "compatibility_level = 2\nsmtp inet n - y - - smtpd\n587 inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n";

fn judged(text: &str, targets: &[&str]) -> Report {
    let sources = intake::split("paste", text);
    let mut options = Options::default();
    for target in targets {
        assert_eq!(options.target.add(target), Ok(()), "{target}");
    }
    smtplint_core::check(&sources, &smtplint_core::dialects::postfix::Postfix, &options)
}

fn said<'a>(report: &'a Report, rule: &str) -> Vec<&'a Finding> {
    report.findings.iter().filter(|finding| finding.rule == rule).collect()
}

/// Severity and certainty of what a rule says, in a word each.
fn words(text: &str, targets: &[&str], rule: &str) -> Vec<String> {
    let report = judged(text, targets);
    let word = |finding: &&Finding| {
        let depends = if finding.confidence == Confidence::Depends {
            " depends"
        } else {
            ""
        };
        format!("{}{depends}", finding.severity.word())
    };
    said(&report, rule).iter().map(word).collect()
}

fn advice(text: &str, targets: &[&str], rule: &str) -> Option<String> {
    let report = judged(text, targets);
    said(&report, rule)
        .first()
        .and_then(|finding| finding.advice.as_ref())
        .map(|advice| advice.text.clone())
}

fn waits(text: &str, targets: &[&str], rule: &str, question: &str) -> bool {
    let report = judged(text, targets);
    report
        .questions
        .iter()
        .any(|one| one.id.0 == question && one.unlocks.iter().any(|id| id == rule))
}

#[test]
fn smuggling_follows_the_release() {
    let rule = "smtp-smuggling";
    let normalize = format!("smtpd_forbid_bare_newline = normalize\n{MX}");
    let yes = format!("smtpd_forbid_bare_newline = YES\n{MX}");
    let no = format!("smtpd_forbid_bare_newline = no\n{MX}");
    for (text, target, expected) in [
        (MX, "postfix=3.9", &[][..]),
        (MX, "postfix=3.8.4", &["high"]),
        (MX, "postfix=3.7.11", &["high"]),
        (MX, "postfix=3.5.22", &["high"]),
        (&no, "postfix=3.11", &["high"]),
        (&yes, "postfix=3.7.9", &[]),
        (&yes, "postfix=3.7.11", &[]),
        (&normalize, "postfix=3.7.10", &[]),
        (&normalize, "postfix=3.8", &[]),
        // A distribution may have put it in.
        (&yes, "postfix=3.6.4", &[]),
    ] {
        assert_eq!(words(text, &[target], rule), expected, "{text} at {target}");
    }
    assert_eq!(words(MX, &[], rule), ["high depends"], "no release is named");
    assert!(waits(&yes, &["postfix=3.6.4"], rule, "knows-smtpd_forbid_bare_newline"));
    // One cause is one finding, as bad as at the worst place.
    assert_eq!(words(BOTH, &["postfix=3.7.11"], rule), ["high"]);
    let submission = BOTH.replace("smtp inet n - y - - smtpd\n", "");
    assert_eq!(words(&submission, &["postfix=3.7.11"], rule), ["medium"]);
}

#[test]
fn the_work_around_is_whole_only_without_bdat() {
    let rule = "smtp-smuggling";
    let half = format!("smtpd_data_restrictions = reject_unauth_pipelining\n{MX}");
    let whole = format!("smtpd_discard_ehlo_keywords = chunking\n{half}");
    let switch = format!("smtpd_forbid_unauth_pipelining = yes\nsmtpd_discard_ehlo_keywords = chunking\n{MX}");
    let late = whole.replace("reject_unauth", "permit, reject_unauth");
    let warned = whole.replace("reject_unauth", "warn_if_reject reject_unauth");
    for (text, target, expected) in [
        (&half, "postfix=3.5.22", &["high"][..]),
        // BDAT came with 3.4.
        (&half, "postfix=3.3", &[]),
        (&whole, "postfix=3.5.22", &[]),
        (&whole, "postfix=3.7.11", &["low"]),
        (&switch, "postfix=3.7.8", &[]),
        (&late, "postfix=3.5.22", &["high"]),
        (&warned, "postfix=3.5.22", &["high"]),
    ] {
        assert_eq!(words(text, &[target], rule), expected, "{text} at {target}");
    }
}

#[test]
fn what_is_proposed_is_read_by_every_release_in_question() {
    let rule = "smtp-smuggling";
    assert_eq!(
        advice(MX, &["postfix=3.7.11"], rule).as_deref(),
        Some("smtpd_forbid_bare_newline = yes")
    );
    let all = "smtpd_forbid_bare_newline = yes\nsmtpd_data_restrictions = reject_unauth_pipelining\nsmtpd_discard_ehlo_keywords = chunking, silent-discard";
    assert_eq!(advice(MX, &["postfix=3.7"], rule).as_deref(), Some(all));
    let option = format!("{MX}  -o smtpd_forbid_bare_newline=no\n");
    let here = "smtp inet …\n  -o smtpd_forbid_bare_newline=yes";
    assert_eq!(advice(&option, &["postfix=3.11"], rule).as_deref(), Some(here));
    let everybody = format!("smtpd_forbid_bare_newline_exclusions = 192.0.2.1, 0.0.0.0/0\n{MX}");
    let narrow = "smtpd_forbid_bare_newline_exclusions = $mynetworks";
    assert_eq!(advice(&everybody, &["postfix=3.11"], rule).as_deref(), Some(narrow));
    let early = "unauth-pipelining-allowed";
    assert_eq!(
        advice(MX, &["postfix=3.8"], early).as_deref(),
        Some("smtpd_data_restrictions = reject_unauth_pipelining")
    );
    assert_eq!(
        advice(MX, &["postfix=3.8.1"], early).as_deref(),
        Some("smtpd_forbid_unauth_pipelining = yes")
    );
}

#[test]
fn what_is_proposed_keeps_what_is_there() {
    let kept = format!(
        "smtpd_discard_ehlo_keywords = etrn, silent-discard\nsmtpd_data_restrictions = reject_unauth_pipelining\n{MX}"
    );
    assert_eq!(
        advice(&kept, &["postfix=3.7"], "smtp-smuggling").as_deref(),
        Some("smtpd_forbid_bare_newline = yes\nsmtpd_discard_ehlo_keywords = etrn, silent-discard, chunking")
    );
    // The other port for users gets the same rules for users.
    let one_port = "smtpd_tls_chain_files = /etc/ssl/both.pem\nsubmission inet n - y - - smtpd\n  -o syslog_name=postfix/mua\n  \
        -o smtpd_tls_security_level=encrypt\n  -o { smtpd_recipient_restrictions = permit_sasl_authenticated, reject }\n  \
        -o smtpd_sasl_auth_enable=yes\n";
    assert_eq!(
        advice(one_port, &["postfix=3.7"], "implicit-tls-not-offered").as_deref(),
        Some(
            "submissions inet n - y - - smtpd\n  -o syslog_name=postfix/submissions\n  -o smtpd_tls_wrappermode=yes\n  \
             -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n  \
             -o { smtpd_recipient_restrictions = permit_sasl_authenticated, reject }\n  -o smtpd_sasl_auth_enable=yes"
        )
    );
}

#[test]
fn what_was_meant_is_told_with_its_name() {
    let slip = format!("smtpd_tls_auth_only = true\n{MX}");
    let told = advice(&slip, &["postfix=3.7"], "service-cannot-start");
    assert_eq!(told.as_deref(), Some("smtpd_tls_auth_only = yes"));
    let slip = format!("{MX}submission inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=on\n");
    let told = advice(&slip, &["postfix=3.7"], "service-cannot-start");
    assert_eq!(
        told.as_deref(),
        Some("submission inet …\n  -o smtpd_tls_wrappermode=yes")
    );
    // A name that no release knows may be one of a patched build: it is told, and nobody is told to take it out.
    let unused = format!("virtual_overquota_bounce = yes\n{MX}");
    let rule = "parameter-typo-or-unused";
    assert_eq!(said(&judged(&unused, &["postfix=3.7"]), rule).len(), 1);
    assert_eq!(advice(&unused, &["postfix=3.7"], rule), None);
}

#[test]
fn one_cause_is_as_bad_as_at_the_worst_port() {
    let text = "smtpd_tls_chain_files = /etc/ssl/snakeoil.pem\nsmtpd_tls_security_level = may\nsmtp inet n - y - - smtpd\n\
        submission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n";
    let report = judged(text, &["postfix=3.7"]);
    let found = said(&report, "self-signed-or-snakeoil");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity, Severity::High);
    assert_eq!(found[0].listeners, ["postfix-1/submission", "postfix-1/smtp"]);
}

#[test]
fn defaults_are_no_more_than_information() {
    for rule in ["unauth-pipelining-allowed", "vrfy-expn-enabled"] {
        assert_eq!(words(MX, &["postfix=3.7.11"], rule), ["info"], "{rule}");
    }
    let stock = judged(MX, &["debian=12"]);
    let loud: Vec<&str> = stock
        .findings
        .iter()
        .filter(|one| one.severity >= Severity::Medium)
        .map(|one| one.rule)
        .collect();
    assert_eq!(loud, ["smtp-smuggling"]);
}

#[test]
fn vrfy_matters_where_strangers_reach_somebody() {
    let closed = MX.replace(
        "mynetworks",
        "smtpd_recipient_restrictions = reject_unknown_sender_domain, reject\nmynetworks",
    );
    assert!(words(&closed, &[], "vrfy-expn-enabled").is_empty());
    // Measured: that list is asked about commands that the server does not know.
    let forbidden = format!("smtpd_forbidden_commands = CONNECT VRFY\n{MX}");
    assert_eq!(words(&forbidden, &[], "vrfy-expn-enabled"), ["info"]);
}

#[test]
fn releases_nobody_mends() {
    let rule = "end-of-life-version";
    for (targets, expected) in [
        (&["postfix=3.8"][..], &[][..]),
        (&["postfix=3.2"], &["medium"]),
        (&["postfix=3.7.11"], &[]),
        (&["debian=12"], &[]),
        (&["debian=12", "postfix=3.7.11"], &[]),
        (&["debian=10"], &["medium"]),
        (&["ubuntu=22.04"], &[]),
        (&[], &[]),
    ] {
        assert_eq!(words(MX, targets, rule), expected, "{targets:?}");
    }
    assert!(waits(MX, &["postfix=3.7.11"], rule, "distribution"));
    assert!(!waits(MX, &["debian=12"], rule, "distribution"));
}

#[test]
fn sslv2_needs_an_old_library() {
    let text = format!("smtpd_tls_security_level = may\nsmtpd_tls_cert_file = /c\nsmtpd_tls_protocols = !SSLv3\n{MX}");
    let rule = "sslv2-enabled";
    assert!(words(&text, &[], rule).is_empty() && waits(&text, &[], rule, "openssl-version"));
    assert!(
        words(&text, &["openssl=3.0"], rule).is_empty() && !waits(&text, &["openssl=3.0"], rule, "openssl-version")
    );
    assert_eq!(
        words(&text, &["postfix=3.5", "openssl=1.0.2"], rule),
        ["medium depends"]
    );
}

#[test]
fn names_are_called_unknown_only_when_everything_is_seen() {
    let rule = "parameter-typo-or-unused";
    let own = "own_name = 1\n";
    let typo = "smtpd_tls_securty_level = may\n";
    assert_eq!(words(&format!("{own}{MX}"), &[], rule), ["low"]);
    let main = "compatibility_level = 2\nmyhostname = mail.example.org\n";
    assert!(
        words(&format!("{main}{own}fax_destination_recipient_limit = 1\n"), &[], rule).is_empty(),
        "services are not seen"
    );
    let misspelt = judged(&format!("{main}{typo}"), &[]);
    let message = "`smtpd_tls_securty_level` is no setting of the server; `smtpd_tls_security_level` is one";
    assert_eq!(
        said(&misspelt, rule)
            .iter()
            .map(|one| one.message.as_str())
            .collect::<Vec<_>>(),
        [message]
    );
    assert!(
        words(
            &format!("{own}mua_client_restrictions = x\nmydestination = {{{{ names }}}}\n{MX}"),
            &[],
            rule
        )
        .is_empty()
    );
    // In question are releases that know it, and releases that do not.
    assert!(words(&format!("maillog_file = /x\n{MX}"), &[], rule).is_empty());
    assert_eq!(
        words(&format!("maillog_file = /x\n{MX}"), &["postfix=3.3"], rule),
        ["low"]
    );
    // What mends a fault is brought to older releases.
    assert!(
        words(
            &format!("smtpd_forbid_bare_newline = yes\n{MX}"),
            &["postfix=3.4.13"],
            rule
        )
        .is_empty()
    );
}

#[test]
fn checks_of_machines_come_before_a_login() {
    let rule = "mua-overrides-inherit-mx-checks";
    let with = |lines: &str| words(&format!("{lines}{BOTH}"), &[], rule);
    assert_eq!(
        with("smtpd_client_restrictions = permit_mynetworks, reject_rbl_client list.example.org\n"),
        ["low"]
    );
    assert_eq!(
        with("smtpd_restriction_classes = c\nc = c, reject_unknown_helo_hostname\nsmtpd_helo_restrictions = c\n"),
        ["low"]
    );
    for silent in [
        "smtpd_client_restrictions = permit_sasl_authenticated, reject_rbl_client list.example.org\n",
        "smtpd_client_restrictions = warn_if_reject reject_unknown_client_hostname\n",
        "smtpd_restriction_classes = c\nc = permit_sasl_authenticated\nsmtpd_helo_restrictions = c, reject_unknown_helo_hostname\n",
        "smtpd_sender_restrictions = reject_unknown_sender_domain\n",
    ] {
        assert!(with(silent).is_empty(), "{silent}");
    }
}

#[test]
fn greetings_tell_the_release_through_other_names() {
    let rule = "banner-discloses-version";
    assert_eq!(
        words(
            &format!("own = $mail_name/$mail_version\nsmtpd_banner = $myhostname $own\n{MX}"),
            &[],
            rule
        ),
        ["low"]
    );
    let screened = "compatibility_level = 2\npostscreen_greet_banner = $myhostname $mail_version\nsmtp inet n - y - 1 postscreen\nsmtpd pass - - y - - smtpd\n";
    assert_eq!(words(screened, &[], rule), ["low"]);
    assert!(words(&format!("own = $mail_version\n{MX}"), &[], rule).is_empty());
    assert!(words(&format!("a = $b\nb = $a\nsmtpd_banner = $a\n{MX}"), &[], rule).is_empty());
}

#[test]
fn lists_of_versions_are_judged_where_they_are_in_force() {
    let tls = "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = /c\n";
    let with = |list: &str, rule: &str| {
        words(
            &format!("{tls}smtpd_tls_protocols = {list}\n{MX}"),
            &["postfix=3.7"],
            rule,
        )
    };
    assert_eq!(with(">=TLSv1.3", "tls12-disabled"), ["high"]);
    assert_eq!(with("<=TLSv1.2", "tls13-disabled"), ["low"]);
    assert_eq!(with("TLSv1.2", "inclusion-list-protocols"), ["low"]);
    assert!(
        with("TLSv1.2", "tls13-disabled").is_empty(),
        "the other finding explains it"
    );
    assert_eq!(with("!TLSv1.0", "min-version-syntax-too-new"), ["high"]);
    assert_eq!(with("TLSv1.2 !TLSv1.2", "contradictory-protocol-range"), ["high"]);
    assert!(with("!SSLv2, !SSLv3", "tls13-disabled").is_empty());
    let open = format!("{tls}smtpd_tls_protocols = >=TLSv1.2\n{MX}");
    assert_eq!(words(&open, &[], "min-version-syntax-too-new"), ["high depends"]);
    assert_eq!(words(&open, &["postfix=3.5"], "min-version-syntax-too-new"), ["high"]);
    let needed = open
        .replace("_protocols", "_mandatory_protocols")
        .replace("may", "encrypt");
    let report = judged(&needed, &["postfix=3.5"]);
    assert_eq!(said(&report, "min-version-syntax-too-new").len(), 1);
    assert!(
        said(&report, "service-cannot-start").is_empty(),
        "one cause, one finding"
    );
}

/// What is said of a port that dies of something else holds once that is mended, and the message says so.
#[test]
fn nothing_is_said_of_a_dead_port_as_if_it_lived() {
    let dead = "465 inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=yes\n  -o smtpd_recipient_restrictions=permit_mynetworks\n  -o smtpd_relay_restrictions=\n";
    let messages = |text: &str, rule: &str| -> Vec<String> {
        let report = judged(text, &["postfix=3.7"]);
        said(&report, rule)
            .iter()
            .map(|finding| finding.message.clone())
            .collect()
    };
    let old = "compatibility_level = 2\nsmtpd_tls_cert_file = /c.pem\nsmtpd_tls_mandatory_protocols = >=TLSv1\n";
    let alone = format!("{old}{dead}");
    assert_eq!(
        messages(&alone, "tls10-enabled"),
        ["port 465 offers TLS 1.0, which is forbidden (once it starts)"]
    );
    let cannot_start = messages(&alone, "service-cannot-start");
    assert!(!cannot_start[0].contains("once"), "{cannot_start:?}");
    let beside = format!(
        "{old}{dead}{}",
        dead.replace("465", "587").replace("=permit_mynetworks", "=reject")
    );
    assert_eq!(
        messages(&beside, "tls10-enabled"),
        ["port 465 and port 587 offer TLS 1.0, which is forbidden (port 465 once it starts)"]
    );
    let both = format!("{old}{dead}{}", dead.replace("465", "10.0.0.1:465"));
    let said = messages(&both, "tls10-enabled");
    assert!(said[0].ends_with("forbidden (once it starts)"), "{said:?}");
}
