//! Reading a cipher string, word by word.

use std::ops::Range;

use super::book::{self, Book};
use super::list::{Found, List, Member, Rule};
use super::{CipherList, Release, stock};
use crate::tls::traits::{EXTRA, GROUPS, STRENGTH};
use crate::tls::{Did, Invalid, Token, Why};

/// What `DEFAULT` stands for at the beginning of a string.
const DEFAULT: &str = "ALL:!COMPLEMENTOFDEFAULT:!eNULL";

/// Beginnings that put a list of their own in the place of the whole string.
const SUITE_B: [(&str, &str); 4] = [
    ("SUITEB128ONLY", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    ("SUITEB128C2", "ECDHE-ECDSA-AES256-GCM-SHA384"),
    (
        "SUITEB128",
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384",
    ),
    ("SUITEB192", "ECDHE-ECDSA-AES256-GCM-SHA384"),
];

/// What a release makes of a cipher string when `level` is the security level before it.
///
/// Source: ciphers(1), and `ssl_create_cipher_list` in OpenSSL's `ssl/ssl_ciph.c`.
///
/// # Errors
///
/// [`Invalid`] with the place when the release refuses the string.
pub fn read(text: &str, release: Release, level: u8) -> Result<CipherList, Invalid> {
    let mut reader = Reader::new(release, level, None);
    let suite_b = SUITE_B.iter().find(|(word, _)| text.starts_with(word));
    if let Some((_, own)) = suite_b {
        reader.read_inside(own, 0..text.len());
    } else if text.starts_with("DEFAULT") {
        reader.read_inside(DEFAULT, 0.."DEFAULT".len());
        // A colon behind it belongs to it; what else follows is read on.
        let rest = if text.as_bytes().get("DEFAULT".len()) == Some(&b':') {
            "DEFAULT:".len()
        } else {
            "DEFAULT".len()
        };
        reader.read(text, rest);
    } else {
        reader.read(text, 0);
    }
    reader.finish(text, suite_b.is_some())
}

/// The same, with less work for the lists that servers come with; what the words of these did is not told then.
///
/// # Errors
///
/// [`Invalid`] with the place when the release refuses the string.
pub fn read_known(text: &str, release: Release, level: u8) -> Result<CipherList, Invalid> {
    let Some((left, rest)) = stock::known(text, release) else {
        return read(text, release, level);
    };
    let mut reader = Reader::new(release, level, Some(left));
    reader.read(text, rest);
    reader.finish(text, false)
}

/// The members of a release's book that a string leaves.
#[cfg(test)]
pub(super) fn left(text: &str, release: Release) -> Vec<u8> {
    let mut reader = Reader::new(release, 0, None);
    reader.read(text, 0);
    reader.list.places().collect()
}

struct Reader<'a> {
    release: Release,
    book: &'static Book,
    list: List<'a>,
    level: u8,
    tokens: Vec<Token>,
    refused: Option<Invalid>,
}

impl<'a> Reader<'a> {
    /// With nothing in, or with members that are in already.
    fn new(release: Release, level: u8, inside: Option<&[u8]>) -> Reader<'a> {
        let book = book::book(release);
        let list = match inside {
            None => List::new(book.members, book.order.to_vec()),
            Some(places) => List::having(book.members, places),
        };
        Reader {
            release,
            book,
            list,
            level,
            tokens: Vec::new(),
            refused: None,
        }
    }

    fn finish(self, text: &str, suite_b: bool) -> Result<CipherList, Invalid> {
        if let Some(invalid) = self.refused {
            return Err(invalid);
        }
        let suites: Vec<_> = self.list.entries().map(Member::suite).collect();
        if suites.is_empty() {
            return Err(Invalid {
                place: 0..text.len(),
                why: Why::NothingLeft,
            });
        }
        Ok(CipherList {
            release: self.release,
            suites,
            level: self.level,
            suite_b,
            tokens: self.tokens,
        })
    }

    /// Reads what a word at the beginning stands for; all it does is done by that word.
    fn read_inside(&mut self, text: &str, place: Range<usize>) {
        self.read(text, 0);
        let count = self.list.entries().count();
        self.tokens = vec![Token {
            place,
            did: Did::Added(count),
        }];
    }

    /// Reads from a byte on.
    fn read(&mut self, text: &str, start: usize) {
        let mut cursor = Cursor {
            bytes: text.as_bytes(),
            at: start,
            release: self.release,
        };
        while let Some(byte) = cursor.peek() {
            let begin = cursor.at;
            if is_separator(byte) {
                cursor.at += 1;
                continue;
            }
            let sign = matches!(byte, b'-' | b'+' | b'!' | b'@');
            cursor.at += usize::from(sign);
            let did = match byte {
                b'@' => self.command(&mut cursor, begin),
                b'-' => self.words(&mut cursor, Rule::Remove),
                b'+' => self.words(&mut cursor, Rule::ToEnd),
                b'!' => self.words(&mut cursor, Rule::Forbid),
                _ => self.words(&mut cursor, Rule::Add),
            };
            match did {
                Ok(did) => self.tokens.push(Token {
                    place: begin..cursor.at,
                    did,
                }),
                Err(place) => {
                    let long = text[place..].chars().next().map_or(0, char::len_utf8);
                    self.refuse(place..place + long, Why::NoWord);
                    return;
                }
            }
        }
    }

    /// What stands behind an `@`.
    fn command(&mut self, cursor: &mut Cursor<'_>, begin: usize) -> Result<Did, usize> {
        let word = cursor.word().ok_or(cursor.at)?;
        cursor.skip();
        if word == "STRENGTH" {
            self.list.sort_by_strength();
            return Ok(Did::Sorted);
        }
        let level = word.strip_prefix("SECLEVEL=").and_then(|level| match level.as_bytes() {
            [digit @ b'0'..=b'5'] => Some(digit - b'0'),
            _ => None,
        });
        if let Some(level) = level {
            self.level = level;
            return Ok(Did::Level(level));
        }
        self.refuse(begin..cursor.at, Why::Command);
        Ok(Did::Nothing)
    }

    /// Words with a `+` between them: what a suite must all be.
    fn words(&mut self, cursor: &mut Cursor<'_>, rule: Rule) -> Result<Did, usize> {
        let mut traits = 0;
        let mut suite;
        loop {
            let begin = cursor.at;
            let word = cursor.word().ok_or(cursor.at)?;
            let end = cursor.at;
            let more = cursor.peek() == Some(b'+');
            cursor.at += usize::from(more);
            let Some(meaning) = self.book.look_up(word) else {
                cursor.skip();
                return Ok(Did::Unknown(begin..end));
            };
            suite = meaning.suite;
            let Some(both) = intersect(traits, meaning.traits) else {
                cursor.skip();
                return Ok(Did::Nothing);
            };
            traits = both;
            if !more {
                break;
            }
        }
        let found = match suite {
            // Its own traits are among those asked for only when no word before it asks for others.
            Some(suite) if self.has(suite, traits) => self.list.apply_to(suite, rule),
            Some(_) => Found::default(),
            None => self.list.apply(traits, rule),
        };
        Ok(match (rule, found) {
            (Rule::Add, Found { outside: 1.., .. }) => Did::Added(found.outside),
            (Rule::ToEnd | Rule::ToFront, Found { inside: 1.., .. }) => Did::Moved(found.inside),
            (Rule::Remove | Rule::Forbid, Found { inside: 1.., .. }) => Did::Removed(found.inside),
            (Rule::Forbid, Found { outside: 1.., .. }) => Did::Forbade(found.outside),
            _ => Did::Nothing,
        })
    }

    fn has(&self, suite: u8, traits: u64) -> bool {
        let own = self
            .book
            .members
            .get(usize::from(suite))
            .map_or(0, |member| member.traits);
        GROUPS
            .iter()
            .all(|group| traits & group.mask() == 0 || traits & own & group.mask() != 0)
    }

    /// The first refusal is the one that is told.
    fn refuse(&mut self, place: Range<usize>, why: Why) {
        self.refused.get_or_insert(Invalid { place, why });
    }
}

/// What both ask for; `None` when no suite can have it.
fn intersect(traits: u64, more: u64) -> Option<u64> {
    let mut traits = traits;
    for group in &GROUPS {
        let (one, other) = (traits & group.mask(), more & group.mask());
        if one == 0 && other != 0 && group.mask() == STRENGTH.mask() {
            // The first class of strength makes OpenSSL forget that COMPLEMENTOFDEFAULT was asked for.
            traits &= !EXTRA.mask();
        }
        let both = if one == 0 {
            other
        } else if other == 0 {
            one
        } else {
            one & other
        };
        if both == 0 && one | other != 0 {
            return None;
        }
        traits = traits & !group.mask() | both;
    }
    Some(traits)
}

/// A place in the string.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    release: Release,
}

impl<'a> Cursor<'a> {
    /// The next byte; a zero ends the string as the end does.
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied().filter(|byte| *byte != 0)
    }

    /// Takes a word.
    fn word(&mut self) -> Option<&'a str> {
        let begin = self.at;
        while self.peek().is_some_and(|byte| is_letter(byte, self.release)) {
            self.at += 1;
        }
        let word = self.bytes.get(begin..self.at)?;
        std::str::from_utf8(word).ok().filter(|word| !word.is_empty())
    }

    /// Goes to where the next word may begin.
    fn skip(&mut self) {
        while self.peek().is_some_and(|byte| !is_separator(byte)) {
            self.at += 1;
        }
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b':' | b' ' | b';' | b',')
}

fn is_letter(byte: u8, release: Release) -> bool {
    // Since 3.2 the registry's names are words as well.
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'=') || (byte == b'_' && release >= Release::V3_5)
}
