//! Sets, maps and orders, small in the page.
//!
//! The standard library sorts whatever is collected into a set or map, and compiles a sorting routine for every type of
//! member: some eight kilobytes of WebAssembly each. Filled one by one, and sorted by numbers alone, they cost a tenth.

use std::collections::{BTreeMap, BTreeSet};

/// Where something stands in a list, by its name. One type for all, because each costs the page another tree.
pub(crate) type Index = BTreeMap<String, usize>;

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
    let mut keys: Vec<(u64, usize)> = items.iter().zip(0..).map(|(item, index)| (key(item), index)).collect();
    keys.sort_unstable();
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    keys.into_iter()
        .filter_map(|(_, index)| items.get_mut(index).and_then(Option::take))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::ordered;

    #[test]
    fn equal_keys_keep_their_order() {
        assert_eq!(
            ordered(vec![(2, 'a'), (1, 'b'), (2, 'c')], |one| one.0),
            [(1, 'b'), (2, 'a'), (2, 'c')]
        );
    }
}
