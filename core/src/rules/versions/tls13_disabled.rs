//! TLS 1.3 shut out.

use crate::change::Change;
use crate::facts::{CertificateSource, TlsVersion};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};
use crate::version::Version;

rule! {
    "tls13-disabled", "tls13_disabled.md", Low,
    gain: Mail,
    sources: [rfc(9325, "3.1.1"), manual("postconf(5)", "smtpd_tls_mandatory_protocols"), manual("Exim specification", "Encrypted SMTP connections using TLS/SSL")],
    supersedes: [],
    check
}

/// The first OpenSSL that speaks it.
const SPOKEN_SINCE: Version = Version::new(1, 1, 1);

fn check(context: &Context<'_>, sink: &mut Sink) {
    if context.server.library.is_some_and(|library| library.last < SPOKEN_SINCE) {
        return sink.not_applicable("the TLS library does not know TLS 1.3");
    }
    let policy = context.policy();
    let severity = match TlsVersion::Tls13 {
        version if policy.required.contains(&version) => Severity::Medium,
        version if policy.wanted.contains(&version) => Severity::Low,
        _ => return sink.not_applicable("the policy does not ask for TLS 1.3"),
    };
    for listener in context.exposed().filter(|listener| !listener.is_implicit_port_in_clear()) {
        let versions = &listener.tls.versions;
        sink.wait_for_fact(versions);
        let may_be_offered = listener.tls.open.iter().any(|(version, _)| *version == TlsVersion::Tls13);
        // Without a certificate nothing newer than 1.2 is possible, whatever the list says.
        let without = listener.tls.identity.without.as_ref().is_some_and(|why| why.known().is_some());
        let anonymous = without || listener.tls.certificate.known() == Some(&CertificateSource::None);
        let Some(offered) = versions.known().filter(|offered| !offered.surely.is_empty()) else { continue };
        if !offered.has(&TlsVersion::Tls13) && !may_be_offered && !anonymous {
            let draft = Draft::on(listener, "{listener} leaves TLS 1.3 out").severity(severity).because(versions);
            sink.report(draft.change(Change::OldestTls(TlsVersion::Tls12)));
        }
    }
}
