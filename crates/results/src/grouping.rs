//! Lists without repetition, grouped by a key, in the order in which each key first appears.

use std::collections::HashMap;
use std::hash::Hash;

/// Each value once.
pub fn distinct<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for value in values {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}

/// The values of each key together.
pub fn grouped<K: Eq + Hash + Clone, T>(pairs: impl IntoIterator<Item = (K, T)>) -> Vec<(K, Vec<T>)> {
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    let mut places = HashMap::new();
    for (key, value) in pairs {
        let place = *places.entry(key.clone()).or_insert(groups.len());
        if place == groups.len() {
            groups.push((key, Vec::new()));
        }
        groups[place].1.push(value);
    }
    groups
}

/// The items with the same key together.
pub fn grouped_by<K: Eq + Hash + Clone, T>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> Vec<Vec<T>> {
    let pairs = items.into_iter().map(|item| (key(&item), item));
    grouped(pairs).into_iter().map(|(_, items)| items).collect()
}

/// The value of most weight of each key; the first of several that weigh the same.
pub fn heaviest<K: PartialEq, W: PartialOrd, T>(
    values: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> K,
    weight: impl Fn(&T) -> W,
) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for value in values {
        match kept.iter_mut().find(|other| key(other) == key(&value)) {
            Some(other) if weight(&value) > weight(other) => *other = value,
            Some(_) => {}
            None => kept.push(value),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_keep_the_order_in_which_their_keys_appear() {
        assert_eq!(distinct([3, 1, 3, 2, 1]), [3, 1, 2]);
        let pairs = [("b", 1), ("a", 2), ("b", 3)];
        assert_eq!(grouped(pairs), [("b", vec![1, 3]), ("a", vec![2])]);
        assert_eq!(heaviest(pairs, |pair| pair.0, |pair| pair.1), [("b", 3), ("a", 2)]);
        assert_eq!(heaviest([1, 2], |_| (), |_| ()), [1]);
    }
}
