//! What `fix` writes into Exim's files, byte for byte.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]

use smtplint_core::dialects::exim::Exim;
use smtplint_core::fix::{self, Choice, Fixes, Reason};
use smtplint_core::impact::Impact;
use smtplint_core::source::Sources;
use smtplint_core::{Options, check, intake};

/// Mends what a rule finds in files as they are pasted; `bears` tells which costs are taken.
fn mended(pasted: &str, target: &str, rule: &str, bears: &dyn Fn(&Impact) -> bool) -> Fixes {
    let sources = intake::split("exim.conf", pasted);
    let mut options = Options::default();
    for target in target.split_whitespace() {
        options.target.add(target).unwrap_or_else(|error| panic!("{error}"));
    }
    let check = |sources: &Sources| check(sources, &Exim, &options);
    let choice = Choice {
        check: &check,
        wants: &|finding| finding.rule == rule,
        weigh: &|impact| impact,
        bears,
    };
    let fixes = fix::fix(&sources, &Exim, &options, &choice);
    let again = fix::fix(&fixes.after, &Exim, &options, &choice);
    assert!(again.done.is_empty(), "{rule} is mended twice:\n{pasted}");
    fixes
}

const DEBIAN: &str = "debian=12";

fn texts(fixes: &Fixes) -> Vec<String> {
    fixes.after.iter().map(|(_, source)| source.text().to_owned()).collect()
}

const HEAD: &str = "# Ours.\nprimary_hostname = mail.example.org\ndaemon_smtp_ports = 25 : 587\ntls_certificate = /c.pem\n\
    tls_privatekey = /k.pem\n";

const LISTS: &str = "acl_smtp_rcpt = check\nbegin acl\n# Who may send where.\ncheck:\n  accept authenticated = *\n  require domains = example.org\n  \
    accept\nbegin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n  \
    server_condition = ${lookup{$auth2}lsearch{/etc/exim/passwd}{${if crypteq{$auth3}{$value}}}}\n";

#[test]
fn an_option_is_changed_where_it_stands_or_put_beside_its_kin() {
    for (rule, before, after) in [
        (
            "no-opportunistic-tls-on-mx",
            "tls_advertise_hosts =\n",
            "tls_advertise_hosts = *\n",
        ),
        (
            "no-opportunistic-tls-on-mx",
            "tls_advertise_hosts=10.0.0.0/8 # no comment\n",
            "tls_advertise_hosts=*\n",
        ),
        (
            "unauth-pipelining-allowed",
            "no_smtp_enforce_sync\n",
            "smtp_enforce_sync = true\n",
        ),
        (
            "banner-discloses-version",
            "hide smtp_banner = $primary_hostname \\\n  # between\n  ESMTP $version_number\nqueue_only\n",
            "hide smtp_banner = $smtp_active_hostname ESMTP\n  # between\nqueue_only\n",
        ),
        (
            "service-cannot-start",
            "hide tls_requre_ciphers=\"NORMAL\"\n",
            "hide tls_require_ciphers=\"NORMAL\"\n",
        ),
        (
            "service-cannot-start",
            "no_write_rejectlogs\nsmtp_acept_max = 9\n",
            "no_write_rejectlog\nsmtp_accept_max = 9\n",
        ),
        // A line within a condition goes when the condition does.
        (
            "banner-discloses-version",
            "SLOW = yes\nsmtp_accept_max = 9\n.ifdef SLOW\nsmtp_receive_timeout = 9s\n.endif\n",
            "SLOW = yes\nsmtp_accept_max = 9\nsmtp_banner = $smtp_active_hostname ESMTP\n.ifdef SLOW\nsmtp_receive_timeout = 9s\n.endif\n",
        ),
        (
            "tls10-enabled",
            "tls_require_ciphers = NORMAL:+VERS-TLS1.0\n",
            "tls_require_ciphers = NORMAL:-VERS-TLS1.0:-VERS-TLS1.1\n",
        ),
        (
            "tls12-disabled",
            "tls_require_ciphers = NONE:+SECURE128:+VERS-TLS1.3\n",
            "tls_require_ciphers = NONE:+SECURE128:+VERS-TLS1.2:+VERS-TLS1.3\n",
        ),
    ] {
        let whole = |lines: &str| format!("{HEAD}{lines}{LISTS}");
        let fixes = mended(&whole(before), DEBIAN, rule, &|_| true);
        let left: Vec<String> = fixes.left.iter().map(|left| left.reason_spoken()).collect();
        assert_eq!(texts(&fixes), [whole(after)], "{rule}: {left:?}");
        assert_eq!(fixes.reload, "exim -bV && systemctl reload exim4");
    }
}

#[test]
fn with_openssl_its_own_option_is_written() {
    let text = format!("{HEAD}tls_require_ciphers = ALL:@SECLEVEL=0\nopenssl_options = -no_tlsv1 +no_sslv2\n{LISTS}");
    let fixes = mended(&text, "exim=4.96 openssl=3.0", "tls10-enabled", &|_| true);
    let wanted = "openssl_options = +no_sslv2 +no_sslv3 +no_tlsv1 +no_tlsv1_1";
    assert_eq!(
        texts(&fixes),
        [text.replace("openssl_options = -no_tlsv1 +no_sslv2", wanted)]
    );
}

#[test]
fn ports_are_added_to_the_list_as_it_is_written() {
    for (before, after) in [
        (
            "daemon_smtp_ports = smtp",
            "daemon_smtp_ports = smtp : 465\ntls_on_connect_ports = 465",
        ),
        (
            "daemon_smtp_ports = <; 25",
            "daemon_smtp_ports = <; 25 ; 465\ntls_on_connect_ports = 465",
        ),
    ] {
        let whole =
            |ports: &str| format!("primary_hostname = mail.example.org\ntls_certificate = /c.pem\n{ports}\n{LISTS}");
        let fixes = mended(&whole(before), DEBIAN, "no-submission-service", &|_| true);
        let found = texts(&fixes).concat();
        for line in after.lines() {
            assert!(found.lines().any(|one| one == line), "{line}:\n{found}");
        }
    }
}

#[test]
fn statements_stand_at_the_top_of_the_list_once_for_all_their_ports() {
    let head = HEAD.replace("25 : 587", "25 : 465 : 587\ntls_on_connect_ports = 465");
    let main = format!("{head}auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}\n");
    let fixes = mended(
        &format!("{main}{LISTS}"),
        DEBIAN,
        "auth-not-required-on-submission",
        &|_| true,
    );
    let statement = "\ncheck:\n  deny\n    message    = 530 5.7.0 Authentication required\n    \
        condition  = ${if inlist{$received_port}{465 : 587}}\n    !authenticated = *\n";
    assert_eq!(
        texts(&fixes),
        [format!("{main}{}", LISTS.replace("\ncheck:\n", statement))]
    );
}

#[test]
fn whoever_logs_in_without_tls_is_not_shut_out_unasked() {
    let text = format!("{HEAD}{LISTS}");
    let fixes = mended(&text, DEBIAN, "auth-offered-in-clear", &Impact::is_none);
    assert_eq!(texts(&fixes), std::slice::from_ref(&text));
    assert!(
        fixes.left.iter().all(|left| matches!(left.reason, Reason::Costs(_))),
        "{:?}",
        fixes.left
    );
    let fixes = mended(&text, DEBIAN, "auth-offered-in-clear", &|_| true);
    let found = texts(&fixes).concat();
    let wanted = "auth_advertise_hosts = ${if eq{$received_port}{25}{}{${if def:tls_in_cipher {*}}}}\n";
    assert!(found.contains(wanted), "{found}");
}

#[test]
fn debians_answers_are_written_where_a_list_comes_from_them() {
    let answers = "dc_eximconfig_configtype='internet'\ndc_other_hostnames='example.org'\ndc_relay_nets='0.0.0.0/0 ; 10.0.0.0/8'\n";
    let pasted = format!("==> update-exim4.conf.conf <==\n{answers}");
    let fixes = mended(&pasted, DEBIAN, "trusted-networks-too-wide", &|_| true);
    assert_eq!(texts(&fixes), [answers.replace("0.0.0.0/0 ; ", "")]);
    let parts = "hostlist relay_from_hosts = MAIN_RELAY_NETS\ndomainlist local_domains = MAIN_LOCAL_DOMAINS\nacl_smtp_rcpt = check\n\
        begin acl\ncheck:\n  accept hosts = +relay_from_hosts\n  require domains = +local_domains\n  accept\n";
    let pasted = format!("==> exim4.conf.template <==\n{parts}==> update-exim4.conf.conf <==\n{answers}");
    let fixes = mended(&pasted, DEBIAN, "trusted-networks-too-wide", &|_| true);
    assert_eq!(texts(&fixes), [parts.to_owned(), answers.replace("0.0.0.0/0 ; ", "")]);
}

#[test]
fn an_address_that_stays_alone_in_an_answer_is_whole() {
    let answers = "dc_eximconfig_configtype='internet'\ndc_other_hostnames='example.org'\ndc_relay_nets='0.0.0.0/0 ; 2001:db8::/64'\n";
    let pasted = format!("==> update-exim4.conf.conf <==\n{answers}");
    let fixes = mended(&pasted, DEBIAN, "trusted-networks-too-wide", &|_| true);
    // Debian puts it into a list that colons part.
    assert_eq!(
        texts(&fixes),
        [answers.replace("0.0.0.0/0 ; 2001:db8::/64", "2001::db8::::/64")]
    );
}

#[test]
fn what_cannot_be_written_is_left_with_its_reason() {
    let lists = LISTS.replace("  require domains = example.org\n", "");
    for (rule, text, why) in [
        (
            "auth-offered-in-clear",
            format!("{HEAD}auth_advertise_hosts = ${{if eq{{\\a}}{{b}}{{}}{{*}}}}\n{LISTS}"),
            "a backslash protects",
        ),
        (
            "auth-not-required-on-submission",
            format!(
                "{HEAD}auth_advertise_hosts = ${{if def:tls_in_cipher {{*}}}}\n{}",
                LISTS.replace("check\nbegin", "${if eq{$received_port}{587}{check}{accept}}\nbegin")
            ),
            "that list is not plain",
        ),
        ("open-relay", format!("{HEAD}{lists}"), "only you know"),
        (
            "no-submission-service",
            format!(
                "primary_hostname = a.example.org\ntls_certificate = /c.pem\nlocal_interfaces = 192.0.2.1.25\n{LISTS}"
            ),
            "each address has its own port",
        ),
        (
            "trusted-networks-too-wide",
            format!(
                "{HEAD}{}",
                LISTS.replace("accept authenticated = *", "accept hosts = 0.0.0.0/0")
            ),
            "in no list of hosts",
        ),
        (
            "no-opportunistic-tls-on-mx",
            format!("Exim version 4.96 #2 built 01-Jan-2024\n{HEAD}tls_advertise_hosts =\n{LISTS}"),
            "",
        ),
    ] {
        let fixes = mended(&text, DEBIAN, rule, &|_| true);
        let told: Vec<String> = fixes.left.iter().map(|left| left.reason_spoken()).collect();
        assert!(
            fixes.done.is_empty() && told.iter().any(|reason| reason.contains(why)),
            "{rule}: {told:?}"
        );
    }
}

#[test]
fn passwords_are_hidden_where_no_statement_can_be_put_in() {
    let lists = LISTS.replace("check\nbegin", "${if eq{$received_port}{587}{check}{accept}}\nbegin");
    let fixes = mended(
        &format!("{}{lists}", HEAD.replace("25 : 587", "587")),
        DEBIAN,
        "auth-offered-in-clear",
        &|_| true,
    );
    let found = texts(&fixes).concat();
    assert!(
        found.contains("= ${if def:tls_in_cipher {*}}\n") && !found.contains("deny"),
        "{found}"
    );
}

#[test]
fn a_transport_is_told_where_it_stands() {
    let text = |port: &str, options: &str| {
        format!(
            "{HEAD}{LISTS}  client_send = ^alice^secret\nbegin routers\nout:\n  driver = manualroute\n  domains = !example.org\n  \
             route_list = * smtp.example.net::{port} byname\n  transport = out\nbegin transports\n# By hand.\nout:\n    driver = smtp\n{options}    \
             hosts_try_auth = *\n"
        )
    };
    for (port, before, after) in [
        ("587", "", "    hosts_require_tls = *\n"),
        (
            "587",
            "    hosts_require_tls = ! smtp.example.net : *\n",
            "    hosts_require_tls = *\n",
        ),
        (
            "587",
            "    hosts_avoid_tls = *\n",
            "    hosts_require_tls = *\n    hosts_avoid_tls =\n",
        ),
        ("465", "", "    protocol = smtps\n"),
    ] {
        let fixes = mended(
            &text(port, before),
            DEBIAN,
            "outbound-smarthost-tls-not-required",
            &|_| true,
        );
        assert_eq!(texts(&fixes), [text(port, after)], "{before}");
    }
}
