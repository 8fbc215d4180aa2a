//! Relaying into domains of anybody.

use crate::change::Change;
use crate::facts::{Actor, Channel, Recipient, Step};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "relay-domains-catchall", "relay_domains_catchall.md", High,
    gain: Relay,
    sources: [rfc(5068, "3.2"), manual("postconf(5)", "relay_domains"), manual("postconf(5)", "parent_domain_matches_subdomains")],
    supersedes: ["open-relay"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.reachable() {
        let Some(below) = listener.access.relays_below.known() else {
            sink.wait_for_fact(&listener.access.relays_below);
            continue;
        };
        let draft = if below.surely.iter().any(|name| name == ".") {
            Draft::on(listener, "{listener} takes mail to every domain there is from strangers").severity(Severity::Critical)
        } else if let Some(name) = below.surely.first() {
            Draft::on(listener, format!("{{listener}} takes mail to every domain under `.{name}` from strangers"))
        } else {
            if let Some(question) = &below.rest {
                sink.wait_for(question);
            }
            continue;
        };
        let by_domain = || {
            let at = |channel| listener.outcomes.at(Actor::Stranger, channel, Recipient::Foreign);
            let all = [Channel::Clear, Channel::Tls].into_iter().filter_map(at);
            all.flat_map(|outcome| outcome.because.iter().filter_map(Step::setting)).any(|name| name == "relay_domains")
        };
        let draft = if by_domain() { draft } else { draft.not_curing(&["open-relay"]) };
        sink.report(draft.because(&listener.access.relays_below).change_server(Change::RelayToNoDomain));
    }
}
