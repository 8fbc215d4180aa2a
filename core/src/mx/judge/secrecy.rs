//! TLS between servers: MTA-STS, its reports, and DANE.

use super::{Domain, Judgement, Status, rules};
use crate::finding::Severity;
use crate::mx::strict::{self, Mode, Policy};
use crate::mx::{Asked, Dnssec, Fetch, Fetched, Host, Tlsa, reports};

/// A policy that is kept for less than a day hardly protects (RFC 8461 §3.2 wants weeks).
const DAY: u32 = 86_400;

pub(super) fn judge(domain: &Domain, judgement: &mut Judgement) {
    // Where no mail comes in there is nothing to protect.
    if !domain.takes_mail() {
        return;
    }
    strict(domain, judgement);
    reported(domain, judgement);
    let to_servers = domain.hosts.iter().map(|host| (host, true));
    let of_users = domain.servers.iter().map(|host| (host, false));
    for (host, is_between_servers) in to_servers.chain(of_users) {
        for tlsa in host.tlsa.iter().filter(|asked| asked.status == Status::Found) {
            records(tlsa, is_between_servers, judgement);
        }
    }
    dane_absent(domain, judgement);
}

/// True when it is certain what the texts are, be there none.
fn is_known(texts: &Asked<String>) -> bool {
    texts.status == Status::Found || texts.is_absent()
}

fn strict(domain: &Domain, judgement: &mut Judgement) {
    let name = &domain.name;
    if !is_known(&domain.sts) || domain.sts.dnssec == Dnssec::Bogus {
        return;
    }
    let about = &domain.sts.name;
    let id = match strict::announced(&domain.sts.records) {
        Ok(Some(id)) => id,
        Ok(None) => {
            judgement.find(
                &rules::STS_ABSENT,
                name,
                "no policy asks senders to insist on TLS".to_owned(),
                format!(
                    "publish the policy at `{}` first, then `{about}. TXT \"v=STSv1; id=1\"`",
                    domain.policy.url
                ),
            );
            return;
        }
        Err(wrong) => {
            judgement.find(
                &rules::STS_INVALID,
                about,
                format!("the record that announces the policy counts for nothing: {wrong}"),
                format!("have exactly one: `{about}. TXT \"v=STSv1; id=1\"`"),
            );
            return;
        }
    };
    judgement.sts_id = Some(id);
    let Some(body) = fetched(&domain.policy, judgement) else {
        return;
    };
    match Policy::parse(&body) {
        Err(wrong) => {
            judgement.find(
                &rules::STS_INVALID,
                &domain.policy.url,
                format!("the policy counts for nothing: {wrong}"),
                "write the file as RFC 8461 §3.2 wants it, then change the id in the record".to_owned(),
            );
        }
        Ok(policy) => {
            in_force(domain, &policy, judgement);
            judgement.policy = Some(policy);
        }
    }
}

/// The file, or what is wrong with getting it.
fn fetched(policy: &Fetched, judgement: &mut Judgement) -> Option<String> {
    let wrong = match policy.outcome {
        Fetch::Got => {
            if policy.media_type.as_deref() != Some("text/plain") {
                let told = policy.media_type.as_deref().unwrap_or("nothing");
                let found = judgement.find(
                    &rules::STS_INVALID,
                    &policy.url,
                    format!(
                        "the policy is not handed out as text/plain but as {told}, and some senders do not take that"
                    ),
                    "have the web server say `Content-Type: text/plain`".to_owned(),
                );
                found.severity = Severity::Low;
            }
            return policy.body.clone();
        }
        Fetch::Refused => format!("the web server answers {}", policy.code.unwrap_or(0)),
        Fetch::Redirected => "the web server sends elsewhere, and senders do not follow".to_owned(),
        Fetch::TooLarge => "it is larger than 64 KB".to_owned(),
        Fetch::Untrusted => format!(
            "the web server's certificate is not good for it{}",
            policy.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default()
        ),
        Fetch::NoHost => "its host has no address".to_owned(),
        Fetch::Failed | Fetch::NotAsked => return None,
    };
    judgement.find(
        &rules::STS_INVALID,
        &policy.url,
        format!("the policy that is announced is not there: {wrong}"),
        format!("see it as senders do: `{}`", policy.command()),
    );
    None
}

fn in_force(domain: &Domain, policy: &Policy, judgement: &mut Judgement) {
    let url = &domain.policy.url;
    let mut mild = |severity: Severity, message: String, advice: &str| {
        let found = judgement.find(&rules::STS_INVALID, url, message, advice.to_owned());
        found.severity = severity;
    };
    match policy.mode {
        Mode::Enforce => {}
        Mode::Testing => mild(
            Severity::Info,
            "the policy is on trial: senders report what fails, and deliver all the same".to_owned(),
            "when the reports show nothing wrong, set `mode: enforce` and another id",
        ),
        Mode::None => {
            return mild(
                Severity::Info,
                "the policy says that there is none any more".to_owned(),
                "nothing, if that is meant; the record can go when the old policy's time is over",
            );
        }
    }
    if policy.max_age < DAY {
        mild(
            Severity::Low,
            format!(
                "the policy may be kept for {} seconds only, and protects whoever mails more often",
                policy.max_age
            ),
            "set `max_age` to weeks, such as 1209600",
        );
    }
    // A host by its address in figures has a finding of its own.
    let left_out: Vec<&str> = domain
        .mx
        .records
        .iter()
        .map(|one| one.host.as_str())
        .filter(|host| !host.is_empty() && host.parse::<std::net::IpAddr>().is_err() && !policy.allows(host))
        .collect();
    if !left_out.is_empty() {
        let is_enforced = policy.mode == Mode::Enforce;
        let then = if is_enforced {
            "senders that hold to it do not deliver there"
        } else {
            "in force, senders would not deliver there"
        };
        let severity = if is_enforced { Severity::High } else { Severity::Medium };
        mild(
            severity,
            format!("the policy does not name {}: {then}", left_out.join(", ")),
            "add an `mx:` line for each host of the MX records, then change the id in the record",
        );
    }
}

fn reported(domain: &Domain, judgement: &mut Judgement) {
    if !is_known(&domain.reports) || domain.reports.dnssec == Dnssec::Bogus {
        return;
    }
    let about = &domain.reports.name;
    let record = format!("`{about}. TXT \"v=TLSRPTv1; rua=mailto:tls-reports@{}\"`", domain.name);
    match reports::wanted(&domain.reports.records) {
        Ok(Some(places)) => judgement.reports_to = places,
        Ok(None) => {
            judgement.find(
                &rules::REPORTS_ABSENT,
                &domain.name,
                "nobody is told where TLS fails on the way here".to_owned(),
                format!("publish {record}"),
            );
        }
        Err(wrong) => {
            judgement.find(
                &rules::REPORTS_INVALID,
                about,
                format!("the record counts for nothing: {wrong}"),
                format!("have exactly one: {record}"),
            );
        }
    }
}

/// Why a record is of no use for mail, by RFC 7672 §3.1 and RFC 6698 §2.1. The first of them is about mail between servers alone.
fn useless(record: &Tlsa, is_between_servers: bool) -> Option<String> {
    let length = record.data.len() / 2;
    match record {
        Tlsa { usage: 0 | 1, .. } if is_between_servers => Some(format!("usage {} is not for mail", record.usage)),
        Tlsa { usage: 4.., .. } => Some(format!("usage {} is not known", record.usage)),
        Tlsa { selector: 2.., .. } => Some(format!("selector {} is not known", record.selector)),
        Tlsa { matching: 3.., .. } => Some(format!("the way of matching {} is not known", record.matching)),
        Tlsa { matching: 1, .. } if length != 32 => {
            Some(format!("a digest of SHA-256 has 32 bytes, and this one {length}"))
        }
        Tlsa { matching: 2, .. } if length != 64 => {
            Some(format!("a digest of SHA-512 has 64 bytes, and this one {length}"))
        }
        _ => None,
    }
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
fn dane_absent(domain: &Domain, judgement: &mut Judgement) {
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
