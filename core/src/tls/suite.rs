//! Cipher suites: their names, what they are made of, and which library has them.

use std::fmt;

use super::openssl::{self, release::Counted};
use super::traits::{AUTHENTICATION, CIPHER, KEY_EXCHANGE, LOWEST, MAC, STRENGTH};
#[cfg(any(test, not(feature = "embedded")))]
use super::written::Parts;
use crate::certificate::KeyKind;
use crate::facts::{TlsVersion, TlsVersions};

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

/// What the questions ask for.
mod bits {
    use super::{AUTHENTICATION, CIPHER, KEY_EXCHANGE, LOWEST, MAC, STRENGTH};

    pub(super) const TLS_1_0: u64 = LOWEST.of(&["TLSv1"]);
    pub(super) const TLS_1_2: u64 = LOWEST.of(&["TLSv1.2"]);
    pub(super) const TLS_1_3: u64 = LOWEST.of(&["TLSv1.3"]);
    pub(super) const FORWARD_SECRET: u64 = KEY_EXCHANGE.of(&["DHE", "ECDHE", "DHEPSK", "ECDHEPSK", "any"]);
    pub(super) const STATIC_RSA: u64 = KEY_EXCHANGE.of(&["RSA"]);
    pub(super) const DHE: u64 = KEY_EXCHANGE.of(&["DHE"]);
    pub(super) const RSA: u64 = AUTHENTICATION.of(&["RSA"]);
    pub(super) const ECDSA: u64 = AUTHENTICATION.of(&["ECDSA"]);
    pub(super) const DSS: u64 = AUTHENTICATION.of(&["DSS"]);
    pub(super) const PSK: u64 = AUTHENTICATION.of(&["PSK"]);
    pub(super) const SRP: u64 = AUTHENTICATION.of(&["SRP"]);
    pub(super) const GOST: u64 = AUTHENTICATION.of(&["GOST"]);
    pub(super) const ANONYMOUS: u64 = AUTHENTICATION.of(&["none"]);
    pub(super) const NULL: u64 = CIPHER.of(&["NULL"]);
    pub(super) const RC4: u64 = CIPHER.of(&["RC4"]);
    /// Ciphers that work on blocks of 64 bits.
    pub(super) const SHORT_BLOCKS: u64 = CIPHER.of(&["DES", "3DES", "IDEA", "RC2"]);
    /// Ciphers that work on no blocks, or on no chain of them.
    pub(super) const NO_BLOCKS: u64 = CIPHER.of(&["NULL", "RC4", "GOST"]);
    /// Ciphers that TLS 1.2 has no more, RFC 5469.
    pub(super) const GONE_WITH_TLS_1_2: u64 = CIPHER.of(&["DES", "IDEA"]);
    pub(super) const AEAD: u64 = MAC.of(&["AEAD"]);
    pub(super) const EXPORT: u64 = STRENGTH.of(&["EXPORT"]);
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
        match self.traits & LOWEST.mask() {
            bits::TLS_1_0 => TlsVersion::Tls10,
            bits::TLS_1_2 => TlsVersion::Tls12,
            bits::TLS_1_3 => TlsVersion::Tls13,
            _ => TlsVersion::Ssl3,
        }
    }

    /// The newest version of the protocol that can use it.
    #[must_use]
    pub fn highest(&self) -> TlsVersion {
        if self.is_any(bits::TLS_1_3) {
            TlsVersion::Tls13
        } else if self.is_any(bits::GONE_WITH_TLS_1_2 | bits::EXPORT) {
            TlsVersion::Tls11
        } else {
            TlsVersion::Tls12
        }
    }

    /// The versions of the protocol that can use it.
    #[must_use]
    pub fn versions(&self) -> TlsVersions {
        TlsVersions::between(self.lowest(), self.highest())
    }

    /// True when a version of the protocol can use it.
    #[must_use]
    pub fn works_with(&self, version: TlsVersion) -> bool {
        (self.lowest()..=self.highest()).contains(&version)
    }

    /// True when what was recorded stays secret after the server's key has become known.
    #[must_use]
    pub fn has_forward_secrecy(&self) -> bool {
        self.is_any(bits::FORWARD_SECRET)
    }

    /// True when hiding and protecting are one step.
    #[must_use]
    pub fn is_aead(&self) -> bool {
        self.is_any(bits::AEAD)
    }

    /// True when the cipher works in CBC mode.
    #[must_use]
    pub fn is_cbc(&self) -> bool {
        !self.is_aead() && !self.is_any(bits::NO_BLOCKS)
    }

    /// True when nothing is hidden.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.is_any(bits::NULL)
    }

    /// True when the cipher is RC4.
    #[must_use]
    pub fn is_rc4(&self) -> bool {
        self.is_any(bits::RC4)
    }

    /// True when the cipher works on blocks of 64 bits.
    #[must_use]
    pub fn has_short_blocks(&self) -> bool {
        self.is_any(bits::SHORT_BLOCKS)
    }

    /// True when the client's secret is encrypted with the server's RSA key.
    #[must_use]
    pub fn has_static_rsa(&self) -> bool {
        self.is_any(bits::STATIC_RSA)
    }

    /// True when the two sides agree on a key by Diffie-Hellman over finite fields.
    #[must_use]
    pub fn is_finite_field(&self) -> bool {
        self.is_any(bits::DHE)
    }

    /// True when the server proves nothing.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.is_any(bits::ANONYMOUS)
    }

    /// True when it was made weak on purpose, to be exported from the United States.
    #[must_use]
    pub fn is_export(&self) -> bool {
        self.is_any(bits::EXPORT)
    }

    /// What the server must own; `None` when any certificate will do, or none is needed.
    #[must_use]
    pub fn needs(&self) -> Option<Key> {
        match self.traits & AUTHENTICATION.mask() {
            bits::RSA => Some(Key::Rsa),
            bits::ECDSA => Some(Key::Ecdsa),
            bits::DSS => Some(Key::Dsa),
            bits::PSK | bits::SRP => Some(Key::Shared),
            bits::GOST => Some(Key::Gost),
            _ => None,
        }
    }

    /// True when a release of OpenSSL has it, as Debian builds it.
    #[must_use]
    pub fn is_in(&self, release: openssl::Release) -> bool {
        self.releases & release.bit() != 0
    }

    /// Bits of security, as a release of OpenSSL counts them.
    pub(super) fn strength_in(&self, release: openssl::Release) -> u16 {
        let counted = Counted {
            bits: self.bits,
            strength: self.strength,
        };
        release.strength(self.traits, counted)
    }

    fn is_any(&self, traits: u64) -> bool {
        self.traits & traits != 0
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
    // Made when the program is built: see `compile`. The page reads what was made.
    #[cfg(feature = "embedded")]
    static ALL: &[Suite] = &include!(concat!(env!("OUT_DIR"), "/suites.rs"));
    #[cfg(feature = "embedded")]
    return ALL;
    #[cfg(not(feature = "embedded"))]
    static ALL: std::sync::LazyLock<Vec<Suite>> = std::sync::LazyLock::new(|| read_back(crate::texts::text(WRITTEN)));
    #[cfg(not(feature = "embedded"))]
    &ALL
}

/// The name of the suites among the texts that travel beside a program.
pub(super) const WRITTEN: &str = "tls-suites";

/// The suites as they travel beside a program: one a line, its parts with a tab between them.
#[cfg(feature = "embedded")]
pub(super) fn write_down() -> String {
    let line = |suite: &Suite| {
        let Suite {
            id,
            name,
            openssl,
            gnutls,
            bits,
            strength,
            traits,
            releases,
        } = suite;
        let (openssl, gnutls) = (openssl.unwrap_or(""), gnutls.unwrap_or(""));
        format!("{name}\t{openssl}\t{gnutls}\t{id}\t{bits}\t{strength}\t{traits}\t{releases}\n")
    };
    all().iter().map(line).collect()
}

/// Suites that were written down.
#[cfg(any(test, not(feature = "embedded")))]
fn read_back(written: &'static str) -> Vec<Suite> {
    let read = |line: &'static str| {
        let mut parts = Parts::of(line);
        let (name, openssl, gnutls) = (parts.text(), parts.text(), parts.text());
        let known = |name: &'static str| (!name.is_empty()).then_some(name);
        Suite {
            id: parts.number(),
            name,
            openssl: known(openssl),
            gnutls: known(gnutls),
            bits: parts.number(),
            strength: parts.number(),
            traits: parts.number(),
            releases: parts.number(),
        }
    };
    written.lines().map(read).collect()
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
    use crate::tls::rows::rows;

    #[test]
    fn what_was_written_down_comes_back() {
        let whole = |suite: &Suite| {
            let Suite {
                id,
                name,
                openssl,
                gnutls,
                bits,
                strength,
                traits,
                releases,
            } = *suite;
            (id, name, openssl, gnutls, bits, strength, traits, releases)
        };
        let back = read_back(write_down().leak());
        assert!(back.iter().map(whole).eq(all().iter().map(whole)));
    }

    #[test]
    fn every_line_is_there_and_whole() {
        assert_eq!(all().len(), rows(include_str!("suites.tsv")).count());
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
            let lowest = TlsVersion::from_name(LOWEST.word(suite.traits));
            assert_eq!(lowest, Some(suite.lowest()), "{suite:?}");
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
