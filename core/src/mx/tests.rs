//! What records are read as, and what they come to.

mod ports;

use std::net::IpAddr;

use super::autoconfig::{Outgoing, Socket, outgoing};
use super::strict::{Mode, Policy, announced};
use super::*;
use crate::finding::Severity;
use crate::rules::RULES;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn policies_are_announced_by_one_record() {
    let id = |all: &[&str]| announced(&texts(all));
    assert_eq!(
        id(&["v=STSv1; id=20260101T000000;"]),
        Ok(Some("20260101T000000".to_owned()))
    );
    assert_eq!(id(&["v=STSv1;id=1"]), Ok(Some("1".to_owned())));
    assert_eq!(id(&["v=spf1 -all", "v=STSv1; more=x; id=1"]), Ok(Some("1".to_owned())));
    assert_eq!(id(&[]), Ok(None));
    assert_eq!(id(&["v=spf1 -all"]), Ok(None));
    for wrong in [
        &["v=STSv1; id=1", "v=STSv1; id=2"][..],
        &["v=STSv1;"],
        &["v=STSv1; id="],
        &["v=STSv1; id=2026-01-01"],
        &["v=STSv1; id=123456789012345678901234567890123"],
        &["v=STSv1 ; id=1"],
        &[" v=STSv1; id=1"],
        &["v=stsv1; id=1"],
    ] {
        assert!(id(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn policies_are_read_as_senders_read_them() {
    let good = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.org\r\nmx: *.example.net.\r\nmax_age: 604800\r\n";
    let policy = Policy::parse(good).expect("it is one");
    assert_eq!((policy.mode, policy.max_age), (Mode::Enforce, 604_800));
    for (host, allowed) in [
        ("mail.example.org", true),
        ("MAIL.example.org", true),
        ("a.example.net", true),
        ("a.b.example.net", false),
        ("example.net", false),
        (".example.net", false),
        ("other.example.org", false),
    ] {
        assert_eq!(policy.allows(host), allowed, "{host}");
    }
    assert_eq!(
        Policy::parse("version: STSv1\nmode: none\nmax_age: 0\n").map(|one| one.mode),
        Ok(Mode::None)
    );
    let twice = Policy::parse("version: STSv1\nmode: testing\nmode: enforce\nmx: a\nmax_age: 1\nx: y");
    assert_eq!(twice.map(|one| one.mode), Ok(Mode::Testing), "the first counts");
    for (wrong, piece) in [
        ("", "no `version: STSv1`"),
        ("version: STSv2\nmode: none\nmax_age: 1", "STSv2"),
        ("version: STSv1\nmx: a\nmax_age: 1", "no `mode`"),
        ("version: STSv1\nmode: on\nmx: a\nmax_age: 1", "`on`"),
        ("version: STSv1\nmode: enforce\nmx: a", "no `max_age`"),
        ("version: STSv1\nmode: enforce\nmx: a\nmax_age: 31557601", "31557601"),
        ("version: STSv1\nmode: enforce\nmx: a\nmax_age: +1", "+1"),
        ("version: STSv1\nmode: enforce\nmax_age: 1", "no `mx`"),
        ("<html>", "no colon"),
    ] {
        let told = Policy::parse(wrong).expect_err(wrong);
        assert!(told.contains(piece), "{wrong:?}: {told}");
    }
}

#[test]
fn places_of_reports() {
    let wanted = |all: &[&str]| reports::wanted(&texts(all));
    let two = "v=TLSRPTv1; rua=mailto:a@example.org , https://example.org/r";
    assert_eq!(
        wanted(&[two]),
        Ok(Some(texts(&["mailto:a@example.org", "https://example.org/r"])))
    );
    assert_eq!(wanted(&["v=spf1"]), Ok(None));
    for wrong in [
        &["v=TLSRPTv1;"][..],
        &["v=TLSRPTv1; rua=a@example.org"],
        &["v=TLSRPTv1; rua=mailto:"],
        &["v=TLSRPTv1; rua=http://example.org/"],
        &["v=TLSRPTv1; rua=mailto:a@b,"],
        &["v=TLSRPTv1; rua=mailto:a@b", "v=TLSRPTv1; rua=mailto:c@d"],
        &["V=TLSRPTv1; rua=mailto:a@b"],
    ] {
        assert!(wanted(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn servers_of_autoconfig() {
    let file = |server: &str| {
        format!(
            "<?xml version=\"1.0\"?><clientConfig version=\"1.1\"><emailProvider id=\"x\"><incomingServer type=\"imap\"><hostname>i</hostname>\
             <port>993</port><socketType>SSL</socketType></incomingServer>{server}</emailProvider></clientConfig>"
        )
    };
    let server = "<outgoingServer type=\"smtp\"><hostname>smtp.%EMAILDOMAIN%</hostname><port>465</port><socketType>SSL</socketType>\
                  </outgoingServer>";
    let expected = Outgoing {
        host: "smtp.example.org".to_owned(),
        port: 465,
        socket: Socket::Implicit,
    };
    assert_eq!(outgoing(&file(server), "example.org"), Ok(vec![expected]));
    assert_eq!(outgoing(&file(""), "example.org"), Ok(Vec::new()));
    let other = server.replace("smtp\">", "exchange\">");
    assert_eq!(
        outgoing(&file(&other), "example.org"),
        Ok(Vec::new()),
        "another kind of server"
    );
    for wrong in [
        "",
        "<html></html>",
        "<clientConfig><a></clientConfig>",
        &file(&server.replace("465", "70000")),
        &file(&server.replace("SSL", "TLS")),
        &file(&server.replace("smtp.%EMAILDOMAIN%", "")),
    ] {
        assert!(outgoing(wrong, "example.org").is_err(), "{wrong}");
    }
}

fn found<T>(name: &str, kind: &'static str, records: Vec<T>) -> Asked<T> {
    Asked {
        status: Status::Found,
        dnssec: Dnssec::Secure,
        records,
        ..Asked::nobody(name, kind)
    }
}

fn none<T>(name: &str, kind: &'static str) -> Asked<T> {
    Asked {
        status: Status::NoName,
        dnssec: Dnssec::Secure,
        ..Asked::nobody(name, kind)
    }
}

fn service(port: u16, priority: u16) -> Service {
    Service {
        priority,
        weight: 1,
        port,
        target: "mail.example.org".to_owned(),
    }
}

fn host(name: &str) -> Host {
    let address: IpAddr = [192, 0, 2, 25].into();
    Host {
        name: name.to_owned(),
        ipv4: found(name, "A", vec![address]),
        ipv6: none(name, "AAAA"),
        addresses: vec![Address {
            address,
            pointers: found("25.2.0.192.in-addr.arpa", "PTR", vec![name.to_owned()]),
            confirmed: Some(true),
        }],
        tlsa: vec![found(
            &format!("_25._tcp.{name}"),
            "TLSA",
            vec![Tlsa {
                usage: 3,
                selector: 1,
                matching: 1,
                data: "00".repeat(32),
            }],
        )],
    }
}

/// A domain of which nothing is to be said.
fn careful() -> Domain {
    let name = "example.org";
    let got = |url: &str, media_type: &str, body: &str| Fetched {
        outcome: Fetch::Got,
        code: Some(200),
        media_type: Some(media_type.to_owned()),
        body: Some(body.to_owned()),
        ..Fetched::nobody(url.to_owned())
    };
    Domain {
        name: name.to_owned(),
        server: None,
        mx: found(
            name,
            "MX",
            vec![Exchange {
                preference: 10,
                host: "mail.example.org".to_owned(),
            }],
        ),
        hosts: vec![host("mail.example.org")],
        sts: found("_mta-sts.example.org", "TXT", texts(&["v=STSv1; id=1"])),
        policy: got(
            "https://mta-sts.example.org/.well-known/mta-sts.txt",
            "text/plain",
            "version: STSv1\nmode: enforce\nmx: mail.example.org\nmax_age: 604800\n",
        ),
        reports: found(
            "_smtp._tls.example.org",
            "TXT",
            texts(&["v=TLSRPTv1; rua=mailto:a@example.org"]),
        ),
        submission: found("_submission._tcp.example.org", "SRV", vec![service(587, 10)]),
        submissions: found("_submissions._tcp.example.org", "SRV", vec![service(465, 0)]),
        servers: vec![host("mail.example.org")],
        autoconfig: vec![got(
            "https://autoconfig.example.org/mail/config-v1.1.xml",
            "text/xml",
            "<clientConfig><outgoingServer type=\"smtp\"><hostname>mail.example.org</hostname><port>465</port>\
             <socketType>SSL</socketType></outgoingServer></clientConfig>",
        )],
        ports: None,
        notes: Vec::new(),
    }
}

/// The rules that find something in the careful domain once it is changed, each with how bad it is.
fn after(change: impl FnOnce(&mut Domain)) -> Vec<(&'static str, Severity)> {
    let mut domain = careful();
    change(&mut domain);
    judge(&domain)
        .findings
        .iter()
        .map(|one| (one.rule.id, one.severity))
        .collect()
}

#[test]
fn of_a_careful_domain_nothing_is_said() {
    assert_eq!(after(|_| {}), []);
    let judgement = judge(&careful());
    assert!(judgement.open.is_empty() && !judgement.fails(Severity::Info, true));
}

#[test]
fn each_rule_finds_its_own() {
    use Severity::{High, Info, Low, Medium};
    let null = || Exchange {
        preference: 0,
        host: String::new(),
    };
    assert_eq!(
        after(|domain| {
            domain.mx.records = vec![null()];
            domain.hosts.clear();
        }),
        [("mx-missing-or-null", Info)]
    );
    assert_eq!(
        after(|domain| domain.mx.records.push(null())),
        [("mx-missing-or-null", High)]
    );
    assert_eq!(
        after(|domain| domain.mx = none("example.org", "MX")),
        [("mx-missing-or-null", High)],
        "no such domain"
    );
    assert_eq!(
        after(|domain| {
            domain.mx = none("example.org", "MX");
            domain.mx.status = Status::Empty;
            domain.hosts = vec![host("example.org")];
        }),
        [("mx-missing-or-null", Low)],
        "the domain's own address"
    );
    assert_eq!(
        after(|domain| domain.hosts[0].ipv4.alias = Some("other.example.org".to_owned())),
        [("mx-is-cname-or-ip", High)]
    );
    assert_eq!(
        after(|domain| {
            domain.hosts[0].ipv4 = none("mail.example.org", "A");
            domain.hosts[0].addresses.clear();
        }),
        [("mx-host-unresolvable", High)]
    );
    assert_eq!(
        after(|domain| domain.hosts[0].addresses[0].confirmed = Some(false)),
        [("mx-ptr-mismatch", Low)]
    );
    assert_eq!(after(|domain| domain.hosts[0].addresses[0].confirmed = None), []);
    assert_eq!(
        after(|domain| domain.mx.dnssec = Dnssec::Bogus),
        [("dnssec-bogus", High)]
    );
    assert_eq!(
        after(|domain| domain.sts = none("_mta-sts.example.org", "TXT")),
        [("mta-sts-absent", Low)]
    );
    assert_eq!(
        after(|domain| domain.reports = none("_smtp._tls.example.org", "TXT")),
        [("tlsrpt-absent", Low)]
    );
    assert_eq!(
        after(|domain| domain.reports.records = texts(&["v=TLSRPTv1; rua=x"])),
        [("tlsrpt-invalid", Medium)]
    );
    assert_eq!(
        after(|domain| domain.hosts[0].tlsa[0] = none("_25._tcp.mail.example.org", "TLSA")),
        [("dane-absent", Info)]
    );
    assert_eq!(
        after(|domain| domain.submission = none("_submission._tcp.example.org", "SRV")),
        [("srv-submission-absent", Info)]
    );
    assert_eq!(
        after(|domain| domain.submission.records[0].target.clear()),
        [],
        "that there is none is said"
    );
    assert_eq!(
        after(|domain| domain.submissions = none("_submissions._tcp.example.org", "SRV")),
        [("srv-submissions-absent", Info)]
    );
    assert_eq!(
        after(|domain| domain.submissions.records[0].priority = 20),
        [("srv-prefers-cleartext", Medium)]
    );
    assert_eq!(
        after(|domain| domain.servers[0].ipv4 = none("mail.example.org", "A")),
        [("srv-target-unresolvable", High)]
    );
    assert_eq!(
        after(|domain| domain.submissions.records[0].port = 4650),
        [("autoconfig-contradicts", Medium)]
    );
    assert_eq!(
        after(|domain| {
            domain.autoconfig[0].outcome = Fetch::Refused;
            domain.autoconfig[0].code = Some(404);
        }),
        [("autoconfig-missing", Low)]
    );
    let clear = |domain: &mut Domain| {
        let body = domain.autoconfig[0].body.take().unwrap_or_default();
        domain.autoconfig[0].body = Some(body.replace("SSL", "plain"));
    };
    assert_eq!(after(clear), [("autoconfig-in-clear", High)]);
}

#[test]
fn policies_that_do_not_serve() {
    use Severity::{High, Info, Low, Medium};
    let severities = |change: fn(&mut Domain)| -> Vec<Severity> {
        let all = after(change);
        assert!(all.iter().all(|(rule, _)| *rule == "mta-sts-invalid"), "{all:?}");
        all.into_iter().map(|(_, severity)| severity).collect()
    };
    fn body(domain: &mut Domain, from: &str, to: &str) {
        domain.policy.body = domain.policy.body.take().map(|body| body.replace(from, to));
    }
    assert_eq!(severities(|domain| body(domain, "mail.", "other.")), [High]);
    assert_eq!(severities(|domain| body(domain, "enforce", "testing")), [Info]);
    assert_eq!(
        severities(|domain| {
            body(domain, "mail.", "other.");
            body(domain, "enforce", "testing");
        }),
        [Medium, Info]
    );
    assert_eq!(severities(|domain| body(domain, "604800", "3600")), [Low]);
    assert_eq!(severities(|domain| body(domain, "enforce", "none")), [Info]);
    assert_eq!(severities(|domain| body(domain, "STSv1", "STSv9")), [High]);
    assert_eq!(
        severities(|domain| domain.policy.media_type = Some("text/html".to_owned())),
        [Low]
    );
    for outcome in [
        Fetch::Refused,
        Fetch::Redirected,
        Fetch::TooLarge,
        Fetch::Untrusted,
        Fetch::NoHost,
    ] {
        let all = after(|domain| domain.policy.outcome = outcome);
        assert_eq!(all, [("mta-sts-invalid", High)], "{outcome:?}");
    }
    assert_eq!(
        severities(|domain| domain.sts.records.push("v=STSv1; id=2".to_owned())),
        [High]
    );
}

#[test]
fn records_of_tlsa_that_do_not_serve() {
    use Severity::{High, Low, Medium};
    let of = |change: &dyn Fn(&mut Tlsa)| after(|domain| change(&mut domain.hosts[0].tlsa[0].records[0]));
    for change in [
        &(|one: &mut Tlsa| one.usage = 0) as &dyn Fn(&mut Tlsa),
        &|one| one.usage = 1,
        &|one| one.usage = 4,
        &|one| one.selector = 2,
        &|one| one.matching = 3,
        &|one| one.matching = 2,
        &|one| one.data.truncate(62),
    ] {
        assert_eq!(of(change), [("dane-bad", High)]);
    }
    assert_eq!(of(&|one| one.usage = 2), []);
    // What RFC 7672 says of usages is said of mail between servers.
    let of_users = |usage| {
        after(move |domain: &mut Domain| {
            let host = domain.hosts[0].clone();
            domain.servers[0].tlsa = host.tlsa;
            domain.servers[0].tlsa[0].records[0].usage = usage;
        })
    };
    assert_eq!(of_users(1), []);
    assert_eq!(of_users(4), [("dane-bad", High)]);
    assert_eq!(
        of(&|one| {
            one.matching = 0;
            one.data = "30".to_owned();
        }),
        []
    );
    let beside = |domain: &mut Domain| {
        let mut other = domain.hosts[0].tlsa[0].records[0].clone();
        other.usage = 1;
        domain.hosts[0].tlsa[0].records.push(other);
    };
    assert_eq!(after(beside), [("dane-bad", Low)]);
    assert_eq!(
        after(|domain| domain.hosts[0].tlsa[0].dnssec = Dnssec::Insecure),
        [("dane-bad", Medium)]
    );
}

#[test]
fn what_is_not_answered_is_asked() {
    let mut domain = careful();
    domain.reports = Asked {
        status: Status::Failed,
        why: Some("no name server answered".to_owned()),
        ..Asked::nobody("_smtp._tls.example.org", "TXT")
    };
    domain.policy.outcome = Fetch::Failed;
    domain.policy.body = None;
    let judgement = judge(&domain);
    assert!(judgement.findings.is_empty(), "{:?}", judgement.findings);
    let commands: Vec<&str> = judgement.open.iter().map(|open| open.command.as_str()).collect();
    assert_eq!(
        commands,
        [
            "dig +dnssec _smtp._tls.example.org TXT",
            "curl -sSi https://mta-sts.example.org/.well-known/mta-sts.txt"
        ]
    );
    assert!(!judgement.fails(Severity::Info, false) && judgement.fails(Severity::Info, true));
}

#[test]
fn rules_have_texts_and_names_of_their_own() {
    for rule in rules::ALL {
        let (text, ..) = rules::explanation(rule.id).expect("it is known");
        assert!(
            !text.headline.is_empty() && !text.headline.ends_with('.'),
            "{}",
            rule.id
        );
        let titles: Vec<&str> = text.sections.iter().map(|(title, _)| *title).collect();
        assert_eq!(titles, ["What it means", "Why it matters", "What to do"], "{}", rule.id);
        assert!(json::why(rule.text).ends_with('.'), "{}", rule.id);
        assert!(RULES.iter().all(|(_, other)| other.id != rule.id), "{}", rule.id);
        assert_eq!(
            rules::ALL.iter().filter(|other| other.id == rule.id).count(),
            1,
            "{}",
            rule.id
        );
    }
}
