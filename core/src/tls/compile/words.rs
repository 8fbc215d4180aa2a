//! The words of OpenSSL's cipher strings: the table of those that stand for groups of suites, and the names of the suites.

use std::collections::BTreeSet;

use super::columns::{self, Wrong};
use super::suites::Suite;
use crate::tls::openssl::Release;
use crate::tls::traits::{AUTHENTICATION, CIPHER, EXTRA, KEY_EXCHANGE, LOWEST, MAC, STRENGTH};

/// The file, for whoever must mend it.
const FILE: &str = "core/src/tls/openssl/aliases.tsv";

/// A word.
pub(super) struct Word<'a> {
    name: &'a str,
    releases: u8,
    stands_for: StandsFor,
}

/// What it stands for.
enum StandsFor {
    Group(u64),
    Suite(u8),
}

/// Every word, sorted.
pub(super) fn read<'a>(table: &'a str, suites: &[Suite<'a>]) -> Result<Vec<Word<'a>>, Wrong> {
    let mut words = names(suites);
    let mut known: BTreeSet<&str> = words.iter().map(|word| word.name).collect();
    words.extend(columns::read(FILE, table, |row| {
        let name = row.text()?;
        if !known.insert(name) {
            return Err(row.wrong(format!("`{name}` is a word already")));
        }
        let mut traits = 0;
        for group in [&KEY_EXCHANGE, &AUTHENTICATION, &CIPHER, &MAC, &LOWEST] {
            traits |= row.bits(&[group])?;
        }
        traits |= row.bits(&[&STRENGTH, &EXTRA])?;
        Ok(Word {
            name,
            releases: row.releases()?,
            stands_for: StandsFor::Group(traits),
        })
    })?);
    words.sort_unstable_by_key(|word| word.name);
    Ok(words)
}

/// The names of the suites. Those of TLS 1.3 are words of no release, and those of the registry are words since 3.2.
fn names<'a>(suites: &[Suite<'a>]) -> Vec<Word<'a>> {
    let mut words = Vec::new();
    for (place, suite) in (0_u8..=u8::MAX).zip(suites) {
        let releases = if suite.is_newest() { 0 } else { suite.releases };
        let newer = releases & Release::V3_5.bit();
        let registered = (newer != 0).then_some((suite.name, newer));
        let own = suite.openssl.map(|name| (name, releases));
        words.extend(own.into_iter().chain(registered).map(|(name, releases)| Word {
            name,
            releases,
            stands_for: StandsFor::Suite(place),
        }));
    }
    words
}

impl Word<'_> {
    /// The expression that makes the core's `Word` of it.
    pub(super) fn expression(&self) -> String {
        let Word { name, releases, .. } = self;
        let stands_for = match self.stands_for {
            StandsFor::Group(traits) => format!("Group({traits:#x})"),
            StandsFor::Suite(place) => format!("Suite({place})"),
        };
        format!("Word {{ name: {name:?}, releases: {releases}, stands_for: StandsFor::{stands_for} }}")
    }
}
