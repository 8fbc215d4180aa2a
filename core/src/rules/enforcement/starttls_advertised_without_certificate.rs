//! STARTTLS that fails every time.

use crate::change::Change;
use crate::facts::{CertificateSource, Entry};
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "starttls-advertised-without-certificate", "starttls_advertised_without_certificate.md", High,
    gain: Mail,
    sources: [rfc(8314, "4"), rfc(3207, "4"), manual("postconf(5)", "smtpd_tls_cert_file")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let offers = |entry: Option<&Entry>| entry == Some(&Entry::Starttls);
    let mut offering = context.exposed().filter(|listener| offers(listener.tls.entry.known())).peekable();
    if offering.peek().is_none() {
        return sink.not_applicable("nothing offers STARTTLS");
    }
    for listener in offering {
        let tls = &listener.tls;
        match tls.certificate.known() {
            Some(CertificateSource::None) if tls.works.surely_not() => sink.report(
                Draft::on(listener, "{listener} announces STARTTLS without a certificate: every attempt ends with 454")
                    .because(&tls.entry)
                    .because(&tls.certificate)
                    .change(Change::TrustedCertificate),
            ),
            Some(_) => {}
            None => sink.wait_for_fact(&tls.certificate),
        }
    }
}
