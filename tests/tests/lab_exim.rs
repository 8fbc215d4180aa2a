//! Exim, started with each configuration of the table, and looked at as clients look at it: how TLS begins, what AUTH is offered in
//! clear and under TLS, which versions, and what becomes of mail. What `exim -bP` says of options is held against what is read.

#![allow(clippy::print_stdout, reason = "the counts are the test's report")]
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use smtplint_core::dialects::exim::Exim;
use smtplint_core::facts::{Actor, Channel, Entry, Listener, Outcome, OutcomeCell, Recipient, Stage};
use smtplint_core::fix::{self, Choice};
use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_core::{Options, Report};
use smtplint_tests::doors::told;
use smtplint_tests::exim_ports::CASES;
use smtplint_tests::lab::dialogue::{Dialogue, LOGIN, Tls};
use smtplint_tests::lab::exim::{SERVER, folder, release, start, written};
use smtplint_tests::lab::outcomes::observer;
use smtplint_tests::lab::{Entry as Seen, STRANGER, TRUSTED, client};
use smtplint_tests::program::EXIM;

const LIMIT: Duration = Duration::from_secs(20);

fn sources(text: &str) -> Sources {
    let mut sources = Sources::new();
    sources.add(Source::new("exim.conf", text, SourceKind::Authored));
    sources
}

fn options() -> Options {
    let mut options = Options::default();
    for target in release() {
        options.target.add(&target).expect("a target");
    }
    options
}

fn judged(text: &str) -> Report {
    let sources = sources(text);
    let dialect = smtplint_core::recognise(&sources).expect("it is known");
    smtplint_core::check(&sources, dialect, &options())
}

/// What is seen at a port, in the words of the table.
fn look(port: u16, source: IpAddr) -> String {
    let observed =
        client::observe(SocketAddr::new(IpAddr::V4(SERVER), port), source).unwrap_or_else(|error| panic!("{error}"));
    if observed.entry == Seen::Dead {
        return "dead".to_owned();
    }
    let list = |all: &[String]| if all.is_empty() { "-".to_owned() } else { all.join(",") };
    let versions: Vec<String> = observed
        .versions
        .iter()
        .map(|one| format!("TLSv{}", one.number().trim_end_matches(".0")))
        .collect();
    let (clear, tls) = (list(&observed.auth_before), list(&observed.auth_after));
    format!("{} clear={clear} tls={tls} {}", observed.entry, versions.join(" "))
        .trim_end()
        .to_owned()
}

/// Where a session ends, and the code.
fn send(port: u16, source: IpAddr, cell: &OutcomeCell, entry: Option<&Entry>) -> (Stage, u16) {
    let address = SocketAddr::new(IpAddr::V4(SERVER), port);
    let implicit = entry == Some(&Entry::Implicit);
    let opened = match cell.channel {
        Channel::Clear => Dialogue::clear(address, source),
        Channel::Tls => Dialogue::tls(address, source, if implicit { Tls::Implicit } else { Tls::StartTls }),
    };
    let Ok(mut dialogue) = opened else {
        return (Stage::Connect, 0);
    };
    let starttls = cell.channel == Channel::Tls && !implicit;
    let mut last = if starttls { Stage::Starttls } else { Stage::Connect };
    if !starttls {
        match dialogue.reply(Duration::from_millis(if implicit && cell.channel == Channel::Clear {
            900
        } else {
            8000
        })) {
            Ok(reply) if reply.code == 220 => {}
            Ok(reply) => return (last, reply.code),
            Err(_) => return (last, 0),
        }
    }
    let to = match cell.recipient {
        Recipient::Local => "RCPT TO:<user@example.test>",
        Recipient::Foreign => "RCPT TO:<user@elsewhere.example>",
    };
    let mut commands = vec![(Stage::Ehlo, "EHLO client.example.org", 250)];
    if cell.actor == Actor::Authenticated {
        commands.push((Stage::Auth, LOGIN, 235));
    }
    commands.extend([
        (Stage::Mail, "MAIL FROM:<sender@client.example.org>", 250),
        (Stage::Rcpt, to, 250),
        (Stage::Data, "DATA", 354),
        (Stage::Data, "Subject: test\r\n\r\ntest\r\n.", 250),
    ]);
    for (stage, command, expected) in commands {
        match dialogue.command(command) {
            Ok(reply) if reply.code == expected => last = stage,
            Ok(reply) => return (stage, reply.code),
            // s_client ends where STARTTLS is refused.
            Err(_) => return (if stage == Stage::Ehlo { last } else { stage }, 0),
        }
    }
    (Stage::Data, 250)
}

fn agrees(outcome: &Outcome, (stage, code): (Stage, u16)) -> bool {
    match outcome {
        Outcome::Accepted => (stage, code) == (Stage::Data, 250),
        Outcome::Refused {
            stage: predicted,
            code: 0,
        } => stage <= *predicted && !matches!(code, 200..=399),
        // What openssl meets at EHLO or STARTTLS it does not tell.
        Outcome::Refused { stage: predicted, .. } | Outcome::Deferred { stage: predicted, .. } if code == 0 => {
            *predicted == stage || (stage == Stage::Starttls && *predicted <= stage)
        }
        Outcome::Refused {
            stage: predicted,
            code: expected,
        }
        | Outcome::Deferred {
            stage: predicted,
            code: expected,
        } => (*predicted, *expected) == (stage, code),
        Outcome::Dead(_) | Outcome::Unknown(_) => false,
    }
}

/// What `-bh` says of a stranger's mail: the reply to RCPT, or what came instead.
fn pretended(folder: &Path, port: u16, recipient: Recipient) -> Option<u16> {
    let mut command = EXIM.command().unwrap_or_else(|error| panic!("{error}"));
    command.arg("-C").arg(folder.join("exim.conf")).args([
        "-oMi",
        &format!("{SERVER}.{port}"),
        "-bh",
        "203.0.113.9.4444",
    ]);
    let to = if recipient == Recipient::Local {
        "example.test"
    } else {
        "elsewhere.example"
    };
    let said =
        format!("EHLO client.example.org\r\nMAIL FROM:<sender@client.example.org>\r\nRCPT TO:<user@{to}>\r\nQUIT\r\n");
    let finished = EXIM
        .run(&mut command, said.as_bytes(), LIMIT)
        .unwrap_or_else(|error| panic!("{error}"));
    let mut codes = Vec::new();
    for line in finished.stdout.lines() {
        if let (Some(code), true) = (
            line.get(..3).and_then(|code| code.parse::<u16>().ok()),
            line.get(3..4) == Some(" "),
        ) {
            codes.push(code);
        }
    }
    // Greeting, EHLO, MAIL, RCPT: the first that refuses, or the last.
    codes
        .iter()
        .take(4)
        .find(|code| **code >= 400)
        .or(codes.get(3))
        .copied()
}

fn cells(port: u16, listener: &Listener, wrong: &mut Vec<String>, said: &str) -> (usize, usize) {
    let (mut seen, mut unknown) = (0, 0);
    let trusted = listener
        .trusted
        .known()
        .is_some_and(|networks| networks.patterns.surely.iter().any(|one| *one == TRUSTED.to_string()));
    for cell in listener.outcomes.cells() {
        let outcome = cell.outcome.outcome();
        if matches!(outcome, Outcome::Unknown(_)) {
            unknown += 1;
            continue;
        }
        if cell.actor == Actor::Trusted && !trusted {
            continue;
        }
        let source = if cell.actor == Actor::Trusted {
            TRUSTED
        } else {
            STRANGER
        };
        let found = send(port, source, cell, listener.tls.entry.known());
        seen += 1;
        if !agrees(&outcome, found) {
            wrong.push(format!(
                "{said}: port {port}, {:?} over {:?} to {:?}: found {found:?}, we say {outcome:?}",
                cell.actor, cell.channel, cell.recipient
            ));
        }
    }
    (seen, unknown)
}

/// The tests have the same ports.
static TURN: Mutex<()> = Mutex::new(());

/// How much was looked at.
#[derive(Default)]
struct Counts {
    doors: usize,
    cells: usize,
    open: usize,
    witnessed: usize,
}

/// Looks at each port, and holds what is found against what is said.
fn compare(folder: &Path, report: &Report, said: &str, counts: &mut Counts, wrong: &mut Vec<String>) {
    let running = start(folder);
    for listener in &report.server.listeners {
        let port = listener.known_port().expect("a port");
        let source = observer(listener).unwrap_or(STRANGER);
        let found = if running.is_some() {
            look(port, source)
        } else {
            "dead".to_owned()
        };
        counts.doors += 1;
        let expected = told(Some(listener));
        if found != expected {
            wrong.push(format!(
                "{said}: port {port}: a client finds `{found}`, we say `{expected}`"
            ));
        }
        if running.is_none() {
            continue;
        }
        let (cells, open) = cells(port, listener, wrong, said);
        counts.cells += cells;
        counts.open += open;
        if listener.tls.entry.known() == Some(&Entry::Implicit) {
            continue;
        }
        for recipient in [Recipient::Local, Recipient::Foreign] {
            let cell = listener
                .outcomes
                .at(Actor::Stranger, Channel::Clear, recipient)
                .expect("a cell")
                .outcome();
            let expected = match cell {
                Outcome::Accepted
                | Outcome::Refused { stage: Stage::Data, .. }
                | Outcome::Deferred { stage: Stage::Data, .. } => 250,
                Outcome::Refused { code, .. } | Outcome::Deferred { code, .. } => code,
                _ => continue,
            };
            let found = pretended(folder, port, recipient);
            counts.witnessed += 1;
            // 0 is one code or another.
            let agrees = if expected == 0 {
                found.is_some_and(|code| code >= 400)
            } else {
                found == Some(expected)
            };
            if !agrees {
                wrong.push(format!(
                    "{said}: port {port}: `exim -bh` answers {found:?} for {recipient:?}, we say {expected}"
                ));
            }
        }
    }
}

#[test]
fn ports_are_as_the_table_says() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut wrong = Vec::new();
    let mut counts = Counts::default();
    for case in CASES {
        let folder = folder();
        fs::write(folder.path().join("exim.conf"), written(folder.path(), &case.text()))
            .expect("the configuration can be written");
        let said = format!("{:?} {:?}", case.main, case.lists.get(..60));
        compare(folder.path(), &judged(&case.text()), &said, &mut counts, &mut wrong);
    }
    let Counts {
        doors,
        cells,
        open,
        witnessed,
    } = counts;
    println!(
        "{} configurations, {doors} doors, {cells} cells, {open} left open, {witnessed} answers of exim -bh",
        CASES.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        doors > 50 && cells > 500 && witnessed > 60,
        "too little was looked at: {doors} doors, {cells} cells, {witnessed} answers"
    );
    assert_eq!(open, 0, "nothing of these configurations is beyond what is understood");
}

#[test]
fn what_is_mended_strangers_find_mended() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut wrong = Vec::new();
    let mut counts = Counts::default();
    let (mut mended, mut left) = (0, 0);
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for case in CASES {
        let text = case.text();
        let sources = sources(&text);
        let options = options();
        let check = |sources: &Sources| smtplint_core::check(sources, &Exim, &options);
        let choice = Choice {
            check: &check,
            wants: &|_| true,
            weigh: &|impact| impact,
            bears: &|_| true,
        };
        let fixes = fix::fix(&sources, &Exim, &options, &choice);
        left += fixes.left.len();
        for left in &fixes.left {
            println!("left: {} of {:?}: {:?}", left.finding.rule, case.main, left.reason);
        }
        if fixes.done.is_empty() {
            continue;
        }
        mended += fixes.done.len();
        for fix in &fixes.done {
            *rules.entry(fix.finding.rule).or_default() += 1;
        }
        let after: Vec<&str> = fixes.after.iter().map(|(_, source)| source.text()).collect();
        let after = after.concat();
        let folder = folder();
        fs::write(folder.path().join("exim.conf"), written(folder.path(), &after))
            .expect("the mended configuration can be written");
        compare(
            folder.path(),
            &judged(&after),
            &format!("mended, {:?}", case.main),
            &mut counts,
            &mut wrong,
        );
    }
    println!(
        "{mended} fixes, {left} left: {rules:?}; {} doors, {} cells, {} answers of exim -bh",
        counts.doors, counts.cells, counts.witnessed
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(mended > 20 && counts.cells > 300, "too little was mended");
}
