//! What a release knows before it reads a string: its suites in the order it prefers by itself, and its words.
//!
//! The constants are made when the program is built: see `compile`.

#[cfg(not(feature = "embedded"))]
use std::sync::LazyLock;

use super::Release;
use super::list::Member;
use crate::tls::suite::{self, Suite};
use crate::tls::traits::LOWEST;
#[cfg(any(test, not(feature = "embedded")))]
use crate::tls::written::Parts;

/// What a word stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meaning {
    /// What a suite must have, in each group of which there is a bit.
    pub(super) traits: u64,
    /// The one suite of this name, by its place in the book.
    pub(super) suite: Option<u8>,
}

/// What a release knows.
#[derive(Debug)]
pub(super) struct Book {
    release: Release,
    /// Its suites, by number.
    pub(super) members: &'static [Member],
    /// The members in order of preference, by their places.
    pub(super) order: &'static [u8],
}

/// A word of some release, or of an older one.
#[cfg_attr(test, derive(Debug, PartialEq))]
struct Word {
    name: &'static str,
    /// The releases that know it, a bit for each.
    releases: u8,
    stands_for: StandsFor,
}

/// What a word stands for, whatever the release.
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(super) enum StandsFor {
    /// All suites with these traits.
    Group(u64),
    /// One suite, by its place among all.
    Suite(u8),
}

/// The books, in the order of the releases.
#[cfg(feature = "embedded")]
static BOOKS: [Book; Release::ALL.len()] = include!(concat!(env!("OUT_DIR"), "/books.rs"));
#[cfg(not(feature = "embedded"))]
static BOOKS: LazyLock<[Book; Release::ALL.len()]> = LazyLock::new(|| {
    Release::ALL.map(|release| {
        let (members, order) = read_back(crate::texts::text(BOOKS_WRITTEN), release);
        // For as long as the program runs, as the constants are.
        Book {
            release,
            members: members.leak(),
            order: order.leak(),
        }
    })
});

/// The words, sorted.
#[cfg(feature = "embedded")]
static WORDS: &[Word] = &include!(concat!(env!("OUT_DIR"), "/words.rs"));
#[cfg(not(feature = "embedded"))]
static WORDS: LazyLock<Vec<Word>> = LazyLock::new(|| read_words_back(crate::texts::text(WORDS_WRITTEN)));

/// The names of both among the texts that travel beside a program.
pub(in crate::tls) const BOOKS_WRITTEN: &str = "tls-openssl-books";
pub(in crate::tls) const WORDS_WRITTEN: &str = "tls-openssl-words";

/// The books as they travel beside a program: a line for each member, with the place of a member in the order of preference.
#[cfg(feature = "embedded")]
pub(in crate::tls) fn write_down() -> String {
    let mut written = String::new();
    for book in &BOOKS {
        let release = book.release.bit();
        for (member, place) in book.members.iter().zip(book.order) {
            let Member {
                suite,
                traits,
                strength,
            } = member;
            written.push_str(&format!("{release}\t{suite}\t{traits}\t{strength}\t{place}\n"));
        }
    }
    written
}

/// The book of a release that was written down.
#[cfg(any(test, not(feature = "embedded")))]
fn read_back(written: &'static str, release: Release) -> (Vec<Member>, Vec<u8>) {
    let (mut members, mut order) = (Vec::new(), Vec::new());
    for line in written.lines() {
        let mut parts = Parts::of(line);
        if parts.number::<u8>() == release.bit() {
            members.push(Member {
                suite: parts.number(),
                traits: parts.number(),
                strength: parts.number(),
            });
            order.push(parts.number());
        }
    }
    (members, order)
}

/// The words as they travel beside a program.
#[cfg(feature = "embedded")]
pub(in crate::tls) fn write_words_down() -> String {
    let line = |word: &Word| {
        let (kind, number) = match word.stands_for {
            StandsFor::Group(traits) => (0, traits),
            StandsFor::Suite(place) => (1, u64::from(place)),
        };
        format!("{}\t{}\t{kind}\t{number}\n", word.name, word.releases)
    };
    WORDS.iter().map(line).collect()
}

/// Words that were written down.
#[cfg(any(test, not(feature = "embedded")))]
fn read_words_back(written: &'static str) -> Vec<Word> {
    let read = |line: &'static str| {
        let mut parts = Parts::of(line);
        Word {
            name: parts.text(),
            releases: parts.number(),
            stands_for: match parts.number() {
                0_u8 => StandsFor::Group(parts.number()),
                _ => StandsFor::Suite(parts.number()),
            },
        }
    };
    written.lines().map(read).collect()
}

/// The book of a release.
pub(super) fn book(release: Release) -> &'static Book {
    &BOOKS[release as usize]
}

/// True for a word of any release, older ones included.
pub(super) fn is_word_anywhere(word: &str) -> bool {
    find(word).is_some()
}

/// What a word of any release stands for, older ones included.
pub(super) fn anywhere(word: &str) -> Option<&'static StandsFor> {
    find(word).map(|word| &word.stands_for)
}

fn find(word: &str) -> Option<&'static Word> {
    let at = WORDS.binary_search_by(|known| known.name.cmp(word)).ok()?;
    WORDS.get(at)
}

impl Book {
    /// What a word means.
    pub(super) fn look_up(&self, word: &str) -> Option<Meaning> {
        let word = find(word).filter(|word| word.is_of(self.release))?;
        Some(match word.stands_for {
            StandsFor::Group(traits) => Meaning { traits, suite: None },
            StandsFor::Suite(suite) => {
                let place = self.members.binary_search_by_key(&suite, |member| member.suite).ok()?;
                Meaning {
                    // The oldest version of a suite that is named is not asked for in others.
                    traits: self.members[place].traits & !LOWEST.mask(),
                    suite: Some(u8::try_from(place).ok()?),
                }
            }
        })
    }

    /// All words, sorted.
    pub(super) fn words(&self) -> impl Iterator<Item = &'static str> {
        let own = WORDS.iter().filter(|word| word.is_of(self.release));
        own.map(|word| word.name)
    }
}

impl Word {
    fn is_of(&self, release: Release) -> bool {
        self.releases & release.bit() != 0
    }
}

impl Member {
    /// The suite.
    pub(super) fn suite(&self) -> &'static Suite {
        &suite::all()[usize::from(self.suite)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_release_has_its_own_book() {
        for release in Release::ALL {
            let book = book(release);
            assert_eq!(book.release, release);
            let mut order = book.order.to_vec();
            order.sort_unstable();
            assert!(order.iter().map(|place| usize::from(*place)).eq(0..book.members.len()));
            assert!(book.members.iter().all(|member| member.suite().is_in(release)));
        }
    }

    #[test]
    fn what_was_written_down_comes_back() {
        let written: &'static str = write_down().leak();
        for release in Release::ALL {
            let (members, order) = read_back(written, release);
            assert_eq!(
                (members.as_slice(), order.as_slice()),
                (book(release).members, book(release).order)
            );
        }
        assert_eq!(read_words_back(write_words_down().leak()), WORDS);
    }

    #[test]
    fn every_word_is_found_and_every_suite_by_its_names() {
        for pair in WORDS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} and {}", pair[0].name, pair[1].name);
        }
        for release in Release::ALL {
            let book = book(release);
            for word in book.words() {
                assert!(is_word_anywhere(word) && book.look_up(word).is_some(), "{word}");
            }
            for (place, member) in book.members.iter().enumerate() {
                let registered = book.look_up(member.suite().name);
                let own = member.suite().openssl.and_then(|name| book.look_up(name)).unwrap();
                assert_eq!(own.suite.map(usize::from), Some(place));
                assert_eq!(own.traits | LOWEST.mask(), member.traits | LOWEST.mask());
                assert_eq!(
                    registered.map(|meaning| (meaning.suite, meaning.traits)),
                    (release == Release::V3_5).then_some((own.suite, own.traits))
                );
            }
        }
    }

    #[test]
    fn words_of_one_release_are_words_still() {
        let known = |word, release| book(release).look_up(word).is_some();
        assert!(known("RC4", Release::V1_1_1) && !known("RC4", Release::V3_0) && is_word_anywhere("RC4"));
        // Of a suite that no release has, of TLS 1.3, of older releases; and what never was a word.
        for word in ["EXP-RC4-MD5", "TLS_AES_128_GCM_SHA256", "KRB5"] {
            assert!(is_word_anywhere(word), "{word}");
            assert!(Release::ALL.into_iter().all(|release| !known(word, release)), "{word}");
        }
        assert!(!is_word_anywhere("RC") && !is_word_anywhere("RC40") && !is_word_anywhere(""));
    }
}
