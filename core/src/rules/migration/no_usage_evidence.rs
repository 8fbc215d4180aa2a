//! Logs that cannot say who uses which port.

use std::collections::BTreeSet;

use super::pair::in_use;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "no-usage-evidence", "no_usage_evidence.md", Info,
    sources: [rfc(8314, "4"), manual("postconf(5)", "syslog_name"), manual("postconf(5)", "smtpd_tls_loglevel")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let (starttls, implicit) = (in_use(context, 587), in_use(context, 465));
    if starttls.is_empty() || implicit.is_empty() {
        return sink.not_applicable("users have one of the ports 465 and 587, not both");
    }
    for (here, there) in [(&starttls, &implicit), (&implicit, &starttls)] {
        let others: BTreeSet<&String> = there.iter().filter_map(|other| other.log.name.known()).collect();
        for listener in here {
            let name = &listener.log.name;
            if name.known().is_none() {
                sink.wait_for_fact(name);
            } else if name.known().is_some_and(|name| others.contains(name)) {
                let message = "{listener} cannot be told apart in the log, so nobody can count who uses which";
                sink.report(Draft::on(listener, message).because(name));
            }
            let tls = &listener.log.tls;
            if tls.surely_not() {
                let message = "{listener} writes nothing about TLS to the log, so nobody can see which clients are outdated";
                sink.report(Draft::on(listener, message).because(tls));
            } else {
                sink.wait_for_fact(tls);
            }
        }
    }
}
