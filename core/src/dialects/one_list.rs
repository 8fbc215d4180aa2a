//! Cipher suites of servers that give OpenSSL one list, and leave the rest to the library of the distribution.

use std::rc::Rc;

use crate::facts::{Fact, Members, Refusal, SuiteReading, Suites, TlsVersion, UnknownWord, Value};
use crate::question::QuestionId;
use crate::tls::openssl::{self, Release, Setup};
use crate::tls::{Did, Key};
use crate::version::Target;

/// The security level that distributions set for the library; their lists of suites seldom say another one. Of those in use it
/// leaves the least, so that what is said to be offered is.
pub(super) const LEVEL: u8 = 2;

const KEYS: [Key; 3] = [Key::Rsa, Key::Ecdsa, Key::Dsa];

/// The list, and what else decides about the suites.
pub(super) struct OneList<'a> {
    /// The setting that holds it.
    pub(super) setting: &'static str,
    pub(super) text: &'a str,
    /// The versions that other settings leave.
    pub(super) permitted: &'a [TlsVersion],
    /// False where whoever picks Diffie-Hellman over finite fields fails, for want of a prime.
    pub(super) has_primes: bool,
    /// True where nobody has written it.
    pub(super) is_stock: bool,
    /// Which release of the library there is.
    pub(super) release: QuestionId,
    /// The kinds of key that clients are shown.
    pub(super) keys: Value<Vec<Key>>,
}

impl OneList<'_> {
    /// The suites that it leaves, as each release of the library in question reads it.
    pub(super) fn suites(self, target: &Target) -> Suites {
        let mut readings: Vec<Rc<SuiteReading>> = Vec::new();
        for release in releases(target) {
            let reading = self.reading(release);
            if readings
                .last()
                .is_none_or(|last| last.offered != reading.offered || last.unknown != reading.unknown)
            {
                readings.push(Rc::new(reading));
            }
        }
        let (keys, key) = match self.keys {
            // Nothing waits for the question then.
            Value::Is(keys) => (vec![keys], QuestionId(String::new())),
            Value::Unknown(question) => (vec![vec![Key::Rsa], vec![Key::Ecdsa]], question),
        };
        Suites {
            parts: Rc::new(vec![(self.text.len(), self.setting)]),
            string: self.text.into(),
            readings: Rc::new(readings),
            release: self.release,
            keys: Rc::new(keys),
            has_short_key: false,
            key,
            permitted: self.permitted.to_vec(),
            is_stock: self.is_stock,
            asked: None,
        }
    }

    fn reading(&self, release: Release) -> SuiteReading {
        let list = match openssl::read(self.text, release, LEVEL) {
            Ok(list) => list,
            Err(invalid) => return SuiteReading::new(release, Err(Refusal::Library(invalid)), LEVEL, Vec::new()),
        };
        let ciphersuites = openssl::default_ciphersuites();
        let setup = Setup {
            ciphersuites: &ciphersuites,
            versions: TlsVersion::Ssl3..=TlsVersion::Tls13,
            psk: false,
            srp: false,
        };
        let permitted = self.permitted.iter().copied().collect();
        let mut offered = openssl::negotiable(&list, &setup, &KEYS);
        offered.retain_mut(|one| {
            one.versions = one.versions.and(permitted);
            !one.versions.is_empty() && (self.has_primes || !one.suite.is_finite_field())
        });
        let unknown = list.tokens.iter().filter_map(|token| match &token.did {
            Did::Unknown(part) => {
                let word = self
                    .text
                    .get(part.clone())
                    .filter(|word| !openssl::is_word_anywhere(word))?;
                Some(UnknownWord {
                    word: word.to_owned(),
                    setting: self.setting,
                    meant: openssl::meant(word, release),
                })
            }
            _ => None,
        });
        let unknown = unknown.collect();
        SuiteReading::new(release, Ok(offered), list.level, unknown)
    }
}

/// The releases of the library to ask: the one that is named, or all.
pub(super) fn releases(target: &Target) -> Vec<Release> {
    target
        .openssl
        .and_then(Release::of_all)
        .map_or(Release::ALL.to_vec(), |one| vec![one])
}

/// Which of the versions that are permitted are offered, and which may be, each with its question. A version needs a suite; of
/// SSL 3.0 only the library knows, which `asks` for it by this command.
pub(super) fn offered(
    permitted: &[TlsVersion],
    suites: &Fact<Suites>,
    ask_for_ssl3: impl Fn(&str) -> QuestionId,
) -> (Members<TlsVersion>, Vec<(TlsVersion, QuestionId)>) {
    let (mut offered, mut open) = (
        Members {
            surely: Vec::new(),
            rest: None,
        },
        Vec::new(),
    );
    for &version in permitted {
        let speaks = match &suites.value {
            _ if version == TlsVersion::Ssl3 => Value::Unknown(ask_for_ssl3(
                "Does the OpenSSL of this machine still speak SSL 3.0? Most builds since 2016 do not.",
            )),
            Value::Is(suites) => suites.speaks(version),
            Value::Unknown(question) if version < TlsVersion::Tls12 => Value::Unknown(question.clone()),
            Value::Unknown(_) => Value::Is(true),
        };
        match speaks {
            Value::Is(true) => offered.surely.push(version),
            Value::Is(false) => {}
            Value::Unknown(question) => open.push((version, question)),
        }
    }
    (offered, open)
}
