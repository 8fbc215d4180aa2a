//! Clients are asked for a certificate that nobody looks at.

use crate::change::Change;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "client-certificate-requested-needlessly", "client_certificate_requested_needlessly.md", Low,
    gain: KeptOut,
    sources: [rfc(8314, "4.2"), manual("postconf(5)", "smtpd_tls_ask_ccert")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut asking = context.exposed().filter(|listener| !listener.tls.client_certificate.asked.surely_not()).peekable();
    if asking.peek().is_none() {
        return sink.not_applicable("no client is asked for a certificate");
    }
    for listener in asking {
        let certificate = &listener.tls.client_certificate;
        if certificate.asked.surely() && certificate.used.surely_not() {
            sink.report(
                Draft::on(listener, "{listener} asks every client for a certificate, and nothing there looks at it")
                    .because(&certificate.asked)
                    .change(Change::AskNoCertificate),
            );
        } else if !certificate.used.surely() {
            sink.wait_for_fact(&certificate.asked);
            sink.wait_for_fact(&certificate.used);
        }
    }
}
