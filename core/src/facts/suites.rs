//! The cipher suites of a listener.

use std::rc::Rc;

use super::suite_kind::{Asked, Kinds};
use super::{TlsVersion, Value};
use crate::question::QuestionId;
use crate::tls::openssl::{Negotiable, Release};
use crate::tls::{Invalid, Key, Suite, Why};

/// What a listener's cipher lists come to: for each release of the library that may be behind it, and for each kind of key
/// that its certificate may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suites {
    /// The string that the server gives to its library.
    pub string: Rc<str>,
    /// What the library makes of it. Releases that read it alike share one, oldest first; there is one at least.
    pub readings: Rc<Vec<Rc<SuiteReading>>>,
    /// Tells which release it is.
    pub release: QuestionId,
    /// The kinds of keys that the server has, or each set that it may have; there is one at least. An empty one is a server
    /// without a certificate.
    pub keys: Rc<Vec<Vec<Key>>>,
    /// True when the server has a key that is left out here, because it is too short for the library's security level.
    pub has_short_key: bool,
    /// Tells which keys they are.
    pub key: QuestionId,
    /// The versions of the protocol that the listener permits.
    pub permitted: Vec<TlsVersion>,
    /// True when nobody wrote the list or took anything out of it: it is one of the server's own.
    pub is_stock: bool,
    /// Where each setting's part of the string ends.
    pub parts: Rc<Vec<(usize, &'static str)>>,
    /// What was written to ask for suites by a name of their own that no release known here has.
    pub asked: Option<Rc<Asked>>,
}

/// What one release, and those that read alike, make of a listener's lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteReading {
    /// The first of them.
    pub release: Release,
    /// The suites in the server's order, those of TLS 1.3 first, whatever key they need; or why no handshake succeeds.
    pub offered: Result<Vec<Negotiable>, Refusal>,
    /// The library's security level while it is in force.
    pub level: u8,
    /// Words that no release of the library knows.
    pub unknown: Vec<UnknownWord>,
    /// What is weak among what is offered.
    pub(super) kinds: Kinds,
}

/// A word of a cipher list that the library does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    /// As it stands there.
    pub word: String,
    /// The setting that it stands in.
    pub setting: &'static str,
    /// What it was meant for, where that is clear.
    pub meant: Option<&'static str>,
}

impl SuiteReading {
    /// What a release makes of the lists.
    pub(crate) fn new(
        release: Release,
        offered: Result<Vec<Negotiable>, Refusal>,
        level: u8,
        unknown: Vec<UnknownWord>,
    ) -> SuiteReading {
        let kinds = Kinds::of(offered.iter().flatten());
        SuiteReading {
            release,
            offered,
            level,
            unknown,
            kinds,
        }
    }
}

/// Why the lists are refused, and every handshake with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The server itself does not take a word of them.
    Word(String),
    /// The library refuses them.
    Library(Invalid),
    /// There is nothing in them.
    Empty,
}

impl Suites {
    /// Takes the readings of another point along; `question` tells which point it is.
    pub(super) fn join(&mut self, other: &Suites, question: &QuestionId) {
        for reading in other.readings.iter() {
            let is_it = |known: &Rc<SuiteReading>| Rc::ptr_eq(known, reading) || known.offered == reading.offered;
            if !self.readings.iter().any(is_it) {
                Rc::make_mut(&mut self.readings).insert(0, Rc::clone(reading));
                self.release = question.clone();
            }
        }
        for keys in other.keys.iter() {
            if !self.keys.contains(keys) {
                Rc::make_mut(&mut self.keys).push(keys.clone());
                self.key = question.clone();
            }
        }
    }

    /// Whether a suite is offered of which something holds.
    pub fn any(&self, holds: impl Fn(&Negotiable) -> bool) -> Value<bool> {
        self.decide(|reading| {
            let found = Found::of(reading, &holds);
            move |keys| found.is_there(keys)
        })
    }

    /// Whether any suite is offered at all.
    #[must_use]
    pub fn is_there_any(&self) -> Value<bool> {
        self.decide(|reading| move |keys| reading.kinds.is_there_any(keys))
    }

    /// Whether a suite is offered with which a version can be spoken.
    #[must_use]
    pub fn speaks(&self, version: TlsVersion) -> Value<bool> {
        self.decide(|reading| move |keys| reading.kinds.speaks(version, keys))
    }

    /// Whether something holds for every reading with every set of keys; it is `holds` that knows for one of each.
    fn decide<'a, F: Fn(&[Key]) -> bool>(&'a self, holds: impl Fn(&'a SuiteReading) -> F) -> Value<bool> {
        let (mut yes, mut no, mut by_key) = (false, false, false);
        for reading in self.readings.iter() {
            let holds = holds(reading);
            let (mut here, mut not_here) = (false, false);
            for keys in self.keys.iter() {
                *(if holds(keys) { &mut here } else { &mut not_here }) = true;
            }
            by_key |= here && not_here;
            yes |= here;
            no |= not_here;
        }
        match (yes, no) {
            (true, false) => Value::Is(true),
            (false, _) => Value::Is(false),
            (true, true) => Value::Unknown(if by_key { self.key.clone() } else { self.release.clone() }),
        }
    }

    /// The suites of each reading with each set of keys.
    pub fn alternatives(&self) -> impl Iterator<Item = Vec<&'static Suite>> {
        self.readings.iter().flat_map(|reading| {
            self.keys.iter().map(|keys| {
                let usable = reading.offered.iter().flatten().filter(|one| is_usable(one, keys));
                usable.map(|one| one.suite).collect()
            })
        })
    }

    /// Whether a suite is offered of which something holds, whatever versions it is used with.
    pub fn has(&self, holds: impl Fn(&Suite) -> bool) -> Value<bool> {
        self.any(|one| holds(one.suite))
    }

    /// The suites of which something holds, in the order of the newest release; with any of the keys that the server may have.
    pub fn which(&self, holds: impl Fn(&Suite) -> bool) -> Vec<&'static Suite> {
        let mut found: Vec<&'static Suite> = Vec::new();
        for reading in self.readings.iter().rev() {
            let usable = reading
                .offered
                .iter()
                .flatten()
                .filter(|one| self.keys.iter().any(|keys| is_usable(one, keys)));
            for one in usable.filter(|one| holds(one.suite)) {
                if !found.contains(&one.suite) {
                    found.push(one.suite);
                }
            }
        }
        found
    }

    /// Those that every release offers to which the key fits, and whether that is all of them.
    #[must_use]
    pub fn surely(&self) -> (Vec<&'static Suite>, bool) {
        let all = self.which(|_| true);
        let count = all.len();
        let offers = |reading: &SuiteReading, suite: &Suite| {
            let mut offered = reading.offered.iter().flatten();
            offered.any(|one| one.suite == suite)
        };
        let everywhere = |suite: &&'static Suite| self.readings.iter().all(|reading| offers(reading, suite));
        let surely: Vec<_> = all.into_iter().filter(everywhere).collect();
        let is_all = surely.len() == count;
        (surely, is_all)
    }

    /// Why every handshake fails, when it does whatever the release.
    #[must_use]
    pub fn refused(&self) -> Option<&Refusal> {
        let mut refusals = self.readings.iter().map(|reading| reading.offered.as_ref().err());
        let first = refusals.next()??;
        refusals.all(|one| one.is_some()).then_some(first)
    }

    /// Why no handshake comes about although there are versions to speak, in words that follow a colon.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        if self.permitted.iter().all(|version| *version < TlsVersion::Tls10) {
            return None;
        }
        if let Some(refusal) = self.refused() {
            return Some(match refusal {
                Refusal::Empty => "the list of cipher suites is empty".to_owned(),
                Refusal::Word(word) => format!("`{word}` is refused: what is excluded stands without a sign"),
                Refusal::Library(invalid) if invalid.why == Why::NothingLeft => {
                    "the lists leave no cipher suite".to_owned()
                }
                Refusal::Library(invalid) => {
                    let from = self.string.get(invalid.place.start..).unwrap_or_default();
                    let shown: String = from.chars().take(30).collect();
                    let place = if shown.is_empty() {
                        "at its end".to_owned()
                    } else {
                        format!("at `{shown}`")
                    };
                    format!("OpenSSL refuses the list {place}, {}", invalid.why)
                }
            });
        }
        if self.has_short_key && self.is_there_any() == Value::Is(false) {
            let level = self.readings.iter().map(|reading| reading.level).max().unwrap_or(0);
            return Some(format!(
                "the certificate's key is too short for the security level {level} that the lists ask for"
            ));
        }
        let has_key = self.keys.iter().any(|keys| !keys.is_empty());
        (has_key && self.is_there_any() == Value::Is(false))
            .then(|| "the lists leave no cipher suite for this key and these versions".to_owned())
    }

    /// The part of the string that comes from a setting.
    #[must_use]
    pub fn part(&self, setting: &str) -> &str {
        let mut start = 0;
        for (end, name) in self.parts.iter() {
            if *name == setting {
                return self.string.get(start..*end).unwrap_or_default();
            }
            start = *end;
        }
        ""
    }

    /// The setting with the list that the grade names.
    #[must_use]
    pub fn list(&self) -> Option<&'static str> {
        self.parts.first().map(|(_, name)| *name)
    }

    /// True when some releases refuse the lists, or all.
    #[must_use]
    pub fn may_be_refused(&self) -> bool {
        self.readings.iter().any(|reading| reading.offered.is_err())
    }
}

/// Whether there is something among the suites that need no key, and among those for each kind.
#[derive(Default)]
struct Found {
    without: bool,
    with_any: bool,
    rsa: bool,
    ecdsa: bool,
    dsa: bool,
}

impl Found {
    fn of(reading: &SuiteReading, holds: &impl Fn(&Negotiable) -> bool) -> Found {
        let mut found = Found::default();
        for one in reading.offered.iter().flatten() {
            let place = match one.suite.needs() {
                None if one.suite.is_anonymous() => &mut found.without,
                None => &mut found.with_any,
                Some(Key::Rsa) => &mut found.rsa,
                Some(Key::Ecdsa) => &mut found.ecdsa,
                Some(Key::Dsa) => &mut found.dsa,
                Some(Key::Shared | Key::Gost) => continue,
            };
            *place = *place || holds(one);
        }
        found
    }

    fn is_there(&self, keys: &[Key]) -> bool {
        self.without
            || keys.iter().any(|key| match key {
                Key::Rsa => self.rsa || self.with_any,
                Key::Ecdsa => self.ecdsa || self.with_any,
                Key::Dsa => self.dsa,
                Key::Shared | Key::Gost => false,
            })
    }
}

/// True when a server with these keys negotiates it.
fn is_usable(one: &Negotiable, keys: &[Key]) -> bool {
    match one.suite.needs() {
        Some(key) => keys.contains(&key),
        None => one.suite.is_anonymous() || keys.iter().any(|key| matches!(key, Key::Rsa | Key::Ecdsa)),
    }
}
