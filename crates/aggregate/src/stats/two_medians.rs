//! The interval of the difference of two medians, of independent samples: of two runs, say, which have no
//! blocks in common.
//!
//! The intervals of the two medians by the interpolated sign test ([`sign`]), which are distribution-free, are put
//! together by the method of variance estimates recovery: of medians m with intervals [l, u], the difference
//! m₂ − m₁ runs from (m₂ − m₁) − √((m₂ − l₂)² + (u₁ − m₁)²) up to (m₂ − m₁) + √((u₂ − m₂)² + (m₁ − l₁)²)
//! (G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures: a general approach",
//! Statistics in Medicine 27 (2008)). It is what adding two variances is for intervals that are not symmetrical.
//!
//! It does not ask the two samples to have the same shape, as an interval from ranks of both together
//! (Mann–Whitney, Hodges–Lehmann) would. What it covers is simulated in
//! `tests/comparison_rates.rs`. Below [`FEWEST_FOR_MEDIAN`](super::FEWEST_FOR_MEDIAN) values on either side
//! there is no interval.

use super::between::Between;
use super::interval::Interval;
use super::median::median;
use super::sign;

/// The interval of the median of the second less that of the first, from values in ascending order; each is first
/// widened by what the runs of its side, or their sittings, differ by.
pub fn interval(first: &[f64], second: &[f64], between: [Between; 2]) -> Option<Interval> {
    let (median_1, median_2) = (median(first), median(second));
    let of_first = between[0].widened(sign::interval(first)?, median_1, first.len());
    let of_second = between[1].widened(sign::interval(second)?, median_2, second.len());
    let difference = median_2 - median_1;
    Some(Interval {
        low: difference - (median_2 - of_second.low).hypot(of_first.high - median_1),
        high: difference + (of_second.high - median_2).hypot(median_1 - of_first.low),
    })
}

#[cfg(test)]
mod tests {
    use super::super::median::sorted;
    use super::super::reference::{self, MAKESPANS, OTHER_MAKESPANS, assert_ends};
    use super::*;

    fn interval(first: &[f64], second: &[f64]) -> Option<Interval> {
        super::interval(first, second, [Between::UNKNOWN; 2])
    }

    fn logarithms(values: &[f64]) -> Vec<f64> {
        sorted(reference::logarithms(values))
    }

    #[test]
    fn the_sign_tests_intervals_are_put_together_by_the_formula() {
        // By hand: of 7 ranks the sign test has 1 + 11/15 to 7 − 11/15 (see `sign`), 34/15 either way of 4;
        // of 14 to 20 the same about 17.
        let ranks = |from: u32| (from..from + 7).map(f64::from).collect::<Vec<f64>>();
        let half = 34.0 / 15.0 * 2f64.sqrt();
        assert_ends(interval(&ranks(1), &ranks(14)).unwrap(), 13.0 - half, 13.0 + half, 1e-12);
        // The same formula with stats.binom of scipy 1.17.1.
        let found = interval(&logarithms(&MAKESPANS[..6]), &logarithms(&OTHER_MAKESPANS)).unwrap();
        assert_ends(found, -0.462_715_163_480_919_23, -0.018_932_092_958_515_626, 1e-11);
    }

    #[test]
    fn too_few_values_on_either_side_have_no_interval() {
        assert_eq!(interval(&[1.0; 5], &[1.0; 7]), None);
        assert_eq!(interval(&[1.0; 7], &[1.0; 5]), None);
        assert_eq!(interval(&[1.0; 6], &[3.0; 7]), Some(Interval::point(2.0)));
    }
}
