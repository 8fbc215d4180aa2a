//! Reading a priority string, word by word.

use super::suites;
use super::words::{self, Kind, Words};
use super::{Priorities, Release};
use crate::tls::{Did, Invalid, Token, Why};

/// More words than this are not looked at.
const MOST_WORDS: usize = 128;

/// What a release makes of a priority string.
///
/// Source: the GnuTLS manual, "Priority strings", and `gnutls_priority_init` in GnuTLS's `lib/priority.c`.
///
/// # Errors
///
/// [`Invalid`] with the place when the release refuses the string, and [`Why::System`] when it refers to the machine's own file.
pub fn read(text: &str, release: Release) -> Result<Priorities, Invalid> {
    let words = words::words(release);
    let mut state = State {
        words,
        lists: Default::default(),
        options: Vec::new(),
        has_keyword: false,
    };
    let mut tokens = Vec::new();
    let mut at = text.len() - text.trim_start_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']).len();
    if text[at..].starts_with('@') {
        let end = text[at..].find(':').map_or(text.len(), |colon| at + colon);
        return Err(Invalid {
            place: at..end,
            why: Why::System,
        });
    }
    for count in 0..MOST_WORDS {
        let end = text[at..].find(':').map_or(text.len(), |colon| at + colon);
        let word = &text[at..end];
        let did = if count == 0 && word.eq_ignore_ascii_case("NONE") {
            state.has_keyword = true;
            Did::Nothing
        } else {
            if count == 0 {
                state.begin();
            }
            state.word(word).ok_or(Invalid {
                place: at..end,
                why: if word.is_empty() { Why::NoWord } else { Why::Word },
            })?
        };
        tokens.push(Token { place: at..end, did });
        if end == text.len() {
            break;
        }
        let rest = &text[end + 1..];
        at = text.len() - rest.trim_start_matches(' ').len();
    }
    let State { mut lists, options, .. } = state;
    let left = suites::settle(words, &mut lists, options.contains(&"NO_EXTENSIONS"));
    let suites = left.ok_or(Invalid {
        place: 0..text.len(),
        why: Why::NothingLeft,
    })?;
    let [versions, ciphers, macs, key_exchanges, groups, signatures] = lists.0;
    Ok(Priorities {
        release,
        suites,
        versions,
        ciphers,
        macs,
        key_exchanges,
        groups,
        signatures,
        options,
        tokens,
    })
}

/// A list for each kind, the first preferred.
#[derive(Debug, Default)]
pub(super) struct Lists([Vec<&'static str>; 6]);

impl Lists {
    /// The list of a kind.
    pub(super) fn of(&self, kind: Kind) -> &[&'static str] {
        &self.0[kind as usize]
    }

    /// The same, to be changed.
    pub(super) fn of_mut(&mut self, kind: Kind) -> &mut Vec<&'static str> {
        &mut self.0[kind as usize]
    }

    fn add(&mut self, kind: Kind, names: impl IntoIterator<Item = &'static str>) {
        for name in names {
            if !self.of(kind).contains(&name) {
                self.of_mut(kind).push(name);
            }
        }
    }

    fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }
}

struct State {
    words: &'static Words,
    lists: Lists,
    options: Vec<&'static str>,
    /// From the first keyword on others add to it.
    has_keyword: bool,
}

/// What a word without a kind of its own begins with, the list it stands for behind a `+`, and whether a `-` takes that list away
/// or everything of its kind.
const BULK: &[(&str, Kind, &str, Takes)] = &[
    ("VERS-TLS-ALL", Kind::Version, "version-tls", Takes::Those),
    ("VERS-DTLS-ALL", Kind::Version, "version-dtls", Takes::Those),
    ("VERS-ALL", Kind::Version, "version-all", Takes::All),
    ("CURVE-ALL", Kind::Group, "group-normal", Takes::All),
    ("GROUP-ALL", Kind::Group, "group-normal", Takes::All),
    ("GROUP-DH-ALL", Kind::Group, "group-dh", Takes::Those),
    ("GROUP-EC-ALL", Kind::Group, "group-ec", Takes::Those),
    ("GROUP-GOST-ALL", Kind::Group, "group-gost", Takes::Those),
    ("SIGN-ALL", Kind::Signature, "signature-normal", Takes::All),
    ("SIGN-GOST-ALL", Kind::Signature, "signature-gost", Takes::All),
    ("MAC-ALL", Kind::Mac, "mac-normal", Takes::All),
    ("MAC-GOST-ALL", Kind::Mac, "mac-gost", Takes::All),
    ("CIPHER-ALL", Kind::Cipher, "cipher-normal", Takes::All),
    ("CIPHER-GOST-ALL", Kind::Cipher, "cipher-gost", Takes::All),
    ("KX-ALL", Kind::KeyExchange, "kx-secure", Takes::All),
    ("KX-GOST-ALL", Kind::KeyExchange, "kx-gost", Takes::All),
];

/// The words that stand for lists.
pub(super) fn names_of_lists() -> impl Iterator<Item = &'static str> {
    BULK.iter().map(|(name, ..)| *name).chain(["GOST", "NONE"])
}

/// `GOST` is all of these.
const GOST: [(Kind, &str, Takes); 5] = [
    (Kind::Group, "group-gost", Takes::Those),
    (Kind::Signature, "signature-gost", Takes::All),
    (Kind::Mac, "mac-gost", Takes::All),
    (Kind::Cipher, "cipher-gost", Takes::All),
    (Kind::KeyExchange, "kx-gost", Takes::All),
];

/// What a `-` before the name of a list takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Those,
    All,
}

impl State {
    /// What holds before the first word, unless that is `NONE`.
    fn begin(&mut self) {
        for (kind, list) in [
            (Kind::Version, "version-all"),
            (Kind::Signature, "signature-normal"),
            (Kind::Group, "group-normal"),
        ] {
            self.lists.add(kind, self.words.list(list));
        }
    }

    /// Does what a word says; `None` when it is not known.
    fn word(&mut self, word: &str) -> Option<Did> {
        let before = self.lists.len();
        if self.keyword(word, self.has_keyword) {
            // The first takes the place of what held before.
            let before = if self.has_keyword { before } else { 0 };
            self.has_keyword = true;
            return Some(changed(before, self.lists.len()));
        }
        let (sign, name) = word.split_at_checked(1)?;
        match sign {
            "%" => {
                self.options.push(self.words.option(name)?);
                return Some(Did::Switched);
            }
            "+" => {
                if !self.keyword(name, true) {
                    self.algorithm(name, true)?;
                }
            }
            "-" | "!" => self.algorithm(name, false)?,
            _ => return None,
        }
        Some(changed(before, self.lists.len()))
    }

    /// Takes the lists of a keyword; false when it is none.
    fn keyword(&mut self, name: &str, add: bool) -> bool {
        let Some(lists) = self.words.keyword(name) else {
            return false;
        };
        for (kind, list) in lists {
            if !add {
                self.lists.of_mut(kind).clear();
            }
            self.lists.add(kind, self.words.list(list));
        }
        true
    }

    /// Adds or removes what a name stands for.
    fn algorithm(&mut self, name: &str, add: bool) -> Option<()> {
        for kind in [Kind::Mac, Kind::Cipher, Kind::KeyExchange] {
            if let Some(known) = self.words.find(kind, name) {
                self.one(kind, known, add);
                return Some(());
            }
        }
        if self.words.is_gone(name) {
            return Some(());
        }
        if let Some((_, kind, list, takes)) = BULK.iter().find(|(head, ..)| behind(name, head).is_some()) {
            self.many(*kind, list, *takes, add);
        } else if let Some(version) = behind(name, "VERS-") {
            self.one(Kind::Version, self.words.find(Kind::Version, version)?, add);
        } else if let Some(curve) = behind(name, "CURVE-") {
            self.one(Kind::Group, self.words.curve(curve)?, add);
        } else if let Some(group) = behind(name, "GROUP-") {
            self.one(Kind::Group, self.words.find(Kind::Group, group)?, add);
        } else if let Some(signature) = behind(name, "SIGN-") {
            self.one(Kind::Signature, self.words.find(Kind::Signature, signature)?, add);
        } else if let Some(certificate) = behind(name, "CTYPE-") {
            return is_certificate_type(certificate).then_some(());
        } else if behind(name, "GOST").is_some() {
            for (kind, list, takes) in GOST {
                self.many(kind, list, takes, add);
            }
        } else if ["COMP-", "MAC-", "CIPHER-", "KX-"]
            .iter()
            .all(|head| behind(name, head).is_none())
        {
            // Whatever else these four begin is passed over.
            return None;
        }
        Some(())
    }

    fn one(&mut self, kind: Kind, name: &'static str, add: bool) {
        if add {
            self.lists.add(kind, [name]);
        } else {
            self.lists.of_mut(kind).retain(|one| *one != name);
        }
    }

    fn many(&mut self, kind: Kind, list: &str, takes: Takes, add: bool) {
        if add {
            self.lists.add(kind, self.words.list(list));
        } else if takes == Takes::All {
            self.lists.of_mut(kind).clear();
        } else {
            // A forerunner of DTLS 1.0 goes with the others, although it does not come with them.
            let list = if list == "version-dtls" {
                "version-dtls-old"
            } else {
                list
            };
            let names: Vec<_> = self.words.list(list).collect();
            self.lists.of_mut(kind).retain(|one| !names.contains(one));
        }
    }
}

/// What stands behind a beginning, whatever the case of its letters.
fn behind<'a>(word: &'a str, head: &str) -> Option<&'a str> {
    let (own, rest) = word.split_at_checked(head.len())?;
    own.eq_ignore_ascii_case(head).then_some(rest)
}

/// True for what may stand behind `CTYPE-`; no list of ours has it.
fn is_certificate_type(name: &str) -> bool {
    let of_one_side = behind(name, "CLI-").or(behind(name, "SRV-"));
    if of_one_side.is_none() && behind(name, "OPENPGP").is_some() {
        return true;
    }
    let name = of_one_side.unwrap_or(name);
    behind(name, "ALL").is_some()
        || ["X.509", "X509", "RAWPK"]
            .iter()
            .any(|one| name.eq_ignore_ascii_case(one))
}

/// What a word did to the number of names in all lists.
fn changed(before: usize, after: usize) -> Did {
    match after.checked_sub(before) {
        Some(0) => Did::Nothing,
        Some(more) => Did::Added(more),
        None => Did::Removed(before - after),
    }
}
