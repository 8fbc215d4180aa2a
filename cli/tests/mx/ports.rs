//! `smtplint mx --probe` before peers on loopback.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::common::{fed, with};
use super::names::{Zone, serve};
use super::{json, rules, web};

/// A server of SMTP without TLS, what was said to it, and how many it served in all and at a time.
#[derive(Clone, Default)]
struct Clear {
    port: u16,
    said: Arc<Mutex<Vec<String>>>,
    served: Arc<AtomicUsize>,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Clear {
    fn new() -> Clear {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let clear = Clear {
            port: listener.local_addr().expect("it has an address").port(),
            ..Clear::default()
        };
        let server = clear.clone();
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let server = server.clone();
                thread::spawn(move || server.talk(stream));
            }
        });
        clear
    }

    fn talk(&self, mut stream: TcpStream) {
        self.served.fetch_add(1, Ordering::SeqCst);
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        // Long enough for others to come meanwhile. Nobody leaves before the greeting: until then whoever counts is there.
        thread::sleep(Duration::from_millis(50));
        self.now.fetch_sub(1, Ordering::SeqCst);
        let mut lines = BufReader::new(stream.try_clone().expect("a second handle"));
        let _ = stream.write_all(b"220 here\r\n");
        let mut line = String::new();
        while lines.read_line(&mut line).is_ok_and(|length| length > 0) {
            self.said
                .lock()
                .expect("nobody panics")
                .push(line.trim_end().to_owned());
            let reply: &[u8] = if line.starts_with("QUIT") {
                b"221 bye\r\n"
            } else {
                b"250 here\r\n"
            };
            // Whoever has heard enough hangs up.
            let _ = stream.write_all(reply);
            line.clear();
        }
    }
}

fn with_mail(domain: &str, address: [u8; 4]) -> Zone {
    let host = format!("mail.{domain}");
    Zone::default().mx(domain, 10, &host).a(&host, address)
}

fn looked(zone: Zone, clear: &Clear, more: &[&str]) -> Value {
    let server = serve(zone).0.to_string();
    let smtp = clear.port.to_string();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mx/root.pem");
    let how = [
        "mx",
        "--server",
        &server,
        "--timeout",
        "1",
        "--no-dnssec",
        "--probe",
        "--smtp-port",
        &smtp,
        "--root-certificates",
        root,
    ];
    let ran = with(&[&how[..], &["--format", "json", "example.org"], more].concat());
    assert_eq!(ran.err, "");
    json(&ran)
}

#[test]
fn what_ports_show_is_found() {
    let clear = Clear::new();
    let tls = web::serve(|_| Vec::new());
    let closed = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address")
        .port();
    let zone = with_mail("example.org", [127, 0, 0, 1])
        .srv("_submissions._tcp.example.org", 0, tls, "mail.example.org")
        .srv("_submission._tcp.example.org", 10, closed, "mail.example.org");
    let output = looked(zone, &clear, &[]);
    let told = rules(&output);
    for rule in [
        "mx-without-starttls",
        "srv-target-cert-mismatch",
        "srv-lists-closed-port",
    ] {
        assert_eq!(told.iter().filter(|one| **one == rule).count(), 1, "{rule}: {output:#}");
    }
    let ports = output["ports"].as_array().expect("a list");
    let seen: Vec<[&str; 3]> = ports
        .iter()
        .map(|port| ["purpose", "reached", "tls"].map(|field| port[field].as_str().unwrap_or("?")))
        .collect();
    assert_eq!(
        seen,
        [
            ["mx", "answers", "none"],
            ["submissions", "answers", "implicit"],
            ["submission", "refused", "?"]
        ]
    );
    let chain = &ports[1]["chains"][0];
    assert_eq!(
        (&chain["trusted"], &chain["why"]),
        (&false.into(), &"it is for another name".into()),
        "{chain}"
    );
    assert_eq!(
        chain["certificates"][0]["dns_names"][0], "mta-sts.example.org",
        "{chain}"
    );
    // Nothing but a greeting and a goodbye.
    let said = clear.said.lock().expect("nobody panics").clone();
    assert!(
        !said.is_empty() && said.iter().all(|line| line.starts_with("EHLO ") || line == "QUIT"),
        "{said:?}"
    );
}

#[test]
fn what_does_not_answer_is_asked() {
    // An address that nobody has (RFC 5737).
    let zone =
        with_mail("example.org", [192, 0, 2, 25]).srv("_submissions._tcp.example.org", 0, 465, "mail.example.org");
    let output = looked(zone, &Clear::new(), &[]);
    let ports = output["ports"].as_array().expect("a list");
    assert!(
        ports.len() == 2 && ports.iter().all(|port| port["reached"] == "failed"),
        "{output:#}"
    );
    assert!(
        rules(&output).iter().all(|rule| *rule != "srv-lists-closed-port"),
        "{output:#}"
    );
    let questions = output["questions"].as_array().expect("a list");
    let commands: Vec<&str> = questions.iter().filter_map(|one| one["command"].as_str()).collect();
    assert!(
        commands
            .iter()
            .filter(|one| one.starts_with("openssl s_client "))
            .count()
            == 2,
        "{output:#}"
    );
}

#[test]
fn nobody_looks_unless_asked_to() {
    let clear = Clear::new();
    let server = serve(with_mail("example.org", [127, 0, 0, 1])).0.to_string();
    let smtp = clear.port.to_string();
    let ran = with(&[
        "mx",
        "--server",
        &server,
        "--no-dnssec",
        "--dns-only",
        "--smtp-port",
        &smtp,
        "--format",
        "json",
        "example.org",
    ]);
    assert!(json(&ran).get("ports").is_none(), "{ran:?}");
    assert_eq!(clear.served.load(Ordering::SeqCst), 0);
    let ran = with(&["mx", "--dns-only", "--probe", "example.org"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.err.contains("leave one of them out"), "{}", ran.err);
}

#[test]
fn a_list_looks_at_each_port_once_and_at_few_at_a_time() {
    let clear = Clear::new();
    let count = 12;
    let host = |number: usize| format!("mail{}.example.net", number % 6);
    let zone = (0..count).fold(Zone::default(), |zone, number| {
        zone.mx(&format!("d{number}.example"), 10, &host(number))
            .a(&host(number), [127, 0, 0, 1])
    });
    let server = serve(zone).0.to_string();
    let smtp = clear.port.to_string();
    let list: String = (0..count).map(|number| format!("d{number}.example\n")).collect();
    let how = [
        "mx",
        "--server",
        &server,
        "--no-dnssec",
        "--probe",
        "--smtp-port",
        &smtp,
        "--connections",
        "2",
    ];
    let ran = fed(
        &[&how[..], &["--from", "-", "--format", "json", "--quiet"]].concat(),
        list.as_bytes(),
    );
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let records: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(records.len(), count);
    for record in &records {
        assert_eq!(record["ports"][0]["tls"], "none", "{record}");
    }
    assert_eq!(clear.served.load(Ordering::SeqCst), 6, "one for each host");
    assert!(clear.most.load(Ordering::SeqCst) <= 2);
    let as_text = fed(&[&how[..], &["--from", "-", "--format", "text"]].concat(), b"");
    assert!(
        as_text.code == Some(2) && as_text.err.contains("a line of JSON"),
        "{}",
        as_text.err
    );
}

#[test]
fn people_are_told_what_was_seen() {
    let (clear, tls) = (Clear::new(), web::serve(|_| Vec::new()));
    let zone =
        with_mail("example.org", [127, 0, 0, 1]).srv("_submissions._tcp.example.org", 0, tls, "mail.example.org");
    let server = serve(zone).0.to_string();
    let smtp = clear.port.to_string();
    let how = ["mx", "--server", &server, "--timeout", "1", "--no-dnssec", "--probe"];
    let ran = with(&[&how[..], &["--smtp-port", &smtp, "example.org"]].concat());
    let text = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for piece in [
        format!("looked at mail.example.org port {smtp} at 127.0.0.1: no TLS"),
        format!(
            "looked at mail.example.org port {tls} at 127.0.0.1: TLS at once; a certificate for mta-sts.example.org"
        ),
        format!("`openssl s_client -starttls smtp -connect mail.example.org:{smtp}"),
    ] {
        assert!(text.contains(&piece), "{piece}: {}", ran.out);
    }
    assert_eq!(ran.code, Some(1));
}
