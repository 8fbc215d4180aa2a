//! The facts our own cases state, and the outcomes smtplint predicts for them, held against the live server.

#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use smtplint_core::facts::{Actor, Channel, Entry, Outcome, Recipient, Stage};
use smtplint_tests::corpus::{self, Case};
use smtplint_tests::lab::dialogue::{ANSWER, CLIENT, Dialogue, Tls};
use smtplint_tests::lab::{Lab, LabConfiguration, LabError, LabServer, Prediction, STRANGER, TRUSTED};
use smtplint_tests::predict;
use smtplint_tests::program::in_parallel;

/// Where a case and the server disagree; empty when they do not.
fn disagreements(lab: &Lab, case: &Case) -> Result<Vec<String>, LabError> {
    let text = |file: &str| String::from_utf8_lossy(case.file(file).unwrap_or_default()).into_owned();
    let mut main_cf = text("main.cf");
    if let (Some(name), false) = (&case.expectations.host_name, main_cf.contains("\nmyhostname")) {
        main_cf.push_str(&format!("\nmyhostname = {name}\n"));
    }
    let configuration = LabConfiguration::new(&case.name, &main_cf, &text("master.cf"));
    let server = match lab.start(&configuration) {
        Ok(server) => server,
        // What the master refuses starts no listener at all.
        Err(error @ (LabError::Refused(_) | LabError::NotStarted { .. })) => {
            let alive = case
                .expectations
                .facts
                .iter()
                .filter(|line| !line.ends_with("entry=dead"));
            return Ok(alive.map(|line| format!("{line}: {error}")).collect());
        }
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for line in &case.expectations.facts {
        let told = match Prediction::of_service(line) {
            Ok((service, prediction)) => {
                let observed = server.observe(&service, STRANGER)?;
                let told = observed.disagreements(&prediction);
                if told.is_empty() {
                    told
                } else {
                    vec![format!("{service}: {told:?}; seen {observed}")]
                }
            }
            Err(error) => vec![error.to_string()],
        };
        found.extend(told);
    }
    found.extend(wrong_outcomes(&server, case)?);
    if !found.is_empty() {
        found.extend(server.complaints());
    }
    server.stop()?;
    Ok(found)
}

/// How many outcomes were held against the server, over all cases.
static OUTCOMES: AtomicUsize = AtomicUsize::new(0);

/// Where a client gets something else for a foreign recipient than was predicted. What is said to be unknown is left alone.
fn wrong_outcomes(server: &LabServer, case: &Case) -> Result<Vec<String>, LabError> {
    let report = predict::judge(case);
    let trusts_everybody = report
        .findings
        .iter()
        .any(|one| one.rule == "trusted-networks-too-wide");
    let mut wrong = Vec::new();
    for listener in report.server.listeners.iter().filter(|one| one.is_alive()) {
        // postscreen lets every new client wait; its smtpd is asked in `lab_postfix`.
        if listener.service.ends_with("/pass") || listener.port.known().is_none() {
            continue;
        }
        let trusted = listener.trusted.known().is_some_and(|nets| {
            nets.patterns
                .surely
                .iter()
                .any(|pattern| pattern.starts_with("127.") && !pattern.ends_with("/32"))
        });
        for cell in listener
            .outcomes
            .cells()
            .iter()
            .filter(|cell| cell.recipient == Recipient::Foreign)
        {
            let source = match cell.actor {
                Actor::Trusted if !trusted => continue,
                Actor::Trusted => TRUSTED,
                // With trust for everybody there is no stranger.
                _ if trusts_everybody => continue,
                _ => STRANGER,
            };
            let plaintext = &listener.auth.mechanisms;
            let offered = match cell.channel {
                Channel::Clear => &plaintext.plaintext_before_tls,
                Channel::Tls => &plaintext.plaintext_after_tls,
            };
            let login = cell.actor == Actor::Authenticated;
            let Some(expected) = expected(&cell.outcome.outcome()) else {
                continue;
            };
            if login && expected.0 == "RCPT" && !offered.surely() {
                continue;
            }
            let seen = send(
                server,
                &listener.name,
                source,
                cell.channel,
                listener.tls.entry.known(),
                login,
            )?;
            // A table that the lab does not have makes Postfix answer 4xx, whatever the lists say.
            if seen == ("RCPT", 4) && expected != seen && lacks_a_table(server) {
                continue;
            }
            OUTCOMES.fetch_add(1, Ordering::Relaxed);
            let refused_somehow = expected == ("RCPT", 0) && matches!(seen, ("RCPT", 4 | 5));
            if seen != expected && !refused_somehow {
                wrong.push(format!(
                    "{}: {:?} over {:?} gets {seen:?}; predicted {expected:?}",
                    listener.name, cell.actor, cell.channel
                ));
            }
        }
    }
    Ok(wrong)
}

/// True when the log speaks of a table that cannot be opened.
fn lacks_a_table(server: &LabServer) -> bool {
    let log = server.log();
    ["open database", "unsupported dictionary", "table lookup problem"]
        .iter()
        .any(|words| log.contains(words))
}

/// The command at which a session ends, and the first digit of the reply there; 0 stands for none.
type End = (&'static str, u16);

/// What a prediction comes to on the wire.
fn expected(outcome: &Outcome) -> Option<End> {
    match outcome {
        Outcome::Accepted => Some(("RCPT", 2)),
        Outcome::Deferred { stage: Stage::Rcpt, .. } => Some(("RCPT", 4)),
        Outcome::Refused {
            stage: Stage::Rcpt,
            code,
        } => Some(("RCPT", code / 100)),
        Outcome::Refused { stage: Stage::Mail, .. } => Some(("MAIL", 5)),
        Outcome::Refused { stage: Stage::Auth, .. } => Some(("AUTH", 5)),
        Outcome::Refused {
            stage: Stage::Connect, ..
        } => Some(("connect", 0)),
        Outcome::Refused {
            stage: Stage::Starttls,
            code,
        } => Some(("STARTTLS", code / 100)),
        Outcome::Refused { .. } | Outcome::Deferred { .. } | Outcome::Dead(_) | Outcome::Unknown(_) => None,
    }
}

/// Goes as far as the server lets, up to RCPT for a mailbox elsewhere.
fn send(
    server: &LabServer,
    service: &str,
    source: IpAddr,
    channel: Channel,
    entry: Option<&Entry>,
    login: bool,
) -> Result<End, LabError> {
    let address = server.address(service)?;
    let implicit = entry == Some(&Entry::Implicit);
    let mut dialogue = match (channel, implicit) {
        (Channel::Clear, _) => Dialogue::clear(address, source)?,
        (Channel::Tls, true) => Dialogue::tls(address, source, Tls::Implicit)?,
        (Channel::Tls, false) => {
            let mut clear = Dialogue::clear(address, source)?;
            clear.reply(ANSWER)?;
            clear.command(&format!("EHLO {CLIENT}"))?;
            let reply = clear.command("STARTTLS")?;
            if reply.code != 220 {
                return Ok(("STARTTLS", reply.code / 100));
            }
            Dialogue::tls(address, source, Tls::StartTls)?
        }
    };
    let greeted = channel == Channel::Clear || implicit;
    if greeted
        && dialogue
            .reply(if implicit && channel == Channel::Clear {
                SHORT
            } else {
                ANSWER
            })
            .is_err()
    {
        return Ok(("connect", 0));
    }
    dialogue.command(&format!("EHLO {CLIENT}"))?;
    if login {
        // NUL alice@example.test NUL secret
        let reply = dialogue.command("AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQ=")?;
        if reply.code != 235 {
            return Ok(("AUTH", reply.code / 100));
        }
    }
    let reply = dialogue.command("MAIL FROM:<a@client.example.test>")?;
    if reply.code != 250 {
        return Ok(("MAIL", reply.code / 100));
    }
    let reply = dialogue.command("RCPT TO:<b@elsewhere.example.com>")?;
    Ok(("RCPT", reply.code / 100))
}

/// A port that waits for TLS says nothing; so long is enough to see it.
const SHORT: Duration = Duration::from_millis(800);

#[test]
fn the_facts_of_our_cases_are_true() {
    let lab = Lab::new().unwrap_or_else(|error| panic!("{error}"));
    let cases: Vec<Case> = corpus::own()
        .unwrap_or_else(|error| panic!("{error}"))
        .into_iter()
        // What is only a paste has no files to run.
        .filter(|case| !case.expectations.facts.is_empty() && case.file("master.cf").is_some())
        .collect();
    let results = in_parallel(&cases, 6, |case| disagreements(&lab, case));
    let mut wrong = Vec::new();
    for (case, result) in cases.iter().zip(results) {
        match result {
            Ok(found) if found.is_empty() => {}
            Ok(found) => wrong.push(format!("{}:\n  {}", case.name, found.join("\n  "))),
            Err(error) => wrong.push(format!("{}: {error}", case.name)),
        }
    }
    let listeners: usize = cases.iter().map(|case| case.expectations.facts.len()).sum();
    println!(
        "{} cases, {listeners} listeners live, {} outcomes, {} cases disagree",
        cases.len(),
        OUTCOMES.load(Ordering::Relaxed),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
