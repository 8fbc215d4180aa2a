//! The known word that a misspelt one was meant for.

/// The candidate that is least far from a word, its case aside; `None` when none is near.
///
/// Far is how many letters must be changed, left out, put in, or exchanged with their neighbour. A third of the word's letters
/// may be wrong, and of a short word one.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = letters(word);
    let mut limit = (word.len() / 3).max(1);
    let mut best = None;
    for candidate in candidates {
        // What differs in length alone is already too far.
        if candidate.len().abs_diff(word.len()) > limit {
            continue;
        }
        let Some(far) = distance(&word, &letters(candidate), limit) else {
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

fn letters(word: &str) -> Vec<u8> {
    word.bytes().map(|byte| byte.to_ascii_uppercase()).collect()
}

/// The number of steps from one word to another, as long as it is no more than a limit.
fn distance(one: &[u8], other: &[u8], limit: usize) -> Option<usize> {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut this = vec![row + 1];
        for (column, wanted) in other.iter().enumerate() {
            let changed = last[column] + usize::from(letter != wanted);
            let mut best = changed.min(last[column + 1] + 1).min(this[column] + 1);
            let exchanged = row > 0 && column > 0 && one[row - 1] == *wanted && other[column - 1] == *letter;
            if exchanged {
                best = best.min(before[column - 1] + 1);
            }
            this.push(best);
        }
        // What is too far in two rows stays so.
        if last.iter().chain(&this).all(|steps| *steps > limit) {
            return None;
        }
        before = std::mem::replace(&mut last, this);
    }
    last.last().copied().filter(|steps| *steps <= limit)
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
        assert_eq!(distance(b"", b"abc", 9), Some(3));
        assert_eq!(distance(b"abcd", b"efgh", 3), None);
        assert_eq!(distance(b"abcd", b"abdc", 9), Some(1));
        assert_eq!(distance(b"kitten", b"sitting", 9), Some(3));
    }
}
