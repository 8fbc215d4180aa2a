//! `smtplint mx --probe` before a live Postfix: what it says of TLSA records is what `openssl s_client` says of them.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use smtplint_tests::lab::{Lab, LabConfiguration, LabServer};
use smtplint_tests::names::{Signed, Zone, printed};
use smtplint_tests::program::OPENSSL;

use super::{Names, authority, issued, openssl, zone};

/// Ports that show the one certificate, the other, and none.
const MASTER_CF: &str = "smtp inet n - n - - smtpd\n  -o smtpd_tls_security_level=may\n\
    submissions inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n\
    submission inet n - n - - smtpd\n  -o smtpd_tls_security_level=may\n  -o smtpd_tls_chain_files=OTHER\n\
    2525 inet n - n - - smtpd\n  -o smtpd_tls_security_level=none\n";

/// A TLSA record, and whether it proves what is shown.
struct Record {
    domain: &'static str,
    /// Usage, selector and way of matching, and whose digest it is.
    of: (u8, u8, u8, &'static str),
    proves: bool,
}

const RECORDS: [Record; 9] = [
    Record {
        domain: "key",
        of: (3, 1, 1, "web"),
        proves: true,
    },
    Record {
        domain: "whole",
        of: (3, 0, 1, "web"),
        proves: true,
    },
    Record {
        domain: "long",
        of: (3, 1, 2, "web"),
        proves: true,
    },
    Record {
        domain: "authority",
        of: (2, 0, 1, "root"),
        proves: true,
    },
    Record {
        domain: "authoritykey",
        of: (2, 1, 1, "root"),
        proves: true,
    },
    Record {
        domain: "otherkey",
        of: (3, 1, 1, "other"),
        proves: false,
    },
    Record {
        domain: "mixed",
        of: (3, 1, 1, "root"),
        proves: false,
    },
    // The certificate that mail.foreign.test shows is not for it: with usage 2 the name counts, with usage 3 it does not.
    Record {
        domain: "foreign",
        of: (2, 0, 1, "root"),
        proves: false,
    },
    Record {
        domain: "foreignkey",
        of: (3, 1, 1, "web"),
        proves: true,
    },
];

fn with_suffix(folder: &Path, name: &str, suffix: &str) -> std::path::PathBuf {
    folder.join(format!("{name}{suffix}"))
}

/// A root, a certificate of its for the hosts of most domains, and one for somebody else.
fn certificates(folder: &Path) {
    authority(folder);
    let own: Vec<String> = RECORDS
        .iter()
        .filter(|one| !one.domain.starts_with("foreign"))
        .map(|one| format!("DNS:mail.{}.test", one.domain))
        .collect();
    for (name, hosts) in [("web", own.join(",")), ("other", "DNS:mail.elsewhere.test".to_owned())] {
        issued(folder, name, &hosts);
        let parts = [
            with_suffix(folder, name, ".key"),
            with_suffix(folder, name, ".pem"),
            folder.join("root.pem"),
        ];
        let text = parts.map(|part| fs::read_to_string(part).expect("a file")).concat();
        fs::write(with_suffix(folder, name, "-chain.pem"), text).expect("a chain");
    }
}

/// What a record has of a certificate, by OpenSSL alone.
fn digest(folder: &Path, name: &str, selector: u8, matching: u8) -> String {
    let file = folder.join("compared");
    let path = file.display();
    match selector {
        0 => openssl(folder, &format!("x509 -in {name}.pem -outform der -out {path}")),
        _ => {
            openssl(folder, &format!("x509 -in {name}.pem -noout -pubkey -out {path}.pem"));
            openssl(folder, &format!("pkey -pubin -in {path}.pem -outform der -out {path}"));
        }
    }
    let kind = if matching == 2 { "-sha512" } else { "-sha256" };
    let mut command = OPENSSL.command().expect("the lab has it");
    let text = printed(OPENSSL, command.args(["dgst", kind, "-r"]).arg(&file));
    text.split(' ').next().expect("a digest").to_owned()
}

/// Whether `openssl s_client` finds a chain proved by a record, as a sender of mail does.
fn openssl_proves(at: SocketAddr, host: &str, record: &str) -> bool {
    let mut command = OPENSSL.command().expect("the lab has it");
    command
        .args([
            "s_client",
            "-starttls",
            "smtp",
            "-connect",
            &at.to_string(),
            "-servername",
            host,
        ])
        .args([
            "-dane_tlsa_domain",
            host,
            "-dane_ee_no_namechecks",
            "-dane_tlsa_rrdata",
            record,
            "-brief",
        ]);
    let finished = OPENSSL
        .run(&mut command, b"QUIT\r\n", Duration::from_secs(10))
        .expect("it ends");
    let said = finished.stdout + &finished.stderr;
    let (holds, fails) = (said.contains("Verification: OK"), said.contains("Verification error"));
    assert!(holds != fails, "{record} at {host}: {said}");
    holds
}

/// Domains of the test, whose hosts are all at one address.
fn domains(folder: &Path, server: &LabServer, closed: u16) -> Vec<Zone> {
    let at = |service: &str| server.address(service).expect("a port");
    let (submissions, submission) = (at("submissions").port(), at("submission").port());
    let address = at("smtp").ip();
    let mut below = String::from("ns A 127.0.0.1\n");
    let mut zones = Vec::new();
    let mut add = |name: &str, records: String| {
        below.push_str(&format!("{name} NS ns\n"));
        zones.push(zone(&format!("{name}.test"), Signed::Yes, &records));
    };
    for Record {
        domain,
        of: (usage, selector, matching, whose),
        ..
    } in &RECORDS
    {
        let digest = digest(folder, whose, *selector, *matching);
        add(
            domain,
            format!(
                "@ MX 10 mail\nmail A {address}\n_25._tcp.mail TLSA {usage} {selector} {matching} {digest}\n\
                 _submissions._tcp SRV 0 1 {submissions} mail\n_submission._tcp SRV 0 0 0 .\n"
            ),
        );
    }
    add(
        "users",
        format!(
            "@ MX 10 mail.key.test.\n_submissions._tcp SRV 0 1 {closed} mail\n_submissions._tcp SRV 1 1 {submission} mail\n\
             _submission._tcp SRV 10 1 {submission} mail\nmail A {address}\n"
        ),
    );
    zones.insert(0, zone("test", Signed::Yes, &below));
    zones.push(zone("127.in-addr.arpa", Signed::No, ""));
    zones
}

struct Live {
    names: Names,
    server: LabServer,
    /// Kept: while nobody listens there, nobody else is given it either.
    _closed: TcpListener,
    _lab: Lab,
}

fn start() -> Live {
    let lab = Lab::new().expect("a lab");
    let folder = tempfile::tempdir().expect("a folder");
    certificates(folder.path());
    let chain = |name: &str| with_suffix(folder.path(), name, "-chain.pem").display().to_string();
    let main_cf = format!(
        "compatibility_level = 3.6\nmyhostname = mail.example.test\nmydestination = example.test\nlocal_recipient_maps =\n\
         smtpd_client_connection_count_limit = 0\nsmtpd_tls_chain_files = {}\n",
        chain("web")
    );
    let master_cf = MASTER_CF.replace("OTHER", &chain("other"));
    let configuration = LabConfiguration::new("mx", &main_cf, &master_cf).with_certificates_as_written();
    let server = lab.start(&configuration).expect("Postfix starts");
    // Bound to another address: at the server's it is refused.
    let closed = TcpListener::bind("127.0.0.99:0").expect("a port");
    let port = closed.local_addr().expect("it has one").port();
    let zones = domains(folder.path(), &server, port);
    Live {
        names: Names::of(folder, zones),
        server,
        _closed: closed,
        _lab: lab,
    }
}

impl Live {
    fn look(&self, domain: &str, service: &str, more: &[&str]) -> Value {
        let port = self.server.address(service).expect("a port").port().to_string();
        let root = self.names.path("root.pem");
        let flags = ["--probe", "--smtp-port", &port, "--root-certificates", &root];
        self.names
            .look(&self.names.resolver, domain, &[&flags, more].concat())
            .1
    }
}

fn found<'v>(output: &'v Value, rule: &str) -> Vec<&'v str> {
    let findings = output["findings"].as_array().expect("a list").iter();
    let of = findings.filter(|one| one["rule"] == rule);
    of.map(|one| one["message"].as_str().expect("a message")).collect()
}

#[test]
fn what_is_shown_is_judged_as_openssl_judges_it() {
    let live = start();
    let folder = live.names.folder.path();
    let exchanger = live.server.address("smtp").expect("a port");
    let mut proved = 0;
    for Record {
        domain,
        of: (usage, selector, matching, whose),
        proves,
    } in &RECORDS
    {
        let record = format!(
            "{usage} {selector} {matching} {}",
            digest(folder, whose, *selector, *matching)
        );
        let host = format!("mail.{domain}.test");
        assert_eq!(
            openssl_proves(exchanger, &host, &record),
            *proves,
            "openssl: {record} at {host}"
        );
        let output = live.look(&format!("{domain}.test"), "smtp", &[]);
        assert_eq!(output["hosts"][0]["tlsa"][0]["dnssec"], "secure", "{output:#}");
        assert_eq!(found(&output, "dane-bad").is_empty(), *proves, "{domain}: {output:#}");
        let port = &output["ports"][0];
        assert_eq!(
            (&port["reached"], &port["tls"]),
            (&"answers".into(), &"starttls".into()),
            "{port}"
        );
        assert_eq!(port["chains"][0]["key_sha256"], digest(folder, "web", 1, 1), "{domain}");
        assert_eq!(
            port["chains"][0]["certificates"].as_array().map(Vec::len),
            Some(2),
            "{port}"
        );
        assert_eq!(port["chains"][0]["trusted"], !domain.starts_with("foreign"), "{port}");
        let service = &output["ports"][1];
        assert_eq!(
            (&service["purpose"], &service["tls"]),
            (&"submissions".into(), &"implicit".into()),
            "{service}"
        );
        let is_foreign = domain.starts_with("foreign");
        assert_eq!(
            found(&output, "srv-target-cert-mismatch").len(),
            usize::from(is_foreign),
            "{domain}"
        );
        proved += usize::from(*proves);
        // Where there is no TLS at all, the records are not kept either.
        let clear = live.look(&format!("{domain}.test"), "2525", &[]);
        let told = found(&clear, "mx-without-starttls");
        assert!(
            matches!(told.as_slice(), [one] if one.contains("TLSA")),
            "{domain}: {clear:#}"
        );
    }
    println!(
        "{} TLSA records, {proved} of which prove what is shown, each as openssl has it",
        RECORDS.len()
    );
    live.server.stop().expect("it stops");
}

#[test]
fn ports_for_users_are_as_their_records_say_or_are_found() {
    let live = start();
    let output = live.look("users.test", "smtp", &["--connections", "1"]);
    let of = |rule: &str| found(&output, rule);
    assert_eq!(of("srv-lists-closed-port").len(), 1, "{output:#}");
    assert!(
        of("srv-lists-closed-port")[0].ends_with("refuses connections"),
        "{output:#}"
    );
    // One port, once as `_submissions._tcp` has it and once as `_submission._tcp`.
    assert_eq!(of("srv-port-without-tls").len(), 1, "{output:#}");
    let other = of("srv-target-cert-mismatch");
    assert!(
        matches!(other.as_slice(), [one] if one.contains("mail.elsewhere.test")),
        "{output:#}"
    );
    // No mail is tried, and nothing else is said than hello.
    let log = live.server.log();
    assert!(!log.contains("RCPT") && !log.contains("NOQUEUE"), "{log}");
    live.server.stop().expect("it stops");
}
