//! Protocol versions of TLS and its forerunners.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A protocol version. Ordered from the oldest to the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum TlsVersion {
    /// SSL 2.0, forbidden by RFC 6176.
    #[serde(rename = "SSLv2")]
    Ssl2,
    /// SSL 3.0, forbidden by RFC 7568.
    #[serde(rename = "SSLv3")]
    Ssl3,
    /// TLS 1.0, forbidden by RFC 8996.
    #[serde(rename = "TLSv1")]
    Tls10,
    /// TLS 1.1, forbidden by RFC 8996.
    #[serde(rename = "TLSv1.1")]
    Tls11,
    /// TLS 1.2, RFC 5246.
    #[serde(rename = "TLSv1.2")]
    Tls12,
    /// TLS 1.3, RFC 8446.
    #[serde(rename = "TLSv1.3")]
    Tls13,
}

impl TlsVersion {
    /// All versions, oldest first.
    pub const ALL: [TlsVersion; 6] = [
        TlsVersion::Ssl2,
        TlsVersion::Ssl3,
        TlsVersion::Tls10,
        TlsVersion::Tls11,
        TlsVersion::Tls12,
        TlsVersion::Tls13,
    ];

    /// The name as OpenSSL and most servers write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            TlsVersion::Ssl2 => "SSLv2",
            TlsVersion::Ssl3 => "SSLv3",
            TlsVersion::Tls10 => "TLSv1",
            TlsVersion::Tls11 => "TLSv1.1",
            TlsVersion::Tls12 => "TLSv1.2",
            TlsVersion::Tls13 => "TLSv1.3",
        }
    }

    /// The version of a name, whatever its case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<TlsVersion> {
        TlsVersion::ALL
            .into_iter()
            .find(|version| version.name().eq_ignore_ascii_case(name))
    }
}

/// A set of versions, small enough to stand beside every suite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TlsVersions(u8);

impl TlsVersions {
    /// All from one version to another, these two included.
    #[must_use]
    pub fn between(first: TlsVersion, last: TlsVersion) -> TlsVersions {
        let up_to = |version: TlsVersion| (2_u8 << version as u8) - 1;
        TlsVersions(up_to(last) & !(up_to(first) >> 1))
    }

    /// The same with a version in it.
    #[must_use]
    pub fn with(self, version: TlsVersion) -> TlsVersions {
        TlsVersions(self.0 | 1 << version as u8)
    }

    /// True when the version is in it.
    #[must_use]
    pub fn contains(self, version: TlsVersion) -> bool {
        self.0 & 1 << version as u8 != 0
    }

    /// True when none is.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its versions, oldest first.
    pub fn iter(self) -> impl Iterator<Item = TlsVersion> {
        TlsVersion::ALL
            .into_iter()
            .filter(move |version| self.contains(*version))
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(self, other: TlsVersions) -> TlsVersions {
        TlsVersions(self.0 & other.0)
    }

    /// A bit for each, the oldest version's the lowest.
    pub(crate) fn bits(self) -> u8 {
        self.0
    }
}

impl FromIterator<TlsVersion> for TlsVersions {
    fn from_iter<I: IntoIterator<Item = TlsVersion>>(versions: I) -> TlsVersions {
        TlsVersions(versions.into_iter().fold(0, |bits, version| bits | 1 << version as u8))
    }
}

impl fmt::Display for TlsVersion {
    /// The name as people write it: `TLS 1.2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TlsVersion::Ssl2 => "SSL 2.0",
            TlsVersion::Ssl3 => "SSL 3.0",
            TlsVersion::Tls10 => "TLS 1.0",
            TlsVersion::Tls11 => "TLS 1.1",
            TlsVersion::Tls12 => "TLS 1.2",
            TlsVersion::Tls13 => "TLS 1.3",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_was_put_in() {
        let all = TlsVersions::between(TlsVersion::Ssl2, TlsVersion::Tls13);
        assert!(all.iter().eq(TlsVersion::ALL));
        let old = TlsVersions::between(TlsVersion::Ssl3, TlsVersion::Tls11);
        assert!(old.iter().eq([TlsVersion::Ssl3, TlsVersion::Tls10, TlsVersion::Tls11]));
        assert_eq!(old, old.iter().collect());
        let new = TlsVersions::between(TlsVersion::Tls11, TlsVersion::Tls13);
        assert!(old.and(new).iter().eq([TlsVersion::Tls11]));
        assert!(TlsVersions::default().is_empty() && !old.contains(TlsVersion::Tls12));
    }
}
