//! What may be weak about the suites of a listener.

use super::TlsVersion;
use super::suites::{SuiteReading, Suites};
use crate::question::QuestionId;
use crate::tls::openssl::Negotiable;
use crate::tls::{Key, Suite};

/// A weakness of what a listener offers, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SuiteKind {
    /// Suites that hide nothing.
    Null,
    /// Suites made weak on purpose.
    Export,
    /// RC4.
    Rc4,
    /// No suite has forward secrecy.
    NoForwardSecrecy,
    /// Ciphers with blocks of 64 bits or fewer than 128 bits of strength: DES, 3DES, IDEA, RC2.
    ShortBlocks,
    /// No suite hides and protects in one step.
    NoAead,
    /// The client's secret encrypted with the server's RSA key.
    StaticRsa,
    /// Suites with which the server proves nothing.
    Anonymous,
    /// Diffie-Hellman over finite fields, by a server that proves who it is.
    FiniteField,
    /// CBC mode, by a server that proves who it is.
    Cbc,
}

/// How far it is known that something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds<'a> {
    /// Whatever the key and the release.
    Surely,
    /// With some keys, or some releases.
    With {
        /// Which, in words that follow "with".
        what: &'static str,
        /// Tells whether it is so.
        question: &'a QuestionId,
    },
    /// It is asked for by name, and no release known here has it.
    Asked {
        /// The word.
        word: &'a str,
        /// Tells whether the library has it.
        question: &'a QuestionId,
    },
}

/// What a string asks for by a name of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The kinds, each with the word.
    pub words: Vec<(SuiteKind, String)>,
    /// Tells whether the library has any of it.
    pub question: QuestionId,
}

impl SuiteKind {
    /// All, the worst first.
    pub const ALL: [SuiteKind; 10] = [
        SuiteKind::Null,
        SuiteKind::Export,
        SuiteKind::Rc4,
        SuiteKind::NoForwardSecrecy,
        SuiteKind::ShortBlocks,
        SuiteKind::NoAead,
        SuiteKind::StaticRsa,
        SuiteKind::Anonymous,
        SuiteKind::FiniteField,
        SuiteKind::Cbc,
    ];

    /// True for what is weak because no suite has something.
    #[must_use]
    pub fn is_absence(self) -> bool {
        matches!(self, SuiteKind::NoForwardSecrecy | SuiteKind::NoAead)
    }

    /// True when a suite is of the kind; for an absence, when it is what is missed.
    #[must_use]
    pub fn has(self, suite: &Suite) -> bool {
        match self {
            SuiteKind::Null => suite.is_null(),
            SuiteKind::Export => suite.is_export(),
            SuiteKind::Rc4 => suite.is_rc4(),
            SuiteKind::NoForwardSecrecy => suite.has_forward_secrecy(),
            SuiteKind::ShortBlocks => suite.has_short_blocks(),
            SuiteKind::NoAead => suite.is_aead(),
            SuiteKind::StaticRsa => suite.has_static_rsa(),
            SuiteKind::Anonymous => suite.is_anonymous(),
            SuiteKind::FiniteField => suite.is_finite_field() && !suite.is_anonymous(),
            SuiteKind::Cbc => suite.is_cbc() && !suite.is_anonymous(),
        }
    }

    fn bit(self) -> u32 {
        1 << self as u16
    }
}

/// The kinds among suites and the versions spoken with them, by the key they need, so that nobody has to look through the
/// suites again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    without: u32,
    with_any: u32,
    rsa: u32,
    ecdsa: u32,
    dsa: u32,
}

/// Set when there is a suite at all.
const SOMETHING: u32 = 1 << 15;
/// Where the bits of the versions begin.
const VERSIONS: u32 = 16;

impl Kinds {
    pub(super) fn of<'a>(offered: impl Iterator<Item = &'a Negotiable>) -> Kinds {
        let mut kinds = Kinds::default();
        for one in offered {
            let suite = one.suite;
            let place = match suite.needs() {
                None if suite.is_anonymous() => &mut kinds.without,
                None => &mut kinds.with_any,
                Some(Key::Rsa) => &mut kinds.rsa,
                Some(Key::Ecdsa) => &mut kinds.ecdsa,
                Some(Key::Dsa) => &mut kinds.dsa,
                Some(Key::Shared | Key::Gost) => continue,
            };
            let bits = SuiteKind::ALL
                .into_iter()
                .filter(|kind| kind.has(suite))
                .fold(SOMETHING, |bits, kind| bits | kind.bit());
            *place |= bits | u32::from(one.versions.bits()) << VERSIONS;
        }
        kinds
    }

    /// True when a version can be spoken with one of the suites.
    pub(super) fn speaks(self, version: TlsVersion, keys: &[Key]) -> bool {
        self.found(keys) >> VERSIONS & 1 << version as u32 != 0
    }

    /// True when there is a suite at all.
    pub(super) fn is_there_any(self, keys: &[Key]) -> bool {
        self.found(keys) & SOMETHING != 0
    }

    fn found(self, keys: &[Key]) -> u32 {
        keys.iter().fold(self.without, |found, key| match key {
            Key::Rsa => found | self.rsa | self.with_any,
            Key::Ecdsa => found | self.ecdsa | self.with_any,
            Key::Dsa => found | self.dsa,
            Key::Shared | Key::Gost => found,
        })
    }

    /// What holds for a server with these keys; nothing when it offers nothing.
    fn with(self, keys: &[Key]) -> u32 {
        let found = self.found(keys);
        if found & SOMETHING == 0 {
            return 0;
        }
        found ^ (SuiteKind::NoForwardSecrecy.bit() | SuiteKind::NoAead.bit())
    }
}

impl Suites {
    /// False where nothing can be of this kind, whatever the key and the release.
    #[must_use]
    pub fn may_be(&self, kind: SuiteKind) -> bool {
        let is_of_kind =
            |reading: &SuiteReading| self.keys.iter().any(|keys| reading.kinds.with(keys) & kind.bit() != 0);
        let asks_for = |asked: &Asked| asked.words.iter().any(|(one, _)| *one == kind);
        self.asked.as_deref().is_some_and(asks_for) || self.readings.iter().any(|reading| is_of_kind(reading))
    }

    /// What is weak about the suites, the worst first.
    #[must_use]
    pub fn kinds(&self) -> Vec<(SuiteKind, Holds<'_>)> {
        let (mut all, mut any, mut by_key, mut rsa, mut other) = (u32::MAX, 0, 0, 0, 0);
        for reading in self.readings.iter() {
            let (mut every, mut some) = (u32::MAX, 0);
            for keys in self.keys.iter() {
                let found = reading.kinds.with(keys);
                every &= found;
                some |= found;
                *(if keys.contains(&Key::Rsa) { &mut rsa } else { &mut other }) |= found;
            }
            by_key |= some & !every;
            all &= every;
            any |= some;
        }
        // Before TLS 1.2 there is no AEAD, whatever the lists say.
        if self.permitted.iter().all(|version| *version < TlsVersion::Tls12) {
            any &= !SuiteKind::NoAead.bit();
            all &= any;
        }
        let holds = |kind: SuiteKind| {
            let bit = kind.bit();
            if all & bit != 0 {
                return Some(Holds::Surely);
            }
            if any & bit == 0 {
                let asked = self.asked.as_ref()?;
                let (_, word) = asked.words.iter().find(|(one, _)| *one == kind)?;
                return Some(Holds::Asked {
                    word,
                    question: &asked.question,
                });
            }
            let (what, question) = match (by_key & bit != 0, other & bit != 0, rsa & bit != 0) {
                (true, false, _) => ("an RSA key", &self.key),
                (true, true, false) => ("a key that is not RSA", &self.key),
                (true, true, true) => ("some keys", &self.key),
                (false, _, _) => ("some releases of OpenSSL", &self.release),
            };
            Some(Holds::With { what, question })
        };
        SuiteKind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, holds(kind)?)))
            .collect()
    }
}
