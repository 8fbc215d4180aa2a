//! The JSON Schemas under `schemas`: made from the types, and true of everything the command prints.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

use std::fs;
use std::path::PathBuf;

use jsonschema::Validator;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use smtplint_core::clients::{self, ClientsJson, Incoming, Wanted};
use smtplint_core::dialects::dovecot::upgrade::UpgradeJson;
use smtplint_core::facts::{Entry, Role, TlsVersion};
use smtplint_core::finding::Severity;
use smtplint_core::fix::{Choice, FixJson, fix};
use smtplint_core::impact::Impact;
use smtplint_core::inspect::InspectJson;
use smtplint_core::json::{ReportJson, inputs, report};
use smtplint_core::migrate::{self, PlanJson, To};
use smtplint_core::mx::json::MxJson;
use smtplint_core::mx::port::{Port, Purpose, Reached, Shown, Verdict};
use smtplint_core::mx::{self, Asked, Dnssec, Domain, Exchange, Fetched, Status};
use smtplint_core::observed::json::{Beside, ProbeJson};
use smtplint_core::observed::{self, Observation, Spoken, drift};
use smtplint_core::samples::SAMPLES;
use smtplint_core::source::Sources;
use smtplint_core::suppress::Baseline;
use smtplint_core::tls::{CiphersJson, Meaning, gnutls, openssl};
use smtplint_core::usage::{Options as UsageOptions, Reader, Usage};
use smtplint_core::version::Target;
use smtplint_core::{Options, check, inspect, intake, recognise};
use smtplint_tests::upgrades::{self, OLD};
use smtplint_tests::{corpus, doveconf, predict};

/// Set to write the schemas instead of comparing them.
const BLESS: &str = "SMTPLINT_BLESS";

const REPORT: &str = "smtplint-report-1.schema.json";
const INSPECT: &str = "smtplint-inspect-1.schema.json";
const BASELINE: &str = "smtplint-baseline-1.schema.json";
const CIPHERS: &str = "smtplint-ciphers-1.schema.json";
const FIX: &str = "smtplint-fix-1.schema.json";
const CLIENTS: &str = "smtplint-clients-1.schema.json";
const UPGRADE: &str = "smtplint-upgrade-1.schema.json";
const PLAN: &str = "smtplint-plan-1.schema.json";
const USAGE: &str = "smtplint-usage-1.schema.json";
const PROBE: &str = "smtplint-probe-1.schema.json";
const MX: &str = "smtplint-mx-1.schema.json";

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../schemas").join(name)
}

/// The schema of what the command prints, not of what it would read.
fn generated<T: JsonSchema>(title: &str) -> Value {
    let mut schema = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>();
    schema.insert("title".to_owned(), json!(title));
    schema.to_value()
}

/// Each value in the place of the one that the pointer leads to is none that the schema allows.
fn refuses<const COUNT: usize>(validator: &Validator, good: &Value, spoilt: [(&str, Value); COUNT]) {
    for (pointer, value) in spoilt {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is there")) = value;
        assert!(!validator.is_valid(&bad), "{pointer} may be anything");
    }
}

fn is_checked_in<T: JsonSchema>(name: &str, title: &str) {
    let mut text = serde_json::to_string_pretty(&generated::<T>(title)).expect("a schema is JSON");
    text.push('\n');
    if std::env::var_os(BLESS).is_some() {
        fs::write(path(name), text).expect("the folder of the schemas can be written");
        return;
    }
    let there = fs::read_to_string(path(name)).unwrap_or_default();
    let differs = there.lines().zip(text.lines()).position(|(old, new)| old != new);
    assert!(
        there == text,
        "schemas/{name} is not what the types say (first difference in line {}). If the change is meant, write it with\n  \
         {BLESS}=1 cargo test -p smtplint-tests --test schemas",
        differs.map_or_else(|| there.lines().count().min(text.lines().count()) + 1, |at| at + 1)
    );
}

#[test]
fn the_schema_of_reports_is_checked_in() {
    is_checked_in::<ReportJson>(REPORT, "smtplint/report/1: what `smtplint check --format json` prints");
}

#[test]
fn the_schema_of_inspections_is_checked_in() {
    is_checked_in::<InspectJson>(
        INSPECT,
        "smtplint/inspect/1: what `smtplint inspect --format json` prints",
    );
}

#[test]
fn the_schema_of_baselines_is_checked_in() {
    is_checked_in::<Baseline>(
        BASELINE,
        "smtplint/baseline/1: what `smtplint check --baseline FILE --update-baseline` writes",
    );
}

#[test]
fn the_schema_of_probes_is_checked_in() {
    is_checked_in::<ProbeJson>(PROBE, "smtplint/probe/1: what `smtplint probe --format json` prints");
}

#[test]
fn the_schema_of_domains_is_checked_in() {
    is_checked_in::<MxJson>(
        MX,
        "smtplint/mx/1: what `smtplint mx --format json` prints of each domain",
    );
}

/// What name servers answer is held against it in the lab.
#[test]
fn domains_are_as_their_schema_says() {
    let validator = validator::<MxJson>();
    let name = "example.org";
    let seen = Domain {
        name: name.to_owned(),
        server: None,
        mx: Asked {
            status: Status::Found,
            dnssec: Dnssec::Secure,
            records: vec![Exchange {
                preference: 10,
                host: "mail.example.org".to_owned(),
            }],
            ..Asked::nobody(name, "MX")
        },
        hosts: Vec::new(),
        sts: Asked {
            status: Status::Empty,
            dnssec: Dnssec::Insecure,
            ..Asked::nobody("_mta-sts.example.org", "TXT")
        },
        policy: Fetched::nobody("https://mta-sts.example.org/".to_owned()),
        reports: Asked {
            status: Status::Failed,
            why: Some("no answer".to_owned()),
            ..Asked::nobody("_smtp._tls.example.org", "TXT")
        },
        submission: Asked::nobody("_submission._tcp.example.org", "SRV"),
        submissions: Asked::nobody("_submissions._tcp.example.org", "SRV"),
        servers: Vec::new(),
        autoconfig: Vec::new(),
        ports: Some(vec![Port {
            host: "mail.example.org".to_owned(),
            number: 25,
            purpose: Purpose::Mx,
            address: Some([192, 0, 2, 25].into()),
            reached: Reached::Answers,
            why: None,
            entry: Some(Entry::Starttls),
            refused_tls: Some("454 not now".to_owned()),
            chains: vec![Shown {
                der: vec![vec![0x30]],
                trusted: Verdict::Unknown("nobody knows".to_owned()),
                anchored: Vec::new(),
            }],
        }]),
        notes: Vec::new(),
    };
    let judgement = mx::judge(&seen);
    let output = json!(mx::json::domain(seen, &judgement, Some(0)));
    let mut all = wrong(&validator, "a domain", &output);
    let error = json!(mx::json::no_domain("a b", "it is none".to_owned(), None));
    all.extend(wrong(&validator, "no domain", &error));
    assert!(all.is_empty(), "{}", all.join("\n"));
    refuses(
        &validator,
        &output,
        [
            ("/schema", json!("smtplint/mx/2")),
            ("/dnssec", json!("signed")),
            ("/mx/status", json!("perhaps")),
            ("/mx/records/0/preference", json!(70_000)),
            ("/ports/0/reached", json!("perhaps")),
            ("/ports/0/tls", json!("often")),
            ("/findings/0/severity", json!("dreadful")),
        ],
    );
}

/// What live ports show is held against it in the lab.
#[test]
fn probes_are_as_their_schema_says() {
    let validator = validator::<ProbeJson>();
    let mut seen = Observation::of("mail.example.org", [192, 0, 2, 25].into(), 587);
    let shown = |seen: &Observation| {
        let report = observed::judge(seen, &Options::default());
        let beside = Beside {
            drift: Some(drift::drift(&observed::inspect(seen).server.listeners[0], seen)),
            notes: vec!["a note".to_owned()],
            commands: vec!["a command".to_owned()],
        };
        json!(observed::json::probe(seen, &report, beside))
    };
    let mut all = wrong(&validator, "nothing", &shown(&seen));
    seen.dead = Some("no answer".to_owned());
    all.extend(wrong(&validator, "a dead port", &shown(&seen)));
    seen.dead = None;
    seen.entry = Some(Entry::Implicit);
    seen.works = Some(true);
    seen.versions = vec![Spoken {
        version: TlsVersion::Tls10,
        offered: Some(true),
        suites: smtplint_core::tls::suite::by_id(0xC013).into_iter().collect(),
        is_whole: true,
        own_order: None,
    }];
    let output = shown(&seen);
    all.extend(wrong(&validator, "an old port", &output));
    assert!(all.is_empty(), "{}", all.join("\n"));
    refuses(
        &validator,
        &output,
        [
            ("/schema", json!("smtplint/probe/2")),
            ("/port", json!(70_000)),
            ("/handshakes/0/version", json!("TLSv9")),
            ("/servers/0/listeners/0/port/because/0/step", json!("guessed")),
        ],
    );
}

#[test]
fn the_schema_of_cipher_strings_is_checked_in() {
    is_checked_in::<CiphersJson>(
        CIPHERS,
        "smtplint/ciphers/1: what `smtplint ciphers --format json` prints",
    );
}

#[test]
fn the_schema_of_usage_is_checked_in() {
    is_checked_in::<Usage>(USAGE, "smtplint/usage/1: what `smtplint usage --format json` prints");
}

#[test]
fn every_count_of_a_log_is_as_its_schema_says() {
    let validator = validator::<Usage>();
    let session = |name: &str, commands: &str| {
        let say = |message: &str| format!("Nov 27 01:02:03 mail {name}/smtpd[7]: {message}\n");
        [
            say("connect from a.example[192.0.2.1]"),
            say("A1: client=a.example[192.0.2.1], sasl_method=PLAIN, sasl_username=anna"),
            say(&format!("disconnect from a.example[192.0.2.1]{commands}")),
        ]
        .concat()
    };
    let tls = "2026-11-27T01:02:03.5+01:00 mail postfix/smtps/smtpd[7]: Anonymous TLS connection established from \
               a.example[192.0.2.1]: TLSv1.2 with cipher X (1/1 bits)\n";
    let all = [
        session("postfix/submission", " starttls=1 auth=1 commands=2"),
        session("postfix", ""),
        session("postfix/inside", " auth=1 commands=1"),
        tls.to_owned(),
    ];
    let mut good = Value::Null;
    for log in [all.concat(), String::new()] {
        let mut reader = Reader::new(UsageOptions::default());
        reader.read(log.as_bytes());
        let usage = json!(reader.finish());
        let errors = wrong(&validator, "usage", &usage);
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        if good.is_null() {
            good = usage;
        }
    }
    refuses(
        &validator,
        &good,
        [
            ("/schema", json!("smtplint/usage/2")),
            ("/until", json!("yesterday")),
            ("/services/0/port_from", json!("somebody")),
            ("/users/0/uses/0/last", json!(7)),
            ("/services/0/encryption/0/entry", json!("tls")),
        ],
    );
}

#[test]
fn the_schema_of_plans_is_checked_in() {
    is_checked_in::<PlanJson>(PLAN, "smtplint/plan/1: what `smtplint migrate --format json` prints");
}

#[test]
fn every_plan_is_as_its_schema_says() {
    let validator = validator::<PlanJson>();
    let mut all = Vec::new();
    let mut good = None;
    for (name, sources, target) in everything() {
        let dialect = recognise(&sources).expect("a configuration");
        let options = Options {
            target,
            ..Options::default()
        };
        for to in [To::Starttls, To::Implicit, To::Both] {
            let plan = migrate::plan(&sources, dialect, &options, to);
            let patches: Vec<String> = plan.stages.iter().map(|stage| stage.title.clone()).collect();
            let output = json!(plan.to_json(inputs(&sources, &[]), &patches));
            all.extend(wrong(&validator, &name, &output));
            good = good.or(plan.is_whole().then_some(output));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    let good = good.expect("one of the plans goes to its end");
    refuses(
        &validator,
        &good,
        [
            ("/schema", json!("smtplint/plan/2")),
            ("/to", json!("25")),
            ("/stages/1/kind", json!("leap")),
            ("/gates/0/met", json!("perhaps")),
        ],
    );
}

#[test]
fn the_schema_of_upgrades_is_checked_in() {
    is_checked_in::<UpgradeJson>(
        UPGRADE,
        "smtplint/upgrade/1: what `smtplint migrate --to dovecot-2.4 --format json` prints",
    );
}

#[test]
fn every_upgrade_is_as_its_schema_says() {
    let validator = validator::<UpgradeJson>();
    let mut all = Vec::new();
    let mut good = None;
    for old in OLD {
        let files = old.files();
        let sources = doveconf::sources(&files);
        let (upgrade, _) = upgrades::carried(&files).expect("a configuration of 2.3");
        let output = json!(upgrade.to_json(&sources, inputs(&sources, &[]), &[]));
        all.extend(wrong(&validator, old.name, &output));
        good = good.or((!upgrade.is_whole()).then_some(output));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    let good = good.expect("one of them leaves something to a person");
    refuses(
        &validator,
        &good,
        [
            ("/schema", json!("smtplint/upgrade/2")),
            ("/whole", json!("nearly")),
            ("/left/0/at/line", json!("first")),
            ("/carried/0/after", json!("nothing")),
        ],
    );
}

#[test]
fn every_meaning_of_a_cipher_string_is_as_its_schema_says() {
    let validator = validator::<CiphersJson>();
    let text = "ALL:!aNULL:aNULL:-kRSA:+AES:@STRENGTH:@SECLEVEL=1:RC4:DES-CDC3-SHA:!eNULL";
    let mut all = Vec::new();
    for release in openssl::Release::ALL {
        let meaning = Meaning::of_openssl(text, release, 2).expect("it leaves suites");
        all.extend(wrong(&validator, release.name(), &json!(meaning.to_json())));
    }
    let meaning = Meaning::of_gnutls("NORMAL:-VERS-TLS1.0:%COMPAT", gnutls::Release::V3_7).expect("it leaves suites");
    let good = json!(meaning.to_json());
    all.extend(wrong(&validator, "gnutls", &good));
    assert!(all.is_empty(), "{}", all.join("\n"));
    refuses(
        &validator,
        &good,
        [
            ("/schema", json!("smtplint/ciphers/2")),
            ("/tokens/0/did", json!("added some")),
            ("/library", json!("nss")),
        ],
    );
}

#[test]
fn the_schema_of_fixes_is_checked_in_and_true() {
    is_checked_in::<FixJson>(FIX, "smtplint/fix/1: what `smtplint fix --format json` prints");
    let validator = validator::<FixJson>();
    let mut all = Vec::new();
    for (name, sources, target) in everything() {
        let dialect = recognise(&sources).expect("a configuration");
        let options = Options {
            target,
            ..Options::default()
        };
        let judge = |sources: &_| check(sources, dialect, &options);
        let choice = Choice {
            check: &judge,
            wants: &|_| true,
            weigh: &|impact| impact,
            bears: &Impact::is_none,
        };
        let fixes = fix(&sources, dialect, &options, &choice);
        all.extend(wrong(&validator, &name, &json!(fixes.to_json("", Vec::new()))));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn every_baseline_is_as_its_schema_says() {
    let validator = validator::<Baseline>();
    let mut all = Vec::new();
    for (name, sources, target) in everything() {
        let dialect = recognise(&sources).expect("a configuration");
        let options = Options {
            target,
            ..Options::default()
        };
        let baseline = Baseline::of(&check(&sources, dialect, &options));
        all.extend(wrong(&validator, &name, &json!(baseline)));
        let read: Baseline = serde_json::from_value(json!(baseline)).expect("it is read as it is written");
        assert_eq!(read, baseline);
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    assert!(!validator.is_valid(&json!({ "schema": "smtplint/baseline/2", "findings": [] })));
}

#[test]
fn the_schema_of_client_settings_is_checked_in() {
    is_checked_in::<ClientsJson>(
        CLIENTS,
        "smtplint/clients/1: what `smtplint clients --form json` prints",
    );
}

#[test]
fn all_client_settings_are_as_their_schema_says() {
    let validator = validator::<ClientsJson>();
    let (mut all, mut published) = (Vec::new(), Vec::new());
    for (name, sources, target) in everything() {
        let dialect = recognise(&sources).expect("a configuration");
        let inspection = inspect(&sources, dialect, &target);
        let wanted = Wanted {
            host: Some("mail.example.org".parse().expect("a name")),
            incoming: Some(Incoming::parse("imap.example.org").expect("a server")),
            ..Wanted::for_domain("example.org".parse().expect("a name"))
        };
        let Ok(settings) = clients::settings(&inspection.server, &wanted) else {
            continue;
        };
        let output = json!(settings.to_json(inputs(&sources, &[])));
        all.extend(wrong(&validator, &name, &output));
        published.push(output);
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    assert!(published.len() > 20, "only {} have a port to publish", published.len());
    refuses(
        &validator,
        &published[0],
        [
            ("/schema", json!("smtplint/clients/2")),
            ("/outgoing/0/security", json!("none")),
            ("/host_by", json!("guessed")),
            ("/incoming/port", json!(70_000)),
        ],
    );
}

/// The validator of a schema made from the types; that the file says the same is for the tests above.
fn validator<T: JsonSchema>() -> Validator {
    jsonschema::draft202012::new(&generated::<T>("")).expect("the schema is one")
}

/// Everything there is to judge: its name, its files, and what is known of the machine.
fn everything() -> Vec<(String, Sources, Target)> {
    let cases = corpus::own().unwrap_or_else(|error| panic!("{error}"));
    let mut all: Vec<(String, Sources, Target)> = Vec::new();
    for case in &cases {
        // With the release that the case names, and as somebody who says nothing.
        all.push((case.name.clone(), predict::sources(case), predict::target(case)));
        all.push((
            format!("{} (no target)", case.name),
            predict::sources(case),
            Target::default(),
        ));
    }
    for sample in SAMPLES {
        all.push((
            sample.name.to_owned(),
            intake::split(sample.name, sample.text()),
            Target::default(),
        ));
    }
    assert!(all.len() > 80, "only {} to judge", all.len());
    all
}

/// What is wrong with an output, one line each.
fn wrong(validator: &Validator, name: &str, output: &Value) -> Vec<String> {
    validator
        .iter_errors(output)
        .map(|error| format!("{name}: {} {error}", error.instance_path()))
        .collect()
}

fn report_of(sources: &Sources, target: Target) -> Value {
    let dialect = recognise(sources).expect("a configuration");
    let report = report(
        &check(
            sources,
            dialect,
            &Options {
                target,
                ..Options::default()
            },
        ),
        sources,
        inputs(sources, &[]),
    );
    serde_json::to_value(report).expect("a report is JSON")
}

#[test]
fn every_report_is_as_its_schema_says() {
    let validator = validator::<ReportJson>();
    let mut all = Vec::new();
    for (name, sources, target) in everything() {
        all.extend(wrong(&validator, &name, &report_of(&sources, target)));
    }
    assert!(all.is_empty(), "{} errors\n{}", all.len(), all.join("\n"));
}

#[test]
fn every_inspection_is_as_its_schema_says() {
    let validator = validator::<InspectJson>();
    let mut all = Vec::new();
    for (name, sources, target) in everything() {
        let dialect = recognise(&sources).expect("a configuration");
        let inspection = inspect(&sources, dialect, &target);
        for with_settings in [false, true] {
            let output = inspection.to_json(&sources, inputs(&sources, &[Some("0".repeat(64))]), with_settings);
            let output = serde_json::to_value(output).expect("an inspection is JSON");
            all.extend(wrong(&validator, &name, &output));
        }
    }
    assert!(all.is_empty(), "{} errors\n{}", all.len(), all.join("\n"));
}

/// A schema that everything fits would be worth nothing.
#[test]
fn the_schema_of_reports_refuses_what_is_no_report() {
    let validator = validator::<ReportJson>();
    let sample = &SAMPLES[0];
    let good = report_of(&intake::split(sample.name, sample.text()), Target::default());
    assert!(validator.is_valid(&good));
    let spoilt: [(&str, Value); 6] = [
        ("/schema", json!("smtplint/report/2")),
        ("/inputs/0/kind", json!("found")),
        ("/findings/0/severity", json!("bad")),
        ("/findings/0/confidence", json!("perhaps")),
        ("/findings/0/because/0/step", json!("guessed")),
        ("/summary/high", json!(-1)),
    ];
    refuses(&validator, &good, spoilt);
    let mut bad = good.clone();
    bad.as_object_mut().expect("an object").remove("findings");
    assert!(!validator.is_valid(&bad), "a report without findings");
}

/// Text and JSON call the same thing by the same word.
#[test]
fn words_are_the_same_in_text_and_json() {
    for role in [Role::Mx, Role::Submission, Role::Internal, Role::Unknown] {
        assert_eq!(json!(role), role.word());
    }
    for entry in [Entry::None, Entry::Starttls, Entry::Implicit] {
        assert_eq!(json!(entry), entry.word());
    }
    for version in TlsVersion::ALL {
        assert_eq!(json!(version), version.name());
    }
    for severity in Severity::ALL {
        assert_eq!(json!(severity), severity.word());
    }
}
