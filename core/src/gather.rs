//! Sets, maps and orders, small in the page.
//!
//! The standard library sorts whatever is collected into a set or map, and compiles a sorting routine for every type of
//! member: some eight kilobytes of WebAssembly each. Filled one by one, and sorted by numbers alone, they cost a tenth.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// Where something stands in a list, by its name. One type for all, because each costs the page another tree.
pub(crate) type Index = BTreeMap<String, usize>;

/// Things in groups, by a name; where nothing of a name was put, its group is empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Groups {
    places: Index,
    groups: Vec<Vec<usize>>,
}

impl Groups {
    /// Puts something into the group of a name, behind what is there.
    pub(crate) fn put(&mut self, name: String, one: usize) {
        let next = self.groups.len();
        let place = *self.places.entry(name).or_insert(next);
        if place == next {
            self.groups.push(Vec::new());
        }
        if let Some(group) = self.groups.get_mut(place) {
            group.push(one);
        }
    }

    /// The group of a name.
    pub(crate) fn of(&self, name: &str) -> &[usize] {
        let group = self.places.get(name).and_then(|place| self.groups.get(*place));
        group.map_or(&[], Vec::as_slice)
    }
}

/// A set of the members.
pub(crate) fn set<T: Ord>(members: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    for member in members {
        set.insert(member);
    }
    set
}

/// A map of the pairs; a later pair replaces an earlier one of the same key.
pub(crate) fn map<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        map.insert(key, value);
    }
    map
}

/// The items in the order of their keys; those of equal keys stay as they are.
pub(crate) fn ordered<T>(items: Vec<T>, key: impl Fn(&T) -> u64) -> Vec<T> {
    // A heap does with less code than a sort.
    let mut keys = BinaryHeap::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        keys.push((key(item), index));
    }
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    keys.into_sorted_vec()
        .into_iter()
        .filter_map(|(_, index)| items.get_mut(index).and_then(Option::take))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Groups, ordered};

    #[test]
    fn groups_keep_their_order() {
        let mut groups = Groups::default();
        for (name, one) in [("a", 2), ("b", 7), ("a", 1)] {
            groups.put(name.to_owned(), one);
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
