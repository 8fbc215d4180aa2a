//! Logs that cannot say who uses which port.

use super::pair::in_use;
use crate::change::Change;
use crate::gather::Index;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "no-usage-evidence", "no_usage_evidence.md", Info,
    gain: Nothing,
    sources: [rfc(8314, "4"), manual("postconf(5)", "syslog_name")],
    supersedes: ["service-name-in-log-missing"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let (starttls, implicit) = (in_use(context, 587), in_use(context, 465));
    if starttls.is_empty() || implicit.is_empty() {
        return sink.not_applicable("users have one of the ports 465 and 587, not both");
    }
    let others = Index::of(starttls.iter().filter_map(|other| other.log.name.known()));
    // One new name is enough to tell the two apart: it is asked for at one of them.
    for listener in &implicit {
        let name = &listener.log.name;
        if name.known().is_none() {
            sink.wait_for_fact(name);
        } else if name.known().is_some_and(|name| others.contains(name)) {
            let message = "{listener} cannot be told from port 587 in the log, so nobody can count who uses which";
            sink.report(Draft::on(listener, message).because(name).change(Change::NameInLog));
        }
    }
}
