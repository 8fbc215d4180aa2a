//! What is left of a list: security levels, versions of the protocol, and secrets that nobody has.

use std::ops::RangeInclusive;

use super::{CipherList, Release};
use crate::facts::{TlsVersion, TlsVersions};
use crate::tls::suite::{Key, Suite};
use crate::tls::traits::{AUTHENTICATION, KEY_EXCHANGE, MAC};

/// A suite that a server negotiates, and with which versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negotiable {
    /// The suite.
    pub suite: &'static Suite,
    /// The versions; one at least.
    pub versions: TlsVersions,
}

/// What else a program sets beside the string.
#[derive(Debug, Clone)]
pub struct Setup<'a> {
    /// The suites for TLS 1.3.
    pub ciphersuites: &'a [&'static Suite],
    /// The versions that the program allows.
    pub versions: RangeInclusive<TlsVersion>,
    /// True when the program has secrets to share for the PSK suites.
    pub psk: bool,
    /// True when the program has passwords for the SRP suites.
    pub srp: bool,
}

/// The suites that are left, as `openssl ciphers -s` prints them: in order of preference, those of TLS 1.3 first.
///
/// Source: SSL_CTX_set_security_level(3), and `ssl_security_default_callback` in OpenSSL's `ssl/ssl_cert.c`.
#[must_use]
pub fn offered(list: &CipherList, setup: &Setup<'_>) -> Vec<&'static Suite> {
    left(list, setup).map(|one| one.suite).collect()
}

/// The suites that are left, with the versions that are.
fn left<'a>(list: &'a CipherList, setup: &'a Setup<'_>) -> impl Iterator<Item = Negotiable> {
    let versions: TlsVersions = list.versions(setup.versions.clone()).into_iter().collect();
    let all = setup.ciphersuites.iter().chain(&list.suites);
    all.filter_map(move |suite| {
        let versions = suite.versions().and(versions);
        let is_left = !versions.is_empty()
            && list.permits(suite)
            && (setup.psk || !is_psk(suite))
            && (setup.srp || !is_srp(suite));
        is_left.then_some(Negotiable { suite, versions })
    })
}

/// What of it a server with these keys negotiates with a client that takes everything, in order of preference.
///
/// Versions before 1.2 sign with SHA-1. From level 1 on, OpenSSL 3 counts that for too little, and speaks none of them, whatever
/// the suite; 1.1.1 begins at level 2, with the keys that sign with SHA-1 alone. That a key is long enough for the level is not
/// asked here.
#[must_use]
pub fn negotiable(list: &CipherList, setup: &Setup<'_>, keys: &[Key]) -> Vec<Negotiable> {
    let new: TlsVersions = [TlsVersion::Tls12, TlsVersion::Tls13].into_iter().collect();
    let is_owned = |suite: &Suite| match suite.needs() {
        Some(Key::Shared) => true,
        Some(key) => keys.contains(&key),
        // In TLS 1.3 any certificate will do, and one is needed.
        None => suite.is_anonymous() || keys.iter().any(|key| matches!(key, Key::Rsa | Key::Ecdsa)),
    };
    let signs_old = |suite: &Suite| match list.release {
        Release::V1_1_1 => list.level < 2 || !matches!(suite.needs(), Some(Key::Ecdsa | Key::Dsa)),
        Release::V3_0 | Release::V3_5 => list.level == 0,
    };
    let mut negotiable = Vec::with_capacity(setup.ciphersuites.len() + list.suites.len());
    for mut one in left(list, setup).filter(|one| is_owned(one.suite)) {
        if !signs_old(one.suite) {
            one.versions = one.versions.and(new);
        }
        if !one.versions.is_empty() {
            negotiable.push(one);
        }
    }
    negotiable
}

/// Bits of security that a level asks for, of suites and of keys (SSL_CTX_set_security_level(3)).
#[must_use]
pub fn bits_of_level(level: u8) -> u16 {
    match level {
        0 => 0,
        1 => 80,
        2 => 112,
        3 => 128,
        4 => 192,
        _ => 256,
    }
}

impl CipherList {
    /// The versions that its level leaves of those that a program allows, as Debian builds the library: without SSL.
    #[must_use]
    pub fn versions(&self, allowed: RangeInclusive<TlsVersion>) -> Vec<TlsVersion> {
        let floor = match (self.release, self.level) {
            (_, _) if self.suite_b => TlsVersion::Tls12,
            (Release::V3_5, 1..) | (_, 4..) => TlsVersion::Tls12,
            (_, 3) => TlsVersion::Tls11,
            _ => TlsVersion::Tls10,
        };
        TlsVersion::ALL
            .into_iter()
            .filter(|version| *version >= floor && allowed.contains(version))
            .collect()
    }

    /// True when its level, and Suite B where that was asked for, leaves a suite.
    #[must_use]
    pub fn permits(&self, suite: &Suite) -> bool {
        const NOT_SUITE_B: u64 = AUTHENTICATION.of(&["RSA", "DSS"]);
        const MD5: u64 = MAC.of(&["MD5"]);
        const SHA1: u64 = MAC.of(&["SHA1"]);
        if self.suite_b && suite.traits & NOT_SUITE_B != 0 {
            return false;
        }
        if self.level == 0 {
            return true;
        }
        let bits = bits_of_level(self.level);
        let protected = match suite.traits & MAC.mask() {
            MD5 => false,
            // SHA-1 is counted for 160 bits.
            SHA1 => bits <= 160,
            _ => true,
        };
        let secret = self.level < 3 || suite.has_forward_secrecy();
        suite.strength_in(self.release) >= bits && !suite.is_anonymous() && protected && secret
    }
}

fn is_psk(suite: &Suite) -> bool {
    const PSK: u64 = KEY_EXCHANGE.of(&["PSK", "RSAPSK", "DHEPSK", "ECDHEPSK"]) | AUTHENTICATION.of(&["PSK"]);
    suite.traits & PSK != 0
}

fn is_srp(suite: &Suite) -> bool {
    const SRP: u64 = KEY_EXCHANGE.of(&["SRP"]) | AUTHENTICATION.of(&["SRP"]);
    suite.traits & SRP != 0
}
