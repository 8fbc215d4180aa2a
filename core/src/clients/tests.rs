//! Which ports are published under which name, and what each form says of them.

use super::*;
use crate::certificate::{Certificate, Digest, KeyKind, Object};
use crate::samples::SAMPLES;
use crate::version::Target;
use crate::{Inspection, inspect, intake, recognise};

const MAIN: &str = "compatibility_level = 3.6
myhostname = mail.example.org
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_chain_files = /etc/ssl/key.pem, /etc/ssl/chain.pem
smtpd_sasl_auth_enable = yes
";

const BOTH: &str = "submissions inet n - y - - smtpd
  -o smtpd_tls_wrappermode=yes
submission inet n - y - - smtpd
  -o smtpd_tls_security_level=encrypt
";

fn name(text: &str) -> HostName {
    text.parse().expect("a name")
}

fn look(text: &str, target: &Target) -> (Inspection, Wanted) {
    let sources = intake::split("paste", text);
    let dialect = recognise(&sources).expect("a configuration");
    let inspection = inspect(&sources, dialect, target);
    let wanted = Wanted {
        own_name: own_name(&inspection, target),
        ..Wanted::for_domain(name("example.org"))
    };
    (inspection, wanted)
}

/// What the settings of a configuration are, with what is known of its programs.
fn of(text: &str, targets: &[&str], imap: Option<&str>) -> Result<ClientSettings, ClientsError> {
    let mut target = Target::default();
    for one in targets {
        target.add(one).expect("a target");
    }
    let (inspection, mut wanted) = look(text, &target);
    wanted.beside = inspection.servers_beside();
    wanted.questions.clone_from(&inspection.questions);
    wanted.incoming = imap.map(|text| Incoming::parse(text).expect("a server"));
    settings(&inspection.server, &wanted)
}

fn incoming(settings: &ClientSettings) -> Option<(String, u16, Security)> {
    let incoming = settings.incoming.as_ref()?;
    Some((incoming.host.to_string(), incoming.port, incoming.security))
}

/// Why a listener is not published.
fn withheld(settings: &ClientSettings, listener: &str) -> String {
    let found = settings.withheld.iter().find(|one| one.listener == listener);
    found.map_or_else(
        || panic!("{listener} is there: {:?}", settings.withheld),
        |one| one.reason.clone(),
    )
}

const EXIM: &str = "primary_hostname = mail.example.org
daemon_smtp_ports = 25 : 465 : 587
tls_on_connect_ports = 465
tls_advertise_hosts = *
tls_certificate = /etc/ssl/cert.pem
tls_privatekey = /etc/ssl/key.pem
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_rcpt = recipients
begin acl
recipients:
  accept authenticated = *
  require domains = example.org
  accept
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if eq{$auth3}{secret}}
";
const EXIM_TARGETS: &[&str] = &["exim=4.96", "gnutls=3.7"];

const DOVECOT: &str = "protocols = imap pop3 submission
listen = *
hostname = mail.example.org
ssl = required
ssl_cert = </etc/ssl/cert.pem
ssl_key = </etc/ssl/key.pem
auth_mechanisms = plain login
submission_relay_host = 192.0.2.25
service submission-login {
  inet_listener submissions {
    port = 465
    ssl = yes
  }
}
";
const DOVECOT_TARGET: &[&str] = &["dovecot=2.3.19"];

#[test]
fn exim_publishes_where_a_login_never_travels_in_clear() {
    let good = of(EXIM, EXIM_TARGETS, None).expect("there are ports");
    assert_eq!(ports(&good), [(465, Security::Implicit), (587, Security::Starttls)]);
    assert_eq!((good.host.as_str(), good.incoming), ("mail.example.org", None));
    assert!(good.withheld.is_empty(), "{:?}", good.withheld);
    // Exim offers AUTH in clear as well, unless it is told not to.
    let offers = EXIM.replace("auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}\n", "");
    assert_ne!(offers, EXIM);
    let some = of(&offers, EXIM_TARGETS, None).expect("465 is published");
    assert_eq!(ports(&some), [(465, Security::Implicit)]);
    let reason = some.withheld.iter().map(|one| one.to_string()).collect::<String>();
    assert!(
        reason.contains("587") && reason.contains("takes a login before TLS too"),
        "{reason}"
    );
    let none = EXIM.split("begin authenticators").next().expect("what stands before");
    let error = of(none, EXIM_TARGETS, None).expect_err("nobody can log in").to_string();
    assert!(error.contains("it takes no login"), "{error}");
    let loopback = format!("local_interfaces = 127.0.0.1\n{EXIM}");
    let error = of(&loopback, EXIM_TARGETS, None)
        .expect_err("only the machine reaches it")
        .to_string();
    assert!(
        error.contains("nothing in the configuration takes mail from users"),
        "{error}"
    );
}

#[test]
fn dovecots_own_service_and_its_doors_for_reading_are_published_where_they_are_safe() {
    let good = of(DOVECOT, DOVECOT_TARGET, None).expect("there are ports");
    assert_eq!(ports(&good), [(465, Security::Implicit), (587, Security::Starttls)]);
    assert_eq!(
        incoming(&good),
        Some(("mail.example.org".to_owned(), 993, Security::Implicit))
    );
    let zone = Form::Srv.render(&good).expect("a zone");
    assert!(
        zone.contains("_imaps._tcp.example.org. 3600 IN SRV 0 1 993 mail.example.org."),
        "{zone}"
    );
    for form in Form::ALL {
        let text = form.render(&good).unwrap_or_else(|error| panic!("{form:?}: {error}"));
        assert!(text.contains("993"), "{form:?}: {text}");
    }
    // The person knows better.
    let said = of(DOVECOT, DOVECOT_TARGET, Some("imap.example.net:143")).expect("there are ports");
    assert_eq!(
        incoming(&said),
        Some(("imap.example.net".to_owned(), 143, Security::Starttls))
    );

    let clear = DOVECOT.replace("ssl = required", "ssl = yes\ndisable_plaintext_auth = no");
    let some = of(&clear, DOVECOT_TARGET, None).expect("465 is published");
    assert_eq!(ports(&some), [(465, Security::Implicit)]);
    assert_eq!(incoming(&some).map(|(_, port, _)| port), Some(993));
    for listener in ["port 143 (imap)", "port 587 (submission)"] {
        let reason = withheld(&some, listener);
        assert!(reason.contains("takes a login before TLS too"), "{listener}: {reason}");
    }
    let implicit_closed = "service imap-login {\n  inet_listener imaps {\n    port = 0\n  }\n}\n";
    let starttls = of(&format!("{DOVECOT}{implicit_closed}"), DOVECOT_TARGET, None).expect("there are ports");
    assert_eq!(
        incoming(&starttls).map(|(_, port, security)| (port, security)),
        Some((143, Security::Starttls))
    );
    let zone = Form::Srv.render(&starttls).expect("a zone");
    assert!(
        zone.contains("_imap._tcp.example.org. 3600 IN SRV 0 1 143 mail.example.org."),
        "{zone}"
    );
    let none = of(&format!("{clear}{implicit_closed}"), DOVECOT_TARGET, None).expect("465 is published");
    assert_eq!(incoming(&none), None);
    assert!(
        none.remarks.iter().any(|one| one.contains("by IMAP can be published")),
        "{:?}",
        none.remarks
    );
    assert!(matches!(
        Form::Autoconfig.render(&none),
        Err(FormError::NoIncoming { .. })
    ));
}

#[test]
fn dovecot_beside_another_server_tells_where_mail_is_read() {
    let dovecot = DOVECOT
        .replace("imap pop3 submission", "imap")
        .replace("hostname = mail.example.org\n", "");
    let postfix = format!("{}==> dovecot.conf <==\n{dovecot}", pasted(MAIN, BOTH));
    let exim = format!("==> exim.conf <==\n{EXIM}\n==> dovecot.conf <==\n{dovecot}");
    for (text, targets) in [
        (&postfix, &["postfix=3.7", "dovecot=2.3.19"][..]),
        (&exim, &["exim=4.96", "gnutls=3.7", "dovecot=2.3.19"]),
    ] {
        let good = of(text, targets, None).expect("there are ports");
        assert_eq!(
            ports(&good),
            [(465, Security::Implicit), (587, Security::Starttls)],
            "{text}"
        );
        assert_eq!(
            incoming(&good),
            Some(("mail.example.org".to_owned(), 993, Security::Implicit)),
            "{text}"
        );
        // Where it reads mail for the machine alone, as behind a webmail, there is nothing to publish.
        let own = of(&text.replace("listen = *", "listen = 127.0.0.1"), targets, None).expect("there are ports");
        assert_eq!(incoming(&own), None);
    }
}

fn pasted(main: &str, master: &str) -> String {
    format!("==> main.cf <==\n{main}\n==> master.cf <==\n{master}")
}

fn decided(main: &str, master: &str) -> Result<ClientSettings, ClientsError> {
    let (inspection, wanted) = look(&pasted(main, master), &Target::default());
    settings(&inspection.server, &wanted)
}

/// The settings of a good server with both ports, IMAP included.
fn good() -> ClientSettings {
    let (inspection, mut wanted) = look(&pasted(MAIN, BOTH), &Target::default());
    wanted.incoming = Some(Incoming::parse("imap.example.org").expect("a server"));
    settings(&inspection.server, &wanted).expect("there are ports")
}

fn ports(settings: &ClientSettings) -> Vec<(u16, Security)> {
    settings.outgoing.iter().map(|one| (one.port, one.security)).collect()
}

#[test]
fn tls_from_the_first_byte_comes_first_unless_the_other_is_wanted() {
    let sample = &SAMPLES[1];
    let (inspection, mut wanted) = look(sample.text(), &Target::default());
    let decided = settings(&inspection.server, &wanted).expect("there are ports");
    assert_eq!(ports(&decided), [(465, Security::Implicit), (587, Security::Starttls)]);
    assert_eq!(
        (decided.host.as_str(), decided.host_by),
        ("mail.example.org", HostBy::Assumed)
    );
    assert!(decided.withheld.is_empty() && decided.absent.is_empty(), "{decided:?}");
    wanted.first = First::Starttls;
    let decided = settings(&inspection.server, &wanted).expect("there are ports");
    assert_eq!(ports(&decided), [(587, Security::Starttls), (465, Security::Implicit)]);
    assert!(
        decided.remarks.iter().any(|one| one.contains("RFC 8314")),
        "{:?}",
        decided.remarks
    );
}

#[test]
fn what_could_show_a_password_is_not_published() {
    let implicit = "submissions inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=yes\n";
    let with = |more: &str| format!("{implicit}submission inet n - y - - smtpd\n{more}");
    let withheld = |main: &str, master: &str, reason: &str| {
        let decided = decided(main, master).expect("465 is published");
        assert_eq!(ports(&decided), [(465, Security::Implicit)], "{reason}");
        let all: Vec<&str> = decided.withheld.iter().map(|one| one.reason.as_str()).collect();
        assert!(all.len() == 1 && all[0].contains(reason), "{reason}: {all:?}");
    };
    withheld(
        MAIN,
        &with("  -o smtpd_tls_auth_only=no\n"),
        "takes a login before TLS too",
    );
    withheld(MAIN, &with("  -o smtpd_tls_security_level=none\n"), "has no TLS");
    withheld(MAIN, &with("  -o smtpd_sasl_auth_enable=no\n"), "takes no login");
    withheld(
        MAIN,
        &with("  -o smtpd_recipient_restrictions=reject\n"),
        "even after a login",
    );
    withheld(
        MAIN,
        &with("  -o smtpd_sasl_tls_security_options=noanonymous,noplaintext\n"),
        "neither PLAIN nor LOGIN",
    );
    withheld(
        MAIN,
        &format!("{implicit}2525 inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=no\n"),
        "nothing tells whether it is for users; `--role 2525=submission` does",
    );
}

#[test]
fn a_port_that_is_not_known_says_what_to_ask() {
    let main = MAIN.replace("compatibility_level = 3.6\n", "");
    assert_ne!(main, MAIN);
    let main = format!("{main}smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination\n");
    let (inspection, mut wanted) = look(&pasted(&main, BOTH), &Target::default());
    wanted.questions = inspection.questions;
    let decided = settings(&inspection.server, &wanted).expect("587 is published");
    assert_eq!(ports(&decided), [(587, Security::Starttls)]);
    let reason = &decided.withheld[0].reason;
    for words in ["`postconf -h mail_version`", "`--target postfix=VERSION`"] {
        assert!(reason.contains(words), "{reason}");
    }
}

#[test]
fn what_only_the_machine_reaches_is_told_when_the_person_takes_it_for_more() {
    let master = format!("{BOTH}127.0.0.1:2587 inet n - y - - smtpd\n  -o smtpd_tls_security_level=encrypt\n");
    let mut target = Target::default();
    let (inspection, wanted) = look(&pasted(MAIN, &master), &target);
    let before = settings(&inspection.server, &wanted).expect("there are ports");
    assert!(before.withheld.is_empty(), "{:?}", before.withheld);
    target.roles.push(("2587".to_owned(), Role::Submission));
    let (inspection, wanted) = look(&pasted(MAIN, &master), &target);
    let after = settings(&inspection.server, &wanted).expect("there are ports");
    assert_eq!(ports(&after), ports(&before));
    assert!(
        after.withheld[0].reason.contains("only from the machine itself"),
        "{:?}",
        after.withheld
    );
}

#[test]
fn one_bad_listener_spoils_the_port_for_all_addresses() {
    let decided = decided(
        MAIN,
        "submissions inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=yes\n\
         192.0.2.1:587 inet n - y - - smtpd\n  -o smtpd_tls_security_level=encrypt\n\
         192.0.2.2:587 inet n - y - - smtpd\n  -o smtpd_tls_auth_only=no\n",
    )
    .expect("465 is published");
    assert_eq!(ports(&decided), [(465, Security::Implicit)]);
    assert_eq!(decided.withheld.len(), 2, "{:?}", decided.withheld);
}

#[test]
fn without_any_port_the_reasons_are_told() {
    let error = decided(MAIN, "submission inet n - y - - smtpd\n  -o smtpd_tls_auth_only=no\n").expect_err("none");
    let said = error.to_string();
    assert!(
        said.contains("port 587 (submission): it takes a login before TLS too"),
        "{said}"
    );
    let error = decided(MAIN, "smtp inet n - y - - smtpd\n").expect_err("none");
    assert!(
        error
            .to_string()
            .contains("nothing in the configuration takes mail from users"),
        "{error}"
    );
}

fn certificate(names: &[&str]) -> Object {
    Object::Certificate(Certificate {
        subject: String::new(),
        issuer: "CN=authority".to_owned(),
        common_name: None,
        dns_names: names.iter().map(|name| (*name).to_owned()).collect(),
        not_before: 0,
        not_after: i64::MAX,
        key: KeyKind::Ec,
        bits: 256,
        digest: Digest::Newer,
        is_authority: false,
        is_public: true,
    })
}

#[test]
fn the_name_is_the_persons_or_the_certificates_or_the_servers_own() {
    let found = |names: &[&str], main: &str, host: Option<&str>| {
        let mut target = Target::default();
        target.seen.given = names
            .iter()
            .map(|names| certificate(&names.split(' ').collect::<Vec<_>>()))
            .collect();
        let (inspection, mut wanted) = look(&pasted(main, BOTH), &target);
        wanted.host = host.map(name);
        settings(&inspection.server, &wanted)
            .map(|settings| (settings.host.to_string(), settings.host_by, settings.remarks.join("\n")))
    };
    let nameless = MAIN.replace("myhostname = mail.example.org\n", "");
    let local = MAIN.replace("mail.example.org", "box.localdomain");
    for (names, main, host, by) in [
        (
            &["mail.example.org example.org"][..],
            MAIN,
            "mail.example.org",
            HostBy::Certificate,
        ),
        (&["*.example.org"], MAIN, "mail.example.org", HostBy::Certificate),
        (
            &["smtp.example.org www.example.net"],
            MAIN,
            "smtp.example.org",
            HostBy::Certificate,
        ),
        (
            &["mail.provider.example"],
            nameless.as_str(),
            "mail.provider.example",
            HostBy::Certificate,
        ),
        (&[], MAIN, "mail.example.org", HostBy::Assumed),
    ] {
        let (found, found_by, _) = found(names, main, None).expect("there is a name");
        assert_eq!((found.as_str(), found_by), (host, by), "{names:?}");
    }
    let (_, by, remarks) = found(&["smtp.example.org"], MAIN, Some("mx.example.org")).expect("a name");
    assert_eq!(by, HostBy::Said);
    assert!(
        remarks.contains("is for smtp.example.org, not for mx.example.org"),
        "{remarks}"
    );
    for (names, main) in [
        (&["a.example.org b.example.org"][..], MAIN),
        (&[], nameless.as_str()),
        (&[], &local),
    ] {
        let error = found(names, main, None).expect_err("nobody knows the name");
        assert!(matches!(error, ClientsError::NoHost { .. }), "{error}");
    }
}

#[test]
fn an_address_must_be_of_the_domain() {
    let (inspection, mut wanted) = look(&pasted(MAIN, BOTH), &Target::default());
    wanted.address = Some("anna@example.net".parse().expect("an address"));
    let error = settings(&inspection.server, &wanted).expect_err("another domain");
    assert_eq!(error.to_string(), "anna@example.net is no address in example.org");
}

#[test]
fn incoming_servers_are_read() {
    for (text, port, security) in [
        ("imap.example.org", 993, Security::Implicit),
        ("imap.example.org:143", 143, Security::Starttls),
        ("imap.example.org:1993", 1993, Security::Implicit),
    ] {
        let incoming = Incoming::parse(text).expect("a server");
        assert_eq!((incoming.port, incoming.security), (port, security), "{text}");
    }
    for text in [
        "imap.example.org:0",
        "imap.example.org:25",
        "imap.example.org:110",
        "imap.example.org:465",
        "imap.example.org:587",
        "imap.example.org:995",
        "imap.example.org:x",
        "imap",
        "2001:db8::1",
        ":993",
    ] {
        assert!(Incoming::parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_not_offered_has_a_lone_dot_and_what_is_not_known_has_nothing() {
    let zone = |main: &str, master: &str| {
        let settings = decided(main, master).expect("there is a port");
        let zone = Form::Srv.render(&settings).expect("a zone");
        zone.lines()
            .filter(|line| !line.starts_with(';'))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        zone(MAIN, BOTH),
        [
            "_submissions._tcp.example.org. 3600 IN SRV 0 1 465 mail.example.org.",
            "_submission._tcp.example.org. 3600 IN SRV 10 1 587 mail.example.org."
        ]
    );
    let implicit = "submissions inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=yes\n";
    assert_eq!(
        zone(MAIN, implicit),
        [
            "_submissions._tcp.example.org. 3600 IN SRV 0 1 465 mail.example.org.",
            "_submission._tcp.example.org. 3600 IN SRV 0 0 0 ."
        ]
    );
    // Who knows what stands behind the proxy.
    let behind = format!("{implicit}submission inet n - y - - smtpd\n  -o smtpd_upstream_proxy_protocol=haproxy\n");
    assert_eq!(
        zone(MAIN, &behind),
        ["_submissions._tcp.example.org. 3600 IN SRV 0 1 465 mail.example.org."]
    );
}

#[test]
fn a_move_shortens_the_life_of_records() {
    let mut settings = good();
    settings.ttl = 300;
    let all = records(&settings);
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|record| record.ttl == 300));
    assert_eq!(
        all[2].to_string(),
        "_imaps._tcp.example.org. 300 IN SRV 0 1 993 imap.example.org."
    );
}

#[test]
fn programs_that_set_up_accounts_want_a_place_to_read_mail() {
    let mut settings = good();
    settings.incoming = None;
    for form in Form::ALL {
        match (form, form.render(&settings)) {
            (Form::Text | Form::Srv, Ok(text)) => assert!(!text.contains("993"), "{text}"),
            (_, Err(FormError::NoIncoming { form: named })) => assert_eq!(named, form),
            (_, other) => panic!("{form:?}: {other:?}"),
        }
    }
    settings = good();
    settings.outgoing.clear();
    for form in [Form::Text, Form::Autoconfig, Form::Autodiscover, Form::Mobileconfig] {
        assert!(matches!(form.render(&settings), Err(FormError::NoPort)), "{form:?}");
    }
}

#[test]
fn thunderbird_gets_all_ways_in_their_order() {
    let xml = Form::Autoconfig.render(&good()).expect("a file");
    let order = [
        "<clientConfig version=\"1.1\">",
        "<emailProvider id=\"example.org\">",
        "<domain>example.org</domain>",
        "<incomingServer type=\"imap\">",
        "<hostname>imap.example.org</hostname>",
        "<outgoingServer type=\"smtp\">",
        "<port>465</port>",
        "<socketType>SSL</socketType>",
        "<authentication>password-cleartext</authentication>",
        "<username>%EMAILADDRESS%</username>",
        "<outgoingServer type=\"smtp\">",
        "<port>587</port>",
        "<socketType>STARTTLS</socketType>",
    ];
    let mut rest = xml.as_str();
    for piece in order {
        let at = rest
            .find(piece)
            .unwrap_or_else(|| panic!("{piece} is not there, or not in its place:\n{xml}"));
        rest = &rest[at + piece.len()..];
    }
}

#[test]
fn outlook_is_told_starttls_by_its_own_word() {
    let mut settings = good();
    let xml = Form::Autodiscover.render(&settings).expect("an answer");
    assert!(xml.contains("<Port>465</Port>") && !xml.contains("587"), "{xml}");
    assert!(!xml.contains("<Encryption>TLS</Encryption>"), "{xml}");
    settings.outgoing.reverse();
    settings.address = Some("r&d@example.org".parse().expect("an address"));
    let xml = Form::Autodiscover.render(&settings).expect("an answer");
    assert!(
        xml.contains("<Port>587</Port>") && xml.contains("<Encryption>TLS</Encryption>"),
        "{xml}"
    );
    assert!(xml.contains("<LoginName>r&amp;d@example.org</LoginName>"), "{xml}");
}

#[test]
fn a_profile_keeps_its_identifiers() {
    let mut settings = good();
    let first = Form::Mobileconfig.render(&settings).expect("a profile");
    settings.outgoing.reverse();
    let moved = Form::Mobileconfig.render(&settings).expect("a profile");
    let uuids = |text: &str| -> Vec<String> {
        let lines = text.lines().skip_while(|line| !line.contains("PayloadUUID"));
        lines
            .filter(|line| line.contains("-8") && line.len() > 50)
            .map(|line| line.trim().to_owned())
            .collect()
    };
    assert_eq!(uuids(&first).len(), 2, "{first}");
    assert_eq!(uuids(&first), uuids(&moved));
    assert_ne!(uuids(&first)[0], uuids(&first)[1]);
    assert!(first.contains("<string>org.example.smtplint</string>"), "{first}");
    settings.domain = name("example.net");
    let other = Form::Mobileconfig.render(&settings).expect("a profile");
    assert!(uuids(&other).iter().all(|one| !uuids(&first).contains(one)));
}

#[test]
fn people_are_told_in_the_words_of_their_programs() {
    let mut settings = good();
    let text = Form::Text.render(&settings).expect("a text");
    for words in [
        "server                mail.example.org",
        "port                  465",
        "connection security   SSL/TLS",
        "your full mail address",
        "If that does not connect: port 587 with STARTTLS",
        "Authentication method: Normal password",
        "nor \"STARTTLS, if available\"",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    settings.outgoing.truncate(1);
    let text = Form::Text.render(&settings).expect("a text");
    assert!(!text.contains("STARTTLS"), "nobody needs to know of it:\n{text}");
}

#[test]
fn each_form_has_a_file_and_a_place() {
    let domain = name("example.org");
    let mut names: Vec<String> = Form::ALL.iter().map(|form| form.file_name(&domain)).collect();
    assert!(Form::ALL.iter().all(|form| !form.places(&domain).is_empty()));
    names.sort();
    names.dedup();
    assert_eq!(names.len(), Form::ALL.len());
}
