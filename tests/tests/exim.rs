//! What is said of Exim is what clients of the real server meet. The lab's test `lab_exim` starts one for each of these.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]

use smtplint_core::facts::{Actor, Channel, Fact, Outcome, Recipient};
use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_core::{Options, Report, recognise};
use smtplint_tests::doors::told;
use smtplint_tests::exim_ports::{CASES, TARGET, ends};

fn judged(text: &str, target: &str) -> Report {
    let mut sources = Sources::new();
    sources.add(Source::new("exim.conf", text, SourceKind::Authored));
    let dialect = recognise(&sources).unwrap_or_else(|| panic!("nobody knows it:\n{text}"));
    assert_eq!(dialect.id(), "exim");
    let mut options = Options::default();
    for target in target.split(' ') {
        options.target.add(target).unwrap_or_else(|error| panic!("{error}"));
    }
    smtplint_core::check(&sources, dialect, &options)
}

#[test]
fn ports_are_as_clients_find_them() {
    let mut wrong = Vec::new();
    for case in CASES {
        let report = judged(&case.text(), TARGET);
        let found: Vec<(u16, String, String)> = report
            .server
            .listeners
            .iter()
            .map(|one| (one.known_port().unwrap_or_default(), told(Some(one)), ends(one)))
            .collect();
        let expected: Vec<(u16, String, String)> = case
            .doors
            .iter()
            .map(|(port, told, ends)| (*port, (*told).to_owned(), (*ends).to_owned()))
            .collect();
        if found != expected {
            wrong.push(format!(
                "{:?} {:?}\n    found    {found:?}\n    expected {expected:?}",
                case.main, case.lists
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What Debian makes the configuration of, in small.
const PARTS: &str = "==> /etc/exim4/update-exim4.conf.conf <==\ndc_eximconfig_configtype='internet'\ndc_other_hostnames='example.org;example.net'\n\
    dc_local_interfaces=''\ndc_relay_domains=''\ndc_relay_nets='192.0.2.0/24'\ndc_use_split_config='true'\n\
    ==> /etc/exim4/conf.d/main/01_lists <==\ndomainlist local_domains = MAIN_LOCAL_DOMAINS\nhostlist relay_from_hosts = MAIN_RELAY_NETS\n\
    .ifdef MAIN_TLS_ENABLE\ntls_advertise_hosts = *\n.else\ntls_advertise_hosts =\n.endif\n\
    .ifdef DCconfig_internet\nacl_smtp_rcpt = check_rcpt\n.endif\n\
    ==> /etc/exim4/conf.d/acl/00_header <==\nbegin acl\n\
    ==> /etc/exim4/conf.d/acl/30_check_rcpt <==\ncheck_rcpt:\n  accept hosts = +relay_from_hosts\n  require domains = +local_domains\n  accept\n";

#[test]
fn parts_of_debian_are_put_together() {
    let listener = |text: &str| {
        let sources = smtplint_core::intake::split("paste", text);
        let dialect = recognise(&sources).unwrap_or_else(|| panic!("nobody knows it:\n{text}"));
        let mut options = Options::default();
        options
            .target
            .add("debian=12")
            .unwrap_or_else(|error| panic!("{error}"));
        let report = smtplint_core::check(&sources, dialect, &options);
        let one = &report.server.listeners[0];
        let trusted = one.trusted.known().map(|networks| networks.patterns.surely.join(" "));
        (told(Some(one)), ends(one), trusted.unwrap_or_default())
    };
    let networks = "192.0.2.0/24 127.0.0.1 ::1".to_owned();
    assert_eq!(
        listener(PARTS),
        (
            "none clear=- tls=-".to_owned(),
            "+rss++ssaass".to_owned(),
            networks.clone()
        )
    );
    // A file of one's own that stands before the others decides: what it switches on, and instead of an answer.
    let own = "==> /etc/exim4/conf.d/main/000_local <==\nMAIN_TLS_ENABLE = yes\n";
    let (tls, outcomes, trusted) = listener(&format!("{PARTS}{own}"));
    assert_eq!(
        (tls.as_str(), outcomes.as_str(), trusted),
        (
            "starttls clear=- tls=- TLSv1 TLSv1.1 TLSv1.2 TLSv1.3",
            "+r+r++++aaaa",
            networks
        )
    );
    let (_, _, trusted) = listener(&format!("{PARTS}{own}MAIN_RELAY_NETS = 198.51.100.1\n"));
    assert_eq!(trusted, "198.51.100.1");
    // A name with other signs is no part.
    let old = "==> /etc/exim4/conf.d/main/000_local.dpkg-old <==\nMAIN_TLS_ENABLE = yes\n";
    assert_eq!(listener(&format!("{PARTS}{old}")).0, "none clear=- tls=-");
}

#[test]
fn what_was_not_given_or_is_not_plain_is_asked() {
    let asked = |text: &str| {
        let report = judged(text, "exim=4.96.0");
        let ids: Vec<String> = report.questions.iter().map(|one| one.id.0.clone()).collect();
        (
            report.findings.iter().any(|one| one.rule == "auth-offered-in-clear"),
            ids,
        )
    };
    let clear = "primary_hostname = a.example.org\ndaemon_smtp_ports = 25 : 587\nbegin authenticators\nplain:\n  driver = plaintext\n  \
        public_name = PLAIN\n  server_condition = yes\n";
    assert!(asked(clear).0);
    assert!(asked(clear).1.contains(&"exim-library".to_owned()));
    // What is included may say for whom AUTH is; what may be missing is asked about and taken for missing.
    let (said, ids) = asked(&format!(".include /etc/exim/more.conf\n{clear}"));
    assert!(!said && ids.iter().any(|id| id.contains("more.conf")), "{ids:?}");
    assert!(asked(&format!(".include_if_exists /etc/exim/more.conf\n{clear}")).0);
    // What only the build knows.
    let (said, ids) = asked(&format!(".ifdef _HAVE_DANE\nauth_advertise_hosts =\n.endif\n{clear}"));
    assert!(!said && ids.contains(&"exim-build-macros".to_owned()), "{ids:?}");
    let (said, ids) = asked(&clear.replace(
        "  server_condition",
        "  server_advertise_condition = ${lookup{$sender_host_address}lsearch{/x}}\n  server_condition",
    ));
    assert!(!said && ids.contains(&"exim-advertise:plain".to_owned()), "{ids:?}");
}

/// What a list of recipients says, with the usual logins, in what a stranger gets who writes to others.
fn abroad(statement: &str) -> Outcome {
    let text = format!(
        "primary_hostname = mail.example.org\ndaemon_smtp_ports = 25\ntls_try_verify_hosts = *\ndomainlist local_domains = example.org\n\
         acl_smtp_rcpt = check_rcpt\nbegin acl\ncheck_rcpt:\n{statement}  accept domains = +local_domains\n  deny\n"
    );
    let report = judged(&text, TARGET);
    let listener = report.server.listeners.first().unwrap_or_else(|| panic!("no port"));
    let outcome = listener.outcomes.at(Actor::Stranger, Channel::Tls, Recipient::Foreign);
    outcome.map(Fact::outcome).unwrap_or_else(|| panic!("no such cell"))
}

#[test]
fn whoever_chooses_what_it_says_is_let_in_by_it() {
    for statement in [
        "  accept sender_domains = +local_domains\n",
        "  accept senders = boss@example.org\n",
        "  accept senders = :\n",
        "  accept recipients = *@*\n",
        "  require sender_domains = +local_domains\n  accept\n",
        "  deny !sender_domains = +local_domains\n  accept\n",
        "  deny senders = spammer@example.net\n  accept\n",
    ] {
        assert_eq!(abroad(statement), Outcome::Accepted, "{statement}");
    }
    for statement in [
        "  accept dnslists = list.example.net\n",
        "  accept verify = certificate\n",
        "  accept local_parts = postmaster\n",
        "  accept senders = lsearch;/etc/exim/partners\n",
    ] {
        assert!(
            matches!(abroad(statement), Outcome::Unknown(_)),
            "{statement}: {:?}",
            abroad(statement)
        );
    }
    for statement in [
        "",
        "  deny dnslists = list.example.net\n",
        "  accept local_parts = postmaster\n         domains = +local_domains\n",
    ] {
        assert!(
            matches!(abroad(statement), Outcome::Refused { .. }),
            "{statement}: {:?}",
            abroad(statement)
        );
    }
}

#[test]
fn a_mechanism_without_a_name_takes_its_instances() {
    let text = "primary_hostname = mail.example.org\ndaemon_smtp_ports = 587\nbegin authenticators\nplain:\n  driver = plaintext\n  \
         server_condition = ${lookup{$auth2}lsearch{/etc/exim/users}{yes}{no}}\n";
    let report = judged(text, TARGET);
    let listener = report.server.listeners.first().unwrap_or_else(|| panic!("no port"));
    assert!(listener.auth.before_tls.surely() && listener.auth.mechanisms.plaintext_before_tls.surely());
}
