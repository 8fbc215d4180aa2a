//! How Exim hands mail over is what the facts say: a live Exim sends to another one, at ports with TLS and without.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the count is the test's report")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use smtplint_core::facts::{Assurance, Outbound, Traffic};
use smtplint_core::version::Target;
use smtplint_core::{inspect, intake, recognise};
use smtplint_tests::lab::exim::{SERVER, USERS, folder, release, start, written};
use smtplint_tests::program::EXIM;

/// Takes everything: without TLS at port 25, with STARTTLS at 587, with TLS at once at 465. Logins are offered at all of them.
const OTHER_SIDE: &str = "primary_hostname = smtp.example.test
keep_environment =
daemon_smtp_ports = 25 : 465 : 587
tls_on_connect_ports = 465
tls_advertise_hosts = ${if eq{$received_port}{25}{}{*}}
tls_certificate = /t/cert.pem
tls_privatekey = /t/key.pem
acl_smtp_rcpt = recipients
begin acl
recipients:
  accept
";

/// Sends all mail for others to a port of the other side.
fn sender(port: u16, transport: &str, client: &str) -> String {
    format!(
        "primary_hostname = mail.example.test
keep_environment = LD_LIBRARY_PATH
domainlist local_domains = example.test
hostlist smarthosts = 192.0.2.1 : {SERVER}
begin routers
smarthost:
  driver = manualroute
  domains = ! +local_domains
  transport = out
  route_list = * {SERVER}::{port} byname
  self = send
  no_more
begin transports
out:
  driver = smtp
  allow_localhost
{transport}
begin authenticators
{client}"
    )
}

/// Shows its password to whoever asks.
const OPEN: &str = "plain:\n  driver = plaintext\n  public_name = PLAIN\n  client_send = ^alice^secret\n";
/// Shows it inside TLS alone, in two forms: the second is that of Debian's template.
const HIDDEN: &str = "plain:\n  driver = plaintext\n  public_name = PLAIN\n  client_condition = ${if !eq{$tls_out_cipher}{}}\n  client_send = ^alice^secret\n";
const FAILING: &str = "plain:\n  driver = plaintext\n  public_name = PLAIN\n  client_send = \"${if !eq{$tls_out_cipher}{}{^alice^secret}fail}\"\n";

/// Options of the transport, and who logs in.
const WAYS: [(&str, &str); 18] = [
    ("", ""),
    ("  hosts_require_tls = *", ""),
    ("  hosts_require_tls = 127.0.9.1\n  tls_verify_hosts = *", ""),
    ("  hosts_require_tls = ! 127.0.9.1 : *", ""),
    // Whose certificate does not hold is spoken to in clear.
    ("  tls_verify_hosts = *", ""),
    ("  hosts_avoid_tls = 127.0.9.1", ""),
    ("  hosts_try_auth = *", OPEN),
    ("  hosts_try_auth = 127.0.9.1", HIDDEN),
    ("  hosts_try_auth = <; 192.0.2.1 ; 127.0.9.1", FAILING),
    ("  hosts_try_auth = 192.0.2.1", OPEN),
    (
        "  hosts_require_auth = +smarthosts\n  hosts_require_tls = +smarthosts",
        OPEN,
    ),
    // Without a login nothing leaves, and in clear there is none.
    ("  hosts_require_auth = *", HIDDEN),
    ("  hosts_require_auth = *", FAILING),
    ("  hosts_try_auth = $host_address", OPEN),
    ("  hosts_avoid_tls = *\n  hosts_require_tls = *", ""),
    // Another word than `smtps` is none that Exim knows.
    ("  protocol = submissions\n  hosts_try_auth = *", OPEN),
    ("  protocol = smtps\n  hosts_try_auth = *", OPEN),
    ("  protocol = smtps\n  tls_verify_hosts = *", ""),
];

/// What the facts say of the way that mail for others takes.
fn way(text: &str, targets: &[String]) -> Outbound {
    let sources = intake::split("exim.conf", text);
    let mut target = Target::default();
    for word in targets {
        target.add(word).expect("a target");
    }
    let facts = inspect(&sources, recognise(&sources).expect("it is Exim"), &target);
    let mut ways = facts.server.outbound.into_iter();
    let (Some(way), None) = (ways.next(), ways.next()) else {
        panic!("not one way:\n{text}")
    };
    assert_eq!(way.traffic.known(), Some(&Traffic::Default), "{text}");
    way
}

/// How the other side took a message, by the letters that its log has for it: `s` for TLS, `a` for a login. `None` where it
/// took none.
fn taken(folder: &Path, other: &Path, text: &str) -> Option<String> {
    for own in ["spool", "log"] {
        fs::remove_dir_all(folder.join(own)).expect("what was before goes");
        fs::create_dir(folder.join(own)).expect("a folder of its own");
        smtplint_tests::lab::mode(&folder.join(own), 0o777).expect("a writable folder");
    }
    let file = folder.join("exim.conf");
    let mut command = EXIM.command().expect("Exim is there");
    // It begins anew to deliver.
    let program = format!("exim_path = {}\n", command.get_program().to_string_lossy());
    fs::write(&file, program + &written(folder, text)).expect("the configuration is written");
    let log = other.join("log/mainlog");
    let before = fs::read_to_string(&log).unwrap_or_default().len();
    command.arg("-C").arg(&file);
    command.args(["-odf", "-oi", "-f", "alice@example.test", "bob@elsewhere.example"]);
    let ran = EXIM
        .run(&mut command, b"Subject: hello\n\ntext\n", Duration::from_secs(60))
        .expect("Exim sends");
    let own = fs::read_to_string(folder.join("log/mainlog")).unwrap_or_default();
    let is_delivered = own.lines().any(|line| line.contains(" => bob@elsewhere.example"));
    let is_put_off = own.lines().any(|line| line.contains(" == bob@elsewhere.example"));
    assert_ne!(is_delivered, is_put_off, "{text}\n{own}\n{}{}", ran.stdout, ran.stderr);
    let after = fs::read_to_string(&log).unwrap_or_default();
    let new = after.get(before..).unwrap_or_default();
    let arrived = new.lines().find_map(|line| {
        let protocol = line.split_once(" <= ")?.1.split_once(" P=esmtp")?.1;
        Some(protocol.split(' ').next().unwrap_or_default().to_owned())
    });
    assert_eq!(is_delivered, arrived.is_some(), "{text}\n{own}\n{new}");
    arrived
}

#[test]
fn mail_leaves_as_the_facts_say() {
    let (here, there) = (folder(), folder());
    fs::write(
        there.path().join("exim.conf"),
        written(there.path(), &format!("{OTHER_SIDE}{USERS}")),
    )
    .expect("the configuration is written");
    let _running = start(there.path()).expect("the other side starts");
    let targets = release();
    let mut seen = 0;
    for (transport, client) in WAYS {
        let is_implicit = transport.contains("= smtps");
        let ports: &[u16] = if is_implicit { &[465] } else { &[25, 587] };
        for port in ports {
            let text = sender(*port, transport, client);
            let way = way(&text, &targets);
            assert_eq!(way.port.known(), Some(port), "{text}");
            assert_eq!(way.implicit.known(), Some(&is_implicit), "{text}");
            let known =
                |fact: &smtplint_core::facts::Fact<bool>| *fact.known().unwrap_or_else(|| panic!("{fact:?}\n{text}"));
            let (password, in_clear) = (known(&way.password), known(&way.password_in_clear));
            let tls = *way.tls.known().unwrap_or_else(|| panic!("{:?}\n{text}", way.tls));
            // The certificate over there is signed by nobody.
            let asks_whose = transport.contains("tls_verify_hosts");
            let encrypted = match (tls, port) {
                _ if way.stuck.is_some() => None,
                (Assurance::Verified, _) => None,
                (Assurance::Required, 25) => None,
                (Assurance::Required, _) => Some(true),
                (Assurance::Optional, 25) | (Assurance::None, _) => Some(false),
                (Assurance::Optional, _) => Some(!asks_whose),
            };
            let expected = encrypted.map(|encrypted| {
                let login = if encrypted { password } else { in_clear };
                format!("{}{}", if encrypted { "s" } else { "" }, if login { "a" } else { "" })
            });
            assert_eq!(taken(here.path(), there.path(), &text), expected, "port {port}\n{text}");
            seen += 1;
        }
    }
    println!("{seen} messages left, or stayed, as the facts say");
}
