//! Where mail goes: exchangers and their hosts.

use std::net::IpAddr;

use super::{Domain, Judgement, Status, rules};
use crate::finding::Severity;
use crate::mx::{Dnssec, Host};

pub(super) fn judge(domain: &Domain, judgement: &mut Judgement) {
    exchangers(domain, judgement);
    if domain.mx.status != Status::Found {
        return;
    }
    for host in &domain.hosts {
        if host.name.parse::<IpAddr>().is_ok() {
            judgement.find(
                &rules::ALIAS_OR_ADDRESS,
                &host.name,
                format!(
                    "the MX record of {} holds the address {} where a name belongs",
                    domain.name, host.name
                ),
                format!(
                    "give the address a name with an A or AAAA record, and write the name: `{}. MX 10 mail.{}.`",
                    domain.name, domain.name
                ),
            );
            continue;
        }
        if let Some(canonical) = host.alias() {
            judgement.find(
                &rules::ALIAS_OR_ADDRESS,
                &host.name,
                format!(
                    "the MX record of {} names {}, which is an alias for {canonical}",
                    domain.name, host.name
                ),
                format!(
                    "name the host itself: `{}. MX {} {canonical}.`",
                    domain.name,
                    preference(domain, host)
                ),
            );
        }
        if host.is_nowhere() {
            let message = if host.ipv4.status == Status::NoName {
                format!(
                    "the MX record of {} names {}, and there is no such name",
                    domain.name, host.name
                )
            } else {
                format!(
                    "the MX record of {} names {}, which has no address",
                    domain.name, host.name
                )
            };
            judgement.find(
                &rules::UNRESOLVABLE,
                &host.name,
                message,
                format!("take the record out, or give {} an address", host.name),
            );
        }
        pointers(host, judgement);
    }
}

fn preference(domain: &Domain, host: &Host) -> u16 {
    let named = domain.mx.records.iter().find(|one| one.host == host.name);
    named.map_or(10, |one| one.preference)
}

fn exchangers(domain: &Domain, judgement: &mut Judgement) {
    let name = &domain.name;
    let record = format!(
        "write `{name}. MX 10 mail.{name}.` with your host's name if the domain takes mail, and `{name}. MX 0 .` if not"
    );
    if domain.mx.status == Status::Found {
        let has_null = domain.mx.records.iter().any(|one| one.host.is_empty());
        if domain.refuses_mail() {
            judgement.find(
                &rules::MISSING_OR_NULL,
                name,
                "the domain says that it takes no mail".to_owned(),
                "nothing, if that is meant".to_owned(),
            );
        } else if has_null {
            let found = judgement.find(
                &rules::MISSING_OR_NULL,
                name,
                "an MX record says that the domain takes no mail, and others name hosts for it".to_owned(),
                "take `MX 0 .` out, or all the others: it may only stand alone".to_owned(),
            );
            found.severity = Severity::High;
        }
        return;
    }
    if !domain.mx.is_absent() {
        return;
    }
    let own = domain.hosts.iter().find(|host| host.name == *name);
    let (message, severity) = match own {
        _ if domain.mx.status == Status::NoName => {
            let advice = format!(
                "see whether the name is spelt as it is meant, and whether it is registered still; once it is there, {record}"
            );
            judgement
                .find(
                    &rules::MISSING_OR_NULL,
                    name,
                    "there is no such domain: the name servers do not know the name".to_owned(),
                    advice,
                )
                .severity = Severity::High;
            return;
        }
        Some(host) if !host.addresses.is_empty() => (
            "there is no MX record: senders take the domain's own address for its mail server",
            Severity::Low,
        ),
        Some(host) if host.is_nowhere() => (
            "there is no MX record and no address: mail cannot be sent there",
            Severity::Medium,
        ),
        _ => ("there is no MX record", Severity::Low),
    };
    judgement
        .find(&rules::MISSING_OR_NULL, name, message.to_owned(), record)
        .severity = severity;
}

fn pointers(host: &Host, judgement: &mut Judgement) {
    for one in &host.addresses {
        let names = &one.pointers.records;
        let message = if one.pointers.is_absent() {
            format!("{}, an address of {}, has no PTR record", one.address, host.name)
        } else if one.confirmed == Some(false) {
            format!(
                "{}, an address of {}, says that it is {}, and that name has another address",
                one.address,
                host.name,
                names.join(", ")
            )
        } else {
            continue;
        };
        if one.pointers.dnssec == Dnssec::Bogus {
            continue;
        }
        judgement.find(
            &rules::POINTER,
            &host.name,
            message,
            format!("have its PTR record set to `{}.`", host.name),
        );
    }
}
