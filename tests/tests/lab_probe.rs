//! `smtplint probe`, held against live Postfix: versions and suites as sslscan and sslyze see them, with `openssl s_client` to decide
//! where they disagree, AUTH as swaks is told it, and against a configuration, which has changed or not.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde_json::Value;
use smtplint_tests::lab::dialogue::Tls;
use smtplint_tests::lab::probed::{Drift, agree, drift, library, offered, probe, same_auth, strings};
use smtplint_tests::lab::scanners::{sslscan, sslyze, swaks};
use smtplint_tests::lab::{Lab, LabConfiguration, LabServer, STRANGER, self_signed};

const COMMON: &str = "compatibility_level = 3.6\nmyhostname = mail.example.test\nmydestination = example.test\n\
    mynetworks = 127.0.0.2\nlocal_recipient_maps =\nsmtpd_client_connection_count_limit = 0\n";

/// A configuration, with what its ports are to a stranger.
struct Live {
    name: &'static str,
    /// The keys of its certificates, which stand in front of the other lines.
    keys: &'static [&'static str],
    main_cf: &'static str,
    master_cf: &'static str,
    /// Whether sslyze looks as well, which takes long.
    for_sslyze: bool,
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
        for_sslyze: false,
    },
    Live {
        name: "implicit TLS, ECDSA, the server's order",
        keys: &["ecdsa"],
        main_cf: "tls_preempt_cipherlist = yes\n",
        master_cf: SUBMISSIONS,
        for_sslyze: true,
    },
    Live {
        name: "AUTH in clear, both keys",
        keys: &["rsa", "ecdsa"],
        main_cf: "",
        master_cf: SMTP,
        for_sslyze: true,
    },
    Live {
        name: "as it should be",
        keys: &["rsa"],
        main_cf: "smtpd_tls_mandatory_protocols = >=TLSv1.2\n\
            smtpd_tls_mandatory_exclude_ciphers = aNULL, kRSA, kDHE, SHA1, SHA256, SHA384\n",
        master_cf: SUBMISSION,
        for_sslyze: false,
    },
    Live {
        name: "TLS 1.3 alone",
        keys: &["rsa"],
        main_cf: "smtpd_tls_mandatory_protocols = >=TLSv1.3\n",
        master_cf: SUBMISSION,
        for_sslyze: false,
    },
    Live {
        name: "TLS 1.0 alone",
        keys: &["rsa"],
        main_cf: "smtpd_tls_mandatory_protocols = TLSv1\n",
        master_cf: SUBMISSION,
        for_sslyze: false,
    },
    Live {
        name: "no certificate",
        keys: &[],
        main_cf: "smtpd_tls_cert_file = none\n",
        master_cf: SUBMISSION,
        for_sslyze: false,
    },
];

fn service(master_cf: &str) -> &str {
    master_cf.split(' ').next().expect("a service")
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

#[test]
fn it_sees_what_others_see() {
    let lab = Lab::new().expect("a lab");
    for live in &LIVE {
        let (server, _materials) = start(&lab, live);
        let service = service(live.master_cf);
        let address = server.address(service).expect("a port");
        let tls = if service == "submissions" {
            Tls::Implicit
        } else {
            Tls::StartTls
        };
        let seen = probe(address, &[]);
        let mine = offered(&seen);
        let mut scanners = vec![("sslscan", sslscan(address, tls))];
        if live.for_sslyze {
            scanners.push(("sslyze", sslyze(address, tls)));
        }
        let exceptions = agree(live.name, address, tls, &mine, &scanners);
        // What speaks TLS 1.0 alone, or shows no certificate, the library cannot talk to: that is asked.
        let is_seen = !matches!(live.name, "TLS 1.0 alone" | "no certificate");
        same_auth(live.name, &seen, &swaks(address, STRANGER, tls), is_seen);
        let keys: BTreeSet<String> = seen["servers"][0]["listeners"][0]["tls"]["chains"]["value"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|chain| chain[0]["key"].as_str().map(|key| key.replace("ec", "ecdsa")))
            .collect();
        let wanted: BTreeSet<String> = live.keys.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(keys, wanted, "{}", live.name);
        println!("{}: {} suites; {}", live.name, mine.suites.len(), exceptions);
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

/// What a probe finds to differ from these files.
fn drift_from(address: SocketAddr, lab: &Lab, main_cf: &str, master_cf: &str) -> Drift {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("main.cf"), main_cf).expect("a file");
    std::fs::write(folder.path().join("master.cf"), master_cf).expect("a file");
    let postfix = format!("postfix={}", lab.release().expect("a release"));
    let openssl = format!("openssl={}", library());
    let more = [
        "--listener",
        service(master_cf),
        "--target",
        &postfix,
        "--target",
        &openssl,
    ];
    drift(address, &folder.path().display().to_string(), &more)
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
        let found = drift_from(address, &lab, &main_cf, live.master_cf);
        assert!(found.facts.is_empty(), "{}: {}", live.name, found.said);
        assert!(found.compared >= 9, "{}: {}", live.name, found.compared);
        println!("{}: {} facts compared", live.name, found.compared);
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
            let found = drift_from(address, &lab, &format!("{main_cf}{line}\n"), live.master_cf);
            let expected = expected.iter().map(|fact| (*fact).to_owned()).collect();
            assert_eq!(found.facts, expected, "{line}: {}", found.said);
        }
        server.stop().expect("it stops");
    }
}
