//! The known word that a misspelt one was meant for.

/// The candidate that is least far from a word, its case aside; `None` when none is near.
///
/// Far is how many letters must be changed, left out, put in, or exchanged with their neighbour. A third of the word's letters
/// may be wrong, and of a short word one.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_uppercase();
    let letters = letters(&word);
    let mut limit = (word.len() / 3).max(1);
    let mut best = None;
    let mut rows = Rows::default();
    for candidate in candidates {
        // What differs in length alone is already too far, and each step lets one letter come and one go at most.
        let is_far = |limit: usize| {
            candidate.len().abs_diff(word.len()) > limit
                || (letters ^ self::letters(candidate)).count_ones() as usize > 2 * limit
        };
        if is_far(limit) {
            continue;
        }
        let Some(far) = rows.distance(word.as_bytes(), candidate.as_bytes(), limit) else {
            continue;
        };
        if far >= candidate.len() {
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

/// A bit for each letter that a word has; a few signs share one.
fn letters(word: &str) -> u64 {
    word.bytes()
        .fold(0, |letters, byte| letters | 1 << (byte.to_ascii_uppercase() & 63))
}

/// Three rows of the table of steps, kept from one candidate to the next.
#[derive(Default)]
struct Rows {
    before: Vec<usize>,
    last: Vec<usize>,
    this: Vec<usize>,
}

impl Rows {
    /// The number of steps from a word in capitals to another, as long as it is no more than a limit.
    fn distance(&mut self, one: &[u8], other: &[u8], limit: usize) -> Option<usize> {
        let far = limit + 1;
        self.last.clear();
        self.last.extend(0..=other.len());
        let mut least_before = 0;
        for (row, letter) in one.iter().enumerate() {
            self.this.clear();
            self.this.resize(other.len() + 1, far);
            self.this[0] = row + 1;
            let mut least = row + 1;
            // Whoever strays from the diagonal by more letters than the limit is too far.
            for column in row.saturating_sub(limit)..other.len().min(row + limit + 1) {
                let wanted = other[column].to_ascii_uppercase();
                let changed = self.last[column] + usize::from(*letter != wanted);
                let mut best = changed.min(self.last[column + 1] + 1).min(self.this[column] + 1);
                let exchanged =
                    row > 0 && column > 0 && one[row - 1] == wanted && other[column - 1].eq_ignore_ascii_case(letter);
                if exchanged {
                    best = best.min(self.before[column - 1] + 1);
                }
                self.this[column + 1] = best;
                least = least.min(best);
            }
            // What is too far in two rows stays so.
            if least.min(least_before) > limit {
                return None;
            }
            least_before = least;
            std::mem::swap(&mut self.before, &mut self.last);
            std::mem::swap(&mut self.last, &mut self.this);
        }
        self.last.last().copied().filter(|steps| *steps <= limit)
    }
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
    }

    #[test]
    fn steps() {
        let mut rows = Rows::default();
        for (one, other, limit, steps) in [
            ("", "abc", 9, Some(3)),
            ("ABCD", "efgh", 3, None),
            ("ABCD", "abdc", 9, Some(1)),
            ("KITTEN", "sitting", 9, Some(3)),
            ("AB", "kitten", 9, Some(6)),
        ] {
            assert_eq!(rows.distance(one.as_bytes(), other.as_bytes(), limit), steps, "{one}");
        }
    }
}
