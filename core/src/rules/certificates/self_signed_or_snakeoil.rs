//! A certificate that no client can check.

use super::shown;
use crate::certificate::Certificate;
use crate::change::Change;
use crate::facts::{CertificateSource, Fact};
use crate::policy::Weakness;
use crate::rule::{Context, Draft, Sink, manual, rfc, rule};

rule! {
    "self-signed-or-snakeoil", "self_signed_or_snakeoil.md", High,
    gain: Impersonation,
    sources: [rfc(8314, "4.4"), rfc(7817, "5"), rfc(4954, "14"), manual("Dovecot Core Settings", "ssl_cert"), manual("Exim specification", "Encrypted SMTP connections using TLS/SSL")],
    supersedes: ["hostname-mismatch", "expired-or-expiring", "incomplete-chain", "weak-key-or-signature"],
    check
}

/// Parts of file names that tell what is inside: Debian's placeholder, and what people call certificates of their own making.
const TELLING: &[&str] = &["snakeoil", "self-signed", "selfsigned", "self_signed"];

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut encrypted = shown::encrypted(context).peekable();
    if encrypted.peek().is_none() {
        return sink.not_applicable("nothing offers TLS");
    }
    for listener in encrypted {
        let certificate = &listener.tls.certificate;
        let message = match (certificate.known(), listener.tls.identity.chains.as_ref().and_then(Fact::known)) {
            (Some(CertificateSource::None), _) => None,
            (Some(CertificateSource::OwnMaking), _) => {
                Some("{listener} shows a certificate that the server makes by itself, because none is named: no client can check it".to_owned())
            }
            // What stands in the file decides, not what it is called.
            (_, Some(seen)) => seen
                .surely
                .iter()
                .find(|chain| chain.own().is_some_and(Certificate::is_self_issued))
                .map(|chain| format!("{{listener}} shows {}, which no authority issued: no client can check it", chain.spoken())),
            (Some(CertificateSource::Files(files)), None) => {
                // A chain lists the key as well; the certificate is what clients see.
                let telling = || files.iter().filter(|file| is_telling(file));
                let certificate_first = telling().find(|file| !file.ends_with(".key")).or_else(|| telling().next());
                certificate_first.map(|file| format!("{{listener}} shows the certificate `{file}`, which no client can check"))
            }
            (None, None) => {
                sink.wait_for_fact(certificate);
                None
            }
        };
        if let Some(message) = message {
            let draft = Draft::on(listener, message).because(certificate).change(Change::TrustedCertificate);
            let severity = context.policy().severity(Weakness::UncheckedCertificate, listener.known_role());
            sink.report(match severity {
                Some(severity) => draft.severity(severity),
                None => draft,
            });
        }
    }
}

pub(crate) fn is_telling(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    TELLING.iter().any(|part| lower.contains(part))
}
