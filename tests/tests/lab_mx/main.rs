//! `smtplint mx`, held against real name servers: NSD with signed zones and a validating Unbound. What it says of each record and
//! of each signature is what `dig` and `delv` say, and a policy comes over HTTPS from a real web server.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

mod ports;

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use smtplint_tests::command::SMTPLINT;
use smtplint_tests::names::{DELV, DIG, Server, Signed, Zone, nsd, printed, unbound};
use smtplint_tests::program::{OPENSSL, PYTHON};

/// Digits of a digest.
const DIGEST: &str = "1111111111111111111111111111111111111111111111111111111111111111";

fn zone(name: &str, signed: Signed, records: &str) -> Zone {
    Zone {
        name: name.to_owned(),
        records: records.replace("DIGEST", DIGEST),
        signed,
    }
}

fn zones() -> Vec<Zone> {
    vec![
        zone(
            "test",
            Signed::Yes,
            "ns A 127.0.0.1\nsecure NS ns\ninsecure NS ns\nbogus NS ns\nforged NS ns\nnull NS ns\n",
        ),
        zone(
            "secure.test",
            Signed::Yes,
            "@ MX 10 mail\n@ MX 20 backup\nmail A 192.0.2.25\nmail AAAA 2001:db8::25\nbackup A 192.0.2.26\n\
             _25._tcp.mail TLSA 3 1 1 DIGEST\n_25._tcp.backup TLSA 1 0 1 DIGEST\n_465._tcp.mail TLSA 2 0 1 DIGEST\n\
             _submission._tcp SRV 0 0 0 .\n_submissions._tcp SRV 0 1 465 mail\n_mta-sts TXT \"v=STSv1; id=2026\" \"0101T000000;\"\n\
             mta-sts A 127.0.0.1\n_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:a@secure.test\"\n",
        ),
        zone(
            "insecure.test",
            Signed::No,
            "@ MX 10 alias\n@ MX 20 gone\n@ MX 30 192.0.2.7.\nalias CNAME mail\nmail A 192.0.2.27\n_25._tcp.alias TLSA 3 1 1 DIGEST\n\
             _submission._tcp SRV 0 1 587 mail\n_submissions._tcp SRV 10 1 465 mail\n_smtp._tls TXT \"v=TLSRPTv1; rua=ftp://x\"\n",
        ),
        zone("bogus.test", Signed::Spoilt("MX"), "@ MX 10 mail\nmail A 192.0.2.28\n"),
        zone(
            "forged.test",
            Signed::Spoilt("TLSA A"),
            "@ MX 10 mail\nmail A 192.0.2.29\n_25._tcp.mail TLSA 3 1 1 DIGEST\n",
        ),
        zone("null.test", Signed::Yes, "@ MX 0 .\n"),
        zone(
            "2.0.192.in-addr.arpa",
            Signed::No,
            "25 PTR mail.secure.test.\n26 PTR mail.secure.test.\n",
        ),
        zone("8.b.d.0.1.0.0.2.ip6.arpa", Signed::No, ""),
    ]
}

/// The servers, the resolver and the place of their files.
struct Names {
    folder: tempfile::TempDir,
    authority: Server,
    resolver: Server,
}

impl Names {
    fn new() -> Names {
        Names::of(tempfile::tempdir().expect("a temporary folder"), zones())
    }

    fn of(folder: tempfile::TempDir, zones: Vec<Zone>) -> Names {
        let authority = nsd(folder.path(), &zones);
        let resolver = unbound(folder.path(), &authority, &zones);
        Names {
            folder,
            authority,
            resolver,
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn look(&self, server: &Server, domain: &str, more: &[&str]) -> (Option<i32>, Value) {
        let output = Command::new(SMTPLINT.as_path())
            .args([
                "mx",
                "--server",
                &format!("127.0.0.1:{}", server.port),
                "--format",
                "json",
            ])
            .args(["--trust-anchor", &self.path("anchor.key"), "--timeout", "3"])
            .args(more)
            .arg(domain)
            .output()
            .expect("the command runs");
        let text = String::from_utf8(output.stdout).expect("JSON is text");
        let value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)));
        (output.status.code(), value)
    }

    /// The records as `dig` prints them.
    fn dug(&self, name: &str, kind: &str) -> BTreeSet<String> {
        let mut dig = DIG.command().unwrap_or_else(|error| panic!("{error}"));
        let port = self.resolver.port.to_string();
        dig.args(["@127.0.0.1", "-p", &port, "+noall", "+answer", "+cd", name, kind]);
        let text = printed(DIG, &mut dig);
        let lines = text.lines().filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            (words.get(3) == Some(&kind)).then(|| words[4..].join(" ").to_lowercase())
        });
        lines.collect()
    }

    /// What `delv` says of the signatures.
    fn proved(&self, name: &str, kind: &str) -> &'static str {
        let mut delv = DELV.command().unwrap_or_else(|error| panic!("{error}"));
        let port = self.resolver.port.to_string();
        let anchors = self.path("anchor.conf");
        let key = fs::read_to_string(self.path("anchor.key")).expect("the key is there");
        let words: Vec<&str> = key.split_whitespace().collect();
        let at = words.iter().position(|word| *word == "DNSKEY").expect("it is one");
        let [flags, protocol, algorithm, data] = words[at + 1..at + 5] else {
            panic!("{key}");
        };
        let text = format!("trust-anchors {{ test. static-key {flags} {protocol} {algorithm} \"{data}\"; }};\n");
        fs::write(&anchors, text).expect("the anchors are written");
        delv.args(["@127.0.0.1", "-p", &port, "-a", &anchors, "+root=test", name, kind]);
        let finished = DELV
            .run(&mut delv, b"", Duration::from_secs(20))
            .unwrap_or_else(|error| panic!("{error}"));
        let text = finished.stdout + &finished.stderr;
        if text.contains("fully validated") {
            "secure"
        } else if text.contains("unsigned answer") {
            "insecure"
        } else if text.contains("resolution failed") {
            "bogus"
        } else {
            panic!("{name} {kind}: {text}")
        }
    }
}

fn rules(output: &Value) -> BTreeSet<&str> {
    let findings = output["findings"].as_array().expect("a list");
    findings.iter().filter_map(|one| one["rule"].as_str()).collect()
}

/// Everything in a result that was asked of a name server.
fn questions<'a>(value: &'a Value, all: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) if fields.contains_key("kind") && fields.contains_key("records") => all.push(value),
        Value::Object(fields) => fields.values().for_each(|one| questions(one, all)),
        Value::Array(items) => items.iter().for_each(|one| questions(one, all)),
        _ => {}
    }
}

/// A record as `dig` prints it.
fn as_printed(kind: &str, record: &Value) -> String {
    let word = |field: &str| match &record[field] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let host = |field: &str| format!("{}.", word(field));
    match kind {
        "MX" => format!("{} {}", word("preference"), host("host")),
        "SRV" => format!(
            "{} {} {} {}",
            word("priority"),
            word("weight"),
            word("port"),
            host("target")
        ),
        "TLSA" => {
            // In parts of 56 digits.
            let digits = word("data");
            let (first, rest) = digits.split_at(digits.len().min(56));
            let parts = format!("{first} {rest}");
            format!(
                "{} {} {} {}",
                word("usage"),
                word("selector"),
                word("matching"),
                parts.trim_end()
            )
        }
        "PTR" => format!("{}.", record.as_str().expect("a name")),
        _ => record.as_str().expect("a text").to_owned(),
    }
}

#[test]
fn records_and_signatures_are_what_dig_and_delv_say() {
    let names = Names::new();
    let (mut records, mut proofs) = (0, 0);
    for domain in [
        "secure.test",
        "insecure.test",
        "bogus.test",
        "forged.test",
        "null.test",
        "gone.test",
    ] {
        let (_, output) = names.look(&names.resolver, domain, &["--dns-only"]);
        let mut all = Vec::new();
        questions(&output, &mut all);
        for asked in all.into_iter().filter(|asked| asked["status"] != "not-asked") {
            let (name, kind) = (
                asked["name"].as_str().expect("a name"),
                asked["kind"].as_str().expect("a kind"),
            );
            if asked["status"] != "failed" {
                let seen = asked["records"].as_array().expect("a list");
                let seen: BTreeSet<String> = seen.iter().map(|one| as_printed(kind, one).to_lowercase()).collect();
                // Parts of a text belong together.
                let dug = names.dug(name, kind);
                let dug: BTreeSet<String> = match kind {
                    "TXT" => dug
                        .iter()
                        .map(|one| one.replace("\" \"", "").replace(['"', '\\'], ""))
                        .collect(),
                    _ => dug,
                };
                assert_eq!(seen, dug, "{name} {kind}");
                records += seen.len();
            }
            // Where no key is trusted there is nothing to prove.
            if !name.ends_with(".arpa") {
                assert_eq!(asked["dnssec"], names.proved(name, kind), "{name} {kind}: {asked}");
                proofs += 1;
            }
        }
    }
    println!("{records} records as dig prints them, {proofs} proofs as delv has them");
    assert!(records >= 20 && proofs >= 30, "{records} {proofs}");
}

#[test]
fn what_is_wrong_is_found() {
    let names = Names::new();
    for (domain, code, expected) in [
        ("secure.test", 1, &["dane-bad", "mx-ptr-mismatch"][..]),
        (
            "insecure.test",
            1,
            &[
                "dane-bad",
                "mta-sts-absent",
                "mx-host-unresolvable",
                "mx-is-cname-or-ip",
                "mx-ptr-mismatch",
                "srv-prefers-cleartext",
                "tlsrpt-invalid",
            ],
        ),
        ("bogus.test", 1, &["dnssec-bogus"]),
        (
            "forged.test",
            1,
            &[
                "dnssec-bogus",
                "mta-sts-absent",
                "srv-submission-absent",
                "srv-submissions-absent",
                "tlsrpt-absent",
            ],
        ),
        ("null.test", 0, &["mx-missing-or-null"]),
        ("gone.test", 1, &["mx-missing-or-null"]),
    ] {
        // Whether the server checks signatures or leaves it to others: the same is found. One that only has zones does not follow
        // what leads out of them.
        for server in [&names.resolver, &names.authority] {
            let (told, output) = names.look(server, domain, &["--dns-only"]);
            assert_eq!(
                rules(&output),
                expected.iter().copied().collect(),
                "{domain}: {output:#}"
            );
            assert_eq!(told, Some(code), "{domain}");
        }
    }
}

/// A web server in Python; it ends with its life.
struct Web(Child);

impl Drop for Web {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const WEB: &str = "import http.server, ssl, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = open('policy', 'rb').read()
        self.send_response(200)
        self.send_header('Content-Type', 'text/plain')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = http.server.HTTPServer(('127.0.0.1', 443), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('web.pem', 'web.key')
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
";

fn openssl(folder: &Path, arguments: &str) {
    let mut command = OPENSSL.command().unwrap_or_else(|error| panic!("{error}"));
    printed(OPENSSL, command.current_dir(folder).args(arguments.split(' ')));
}

/// A root.
fn authority(folder: &Path) {
    openssl(
        folder,
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=root -keyout root.key -out root.pem",
    );
}

/// A certificate of the root's for these hosts.
fn issued(folder: &Path, name: &str, hosts: &str) {
    openssl(
        folder,
        &format!("req -newkey rsa:2048 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr"),
    );
    fs::write(folder.join("names"), format!("subjectAltName={hosts}\n")).expect("the names are written");
    openssl(
        folder,
        &format!(
            "x509 -req -in {name}.csr -CA root.pem -CAkey root.key -CAcreateserial -days 1 -extfile names -out {name}.pem"
        ),
    );
}

fn web(folder: &Path) -> Web {
    authority(folder);
    issued(folder, "web", "DNS:mta-sts.secure.test");
    let log = fs::File::create(folder.join("web.log")).expect("the log is made");
    let mut command = PYTHON.command().unwrap_or_else(|error| panic!("{error}"));
    let child = command
        .args(["-c", WEB])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("it starts");
    let web = Web(child);
    let begun = Instant::now();
    while TcpStream::connect("127.0.0.1:443").is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{}",
            fs::read_to_string(folder.join("web.log")).unwrap_or_default()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    web
}

#[test]
fn policies_come_over_https() {
    let names = Names::new();
    let folder = names.folder.path();
    let policy = |text: &str| fs::write(folder.join("policy"), text).expect("the policy is written");
    policy("version: STSv1\nmode: enforce\nmx: *.secure.test\nmax_age: 604800\n");
    let _web = web(folder);
    let root = names.path("root.pem");
    let look = |more: &[&str]| names.look(&names.resolver, "secure.test", more).1;
    let sts = |output: &Value| {
        let all = output["findings"].as_array().expect("a list");
        let mine = all.iter().filter(|one| one["rule"] == "mta-sts-invalid");
        mine.map(|one| one["severity"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    let good = look(&["--root-certificates", &root]);
    assert_eq!(sts(&good), [""; 0], "{good:#}");
    assert_eq!(good["mta_sts"]["policy"]["mx"][0], "*.secure.test");
    assert_eq!(good["mta_sts"]["id"], "20260101T000000");
    let stranger = look(&[]);
    assert_eq!(stranger["mta_sts"]["file"]["outcome"], "untrusted", "{stranger:#}");
    policy("version: STSv1\nmode: enforce\nmx: mail.secure.test\nmax_age: 604800\n");
    let left_out = look(&["--root-certificates", &root]);
    assert_eq!(sts(&left_out), ["high"], "{left_out:#}");
}
