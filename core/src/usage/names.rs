//! Names, each kept once and known by a number.

use std::hash::{BuildHasherDefault, DefaultHasher};

/// A table by hash whose keys are fixed: it holds the same in every run, and nobody learns in which order.
#[expect(
    clippy::disallowed_types,
    reason = "its keys are fixed, and its order decides nothing"
)]
pub(super) type Table<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// Names with their numbers, which count from 0.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: Table<Box<[u8]>, u32>,
}

impl Names {
    /// The number of a name, and whether it is new; `None` when it is new and `limit` names are there already.
    pub(super) fn number(&mut self, name: &[u8], limit: usize) -> Option<(u32, bool)> {
        if let Some(number) = self.numbers.get(name) {
            return Some((*number, false));
        }
        let count = self.numbers.len();
        let number = u32::try_from(count).ok().filter(|_| count < limit)?;
        self.numbers.insert(name.into(), number);
        Some((number, true))
    }

    /// Gives the number of one name to another.
    pub(super) fn replace(&mut self, old: &[u8], new: &[u8], number: u32) {
        self.numbers.remove(old);
        self.numbers.insert(new.into(), number);
    }

    /// The names in the order of their numbers.
    pub(super) fn by_number(&self) -> Vec<Box<[u8]>> {
        let mut names: Vec<Box<[u8]>> = vec![Box::default(); self.numbers.len()];
        for (name, number) in &self.numbers {
            if let Some(place) = usize::try_from(*number).ok().and_then(|number| names.get_mut(number)) {
                place.clone_from(name);
            }
        }
        names
    }

    /// The names in the order of their numbers, as texts. What is no UTF-8 is shown by the sign for it.
    pub(super) fn into_texts(self) -> Vec<String> {
        let mut texts = vec![String::new(); self.numbers.len()];
        for (name, number) in self.numbers {
            if let Some(place) = usize::try_from(number).ok().and_then(|number| texts.get_mut(number)) {
                *place = text(name.into());
            }
        }
        texts
    }
}

/// Bytes as a text, without a copy where they are one.
pub(super) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_numbers_up_to_the_limit() {
        let mut names = Names::default();
        assert_eq!(names.number(b"a", 2), Some((0, true)));
        assert_eq!(names.number(b"\xff", 2), Some((1, true)));
        assert_eq!(names.number(b"a", 2), Some((0, false)));
        assert_eq!(names.number(b"c", 2), None);
        assert_eq!(names.into_texts(), ["a", "\u{fffd}"]);
    }
}
