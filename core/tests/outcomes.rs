//! What each kind of client gets at a Postfix, by its restriction lists. The lab holds many more of these against live servers.

#![expect(clippy::expect_used, reason = "a helper stops the test that it serves")]

use smtplint_core::dialects::postfix::Postfix;
use smtplint_core::facts::{Actor, Channel, Circumstance, Outcome, Outcomes, Recipient, Stage};
use smtplint_core::version::Target;
use smtplint_core::{Inspection, inspect, intake};

const MAIN: &str = "compatibility_level = 3.6\nmydestination = example.test\nmynetworks = 127.0.0.0/8\n\
    smtpd_tls_security_level = may\nsmtpd_tls_cert_file = /etc/cert.pem\n";

/// A server with one port, AUTH on it, and whatever stands in `more`.
fn server(main: &str, more: &str, release: &str) -> Inspection {
    let text = format!(
        "==> /etc/postfix/main.cf <==\n{MAIN}{main}\n==> /etc/postfix/master.cf <==\n\
        smtp inet n - n - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n{more}"
    );
    let mut target = Target::default();
    assert_eq!(target.add(&format!("postfix={release}")), Ok(()));
    inspect(&intake::split("paste", &text), &Postfix, &target)
}

/// The table in short: strangers, trusted and users, each to a mailbox here and elsewhere, over one channel.
fn over(inspection: &Inspection, channel: Channel) -> String {
    short(
        &inspection.server.listeners.first().expect("a listener").outcomes,
        channel,
    )
}

/// What holds in a circumstance, where that is something else.
fn when(inspection: &Inspection, when: Circumstance, channel: Channel) -> Option<String> {
    let listener = inspection.server.listeners.first().expect("a listener");
    listener.in_case_of(when).map(|outcomes| short(outcomes, channel))
}

fn short(outcomes: &Outcomes, channel: Channel) -> String {
    let mut words = Vec::new();
    for actor in [Actor::Stranger, Actor::Trusted, Actor::Authenticated] {
        for recipient in [Recipient::Local, Recipient::Foreign] {
            let outcome = outcomes.at(actor, channel, recipient).expect("a cell").outcome();
            words.push(match outcome {
                Outcome::Accepted => "ok".to_owned(),
                Outcome::Refused {
                    stage: Stage::Rcpt,
                    code,
                }
                | Outcome::Deferred {
                    stage: Stage::Rcpt,
                    code,
                } => code.to_string(),
                Outcome::Refused { stage, code } | Outcome::Deferred { stage, code } => format!("{stage:?}:{code}"),
                Outcome::Dead(_) => "dead".to_owned(),
                Outcome::Unknown(question) => format!("?{}", question.0),
            });
        }
    }
    words.join(" ")
}

fn told(main: &str) -> String {
    over(&server(main, "", "3.7"), Channel::Tls)
}

#[test]
fn lists_decide_in_their_order_and_permissions_end_their_own() {
    for (main, expected) in [
        ("", "ok 454 ok ok ok ok"),
        (
            "smtpd_relay_restrictions = permit\nsmtpd_recipient_restrictions = reject_unauth_destination",
            "ok 554 ok 554 ok 554",
        ),
        (
            "smtpd_client_restrictions = permit_sasl_authenticated, reject",
            "554 554 554 554 ok ok",
        ),
        (
            "smtpd_recipient_restrictions = permit_mynetworks, defer",
            "450 454 ok ok 450 450",
        ),
        (
            "smtpd_data_restrictions = permit_mynetworks, reject",
            "Data:554 454 ok ok Data:554 Data:554",
        ),
        (
            "smtpd_relay_restrictions =\nsmtpd_recipient_restrictions =",
            "dead dead dead dead dead dead",
        ),
        (
            "soft_bounce = yes\nsmtpd_relay_restrictions = reject",
            "454 454 454 454 454 454",
        ),
        ("smtpd_recipient_restrictions = nonsense", "451 454 451 451 451 451"),
        ("mynetworks = 0.0.0.0/0", "ok ok ok ok ok ok"),
        ("mynetworks = 127.0.0.0/8, 10.1.2.3/8", "451 451 ok ok 451 451"),
        ("relay_domains = static:all", "ok ok ok ok ok ok"),
        (
            "smtpd_delay_reject = no\nsmtpd_client_restrictions = permit_mynetworks, reject",
            "Connect:554 Connect:554 ok ok Connect:554 Connect:554",
        ),
        (
            "smtpd_sender_restrictions = reject_sender_login_mismatch",
            "ok 454 ok ok 553 553",
        ),
    ] {
        assert_eq!(told(main), expected, "{main}");
    }
}

#[test]
fn what_is_not_seen_is_asked_and_never_refused_or_accepted_for_it() {
    for (main, expected) in [
        // It may refuse.
        (
            "smtpd_client_restrictions = reject_rbl_client bl.example",
            "?restriction-lists 0 ?restriction-lists ?restriction-lists ?restriction-lists ?restriction-lists",
        ),
        // It may refuse, and it may open.
        (
            "smtpd_relay_restrictions = check_client_access hash:/etc/postfix/access, reject_unauth_destination",
            "?table-hash:/etc/postfix/access ?table-hash:/etc/postfix/access ?table-hash:/etc/postfix/access ?table-hash:/etc/postfix/access ?table-hash:/etc/postfix/access ?table-hash:/etc/postfix/access",
        ),
        // What stands behind the refusal cannot open anything.
        (
            "smtpd_relay_restrictions = reject_unauth_destination, check_client_access hash:/etc/postfix/access",
            "?table-hash:/etc/postfix/access 554 ?table-hash:/etc/postfix/access 554 ?table-hash:/etc/postfix/access 554",
        ),
        // Ordinary strangers are refused, but anybody can take a name that the table knows.
        (
            "smtpd_relay_restrictions = check_sender_access inline:{friend.example=OK}, reject_unauth_destination",
            "ok ?chosen-inline:{friend.example=OK} ok 554 ok 554",
        ),
    ] {
        assert_eq!(told(main), expected, "{main}");
    }
}

#[test]
fn tables_that_were_given_are_read() {
    let main = "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination\n\
        smtpd_recipient_restrictions = permit_mynetworks, check_recipient_access hash:/etc/postfix/access";
    let table = "==> /etc/postfix/access <==\n# who\nexample.test\n  450 4.7.1 later\nother.test OK\n";
    let inspection = server(main, table, "3.7");
    assert_eq!(over(&inspection, Channel::Tls), "450 554 ok ok 450 ok");
    assert!(
        inspection.questions.iter().all(|one| !one.id.0.starts_with("table-")),
        "{:?}",
        inspection.questions
    );
}

#[test]
fn releases_differ_where_postfix_does() {
    let words = "smtpd_client_restrictions = permit_naked_ip_address";
    assert_eq!(over(&server(words, "", "3.7"), Channel::Tls), "ok 454 ok ok ok ok");
    assert_eq!(
        over(&server(words, "", "3.10"), Channel::Tls),
        "451 451 451 451 451 451"
    );
    let order = "compatibility_level = 2\nsmtpd_relay_before_recipient_restrictions = yes\nsmtpd_relay_restrictions = reject\nsmtpd_recipient_restrictions = defer";
    assert_eq!(over(&server(order, "", "3.7"), Channel::Tls), "554 554 554 554 554 554");
    assert_eq!(over(&server(order, "", "3.5"), Channel::Tls), "450 450 450 450 450 450");
}

#[test]
fn older_branches_learnt_to_read_newer_levels() {
    for (release, expected) in [
        ("3.5.10", "dead dead dead dead dead dead"),
        ("3.5.11", "ok 454 ok ok ok ok"),
        ("3.7", "ok 454 ok ok ok ok"),
    ] {
        assert_eq!(over(&server("", "", release), Channel::Tls), expected, "{release}");
    }
}

#[test]
fn the_channel_matters_where_a_list_asks_for_it() {
    let inspection = server("smtpd_recipient_restrictions = reject_plaintext_session", "", "3.7");
    assert_eq!(over(&inspection, Channel::Tls), "ok 454 ok ok ok ok");
    assert_eq!(over(&inspection, Channel::Clear), "450 454 450 450 450 450");
}

#[test]
fn classes_that_name_themselves_come_to_an_end() {
    let circle = "smtpd_restriction_classes = a, b\na = b, a\nb = a, b\n";
    // smtpd follows them until it falls over.
    assert_eq!(
        told(&format!("{circle}smtpd_client_restrictions = a, b")),
        "0 0 0 0 0 0"
    );
    assert_eq!(
        told(&format!("{circle}smtpd_relay_restrictions = a, reject")),
        "dead dead dead dead dead dead"
    );
}

#[test]
fn clients_by_ipv6_are_told_apart_where_lists_do() {
    let by_ipv6 = |main: &str, release: &str| when(&server(main, "", release), Circumstance::Ipv6, Channel::Tls);
    for (main, expected) in [
        ("mynetworks = 127.0.0.0/8 [::]/0", Some("ok ok ok ok ok ok")),
        ("mynetworks = 127.0.0.0/8 [2000::]/3", Some("ok ok ok ok ok ok")),
        ("mynetworks = 0.0.0.0/0", Some("ok 454 ok ok ok ok")),
        ("mynetworks = static:all", None),
        ("mynetworks = 127.0.0.0/8 [2001:db8::]/32", None),
        ("mynetworks = ![::]/0, 127.0.0.0/8, [::]/0", None),
        ("mynetworks = 127.0.0.0/8 [::]/0\ninet_protocols = ipv4", None),
        ("mynetworks = 127.0.0.0/8 cidr:{{::/0 yes}}", Some("ok ok ok ok ok ok")),
        (
            "smtpd_client_restrictions = check_client_access cidr:{{::/0 REJECT}}",
            Some("554 554 ok ok 554 554"),
        ),
        (
            "smtpd_client_restrictions = check_client_access cidr:{{10.0.0.0/8 REJECT}}",
            None,
        ),
    ] {
        assert_eq!(by_ipv6(main, "3.7").as_deref(), expected, "{main}");
    }
    // Where the releases in question differ, the usual table stands beside the other: older ones read no table in a list.
    let text = format!("{MAIN}mynetworks = 127.0.0.0/8 cidr:{{{{::/0 yes}}}}\n");
    let inspection = inspect(&intake::split("paste", &text), &Postfix, &Target::default());
    assert_eq!(
        when(&inspection, Circumstance::Ipv6, Channel::Tls).as_deref(),
        Some("ok ?postfix-version ok ok Auth:503 Auth:503")
    );
}

#[test]
fn postscreen_meets_new_clients_itself_where_it_makes_deep_tests() {
    let at_first = |main: &str| {
        let text = format!(
            "==> /etc/postfix/main.cf <==\n{MAIN}{main}\n==> /etc/postfix/master.cf <==\nsmtp inet n - n - 1 postscreen\n\
            smtpd pass - - n - - smtpd\n  -o smtpd_sasl_auth_enable=yes\ntlsproxy unix - - n - 0 tlsproxy\n"
        );
        let mut target = Target::default();
        assert_eq!(target.add("postfix=3.7"), Ok(()));
        let inspection = inspect(&intake::split("paste", &text), &Postfix, &target);
        let at_first = |channel| when(&inspection, Circumstance::FirstContact, channel);
        let both = at_first(Channel::Clear).zip(at_first(Channel::Tls));
        (
            both.map(|(clear, tls)| format!("{clear} | {tls}")),
            over(&inspection, Channel::Tls),
        )
    };
    let usual = "ok 454 ok ok ok ok";
    let no_tls = "Starttls:502 Starttls:502 ok ok Starttls:502 Starttls:502";
    for (main, expected) in [
        ("", None),
        ("postscreen_greet_action = enforce", None),
        (
            "postscreen_pipelining_enable = yes\npostscreen_access_list = permit",
            None,
        ),
        (
            "postscreen_pipelining_enable = yes",
            Some("450 450 ok ok Auth:502 Auth:502 | 450 450 ok ok Auth:502 Auth:502".to_owned()),
        ),
        (
            "postscreen_bare_newline_enable = yes\npostscreen_tls_security_level = none",
            Some(format!("450 450 ok ok Auth:502 Auth:502 | {no_tls}")),
        ),
        (
            "postscreen_non_smtp_command_enable = yes\npostscreen_tls_security_level = encrypt",
            Some("Mail:530 Mail:530 ok ok Auth:502 Auth:502 | 450 450 ok ok Auth:502 Auth:502".to_owned()),
        ),
        (
            "postscreen_allowlist_interfaces = !192.0.2.9, static:all\npostscreen_tls_security_level = none",
            Some(
                "?postscreen-interfaces ?postscreen-interfaces ok ok ?postscreen-interfaces ?postscreen-interfaces | \
                ?postscreen-interfaces ?postscreen-interfaces ok ok ?postscreen-interfaces ?postscreen-interfaces"
                    .to_owned(),
            ),
        ),
    ] {
        assert_eq!(at_first(main), (expected, usual.to_owned()), "{main}");
    }
    // Those who are on the list to be turned away are so whenever they come.
    let (first, always) =
        at_first("postscreen_access_list = permit_mynetworks, reject\npostscreen_denylist_action = drop");
    assert_eq!(
        (first, always.as_str()),
        (None, "Connect:521 Connect:521 ok ok Connect:521 Connect:521")
    );
}

#[test]
fn auth_is_taken_from_those_who_are_not_told_of_it() {
    let inspection = server("smtpd_sasl_exceptions_networks = !192.0.2.0/24, 0.0.0.0/0", "", "3.7");
    let auth = &inspection.server.listeners.first().expect("a listener").auth;
    assert!(auth.before_tls.surely_not() && auth.after_tls.surely_not() && auth.is_hidden_from_some());
    assert_eq!(over(&inspection, Channel::Tls), "ok 454 ok ok ok ok");
    let inspection = server("smtpd_sasl_exceptions_networks = $mynetworks", "", "3.7");
    let auth = &inspection.server.listeners.first().expect("a listener").auth;
    assert!(auth.before_tls.surely() && auth.is_hidden_from_some());
}

#[test]
fn a_certificate_that_is_a_must_keeps_those_out_who_have_none() {
    let starttls = server(
        "smtpd_tls_security_level = encrypt\nsmtpd_tls_req_ccert = yes",
        "",
        "3.7",
    );
    let nobody = "Ehlo:421 Ehlo:421 Ehlo:421 Ehlo:421 Ehlo:421 Ehlo:421";
    assert_eq!(over(&starttls, Channel::Tls), nobody);
    let at_once = server("smtpd_tls_wrappermode = yes\nsmtpd_tls_req_ccert = yes", "", "3.7");
    assert_eq!(over(&at_once, Channel::Tls), nobody.replace("Ehlo", "Connect"));
    // Where TLS is none, neither is the certificate.
    assert_eq!(told("smtpd_tls_req_ccert = yes"), "ok 454 ok ok ok ok");
}

#[test]
fn tables_of_keywords_take_the_place_of_the_list() {
    let tables = "smtpd_discard_ehlo_keyword_address_maps";
    let no_tls = "Starttls:502 Starttls:502 Starttls:502 Starttls:502 Starttls:502 Starttls:502";
    assert_eq!(told(&format!("{tables} = static:starttls")), no_tls);
    let auth = format!("smtpd_discard_ehlo_keywords = starttls\n{tables} = cidr:{{{{0.0.0.0/0 auth, etrn}}}}");
    assert_eq!(told(&auth), "ok 454 ok ok Auth:503 Auth:503");
}

#[test]
fn what_postscreen_stops_at() {
    let is_dead = |main: &str, limit: &str| {
        let text = format!(
            "==> /etc/postfix/main.cf <==\n{MAIN}{main}\n==> /etc/postfix/master.cf <==\n\
            smtp inet n - n - {limit} postscreen\nsmtpd pass - - n - - smtpd\n"
        );
        let inspection = inspect(&intake::split("paste", &text), &Postfix, &Target::default());
        !inspection.server.listeners.first().expect("a listener").is_alive()
    };
    assert!(!is_dead("", "1"));
    assert!(is_dead("", "-") && is_dead("", "0"));
    assert!(is_dead("postscreen_tls_security_level = dane", "1"));
    assert!(is_dead("postscreen_greet_action = refuse", "1") && !is_dead("postscreen_greet_action = Drop", "1"));
}

#[test]
fn a_line_that_may_refuse_does_not_let_anybody_pass() {
    // Whether the name in EHLO holds two letters or not, the list ends in a refusal.
    let list = "check_helo_access regexp:{{/xy/ DEFER}}, check_helo_access static:{571 never}";
    let early = format!("smtpd_delay_reject = no\nsmtpd_sender_restrictions = {list}");
    assert_eq!(told(&early), "Mail:0 Mail:0 Mail:0 Mail:0 Mail:0 Mail:0");
    // A line that may permit leaves it open.
    let open = early.replace("DEFER", "OK");
    assert!(told(&open).starts_with("?table-"), "{}", told(&open));
}
