//! Who can log in, whose word is taken and what is relayed for whom: what each rule says of what Postfix was seen to do.

#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

use smtplint_core::finding::{Confidence, Severity};
use smtplint_core::{Options, Report, intake};

/// The judgement of settings beside which a careful server stands.
fn judged(text: &str) -> Report {
    let usual = "compatibility_level = 3.6\nmynetworks = 127.0.0.0/8\nsmtpd_tls_security_level = may\n\
        smtpd_tls_chain_files = /etc/ssl/mail/key.pem, /etc/ssl/mail/chain.pem\n";
    let sources = intake::split("paste", &format!("{usual}{text}"));
    smtplint_core::check(
        &sources,
        &smtplint_core::dialects::postfix::Postfix,
        &Options::default(),
    )
}

/// How bad a rule finds it, the worst first; what depends on a question stands behind.
fn severity(rule: &str, text: &str) -> Option<(Severity, Confidence)> {
    let report = judged(text);
    let found = report.findings.iter().find(|one| one.rule == rule);
    found.map(|one| (one.severity, one.confidence))
}

const CERTAIN: Confidence = Confidence::Certain;
const DEPENDS: Confidence = Confidence::Depends;

/// The port for users, with options of its own.
fn submission(options: &[&str]) -> String {
    let lines: String = options.iter().map(|option| format!("  -o {option}\n")).collect();
    format!("submission inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n{lines}")
}

#[test]
fn a_check_of_senders_counts_where_users_arrive_at_it() {
    let rule = "sender-spoofing-by-authenticated-users";
    let none = Some((Severity::Info, CERTAIN));
    let dead = Some((Severity::Medium, CERTAIN));
    let refuses = Some((Severity::High, CERTAIN));
    let owned = "smtpd_sender_login_maps=hash:/etc/postfix/owners";
    for (options, expected) in [
        (vec![], none),
        (
            vec![owned, "smtpd_sender_restrictions=reject_sender_login_mismatch"],
            None,
        ),
        (
            vec![
                owned,
                "smtpd_sender_restrictions=permit_mynetworks,reject_sender_login_mismatch",
            ],
            None,
        ),
        (
            vec![
                owned,
                "smtpd_sender_restrictions=permit_sasl_authenticated,reject_sender_login_mismatch",
            ],
            dead,
        ),
        (
            vec![
                owned,
                "smtpd_sender_restrictions=permit,reject_authenticated_sender_login_mismatch",
            ],
            dead,
        ),
        (
            vec![owned, "smtpd_data_restrictions=reject_sender_login_mismatch"],
            None,
        ),
        (
            vec![owned, "smtpd_end_of_data_restrictions=reject_sender_login_mismatch"],
            None,
        ),
        (
            vec![owned, "smtpd_client_restrictions=reject_sender_login_mismatch"],
            None,
        ),
        (
            vec![
                owned,
                "smtpd_sender_restrictions=warn_if_reject,reject_sender_login_mismatch",
            ],
            none,
        ),
        (
            vec![
                owned,
                "smtpd_sender_restrictions=reject_unauthenticated_sender_login_mismatch",
            ],
            none,
        ),
        (
            vec![
                owned,
                "smtpd_restriction_classes=own",
                "own=reject_sender_login_mismatch",
                "smtpd_sender_restrictions=own",
            ],
            None,
        ),
        (vec!["smtpd_sender_restrictions=reject_sender_login_mismatch"], refuses),
        (
            vec!["smtpd_sender_restrictions=reject_authenticated_sender_login_mismatch"],
            refuses,
        ),
        (
            vec!["smtpd_sender_restrictions=reject_known_sender_login_mismatch"],
            dead,
        ),
        (
            vec!["smtpd_sender_restrictions=reject_unauthenticated_sender_login_mismatch"],
            none,
        ),
    ] {
        let all = [vec!["smtpd_sasl_auth_enable=yes"], options.clone()].concat();
        assert_eq!(severity(rule, &submission(&all)), expected, "{options:?}");
    }
}

#[test]
fn on_port_25_a_late_check_of_senders_still_stops_strangers() {
    let rule = "sender-spoofing-by-authenticated-users";
    let text = |check: &str| {
        format!(
            "smtpd_sasl_auth_enable = yes\nsmtpd_tls_auth_only = yes\nsmtpd_sender_login_maps = hash:/x\n\
            smtpd_sender_restrictions = permit_sasl_authenticated, {check}\nsmtp inet n - n - - smtpd\n"
        )
    };
    assert_eq!(severity(rule, &text("reject_sender_login_mismatch")), None);
    let dead = Some((Severity::Medium, CERTAIN));
    assert_eq!(
        severity(rule, &text("reject_authenticated_sender_login_mismatch")),
        dead
    );
}

#[test]
fn a_port_for_users_without_auth() {
    let rule = "auth-missing-on-submission";
    let say = |severity| Some((severity, CERTAIN));
    for (options, expected) in [
        (vec![], say(Severity::High)),
        (
            vec!["smtpd_client_restrictions=permit_mynetworks,reject"],
            say(Severity::Info),
        ),
        (vec!["smtpd_sasl_auth_enable=yes"], None),
        (
            vec!["smtpd_sasl_auth_enable=yes", "smtpd_discard_ehlo_keywords=auth"],
            say(Severity::High),
        ),
        (vec!["smtpd_authorized_xclient_hosts=192.0.2.1"], None),
        (
            vec![
                "smtpd_tls_ask_ccert=yes",
                "smtpd_relay_restrictions=permit_tls_clientcerts,reject",
            ],
            None,
        ),
        (
            vec![
                "smtpd_sasl_auth_enable=yes",
                "smtpd_tls_security_level=none",
                "smtpd_tls_auth_only=yes",
            ],
            None,
        ),
    ] {
        assert_eq!(severity(rule, &submission(&options)), expected, "{options:?}");
    }
}

#[test]
fn domains_that_strangers_can_send_to() {
    let rule = "relay-domains-catchall";
    let top = Some((Severity::High, CERTAIN));
    let all = Some((Severity::Critical, CERTAIN));
    for (main, expected) in [
        ("relay_domains = static:all", all),
        ("relay_domains = !example.com, static:{any thing}", all),
        ("relay_domains = *", None),
        ("relay_domains = .*", None),
        ("relay_domains = STATIC:all", None),
        ("relay_domains = com", top),
        ("relay_domains = .com", None),
        ("relay_domains = .com\nparent_domain_matches_subdomains =", top),
        ("relay_domains = com\nparent_domain_matches_subdomains =", None),
        ("relay_domains = example.com, lan, !org", None),
        (
            "relay_domains = static:all\nrelay_recipient_maps = hash:/etc/postfix/users",
            None,
        ),
        (
            "relay_domains = static:all\nsmtpd_client_restrictions = permit_sasl_authenticated, reject",
            None,
        ),
        ("relay_domains = hash:/etc/postfix/domains", None),
    ] {
        assert_eq!(
            severity(rule, &format!("{main}\nsmtp inet n - n - - smtpd\n")),
            expected,
            "{main}"
        );
    }
    // A table of patterns in the list itself is read since 3.7.
    let text = "relay_domains = regexp:{{/./ OK}}\nsmtp inet n - n - - smtpd\n";
    assert_eq!(severity(rule, text), Some((Severity::Critical, DEPENDS)));
    // trivial-rewrite asks main.cf, not the service.
    assert_eq!(
        severity(rule, "smtp inet n - n - - smtpd\n  -o relay_domains=static:all\n"),
        None
    );
}

#[test]
fn whose_word_is_taken() {
    let rule = "proxy-protocol-unrestricted";
    for (main, service, expected) in [
        (
            "smtpd_authorized_xclient_hosts = 0.0.0.0/0",
            "smtp",
            Some((Severity::Critical, CERTAIN)),
        ),
        (
            "smtpd_authorized_xclient_hosts = static:all",
            "smtp",
            Some((Severity::Critical, CERTAIN)),
        ),
        (
            "smtpd_authorized_xclient_hosts = 198.51.0.0/16",
            "smtp",
            Some((Severity::High, CERTAIN)),
        ),
        ("smtpd_authorized_xclient_hosts = 192.0.2.1, 10.0.0.0/8", "smtp", None),
        ("smtpd_authorized_xclient_hosts = 0.0.0.0/0", "127.0.0.1:smtp", None),
        (
            "smtpd_authorized_xforward_hosts = 0.0.0.0/0",
            "smtp",
            Some((Severity::Low, CERTAIN)),
        ),
        (
            "smtpd_upstream_proxy_protocol = haproxy",
            "smtp",
            Some((Severity::High, DEPENDS)),
        ),
        ("smtpd_upstream_proxy_protocol = haproxy", "127.0.0.1:10025", None),
        (
            "smtpd_upstream_proxy_protocol = haproxy\nsmtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination",
            "smtp",
            Some((Severity::Info, DEPENDS)),
        ),
    ] {
        assert_eq!(
            severity(rule, &format!("{main}\n{service} inet n - n - - smtpd\n")),
            expected,
            "{main} at {service}"
        );
    }
    // One service's address is no other's.
    let two =
        "smtpd_upstream_proxy_protocol = haproxy\n127.0.0.1:10025 inet n - n - - smtpd\nsmtp inet n - n - - smtpd\n";
    assert_eq!(severity(rule, two), Some((Severity::High, DEPENDS)));
    let screened =
        "postscreen_upstream_proxy_protocol = haproxy\nsmtp inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\n";
    assert_eq!(severity(rule, screened), Some((Severity::High, DEPENDS)));
}

#[test]
fn certificates_that_anybody_can_get() {
    let rule = "tls-clientcerts-all-relay";
    let high = Some((Severity::High, CERTAIN));
    let bundle = "smtpd_tls_CAfile=/etc/ssl/certs/ca-certificates.crt";
    let (ask, relay) = (
        "smtpd_tls_ask_ccert=yes",
        "smtpd_relay_restrictions=permit_tls_all_clientcerts,reject",
    );
    for (options, expected, waits) in [
        (vec![ask, relay, bundle], high, false),
        (vec!["smtpd_tls_req_ccert=yes", relay, bundle], high, false),
        (vec![ask, relay, "smtpd_tls_CApath=/etc/ssl/certs/"], high, false),
        (vec![relay, bundle], None, false),
        (vec![ask, relay], None, false),
        (vec![ask, relay, "tls_append_default_CA=yes"], None, false),
        (vec![ask, relay, "smtpd_tls_CAfile=/etc/postfix/ca.pem"], None, true),
        (
            vec![
                ask,
                relay,
                "smtpd_tls_CAfile=/etc/postfix/ca.pem",
                "tls_append_default_CA=yes",
            ],
            high,
            false,
        ),
        (
            vec![
                ask,
                relay,
                bundle,
                "smtpd_recipient_restrictions=permit_mynetworks,reject_unauth_destination",
            ],
            None,
            false,
        ),
    ] {
        let text = submission(&options);
        assert_eq!(severity(rule, &text), expected, "{options:?}");
        let asked = judged(&text)
            .questions
            .iter()
            .any(|question| question.unlocks.iter().any(|one| one == rule));
        assert_eq!(asked, waits, "{options:?}");
    }
}

#[test]
fn passwords_on_their_way_to_another_machine() {
    let rule = "unencrypted-sasl-backend";
    for (path, expected) in [
        ("private/auth", None),
        ("inet:127.0.0.1:12345", None),
        ("inet:localhost:12345", None),
        ("inet:[::1]:12345", None),
        ("inet:12345", None),
        ("inet:dovecot:12345", Some((Severity::Low, CERTAIN))),
        ("inet:10.0.0.7:12345", Some((Severity::Low, CERTAIN))),
        ("inet:192.0.2.7:12345", Some((Severity::Medium, CERTAIN))),
        ("inet:imap.example.org:12345", Some((Severity::Medium, CERTAIN))),
    ] {
        let path = format!("smtpd_sasl_path={path}");
        let text = submission(&["smtpd_sasl_auth_enable=yes", "smtpd_sasl_type=dovecot", &path]);
        assert_eq!(severity(rule, &text), expected, "{path}");
    }
    let cyrus = submission(&["smtpd_sasl_auth_enable=yes", "smtpd_sasl_path=inet:192.0.2.7:12345"]);
    assert_eq!(severity(rule, &cyrus), None);
}

#[test]
fn options_for_mechanisms() {
    let auth = "smtpd_sasl_auth_enable=yes";
    let anonymous = |options: &str| severity("anonymous-sasl-allowed", &submission(&[auth, options]));
    assert_eq!(anonymous("smtpd_sasl_security_options=noanonymous"), None);
    assert_eq!(
        anonymous("smtpd_sasl_security_options=noplaintext"),
        Some((Severity::Low, DEPENDS))
    );
    assert_eq!(
        anonymous("smtpd_sasl_tls_security_options="),
        Some((Severity::Low, DEPENDS))
    );
    // The filter hides the name, and smtpd takes it.
    let hidden = submission(&[
        auth,
        "smtpd_sasl_security_options=",
        "smtpd_sasl_mechanism_filter=plain,login",
    ]);
    assert_eq!(
        severity("anonymous-sasl-allowed", &hidden),
        Some((Severity::Low, DEPENDS))
    );
    let weak = |filter: &str| severity("weak-or-obsolete-mechanisms", &submission(&[auth, filter]));
    assert_eq!(
        weak("smtpd_sasl_mechanism_filter=plain,NTLM"),
        Some((Severity::Low, CERTAIN))
    );
    assert_eq!(weak("smtpd_sasl_mechanism_filter=!cram-md5,static:rest"), None);
}

#[test]
fn the_level_matters_where_something_unseen_may_permit() {
    let rule = "legacy-compat-level";
    let say = |severity| Some((severity, CERTAIN));
    let recipients = |words: &str| {
        format!("compatibility_level = 0\nsmtpd_recipient_restrictions = {words}\nsmtp inet n - n - - smtpd\n")
    };
    for (words, expected) in [
        (
            "check_client_access hash:/x, reject_unauth_destination",
            say(Severity::Medium),
        ),
        (
            "check_policy_service inet:127.0.0.1:10023, reject_unauth_destination",
            say(Severity::Medium),
        ),
        (
            "permit_mynetworks, reject_unauth_destination, check_client_access hash:/x",
            say(Severity::Info),
        ),
        (
            "check_recipient_access hash:/x, reject_unauth_destination",
            say(Severity::Info),
        ),
        // Nobody is served: that is told as what it is.
        ("permit_mynetworks", None),
    ] {
        assert_eq!(severity(rule, &recipients(words)), expected, "{words}");
    }
    assert_eq!(severity(rule, "smtp inet n - n - - smtpd\n"), None);
    assert_eq!(
        severity(rule, "compatibility_level = 2\nsmtp inet n - n - - smtpd\n"),
        None
    );
}

#[test]
fn who_sends_for_the_world_is_told_whatever_the_port_is_for() {
    let critical = Some((Severity::Critical, CERTAIN));
    let closed = "smtpd_client_restrictions = permit_mynetworks, reject\n";
    for (networks, expected) in [
        ("0.0.0.0/0", critical),
        ("0.0.0.0/1, 128.0.0.0/1", critical),
        ("10.0.0.0/8", None),
    ] {
        let text = format!("mynetworks = {networks}\n{closed}smtp inet n - n - - smtpd\n");
        assert_eq!(severity("trusted-networks-too-wide", &text), expected, "{networks}");
        assert_eq!(
            severity("open-relay", &text),
            None,
            "{networks}: one cause, one finding"
        );
    }
    let own = format!("mynetworks = 0.0.0.0/0\n{closed}127.0.0.1:smtp inet n - n - - smtpd\n");
    assert_eq!(severity("trusted-networks-too-wide", &own), None);
    let all = "relay_domains = static:all\nsmtp inet n - n - - smtpd\n";
    assert_eq!(severity("relay-domains-catchall", all), critical);
    assert_eq!(severity("open-relay", all), None);
}

#[test]
fn a_stock_installation_is_quiet() {
    // Open to smuggled mail before 3.9 indeed: the one thing that is said of it.
    let exceptions = ["smtp-smuggling"];
    let debian = "smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)\nbiff = no\nappend_dot_mydomain = no\n\
        compatibility_level = 3.6\nsmtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem\n\
        smtpd_tls_key_file=/etc/ssl/private/ssl-cert-snakeoil.key\nsmtpd_tls_security_level=may\n\
        mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128\ninet_interfaces = all\n";
    let upstream = "compatibility_level = 3.6\nunknown_local_recipient_reject_code = 550\n";
    for main in [debian, upstream] {
        let sources = intake::split("paste", &format!("{main}smtp inet n - y - - smtpd\n"));
        let postfix = &smtplint_core::dialects::postfix::Postfix;
        let report = smtplint_core::check(&sources, postfix, &Options::default());
        let worse = report.findings.iter().filter(|one| one.severity >= Severity::Medium);
        let loud: Vec<&str> = worse
            .map(|one| one.rule)
            .filter(|rule| !exceptions.contains(rule))
            .collect();
        assert_eq!(loud, [""; 0], "{main}");
    }
}
