//! Cipher strings of OpenSSL: the language of ciphers(1), as `ssl_create_cipher_list` reads it.
//!
//! A word that OpenSSL does not know is skipped without a word of warning, a string that leaves no suite is an error, and what
//! comes out is in order of preference. Suites of TLS 1.3 stand apart: they are named in a list of their own, and come first.

mod book;
mod ciphersuites;
mod level;
mod list;
mod string;

use std::fmt;
use std::ops::Range;

use crate::version::{Version, Versions};

pub use ciphersuites::{ciphersuites, default_ciphersuites};
pub use level::{Setup, offered};
pub use string::read;

use super::Suite;

/// A release of OpenSSL whose cipher strings are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    /// 1.1.1 with its letters.
    V1_1_1,
    /// 3.0, every release of the branch.
    V3_0,
    /// 3.5, every release of the branch.
    V3_5,
}

impl Release {
    /// All of them, oldest first.
    pub const ALL: [Release; 3] = [Release::V1_1_1, Release::V3_0, Release::V3_5];

    /// The branch as people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Release::V1_1_1 => "1.1.1",
            Release::V3_0 => "3.0",
            Release::V3_5 => "3.5",
        }
    }

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

    /// The bit of a release in a set of them.
    pub(super) fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The set of the releases that a table names, commas between.
    pub(super) fn bits(names: &str) -> u8 {
        let named = |release: &Release| names.split(',').any(|name| name == release.name());
        Release::ALL
            .into_iter()
            .filter(named)
            .fold(0, |bits, release| bits | release.bit())
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
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

/// A word of a cipher string, with its sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its bytes in the string.
    pub place: Range<usize>,
    /// What it did.
    pub did: Did,
}

/// What a word did to the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// It put so many suites at the end.
    Added(usize),
    /// It took so many suites away; with a `!` for good.
    Removed(usize),
    /// It keeps so many suites out from here on, none of which was in.
    Forbade(usize),
    /// It moved so many suites to the end.
    Moved(usize),
    /// It sorted the list, the strongest first.
    Sorted,
    /// It set the security level.
    Level(u8),
    /// Nothing: its suites were in already, or were not, or there are none.
    Nothing,
    /// Nothing, because the release does not know this part of it.
    Unknown(Range<usize>),
}

/// Why OpenSSL refuses a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The bytes where it stopped; empty at the end of the string.
    pub place: Range<usize>,
    /// What it found there.
    pub why: Why,
}

/// What is wrong with a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A word should begin here, and this cannot begin one.
    NoWord,
    /// Behind an `@` stands neither `STRENGTH` nor `SECLEVEL=` and a number from 0 to 5.
    Command,
    /// A suite of TLS 1.3 that does not exist; OpenSSL 1.1.1 refuses the whole list then.
    Ciphersuite,
    /// The string names no suite, or leaves none.
    NoSuite,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Why::NoWord => "a word is missing here, and OpenSSL refuses the whole string",
            Why::Command => "only @STRENGTH and @SECLEVEL=0 to @SECLEVEL=5 exist, and OpenSSL refuses the whole string",
            Why::Ciphersuite => "this is no cipher suite, and OpenSSL 1.1.1 refuses the whole list",
            Why::NoSuite => "no cipher suite is left, and OpenSSL refuses the string",
        })
    }
}

/// Every word that a release knows in a cipher string.
pub fn words(release: Release) -> impl Iterator<Item = &'static str> {
    let own = ["DEFAULT", "SUITEB128", "SUITEB128ONLY", "SUITEB192"];
    book::book(release).words().chain(own)
}
