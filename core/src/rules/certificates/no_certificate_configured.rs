//! TLS without a certificate.

use super::shown;
use crate::change::Change;
use crate::facts::{Cause, CertificateSource, Fact, Role};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "no-certificate-configured", "no_certificate_configured.md", High,
    gain: Impersonation,
    sources: [manual("postconf(5)", "smtpd_tls_cert_file"), rfc(8314, "4.4"), rfc(8446, "4.4.2")],
    supersedes: ["anonymous-cipher-on-submission"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut encrypted = shown::encrypted(context).peekable();
    if encrypted.peek().is_none() {
        return sink.not_applicable("nothing offers TLS");
    }
    for listener in encrypted {
        let tls = &listener.tls;
        let why = match (tls.certificate.known(), tls.identity.without.as_ref().and_then(Fact::known)) {
            (_, Some(Cause(why))) => format!(", because {why}"),
            (Some(CertificateSource::None), _) => String::new(),
            _ => continue,
        };
        // Where no handshake succeeds at all, other rules speak.
        if !tls.works.surely_not() {
            let severity = if listener.known_role() == Role::Submission { Severity::High } else { Severity::Medium };
            sink.report(
                Draft::on(listener, format!("{{listener}} offers TLS without any certificate{why}: most clients cannot use that"))
                    .severity(severity)
                    .because(&tls.certificate)
                    .change(Change::TrustedCertificate),
            );
        }
    }
}
