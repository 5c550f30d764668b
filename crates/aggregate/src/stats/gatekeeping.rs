//! A correction for many tests of which some come first: claims as they were published, and then their variants.
//!
//! All of α is first for the m tests of the first kind, α/m each. One that is decided leaves half of its share
//! to the others of its kind and half to the variants, which have nothing before; the last one leaves all of it.
//! Variants share what they have as Holm's procedure does. Whoever calls all of the adjusted p ≤ α
//! significant is wrong about any at all in at most α of cases, however the tests depend on each other: the share
//! of a test never gets smaller as others are decided, and all shares together are never more than α (G.
//! Hommel, F. Bretz and W. Maurer, "Powerful short-cuts for multiple testing procedures with special reference
//! to gatekeeping strategies", Statistics in Medicine 26 (2007)). Without variants it
//! is the procedure of S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
//! Statistics 6 (1979).

use std::collections::HashMap;
use std::hash::Hash;

/// A test of some family.
#[derive(Debug, Clone, Copy)]
pub struct Test<K> {
    /// Tests of one family are corrected together.
    pub family: K,
    /// Whether it comes after those that are none.
    pub is_variant: bool,
    /// What has none is no test, and does not count as one.
    pub p_value: Option<f64>,
}

impl<K> Test<K> {
    /// One that comes after none.
    pub fn of(family: K, p_value: Option<f64>) -> Self {
        Self { family, is_variant: false, p_value }
    }
}

/// The adjusted p-values, in the order of the given ones.
pub fn adjust_families<K: Hash + Eq>(tests: impl IntoIterator<Item = Test<K>>) -> Vec<Option<f64>> {
    let mut families: HashMap<K, Vec<(usize, bool, f64)>> = HashMap::new();
    let mut adjusted = Vec::new();
    for (place, test) in tests.into_iter().enumerate() {
        adjusted.push(None);
        if let Some(p_value) = test.p_value {
            families.entry(test.family).or_default().push((place, test.is_variant, p_value));
        }
    }
    for family in families.into_values() {
        adjust(&family, &mut adjusted);
    }
    adjusted
}

/// Adjusts the p-values of one family: of each its place, whether it is a variant, and p.
fn adjust(family: &[(usize, bool, f64)], adjusted: &mut [Option<f64>]) {
    let ascending = |variants: bool| {
        let mut tests: Vec<(usize, f64)> =
            family.iter().filter(|test| test.1 == variants).map(|&(place, _, p)| (place, p)).collect();
        // From the largest down, so that the next to decide stands last.
        tests.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        tests
    };
    let (mut primary, mut variants) = (ascending(false), ascending(true));
    let has_variants = !variants.is_empty();
    // The shares of α.
    let (mut of_primary, mut of_variants) = if primary.is_empty() { (0.0, 1.0) } else { (1.0, 0.0) };
    let mut largest: f64 = 0.0;
    loop {
        // How many times its p each has to be at most α.
        let cost = |tests: &[(usize, f64)], share: f64| {
            let (_, p) = tests.last()?;
            Some(if share > 0.0 { p * tests.len() as f64 / share } else { f64::INFINITY })
        };
        let (first, variant) = (cost(&primary, of_primary), cost(&variants, of_variants));
        let takes_first = match (first, variant) {
            (None, None) => return,
            (Some(first), Some(variant)) => first <= variant,
            (first, _) => first.is_some(),
        };
        let (tests, cost) = if takes_first { (&mut primary, first) } else { (&mut variants, variant) };
        largest = largest.max(cost.unwrap_or(1.0).min(1.0));
        if let Some((place, _)) = tests.pop() {
            adjusted[place] = Some(largest);
        }
        if takes_first {
            let left = of_primary / (primary.len() + 1) as f64;
            let to_variants = match (has_variants, primary.is_empty()) {
                (false, _) => 0.0,
                (true, true) => left,
                (true, false) => left / 2.0,
            };
            (of_primary, of_variants) = (of_primary - to_variants, of_variants + to_variants);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::reference::assert_close;
    use super::*;

    fn adjusted(primary: &[f64], variants: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let test = |is_variant| move |p: &f64| Test { family: (), is_variant, p_value: Some(*p) };
        let tests = primary.iter().map(test(false)).chain(variants.iter().map(test(true)));
        let mut found: Vec<f64> = adjust_families(tests).into_iter().flatten().collect();
        let of_variants = found.split_off(primary.len());
        (found, of_variants)
    }

    #[test]
    fn without_variants_or_with_nothing_else_it_is_holms() {
        // statsmodels: multipletests([...], method="holm").
        let p_values = [0.01, 0.04, 0.03, 0.005, 0.2, 0.04];
        let expected = [0.05, 0.12, 0.12, 0.03, 0.2, 0.12];
        let close = |found: Vec<f64>| found.into_iter().zip(expected).for_each(|(a, b)| assert_close(a, b));
        close(adjusted(&p_values, &[]).0);
        close(adjusted(&[], &p_values).1);
    }

    #[test]
    fn no_adjusted_value_exceeds_one_and_a_single_test_is_left_alone() {
        assert_eq!(adjusted(&[0.9, 0.6], &[]).0, [1.0, 1.0]);
        assert_eq!(adjusted(&[0.03], &[]).0, [0.03]);
        assert_eq!(adjusted(&[], &[]).0, [0.0; 0]);
    }

    #[test]
    fn variants_cost_the_first_nothing_and_have_what_those_pass_on() {
        // By hand. The first: 0.01 · 2 = 0.02; it passes on 1/2 · 1/2 = 1/4 of α. Then the second of the first
        // has 3/4 of α, 0.02 / 0.75; the variants 1/4 for two of them, 0.001 · 2 / 0.25 = 0.008, but no less than 0.02
        // before it; the last one has 1/4 and, as all before it are decided, the rest.
        let (primary, variants) = adjusted(&[0.01, 0.02], &[0.001, 0.03]);
        assert_close(primary[0], 0.02);
        assert_close(variants[0], 0.02);
        assert_close(primary[1], 0.02 / 0.75);
        assert_close(variants[1], 0.03);
    }

    #[test]
    fn variants_of_claims_that_are_open_stay_open() {
        let (primary, variants) = adjusted(&[0.04, 0.5], &[1e-9]);
        assert_close(primary[0], 0.08);
        // Once 0.04 · 2 is let pass, it has a quarter.
        assert_close(variants[0], 0.08);
        assert_close(primary[1], 0.5 / 0.75);
    }

    #[test]
    fn each_family_is_adjusted_for_itself_and_what_has_no_p_is_no_test() {
        let tests = [('a', Some(0.01)), ('b', Some(0.02)), ('a', None), ('a', Some(0.5))];
        let found = adjust_families(tests.map(|(family, p_value)| Test::of(family, p_value)));
        assert_eq!(found, [Some(0.02), Some(0.02), None, Some(0.5)]);
    }
}
