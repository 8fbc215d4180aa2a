//! What `clients` publishes, taken in by others: a real name server loads the records and answers for them, and Python reads
//! the XML and the property list.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use smtplint_core::clients::{ClientSettings, First, Form, Incoming, Record, Wanted, own_name, records, settings};
use smtplint_core::version::Target;
use smtplint_core::{inspect, intake, recognise};
use smtplint_tests::program::{PYTHON, Program};

const KNOTD: Program = Program {
    path: "/usr/sbin/knotd",
    package: "knot",
};
const DIG: Program = Program {
    path: "/usr/bin/dig",
    package: "bind9-dnsutils",
};

/// The longest that anything here may take.
const PATIENCE: Duration = Duration::from_secs(20);

const MAIN: &str = "compatibility_level = 3.6
myhostname = mail.example.org
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_chain_files = /etc/ssl/key.pem, /etc/ssl/chain.pem
smtpd_sasl_auth_enable = yes
";
const IMPLICIT: &str = "submissions inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=yes\n";
const STARTTLS: &str = "submission inet n - y - - smtpd\n  -o smtpd_tls_security_level=encrypt\n";

/// The settings of a server with these services.
fn decided(master: &str, first: First, ttl: u32, imap: &str) -> ClientSettings {
    let sources = intake::split(
        "paste",
        &format!("==> main.cf <==\n{MAIN}\n==> master.cf <==\n{master}"),
    );
    let dialect = recognise(&sources).expect("a configuration");
    let inspection = inspect(&sources, dialect, &Target::default());
    let wanted = Wanted {
        first,
        ttl,
        own_name: own_name(&inspection, &Target::default()),
        incoming: Some(Incoming::parse(imap).expect("a server")),
        address: Some("r&d@example.org".parse().expect("an address")),
        ..Wanted::for_domain("example.org".parse().expect("a name"))
    };
    settings(&inspection.server, &wanted).unwrap_or_else(|error| panic!("{error}"))
}

/// A name server on loopback; it ends with its life.
struct NameServer {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Drop for NameServer {
    fn drop(&mut self) {
        // Its one process may be gone already; whatever else goes wrong must not hide what a test says.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl NameServer {
    /// Starts with these lines in the zone of example.org, and waits until the zone is loaded.
    ///
    /// Tests run at the same time: each has ports of its own.
    fn with(lines: &str, folder: &Path, mut ports: Range<u16>) -> NameServer {
        let port = ports
            .find(|port| {
                TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()
                    && UdpSocket::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()
            })
            .expect("a port is free");
        let (zone, log) = (folder.join("example.org.zone"), folder.join("log"));
        let head = "example.org. 3600 IN SOA ns.example.org. hostmaster.example.org. 1 3600 600 86400 300\n\
                    example.org. 3600 IN NS ns.example.org.\nns.example.org. 3600 IN A 192.0.2.1\n\
                    mail.example.org. 3600 IN A 192.0.2.2\nimap.example.org. 3600 IN A 192.0.2.3\n";
        fs::write(&zone, format!("{head}{lines}")).expect("the zone is written");
        let place = folder.display();
        let configuration = format!(
            "server:\n    listen: 127.0.0.1@{port}\n    rundir: {place}\n    udp-workers: 1\n    tcp-workers: 1\n    \
             background-workers: 1\ndatabase:\n    storage: {place}\nzone:\n  - domain: example.org\n    file: {}\nlog:\n  \
             - target: stderr\n    any: info\n",
            zone.display()
        );
        let file = folder.join("knot.conf");
        fs::write(&file, configuration).expect("the configuration is written");
        let output = fs::File::create(&log).expect("the log is made");
        let mut command = KNOTD.command().unwrap_or_else(|error| panic!("{error}"));
        let child = command
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output)
            .spawn()
            .expect("knotd starts");
        let server = NameServer { child, port, log };
        let end = Instant::now() + PATIENCE;
        while !server.said().contains("server started") {
            assert!(
                Instant::now() < end,
                "the name server does not start: {}",
                server.said()
            );
            thread::sleep(Duration::from_millis(20));
        }
        server
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).expect("the log can be read")
    }

    /// The answers for a name, one line each, with single blanks.
    fn answers(&self, name: &str) -> Vec<String> {
        let mut command = DIG.command().unwrap_or_else(|error| panic!("{error}"));
        let port = self.port.to_string();
        command.args([
            "@127.0.0.1",
            "-p",
            &port,
            "+time=2",
            "+tries=2",
            "+noall",
            "+answer",
            "+norecurse",
            name,
            "SRV",
        ]);
        let ran = DIG
            .run(&mut command, b"", PATIENCE)
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let lines = ran
            .stdout
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with(';'));
        lines
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    }
}

#[test]
fn a_name_server_answers_with_the_records_that_were_meant() {
    for (master, first, ttl, imap, named) in [
        (
            format!("{IMPLICIT}{STARTTLS}"),
            First::Implicit,
            3600,
            "imap.example.org",
            3,
        ),
        (
            format!("{IMPLICIT}{STARTTLS}"),
            First::Starttls,
            300,
            "imap.example.org:143",
            3,
        ),
        (IMPLICIT.to_owned(), First::Implicit, 3600, "imap.example.org", 3),
        (STARTTLS.to_owned(), First::Starttls, 300, "imap.example.org", 3),
        (
            format!(
                "{IMPLICIT}{STARTTLS}2587 inet n - y - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n"
            ),
            First::Implicit,
            3600,
            "imap.example.org",
            4,
        ),
    ] {
        let settings = decided(&master, first, ttl, imap);
        let records = records(&settings);
        assert_eq!(records.len(), named, "{master}");
        let folder = tempfile::tempdir().expect("a folder");
        let server = NameServer::with(
            &Form::Srv.render(&settings).expect("a zone"),
            folder.path(),
            15_300..15_350,
        );
        let said = server.said();
        assert!(said.contains("[example.org.] loaded"), "{said}");
        assert!(!said.contains("error") && !said.contains("warning"), "{said}");
        for service in ["_submissions", "_submission", "_imaps", "_imap", "_pop3s"] {
            let name = format!("{service}._tcp.example.org");
            let mut meant: Vec<String> = records
                .iter()
                .filter(|record| record.name == name)
                .map(
                    |Record {
                         ttl,
                         priority,
                         weight,
                         port,
                         target,
                         ..
                     }| {
                        let target = target.as_ref().map_or_else(String::new, ToString::to_string);
                        format!("{name}. {ttl} IN SRV {priority} {weight} {port} {target}.")
                    },
                )
                .collect();
            let mut answered = server.answers(&name);
            meant.sort();
            answered.sort();
            assert_eq!(answered, meant, "{master}");
        }
    }
}

/// A server that takes everything would prove nothing.
#[test]
fn a_name_server_refuses_a_line_that_is_no_record() {
    let settings = decided(IMPLICIT, First::Implicit, 3600, "imap.example.org");
    let zone = Form::Srv
        .render(&settings)
        .expect("a zone")
        .replace(" SRV 0 1 ", " SRV 0 ");
    let folder = tempfile::tempdir().expect("a folder");
    let server = NameServer::with(&zone, folder.path(), 15_350..15_400);
    assert!(!server.said().contains("[example.org.] loaded"), "{}", server.said());
    assert_eq!(server.answers("_submissions._tcp.example.org"), [""; 0]);
}

/// Runs a few lines of Python on a form, and reads the JSON that they print.
fn python(lines: &str, input: &str) -> Value {
    let mut command = PYTHON.command().unwrap_or_else(|error| panic!("{error}"));
    let ran = PYTHON
        .run(command.args(["-I", "-c", lines]), input.as_bytes(), PATIENCE)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(ran.code, Some(0), "{ran:?}\n{input}");
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
}

#[test]
fn pythons_reader_of_property_lists_finds_what_was_meant() {
    let settings = decided(
        &format!("{IMPLICIT}{STARTTLS}"),
        First::Starttls,
        300,
        "imap.example.org:143",
    );
    let profile = Form::Mobileconfig.render(&settings).expect("a profile");
    let read = python(
        "import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))",
        &profile,
    );
    let mail = &read["PayloadContent"][0];
    for (key, value) in [
        ("PayloadType", json!("com.apple.mail.managed")),
        ("PayloadVersion", json!(1)),
        ("EmailAccountType", json!("EmailTypeIMAP")),
        ("EmailAddress", json!("r&d@example.org")),
        ("IncomingMailServerHostName", json!("imap.example.org")),
        ("IncomingMailServerPortNumber", json!(143)),
        ("IncomingMailServerUseSSL", json!(true)),
        ("OutgoingMailServerHostName", json!("mail.example.org")),
        ("OutgoingMailServerPortNumber", json!(587)),
        ("OutgoingMailServerUseSSL", json!(true)),
        ("OutgoingMailServerAuthentication", json!("EmailAuthPassword")),
    ] {
        assert_eq!(mail[key], value, "{key}");
    }
    assert_eq!(
        (&read["PayloadType"], &read["PayloadVersion"]),
        (&json!("Configuration"), &json!(1))
    );
    assert_ne!(read["PayloadUUID"], mail["PayloadUUID"]);
}

/// Every element that holds a text, as its name and the text, in the order of the document; namespaces stay.
const TEXTS: &str = "import json, sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
print(json.dumps([[one.tag, one.text] for one in root.iter() if len(one) == 0]))";

#[test]
fn pythons_reader_of_xml_finds_what_was_meant() {
    let settings = decided(
        &format!("{IMPLICIT}{STARTTLS}"),
        First::Implicit,
        3600,
        "imap.example.org",
    );
    let server = |host: &str, port: &str, socket: &str| {
        vec![
            ["hostname".to_owned(), host.to_owned()],
            ["port".to_owned(), port.to_owned()],
            ["socketType".to_owned(), socket.to_owned()],
            ["authentication".to_owned(), "password-cleartext".to_owned()],
            ["username".to_owned(), "%EMAILADDRESS%".to_owned()],
        ]
    };
    let mut meant = vec![
        ["domain".to_owned(), "example.org".to_owned()],
        ["displayName".to_owned(), "example.org".to_owned()],
    ];
    meant.extend(server("imap.example.org", "993", "SSL"));
    meant.extend(server("mail.example.org", "465", "SSL"));
    meant.extend(server("mail.example.org", "587", "STARTTLS"));
    let file = Form::Autoconfig.render(&settings).expect("a file");
    assert_eq!(python(TEXTS, &file), json!(meant));
    let answer = Form::Autodiscover.render(&settings).expect("an answer");
    let read = python(TEXTS, &answer);
    let outlook = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}";
    for (index, name, text) in [
        (0, "AccountType", "email"),
        (2, "Type", "IMAP"),
        (11, "Type", "SMTP"),
        (12, "Server", "mail.example.org"),
        (13, "Port", "465"),
        (14, "LoginName", "r&d@example.org"),
        (18, "Encryption", "SSL"),
    ] {
        assert_eq!(read[index], json!([format!("{outlook}{name}"), text]), "{read}");
    }
}
