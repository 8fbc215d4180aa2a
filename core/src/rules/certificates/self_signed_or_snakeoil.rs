//! A certificate that no client can check.

use crate::change::Change;
use crate::facts::{CertificateSource, Entry};
use crate::policy::Weakness;
use crate::rule::{Context, Draft, Sink, rfc, rule};

rule! {
    "self-signed-or-snakeoil", "self_signed_or_snakeoil.md", High,
    sources: [rfc(8314, "4.4"), rfc(7817, "5"), rfc(4954, "14")],
    supersedes: [],
    check
}

/// Parts of file names that tell what is inside: Debian's placeholder, and what people call certificates of their own making.
const TELLING: &[&str] = &["snakeoil", "self-signed", "selfsigned", "self_signed"];

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut encrypted =
        context.exposed().filter(|listener| listener.tls.entry.known() != Some(&Entry::None)).peekable();
    if encrypted.peek().is_none() {
        return sink.not_applicable("nothing offers TLS");
    }
    for listener in encrypted {
        let certificate = &listener.tls.certificate;
        match certificate.known() {
            Some(CertificateSource::Files(files)) => {
                // A chain lists the key as well; the certificate is what clients see.
                let telling = || files.iter().filter(|file| is_telling(file));
                let certificate_first = telling().find(|file| !file.ends_with(".key")).or_else(|| telling().next());
                let Some(file) = certificate_first else { continue };
                let message = format!("{{listener}} shows the certificate `{file}`, which no client can check");
                let draft = Draft::on(listener, message).because(certificate).change(Change::TrustedCertificate);
                let severity = context.policy().severity(Weakness::UncheckedCertificate, listener.known_role());
                sink.report(match severity {
                    Some(severity) => draft.severity(severity),
                    None => draft,
                });
            }
            Some(CertificateSource::None) => {}
            None => sink.wait_for_fact(certificate),
        }
    }
}

pub(crate) fn is_telling(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    TELLING.iter().any(|part| lower.contains(part))
}
