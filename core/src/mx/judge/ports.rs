//! What the ports show that the records lead to.

use super::{Domain, Judgement, Open, dane, rules};
use crate::finding::Severity;
use crate::mx::port::{Port, Purpose, Reached, Shown, Verdict};
use crate::mx::strict::Mode;
use crate::mx::{Asked, Dnssec, Service};

pub(super) fn judge(domain: &Domain, judgement: &mut Judgement) {
    for port in domain.ports.iter().flatten() {
        match (port.reached, port.purpose) {
            (Reached::Refused, Purpose::Submission | Purpose::Submissions) => closed(domain, port, judgement),
            // Networks refuse in the server's place at this port.
            (Reached::Refused | Reached::Failed, _) => unseen(port, "whether it answers", judgement),
            (Reached::Answers, Purpose::Mx) => exchanger(domain, port, judgement),
            (Reached::Answers, _) => of_users(domain, port, judgement),
        }
    }
}

fn record<'d>(domain: &'d Domain, port: &Port) -> &'d Asked<Service> {
    match port.purpose {
        Purpose::Submission => &domain.submission,
        _ => &domain.submissions,
    }
}

fn unseen(port: &Port, what: &str, judgement: &mut Judgement) {
    let why = port.why.as_deref().unwrap_or("nobody says why");
    let hint = match port.reached {
        Reached::Answers => "",
        _ if port.purpose == Purpose::Mx => {
            "; many networks let nobody reach port 25 elsewhere: look from a server that sends mail"
        }
        _ => "; something on the way may keep it from here: look from another network",
    };
    judgement.ask(Open {
        ask: format!("{}: {what} is not known: {why}{hint}", port.place()),
        command: port.command(),
    });
}

fn closed(domain: &Domain, port: &Port, judgement: &mut Judgement) {
    let record = &record(domain, port).name;
    judgement.find(
        &rules::CLOSED,
        record,
        format!(
            "the SRV record sends mail programs to {}, which refuses connections",
            port.place()
        ),
        "open the port, or take it out of the record".to_owned(),
    );
}

fn exchanger(domain: &Domain, port: &Port, judgement: &mut Judgement) {
    match port.begins_as_told() {
        None => unseen(port, "whether it offers TLS", judgement),
        Some(false) => without_starttls(domain, port, judgement),
        Some(true) if port.chains.is_empty() => unseen(port, "which certificate it shows", judgement),
        Some(true) => port.chains.iter().for_each(|chain| strict(port, chain, judgement)),
    }
}

/// How much the policy of MTA-STS asks of a host.
fn asked_of(port: &Port, judgement: &Judgement) -> Option<Mode> {
    let policy = judgement.policy.as_ref().filter(|policy| policy.allows(&port.host))?;
    Some(policy.mode).filter(|mode| *mode != Mode::None)
}

fn without_starttls(domain: &Domain, port: &Port, judgement: &mut Judgement) {
    let is_promised = dane::of(domain, port).is_some_and(|tlsa| tlsa.dnssec == Dnssec::Secure);
    let (then, severity) = match asked_of(port, judgement) {
        _ if is_promised => (
            "its TLSA records say that it does, and senders that hold to them do not deliver",
            Severity::High,
        ),
        Some(Mode::Enforce) => (
            "the policy of MTA-STS asks for it, and senders that hold to it do not deliver",
            Severity::High,
        ),
        Some(_) => (
            "the policy of MTA-STS, which is on trial, asks for it; mail arrives in clear",
            Severity::Medium,
        ),
        None => ("mail arrives in clear", Severity::Medium),
    };
    let what = match &port.refused_tls {
        Some(reply) => format!("announces STARTTLS and then answers `{reply}`"),
        None => "does not offer STARTTLS".to_owned(),
    };
    let found = judgement.find(
        &rules::WITHOUT_STARTTLS,
        &port.host,
        format!("{} {what}: {then}", port.place()),
        format!("have it offer TLS; to see it: `{}`", port.command()),
    );
    found.severity = severity;
}

/// What MTA-STS asks of a certificate (RFC 8461 §4.2).
fn strict(port: &Port, chain: &Shown, judgement: &mut Judgement) {
    let Some(mode) = asked_of(port, judgement) else { return };
    match &chain.trusted {
        Verdict::Yes => {}
        Verdict::Unknown(why) => judgement.ask(Open {
            ask: format!(
                "whether the certificate at {} is one that the policy of MTA-STS asks for is not known: {why}",
                port.place()
            ),
            command: format!("{} -verify_return_error -verify_hostname {}", port.command(), port.host),
        }),
        Verdict::No(why) => {
            let (then, severity) = match mode {
                Mode::Enforce => ("senders that hold to the policy do not deliver there", Severity::High),
                _ => (
                    "in force, the policy would keep senders from delivering there",
                    Severity::Medium,
                ),
            };
            let found = judgement.find(
                &rules::STS_CERTIFICATE,
                &port.host,
                format!("the certificate at {} is not good for it: {why}; {then}", port.place()),
                format!(
                    "have a public authority issue one for {}, and let the server send the whole chain",
                    port.host
                ),
            );
            found.severity = severity;
        }
    }
}

fn of_users(domain: &Domain, port: &Port, judgement: &mut Judgement) {
    match port.begins_as_told() {
        None => unseen(port, "how TLS begins", judgement),
        Some(false) => tls_otherwise(domain, port, judgement),
        Some(true) if port.chains.is_empty() => unseen(port, "which certificate it shows", judgement),
        Some(true) => certificates(domain, port, judgement),
    }
}

fn tls_otherwise(domain: &Domain, port: &Port, judgement: &mut Judgement) {
    use crate::facts::Entry;
    let asked = record(domain, port);
    let promised = match port.purpose {
        Purpose::Submission => "STARTTLS",
        _ => "TLS from the first byte",
    };
    let seen = match (&port.refused_tls, port.entry) {
        (Some(reply), _) => format!("announces STARTTLS and then answers `{reply}`"),
        (None, Some(Entry::Starttls)) => "begins in clear, with STARTTLS".to_owned(),
        (None, Some(Entry::Implicit)) => "begins with TLS at once".to_owned(),
        (None, _) => "offers no TLS".to_owned(),
    };
    judgement.find(
        &rules::TLS_OTHERWISE,
        &asked.name,
        format!("the record promises {promised}, and {} {seen}", port.place()),
        match port.entry {
            Some(Entry::Implicit) => format!("name it in `_submissions._tcp.{}`", domain.name),
            Some(Entry::Starttls) if port.refused_tls.is_none() => {
                format!("name it in `_submission._tcp.{}`", domain.name)
            }
            _ => format!("have it offer TLS; to see it: `{}`", port.command()),
        },
    );
}

fn certificates(domain: &Domain, port: &Port, judgement: &mut Judgement) {
    let asked = record(domain, port);
    let service = match port.purpose {
        Purpose::Submission => format!("_submission.{}", domain.name),
        _ => format!("_submissions.{}", domain.name),
    };
    for chain in &port.chains {
        match chain.is_for(&[&port.host, &domain.name], std::slice::from_ref(&service)) {
            Some(true) => {}
            None => judgement.ask(Open {
                ask: format!("for whom the certificate at {} is cannot be read", port.place()),
                command: port.command(),
            }),
            Some(false) => {
                let names = chain.own().map_or_else(|| "no host".to_owned(), |own| own.hosts());
                judgement.find(
                    &rules::TARGET_CERTIFICATE,
                    &asked.name,
                    format!(
                        "the SRV record sends mail programs to {}, whose certificate is for {names}: neither for the host nor for {}",
                        port.place(),
                        domain.name
                    ),
                    format!(
                        "write the host by the name in the certificate, or have one issued for {}",
                        port.host
                    ),
                );
            }
        }
    }
}
