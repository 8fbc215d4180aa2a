//! Relaying for whoever has a certificate.

use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "tls-clientcerts-all-relay", "tls_clientcerts_all_relay.md", High,
    gain: Relay,
    sources: [manual("postconf(5)", "permit_tls_all_clientcerts"), manual("postconf(5)", "tls_append_default_CA")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.reachable() {
        let relays = &listener.access.any_certificate_relays;
        if relays.surely() {
            let message = "{listener} relays for every client with a certificate of a public authority, and anybody can get one";
            sink.report(Draft::on(listener, message).because(relays));
        } else {
            sink.wait_for_fact(relays);
        }
    }
}
