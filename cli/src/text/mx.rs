//! What a domain says of its mail, and what it comes to.

use smtplint_core::document::{Card, Document, NoteKind};
use smtplint_core::facts::Entry;
use smtplint_core::finding::{Confidence, Severity};
use smtplint_core::mx::autoconfig::Socket;
use smtplint_core::mx::json::why;
use smtplint_core::mx::port::{Port, Reached, Verdict};
use smtplint_core::mx::{Asked, Dnssec, Domain, Fetch, Finding, Host, Judgement, Service, Status, Tlsa};
use smtplint_core::source::Sources;

use super::probe::certificate;
use super::{document, harmless, row};

/// Questions that are shown; JSON has them all.
const QUESTIONS: usize = 5;
/// Digits of a digest that are shown.
const DIGITS: usize = 12;

/// What was seen, and what the rules make of it.
pub(crate) fn render(seen: &Domain, judgement: &Judgement) -> String {
    let mut text = format!("{}\n\n", seen.name);
    for (name, value) in rows(seen, judgement) {
        text.push_str(&row(name, &value));
    }
    // What is published may hold anything.
    let mut text = harmless(&text);
    text.push_str(&document::render(&card(seen, judgement), &Sources::new()));
    text
}

fn card(seen: &Domain, judgement: &Judgement) -> Document {
    let questions: Vec<(String, String)> = judgement
        .open
        .iter()
        .map(|open| (sentence(&open.ask), open.command.clone()))
        .collect();
    Document {
        answers: Vec::new(),
        cards: judgement.findings.iter().map(finding).collect(),
        more_questions: questions.len().saturating_sub(QUESTIONS),
        questions: questions.into_iter().take(QUESTIONS).collect(),
        summary: summary(seen, judgement),
        assumptions: Vec::new(),
        notes: seen.notes.iter().map(|note| (None, sentence(note))).collect(),
    }
}

fn finding(one: &Finding) -> Card {
    Card {
        severity: one.severity,
        confidence: Confidence::Certain,
        rule: one.rule.id,
        title: one.message.clone(),
        excerpts: Vec::new(),
        notes: vec![
            (NoteKind::Why, why(one.rule.text)),
            (NoteKind::Write, one.advice.clone()),
            (NoteKind::Source, one.rule.cited().join("; ")),
        ],
    }
}

/// With a capital and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

fn summary(seen: &Domain, judgement: &Judgement) -> String {
    let number = judgement.findings.len();
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .map(|severity| {
            let of = judgement.findings.iter().filter(|one| one.severity == severity);
            (of.count(), severity)
        })
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {}", severity.word()))
        .collect();
    match number {
        0 if seen.mx.status == Status::Failed => "Nothing can be said of the domain.".to_owned(),
        0 => "Nothing found.".to_owned(),
        1 => format!("1 finding: {}.", counts.join(", ")),
        _ => format!("{number} findings: {}.", counts.join(", ")),
    }
}

fn rows(seen: &Domain, judgement: &Judgement) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    rows.extend(exchangers(seen).into_iter().map(|value| ("mail goes to", value)));
    if matches!(seen.mx.status, Status::Failed | Status::NoName) {
        return rows;
    }
    let why = seen.mx.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    rows.push(("signed", signed(seen.mx.dnssec).to_owned() + &why));
    rows.extend(seen.hosts.iter().flat_map(tlsa).map(|value| ("DANE", value)));
    rows.push(("MTA-STS", strict(seen, judgement)));
    let to = if judgement.reports_to.is_empty() {
        found(&seen.reports)
    } else {
        judgement.reports_to.join(", ")
    };
    rows.push(("reports of TLS", to));
    rows.extend(
        services(&seen.submissions)
            .into_iter()
            .map(|value| ("submissions", value)),
    );
    rows.extend(
        services(&seen.submission)
            .into_iter()
            .map(|value| ("submission", value)),
    );
    rows.extend(seen.servers.iter().flat_map(tlsa).map(|value| ("DANE", value)));
    if let Some(last) = seen.autoconfig.last() {
        rows.push(("autoconfig", autoconfig(last.outcome, &last.url, judgement)));
    }
    rows.extend(seen.ports.iter().flatten().map(|one| ("looked at", port(one))));
    rows
}

fn port(one: &Port) -> String {
    let mut text = one.place();
    if let Some(address) = one.address {
        text.push_str(&format!(" at {address}"));
    }
    text.push_str(": ");
    text.push_str(match (one.reached, one.entry) {
        (Reached::Refused, _) => "refuses connections",
        (Reached::Failed, _) => "does not answer",
        (Reached::Answers, _) if one.refused_tls.is_some() => "STARTTLS is announced, and refused",
        (Reached::Answers, Some(Entry::Starttls)) => "STARTTLS",
        (Reached::Answers, Some(Entry::Implicit)) => "TLS at once",
        (Reached::Answers, Some(Entry::None)) => "no TLS",
        (Reached::Answers, None) => "how TLS begins is not known",
    });
    for chain in &one.chains {
        let own = chain
            .own()
            .map_or_else(|| "that cannot be read".to_owned(), |own| certificate(&own));
        let trusted = match &chain.trusted {
            Verdict::Yes => "trusted here".to_owned(),
            Verdict::No(why) => format!("not trusted here: {why}"),
            Verdict::Unknown(_) => "whether it is trusted here is not known".to_owned(),
        };
        text.push_str(&format!("; a certificate {own}, {trusted}"));
    }
    text
}

fn exchangers(seen: &Domain) -> Vec<String> {
    if seen.refuses_mail() {
        return vec!["nobody: the domain takes no mail".to_owned()];
    }
    if seen.mx.status != Status::Found {
        let own = seen
            .hosts
            .iter()
            .map(|host| format!("no MX record; {}: {}", host.name, addresses(host)));
        return match seen.mx.status {
            Status::NoName => vec!["nowhere: there is no such domain".to_owned()],
            Status::Failed => vec![found(&seen.mx)],
            _ => own.collect(),
        };
    }
    let line = |host: &Host| {
        let preference = seen.mx.records.iter().find(|one| one.host == host.name);
        let preference = preference.map_or_else(String::new, |one| format!(" ({})", one.preference));
        format!("{}{preference}: {}", host.name, addresses(host))
    };
    seen.hosts.iter().map(line).collect()
}

fn addresses(host: &Host) -> String {
    let mut parts: Vec<String> = Vec::new();
    for asked in [&host.ipv4, &host.ipv6] {
        match asked.status {
            Status::Found => parts.extend(asked.records.iter().map(ToString::to_string)),
            Status::Failed => parts.push(format!("{} {}", asked.kind, found(asked))),
            Status::Empty | Status::NoName | Status::NotAsked => {}
        }
    }
    if parts.is_empty() {
        parts.push(if host.is_nowhere() { "no address" } else { "not asked" }.to_owned());
    }
    let alias = host
        .alias()
        .map(|alias| format!("alias for {alias}: "))
        .unwrap_or_default();
    format!("{alias}{}", parts.join(", "))
}

fn signed(dnssec: Dnssec) -> &'static str {
    match dnssec {
        Dnssec::Secure => "yes, and the signatures hold",
        Dnssec::Insecure => "no",
        Dnssec::Bogus => "yes, and the signatures do not hold",
        Dnssec::Unknown => "not known",
    }
}

/// What came of a question without records.
fn found<T>(asked: &Asked<T>) -> String {
    match asked.status {
        Status::Found | Status::Empty | Status::NoName => "none".to_owned(),
        Status::Failed => format!("not known: {}", asked.why.as_deref().unwrap_or("there was no answer")),
        Status::NotAsked => "not asked".to_owned(),
    }
}

fn tlsa(host: &Host) -> Vec<String> {
    let digest = |one: &Tlsa| {
        let short = one.data.get(..DIGITS).map(|first| format!("{first}…"));
        format!(
            "{} {} {} {}",
            one.usage,
            one.selector,
            one.matching,
            short.as_deref().unwrap_or(&one.data)
        )
    };
    let line = |asked: &Asked<Tlsa>| {
        let value = if asked.records.is_empty() {
            found(asked)
        } else {
            let records: Vec<String> = asked.records.iter().map(digest).collect();
            format!("{} ({})", records.join(", "), asked.dnssec.word())
        };
        format!("{}: {value}", asked.name)
    };
    host.tlsa.iter().map(line).collect()
}

fn strict(seen: &Domain, judgement: &Judgement) -> String {
    let Some(id) = &judgement.sts_id else {
        return if seen.sts.status == Status::Found && !seen.sts.records.is_empty() {
            "none that counts".to_owned()
        } else {
            found(&seen.sts)
        };
    };
    match (&judgement.policy, seen.policy.outcome) {
        (Some(policy), _) => format!(
            "{} for {} seconds, id {id}: {}",
            policy.mode.word(),
            policy.max_age,
            policy.mx.join(", ")
        ),
        (None, Fetch::NotAsked) => format!("announced with id {id}; the policy was not asked for"),
        (None, _) => format!("announced with id {id}; the policy is not to be had or counts for nothing"),
    }
}

fn services(asked: &Asked<Service>) -> Vec<String> {
    if asked.records.is_empty() {
        return vec![found(asked)];
    }
    let line = |one: &Service| {
        if one.target.is_empty() {
            "not offered, as the record says".to_owned()
        } else {
            format!("{} port {} ({})", one.target, one.port, one.priority)
        }
    };
    asked.records.iter().map(line).collect()
}

fn autoconfig(outcome: Fetch, url: &str, judgement: &Judgement) -> String {
    match outcome {
        Fetch::Got => {
            let server = |one: &smtplint_core::mx::autoconfig::Outgoing| {
                let how = match one.socket {
                    Socket::Implicit => "TLS at once",
                    Socket::Starttls => "STARTTLS",
                    Socket::Plain => "no TLS",
                };
                format!("{} port {} with {how}", one.host, one.port)
            };
            let servers: Vec<String> = judgement.outgoing.iter().map(server).collect();
            if servers.is_empty() {
                format!("{url}: no server for outgoing mail")
            } else {
                format!("{url}: {}", servers.join(", "))
            }
        }
        Fetch::Failed => "not known".to_owned(),
        Fetch::NotAsked => "not asked".to_owned(),
        _ => "none".to_owned(),
    }
}
