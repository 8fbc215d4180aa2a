//! Who vouches for a certificate: the authorities that are trusted here, or one that a record names.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, RootCertStore};
use smtplint_core::certificate;
use smtplint_core::mx::port::{Shown, Verdict};

/// Who is trusted, and how it is checked.
pub(super) struct Trust {
    provider: Arc<CryptoProvider>,
    roots: Arc<RootCertStore>,
}

impl Trust {
    pub(super) fn new(roots: Arc<RootCertStore>) -> Trust {
        Trust {
            provider: Arc::new(ring::default_provider()),
            roots,
        }
    }

    /// What can be said of a chain in DER that a host shows, to which mail for a domain goes.
    pub(super) fn shown(&self, der: Vec<Vec<u8>>, host: &str, domain: &str) -> Shown {
        let trusted = if self.roots.is_empty() {
            Verdict::Unknown(NOBODY_TRUSTED.to_owned())
        } else {
            self.holds(&der, &self.roots, &[host])
        };
        let anchored = |authority: &Vec<u8>| {
            let mut alone = RootCertStore::empty();
            match alone.add(CertificateDer::from_slice(authority)) {
                // The names that senders take (RFC 7672 §3.2.2).
                Ok(()) => match self.holds(&der, &Arc::new(alone), &[host, domain]) {
                    // Whom the machine trusts has no part in it.
                    Verdict::No(why) if why == STRANGER => {
                        Verdict::No("that authority did not issue the server's certificate".to_owned())
                    }
                    other => other,
                },
                Err(error) => Verdict::Unknown(format!("the authority's certificate cannot be used: {error}")),
            }
        };
        Shown {
            trusted,
            anchored: der.iter().skip(1).map(anchored).collect(),
            der,
        }
    }

    /// Whether a chain leads to one of the authorities, now and for one of the names.
    fn holds(&self, der: &[Vec<u8>], roots: &Arc<RootCertStore>, names: &[&str]) -> Verdict {
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(&self.provider)).build();
        let (verifier, (own, others)) = match (verifier, der.split_first()) {
            (Ok(verifier), Some(parts)) => (verifier, parts),
            (Err(error), _) => return Verdict::Unknown(error.to_string()),
            (_, None) => return Verdict::Unknown("no certificate is shown".to_owned()),
        };
        let others: Vec<CertificateDer<'_>> = others.iter().map(|one| CertificateDer::from_slice(one)).collect();
        let of = |name: &str| {
            let Ok(name) = ServerName::try_from(name.to_owned()) else {
                return Verdict::Unknown(format!("`{name}` is no name that a certificate can be for"));
            };
            let own_der = CertificateDer::from_slice(own);
            match verifier.verify_server_cert(&own_der, &others, &name, &[], UnixTime::now()) {
                Ok(_) => Verdict::Yes,
                Err(rustls::Error::InvalidCertificate(why)) => untrusted(&why, own, roots),
                Err(error) => Verdict::Unknown(error.to_string()),
            }
        };
        let mut first = None;
        for name in names {
            match of(name) {
                Verdict::Yes => return Verdict::Yes,
                other => first = first.or(Some(other)),
            }
        }
        first.unwrap_or_else(|| Verdict::Unknown("there is no name to hold it against".to_owned()))
    }
}

/// What is wrong, in words; what this library alone is strict about is left open.
fn untrusted(why: &CertificateError, own: &[u8], roots: &RootCertStore) -> Verdict {
    if let Some(words) = reason(why) {
        return Verdict::No(words.to_owned());
    }
    // Servers may show a certificate that may sign others; whoever made it for himself has nobody behind it all the same.
    let key = certificate::key_of_der(own).unwrap_or_default();
    let is_trusted_itself = roots
        .roots
        .iter()
        .any(|root| key.ends_with(root.subject_public_key_info.as_ref()));
    let is_its_own = certificate::of_der(own).is_some_and(|own| own.is_self_issued());
    if is_its_own && !is_trusted_itself {
        return Verdict::No("nobody but itself stands behind it".to_owned());
    }
    Verdict::Unknown(format!("it cannot be checked here: {why}"))
}

/// Of a certificate that leads to none of the authorities.
const STRANGER: &str = "nobody whom this machine trusts issued it";

/// Where there are no authorities.
pub(super) const NOBODY_TRUSTED: &str = "this machine has no authorities to trust; --root-certificates names some";

/// Why a certificate is not good, where that is certain.
pub(super) fn reason(why: &CertificateError) -> Option<&'static str> {
    match why {
        CertificateError::UnknownIssuer => Some(STRANGER),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Some("its time is over"),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Some("it is for another name")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Some("its time has not begun"),
        _ => None,
    }
}
