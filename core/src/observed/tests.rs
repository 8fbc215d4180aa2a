use super::*;
use crate::facts::{Stage, TlsVersion, Value};
use crate::finding::Confidence;
use crate::tls::suite;

/// Port 587 of a server as it should be, of which nothing but what a client sees is known.
fn good() -> Observation {
    let offered = |version, ids: &[u16]| Spoken {
        version,
        offered: Some(!ids.is_empty()),
        suites: ids.iter().map(|id| suite::by_id(*id).unwrap()).collect(),
        is_whole: true,
        own_order: None,
    };
    let plain = Announced {
        mechanisms: vec!["PLAIN".to_owned(), "LOGIN".to_owned()],
        ..Announced::default()
    };
    Observation {
        host: "mail.example.org".to_owned(),
        address: "192.0.2.25".parse().unwrap(),
        port: 587,
        from: Some("198.51.100.7".parse().unwrap()),
        role: None,
        now: Some(1_795_000_000),
        dead: None,
        greeting: Some("mail.example.org ESMTP".to_owned()),
        entry: Some(Entry::Starttls),
        works: Some(true),
        required: Some(true),
        clear: Some(Announced::default()),
        inside: Some(plain),
        versions: vec![
            offered(TlsVersion::Ssl2, &[]),
            offered(TlsVersion::Ssl3, &[]),
            offered(TlsVersion::Tls10, &[]),
            offered(TlsVersion::Tls11, &[]),
            offered(TlsVersion::Tls12, &[0xC02F, 0xC030]),
            offered(TlsVersion::Tls13, &[0x1301, 0x1302]),
        ],
        groups: Some(vec!["x25519", "secp256r1"]),
        prime_bits: None,
        compression: Some(false),
        asks_certificate: Some(false),
        chains: None,
        recipients: [Channel::Clear, Channel::Tls]
            .into_iter()
            .flat_map(|channel| {
                [Recipient::Local, Recipient::Foreign].map(|recipient| {
                    let (stage, code) = (Stage::Rcpt, 554);
                    (channel, recipient, Outcome::Refused { stage, code })
                })
            })
            .collect(),
        takes_injected: Some(false),
    }
}

/// Ids of what is found at `low` or worse.
fn found(observation: &Observation) -> Vec<&'static str> {
    let report = judge(observation, &Options::default());
    let worth = report
        .findings
        .iter()
        .filter(|one| one.severity > crate::finding::Severity::Info);
    worth.map(|one| one.rule).collect()
}

#[test]
fn nothing_is_found_where_all_is_well() {
    let report = judge(&good(), &Options::default());
    assert_eq!(found(&good()), Vec::<&str>::new());
    assert!(report.passed.contains(&"tls10-enabled") && report.passed.contains(&"auth-offered-in-clear"));
    // Of what no client sees nothing is said to be well.
    assert!(!report.passed.contains(&"no-auth-rate-limit") && !report.passed.contains(&"undefined-parameter"));
    for rule in &report.passed {
        assert!(OBSERVABLE.contains(rule), "{rule}");
    }
}

#[test]
fn the_rules_that_can_be_seen_are_rules() {
    for rule in OBSERVABLE {
        assert!(crate::rule_by_id(rule).is_some(), "{rule}");
    }
    assert!(OBSERVABLE.is_sorted());
}

#[test]
fn each_thing_that_is_seen_has_its_finding() {
    type Spoil = fn(&mut Observation);
    let cases: [(&str, Spoil); 12] = [
        ("tls-not-required-on-submission", |seen| seen.required = Some(false)),
        ("auth-offered-in-clear", |seen| seen.clear.clone_from(&seen.inside)),
        ("auth-missing-on-submission", |seen| {
            seen.inside = Some(Announced::default());
            seen.recipients.clear();
        }),
        ("no-tls-on-submission", |seen| seen.entry = Some(Entry::None)),
        ("service-cannot-start", |seen| seen.dead = Some("no answer".to_owned())),
        ("banner-discloses-version", |seen| {
            seen.greeting = Some("mail.example.org ESMTP Exim 4.96".to_owned())
        }),
        ("wrapper-on-starttls-port", |seen| seen.entry = Some(Entry::Implicit)),
        ("starttls-injection-exposed-version", |seen| {
            seen.takes_injected = Some(true)
        }),
        ("compression-enabled", |seen| seen.compression = Some(true)),
        ("tls10-enabled", |seen| {
            seen.versions[2].offered = Some(true);
            seen.versions[2].suites = vec![suite::by_id(0xC013).unwrap()];
        }),
        ("sslv2-enabled", |seen| seen.versions[0].offered = Some(true)),
        ("open-relay", |seen| {
            seen.recipients = vec![(Channel::Tls, Recipient::Foreign, Outcome::Accepted)];
        }),
    ];
    for (rule, spoil) in cases {
        let mut seen = good();
        spoil(&mut seen);
        let found = found(&seen);
        assert!(found.contains(&rule), "{rule}: {found:?}");
    }
}

#[test]
fn what_was_not_tried_is_asked() {
    let mut seen = good();
    seen.required = None;
    seen.recipients.clear();
    seen.takes_injected = None;
    let report = judge(&seen, &Options::default());
    assert!(report.findings.iter().all(|one| one.confidence == Confidence::Certain));
    let unlocks = |id: &str| {
        let question = report.questions.iter().find(|one| one.id.0 == id);
        question.unwrap_or_else(|| panic!("no question {id}")).unlocks.clone()
    };
    assert!(unlocks("relay-test").contains(&"open-relay".to_owned()));
    assert!(unlocks("relay-test").contains(&"tls-not-required-on-submission".to_owned()));
    assert!(unlocks("injection-test").contains(&"starttls-injection-exposed-version".to_owned()));
    for question in &report.questions {
        assert!(
            question.ask.contains('?') && !question.command.is_empty(),
            "{question:?}"
        );
    }
}

#[test]
fn who_may_be_trusted_proves_no_open_relay() {
    for (from, is_open) in [
        ("198.51.100.7", true),
        ("192.0.2.77", false),
        ("10.0.0.3", false),
        ("127.0.0.1", false),
    ] {
        let mut seen = good();
        seen.from = Some(from.parse().unwrap());
        seen.recipients = vec![(Channel::Tls, Recipient::Foreign, Outcome::Accepted)];
        assert_eq!(found(&seen).contains(&"open-relay"), is_open, "{from}");
    }
}

#[test]
fn the_machine_itself_is_no_measure_of_auth_in_clear() {
    let mut seen = good();
    seen.clear.clone_from(&seen.inside);
    seen.from = Some(seen.address);
    let report = judge(&seen, &Options::default());
    assert!(!found(&seen).contains(&"auth-offered-in-clear"));
    let question = report.questions.iter().find(|one| one.id.0 == "stranger").unwrap();
    assert!(
        question.unlocks.contains(&"auth-offered-in-clear".to_owned()),
        "{question:?}"
    );
}

#[test]
fn a_mailbox_has_to_be_named() {
    let mut seen = good();
    seen.required = None;
    seen.recipients.retain(|one| one.1 == Recipient::Foreign);
    let required = |seen: &Observation| {
        let tls = inspect(seen).server.listeners[0].tls.clone();
        tls.required.value.question().unwrap().0.clone()
    };
    assert_eq!(required(&seen), "own-mailbox");
    assert_eq!(
        required(&Observation {
            required: None,
            ..good()
        }),
        "configuration"
    );
}

#[test]
fn handshakes_without_an_answer_leave_the_suites_open() {
    let mut seen = good();
    seen.versions[4].is_whole = false;
    let tls = &inspect(&seen).server.listeners[0].tls;
    assert!(matches!(&tls.suites.as_ref().unwrap().value, Value::Unknown(question) if question.0 == "handshakes"));
    seen.versions[2].offered = None;
    let report = judge(&seen, &Options::default());
    assert!(!report.passed.contains(&"tls10-enabled"));
}

#[test]
fn every_fact_names_where_it_was_seen_or_asks() {
    let shown = json::probe(&good(), &judge(&good(), &Options::default()), json::Beside::default());
    let shown = serde_json::to_value(&shown).unwrap();
    let listener = &shown["servers"][0]["listeners"][0];
    assert_eq!(
        listener["tls"]["versions"]["value"],
        serde_json::json!(["TLSv1.2", "TLSv1.3"])
    );
    assert_eq!(listener["tls"]["versions"]["because"][0]["step"], "observed");
    assert_eq!(listener["trusted_networks"]["question"], "configuration");
    assert_eq!(listener["auth"]["after_tls"]["value"], true);
}

#[test]
fn releases_in_greetings() {
    for (greeting, tells) in [
        ("mail.example.org ESMTP Postfix", false),
        ("mail.example.org ESMTP Postfix (3.7.11)", true),
        ("mail.example.org ESMTP Exim 4.96 Fri, 27 Nov 2026 15:00:00 +0000", true),
        (
            "mail.example.org ESMTP Sendmail 8.17.1/8.17.1/Debian; Fri, 27 Nov 2026",
            true,
        ),
        ("mail.example.org ESMTP Fri, 27 Nov 2026 15:00:00 +0000", false),
        (
            "mail.example.org Microsoft ESMTP MAIL Service ready at [192.0.2.1]",
            false,
        ),
        ("mx1.example.org ESMTP ready", false),
        ("4.example.org ESMTP", false),
    ] {
        assert_eq!(lower::tells_release(greeting), tells, "{greeting}");
    }
}
