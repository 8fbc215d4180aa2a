//! `smtplint mx` against a name server and a web server on loopback that do what a test wants.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "../common/mod.rs"]
mod common;
mod lists;
mod names;
mod ports;
mod web;

use std::time::{Duration, Instant};

use common::{Ran, with};
use hickory_resolver::proto::op::ResponseCode;
use names::{Manner, Zone, serve};
use serde_json::Value;

/// A domain as it should be, but for DNSSEC, which a server on loopback cannot have.
fn good() -> Zone {
    Zone::default()
        .mx("example.org", 10, "mail.example.org")
        .a("example.org", [127, 0, 0, 1])
        .a("mail.example.org", [192, 0, 2, 25])
        .ptr("25.2.0.192.in-addr.arpa", "mail.example.org")
        .txt("_mta-sts.example.org", &["v=STSv1; ", "id=1"])
        .a("mta-sts.example.org", [127, 0, 0, 1])
        .txt("_smtp._tls.example.org", &["v=TLSRPTv1; rua=mailto:a@example.org"])
        .srv("_submission._tcp.example.org", 10, 587, "mail.example.org")
        .srv("_submissions._tcp.example.org", 0, 465, "mail.example.org")
}

const POLICY: &str = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.org\r\nmax_age: 604800\r\n";
const AUTOCONFIG: &str = "<clientConfig><outgoingServer type=\"smtp\"><hostname>mail.example.org</hostname><port>465</port>\
     <socketType>SSL</socketType></outgoingServer></clientConfig>";

fn asked(zone: Zone, arguments: &[&str]) -> Ran {
    let server = serve(zone).0.to_string();
    with(&[&["mx", "--server", &server, "--timeout", "1"], arguments].concat())
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

fn rules(output: &Value) -> Vec<&str> {
    let findings = output["findings"].as_array().expect("a list");
    findings.iter().filter_map(|one| one["rule"].as_str()).collect()
}

/// What the web server answers for the policy, and what the rules make of it.
fn with_policy(answer: Vec<u8>) -> Value {
    let port = web::serve(move |path| match path {
        "/.well-known/mta-sts.txt" => answer.clone(),
        "/mail/config-v1.1.xml" => web::reply("200 OK", "Content-Type: text/xml\r\n", AUTOCONFIG),
        _ => web::reply("404 Not Found", "", ""),
    });
    let port = port.to_string();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mx/root.pem");
    let arguments = [
        "--format",
        "json",
        "--no-dnssec",
        "--https-port",
        &port,
        "--root-certificates",
        root,
        "example.org",
    ];
    let ran = asked(good().a("autoconfig.example.org", [127, 0, 0, 1]), &arguments);
    assert_eq!(ran.err, "");
    json(&ran)
}

#[test]
fn a_domain_as_it_should_be() {
    let output = with_policy(web::reply(
        "200 OK",
        "Content-Type: text/plain; charset=utf-8\r\n",
        POLICY,
    ));
    assert_eq!(rules(&output), [""; 0], "{output:#}");
    assert_eq!(output["error"], Value::Null);
    assert_eq!(output["mta_sts"]["policy"]["mode"], "enforce");
    assert_eq!(output["mta_sts"]["id"], "1", "parts of a text belong together");
    assert_eq!(output["autoconfig"]["outgoing"][0]["port"], 465);
    assert_eq!(output["hosts"][0]["addresses"][0]["confirmed"], true);
    assert_eq!(output["dnssec"], "unknown");
    assert_eq!(output["questions"], Value::Array(Vec::new()));
}

#[test]
fn policies_are_fetched_as_senders_fetch_them() {
    let text = "Content-Type: text/plain\r\n";
    let large = "x".repeat(65 * 1024);
    for (answer, outcome) in [
        (
            web::reply("301 Moved", "Location: https://mta-sts.example.org/other\r\n", ""),
            "redirected",
        ),
        (web::reply("404 Not Found", text, POLICY), "refused"),
        (web::reply("500 Oh", text, ""), "refused"),
        (web::reply("200 OK", text, &large), "too-large"),
    ] {
        let output = with_policy(answer);
        assert_eq!(output["mta_sts"]["file"]["outcome"], outcome, "{output:#}");
        assert_eq!(rules(&output), ["mta-sts-invalid"], "{outcome}");
    }
    // What breaks off was no answer.
    for broken in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nver"[..],
        b"",
        b"SSH-2.0-x\r\n",
    ] {
        let output = with_policy(broken.to_vec());
        assert_eq!(output["mta_sts"]["file"]["outcome"], "failed", "{output:#}");
        assert_eq!(rules(&output), [""; 0]);
        assert_eq!(output["questions"].as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn certificates_of_policies_have_to_be_good() {
    let port = web::serve(|_| web::reply("200 OK", "Content-Type: text/plain\r\n", POLICY)).to_string();
    // Whoever reads the system's own authorities does not find the root of the tests.
    let ran = asked(
        good(),
        &["--format", "json", "--no-dnssec", "--https-port", &port, "example.org"],
    );
    let output = json(&ran);
    assert_eq!(output["mta_sts"]["file"]["outcome"], "untrusted", "{output:#}");
    assert_eq!(ran.code, Some(1));
    let zone = Zone::default()
        .mx("example.net", 10, "mail.example.net")
        .a("mail.example.net", [192, 0, 2, 25])
        .txt("_mta-sts.example.net", &["v=STSv1; id=1"])
        .a("mta-sts.example.net", [127, 0, 0, 1]);
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mx/root.pem");
    let output = json(&asked(
        zone,
        &[
            "--format",
            "json",
            "--no-dnssec",
            "--https-port",
            &port,
            "--root-certificates",
            root,
            "example.net",
        ],
    ));
    let file = &output["mta_sts"]["file"];
    assert_eq!(
        (&file["outcome"], &file["why"]),
        (&"untrusted".into(), &"it is for another name".into())
    );
}

#[test]
fn text_for_people() {
    let zone = Zone::default()
        .mx("example.org", 20, "alias.example.org")
        .mx("example.org", 10, "gone.example.org")
        .cname("alias.example.org", "mail.example.org")
        .a("mail.example.org", [192, 0, 2, 25])
        .tlsa("_25._tcp.alias.example.org", 3, &[7; 32])
        .srv("_submission._tcp.example.org", 0, 587, "mail.example.org")
        .srv("_submissions._tcp.example.org", 0, 0, ".")
        .txt("_smtp._tls.example.org", &["v=TLSRPTv1; rua=mailto:a@example.org"]);
    let ran = asked(zone, &["--dns-only", "Example.ORG."]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for piece in [
        "mail goes to    gone.example.org (10): no address\n",
        "mail goes to    alias.example.org (20): alias for mail.example.org: 192.0.2.25\n",
        "DANE            _25._tcp.alias.example.org: 3 1 1 070707070707… (unknown)\n",
        "submissions     not offered, as the record says\n",
        "submission      mail.example.org port 587 (0)\n",
        "high[mx-is-cname-or-ip]:",
        "high[mx-host-unresolvable]:",
        "low[mta-sts-absent]:",
        "low[mx-ptr-mismatch]: 192.0.2.25, an address of alias.example.org, has no PTR record\n",
        "Whether answers are signed is not known: the name server does not hand on",
        "4 findings: 2 high, 2 low.\n",
    ] {
        assert!(ran.out.contains(piece), "{piece}: {}", ran.out);
    }
    let gone = ran.out.find("gone.example.org (10)");
    assert!(
        gone < ran.out.find("alias.example.org (20)"),
        "those that are tried first stand first"
    );
    let quiet = asked(
        good(),
        &["--dns-only", "--no-dnssec", "--fail-on", "info", "example.org"],
    );
    assert_eq!(quiet.code, Some(0), "{quiet:?}");
    assert!(quiet.out.ends_with("\nNothing found.\n"), "{quiet:?}");
}

#[test]
fn domains_that_take_no_mail() {
    let null = Zone::default().mx("example.org", 0, ".");
    let (server, asked) = serve(null);
    let ran = with(&[
        "mx",
        "--server",
        &server.to_string(),
        "--no-dnssec",
        "--format",
        "json",
        "example.org",
    ]);
    assert_eq!((ran.code, rules(&json(&ran))), (Some(0), vec!["mx-missing-or-null"]));
    let asked = asked.lock().expect("nobody fails inside").clone();
    assert!(!asked.iter().any(|one| one.starts_with("autoconfig")), "{asked:?}");
    let (server, asked) = serve(Zone::default());
    let ran = with(&[
        "mx",
        "--server",
        &server.to_string(),
        "--no-dnssec",
        "--format",
        "json",
        "example.org",
    ]);
    assert_eq!((ran.code, rules(&json(&ran))), (Some(1), vec!["mx-missing-or-null"]));
    assert_eq!(
        *asked.lock().expect("nobody fails inside"),
        ["example.org MX"],
        "there is nothing more to ask"
    );
    let own = Zone::default().a("example.org", [192, 0, 2, 80]);
    let output = json(&self::asked(
        own,
        &["--no-dnssec", "--dns-only", "--format", "json", "example.org"],
    ));
    assert_eq!(output["hosts"][0]["name"], "example.org");
    assert!(rules(&output).contains(&"mx-missing-or-null"), "{output:#}");
}

#[test]
fn a_port_without_a_name_server_is_told_from_a_silent_one() {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    let place = socket.local_addr().expect("it has an address").to_string();
    let look = || with(&["mx", "--server", &place, "--timeout", "1", "--dns-only", "example.org"]);
    let silent = look();
    assert!(
        silent.out.contains("no name server answered within 1 seconds"),
        "{silent:?}"
    );
    drop(socket);
    let refused = look();
    assert!(
        refused.out.contains(&format!("no name server listens at {place}")),
        "{refused:?}"
    );
    assert_eq!((silent.code, refused.code), (Some(2), Some(2)));
}

#[test]
fn what_name_servers_do_not_say() {
    let begun = Instant::now();
    for (manner, sentence) in [
        (Manner::Silent, "no name server answered within 1 seconds"),
        (Manner::Code(ResponseCode::Refused), "refuses to answer (REFUSED)"),
        (Manner::Code(ResponseCode::ServFail), "does not find out (SERVFAIL)"),
        (Manner::Code(ResponseCode::NotImp), "answers `"),
    ] {
        let ran = asked(
            good().manner("example.org", manner),
            &["--format", "json", "example.org"],
        );
        assert_eq!(ran.code, Some(2), "{ran:?}");
        let output = json(&ran);
        let error = output["error"].as_str().unwrap_or_default();
        assert!(
            error.contains(sentence) && error.contains("--server asks another"),
            "{manner:?}: {error}"
        );
        let command = output["questions"][0]["command"].as_str().unwrap_or_default();
        assert!(
            command.starts_with("dig +dnssec @127.0.0.1 -p ") && command.ends_with(" example.org MX"),
            "{command}"
        );
    }
    let garbage = asked(
        good().manner("example.org", Manner::Garbage),
        &["--format", "json", "example.org"],
    );
    assert_eq!(garbage.code, Some(2), "{garbage:?}");
    // One question that is not answered leaves the rest.
    let zone = good().manner("_smtp._tls.example.org", Manner::Silent);
    let ran = asked(zone, &["--dns-only", "--no-dnssec", "--format", "json", "example.org"]);
    let output = json(&ran);
    assert_eq!((ran.code, rules(&output)), (Some(0), Vec::new()), "{output:#}");
    assert_eq!(output["tlsrpt"]["record"]["status"], "failed");
    let strict = asked(
        good().manner("_smtp._tls.example.org", Manner::Silent),
        &["--dns-only", "--no-dnssec", "--strict", "example.org"],
    );
    assert_eq!(strict.code, Some(1), "an open question counts: {strict:?}");
    assert!(begun.elapsed() < Duration::from_secs(90));
}

#[test]
fn a_server_that_checks_signatures_tells_forged_answers_by_keeping_them() {
    let ran = asked(
        good().manner("example.org", Manner::Forged),
        &["--no-dnssec", "--format", "json", "example.org"],
    );
    let output = json(&ran);
    assert_eq!(
        (ran.code, rules(&output)),
        (Some(1), vec!["dnssec-bogus"]),
        "{output:#}"
    );
    assert_eq!((&output["dnssec"], &output["error"]), (&"bogus".into(), &Value::Null));
}

#[test]
fn long_answers_come_over_tcp() {
    let zone = good().manner("example.org", Manner::Long);
    let output = json(&asked(
        zone,
        &["--dns-only", "--no-dnssec", "--format", "json", "example.org"],
    ));
    assert_eq!(output["mx"]["records"][0]["host"], "mail.example.org", "{output:#}");
}

#[test]
fn only_one_kind_of_address() {
    for (flag, other) in [("--ipv4", "AAAA"), ("--ipv6", "A")] {
        let (server, asked) = serve(good());
        with(&[
            "mx",
            "--server",
            &server.to_string(),
            "--no-dnssec",
            "--dns-only",
            flag,
            "example.org",
        ]);
        let asked = asked.lock().expect("nobody fails inside").clone();
        assert!(
            !asked.iter().any(|one| one.ends_with(&format!(" {other}"))),
            "{flag}: {asked:?}"
        );
    }
}

#[test]
fn what_has_no_address_of_the_kind_that_was_asked_for_is_open() {
    let output = json(&asked(
        good(),
        &["--no-dnssec", "--ipv6", "--format", "json", "example.org"],
    ));
    assert_eq!(output["mta_sts"]["file"]["outcome"], "failed", "{output:#}");
    let why = output["mta_sts"]["file"]["why"].as_str().unwrap_or_default();
    assert!(why.contains("no address of the kind that was asked for"), "{output:#}");
    assert!(!rules(&output).contains(&"mta-sts-invalid"), "{output:#}");
}

#[test]
fn without_authorities_no_policy_is_called_untrusted() {
    let server = serve(good()).0.to_string();
    let port = web::serve(|_| Vec::new()).to_string();
    let arguments = [
        "mx",
        "--server",
        &server,
        "--timeout",
        "1",
        "--no-dnssec",
        "--https-port",
        &port,
        "--format",
        "json",
        "example.org",
    ];
    let mut command = common::smtplint(&arguments);
    command
        .env("SSL_CERT_FILE", "/nonexistent")
        .env("SSL_CERT_DIR", "/nonexistent");
    let output = json(&common::run(&mut command));
    assert_eq!(output["mta_sts"]["file"]["outcome"], "failed", "{output:#}");
    let why = output["mta_sts"]["file"]["why"].as_str().unwrap_or_default();
    assert!(why.contains("no authorities to trust"), "{output:#}");
    assert!(!rules(&output).contains(&"mta-sts-invalid"), "{output:#}");
}

#[test]
fn a_host_with_thousands_of_ports_is_asked_about_few() {
    let zone = (1..2000).fold(good(), |zone, port| {
        zone.srv("_submission._tcp.example.org", 1, port, "mail.example.org")
    });
    let (server, asked) = serve(zone);
    with(&[
        "mx",
        "--server",
        &server.to_string(),
        "--no-dnssec",
        "--dns-only",
        "example.org",
    ]);
    let asked = asked.lock().expect("nobody fails inside").clone();
    let proofs = asked.iter().filter(|one| one.ends_with(" TLSA")).count();
    assert!((1..10).contains(&proofs), "{proofs}");
}

#[test]
fn several_domains_are_a_line_each() {
    let zone = good().mx("example.net", 0, ".");
    let ran = asked(
        zone,
        &[
            "--dns-only",
            "--no-dnssec",
            "--format",
            "json",
            "example.org",
            "example.net",
        ],
    );
    let lines: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let domains: Vec<&str> = lines.iter().filter_map(|one| one["domain"].as_str()).collect();
    assert_eq!(domains, ["example.org", "example.net"]);
}
