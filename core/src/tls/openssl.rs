//! Cipher strings of OpenSSL: the language of ciphers(1), as `ssl_create_cipher_list` reads it.
//!
//! A word that OpenSSL does not know is skipped without a word of warning, a string that leaves no suite is an error, and what
//! comes out is in order of preference. Suites of TLS 1.3 stand apart: they are named in a list of their own, and come first.

mod asked;
pub(super) mod book;
mod ciphersuites;
mod level;
pub(super) mod list;
pub(super) mod release;
mod stock;
mod string;

use crate::version::{Version, Versions};

pub use asked::asked;
pub use ciphersuites::{ciphersuites, default_ciphersuites};
pub use level::{Negotiable, Setup, bits_of_level, negotiable, offered};
pub use release::Release;
pub use string::{read, read_known};

use super::{Suite, Token, nearest, suite};

impl Release {
    /// The branch of a release; `None` when nothing is known about it.
    #[must_use]
    pub fn of(version: Version) -> Option<Release> {
        match (version.major, version.minor, version.patch) {
            (1, 1, 1) => Some(Release::V1_1_1),
            (3, 0, _) => Some(Release::V3_0),
            (3, 5, _) => Some(Release::V3_5),
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

/// What a cipher string means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CipherList {
    /// The release that read it.
    pub release: Release,
    /// The suites for TLS 1.2 and older, in order of preference. The security level has taken none away yet.
    pub suites: Vec<&'static Suite>,
    /// The security level that holds after the string.
    pub level: u8,
    /// True when the string demands Suite B, which forbids other signatures and versions before TLS 1.2 as well.
    pub suite_b: bool,
    /// What each word did.
    pub tokens: Vec<Token>,
}

/// True for a word that some release knows or knew, so that it is no typo where another does not know it.
#[must_use]
pub fn is_word_anywhere(word: &str) -> bool {
    word == "DEFAULT" || book::is_word_anywhere(word)
}

/// The word that a misspelt one was meant for: one of the release's own, or else the name of a suite that it does not have.
#[must_use]
pub fn meant(word: &str, release: Release) -> Option<&'static str> {
    if is_word_anywhere(word) {
        return None;
    }
    let others = suite::all().iter().filter_map(|suite| suite.openssl);
    nearest(word, words(release)).or_else(|| nearest(word, others))
}

/// Every word that a release knows in a cipher string.
pub fn words(release: Release) -> impl Iterator<Item = &'static str> {
    let own = ["DEFAULT", "SUITEB128", "SUITEB128ONLY", "SUITEB192"];
    book::book(release).words().chain(own)
}
