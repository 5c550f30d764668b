//! Holm's correction for many tests.
//!
//! With the m p-values in ascending order, p̃₍ₖ₎ = max over j ≤ k of min(1, (m − j + 1)·p₍ⱼ₎).
//! Whoever calls all of p̃ ≤ 0.05 significant is wrong about any at all in at most 5 % of cases.
//!
//! Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
//! of Statistics 6 (1979).

use std::collections::HashMap;
use std::hash::Hash;

/// The adjusted p-values of several families of tests, in the order of the given ones. What has no p-value
/// is no test, and does not count as one.
pub fn adjust_families<K: Hash + Eq>(tests: impl IntoIterator<Item = (K, Option<f64>)>) -> Vec<Option<f64>> {
    let mut families: HashMap<K, Vec<(usize, f64)>> = HashMap::new();
    let mut adjusted = Vec::new();
    for (place, (family, p_value)) in tests.into_iter().enumerate() {
        adjusted.push(None);
        if let Some(p_value) = p_value {
            families.entry(family).or_default().push((place, p_value));
        }
    }
    for family in families.into_values() {
        let (places, p_values): (Vec<usize>, Vec<f64>) = family.into_iter().unzip();
        for (place, p) in places.into_iter().zip(adjust(&p_values)) {
            adjusted[place] = Some(p);
        }
    }
    adjusted
}

/// The adjusted p-values of one family, in the order of the given ones.
fn adjust(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, index) in order.into_iter().enumerate() {
        let left = (p_values.len() - rank) as f64;
        largest = largest.max((left * p_values[index]).min(1.0));
        adjusted[index] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::super::reference::assert_close;
    use super::*;

    #[test]
    fn adjusted_values_agree_with_statsmodels() {
        // statsmodels: multipletests([...], method="holm").
        let found = adjust(&[0.01, 0.04, 0.03, 0.005, 0.2, 0.04]);
        let expected = [0.05, 0.12, 0.12, 0.03, 0.2, 0.12];
        assert_eq!(found.len(), expected.len());
        found.into_iter().zip(expected).for_each(|(found, expected)| assert_close(found, expected));
    }

    #[test]
    fn no_adjusted_value_exceeds_one_and_a_single_test_is_left_alone() {
        assert_eq!(adjust(&[0.9, 0.6]), [1.0, 1.0]);
        assert_eq!(adjust(&[0.03]), [0.03]);
        assert_eq!(adjust(&[]), [0.0; 0]);
    }

    #[test]
    fn each_family_is_adjusted_for_itself_and_what_has_no_p_is_no_test() {
        let found = adjust_families([('a', Some(0.01)), ('b', Some(0.02)), ('a', None), ('a', Some(0.5))]);
        assert_eq!(found, [Some(0.02), Some(0.02), None, Some(0.5)]);
    }
}
