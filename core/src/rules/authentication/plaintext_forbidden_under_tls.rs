//! PLAIN and LOGIN hidden where they do no harm.

use crate::change::Change;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "plaintext-forbidden-under-tls", "plaintext_forbidden_under_tls.md", Medium,
    gain: KeptOut,
    sources: [manual("postconf(5)", "smtpd_sasl_tls_security_options"), rfc(4954, "4")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    for listener in context.exposed().filter(|listener| listener.auth.after_tls.surely()) {
        let plaintext = &listener.auth.mechanisms.plaintext_after_tls;
        if plaintext.surely_not() {
            sink.report(
                Draft::on(listener, "{listener} hides PLAIN and LOGIN inside TLS as well: most clients know no other way to log in")
                    .because(plaintext)
                    .change(Change::PlaintextInTls),
            );
        } else {
            sink.wait_for_fact(plaintext);
        }
    }
}
