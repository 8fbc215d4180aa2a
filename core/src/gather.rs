//! Sets, maps and orders, small in the page.
//!
//! The standard library sorts whatever is collected into a set or map, and compiles a sorting routine for every type of
//! member: some eight kilobytes of WebAssembly each. Filled one by one, and sorted by numbers alone, they cost a tenth.

use std::collections::BinaryHeap;
use std::rc::Rc;

/// Names, each once, and a number for each, such as where something of that name stands in a list.
///
/// They are in the order in which they came. One type for all sets and maps, because each type costs the page another tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    /// Where each name stands in the list, one behind its place: at its hash, or at the first free slot behind it. There are
    /// at least twice as many slots as names, and as many as a power of two.
    slots: Vec<usize>,
    names: Vec<(Rc<str>, usize)>,
}

/// So many slots at least, once there is a name.
const SLOTS: usize = 16;

impl Index {
    /// A set of names; the number of each is its place.
    pub(crate) fn of<'a>(names: impl IntoIterator<Item = &'a String>) -> Index {
        let mut index = Index::default();
        for name in names {
            index.add(name);
        }
        index
    }

    /// Without names, and with room for nearly all that a configuration has.
    pub(crate) fn with_room() -> Index {
        Index {
            slots: vec![0; 512],
            names: Vec::with_capacity(128),
        }
    }

    /// How many names there are.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// The names, as they came.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, _)| name.as_ref())
    }

    /// The name at a place; empty where there is none.
    pub(crate) fn name(&self, place: usize) -> Rc<str> {
        self.names
            .get(place)
            .map_or_else(Rc::default, |(name, _)| Rc::clone(name))
    }

    /// The number of a name.
    pub(crate) fn get(&self, name: &str) -> Option<usize> {
        if self.names.is_empty() {
            return None;
        }
        let place = self.slots[self.slot(name)].checked_sub(1)?;
        Some(self.names[place].1)
    }

    /// True when the name is there.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The number of a name, which is the one given when the name is new.
    pub(crate) fn get_or_put(&mut self, name: &str, number: usize) -> &mut usize {
        if self.slots.len() < 2 * (self.names.len() + 1) {
            self.grow();
        }
        let slot = self.slot(name);
        let place = match self.slots[slot] {
            0 => {
                self.names.push((name.into(), number));
                self.slots[slot] = self.names.len();
                self.names.len() - 1
            }
            known => known - 1,
        };
        &mut self.names[place].1
    }

    /// Gives a name a number; the one that it had before.
    pub(crate) fn put(&mut self, name: &str, number: usize) -> Option<usize> {
        let count = self.names.len();
        let before = std::mem::replace(self.get_or_put(name, number), number);
        (self.names.len() == count).then_some(before)
    }

    /// Takes a name into a set; true when it is new.
    pub(crate) fn add(&mut self, name: &str) -> bool {
        let next = self.names.len();
        self.get_or_put(name, next);
        self.names.len() > next
    }

    /// Forgets all names.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.names.clear();
    }

    /// The slot of a name, or the one where it belongs.
    fn slot(&self, name: &str) -> usize {
        let mut slot = hash(name) as usize & (self.slots.len() - 1);
        while self.slots[slot] != 0 && !is_same(&self.names[self.slots[slot] - 1].0, name) {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        slot
    }

    fn grow(&mut self) {
        self.slots = vec![0; SLOTS.max(2 * self.slots.len())];
        for place in 0..self.names.len() {
            let slot = self.slot(&self.names[place].0);
            self.slots[slot] = place + 1;
        }
    }
}

impl PartialEq for Index {
    fn eq(&self, other: &Index) -> bool {
        self.names == other.names
    }
}

impl Eq for Index {}

/// A number for a name, made of eight bytes at a time. Two names may share one. The compiler makes tables with it.
pub(crate) const fn hash(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let number = match bytes.last_chunk::<8>() {
        None => {
            let (mut word, mut at) = (1, 0);
            while at < bytes.len() {
                word = word << 8 | bytes[at] as u64;
                at += 1;
            }
            mix(0, word)
        }
        // The last eight bytes may overlap those before.
        Some(last) => {
            let (words, _) = bytes.as_chunks::<8>();
            let (mut number, mut at) = (bytes.len() as u64, 0);
            while at < words.len() {
                number = mix(number, u64::from_le_bytes(words[at]));
                at += 1;
            }
            mix(number, u64::from_le_bytes(*last))
        }
    };
    // The highest bits are the best mixed ones, and those of a word's last letter reach no others: they count first.
    number.swap_bytes()
}

const fn mix(number: u64, word: u64) -> u64 {
    (number.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// True for equal names: eight bytes at a time, because names are too short for the standard library's comparison to pay. The
/// compiler makes tables with it.
pub(crate) const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    let (Some(last), Some(other_last)) = (one.last_chunk::<8>(), other.last_chunk::<8>()) else {
        while at < one.len() && one[at] == other[at] {
            at += 1;
        }
        return at == one.len();
    };
    let ((words, _), (others, _)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    while at < words.len() && u64::from_le_bytes(words[at]) == u64::from_le_bytes(others[at]) {
        at += 1;
    }
    at == words.len() && u64::from_le_bytes(*last) == u64::from_le_bytes(*other_last)
}

/// Things in groups, by a name; where nothing of a name was put, its group is empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Groups {
    places: Index,
    groups: Vec<Vec<usize>>,
}

impl Groups {
    /// Puts something into the group of a name, behind what is there.
    pub(crate) fn put(&mut self, name: &str, one: usize) {
        let next = self.groups.len();
        let place = *self.places.get_or_put(name, next);
        if place == next {
            self.groups.push(Vec::new());
        }
        if let Some(group) = self.groups.get_mut(place) {
            group.push(one);
        }
    }

    /// The group of a name.
    pub(crate) fn of(&self, name: &str) -> &[usize] {
        let group = self.places.get(name).and_then(|place| self.groups.get(place));
        group.map_or(&[], Vec::as_slice)
    }
}

/// The items in the order of their keys; those of equal keys stay as they are.
pub(crate) fn ordered<T>(mut items: Vec<T>, key: impl Fn(&T) -> u64) -> Vec<T> {
    let keys = items.iter().map(key).collect();
    for (to, from) in swaps(keys).into_iter().enumerate() {
        items.swap(to, from);
    }
    items
}

/// For each place in turn, the place with which it is to be swapped, so that the keys rise. One for all kinds of items.
#[inline(never)]
fn swaps(keys: Vec<u64>) -> Vec<usize> {
    let mut item: Vec<usize> = (0..keys.len()).collect();
    let mut place = item.clone();
    // A heap does with less code than a sort.
    let order = keys
        .into_iter()
        .zip(0..)
        .collect::<BinaryHeap<(u64, usize)>>()
        .into_sorted_vec();
    let swap = |(to, (_, wanted)): (usize, (u64, usize))| {
        let (from, moved) = (place[wanted], item[to]);
        item[from] = moved;
        place[moved] = from;
        from
    };
    order.into_iter().enumerate().map(swap).collect()
}

#[cfg(test)]
mod tests {
    use super::{Groups, Index, is_same, ordered};

    #[test]
    fn every_name_keeps_its_number_while_the_index_grows() {
        let mut index = Index::default();
        assert_eq!((index.get("0_own_0"), index.len()), (None, 0));
        let names: Vec<String> = (0..2000).map(|number| format!("{number}_own_{number}")).collect();
        for (number, name) in names.iter().enumerate() {
            assert_eq!(*index.get_or_put(name, 7 * number), 7 * number, "{name}");
        }
        for (number, name) in names.iter().enumerate() {
            assert_eq!(*index.get_or_put(name, 0), 7 * number, "{name}");
            assert_eq!(index.put(name, number), Some(7 * number), "{name}");
            assert_eq!(
                (index.get(name), index.name(number).as_ref()),
                (Some(number), name.as_str())
            );
        }
        assert!(index.names().eq(&names));
        assert_eq!((index.get("2000_own_2000"), index.len()), (None, 2000));
    }

    #[test]
    fn names_are_the_same_byte_for_byte() {
        let name = "smtpd_tls_security_level";
        for length in 0..=name.len() {
            let one = &name[..length];
            let copy = one.to_owned();
            assert!(is_same(one, &copy), "{one}");
            assert!(
                !is_same(one, &format!("{one}_")) && !is_same(&format!("{one}_"), one),
                "{one}"
            );
            for at in 0..length {
                let mut other = one.to_owned();
                other.replace_range(at..=at, "X");
                assert!(!is_same(one, &other), "{one} {other}");
            }
        }
    }

    #[test]
    fn a_set_takes_each_name_once_and_forgets_it_when_cleared() {
        let mut set = Index::of(&["b".to_owned(), "a".to_owned()]);
        assert_eq!(
            (set.add("a"), set.add("c"), set.contains("c"), set.contains("d")),
            (false, true, true, false)
        );
        assert!(set.names().eq(["b", "a", "c"]));
        set.clear();
        assert_eq!((set.contains("a"), set.add("a"), set.len()), (false, true, 1));
    }

    #[test]
    fn groups_keep_their_order() {
        let mut groups = Groups::default();
        for (name, one) in [("a", 2), ("b", 7), ("a", 1)] {
            groups.put(name, one);
        }
        assert_eq!(
            (groups.of("a"), groups.of("b"), groups.of("c")),
            (&[2, 1][..], &[7][..], &[][..])
        );
    }

    #[test]
    fn equal_keys_keep_their_order() {
        assert_eq!(
            ordered(vec![(2, 'a'), (1, 'b'), (2, 'c')], |one| one.0),
            [(1, 'b'), (2, 'a'), (2, 'c')]
        );
    }
}
