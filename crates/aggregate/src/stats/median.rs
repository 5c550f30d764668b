//! The median, and the median absolute deviation from it.
//!
//! With the values in order x₁ ≤ … ≤ xₙ, the median is the middle one, and for even n the mean of
//! the two middle ones. MAD = median |xᵢ − median|, *raw*: not multiplied by 1.4826, which would
//! make it an estimate of the standard deviation of normal data, and ours are not normal.
//!
//! Source: F. R. Hampel, "The influence curve and its role in robust estimation", JASA 69 (1974).

use std::borrow::Borrow;
use std::f64::consts::PI;

/// The values in ascending order.
pub fn sorted(values: impl IntoIterator<Item = impl Borrow<f64>>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.into_iter().map(|value| *value.borrow()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// The ranks, from 0, of the two values whose mean is the median of `n ≥ 1` ordered values; the same
/// one twice when `n` is odd.
pub fn middle_ranks(n: usize) -> (usize, usize) {
    ((n - 1) / 2, n / 2)
}

/// The median of at least one value in ascending order.
pub fn median(sorted: &[f64]) -> f64 {
    let (lower, upper) = middle_ranks(sorted.len());
    f64::midpoint(sorted[lower], sorted[upper])
}

/// The raw median absolute deviation of at least one value in ascending order.
pub fn mad(sorted: &[f64]) -> f64 {
    let middle = median(sorted);
    median(&self::sorted(sorted.iter().map(|x| (x - middle).abs())))
}

/// The variance of a median of n normal values as a share of that of one: π/(2(n − 1) + π). Exact for 1, within 3 % for odd
/// n, and too large for even ones (up to a fifth; T. Hojo, Biometrika 23 (1931), has the exact ones).
pub fn share_of_one(n: u32) -> f64 {
    PI / (2.0 * f64::from(n.max(1) - 1) + PI)
}

#[cfg(test)]
mod tests {
    use super::super::reference::MAKESPANS;
    use super::*;

    #[test]
    fn the_median_is_the_middle_value_or_the_mean_of_the_two_middle_ones() {
        assert_eq!(median(&[7.0]), 7.0);
        assert_eq!(median(&[1.0, 2.0, 50.0]), 2.0);
        assert_eq!(median(&[1.0, 2.0, 5.0, 50.0]), 3.5);
    }

    #[test]
    fn the_mad_is_raw() {
        // By hand: median 2, deviations 1 1 0 0 2 4 7, in order 0 0 1 1 2 4 7.
        assert_eq!(mad(&[1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0]), 1.0);
        assert_eq!(mad(&[3.0, 3.0, 3.0]), 0.0);
    }

    #[test]
    fn the_mad_agrees_with_scipy() {
        // scipy 1.17.1: stats.median_abs_deviation(MAKESPANS) = 200411.0, np.median = 2090412.0.
        let makespans = sorted(MAKESPANS);
        assert_eq!((median(&makespans), mad(&makespans)), (2_090_412.0, 200_411.0));
    }
}
