//! Eighteen configurations, live: what a stranger sees at their listeners is what smtplint predicts.
//!
//! What is expected stands beside each as well, reasoned from Postfix's manual, so that three say the same.

#![allow(clippy::expect_used, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the table is the test's report")]

use smtplint_tests::lab::dialogue::Dialogue;
use smtplint_tests::lab::{Entry, Lab, LabConfiguration, LabError, LabServer, Observed, Prediction, STRANGER, TRUSTED};
use smtplint_tests::postconf::Configuration;
use smtplint_tests::predict;
use smtplint_tests::program::in_parallel;

/// One configuration and what is to be seen.
struct Live {
    name: &'static str,
    /// Follows [`COMMON`].
    main_cf: &'static str,
    master_cf: &'static str,
    /// Listener and prediction.
    expected: &'static [&'static str],
}

/// Files that do not exist, so the lab puts its own there: except where the name says `missing`.
const COMMON: &str = "compatibility_level = 3.6\nmyhostname = mail.example.test\nmydestination = example.test\n\
    smtpd_tls_cert_file = /etc/ssl/lab/cert.pem\nsmtpd_tls_key_file = /etc/ssl/lab/key.pem\n";

const COMMON_WITHOUT_CERTIFICATE: &str =
    "compatibility_level = 3.6\nmyhostname = mail.example.test\nmydestination = example.test\n";

const MX: &str = "smtp inet n - n - - smtpd\n";
const MX_AND_SUBMISSION: &str = "smtp inet n - n - - smtpd\n\
    submission inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\n";

/// `ALL` stands for all mechanisms of the SASL library.
const LIVE: [Live; 18] = [
    Live {
        name: "stock-like",
        main_cf: "smtpd_tls_security_level = may\nmynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128\n",
        master_cf: "smtp      inet  n       -       y       -       -       smtpd\n",
        expected: &["smtp: entry=starttls required=no versions=1.0,1.1,1.2,1.3 auth_before=no auth_after=no"],
    },
    Live {
        name: "465 with wrappermode",
        main_cf: "",
        master_cf: "smtps inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n  -o smtpd_sasl_auth_enable=yes\n",
        expected: &["smtps: entry=implicit required=yes versions=1.0,1.1,1.2,1.3 auth_before=no auth_after=ALL"],
    },
    Live {
        name: "465 without wrappermode",
        main_cf: "",
        master_cf: "465 inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\n",
        expected: &["465: entry=starttls required=yes versions=1.0,1.1,1.2,1.3 auth_before=no auth_after=ALL"],
    },
    Live {
        name: "587 encrypt",
        main_cf: "smtpd_tls_mandatory_protocols = >=TLSv1.2\n",
        master_cf: MX_AND_SUBMISSION,
        expected: &[
            "smtp: entry=none required=no versions=none auth_before=no",
            "submission: entry=starttls required=yes versions=1.2,1.3 auth_before=no auth_after=ALL",
        ],
    },
    Live {
        name: "587 may with auth_only",
        main_cf: "smtpd_tls_security_level = may\nsmtpd_tls_auth_only = yes\n",
        master_cf: "[::1]:587 inet n - - - - smtpd\n  -o { smtpd_sasl_auth_enable = yes }\n",
        expected: &["[::1]:587: entry=starttls required=no versions=1.0,1.1,1.2,1.3 auth_before=no auth_after=ALL"],
    },
    Live {
        name: "587 may without auth_only",
        main_cf: "smtpd_tls_security_level = may\nbroken_sasl_auth_clients = yes\n",
        master_cf: "submission inet n - n - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n",
        expected: &["submission: entry=starttls required=no versions=1.0,1.1,1.2,1.3 auth_before=ALL auth_after=ALL"],
    },
    Live {
        name: "AUTH on 25",
        main_cf: "smtpd_tls_security_level = may\nsmtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\n\
            smtpd_sasl_path = private/auth\n",
        master_cf: MX,
        expected: &["smtp: entry=starttls required=no versions=1.0,1.1,1.2,1.3 auth_before=ALL auth_after=ALL"],
    },
    Live {
        name: "wrappermode in main.cf",
        main_cf: "smtpd_tls_wrappermode = yes\n",
        master_cf: MX_AND_SUBMISSION,
        expected: &[
            "smtp: entry=implicit required=yes versions=1.0,1.1,1.2,1.3 auth_before=no auth_after=no",
            "submission: entry=implicit required=yes versions=1.0,1.1,1.2,1.3 auth_before=no auth_after=ALL",
        ],
    },
    Live {
        name: "only the mandatory list hardened",
        main_cf: "smtpd_tls_security_level = may\nsmtpd_tls_mandatory_protocols = >=TLSv1.2\n",
        master_cf: MX_AND_SUBMISSION,
        expected: &[
            "smtp: entry=starttls required=no versions=1.0,1.1,1.2,1.3 auth_before=no auth_after=no",
            "submission: entry=starttls required=yes versions=1.2,1.3 auth_before=no auth_after=ALL",
        ],
    },
    Live {
        name: "only the opportunistic list hardened",
        main_cf: "smtpd_tls_security_level = may\nsmtpd_tls_protocols = >=TLSv1.2\n",
        master_cf: MX_AND_SUBMISSION,
        expected: &[
            "smtp: entry=starttls required=no versions=1.2,1.3 auth_before=no auth_after=no",
            "submission: entry=starttls required=yes versions=1.0,1.1,1.2,1.3 auth_before=no auth_after=ALL",
        ],
    },
    Live {
        name: "list of exclusions",
        main_cf: "smtpd_tls_security_level = may\nsmtpd_tls_protocols = !SSLv2,!SSLv3,!TLSv1,!TLSv1.1\n",
        master_cf: MX,
        expected: &["smtp: entry=starttls required=no versions=1.2,1.3 auth_before=no auth_after=no"],
    },
    Live {
        name: "-o with blanks",
        main_cf: "smtpd_tls_security_level = may\n",
        master_cf: "smtp inet n - n - - smtpd\nsubmission inet n - n - - smtpd\n  -o smtpd_tls_security_level = encrypt\n",
        expected: &[
            "smtp: entry=starttls required=no versions=1.0,1.1,1.2,1.3 auth_before=no auth_after=no",
            "submission: entry=dead",
        ],
    },
    Live {
        name: "missing certificate",
        main_cf: "smtpd_tls_security_level = may\n",
        master_cf: "smtp inet n - n - - smtpd\nsmtps inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n",
        expected: &[
            "smtp: entry=starttls required=no versions=none auth_before=no",
            "smtps: entry=dead",
        ],
    },
    Live {
        name: "level dane",
        main_cf: "smtpd_tls_security_level = dane\n",
        master_cf: MX,
        expected: &["smtp: entry=dead"],
    },
    Live {
        name: "noplaintext",
        main_cf: "smtpd_tls_security_level = may\nsmtpd_sasl_auth_enable = yes\n\
            smtpd_sasl_security_options = noanonymous, noplaintext\n",
        master_cf: MX,
        expected: &["smtp: entry=starttls required=no versions=1.0,1.1,1.2,1.3 \
            auth_before=CRAM-MD5,SCRAM-SHA-256 auth_after=CRAM-MD5,SCRAM-SHA-256"],
    },
    Live {
        name: "level none with use_tls",
        main_cf: "smtpd_tls_security_level = none\nsmtpd_use_tls = yes\n",
        master_cf: MX,
        expected: &["smtp: entry=none required=no versions=none auth_before=no"],
    },
    Live {
        name: "list of inclusions",
        main_cf: "smtpd_tls_security_level = may\nsmtpd_tls_protocols = TLSv1.2\n",
        master_cf: MX,
        expected: &["smtp: entry=starttls required=no versions=1.2 auth_before=no auth_after=no"],
    },
    Live {
        name: "postscreen",
        main_cf: "smtpd_tls_security_level = may\nsmtpd_tls_protocols = >=TLSv1.2\n",
        master_cf: "smtp inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n\
            dnsblog unix - - n - 0 dnsblog\ntlsproxy unix - - n - 0 tlsproxy\n",
        expected: &["smtp: entry=starttls required=no versions=1.2,1.3 auth_before=ALL auth_after=ALL"],
    },
];

impl Live {
    fn configuration(&self) -> LabConfiguration {
        let written = LabConfiguration::new(self.name, &format!("{COMMON}{}", self.main_cf), self.master_cf);
        if self.name.starts_with("missing") {
            written.with_certificates_as_written()
        } else {
            written
        }
    }

    /// What is to be seen at which listener, as reasoned.
    fn expected(&self) -> Vec<(String, Prediction)> {
        let mechanisms = smtplint_tests::lab::MECHANISMS.join(",");
        let lines = self
            .expected
            .iter()
            .map(|line| line.replace("=ALL", &format!("={mechanisms}")));
        lines
            .map(|line| Prediction::of_service(&line).expect("a prediction"))
            .collect()
    }

    /// What smtplint says will be seen, from the files as the person wrote them.
    fn predicted(&self, release: &str) -> Vec<(String, Prediction)> {
        // Whether the files of a certificate exist is nothing that a configuration tells.
        let common = if self.name.starts_with("missing") {
            COMMON_WITHOUT_CERTIFICATE
        } else {
            COMMON
        };
        let report = predict::judge_texts(&format!("{common}{}", self.main_cf), self.master_cf, release);
        let lines = report.server.listeners.iter().map(predict::line);
        lines
            .map(|line| Prediction::of_service(&line).expect("a prediction"))
            .collect()
    }
}

/// Listener, prediction, observation.
type Seen = Vec<(String, Prediction, Observed)>;

/// Runs one configuration: every listener's prediction and observation, and what had to be changed.
fn run(lab: &Lab, live: &Live) -> Result<(LabServer, Seen), LabError> {
    let server = lab.start(&live.configuration())?;
    let mut seen = Vec::new();
    for (service, prediction) in live.expected() {
        let observed = server.observe(&service, STRANGER)?;
        seen.push((service, prediction, observed));
    }
    Ok((server, seen))
}

/// The release of the Postfix that is installed.
fn installed_release() -> String {
    let asked = Configuration::new("", Some(b""))
        .prepare()
        .expect("a folder")
        .values(&["-d", "mail_version"]);
    asked
        .expect("postconf")
        .values
        .remove("mail_version")
        .expect("a release")
}

#[test]
fn every_listener_is_as_predicted() {
    let lab = Lab::new().unwrap_or_else(|error| panic!("{error}"));
    let results = in_parallel(&LIVE, 4, |live| {
        run(&lab, live).map(|(server, seen)| {
            let (rewritings, complaints) = (server.rewritings.clone(), server.complaints());
            server.stop().map(|()| (rewritings, complaints, seen))
        })
    });
    let release = installed_release();
    let mut wrong = Vec::new();
    for (live, result) in LIVE.iter().zip(results) {
        let (rewritings, complaints, seen) = match result {
            Ok(Ok(result)) => result,
            Ok(Err(error)) | Err(error) => {
                wrong.push(format!("{}: {error}", live.name));
                continue;
            }
        };
        assert!(
            rewritings.iter().any(|one| one.what == "service"),
            "{}: {rewritings:?}",
            live.name
        );
        let predicted = live.predicted(&release);
        assert_eq!(predicted.len(), seen.len(), "{}: {predicted:?}", live.name);
        for (service, prediction, observed) in seen {
            println!("{:36} {service:11} {observed}", live.name);
            let own = predicted
                .iter()
                .find(|(name, _)| *name == service)
                .map(|(_, own)| own)
                .expect("a listener");
            // A dead port shows itself as such whatever the reason.
            let differences = observed.disagreements(own);
            if !differences.is_empty() {
                wrong.push(format!(
                    "{}, {service}: smtplint predicts {own:?}: {differences:?}",
                    live.name
                ));
            }
            let differences = observed.disagreements(&prediction);
            if !differences.is_empty() {
                wrong.push(format!(
                    "{}, {service}: {differences:?}\n{}",
                    live.name,
                    complaints.join("\n")
                ));
            }
            // A dead listener's reason stands in the log; a living one has nothing to complain about there.
            if observed.entry == Entry::Dead && complaints.is_empty() && !live.name.starts_with("missing") {
                wrong.push(format!("{}, {service}: dead without a word in the log", live.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn trusted_and_stranger_are_told_apart_and_alice_can_log_in() {
    let lab = Lab::new().unwrap_or_else(|error| panic!("{error}"));
    let main_cf = format!("{COMMON}mynetworks = 127.0.0.0/8\nsmtpd_sasl_auth_enable = yes\n");
    let server = lab
        .start(&LabConfiguration::new("relay", &main_cf, MX))
        .unwrap_or_else(|error| panic!("{error}"));
    let address = server.address("smtp").expect("a listener");
    let rcpt = |source, login: bool| {
        let mut dialogue = Dialogue::clear(address, source).expect("a connection");
        assert_eq!(
            dialogue
                .reply(smtplint_tests::lab::dialogue::ANSWER)
                .expect("a greeting")
                .code,
            220
        );
        dialogue.command("EHLO client.example.org").expect("EHLO");
        if login {
            // NUL alice@example.test NUL secret
            let reply = dialogue
                .command("AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQ=")
                .expect("AUTH");
            assert_eq!(reply.code, 235, "{reply}\n{}", server.log());
        }
        dialogue.command("MAIL FROM:<a@client.example.org>").expect("MAIL");
        dialogue
            .command("RCPT TO:<b@elsewhere.example.com>")
            .expect("RCPT")
            .code
    };
    assert_eq!(rcpt(TRUSTED, false), 250);
    assert_eq!(rcpt(STRANGER, false), 454);
    assert_eq!(rcpt(STRANGER, true), 250);
}

#[test]
fn what_postfix_cannot_read_is_refused_and_a_panic_stops_the_server() {
    let lab = Lab::new().unwrap_or_else(|error| panic!("{error}"));
    let error = lab
        .start(&LabConfiguration::new("junk", "junk\n", MX))
        .expect_err("junk");
    assert!(
        matches!(&error, LabError::Refused(said) if said.contains("missing '='")),
        "{error}"
    );

    let mut address = None;
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let server = lab
            .start(&LabConfiguration::new("panic", COMMON, MX))
            .expect("a server");
        let there = server.address("smtp").expect("a listener");
        Dialogue::clear(there, STRANGER).expect("it listens");
        address = Some(there);
        std::panic::resume_unwind(Box::new("on purpose"));
    }));
    assert!(outcome.is_err());
    let gone = Dialogue::clear(address.expect("it was up"), STRANGER);
    assert!(gone.is_err(), "the server outlived the panic");
}
