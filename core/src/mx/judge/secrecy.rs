//! TLS between servers: MTA-STS and its reports.

use super::{Domain, Judgement, Status, rules};
use crate::finding::Severity;
use crate::mx::strict::{self, Mode, Policy};
use crate::mx::{Asked, Dnssec, Fetch, Fetched, reports};

/// A policy that is kept for less than a day hardly protects (RFC 8461 §3.2 wants weeks).
const DAY: u32 = 86_400;

pub(super) fn judge(domain: &Domain, judgement: &mut Judgement) {
    // Where no mail comes in there is nothing to protect.
    if !domain.takes_mail() {
        return;
    }
    strict(domain, judgement);
    reported(domain, judgement);
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
