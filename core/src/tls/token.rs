//! What each word of a string did, and why a library refuses a string.

use std::fmt;
use std::ops::Range;

/// A word of a string, with its sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its bytes in the string.
    pub place: Range<usize>,
    /// What it did.
    pub did: Did,
}

/// What a word did. Of OpenSSL's strings suites are counted, of GnuTLS's the algorithms, versions and groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// It put so many at the end.
    Added(usize),
    /// It took so many away; with OpenSSL's `!` for good.
    Removed(usize),
    /// It keeps so many out from here on, none of which was in.
    Forbade(usize),
    /// It moved so many to the end.
    Moved(usize),
    /// It sorted the list, the strongest first.
    Sorted,
    /// It set the security level.
    Level(u8),
    /// It switched something that is in no list.
    Switched,
    /// Nothing: what it names was in already, or was not, or there is none.
    Nothing,
    /// Nothing, because the release does not know this part of it.
    Unknown(Range<usize>),
}

/// Why a library refuses a string.
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
    /// Behind an `@` of OpenSSL stands neither `STRENGTH` nor `SECLEVEL=` and a number from 0 to 5.
    Command,
    /// A suite of TLS 1.3 that does not exist; OpenSSL 1.1.1 refuses the whole list then.
    Ciphersuite,
    /// A word that GnuTLS does not know.
    Word,
    /// What the words behind GnuTLS's `@` stand for is in a file of the machine: only there it can be known.
    System,
    /// The string names nothing, or leaves nothing that TLS could be spoken with.
    NothingLeft,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Why::NoWord => "a word is missing here",
            Why::Command => "only @STRENGTH and @SECLEVEL=0 to @SECLEVEL=5 exist",
            Why::Ciphersuite => "there is no such cipher suite",
            Why::Word => "there is no such word",
            Why::System => "it stands in a file of GnuTLS's own",
            Why::NothingLeft => "it leaves nothing",
        })
    }
}
