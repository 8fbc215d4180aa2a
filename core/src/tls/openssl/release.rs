//! The releases, and what they count differently.

use std::fmt;

use crate::tls::traits::CIPHER;

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

/// What is counted of a suite.
#[derive(Debug, Clone, Copy)]
pub(in crate::tls) struct Counted {
    /// Bits of the cipher's key.
    pub(in crate::tls) bits: u16,
    /// Bits of security, as the security levels of the newest release count them.
    pub(in crate::tls) strength: u16,
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

    /// The bit of a release in a set of them.
    pub(in crate::tls) fn bit(self) -> u8 {
        1 << self as u8
    }

    /// Bits of security of a suite with these traits, as the release counts them: until 3.2 a short tag cost nothing.
    pub(in crate::tls) fn strength(self, traits: u64, counted: Counted) -> u16 {
        const SHORT: u64 = CIPHER.of(&["AES128CCM8", "AES256CCM8"]);
        if self < Release::V3_5 && traits & SHORT != 0 {
            counted.bits
        } else {
            counted.strength
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
