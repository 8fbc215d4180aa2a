//! What mail programs of users find: SRV records and autoconfig.

use super::{Domain, Judgement, rules};
use crate::mx::autoconfig::{self, Outgoing, Socket};
use crate::mx::rules::MxRule;
use crate::mx::{Asked, Dnssec, Fetch, Fetched, Service, Status};

pub(super) fn judge(domain: &Domain, judgement: &mut Judgement) {
    services(domain, judgement);
    settings(domain, judgement);
}

fn services(domain: &Domain, judgement: &mut Judgement) {
    let name = &domain.name;
    if domain.takes_mail() {
        let mut absent = |asked: &Asked<Service>, rule: &'static MxRule, record: &str| {
            if asked.is_absent() {
                judgement.find(
                    rule,
                    name,
                    format!("there is no SRV record `{}`", asked.name),
                    format!("publish `{}. SRV {record} mail.{name}.` with your host's name, or `SRV 0 0 0 .` if there is none", asked.name),
                );
            }
        };
        absent(&domain.submission, &rules::SUBMISSION_ABSENT, "10 1 587");
        absent(&domain.submissions, &rules::SUBMISSIONS_ABSENT, "0 1 465");
    }
    let first = |asked: &Asked<Service>| Domain::offered(asked).map(|one| one.priority).min();
    if let (Some(clear), Some(tls)) = (first(&domain.submission), first(&domain.submissions))
        && clear < tls
    {
        judgement.find(
            &rules::PREFERS_CLEAR,
            name,
            format!("STARTTLS has priority {clear} and implicit TLS {tls}: the lower is tried first"),
            format!("give `{}` the lower priority", domain.submissions.name),
        );
    }
    for host in domain.servers.iter().filter(|host| host.is_nowhere()) {
        let names = |asked: &&Asked<Service>| asked.records.iter().any(|one| one.target == host.name);
        let by = [&domain.submission, &domain.submissions].into_iter().find(names);
        let by = by.map_or(name.as_str(), |asked| asked.name.as_str());
        judgement.find(
            &rules::TARGET_UNRESOLVABLE,
            by,
            format!(
                "the SRV record sends mail programs to {}, which has no address",
                host.name
            ),
            "name the host that is there, or write `.` in its place".to_owned(),
        );
    }
}

fn settings(domain: &Domain, judgement: &mut Judgement) {
    let got = domain.autoconfig.iter().find(|one| one.outcome == Fetch::Got);
    let Some(got) = got else {
        let all_absent = !domain.autoconfig.is_empty() && domain.autoconfig.iter().all(Fetched::is_absent);
        if all_absent && domain.takes_mail() {
            judgement.find(
                &rules::AUTOCONFIG_MISSING,
                &domain.name,
                "mail programs find no settings of the domain".to_owned(),
                format!(
                    "publish the file that `smtplint clients --domain {} --form autoconfig` writes",
                    domain.name
                ),
            );
        }
        return;
    };
    match autoconfig::outgoing(got.body.as_deref().unwrap_or(""), &domain.name) {
        Err(wrong) => {
            judgement.find(
                &rules::AUTOCONFIG_MISSING,
                &got.url,
                format!("what mail programs find there cannot be read: {wrong}"),
                format!(
                    "publish the file that `smtplint clients --domain {} --form autoconfig` writes",
                    domain.name
                ),
            );
        }
        Ok(outgoing) => {
            for server in &outgoing {
                told(domain, got, server, judgement);
            }
            judgement.outgoing = outgoing;
        }
    }
}

fn told(domain: &Domain, file: &Fetched, server: &Outgoing, judgement: &mut Judgement) {
    let Outgoing { host, port, socket } = server;
    let asked = match socket {
        Socket::Plain => {
            judgement.find(
                &rules::AUTOCONFIG_CLEAR,
                &file.url,
                format!("mail programs are told to use {host} port {port} without TLS"),
                "write `SSL` with port 465, or `STARTTLS` with port 587".to_owned(),
            );
            return;
        }
        Socket::Implicit => &domain.submissions,
        Socket::Starttls => &domain.submission,
    };
    let agrees = asked
        .records
        .iter()
        .any(|one| one.port == *port && one.target.eq_ignore_ascii_case(host));
    if asked.status != Status::Found || asked.dnssec == Dnssec::Bogus || agrees {
        return;
    }
    let published: Vec<String> = Domain::offered(asked)
        .map(|one| format!("{} port {}", one.target, one.port))
        .collect();
    let published = if published.is_empty() {
        "that there is no such service".to_owned()
    } else {
        published.join(", ")
    };
    judgement.find(
        &rules::AUTOCONFIG_CONTRADICTS,
        &file.url,
        format!(
            "the file says {host} port {port}, and `{}` says {published}",
            asked.name
        ),
        format!(
            "make both from the same configuration: `smtplint clients --domain {} --write FOLDER`",
            domain.name
        ),
    );
}
