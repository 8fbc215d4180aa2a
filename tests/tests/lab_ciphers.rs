//! `openssl ciphers` and `gnutls-cli --list` of every release over strings by the thousand: suite for suite, in order, smtplint
//! says the same.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::collections::BTreeMap;

use smtplint_core::facts::TlsVersion;
use smtplint_core::tls::openssl::{self, Release, Setup};
use smtplint_core::tls::{Suite, gnutls};
use smtplint_tests::ciphers::{Question, System, generate, strings_of_the_corpora};
use smtplint_tests::corpus::{self, Outside};
use smtplint_tests::lab::random::Chance;

/// How many strings are put together by chance, for each library.
const STRINGS: usize = 5000;
const PRIORITIES: usize = 1000;
const SEED: u64 = 4;

/// The level that Debian's builds begin with.
const LEVEL: u8 = 2;

/// Where smtplint and a tool may differ, one a line: the tool with its release, the string, and why.
const EXCEPTIONS: &str = include_str!("cipher-exceptions.tsv");

/// What goes with `-s`, so that each is asked about as often.
const OPTIONS: &[&str] = &[
    "",
    "",
    "-tls1",
    "-tls1_1",
    "-tls1_2",
    "-tls1_2",
    "-tls1_3",
    "-psk",
    "-srp",
    "-psk -srp",
];

#[test]
fn openssl_1_1_1() {
    holds_against(System::of_debian("bullseye"), Release::V1_1_1);
}

#[test]
fn openssl_3_0() {
    holds_against(Some(System::Here), Release::V3_0);
}

#[test]
fn openssl_3_5() {
    holds_against(System::of_debian("trixie"), Release::V3_5);
}

fn holds_against(system: Option<System>, release: Release) {
    let Some(system) = system else {
        println!("OpenSSL {release} is left out: `cargo xtask lab --install` makes a system that has it");
        return;
    };
    let version = ask(
        &system,
        &[Question {
            options: String::new(),
            string: String::new(),
        }],
        "openssl version",
    );
    assert!(
        version.concat().starts_with(&format!("OpenSSL {release}")),
        "not OpenSSL {release}: {version:?}"
    );
    let questions = questions();
    let answers = ask(
        &system,
        &questions,
        r#"openssl ciphers $options -- "$string" || printf 'refused'"#,
    );
    let tool = format!("openssl-{release}");
    let known = exceptions(&tool);
    let mut differ = Vec::new();
    for (question, theirs) in questions.iter().zip(&answers) {
        let ours = predict(question, release);
        if ours != theirs.trim_end_matches('\n') && !known.contains_key(question.string.as_str()) {
            differ.push(format!(
                "{} {:?}\n  ours   {ours}\n  theirs {theirs}",
                question.options, question.string
            ));
        }
    }
    let refused = answers.iter().filter(|answer| *answer == "refused").count();
    hold(&format!("OpenSSL {release}"), questions.len(), refused, &differ, 4);
}

#[test]
fn gnutls_3_7() {
    priorities_hold_against(Some(System::Here), gnutls::Release::V3_7);
}

#[test]
fn gnutls_3_8() {
    priorities_hold_against(System::of_debian("trixie"), gnutls::Release::V3_8);
}

fn priorities_hold_against(system: Option<System>, release: gnutls::Release) {
    let Some(system) = system else {
        println!("GnuTLS {release} is left out: `cargo xtask lab --install` makes a system that has it");
        return;
    };
    let question = |string: String| Question {
        options: String::new(),
        string,
    };
    let version = ask(&system, &[question(String::new())], "gnutls-cli --version");
    assert!(
        version.concat().starts_with(&format!("gnutls-cli {release}")),
        "not GnuTLS {release}: {version:?}"
    );
    let mut questions: Vec<Question> = strings_of_the_corpora()
        .expect("corpora that can be read")
        .into_iter()
        .map(question)
        .collect();
    let words: Vec<String> = gnutls::Release::ALL.into_iter().flat_map(gnutls::words).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut chance = Chance::new(SEED);
    questions.extend((0..PRIORITIES).map(|_| question(generate::gnutls(&mut chance, &words))));
    let answers = ask(
        &system,
        &questions,
        r#"gnutls-cli --list --priority="$string" || printf 'refused'"#,
    );
    let known = exceptions(&format!("gnutls-{release}"));
    let mut differ = Vec::new();
    let mut refused = 0;
    for (question, theirs) in questions.iter().zip(&answers) {
        let ours = listed(&question.string, release);
        // The first line repeats the string; of a suite's line the name counts.
        let theirs: Vec<&str> = theirs
            .lines()
            .skip(1)
            .map(|line| line.split("  ").next().unwrap_or(line))
            .collect();
        let theirs = if answers_no(&theirs) {
            "refused".to_owned()
        } else {
            theirs.join("\n")
        };
        refused += usize::from(theirs == "refused");
        if ours != theirs && !known.contains_key(question.string.as_str()) {
            let mut lines = ours
                .lines()
                .map(Some)
                .chain(std::iter::repeat(None))
                .zip(theirs.lines().map(Some).chain([None]));
            let first = lines.find(|(ours, theirs)| ours != theirs);
            differ.push(format!("{:?} (ours, theirs): {first:?}", question.string));
        }
    }
    hold(&format!("GnuTLS {release}"), questions.len(), refused, &differ, 2);
}

/// Says how many answers differ, and lets none. A language of which most is refused (one in `part` at the most), or nothing, is
/// not tested.
fn hold(tool: &str, questions: usize, refused: usize, differ: &[String], part: usize) {
    println!(
        "{tool}: {questions} questions, {refused} of them refused, {} differ",
        differ.len()
    );
    assert!(
        differ.is_empty(),
        "{} of {questions} differ:\n{}",
        differ.len(),
        differ[..differ.len().min(20)].join("\n")
    );
    assert!(
        refused > questions / 100 && refused < questions / part,
        "{refused} of {questions} are refused"
    );
}

/// True when the tool has printed no list.
fn answers_no(lines: &[&str]) -> bool {
    lines.is_empty() || lines == ["refused"]
}

/// What `gnutls-cli --list` prints behind its first line, if smtplint is right.
fn listed(string: &str, release: gnutls::Release) -> String {
    let Ok(priorities) = gnutls::read(string, release) else {
        return "refused".to_owned();
    };
    let mut lines: Vec<String> = priorities
        .suites
        .iter()
        .filter_map(|suite| suite.gnutls)
        .map(str::to_owned)
        .collect();
    lines.push(String::new());
    for (title, head, names) in [
        ("Protocols", "VERS-", &priorities.versions),
        ("Ciphers", "", &priorities.ciphers),
        ("MACs", "", &priorities.macs),
        ("Key Exchange Algorithms", "", &priorities.key_exchanges),
        ("Groups", "GROUP-", &priorities.groups),
        ("PK-signatures", "SIGN-", &priorities.signatures),
    ] {
        let names: Vec<String> = names.iter().map(|name| format!("{head}{name}")).collect();
        lines.push(format!(
            "{title}: {}",
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            }
        ));
    }
    lines.join("\n")
}

fn ask(system: &System, questions: &[Question], script: &str) -> Vec<String> {
    system
        .ask(questions, script)
        .unwrap_or_else(|error| panic!("{system:?}: {error}"))
}

/// Every string twice: as it stands, and with `-s` and what may go with it.
fn questions() -> Vec<Question> {
    let mut strings: Vec<String> = strings_of_the_corpora()
        .expect("corpora that can be read")
        .into_iter()
        .collect();
    println!("{} strings of the corpora", strings.len());
    let least = match corpus::outside().expect("the outside corpus is readable") {
        Outside::Found(..) => 30,
        Outside::Absent(_) => 5,
    };
    assert!(strings.len() > least, "only {} strings were found", strings.len());
    let mut words: Vec<&str> = Release::ALL.into_iter().flat_map(openssl::words).collect();
    words.sort_unstable();
    words.dedup();
    let mut chance = Chance::new(SEED);
    strings.extend((0..STRINGS).map(|_| generate::openssl(&mut chance, &words)));
    let mut questions = Vec::new();
    for string in strings {
        let mut options = format!("-s {}", chance.one(OPTIONS));
        if chance.once_in(8) {
            options.push_str(" -ciphersuites TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256:TLS_AES_128_GCM_SHA256");
        }
        for options in [String::new(), options] {
            questions.push(Question {
                options,
                string: string.clone(),
            });
        }
    }
    questions
}

/// What the tool prints, if smtplint is right.
fn predict(question: &Question, release: Release) -> String {
    let options: Vec<&str> = question.options.split_whitespace().collect();
    let has = |option: &str| options.contains(&option);
    let chosen = options
        .iter()
        .position(|option| *option == "-ciphersuites")
        .and_then(|at| options.get(at + 1));
    let tls13 = match chosen {
        Some(list) => openssl::ciphersuites(list, release).expect("a list that exists"),
        None => openssl::default_ciphersuites(),
    };
    let Ok(list) = openssl::read(&question.string, release, LEVEL) else {
        return "refused".to_owned();
    };
    let versions = if has("-tls1") {
        TlsVersion::Tls10..=TlsVersion::Tls10
    } else if has("-tls1_1") {
        TlsVersion::Tls11..=TlsVersion::Tls11
    } else if has("-tls1_2") {
        TlsVersion::Tls12..=TlsVersion::Tls12
    } else if has("-tls1_3") {
        TlsVersion::Tls13..=TlsVersion::Tls13
    } else {
        TlsVersion::Ssl3..=TlsVersion::Tls13
    };
    let suites: Vec<&Suite> = if has("-s") {
        openssl::offered(
            &list,
            &Setup {
                ciphersuites: &tls13,
                versions,
                psk: has("-psk"),
                srp: has("-srp"),
            },
        )
    } else {
        tls13.into_iter().chain(list.suites).collect()
    };
    let names: Vec<&str> = suites.iter().filter_map(|suite| suite.openssl).collect();
    names.join(":")
}

/// The strings at which a tool may say something else.
fn exceptions(tool: &str) -> BTreeMap<&'static str, &'static str> {
    let lines: Vec<&str> = EXCEPTIONS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert!(lines.len() <= 10, "{} exceptions are too many", lines.len());
    let mut found = BTreeMap::new();
    for line in lines {
        let columns: Vec<&str> = line.split('\t').collect();
        let [whose, string, why] = columns[..] else {
            panic!("not a tool, a string and a reason: {line}")
        };
        if whose == tool {
            found.insert(string, why);
        }
    }
    found
}
