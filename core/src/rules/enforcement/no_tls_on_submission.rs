//! Submission without any TLS.

use crate::change::Change;
use crate::facts::{Cause, CertificateSource, Entry, Fact, Step, Suites, TlsVersion};
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "no-tls-on-submission", "no_tls_on_submission.md", Critical,
    gain: Password,
    sources: [rfc(8314, "4"), rfc(8314, "3"), manual("postconf(5)", "smtpd_tls_security_level"), manual("Dovecot SSL configuration", "ssl=no"), manual("Exim specification", "Encrypted SMTP connections using TLS/SSL")],
    supersedes: [
        "auth-offered-in-clear",
        "tls-not-required-on-submission",
        "port-25-used-for-submission",
        "starttls-advertised-without-certificate",
        "min-version-syntax-too-new",
        "contradictory-protocol-range",
        "cipher-list-empty-or-invalid",
    ],
    check
}

/// What a certificate does not mend.
const OF_LISTS: &[&str] = &["min-version-syntax-too-new", "contradictory-protocol-range", "cipher-list-empty-or-invalid"];
/// What a list of versions does not mend.
const OF_SUITES: &[&str] = &["cipher-list-empty-or-invalid"];
/// What a list of suites does not mend.
const OF_VERSIONS: &[&str] = &["min-version-syntax-too-new", "contradictory-protocol-range"];

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut submission = context.for_users().peekable();
    if submission.peek().is_none() {
        return sink.not_applicable("nothing listens for submission");
    }
    // A port of implicit TLS that begins in clear has a rule of its own, and so has STARTTLS that is hidden.
    for listener in submission.filter(|one| !one.is_implicit_port_in_clear() && !one.tls.hidden.surely()) {
        let tls = &listener.tls;
        if tls.entry.known() == Some(&Entry::None) {
            let mut draft = Draft::on(listener, "{listener} offers no TLS: mail and passwords travel in clear")
                .because(&tls.entry)
                .change(Change::RequireTls);
            if draft.at.is_empty() {
                draft.at.extend(listener.defined);
            }
            sink.report(draft.unless_in_front(listener));
        } else if tls.works.surely_not() {
            let fault = tls.identity.fault.as_ref().and_then(Fact::known);
            let has_certificate = tls.certificate.known() != Some(&CertificateSource::None);
            let suites = tls.suites.as_ref().filter(|_| has_certificate && fault.is_none());
            let refused = suites.and_then(Fact::known).and_then(Suites::fault);
            let message = match fault.map(|Cause(why)| why).or(refused.as_ref()) {
                Some(why) => format!("{{listener}} announces STARTTLS, but no handshake can succeed: {why}"),
                None => "{listener} announces STARTTLS, but no handshake can succeed: mail and passwords travel in clear".to_owned(),
            };
            let draft = Draft::on(listener, message).because(&tls.works);
            let unreadable_list = tls.works.because.iter().filter_map(Step::setting).any(|name| name.ends_with("_protocols"));
            sink.report(if unreadable_list {
                draft.change(Change::OldestTls(TlsVersion::Tls12)).not_curing(OF_SUITES)
            } else if refused.is_some() {
                draft.change(Change::UsualSuites).not_curing(OF_VERSIONS)
            } else {
                draft.change(Change::TrustedCertificate).not_curing(OF_LISTS)
            });
        } else if tls.entry.known().is_none() {
            sink.wait_for_fact(&tls.entry);
        } else if tls.works.known().is_none() {
            sink.wait_for_fact(&tls.works);
        }
    }
}
