//! What a cipher string asks for by name, whether or not a release has it.

use super::book::{self, StandsFor};
use crate::tls::suite::{self, Suite};
use crate::tls::traits::{CIPHER, GROUPS, STRENGTH};

/// The words of a string that add suites no release known here has, each with those suites that are not taken away again.
///
/// The words are those of any release, and so are the suites. A word that stands for others as well, such as `ALL`, asks for
/// none of them by name.
#[must_use]
pub fn asked(text: &str) -> Vec<(&str, Vec<&'static Suite>)> {
    let words = || text.split([':', ' ', ';', ',']).filter(|word| !word.is_empty());
    let is_sign = |byte: u8| matches!(byte, b'!' | b'-' | b'+' | b'@');
    let adds = |word: &&str| !word.bytes().next().is_some_and(is_sign);
    // Most strings ask for nothing of the kind.
    if !words().filter(adds).any(|word| is_gone(&meant(word))) {
        return Vec::new();
    }
    let mut asked: Vec<(&str, Vec<&'static Suite>)> = Vec::new();
    let mut forbidden: Vec<&'static Suite> = Vec::new();
    for word in words() {
        if let Some(rest) = word.strip_prefix(['!', '-']) {
            let gone = meant(rest);
            for (_, suites) in &mut asked {
                suites.retain(|suite| !gone.contains(suite));
            }
            if word.starts_with('!') {
                forbidden.extend(gone);
            }
        } else if adds(&word) {
            let mut suites = meant(word);
            if is_gone(&suites) {
                suites.retain(|suite| !forbidden.contains(suite));
                asked.push((word, suites));
            }
        }
    }
    asked.retain(|(_, suites)| !suites.is_empty());
    asked
}

/// True when there are suites, and no release known here has any of them.
fn is_gone(suites: &[&'static Suite]) -> bool {
    !suites.is_empty()
        && !suites
            .iter()
            .any(|suite| super::Release::ALL.into_iter().any(|release| suite.is_in(release)))
}

/// The suites that a word stands for; with a `+` in it, those that all its parts stand for.
fn meant(word: &str) -> Vec<&'static Suite> {
    let mut parts = word.split('+');
    let mut suites: Vec<&'static Suite> = parts.next().map_or_else(Vec::new, one_word);
    for part in parts {
        let others = one_word(part);
        suites.retain(|suite| others.contains(suite));
    }
    suites
}

fn one_word(word: &str) -> Vec<&'static Suite> {
    match book::anywhere(word) {
        // A word of older releases of which it is not known here what it stood for.
        None | Some(StandsFor::Group(0)) => Vec::new(),
        Some(StandsFor::Suite(place)) => suite::all().get(usize::from(*place)).into_iter().collect(),
        Some(StandsFor::Group(traits)) => {
            // A cipher may count for less than when the word was made.
            let strength = if traits & CIPHER.mask() == 0 {
                0
            } else {
                STRENGTH.mask()
            };
            let traits = traits & !strength;
            let groups = GROUPS
                .iter()
                .map(|group| traits & group.mask())
                .filter(|mask| *mask != 0);
            let masks: Vec<u64> = groups.collect();
            suite::all()
                .iter()
                .filter(|suite| masks.iter().all(|mask| suite.traits & mask != 0))
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_asked_for_until_it_is_taken_away() {
        let named = |text| asked(text).into_iter().map(|(word, _)| word).collect::<Vec<_>>();
        for (text, expected) in [
            ("HIGH:RC4-SHA", &["RC4-SHA"][..]),
            ("ALL:3DES:EXP", &["3DES", "EXP"]),
            ("HIGH:kRSA+RC4:LOW", &["kRSA+RC4", "LOW"]),
            ("HIGH:EDH-RSA-DES-CBC3-SHA", &["EDH-RSA-DES-CBC3-SHA"]),
            ("HIGH:MEDIUM:+RC4:@STRENGTH", &[]),
            ("ALL:!aNULL", &[]),
            ("HIGH:RC4:!RC4", &[]),
            ("!MD5:HIGH:RC4-MD5", &[]),
            ("RC4-MD5:!MD5:RC4-SHA", &["RC4-SHA"]),
            ("-3DES:3DES", &["3DES"]),
            ("AES128-SHA:nonsense", &[]),
        ] {
            assert_eq!(named(text), expected, "{text}");
        }
    }
}
