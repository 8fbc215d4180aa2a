//! A certificate for another name.

use super::shown;
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, rfc, rule};

rule! {
    "hostname-mismatch", "hostname_mismatch.md", High,
    gain: Impersonation,
    sources: [rfc(7817, "3"), rfc(7817, "5"), rfc(8314, "4.4")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let server = context.server;
    shown::each(context, sink, |listener, chain, sink| {
        let Some(own) = chain.own() else { return };
        let Some(host) = server.name.known() else { return sink.wait_for_fact(&server.name) };
        // What is no full name in the letters of certificates cannot be compared.
        if own.is_for(host) || !host.contains('.') || !host.is_ascii() {
            return;
        }
        let tls = &listener.tls;
        if let Some(question) = &tls.identity.by_name {
            return sink.wait_for(question);
        }
        let names = own.hosts();
        let message = format!("{{listener}} shows {}, which is for {names}, not for {host}", chain.spoken());
        let mut draft = Draft::on(listener, message).severity(shown::severity(listener, Severity::High)).because(&tls.certificate).because(&server.name);
        if let Some(question) = &server.name_is_guessed {
            draft = draft.depends_on(question);
        }
        sink.report(draft);
    });
}
