//! Priority strings of GnuTLS, as `gnutls_priority_init` reads them.
//!
//! They name algorithms, versions, groups and signatures; the suites are what these leave. A word that GnuTLS does not know
//! makes it refuse the string, and an `@` refers to a file of the machine, which is not known here.

mod string;
mod suites;
mod words;

use std::fmt;

use super::{Suite, Token};
use crate::facts::TlsVersion;
use crate::version::{Version, Versions};

pub use string::read;

/// A release of GnuTLS whose priority strings are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    /// 3.7, every release of the branch.
    V3_7,
    /// 3.8, as Debian 13 has it.
    V3_8,
}

impl Release {
    /// All of them, oldest first.
    pub const ALL: [Release; 2] = [Release::V3_7, Release::V3_8];

    /// The branch as people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Release::V3_7 => "3.7",
            Release::V3_8 => "3.8",
        }
    }

    /// The branch of a release; `None` when nothing is known about it.
    #[must_use]
    pub fn of(version: Version) -> Option<Release> {
        match (version.major, version.minor) {
            (3, 7) => Some(Release::V3_7),
            (3, 8) => Some(Release::V3_8),
            _ => None,
        }
    }

    /// The one branch that all releases of a set are of.
    #[must_use]
    pub fn of_all(versions: Versions) -> Option<Release> {
        let first = Release::of(versions.first)?;
        (Release::of(versions.last) == Some(first)).then_some(first)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a priority string means: everything in order of preference, by the names that `gnutls-cli --list` prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priorities {
    /// The release that read it.
    pub release: Release,
    /// The suites that some version can use.
    pub suites: Vec<&'static Suite>,
    /// Versions, such as `TLS1.2`; those of DTLS are among them.
    pub versions: Vec<&'static str>,
    /// Ciphers.
    pub ciphers: Vec<&'static str>,
    /// What protects the data from being changed.
    pub macs: Vec<&'static str>,
    /// How a key is agreed on, with the authentication. Empty when TLS 1.3 stands alone.
    pub key_exchanges: Vec<&'static str>,
    /// Groups.
    pub groups: Vec<&'static str>,
    /// Signatures.
    pub signatures: Vec<&'static str>,
    /// Switches behind a `%`.
    pub options: Vec<&'static str>,
    /// What each word did.
    pub tokens: Vec<Token>,
}

impl Priorities {
    /// The versions of TLS, oldest first, as Debian builds the library: without SSL.
    #[must_use]
    pub fn tls_versions(&self) -> Vec<TlsVersion> {
        let named = |version: &TlsVersion| {
            let name = version.to_string().replace(' ', "");
            self.versions.contains(&name.as_str())
        };
        TlsVersion::ALL.into_iter().filter(named).collect()
    }

    /// Those of them for which a suite is left: a server with this string speaks no others.
    #[must_use]
    pub fn spoken_versions(&self) -> Vec<TlsVersion> {
        let has_suite = |version: &TlsVersion| self.suites.iter().any(|suite| suite.versions().contains(*version));
        self.tls_versions().into_iter().filter(has_suite).collect()
    }
}

/// Every word that a release knows in a priority string: `%` and its option, or what stands behind a `+`, `-` or `!`.
#[must_use]
pub fn words(release: Release) -> Vec<String> {
    let lists = string::names_of_lists().map(str::to_owned);
    words::words(release).spoken().chain(lists).collect()
}
