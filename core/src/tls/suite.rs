//! Cipher suites: their names, what they are made of, and which library has them.

use std::fmt;
use std::sync::OnceLock;

use super::traits::{AUTHENTICATION, CIPHER, EXTRA, KEY_EXCHANGE, LOWEST, MAC, STRENGTH};
use super::{openssl, table};
use crate::certificate::KeyKind;
use crate::facts::TlsVersion;

/// A cipher suite.
pub struct Suite {
    /// Its number in the protocol.
    pub id: u16,
    /// Its name in IANA's registry.
    pub name: &'static str,
    /// Its name in OpenSSL.
    pub openssl: Option<&'static str>,
    /// Its name in GnuTLS.
    pub gnutls: Option<&'static str>,
    /// Bits of the cipher's key; 0 when nothing is hidden.
    pub bits: u16,
    /// Bits of security, as OpenSSL's security levels count them.
    strength: u16,
    /// What it is made of.
    pub(super) traits: u64,
    /// Releases of OpenSSL that have it, a bit for each.
    releases: u8,
}

/// What a server must own to use a suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A certificate with an RSA key.
    Rsa,
    /// A certificate with a key on an elliptic curve.
    Ecdsa,
    /// A certificate with a DSA key.
    Dsa,
    /// A secret or a password that both sides know.
    Shared,
    /// A certificate with a GOST key.
    Gost,
}

impl Key {
    /// The key of a certificate; `None` for one that no suite is for.
    #[must_use]
    pub fn of(kind: KeyKind) -> Option<Key> {
        match kind {
            KeyKind::Rsa => Some(Key::Rsa),
            // Signatures of both kinds go by the same suites (RFC 8422 §2.2).
            KeyKind::Ec | KeyKind::Edwards => Some(Key::Ecdsa),
            KeyKind::Dsa => Some(Key::Dsa),
            KeyKind::Other => None,
        }
    }
}

impl Suite {
    /// How the two sides agree on a key: `ECDHE`, `DHE`, `RSA`, one of the kinds with a shared secret, or `any` in TLS 1.3.
    #[must_use]
    pub fn key_exchange(&self) -> &'static str {
        KEY_EXCHANGE.word(self.traits)
    }

    /// How the server proves who it is: `RSA`, `ECDSA`, `DSS`, `PSK`, `SRP`, `none`, or `any` in TLS 1.3.
    #[must_use]
    pub fn authentication(&self) -> &'static str {
        AUTHENTICATION.word(self.traits)
    }

    /// What hides the data, such as `AES128GCM`, `3DES` or `NULL`.
    #[must_use]
    pub fn cipher(&self) -> &'static str {
        CIPHER.word(self.traits)
    }

    /// What protects the data from being changed: `SHA1`, `SHA256`, `SHA384`, `MD5` or `AEAD`.
    #[must_use]
    pub fn mac(&self) -> &'static str {
        MAC.word(self.traits)
    }

    /// The oldest version of the protocol that can use it.
    #[must_use]
    pub fn lowest(&self) -> TlsVersion {
        TlsVersion::from_name(LOWEST.word(self.traits)).unwrap_or(TlsVersion::Ssl3)
    }

    /// The newest version of the protocol that can use it.
    #[must_use]
    pub fn highest(&self) -> TlsVersion {
        if self.is_any(LOWEST.bit("TLSv1.3")) {
            TlsVersion::Tls13
        } else if self.is_any(CIPHER.bits("DES,IDEA") | STRENGTH.bit("EXPORT")) {
            TlsVersion::Tls11
        } else {
            TlsVersion::Tls12
        }
    }

    /// True when a version of the protocol can use it.
    #[must_use]
    pub fn works_with(&self, version: TlsVersion) -> bool {
        (self.lowest()..=self.highest()).contains(&version)
    }

    /// True when what was recorded stays secret after the server's key has become known.
    #[must_use]
    pub fn has_forward_secrecy(&self) -> bool {
        self.is_any(KEY_EXCHANGE.bits("DHE,ECDHE,DHEPSK,ECDHEPSK,any"))
    }

    /// True when hiding and protecting are one step.
    #[must_use]
    pub fn is_aead(&self) -> bool {
        self.is_any(MAC.bit("AEAD"))
    }

    /// True when the cipher works in CBC mode.
    #[must_use]
    pub fn is_cbc(&self) -> bool {
        !self.is_aead() && !self.is_any(CIPHER.bits("NULL,RC4,GOST"))
    }

    /// True when nothing is hidden.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.is_any(CIPHER.bit("NULL"))
    }

    /// True when the server proves nothing.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.is_any(AUTHENTICATION.bit("none"))
    }

    /// True when it was made weak on purpose, to be exported from the United States.
    #[must_use]
    pub fn is_export(&self) -> bool {
        self.is_any(STRENGTH.bit("EXPORT"))
    }

    /// What the server must own; `None` when any certificate will do, or none is needed.
    #[must_use]
    pub fn needs(&self) -> Option<Key> {
        match self.authentication() {
            "RSA" => Some(Key::Rsa),
            "ECDSA" => Some(Key::Ecdsa),
            "DSS" => Some(Key::Dsa),
            "PSK" | "SRP" => Some(Key::Shared),
            "GOST" => Some(Key::Gost),
            _ => None,
        }
    }

    /// True when a release of OpenSSL has it, as Debian builds it.
    #[must_use]
    pub fn is_in(&self, release: openssl::Release) -> bool {
        self.releases & release.bit() != 0
    }

    /// Bits of security, as a release of OpenSSL counts them: until 3.2 a short tag cost nothing.
    pub(super) fn strength_in(&self, release: openssl::Release) -> u16 {
        let short = release < openssl::Release::V3_5 && self.is_any(CIPHER.bits("AES128CCM8,AES256CCM8"));
        if short { self.bits } else { self.strength }
    }

    fn is_any(&self, traits: u64) -> bool {
        self.traits & traits != 0
    }

    /// One line of the table.
    fn parse(line: &'static str) -> Option<Suite> {
        let mut columns = line.split('\t');
        let mut next = || columns.next();
        let named = |name: &'static str| (name != "-").then_some(name);
        let id = u16::from_str_radix(next()?, 16).ok()?;
        let name = next()?;
        let openssl = named(next()?);
        let gnutls = named(next()?);
        let mut traits =
            KEY_EXCHANGE.bit(next()?) | AUTHENTICATION.bit(next()?) | CIPHER.bit(next()?) | MAC.bit(next()?);
        let bits = next()?.parse().ok()?;
        traits |= LOWEST.bit(next()?) | STRENGTH.bit(next()?);
        let strength = next()?.parse().ok()?;
        let flags = next()?;
        traits |= STRENGTH.bits(flags) | EXTRA.bits(flags);
        let releases = openssl::Release::bits(next()?);
        Some(Suite {
            id,
            name,
            openssl,
            gnutls,
            bits,
            strength,
            traits,
            releases,
        })
    }
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A suite is its number.
impl PartialEq for Suite {
    fn eq(&self, other: &Suite) -> bool {
        self.id == other.id
    }
}

impl Eq for Suite {}

/// Every suite that is known, by number.
#[must_use]
pub fn all() -> &'static [Suite] {
    static ALL: OnceLock<Vec<Suite>> = OnceLock::new();
    ALL.get_or_init(|| table::rows(table::suites()).filter_map(Suite::parse).collect())
}

/// The suite of a number.
#[must_use]
pub fn by_id(id: u16) -> Option<&'static Suite> {
    let at = all().binary_search_by_key(&id, |suite| suite.id).ok()?;
    all().get(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_whole() {
        assert_eq!(all().len(), table::rows(table::suites()).count());
        for pair in all().windows(2) {
            assert!(pair[0].id < pair[1].id, "{pair:?}");
        }
        for suite in all() {
            let made_of = [
                suite.key_exchange(),
                suite.authentication(),
                suite.cipher(),
                suite.mac(),
            ];
            assert!(made_of.iter().all(|word| !word.is_empty()), "{suite:?}");
            assert!(suite.openssl.is_some() || suite.gnutls.is_some(), "{suite:?}");
            assert_eq!(suite.is_null(), suite.bits == 0, "{suite:?}");
        }
    }

    #[test]
    fn what_a_suite_is() {
        let suite = by_id(0xC02F).unwrap();
        assert_eq!(suite.openssl, Some("ECDHE-RSA-AES128-GCM-SHA256"));
        assert_eq!(suite.gnutls, Some("TLS_ECDHE_RSA_AES_128_GCM_SHA256"));
        assert_eq!(
            (
                suite.key_exchange(),
                suite.authentication(),
                suite.cipher(),
                suite.mac()
            ),
            ("ECDHE", "RSA", "AES128GCM", "AEAD")
        );
        assert!(suite.has_forward_secrecy() && suite.is_aead() && !suite.is_cbc());
        assert_eq!(
            (suite.needs(), suite.lowest(), suite.highest()),
            (Some(Key::Rsa), TlsVersion::Tls12, TlsVersion::Tls12)
        );
        let old = by_id(0x000A).unwrap();
        assert!(old.is_cbc() && !old.has_forward_secrecy() && !old.is_in(openssl::Release::V3_0));
        assert!(old.works_with(TlsVersion::Tls10) && !old.works_with(TlsVersion::Tls13));
        assert!(by_id(0x1301).unwrap().works_with(TlsVersion::Tls13));
        assert!(by_id(0x0003).unwrap().is_export() && by_id(0x0018).unwrap().is_anonymous());
        assert!(by_id(0xFFFF).is_none());
    }
}
