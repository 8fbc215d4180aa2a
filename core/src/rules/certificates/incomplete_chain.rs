//! A certificate without those that lead to an authority.

use super::shown;
use crate::change::Change;
use crate::facts::Value;
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "incomplete-chain", "incomplete_chain.md", Medium,
    gain: Impersonation,
    sources: [rfc(8446, "4.4.2"), rfc(5246, "7.4.2"), manual("postconf(5)", "smtpd_tls_cert_file")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    shown::each(context, sink, |listener, chain, sink| match &chain.is_complete {
        Value::Is(true) => {}
        Value::Unknown(question) => sink.wait_for(question),
        Value::Is(false) => {
            let issuer = chain.own().map_or("", |own| own.issuer.as_str());
            let message = format!("{{listener}} shows {} without that of its issuer, {issuer}", chain.spoken());
            sink.report(
                Draft::on(listener, message)
                    .severity(shown::severity(listener, Severity::Medium))
                    .because(&listener.tls.certificate)
                    .change(Change::TrustedCertificate),
            );
        }
    });
    for listener in shown::encrypted(context) {
        if let Some((file, question)) = &listener.tls.identity.bare {
            sink.not_applicable = None;
            let name = file.known().map_or("", String::as_str);
            let message = format!("{{listener}} shows `{name}`, which holds one certificate where certbot made it: its chain is missing");
            sink.report(
                Draft::on(listener, message)
                    .severity(shown::severity(listener, Severity::Medium))
                    .because(file)
                    .change(Change::TrustedCertificate)
                    .depends_on(question),
            );
        }
    }
}
