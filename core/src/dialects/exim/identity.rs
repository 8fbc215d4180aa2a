//! What clients are shown: the files of certificates and keys.

use super::view::View;
use crate::facts::{CertificateSource, Fact, Identity};
use crate::question::quoted;

/// The certificates and keys of a port.
pub(super) fn of(view: &View<'_>, certificate: &Fact<CertificateSource>) -> Identity {
    let mut identity = Identity::default();
    let seen = &view.target.seen;
    if matches!(certificate.known(), Some(CertificateSource::None | CertificateSource::OwnMaking)) {
        return identity;
    }
    if !seen.given.is_empty() || !seen.files.is_empty() {
        let ask = "What does the certificate say that Exim shows? smtplint does not look into the files that Exim names.";
        let file = view.text("tls_certificate");
        let file = file.known().map_or("FILE", String::as_str);
        let command = format!("openssl x509 -in {} -noout -subject -issuer -dates -ext subjectAltName", quoted(file));
        identity.chains = Some(Fact::unknown(view.ask("exim-certificate", ask, command), certificate.because.clone()));
    }
    identity
}
