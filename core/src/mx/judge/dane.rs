//! TLSA records: whether anybody can use them, and whether they prove what is shown.

use super::{Domain, Judgement, Open, Status, rules};
use crate::finding::Severity;
use crate::mx::dane::{compared, proved, useless};
use crate::mx::port::{Port, Purpose, Verdict};
use crate::mx::{Asked, Dnssec, Host, Tlsa};

pub(super) fn judge(domain: &Domain, judgement: &mut Judgement) {
    // Where no mail comes in there is nothing to protect.
    if !domain.takes_mail() {
        return;
    }
    let to_servers = domain.hosts.iter().map(|host| (host, true));
    let of_users = domain.servers.iter().map(|host| (host, false));
    for (host, is_between_servers) in to_servers.chain(of_users) {
        for tlsa in host.tlsa.iter().filter(|asked| asked.status == Status::Found) {
            records(tlsa, is_between_servers, judgement);
        }
    }
    absent(domain, judgement);
    for port in domain.ports.iter().flatten() {
        if let Some(tlsa) = of(domain, port) {
            shown(tlsa, port, judgement);
        }
    }
}

/// The TLSA records of a port that may count.
pub(super) fn of<'d>(domain: &'d Domain, port: &Port) -> Option<&'d Asked<Tlsa>> {
    let is_mx = port.purpose == Purpose::Mx;
    let hosts = if is_mx { &domain.hosts } else { &domain.servers };
    let host = hosts.iter().find(|host| host.name == port.host)?;
    let name = port.tlsa_name();
    // An exchanger has those of one port.
    let mut all = host.tlsa.iter().filter(|asked| is_mx || asked.name == name);
    all.find(|asked| asked.status == Status::Found && matches!(asked.dnssec, Dnssec::Secure | Dnssec::Unknown))
}

/// What is shown against what the records say (RFC 7672 §2.2 and §3.1).
fn shown(tlsa: &Asked<Tlsa>, port: &Port, judgement: &mut Judgement) {
    let is_between_servers = port.purpose == Purpose::Mx;
    let place = port.place();
    for chain in &port.chains {
        match proved(tlsa, chain, is_between_servers) {
            None | Some(Verdict::Yes) => {}
            Some(Verdict::Unknown(why)) => judgement.ask(Open {
                ask: format!("whether the TLSA records prove the certificate at {place} is not known: {why}"),
                command: with_records(port, tlsa),
            }),
            Some(Verdict::No(why)) => {
                let who = if is_between_servers { "senders" } else { "mail programs" };
                let (then, severity) = match tlsa.dnssec {
                    Dnssec::Secure => (
                        format!("{who} that hold to them do not go on"),
                        rules::DANE_BAD.severity,
                    ),
                    _ => (
                        format!("if they are signed, {who} that hold to them do not go on"),
                        Severity::Medium,
                    ),
                };
                let digest = chain.der.first().and_then(|der| compared(der, 1, 1));
                let advice = match digest {
                    Some(digest) => format!(
                        "publish `{}. TLSA 3 1 1 {digest}` if that key is meant, and take out what matches nothing once it was \
                         there for as long as name servers keep the old; or give the server the certificate that the records are about",
                        tlsa.name
                    ),
                    None => format!("see what is shown: `{}`", port.command()),
                };
                let message =
                    format!("the TLSA records do not prove the certificate that {place} shows: {why}; {then}");
                judgement.find(&rules::DANE_BAD, &tlsa.name, message, advice).severity = severity;
            }
        }
    }
}

/// The command that holds the records against what is shown.
fn with_records(port: &Port, tlsa: &Asked<Tlsa>) -> String {
    let mut command = format!("{} -dane_tlsa_domain {}", port.command(), port.host);
    for one in &tlsa.records {
        command.push_str(&format!(
            " -dane_tlsa_rrdata '{} {} {} {}'",
            one.usage, one.selector, one.matching, one.data
        ));
    }
    command
}

fn records(tlsa: &Asked<Tlsa>, is_between_servers: bool, judgement: &mut Judgement) {
    let write = "write `TLSA 3 1 1` with the SHA-256 digest of the certificate's key".to_owned();
    if tlsa.dnssec == Dnssec::Insecure {
        let found = judgement.find(
            &rules::DANE_BAD,
            &tlsa.name,
            "the TLSA records are not signed, and count for nothing".to_owned(),
            "sign the zone with DNSSEC, and have its DS record put into the zone above".to_owned(),
        );
        found.severity = Severity::Medium;
        return;
    }
    let wrong: Vec<String> = tlsa
        .records
        .iter()
        .filter_map(|record| useless(record, is_between_servers))
        .collect();
    if wrong.is_empty() {
        return;
    }
    let who = if is_between_servers { "senders" } else { "mail programs" };
    let (message, severity) = if wrong.len() == tlsa.records.len() {
        (format!("{who} can use none of the TLSA records"), Severity::High)
    } else {
        (format!("{who} can use some of the TLSA records only"), Severity::Low)
    };
    let found = judgement.find(
        &rules::DANE_BAD,
        &tlsa.name,
        format!("{message}: {}", wrong.join("; ")),
        write,
    );
    found.severity = severity;
}

/// Only where all that DANE rests on is signed already.
fn absent(domain: &Domain, judgement: &mut Judgement) {
    if domain.mx.status != Status::Found || domain.mx.dnssec != Dnssec::Secure {
        return;
    }
    let lacks = |host: &&Host| host.is_secure() && host.tlsa.iter().any(Asked::is_absent);
    let hosts: Vec<&str> = domain
        .hosts
        .iter()
        .filter(lacks)
        .map(|host| host.name.as_str())
        .collect();
    if let Some(first) = hosts.first() {
        judgement.find(
            &rules::DANE_ABSENT,
            first,
            format!(
                "everything is signed, and no TLSA record proves the certificate of {}",
                hosts.join(", ")
            ),
            format!("publish `_25._tcp.{first}. TLSA 3 1 1` with the SHA-256 digest of the certificate's key"),
        );
    }
}
