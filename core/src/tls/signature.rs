//! Signature schemes: how the key of a certificate signs the handshake.

use std::sync::OnceLock;

use super::table;

/// A signature scheme.
#[derive(Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its number in the protocol.
    pub id: u16,
    /// Its name in IANA's registry.
    pub name: &'static str,
    /// The kind of key that makes it: `RSA`, `RSA-PSS`, `ECDSA`, `EdDSA` or `DSA`.
    pub key: &'static str,
    /// The hash, such as `SHA256`; `None` where the kind of key has one of its own.
    pub hash: Option<&'static str>,
    /// Names in GnuTLS, commas between.
    gnutls: &'static str,
}

/// Every scheme that is known, by number.
#[must_use]
pub fn all() -> &'static [Signature] {
    static ALL: OnceLock<Vec<Signature>> = OnceLock::new();
    ALL.get_or_init(|| table::rows(table::signatures()).filter_map(Signature::parse).collect())
}

/// The scheme that the registry or GnuTLS calls so, whatever the case of the letters.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Signature> {
    all()
        .iter()
        .find(|one| one.names().any(|known| known.eq_ignore_ascii_case(name)))
}

impl Signature {
    /// All its names, that of the registry first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.gnutls.split(','))
    }

    fn parse(line: &'static str) -> Option<Signature> {
        let mut columns = line.split('\t');
        Some(Signature {
            id: u16::from_str_radix(columns.next()?, 16).ok()?,
            name: columns.next()?,
            gnutls: columns.next()?,
            key: columns.next()?,
            hash: Some(columns.next()?).filter(|hash| *hash != "-"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::gnutls;

    #[test]
    fn every_line_is_read_and_every_name_is_of_one_scheme() {
        assert_eq!(all().len(), table::rows(table::signatures()).count());
        for one in all() {
            for name in one.names() {
                assert_eq!(by_name(&name.to_ascii_uppercase()), Some(one), "{name}");
            }
        }
        assert_eq!(by_name("rsa_pkcs1_sha1").and_then(|one| one.hash), Some("SHA1"));
        assert_eq!(by_name("Ed25519").and_then(|one| one.hash), None);
    }

    #[test]
    fn every_signature_that_gnutls_prefers_is_known() {
        let normal = gnutls::read("NORMAL", gnutls::Release::V3_8).unwrap();
        for name in normal.signatures {
            assert!(by_name(name).is_some(), "{name}");
        }
    }
}
