//! Trust in a network that may stand for the whole world.

use crate::facts::is_container_network;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

use super::trusted_networks_too_wide::trust_counts;

rule! {
    "container-nat-trusted", "container_nat_trusted.md", Low,
    gain: Relay,
    sources: [rfc(5068, "3.2"), manual("postconf(5)", "mynetworks")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.exposed().filter(|listener| trust_counts(listener)) {
        let Some(question) = listener.access.behind_container.value.question() else { continue };
        let networks = listener.trusted.known().map(|networks| networks.patterns.surely.as_slice()).unwrap_or_default();
        let Some(pattern) = networks.iter().find(|pattern| is_container_network(pattern)) else { continue };
        let message = format!("{{listener}} trusts `{pattern}`: if clients from outside arrive under such an address, all of them may send to anywhere");
        sink.report(Draft::on(listener, message).because(&listener.trusted).depends_on(question));
    }
}
