//! `smtplint probe`, held against live servers: versions and suites as sslscan sees them, with `openssl s_client` to decide where
//! the two disagree, AUTH as the lab's own client sees it, and not half as long as sslscan takes.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use smtplint_tests::command::SMTPLINT;
use smtplint_tests::lab::{Lab, LabConfiguration, LabServer, STRANGER, self_signed};
use smtplint_tests::program::{OPENSSL, SSLSCAN};

const COMMON: &str = "compatibility_level = 3.6\nmyhostname = mail.example.test\nmydestination = example.test\n\
    mynetworks = 127.0.0.2\nlocal_recipient_maps =\nsmtpd_client_connection_count_limit = 0\n";

/// A configuration, with what its ports are to a stranger.
struct Live {
    name: &'static str,
    /// The keys of its certificates, which stand in front of the other lines.
    keys: &'static [&'static str],
    main_cf: &'static str,
    master_cf: &'static str,
}

const SUBMISSION: &str = "submission inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\n  \
    -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n";
const SUBMISSIONS: &str =
    "submissions inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n  -o smtpd_sasl_auth_enable=yes\n";
const SMTP: &str = "smtp inet n - n - - smtpd\n  -o smtpd_tls_security_level=may\n  -o smtpd_sasl_auth_enable=yes\n";

const LIVE: [Live; 7] = [
    Live {
        name: "stock",
        keys: &["rsa"],
        main_cf: "",
        master_cf: SUBMISSION,
    },
    Live {
        name: "implicit TLS, ECDSA, the server's order",
        keys: &["ecdsa"],
        main_cf: "tls_preempt_cipherlist = yes\n",
        master_cf: SUBMISSIONS,
    },
    Live {
        name: "AUTH in clear, both keys",
        keys: &["rsa", "ecdsa"],
        main_cf: "",
        master_cf: SMTP,
    },
    Live {
        name: "as it should be",
        keys: &["rsa"],
        main_cf: "smtpd_tls_mandatory_protocols = >=TLSv1.2\n\
            smtpd_tls_mandatory_exclude_ciphers = aNULL, kRSA, kDHE, SHA1, SHA256, SHA384\n",
        master_cf: SUBMISSION,
    },
    Live {
        name: "TLS 1.3 alone",
        keys: &["rsa"],
        main_cf: "smtpd_tls_mandatory_protocols = >=TLSv1.3\n",
        master_cf: SUBMISSION,
    },
    Live {
        name: "TLS 1.0 alone",
        keys: &["rsa"],
        main_cf: "smtpd_tls_mandatory_protocols = TLSv1\n",
        master_cf: SUBMISSION,
    },
    Live {
        name: "no certificate",
        keys: &[],
        main_cf: "smtpd_tls_cert_file = none\n",
        master_cf: SUBMISSION,
    },
];

/// `version suite`, by the names of OpenSSL.
type Offered = BTreeSet<(String, String)>;

fn service(master_cf: &str) -> &str {
    master_cf.split(' ').next().expect("a service")
}

fn probe(address: SocketAddr, more: &[&str]) -> Value {
    let output = Command::new(&*SMTPLINT)
        .arg("probe")
        .arg(format!("mail.example.test:{}", address.port()))
        .args(["--address", &address.ip().to_string(), "--format", "json"])
        .args(more)
        .output()
        .expect("the command starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{said}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn offered(probe: &Value) -> Offered {
    let mut all = Offered::new();
    for one in probe["handshakes"].as_array().expect("handshakes") {
        assert_eq!(one["whole"], true, "{one}");
        let version = one["version"].as_str().expect("a version");
        for suite in one["suites"].as_array().expect("suites") {
            all.insert((version.to_owned(), suite["name"].as_str().expect("a name").to_owned()));
        }
    }
    all
}

fn sslscan(address: SocketAddr, implicit: bool) -> Offered {
    let mut command = SSLSCAN.command().expect("the lab has it");
    command.args([
        "--no-colour",
        "--no-heartbleed",
        "--no-renegotiation",
        "--no-compression",
    ]);
    if !implicit {
        command.arg("--starttls-smtp");
    }
    command.arg(address.to_string());
    let finished = SSLSCAN
        .run(&mut command, b"", Duration::from_secs(60))
        .expect("it ends");
    let suite = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["Preferred" | "Accepted", version, _, "bits", name, ..] = words[..] else {
            return None;
        };
        let version = if version == "TLSv1.0" { "TLSv1" } else { version };
        Some((version.to_owned(), name.to_owned()))
    };
    finished.stdout.lines().filter_map(suite).collect()
}

/// Whether a handshake with one suite comes about: the judge where two others disagree.
fn openssl(address: SocketAddr, implicit: bool, version: &str, suite: &str) -> bool {
    let mut command = OPENSSL.command().expect("the lab has it");
    command.args([
        "s_client",
        "-connect",
        &address.to_string(),
        "-servername",
        "mail.example.test",
        "-brief",
    ]);
    if !implicit {
        command.args(["-starttls", "smtp"]);
    }
    match version {
        "TLSv1.3" => command.args(["-tls1_3", "-ciphersuites", suite]),
        "TLSv1.2" => command.args(["-tls1_2", "-cipher", &format!("{suite}:@SECLEVEL=0")]),
        "TLSv1.1" => command.args(["-tls1_1", "-cipher", &format!("{suite}:@SECLEVEL=0")]),
        _ => command.args(["-tls1", "-cipher", &format!("{suite}:@SECLEVEL=0")]),
    };
    let finished = OPENSSL
        .run(&mut command, b"", Duration::from_secs(10))
        .expect("it ends");
    finished.stderr.contains(&format!("Ciphersuite: {suite}"))
}

fn start(lab: &Lab, live: &Live) -> (LabServer, tempfile::TempDir) {
    let materials = tempfile::tempdir().expect("a folder");
    let mut main_cf = COMMON.to_owned();
    let mut chains = Vec::new();
    for kind in live.keys {
        let path = |what: &str| materials.path().join(format!("{kind}-{what}.pem"));
        let (key, certificate, both) = (path("key"), path("cert"), path("both"));
        let more: &[&str] = match *kind {
            "rsa" => &["-newkey", "rsa:2048"],
            _ => &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
        };
        self_signed(&key, &certificate, more).expect("a certificate");
        let text = [key, certificate]
            .map(|file| std::fs::read_to_string(file).expect("a file"))
            .concat();
        std::fs::write(&both, text).expect("a file");
        chains.push(both.display().to_string());
    }
    if !chains.is_empty() {
        main_cf.push_str(&format!("smtpd_tls_chain_files = {}\n", chains.join(", ")));
    }
    main_cf.push_str(live.main_cf);
    let configuration = LabConfiguration::new(live.name, &main_cf, live.master_cf).with_certificates_as_written();
    (lab.start(&configuration).expect("Postfix starts"), materials)
}

fn strings(value: &Value) -> Vec<String> {
    let all = value.as_array().into_iter().flatten();
    all.map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn it_sees_what_others_see() {
    let lab = Lab::new().expect("a lab");
    for live in &LIVE {
        let (server, _materials) = start(&lab, live);
        let service = service(live.master_cf);
        let address = server.address(service).expect("a port");
        let implicit = service == "submissions";
        let seen = probe(address, &[]);
        let (mine, theirs) = (offered(&seen), sslscan(address, implicit));
        assert!(!mine.is_empty(), "{}: {seen}", live.name);
        let mut exceptions = 0;
        for (version, suite) in mine.symmetric_difference(&theirs) {
            let is_mine = mine.contains(&(version.clone(), suite.clone()));
            let truth = openssl(address, implicit, version, suite);
            assert_eq!(is_mine, truth, "{}: {version} {suite}", live.name);
            println!(
                "{}: sslscan is alone with its opinion of {suite} in {version}",
                live.name
            );
            exceptions += 1;
        }
        let observed = server.observe(service, STRANGER).expect("a look");
        let auth = &seen["servers"][0]["listeners"][0]["auth"];
        // The machine itself may be offered what strangers are not.
        if observed.auth_before.is_empty() {
            assert_eq!(auth["before_tls"]["value"], false, "{}", live.name);
        } else {
            assert_eq!(auth["before_tls"]["question"], "stranger", "{}", live.name);
            assert_eq!(
                strings(&auth["mechanisms"]["value"]),
                observed.auth_before,
                "{}",
                live.name
            );
        }
        // What speaks TLS 1.0 alone, or shows no certificate, the library cannot talk to: that is asked.
        let is_seen = !matches!(live.name, "TLS 1.0 alone" | "no certificate");
        if is_seen {
            assert_eq!(
                auth["after_tls"]["value"],
                !observed.auth_after.is_empty(),
                "{}",
                live.name
            );
            assert_eq!(
                strings(&auth["mechanisms"]["value"]),
                observed.auth_after,
                "{}",
                live.name
            );
        } else {
            assert_eq!(auth["after_tls"]["question"], "inside-tls", "{}", live.name);
        }
        let keys: BTreeSet<String> = seen["servers"][0]["listeners"][0]["tls"]["chains"]["value"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|chain| chain[0]["key"].as_str().map(|key| key.replace("ec", "ecdsa")))
            .collect();
        let wanted: BTreeSet<String> = live.keys.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(keys, wanted, "{}", live.name);
        println!("{}: {} suites, {exceptions} exceptions", live.name, mine.len());
        server.stop().expect("it stops");
    }
}

#[test]
fn relaying_and_injection_are_as_configured() {
    let lab = Lab::new().expect("a lab");
    let result = |seen: &Value, channel: &str, recipient: &str| {
        let outcomes = seen["servers"][0]["listeners"][0]["outcomes"]
            .as_array()
            .expect("outcomes");
        let of =
            |row: &&Value| row["actor"] == "stranger" && row["channel"] == channel && row["recipient"] == recipient;
        let row = outcomes.iter().find(of).expect("a row");
        row["outcome"]["value"]["result"].as_str().unwrap_or("open").to_owned()
    };
    for (live, required, local) in [(&LIVE[0], true, "refused"), (&LIVE[2], false, "accepted")] {
        let (server, _materials) = start(&lab, live);
        let address = server.address(service(live.master_cf)).expect("a port");
        let seen = probe(
            address,
            &[
                "--relay-test",
                "--mailbox",
                "alice@example.test",
                "--aggressive",
                "--role",
                "submission",
            ],
        );
        let listener = &seen["servers"][0]["listeners"][0];
        assert_eq!(listener["tls"]["required"]["value"], required, "{}", live.name);
        assert_eq!(result(&seen, "tls", "local"), local, "{}", live.name);
        assert_ne!(result(&seen, "tls", "foreign"), "accepted", "{}", live.name);
        let passed = strings(&seen["passed"]);
        assert!(
            passed.contains(&"starttls-injection-exposed-version".to_owned()),
            "{passed:?}"
        );
        let questions = seen["questions"].as_array().expect("questions").iter();
        let stranger = questions.filter(|one| one["id"] == "stranger");
        let waits: Vec<String> = stranger.flat_map(|one| strings(&one["unlocks"])).collect();
        assert_eq!(
            waits.contains(&"auth-offered-in-clear".to_owned()),
            !required,
            "{waits:?}"
        );
        server.stop().expect("it stops");
    }
}

/// The shorter of several runs of each, taken in turns: other work on the machine makes both longer.
#[test]
fn it_takes_less_than_half_the_time_of_sslscan() {
    let lab = Lab::new().expect("a lab");
    let (server, _materials) = start(&lab, &LIVE[0]);
    let address = server.address(service(LIVE[0].master_cf)).expect("a port");
    let mut best = [Duration::MAX; 2];
    for _ in 0..5 {
        let begin = Instant::now();
        probe(address, &[]);
        best[0] = best[0].min(begin.elapsed());
        let begin = Instant::now();
        sslscan(address, false);
        best[1] = best[1].min(begin.elapsed());
    }
    println!("smtplint {:?}, sslscan {:?}", best[0], best[1]);
    assert!(best[0] * 2 <= best[1], "{best:?}");
    server.stop().expect("it stops");
}

/// What a probe finds to differ from a configuration, and how many facts it compared.
fn drift(address: SocketAddr, lab: &Lab, main_cf: &str, master_cf: &str) -> (Vec<String>, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("main.cf"), main_cf).expect("a file");
    std::fs::write(folder.path().join("master.cf"), master_cf).expect("a file");
    let folder = folder.path().display().to_string();
    let postfix = format!("postfix={}", lab.release().expect("a release"));
    let mut command = OPENSSL.command().expect("the lab has it");
    let said = OPENSSL
        .run(command.arg("version"), b"", Duration::from_secs(5))
        .expect("it ends")
        .stdout;
    let library = said
        .split(' ')
        .nth(1)
        .and_then(|version| version.rsplit_once('.'))
        .expect("a version")
        .0;
    let openssl = format!("openssl={library}");
    let more = [
        "--relay-test",
        "--mailbox",
        "alice@example.test",
        "--against",
        &folder,
        "--root",
        "/",
        "--listener",
        service(master_cf),
        "--target",
        &postfix,
        "--target",
        &openssl,
    ];
    let seen = probe(address, &more);
    let all = seen["drift"].as_array().expect("both sides");
    let of = |is_same: bool| all.iter().filter(move |one| one["is_same"] == is_same);
    let facts = of(false).map(|one| format!("{}: {} {}", one["fact"], one["configured"], one["seen"]));
    (facts.collect(), of(true).count() + of(false).count())
}

#[test]
fn drift_is_what_changed_after_the_start() {
    let lab = Lab::new().expect("a lab");
    for (number, live) in LIVE
        .iter()
        .enumerate()
        .filter(|(number, _)| matches!(number, 0 | 1 | 3))
    {
        let (server, materials) = start(&lab, live);
        let address = server.address(service(live.master_cf)).expect("a port");
        let chains: Vec<String> = live
            .keys
            .iter()
            .map(|kind| materials.path().join(format!("{kind}-both.pem")).display().to_string())
            .collect();
        let main_cf = format!(
            "{COMMON}smtpd_tls_chain_files = {}\n{}",
            chains.join(", "),
            live.main_cf
        );
        let (facts, compared) = drift(address, &lab, &main_cf, live.master_cf);
        assert!(facts.is_empty(), "{}: {facts:?}", live.name);
        assert!(compared >= 9, "{}: {compared}", live.name);
        println!("{}: {compared} facts compared", live.name);
        // One line more, which the running server has not read.
        let changes: &[(&str, &[&str])] = if number == 0 {
            &[
                ("smtpd_tls_mandatory_protocols = >=TLSv1.2", &["tls.versions"]),
                ("tls_preempt_cipherlist = yes", &["tls.server_preference"]),
                ("smtpd_tls_mandatory_exclude_ciphers = aNULL", &["tls.suites"]),
                ("smtpd_tls_ask_ccert = yes", &["tls.client_certificate", "tls.suites"]),
            ]
        } else {
            &[]
        };
        for (line, expected) in changes {
            let (facts, _) = drift(address, &lab, &format!("{main_cf}{line}\n"), live.master_cf);
            let names: Vec<&str> = facts.iter().filter_map(|one| one.split('"').nth(1)).collect();
            assert_eq!(
                names.iter().copied().collect::<BTreeSet<_>>(),
                expected.iter().copied().collect(),
                "{line}: {facts:?}"
            );
        }
        server.stop().expect("it stops");
    }
}
