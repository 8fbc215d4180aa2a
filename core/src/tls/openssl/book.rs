//! What a release knows before it reads a string: its suites in the order it prefers by itself, and its words.

use std::sync::OnceLock;

use super::Release;
use super::list::{List, Rule};
use crate::tls::suite::{self, Suite};
use crate::tls::table;
use crate::tls::traits::{AUTHENTICATION, CIPHER, EXTRA, GROUPS, KEY_EXCHANGE, LOWEST, MAC, STRENGTH};

/// A suite as a release counts it.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) suite: &'static Suite,
    pub(super) traits: u64,
    pub(super) strength: u16,
}

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
    pub(super) members: Vec<Member>,
    /// The members in order of preference, by their places.
    pub(super) order: Vec<u8>,
    /// The words, sorted.
    words: Vec<(&'static str, Meaning)>,
}

/// The book of a release.
pub(super) fn book(release: Release) -> &'static Book {
    static BOOKS: [OnceLock<Book>; 3] = [const { OnceLock::new() }; 3];
    BOOKS[release as usize].get_or_init(|| Book::write(release))
}

impl Book {
    /// What a word means.
    pub(super) fn look_up(&self, word: &str) -> Option<Meaning> {
        let at = self.words.binary_search_by(|(known, _)| (*known).cmp(word)).ok()?;
        self.words.get(at).map(|(_, meaning)| *meaning)
    }

    /// All words.
    pub(super) fn words(&self) -> impl Iterator<Item = &'static str> {
        self.words.iter().map(|(word, _)| *word)
    }

    fn write(release: Release) -> Book {
        // OpenSSL keeps its suites by number and reads them from the end.
        let own = suite::all()
            .iter()
            .rev()
            .filter(|suite| suite.is_in(release) && suite.traits & LOWEST.bit("TLSv1.3") == 0);
        let members: Vec<Member> = own.map(|suite| Member::of(suite, release)).collect();
        let aliases = table::rows(table::aliases()).filter_map(|line| alias(line, release));
        let mut words: Vec<_> = aliases.collect();
        for (place, member) in (0_u8..).zip(&members) {
            // The oldest version of a suite that is named is not asked for in others.
            let meaning = Meaning {
                traits: member.traits & !LOWEST.mask(),
                suite: Some(place),
            };
            words.extend(member.suite.openssl.map(|name| (name, meaning)));
            if release >= Release::V3_5 {
                words.push((member.suite.name, meaning));
            }
        }
        words.sort_unstable_by_key(|(word, _)| *word);
        let order = preference(&members);
        Book { members, order, words }
    }
}

impl Member {
    fn of(suite: &'static Suite, release: Release) -> Member {
        let strength = suite.strength_in(release);
        let mut traits = suite.traits;
        if strength != suite.strength_in(Release::V3_5) {
            traits = traits & !STRENGTH.mask() | STRENGTH.bit("HIGH");
        }
        Member {
            suite,
            traits,
            strength,
        }
    }
}

/// One line of the table of words, when the release knows the word.
fn alias(line: &'static str, release: Release) -> Option<(&'static str, Meaning)> {
    let mut columns = line.split('\t');
    let word = columns.next()?;
    let mut traits = 0;
    for group in &GROUPS[..5] {
        traits |= group.bits(columns.next()?);
    }
    let strength = columns.next()?;
    traits |= STRENGTH.bits(strength) | EXTRA.bits(strength);
    let known = Release::bits(columns.next()?) & release.bit() != 0;
    known.then_some((word, Meaning { traits, suite: None }))
}

/// True for a word of any release, older ones included.
pub(super) fn is_word_anywhere(word: &str) -> bool {
    let aliases = table::rows(table::aliases()).filter_map(|line| line.split('\t').next());
    let suites = suite::all().iter().filter_map(|suite| suite.openssl);
    aliases.chain(suites).any(|known| known == word)
}

/// The order in which OpenSSL holds its suites before it reads a string.
fn preference(members: &[Member]) -> Vec<u8> {
    let order = (0_u8..).zip(members).map(|(place, _)| place).collect();
    let mut list = List::new(members, order);
    let ephemeral = KEY_EXCHANGE.bits("DHE,ECDHE");
    let aes = CIPHER.bits("AES128,AES256,AES128CCM,AES256CCM,AES128CCM8,AES256CCM8");
    for (traits, rule) in [
        (KEY_EXCHANGE.bit("ECDHE") | AUTHENTICATION.bit("ECDSA"), Rule::Add),
        (KEY_EXCHANGE.bit("ECDHE"), Rule::Add),
        (KEY_EXCHANGE.bit("ECDHE"), Rule::Remove),
        (CIPHER.bits("AES128GCM,AES256GCM"), Rule::Add),
        (CIPHER.bit("CHACHA20"), Rule::Add),
        (aes, Rule::Add),
        (0, Rule::Add),
        (MAC.bit("MD5"), Rule::ToEnd),
        (AUTHENTICATION.bit("none"), Rule::ToEnd),
        (KEY_EXCHANGE.bit("RSA"), Rule::ToEnd),
        (KEY_EXCHANGE.bit("PSK"), Rule::ToEnd),
        (CIPHER.bit("RC4"), Rule::ToEnd),
    ] {
        list.apply(traits, rule);
    }
    list.sort_by_strength();
    for (traits, rule) in [
        (LOWEST.bit("TLSv1.2"), Rule::ToFront),
        (MAC.bit("AEAD"), Rule::ToFront),
        (ephemeral, Rule::ToFront),
        (ephemeral | MAC.bit("AEAD"), Rule::ToFront),
        (0, Rule::Remove),
    ] {
        list.apply(traits, rule);
    }
    list.into_order()
}
