//! What a release knows: algorithms, and keywords that stand for lists of them.

use std::sync::OnceLock;

use super::Release;
use crate::tls::table;

/// What is put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Version,
    Cipher,
    Mac,
    KeyExchange,
    Group,
    Signature,
}

impl Kind {
    /// All of them.
    pub(super) const ALL: [Kind; 6] = [
        Kind::Version,
        Kind::Cipher,
        Kind::Mac,
        Kind::KeyExchange,
        Kind::Group,
        Kind::Signature,
    ];

    /// As the table calls it.
    fn word(self) -> &'static str {
        match self {
            Kind::Version => "version",
            Kind::Cipher => "cipher",
            Kind::Mac => "mac",
            Kind::KeyExchange => "key-exchange",
            Kind::Group => "group",
            Kind::Signature => "signature",
        }
    }

    /// How the names of its lists begin.
    fn of_list(list: &str) -> Option<Kind> {
        let head = list.split('-').next()?;
        Kind::ALL
            .into_iter()
            .find(|kind| kind.word() == head || (*kind == Kind::KeyExchange && head == "kx"))
    }
}

/// A line of the table.
#[derive(Debug)]
struct Entry {
    kind: &'static str,
    name: &'static str,
    meaning: &'static str,
}

/// What a release knows.
#[derive(Debug)]
pub(super) struct Words(Vec<Entry>);

/// The words of a release.
pub(super) fn words(release: Release) -> &'static Words {
    static WORDS: [OnceLock<Words>; 2] = [const { OnceLock::new() }; 2];
    WORDS[release as usize].get_or_init(|| {
        let entry = |line: &'static str| {
            let mut columns = line.split('\t');
            let entry = Entry {
                kind: columns.next()?,
                name: columns.next()?,
                meaning: columns.next()?,
            };
            columns
                .next()?
                .split(',')
                .any(|known| known == release.name())
                .then_some(entry)
        };
        Words(table::rows(table::gnutls_words()).filter_map(entry).collect())
    })
}

impl Words {
    /// The name of an algorithm, a version or a group, in the table's letters.
    pub(super) fn find(&self, kind: Kind, name: &str) -> Option<&'static str> {
        self.entry(kind.word(), name).map(|entry| entry.name)
    }

    /// What the table says of an algorithm.
    pub(super) fn meaning(&self, kind: Kind, name: &str) -> &'static str {
        self.entry(kind.word(), name).map_or("", |entry| entry.meaning)
    }

    /// The group that a curve's old name stands for, or the one of that name.
    pub(super) fn curve(&self, name: &str) -> Option<&'static str> {
        let old = self.entry("curve", name).map(|entry| entry.meaning);
        // The curves of GOST have their old names alone, and groups of prime numbers are no curves.
        let own = || {
            let entry = self.entry(Kind::Group.word(), name)?;
            (entry.meaning == "ec" && !entry.name.starts_with("GC")).then_some(entry.name)
        };
        old.or_else(own)
    }

    /// True for the word of an algorithm that is gone.
    pub(super) fn is_gone(&self, name: &str) -> bool {
        self.entry("nothing", name).is_some()
    }

    /// An option; its letters are capitals.
    pub(super) fn option(&self, name: &str) -> Option<&'static str> {
        self.entry("option", name)
            .filter(|entry| entry.name == name)
            .map(|entry| entry.name)
    }

    /// A list of the table, in order.
    pub(super) fn list(&self, name: &str) -> impl Iterator<Item = &'static str> {
        self.entry("list", name)
            .into_iter()
            .flat_map(|entry| entry.meaning.split(','))
    }

    /// The lists that a keyword stands for.
    pub(super) fn keyword(&self, name: &str) -> Option<Vec<(Kind, &'static str)>> {
        let lists = self.entry("keyword", name)?.meaning.split(',');
        Some(lists.filter_map(|list| Some((Kind::of_list(list)?, list))).collect())
    }

    /// The words as they are written behind a sign.
    pub(super) fn spoken(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|entry| {
            let head = match entry.kind {
                "list" | "nothing" => return None,
                "version" => "VERS-",
                "group" => "GROUP-",
                "curve" => "CURVE-",
                "signature" => "SIGN-",
                "option" => "%",
                _ => "",
            };
            Some(format!("{head}{}", entry.name))
        })
    }

    fn entry(&self, kind: &str, name: &str) -> Option<&Entry> {
        self.0
            .iter()
            .find(|entry| entry.kind == kind && entry.name.eq_ignore_ascii_case(name))
    }
}
