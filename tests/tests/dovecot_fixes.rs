//! What `fix` writes into Dovecot's files, byte for byte.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]

use smtplint_core::dialects::dovecot::Dovecot;
use smtplint_core::fix::{self, Choice, Fixes, Reason};
use smtplint_core::impact::Impact;
use smtplint_core::source::Sources;
use smtplint_core::{Options, check, intake};

fn options(target: &str) -> Options {
    let mut options = Options::default();
    for target in target.split_whitespace() {
        options.target.add(target).unwrap_or_else(|error| panic!("{error}"));
    }
    options
}

/// Mends what a rule finds, whatever it costs.
fn mend(text: &str, target: &str, rule: &str) -> Fixes {
    let sources = intake::split("dovecot.conf", text);
    let options = options(target);
    let check = |sources: &Sources| check(sources, &Dovecot, &options);
    let choice = Choice {
        check: &check,
        wants: &|finding| finding.rule == rule,
        weigh: &|impact| impact,
        bears: &|_| true,
    };
    let fixes = fix::fix(&sources, &Dovecot, &options, &choice);
    let again = fix::fix(&fixes.after, &Dovecot, &options, &choice);
    assert!(again.done.is_empty(), "{rule} is mended twice:\n{text}");
    fixes
}

/// A configuration with lines that differ, before and after.
fn whole(lines: &str) -> String {
    format!("# Ours.\nprotocols = imap\nssl_cert = </c.pem\nssl_key = </k.pem\n{lines}")
}

#[test]
fn a_setting_is_changed_where_it_decides_or_put_beside_its_kin() {
    for (rule, before, after) in [
        (
            "auth-offered-in-clear",
            "disable_plaintext_auth=no # why\n",
            "disable_plaintext_auth=yes # why\n",
        ),
        (
            "auth-offered-in-clear",
            "disable_plaintext_auth = yes\ndisable_plaintext_auth = \"no\"\n",
            "disable_plaintext_auth = yes\ndisable_plaintext_auth = yes\n",
        ),
        (
            "service-cannot-start",
            "service/imap-login/inet_listener/imap/prt = 1143 # x\nlog_pth = /var/log/mail\n",
            "service/imap-login/inet_listener/imap/port = 1143 # x\nlog_path = /var/log/mail\n",
        ),
        (
            "service-cannot-start",
            "protocol imap {\n\tssl_dhh=</dh.pem # why\n}\n",
            "protocol imap {\n\tssl_dh=</dh.pem # why\n}\n",
        ),
        // For one protocol alone, where that decides.
        (
            "auth-offered-in-clear",
            "protocol imap {\n\tdisable_plaintext_auth = no\n}\ndisable_plaintext_auth = yes\n",
            "protocol imap {\n\tdisable_plaintext_auth = yes\n}\ndisable_plaintext_auth = yes\n",
        ),
        (
            "tls10-enabled",
            "ssl_min_protocol = TLSv1\nssl_cipher_list = ALL:@SECLEVEL=0\n",
            "ssl_min_protocol = TLSv1.2\nssl_cipher_list = ALL:@SECLEVEL=0\n",
        ),
        // The old list would count beside the new name.
        (
            "tls10-enabled",
            "ssl_protocols = !SSLv3\nssl_cipher_list = ALL:@SECLEVEL=0\nauth_mechanisms = plain\n",
            "ssl_cipher_list = ALL:@SECLEVEL=0\nssl_min_protocol = TLSv1.2\nauth_mechanisms = plain\n",
        ),
        (
            "anonymous-sasl-allowed",
            "auth_mechanisms = plain \\\n  anonymous login\nlisten = *\n",
            "auth_mechanisms = plain login\nlisten = *\n",
        ),
        (
            "no-tls-on-submission",
            "ssl = no\ndisable_plaintext_auth = no\n",
            "ssl = required\ndisable_plaintext_auth = no\n",
        ),
        (
            "cbc-ciphers-enabled",
            "# x\n",
            "ssl_cipher_list = ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL\n# x\n",
        ),
    ] {
        let fixes = mend(&whole(before), "dovecot=2.3.19 openssl=3.0", rule);
        let texts: Vec<&str> = fixes.after.iter().map(|(_, source)| source.text()).collect();
        assert_eq!(texts, [whole(after)], "{rule}");
        assert!(
            !fixes.done.is_empty() && fixes.left.is_empty(),
            "{rule}: {:?}",
            fixes.left
        );
        assert_eq!(fixes.reload, "doveconf -n >/dev/null && doveadm reload");
    }
}

#[test]
fn the_language_of_the_release_is_written() {
    let head = "dovecot_config_version = 2.4.0\nprotocols = imap\nssl_server {\n  cert_file = /c.pem\n  key_file = /k.pem\n}\n";
    for (rule, before, after) in [
        (
            "auth-offered-in-clear",
            "auth_allow_cleartext = yes\n",
            "auth_allow_cleartext = no\n",
        ),
        (
            "anonymous-sasl-allowed",
            "auth_mechanisms {\n  anonymous = yes\n}\n",
            "auth_mechanisms {\n  anonymous = no\n}\n",
        ),
    ] {
        let fixes = mend(&format!("{head}{before}"), "dovecot=2.4.1 openssl=3.5", rule);
        let texts: Vec<&str> = fixes.after.iter().map(|(_, source)| source.text()).collect();
        assert_eq!(texts, [format!("{head}{after}")], "{rule}: {:?}", fixes.left);
    }
}

#[test]
fn doors_are_changed_in_their_sections() {
    for (before, after) in [
        // The door's own line.
        (
            "service imap-login {\n  inet_listener imaps {\n    ssl = no\n  }\n}\n",
            "service imap-login {\n  inet_listener imaps {\n    ssl = yes\n  }\n}\n",
        ),
        // A door without the line, written as a name with a path.
        (
            "service submission-login {\n\n  inet_listener extra { # ours\n    port = 465\n  }\n}\n",
            "service submission-login {\n\n  inet_listener extra { # ours\n    ssl = yes\n    port = 465\n  }\n}\n",
        ),
    ] {
        let text = |lines: &str| whole(lines).replace("protocols = imap", "protocols = imap submission");
        let fixes = mend(
            &text(before),
            "dovecot=2.3.19 openssl=3.0",
            "implicit-port-without-wrapper",
        );
        let texts: Vec<&str> = fixes.after.iter().map(|(_, source)| source.text()).collect();
        assert_eq!(texts, [text(after)], "{:?}", fixes.left);
    }
}

#[test]
fn the_file_that_decides_is_the_one_that_changes() {
    let text = "==> /etc/dovecot/dovecot.conf <==\nprotocols = imap\n!include conf.d/*.conf\n\
                ==> /etc/dovecot/conf.d/10-auth.conf <==\n#disable_plaintext_auth = yes\ndisable_plaintext_auth = no\r\n\
                ==> /etc/dovecot/conf.d/10-ssl.conf <==\nssl = yes\nssl_cert = </c.pem\nssl_key = </k.pem\n";
    let fixes = mend(text, "dovecot=2.3.19 openssl=3.0", "auth-offered-in-clear");
    let changed: Vec<&str> = fixes.after.iter().map(|(_, source)| source.text()).collect();
    assert_eq!(
        changed[1],
        "#disable_plaintext_auth = yes\ndisable_plaintext_auth = yes\r\n"
    );
    let fixes = mend(text, "dovecot=2.3.13 openssl=1.1.1", "tls10-enabled");
    let changed: Vec<&str> = fixes.after.iter().map(|(_, source)| source.text()).collect();
    assert_eq!(
        changed[2], "ssl = yes\nssl_cert = </c.pem\nssl_key = </k.pem\nssl_min_protocol = TLSv1.2\n",
        "{:?}",
        fixes.left
    );
}

#[test]
fn what_is_not_written_is_said_to_be_so() {
    let why = |text: &str, target: &str, rule: &str| {
        let fixes = mend(text, target, rule);
        assert!(fixes.done.is_empty(), "{text}");
        fixes
            .left
            .iter()
            .map(fix::Left::reason_spoken)
            .collect::<Vec<_>>()
            .join("; ")
    };
    let clear = whole("disable_plaintext_auth = no\n");
    let rule = "auth-offered-in-clear";
    // A print-out is not the file.
    let printed = format!("# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf\n{clear}");
    let said = why(&printed, "openssl=3.0", rule);
    assert_eq!(
        said,
        "this belongs in dovecot.conf, or in a file that it includes, which was not given"
    );
    let said = why(
        &format!("# This file is managed by Ansible.\n{clear}"),
        "dovecot=2.3.19 openssl=3.0",
        rule,
    );
    assert!(said.contains("Ansible"), "{said}");
    // Only the person has a certificate.
    let said = why(
        "protocols = imap\n",
        "dovecot=2.3.19 openssl=3.0",
        "service-cannot-start",
    );
    assert!(said.contains("yours to choose") || said.contains("explain"), "{said}");
}

/// Why what a rule finds is left where nobody is to lose anything.
fn held_back(text: &str, target: &str, rule: &str) -> Vec<String> {
    let sources = intake::split("dovecot.conf", text);
    let options = options(target);
    let check = |sources: &Sources| check(sources, &Dovecot, &options);
    let choice = Choice {
        check: &check,
        wants: &|finding| finding.rule == rule,
        weigh: &|impact| impact,
        bears: &Impact::is_none,
    };
    let fixes = fix::fix(&sources, &Dovecot, &options, &choice);
    assert!(
        fixes.done.is_empty(),
        "{rule} is mended, and costs somebody something:\n{text}"
    );
    let costs = |reason: &Reason| match reason {
        Reason::Costs(impact) => impact.spoken(),
        other => panic!("{rule}: {other:?}"),
    };
    fixes.left.iter().flat_map(|left| costs(&left.reason)).collect()
}

#[test]
fn whoever_sends_the_password_in_clear_is_not_shut_out_unasked() {
    let lines = "ssl = yes\ndisable_plaintext_auth = no\n";
    for mechanisms in ["plain login", "plain login cram-md5"] {
        let text = whole(&format!("{lines}auth_mechanisms = {mechanisms}\n"));
        assert_eq!(
            held_back(&text, "dovecot=2.3.19", "auth-offered-in-clear"),
            ["port 143 (imap): users whose clients send or log in without TLS are turned away"],
            "{mechanisms}"
        );
    }
}

#[test]
fn whoever_may_need_an_old_version_is_not_shut_out_unasked() {
    let text = whole("ssl = required\nssl_min_protocol = TLSv1\n");
    let perhaps =
        "clients that speak only TLS 1.0 and TLS 1.1 cannot connect with TLS (perhaps: an open question decides)";
    assert_eq!(
        held_back(&text, "dovecot=2.3.19", "tls10-enabled"),
        [format!("port 143 (imap) and port 993 (imaps): {perhaps}")]
    );
    // Where it is known that they are offered, it is no matter of luck.
    let text = whole("ssl = required\nssl_min_protocol = TLSv1\nssl_cipher_list = ALL:@SECLEVEL=0\n");
    let lost = held_back(&text, "dovecot=2.3.19 openssl=3.0", "tls10-enabled").concat();
    assert!(
        lost.contains("TLS 1.0 and TLS 1.1") && !lost.contains("perhaps"),
        "{lost}"
    );
}

#[test]
fn the_line_of_a_login_tells_its_port_and_its_version_of_tls() {
    let doors = "service submission-login {\n  inet_listener submissions {\n    port = 465\n    ssl = yes\n  }\n}\n";
    let old = "protocols = submission\nssl = required\nssl_cert = </c.pem\nssl_key = </k.pem\n";
    let new = "dovecot_config_version = 2.4.0\nprotocols = submission\nssl = required\nssl_server_cert_file = /c.pem\n\
               ssl_server_key_file = /k.pem\n";
    for (target, head, written, line) in [
        (
            "dovecot=2.3.19",
            old,
            "",
            "login_log_format_elements = user=<%u> method=%m rip=%r lip=%l mpid=%e %c session=<%{session}> %k lport=%a\n",
        ),
        // What is there stays, and comes once.
        (
            "dovecot=2.3.19",
            old,
            "login_log_format_elements = %k user=<%u> rip=%r\n",
            "login_log_format_elements = %k user=<%u> rip=%r lport=%a\n",
        ),
        (
            "dovecot=2.3.19",
            old,
            "login_log_format_elements = user=<%u>, %k\n",
            "login_log_format_elements = user=<%u>, %k lport=%a\n",
        ),
        (
            "dovecot=2.4.1",
            new,
            "",
            "%{secured} session=<%{session}> %{ssl_security} lport=%{local_port}\n",
        ),
    ] {
        let after = mend(&format!("{head}{written}{doors}"), target, "no-usage-evidence").after;
        let after: String = after.iter().map(|(_, source)| source.text()).collect();
        assert!(after.contains(line), "{target}: {after}");
        assert_eq!(after.matches("login_log_format_elements").count(), 1, "{after}");
    }
}

#[test]
fn of_two_lines_that_set_the_same_nobody_knows_which_is_meant() {
    for lines in [
        "ssl = required\nSSL = yes\n",
        "log_pth = /var/log/a\nlog_paht = /var/log/b\n",
        "log_path = /var/log/a\nlog_paht = /var/log/b\n",
    ] {
        let fixes = mend(&whole(lines), "dovecot=2.3.19", "service-cannot-start");
        assert!(fixes.done.is_empty(), "{lines}");
        assert!(
            matches!(fixes.left.first().map(|left| &left.reason), Some(Reason::Blocked(_))),
            "{lines}: {:?}",
            fixes.left
        );
    }
}
