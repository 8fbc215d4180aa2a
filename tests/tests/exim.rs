//! What is said of Exim is what clients of the real server meet. The lab's test `lab_exim` starts one for each of these.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]

use smtplint_core::dialect::Dialect;
use smtplint_core::facts::{Actor, Channel, Fact, Outcome, Prime, Recipient, Stage, Step};
use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_core::{Options, Report, migrate, recognise};
use smtplint_tests::doors::told;
use smtplint_tests::exim_ports::{CASES, TARGET, ends};

/// A configuration with what is known of the releases, in words with blanks between them.
fn given(text: &str, target: &str) -> (Sources, &'static dyn Dialect, Options) {
    let mut sources = Sources::new();
    sources.add(Source::new("exim.conf", text, SourceKind::Authored));
    let dialect = recognise(&sources).unwrap_or_else(|| panic!("nobody knows it:\n{text}"));
    assert_eq!(dialect.id(), "exim");
    let mut options = Options::default();
    for target in target.split(' ') {
        options.target.add(target).unwrap_or_else(|error| panic!("{error}"));
    }
    (sources, dialect, options)
}

fn judged(text: &str, target: &str) -> Report {
    let (sources, dialect, options) = given(text, target);
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

/// Debian's answers, with nothing beside them, and what follows: the ports with what strangers may do there, and the rules that speak.
fn answered(kind: &str, interfaces: &str, domains: &str, networks: &str) -> (Vec<String>, Vec<&'static str>) {
    let text = format!(
        "dc_eximconfig_configtype='{kind}'\ndc_other_hostnames='example.org'\ndc_local_interfaces='{interfaces}'\ndc_relay_domains='{domains}'\n\
         dc_relay_nets='{networks}'\ndc_use_split_config='true'\n"
    );
    let mut sources = Sources::new();
    sources.add(Source::new("update-exim4.conf.conf", &text, SourceKind::Authored));
    let dialect = recognise(&sources).unwrap_or_else(|| panic!("nobody knows it:\n{text}"));
    let mut options = Options::default();
    options
        .target
        .add("debian=12")
        .unwrap_or_else(|error| panic!("{error}"));
    let report = smtplint_core::check(&sources, dialect, &options);
    assert!(report.server.more_listeners.is_some());
    let ports = report
        .server
        .listeners
        .iter()
        .map(|one| format!("{} {}", one.known_port().unwrap_or_default(), ends(one)));
    (
        ports.collect(),
        report.findings.iter().map(|finding| finding.rule).collect(),
    )
}

#[test]
fn answers_of_debian_alone_tell_who_may_send() {
    let ports = |one: &str| vec![one.to_owned()];
    let usual = ports("25 +r?r++??????");
    assert_eq!(answered("internet", "", "", ""), (usual.clone(), vec![]));
    assert_eq!(
        answered("smarthost", "", "", "192.0.2.0/24 ; 198.51.100.7"),
        (usual, vec![])
    );
    assert_eq!(
        answered("internet", "", "", "0.0.0.0/0"),
        (ports("25 ++??++??????"), vec!["trusted-networks-too-wide"])
    );
    assert_eq!(
        answered("internet", "", "*", ""),
        (ports("25 ++??++??????"), vec!["open-relay"])
    );
    assert_eq!(
        answered("internet", "127.0.0.1 ; ::1", "", "0.0.0.0/0").1,
        Vec::<&str>::new()
    );
    // Debian puts nothing in, so that nothing follows.
    assert_eq!(answered("none", "", "", "0.0.0.0/0"), (vec![], vec![]));
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

/// The port of a configuration with the usual names, and these lines.
fn port(lines: &str) -> smtplint_core::facts::Listener {
    let text = format!(
        "primary_hostname = mail.example.org\ndaemon_smtp_ports = 25\ndomainlist local_domains = example.org\n{lines}"
    );
    let report = judged(&text, TARGET);
    report
        .server
        .listeners
        .first()
        .cloned()
        .unwrap_or_else(|| panic!("no port"))
}

#[test]
fn ports_and_addresses_count_once() {
    let repeated = format!(
        "daemon_smtp_ports = {}25\nlocal_interfaces = {}192.0.2.1\n",
        "25 : ".repeat(20_000),
        "192.0.2.1 : ".repeat(20_000)
    );
    let report = judged(&format!("primary_hostname = a.example.org\n{repeated}"), TARGET);
    let addresses: Vec<Option<&String>> = report.server.listeners.iter().map(|one| one.address.known()).collect();
    assert_eq!(addresses, [Some(&"192.0.2.1".to_owned())]);
    // No more ports are looked at than anybody opens.
    let many: Vec<String> = (1..200).map(|port: u16| port.to_string()).collect();
    let report = judged(
        &format!(
            "primary_hostname = a.example.org\ndaemon_smtp_ports = {}\n",
            many.join(" : ")
        ),
        TARGET,
    );
    assert_eq!(report.server.listeners.len(), 32);
}

#[test]
fn primes_of_its_own_have_their_lengths() {
    for (name, expected) in [
        ("ike1", Some(Prime::Bits(768))),
        ("ike2", Some(Prime::Bits(1024))),
        ("ike5", Some(Prime::Bits(1536))),
        ("ike22", Some(Prime::Bits(1024))),
        ("ike23", Some(Prime::Long)),
        ("ffdhe2048", Some(Prime::Long)),
        ("exim.dev.20160529.3", Some(Prime::Long)),
        ("ike", None),
        ("/etc/exim/dh.pem", None),
    ] {
        let listener = port(&format!("tls_dhparam = {name}\n"));
        let handshake = listener.tls.handshake.as_ref().unwrap_or_else(|| panic!("no TLS"));
        assert_eq!(handshake.prime.known().copied(), expected, "{name}");
    }
}

#[test]
fn who_is_trusted_is_open_where_the_lists_are() {
    let trusted = |main: &str, statements: &str| {
        let listener = port(&format!(
            "{main}acl_smtp_rcpt = check\nbegin acl\ncheck:\n{statements}  deny\n"
        ));
        let networks = listener.trusted.known().cloned().unwrap_or_else(|| panic!("not known"));
        (
            networks.patterns.surely.join(" "),
            networks.patterns.rest.map(|question| question.0),
        )
    };
    let asked = |question: &str| (String::new(), Some(question.to_owned()));
    let surely = |networks: &str| (networks.to_owned(), None);
    assert_eq!(
        trusted("", "  accept hosts = 10.0.0.0/8 : !10.0.0.1\n"),
        surely("10.0.0.0/8")
    );
    assert_eq!(
        trusted("", "  accept hosts = !10.0.0.1 : 10.0.0.0/8\n"),
        surely("10.0.0.0/8")
    );
    assert_eq!(
        trusted("", "  accept hosts = localhost : 127.0.0.1\n"),
        surely("127.0.0.1 ::1")
    );
    assert_eq!(
        trusted("", "  accept authenticated = *\n         hosts = 10.0.0.0/8\n"),
        surely("")
    );
    // What cannot be read is no proof that there is nobody, and does not hide those behind it.
    assert_eq!(
        trusted("", "  accept hosts = ${lookup{x}lsearch{/y}}\n"),
        asked("exim-networks")
    );
    assert_eq!(
        trusted(
            "",
            "  accept hosts = ${lookup{x}lsearch{/y}}\n  accept hosts = 10.0.0.0/8\n"
        ),
        ("10.0.0.0/8".to_owned(), Some("exim-networks".to_owned()))
    );
    assert_eq!(trusted("", "  accept hosts = +nowhere\n"), asked("exim-networks"));
    let open = ".ifdef _HAVE_DANE\nhostlist relay = 10.0.0.0/8\n.endif\n";
    assert_eq!(trusted(open, "  accept hosts = +relay\n"), asked("exim-build-macros"));
    assert_eq!(
        trusted("", ".ifdef _HAVE_DANE\n  accept hosts = 10.0.0.0/8\n.endif\n"),
        asked("exim-build-macros")
    );
    let listener = port("acl_smtp_rcpt = ${lookup{x}lsearch{/y}}\n");
    let networks = listener.trusted.known().unwrap_or_else(|| panic!("not known"));
    assert!(networks.patterns.rest.is_some(), "{networks:?}");
}

#[test]
fn the_machine_itself_may_send_under_each_of_its_names() {
    let listener = port("acl_smtp_rcpt = check\nbegin acl\ncheck:\n  accept hosts = localhost\n  deny\n");
    let outcome = listener.outcomes.at(Actor::Trusted, Channel::Clear, Recipient::Foreign);
    assert_eq!(outcome.and_then(Fact::known), Some(&Outcome::Accepted));
}

#[test]
fn endpass_refuses_where_what_stands_before_it_may_hold() {
    let unsure = "domains = ${lookup{$domain}lsearch{/x}}";
    for statement in [
        // The list is open, and the refusal behind it is not.
        format!("  accept {unsure}\n         endpass\n         authenticated = *\n  accept\n"),
        format!("  accept endpass\n         {unsure}\n  accept\n"),
        format!("  accept {unsure}\n         endpass\n         {unsure}\n"),
    ] {
        assert!(
            matches!(abroad(&statement), Outcome::Unknown(_)),
            "{statement}: {:?}",
            abroad(&statement)
        );
    }
    for statement in [
        // Whatever is open, one behind it does not hold.
        format!("  accept endpass\n         {unsure}\n         authenticated = *\n  accept\n"),
        "  accept endpass\n         authenticated = *\n  accept\n".to_owned(),
        // Whoever goes on is refused as well.
        format!("  accept {unsure}\n         endpass\n         authenticated = *\n"),
    ] {
        assert!(
            matches!(abroad(&statement), Outcome::Refused { .. }),
            "{statement}: {:?}",
            abroad(&statement)
        );
    }
    let sure = "  accept authenticated = *\n         endpass\n         hosts = 10.0.0.1\n  accept\n";
    assert_eq!(abroad(sure), Outcome::Accepted);
}

#[test]
fn whoever_is_refused_in_the_end_is_refused() {
    const OPEN: &str = "condition = ${lookup{$sender_host_address}lsearch{/x}{yes}{no}}";
    let at = |main: &str, lists: &str| {
        let text = format!("{main}begin acl\n{lists}");
        let listener = port(&text);
        let of = |recipient| {
            listener
                .outcomes
                .at(Actor::Stranger, Channel::Clear, recipient)
                .map(Fact::outcome)
        };
        (
            of(Recipient::Foreign),
            listener
                .outcomes
                .cells()
                .iter()
                .filter(|cell| matches!(cell.outcome.outcome(), Outcome::Unknown(_)))
                .count(),
        )
    };
    let refused = |stage, code| Some(Outcome::Refused { stage, code });
    let rcpt = "acl_smtp_rcpt = check\n";
    for (verbs, code) in [
        ("deny", 550),
        ("drop", 550),
        ("require !", 550),
        ("defer", 0),
        ("deny message = 554 no\n  ", 0),
    ] {
        let first = if verbs.ends_with(['!', ' ']) {
            format!("{verbs}{OPEN}")
        } else {
            format!("{verbs} {OPEN}")
        };
        let found = at(rcpt, &format!("check:\n  {first}\n  deny\n"));
        assert_eq!(found, (refused(Stage::Rcpt, code), 0), "{verbs}");
    }
    // Where one may be let in, it is open; and what throws a message away refuses nobody.
    for statement in [format!("accept {OPEN}"), format!("discard {OPEN}")] {
        let (found, open) = at(rcpt, &format!("check:\n  {statement}\n  deny\n"));
        assert!(
            matches!(found, Some(Outcome::Unknown(_))) && open > 0,
            "{statement}: {found:?}"
        );
    }
    // From one list to the next.
    let main = "acl_smtp_connect = first\nacl_smtp_rcpt = check\n";
    let doubtful = format!("first:\n  deny {OPEN}\n  accept\n");
    assert_eq!(
        at(main, &format!("{doubtful}check:\n  deny\n")),
        (refused(Stage::Rcpt, 0), 0)
    );
    assert_eq!(
        at(main, &format!("{doubtful}check:\n  defer\n")),
        (refused(Stage::Rcpt, 0), 0)
    );
    assert!(matches!(
        at(main, &format!("{doubtful}check:\n  accept\n")).0,
        Some(Outcome::Unknown(_))
    ));
    let vanishing = format!("first:\n  discard {OPEN}\n  accept\n");
    let main = "acl_smtp_mail = first\nacl_smtp_rcpt = check\n";
    assert!(matches!(
        at(main, &format!("{vanishing}check:\n  deny\n")).0,
        Some(Outcome::Unknown(_))
    ));
    let main = "host_reject_connection = ${lookup{$sender_host_address}lsearch{/x}}\nacl_smtp_rcpt = check\n";
    assert_eq!(at(main, "check:\n  deny\n"), (refused(Stage::Rcpt, 0), 0));
    // One within another that defers defers the whole.
    let within = "check:\n  accept !acl = other\n  deny\nother:\n  defer\n";
    assert!(matches!(at(rcpt, within).0, Some(Outcome::Unknown(_))));
}

#[test]
fn lists_that_turn_away_hold_others() {
    for (statement, expected) in [
        ("deny hosts = net-iplsearch;/etc/exim/bad", Some(true)),
        ("drop hosts = /etc/exim/bad", Some(true)),
        ("deny hosts = +bad", Some(true)),
        (
            "deny senders = ${if exists{/etc/exim/bad}{/etc/exim/bad}{}}",
            Some(true),
        ),
        (
            "deny hosts = ${if exists{/etc/exim/bad}\\\n  {/etc/exim/bad} {}}",
            Some(true),
        ),
        (
            "deny condition = ${if and {{>{$rcpt_count}{10}}{<{$recipients_count}{${eval:$rcpt_count/2}}}}}",
            Some(true),
        ),
        // What a client calls itself, it chooses.
        ("deny condition = ${if eq{$sender_helo_name}{}}", Some(true)),
        (
            "deny condition = ${if match{$sender_helo_name}{^[0-9]}{yes}{no}}",
            Some(true),
        ),
        (
            "deny !condition = ${if match{$sender_helo_name}{[.]}{yes}{no}}",
            Some(true),
        ),
        ("accept condition = ${if match{$sender_helo_name}{[.]}}\n  deny", None),
        (
            "deny condition = ${if match_domain{$sender_address_domain}{+local_domains}}",
            Some(true),
        ),
        (
            "defer condition = ${if eq{${lookup{$sender_address}lsearch{/x}}}{}}",
            None,
        ),
        ("deny condition = ${if and {{def:sender_helo_name}{eq{$h_x:}{}}}}", None),
        (
            "deny condition = ${if or {{eq{$sender_helo_name}{a}}{eq{$h_x:}{}}}}",
            None,
        ),
        ("deny local_parts = ^.*[@%!/|] : ^\\\\.", Some(true)),
        ("deny local_parts = ^.a", None),
        // Whoever stands in none is turned away, or a file is read as another one is there.
        ("deny hosts = !net-iplsearch;/etc/exim/good : *", None),
        ("deny !hosts = net-iplsearch;/etc/exim/good", None),
        ("deny senders = ${if exists{/etc/exim/a}{/etc/exim/b}{}}", None),
        ("deny hosts = ^.*dynamic", None),
        ("accept hosts = /etc/exim/good\n  deny", None),
    ] {
        let listener = port(&format!(
            "hostlist bad = 192.0.2.1 : iplsearch;/etc/exim/bad\nacl_smtp_rcpt = check\nbegin acl\ncheck:\n  {statement}\n  accept\n"
        ));
        let outcome = listener
            .outcomes
            .at(Actor::Stranger, Channel::Clear, Recipient::Local)
            .map(Fact::outcome);
        let found = match outcome {
            Some(Outcome::Accepted) => Some(true),
            Some(Outcome::Unknown(_)) => None,
            other => panic!("{statement}: {other:?}"),
        };
        assert_eq!(found, expected, "{statement}");
    }
}

/// What is not said yet is nothing, and cannot be chosen.
#[test]
fn what_a_client_says_of_itself_counts_from_where_it_says_it() {
    for (option, statement, expected) in [
        ("helo", "deny condition = ${if isip{$sender_helo_name}}", Some(true)),
        ("connect", "deny condition = ${if isip{$sender_helo_name}}", None),
        ("connect", "deny condition = ${if eq{$sender_helo_name}{}}", Some(false)),
        ("mail", "deny condition = ${if match{$sender_address}{x}}", Some(true)),
        ("helo", "deny condition = ${if match{$sender_address}{x}}", None),
    ] {
        let listener = port(&format!(
            "acl_smtp_{option} = first\nacl_smtp_rcpt = accept\nbegin acl\nfirst:\n  {statement}\n  accept\n"
        ));
        let outcome = listener.outcomes.at(Actor::Stranger, Channel::Clear, Recipient::Local);
        let found = match outcome.map(Fact::outcome) {
            Some(Outcome::Accepted) => Some(true),
            Some(Outcome::Refused { .. }) => Some(false),
            Some(Outcome::Unknown(_)) => None,
            other => panic!("{statement}: {other:?}"),
        };
        assert_eq!(found, expected, "{option}: {statement}");
    }
}

#[test]
fn what_refuses_perhaps_opens_no_relay() {
    let text = "primary_hostname = mail.example.org\ndaemon_smtp_ports = 25\ndomainlist local_domains = example.org\n\
        acl_smtp_mail = mail\nacl_smtp_rcpt = rcpt\nbegin acl\nmail:\n  drop hosts = net-iplsearch;/etc/exim/bad\n  accept\n\
        rcpt:\n  deny condition = ${lookup{$sender_host_address}lsearch{/x}{yes}{no}}\n  accept authenticated = *\n  \
        accept hosts = 127.0.0.1\n  require domains = +local_domains\n  accept\n";
    let report = judged(text, TARGET);
    let waits = |rule: &str| {
        report
            .questions
            .iter()
            .any(|one| one.unlocks.iter().any(|held| held == rule))
    };
    assert!(!waits("open-relay"), "{:?}", report.questions);
    let answer = report
        .answers()
        .into_iter()
        .find(|one| one.asked == smtplint_core::answers::Asked::WithoutAuthentication);
    assert_eq!(
        answer.as_ref().map(|one| one.reply),
        Some(smtplint_core::answers::Reply::No),
        "{answer:?}"
    );
}

#[test]
fn conditions_of_lists_are_numbers_and_four_words() {
    for (value, expected) in [("yes", true), ("7", true), ("00", false), ("No", false)] {
        let is_let_in = abroad(&format!("  accept condition = {value}\n")) == Outcome::Accepted;
        assert_eq!(is_let_in, expected, "{value}");
    }
    for value in ["abc", "${if eq{$h_x:}{}{yes}{no}}"] {
        let found = abroad(&format!("  accept condition = {value}\n"));
        assert!(matches!(found, Outcome::Unknown(_)), "{value}: {found:?}");
    }
}

#[test]
fn a_code_of_its_own_has_a_blank_behind_it() {
    for (message, expected) in [
        ("553 no", 553),
        ("553-no", 550),
        ("553", 550),
        ("453 no", 550),
        ("5533 no", 550),
    ] {
        let found = abroad(&format!("  deny message = {message}\n"));
        assert!(
            matches!(found, Outcome::Refused { code, .. } if code == expected),
            "{message}: {found:?}"
        );
    }
}

#[test]
fn drivers_serve_with_what_makes_them_serve() {
    for (driver, expected) in [
        ("driver = dovecot\n  public_name = PLAIN", false),
        (
            "driver = dovecot\n  public_name = PLAIN\n  server_socket = /run/dovecot/auth-client",
            true,
        ),
        (
            "driver = external\n  public_name = EXTERNAL\n  server_param2 = x",
            false,
        ),
        (
            "driver = external\n  public_name = EXTERNAL\n  server_condition = ${if eq{$auth1}{x}}",
            true,
        ),
        ("driver = tls\n  server_param1 = x\n  server_condition = yes", false),
        ("driver = plaintext\n  client_send = x", false),
    ] {
        let listener = port(&format!("begin authenticators\none:\n  {driver}\n"));
        assert_eq!(listener.auth.after_tls.known().copied(), Some(expected), "{driver}");
    }
}

#[test]
fn logins_that_ask_no_password_are_told() {
    let found = |lines: &str, driver: &str| {
        let text = format!(
            "primary_hostname = mail.example.org\ndaemon_smtp_ports = 587\n{lines}begin authenticators\none:\n  driver = {driver}\n"
        );
        let report = judged(&text, TARGET);
        report
            .findings
            .iter()
            .any(|finding| finding.rule == "anonymous-sasl-allowed")
    };
    let plain = "plaintext\n  public_name = PLAIN\n  server_condition =";
    for (lines, driver, expected) in [
        ("", format!("{plain} yes"), true),
        ("", format!("{plain} True"), true),
        ("", format!("{plain} 1"), true),
        ("", "external\n  server_condition = true".to_owned(), true),
        // Exim takes no other words for yes, and these no login at all.
        ("", format!("{plain} 2"), false),
        ("", format!("{plain} no"), false),
        ("", format!("{plain} ${{if eq{{$auth2}}{{x}}}}"), false),
        // It is looked at once the password is proved.
        (
            "",
            "cram_md5\n  public_name = CRAM-MD5\n  server_secret = x\n  server_condition = yes".to_owned(),
            false,
        ),
        ("auth_advertise_hosts =\n", format!("{plain} yes"), false),
        (
            "tls_advertise_hosts =\n",
            format!("{plain} yes\n  server_advertise_condition = ${{if def:tls_in_cipher}}"),
            false,
        ),
    ] {
        assert_eq!(found(lines, &driver), expected, "{lines}{driver}");
    }
}

#[test]
fn a_mechanism_without_any_name_stops_exim() {
    let stops = |driver: &str| {
        let listener = port(&format!("begin authenticators\none:\n  driver = {driver}\n"));
        listener
            .dead
            .as_ref()
            .map(|cause| cause.known().map(|cause| cause.0.clone()).unwrap_or_default())
    };
    let stopped = stops("cram_md5\n  server_secret = x").unwrap_or_default();
    assert!(stopped.contains("`one` has no `public_name`"), "{stopped}");
    assert_eq!(stops("cram_md5\n  public_name = CRAM-MD5\n  server_secret = x"), None);
    assert_eq!(stops("plaintext\n  server_condition = ${if eq{$auth1}{x}}"), None);
    assert_eq!(stops("cram_md5\n.include /etc/exim/more"), None);
}

#[test]
fn a_misspelt_option_stops_exim_and_one_that_may_be_known_does_not() {
    let stops = |lines: &str| {
        let listener = port(lines);
        let dead = listener.dead.as_ref()?;
        dead.known().map(|cause| cause.0.clone())
    };
    for (lines, told) in [
        (
            "tls_requre_ciphers = NORMAL\n",
            "it has no option `tls_requre_ciphers`; `tls_require_ciphers` is one",
        ),
        (
            "no_write_rejectlogs\n",
            "it has no option `write_rejectlogs`; `write_rejectlog` is one",
        ),
        (
            "acl_smtp_rcpt = r\nbegin acl\nr:\n  accept verfy = recipient\n",
            "it has no condition `verfy`; `verify` is one",
        ),
        (
            "begin transports\nout:\n  driver = smtp\n  hosts_require_tsl = *\n",
            "it has no option `hosts_require_tsl`; perhaps `hosts_require_tls` was meant",
        ),
    ] {
        let said = stops(lines).unwrap_or_default();
        assert!(said.contains(told), "{lines}: {said}");
    }
    for lines in [
        // Of a build of their own, of a list, of a macro, and of a block that may not be read.
        "vendor_option = yes\n",
        "hostlist tls_requre_ciphers = 192.0.2.1\n",
        "TLS_REQURE_CIPHERS = NORMAL\n",
        ".include /etc/exim/macros\n.ifdef MAY_BE\ntls_requre_ciphers = NORMAL\n.endif\n",
        "spf_guess = v=spf1 a/24 mx/24 ptr ?all\n",
    ] {
        assert_eq!(stops(lines), None, "{lines}");
    }
}

#[test]
fn defaults_hold_for_the_releases_in_question() {
    let text = "primary_hostname = mail.example.org\nacl_smtp_rcpt = check\nbegin acl\ncheck:\n  deny\n";
    let report = judged(text, "gnutls=3.8");
    let listener = report.server.listeners.first().unwrap_or_else(|| panic!("no port"));
    let of = |because: &[Step]| {
        because.iter().find_map(|step| match step {
            Step::Default { versions, .. } => Some(versions.to_string()),
            _ => None,
        })
    };
    assert_eq!(of(&listener.tls.entry.because), Some("4.93 to 4.98".to_owned()));
}

#[test]
fn long_items_are_as_much_work_as_short_ones() {
    let long = "10.0.0.1x".repeat(100_000);
    let statements = "  accept hosts = +far\n".repeat(2_000);
    let text = format!("hostlist far = {long}\nacl_smtp_rcpt = check\nbegin acl\ncheck:\n{statements}");
    let outcome = port(&text)
        .outcomes
        .at(Actor::Stranger, Channel::Clear, Recipient::Foreign)
        .map(Fact::outcome);
    assert!(matches!(outcome, Some(Outcome::Unknown(_))), "{outcome:?}");
}

#[test]
fn a_whole_top_level_is_everybodys() {
    for (domains, expected) in [
        ("*.com", Some(true)),
        ("*.com : *.ca", Some(true)),
        ("*.example.org", Some(false)),
    ] {
        let listener = port(&format!(
            "domainlist relay_to_domains = {domains}\nacl_smtp_rcpt = check\nbegin acl\ncheck:\n  \
             accept domains = +local_domains : +relay_to_domains\n  deny\n"
        ));
        let outcome = listener
            .outcomes
            .at(Actor::Stranger, Channel::Clear, Recipient::Foreign);
        let accepted = outcome
            .and_then(Fact::known)
            .map(|outcome| *outcome == Outcome::Accepted);
        assert_eq!(accepted, expected, "{domains}");
    }
}

#[test]
fn a_list_that_ends_with_an_exclusion_holds_everybody_else() {
    for (verb, value, accepted) in [
        ("accept", "!a@example.net", true),
        ("accept", "a@example.net", false),
        ("deny", "!a@example.net", false),
    ] {
        let listener = port(&format!(
            "acl_smtp_rcpt = check\nbegin acl\ncheck:\n  {verb} recipients = {value}\n  {}\n",
            if verb == "deny" { "accept" } else { "deny" }
        ));
        let outcome = listener
            .outcomes
            .at(Actor::Stranger, Channel::Clear, Recipient::Foreign);
        let found = outcome
            .and_then(Fact::known)
            .map(|outcome| *outcome == Outcome::Accepted);
        assert_eq!(found, Some(accepted), "{verb} recipients = {value}");
    }
}

#[test]
fn more_than_anybody_writes_ends() {
    // Statements without conditions, lists that call each other, names that stand again and again, blanks that part items.
    let many = "  warn\n".repeat(50_000);
    let calls = "  warn acl = b\n".repeat(1_000);
    let text = format!("acl_smtp_rcpt = a\nbegin acl\na:\n{calls}  deny\nb:\n{many}  accept\n");
    let listener = port(&text);
    let outcome = listener
        .outcomes
        .at(Actor::Stranger, Channel::Clear, Recipient::Foreign);
    assert!(outcome.is_some_and(|outcome| outcome.known().is_none()), "{outcome:?}");
    let names = "+l : ".repeat(50_000);
    let text =
        format!("hostlist l = 10.0.0.1\nacl_smtp_rcpt = a\nbegin acl\na:\n  accept hosts = {names}10.0.0.2\n  deny\n");
    let trusted = port(&text).trusted.clone();
    assert_eq!(trusted.because.len(), 2, "each list once");
    let blanks = "\t".repeat(200_000);
    let listener = port(&format!("local_interfaces = <\\t 192.0.2.1{blanks}192.0.2.2\n"));
    assert_eq!(listener.port.known(), Some(&25));
}

/// Without any port of its own Exim takes 25, so the last one is closed in a plan only beside the one that it opens.
#[test]
fn the_only_port_can_be_left() {
    let text = "daemon_smtp_ports = 587\ntls_advertise_hosts = *\ntls_certificate = /etc/exim4/cert.pem\ntls_privatekey = /etc/exim4/key.pem\n\
                auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}\nacl_smtp_rcpt = recipients\nbegin acl\nrecipients:\n  \
                require authenticated = *\n  accept\nbegin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n  \
                server_prompts = :\n  server_condition = no\n";
    let (sources, dialect, options) = given(text, "exim=4.96 debian=12");
    let plan = migrate::plan(&sources, dialect, &options, migrate::To::Implicit);
    let unmet: Vec<_> = plan.unmet().map(|gate| &gate.why).collect();
    assert!(unmet.is_empty(), "{unmet:?}");
    let after = plan.stages.iter().filter_map(|stage| stage.step.as_ref()).next_back();
    let after: String = after
        .into_iter()
        .flat_map(|step| step.after.iter())
        .map(|(_, source)| source.text())
        .collect();
    assert!(
        after.contains("daemon_smtp_ports = 465\n") && after.contains("tls_on_connect_ports = 465\n"),
        "{after}"
    );
}

#[test]
fn where_nobody_sends_anything_nothing_is_a_must() {
    // Without a list of recipients Exim refuses them all, and so does one that lets in the machine alone.
    for lines in [
        "",
        "smtp_baner = y\n",
        "acl_smtp_rcpt = r\nbegin acl\nr:\n  accept hosts = :\n",
    ] {
        let text = format!("primary_hostname = mail.example.org\n{lines}");
        let report = judged(&text, "exim=4.96");
        let rules: Vec<&str> = report.findings.iter().map(|one| one.rule).collect();
        assert!(!rules.contains(&"tls-required-on-mx"), "{lines}: {rules:?}");
    }
}

#[test]
fn options_of_openssl_stop_an_exim_with_gnutls() {
    let text = "primary_hostname = mail.example.org\nopenssl_options = +no_sslv2\n";
    let stops = |target: &str| {
        let report = judged(text, target);
        report.findings.iter().any(|one| one.rule == "service-cannot-start")
    };
    assert!(stops("exim=4.96 gnutls=3.7"));
    assert!(!stops("exim=4.96 openssl=3.0"));
}
