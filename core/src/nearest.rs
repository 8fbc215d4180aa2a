//! The known word that a misspelt one was meant for.

/// Longer words than this are no slip of anything: the longest known ones have some fifty letters.
const LONGEST: usize = 64;

/// The candidate that is least far from a word, its case aside; `None` when none is near.
///
/// Far is how many letters must be changed, left out, put in, or exchanged with their neighbour. A third of the word's letters
/// may be wrong, and of a short word one.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_within(word, (word.len() / 3).max(1), candidates)
}

/// How many letters a slip of the pen in a name has wrong at most.
pub(crate) fn of_a_slip(name: &str) -> usize {
    if name.len() < 8 { 1 } else { 2 }
}

/// The same with a limit of its own for how far a candidate may be. Of several that are equally far the first is taken.
pub(crate) fn nearest_within<'a>(
    word: &str,
    mut limit: usize,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = Misspelt::new(word)?;
    let mut best = None;
    for candidate in candidates {
        if word.is_farther(candidate, limit) {
            continue;
        }
        let far = word.steps_to(candidate);
        if far > limit || far >= candidate.len() {
            continue;
        }
        best = Some(candidate);
        // From here on only what is nearer counts.
        match far.checked_sub(1) {
            Some(nearer) => limit = nearer,
            None => break,
        }
    }
    best
}

/// A word, laid out so that the steps to another are counted for all its letters at once.
///
/// Source: H. Hyyrö, *A Bit-Vector Algorithm for Computing Levenshtein and Damerau Edit Distances* (2003): each column of the
/// table of steps is two numbers, with a bit for each letter that says whether the step count rises or falls there.
struct Misspelt {
    /// For each sign, where it stands in the word.
    places: [u64; 128],
    length: usize,
    letters: u64,
}

impl Misspelt {
    /// `None` for a word that is too long, or none at all.
    fn new(word: &str) -> Option<Misspelt> {
        if word.is_empty() || word.len() > LONGEST {
            return None;
        }
        let mut places = [0; 128];
        for (at, byte) in word.bytes().enumerate() {
            // Other signs than those of ASCII are in no known word.
            if let Some(of_sign) = places.get_mut(usize::from(byte.to_ascii_uppercase())) {
                *of_sign |= 1 << at;
            }
        }
        Some(Misspelt {
            places,
            length: word.len(),
            letters: letters(word),
        })
    }

    /// True for a candidate that needs no counting to be farther than a limit.
    fn is_farther(&self, candidate: &str, limit: usize) -> bool {
        // What differs in length alone is already too far, and each step lets one letter come and one go at most.
        candidate.len().abs_diff(self.length) > limit
            || (self.letters ^ letters(candidate)).count_ones() as usize > 2 * limit
    }

    /// The number of steps to a candidate.
    fn steps_to(&self, candidate: &str) -> usize {
        let last = 1 << (self.length - 1);
        let (mut rises, mut falls, mut diagonal, mut before) = (u64::MAX, 0, 0, 0);
        let mut steps = self.length;
        for byte in candidate.bytes() {
            let here = self
                .places
                .get(usize::from(byte.to_ascii_uppercase()))
                .copied()
                .unwrap_or(0);
            let exchanged = ((!diagonal & here) << 1) & before;
            diagonal = ((here & rises).wrapping_add(rises) ^ rises) | here | falls | exchanged;
            let mut up = falls | !(diagonal | rises);
            let mut down = diagonal & rises;
            steps += usize::from(up & last != 0);
            steps -= usize::from(down & last != 0);
            up = up << 1 | 1;
            down <<= 1;
            rises = down | !(diagonal | up);
            falls = up & diagonal;
            before = here;
        }
        steps
    }
}

/// A bit for each letter that a word has, its case aside; a few signs share one.
pub(crate) const fn letters(word: &str) -> u64 {
    let (bytes, mut at, mut letters) = (word.as_bytes(), 0, 0);
    while at < bytes.len() {
        letters |= 1 << (bytes[at].to_ascii_uppercase() & 63);
        at += 1;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos() {
        let words = [
            "DES-CBC3-SHA",
            "HIGH",
            "aNULL",
            "eNULL",
            "KRB5-DES",
            "3DES",
            "RC4",
            "ECDHE-RSA-AES128-GCM-SHA256",
        ];
        for (wrong, right) in [
            ("DES-CDC3-SHA", Some("DES-CBC3-SHA")),
            ("HIHG", Some("HIGH")),
            ("anull", Some("aNULL")),
            ("ECDHE-RSA-AES128-GCM-SHA25", Some("ECDHE-RSA-AES128-GCM-SHA256")),
            ("RC", Some("RC4")),
            ("X", None),
            ("nonsense", None),
            ("", None),
        ] {
            assert_eq!(nearest(wrong, words), right, "{wrong}");
        }
        let long = "A".repeat(LONGEST);
        assert_eq!(nearest(&long, [&long[1..]]), Some(&long[1..]));
        assert_eq!(nearest(&format!("{long}A"), [long.as_str()]), None);
    }

    #[test]
    fn steps() {
        for (one, other, steps) in [
            ("abc", "", 3),
            ("ABCD", "efgh", 4),
            ("ABCD", "abdc", 1),
            ("KITTEN", "sitting", 3),
            ("AB", "kitten", 6),
            ("é", "e", 2),
        ] {
            assert_eq!(Misspelt::new(one).unwrap().steps_to(other), steps, "{one}");
        }
    }

    /// Every pair of short words of three letters, against the table written out (optimal string alignment).
    #[test]
    fn steps_are_those_of_the_table() {
        fn table(one: &[u8], other: &[u8]) -> usize {
            let mut steps = vec![vec![0; other.len() + 1]; one.len() + 1];
            for i in 0..=one.len() {
                for j in 0..=other.len() {
                    if i == 0 || j == 0 {
                        steps[i][j] = i + j;
                        continue;
                    }
                    let changed = steps[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
                    let mut best = changed.min(steps[i - 1][j] + 1).min(steps[i][j - 1] + 1);
                    if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                        best = best.min(steps[i - 2][j - 2] + 1);
                    }
                    steps[i][j] = best;
                }
            }
            steps[one.len()][other.len()]
        }
        let mut words = vec![String::new()];
        for length in 0..5 {
            let longer = words
                .iter()
                .filter(|word| word.len() == length)
                .flat_map(|word| ["A", "B", "C"].map(|sign| word.clone() + sign));
            words.extend(longer.collect::<Vec<_>>());
        }
        for one in words.iter().skip(1) {
            let misspelt = Misspelt::new(one).unwrap();
            for other in &words {
                assert_eq!(
                    misspelt.steps_to(other),
                    table(one.as_bytes(), other.as_bytes()),
                    "{one} {other}"
                );
            }
        }
    }
}
