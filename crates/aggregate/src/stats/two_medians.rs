//! The interval of the difference of two medians, of independent samples: of two runs, say, which have no
//! blocks in common.
//!
//! Each end is the outer one of two, as for [one median](super::median_interval), and for the same reason:
//!
//! 1. the percentile interval of the bootstrap in which *both* samples are drawn anew, each from its own
//!    values and independently of the other (B. Efron and R. J. Tibshirani, "An Introduction to the
//!    Bootstrap" (1993), section 8.3);
//! 2. the intervals of the two medians by the interpolated sign test ([`sign`]), which are
//!    distribution-free, put together by the method of variance estimates recovery: of medians m with
//!    intervals [l, u], the difference m₂ − m₁ runs
//!    from (m₂ − m₁) − √((m₂ − l₂)² + (u₁ − m₁)²) up to (m₂ − m₁) + √((u₂ − m₂)² + (m₁ − l₁)²)
//!    (G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures: a general
//!    approach", Statistics in Medicine 27 (2008)). It is what adding two variances is for intervals that
//!    are not symmetrical.
//!
//! Neither asks the two samples to have the same shape, as an interval from ranks of both together
//! (Mann–Whitney, Hodges–Lehmann) would. What the two cover together is simulated in
//! `tests/comparison_rates.rs`. Below [`FEWEST_FOR_MEDIAN`](super::FEWEST_FOR_MEDIAN) values on either side
//! there is no interval.

use std::sync::OnceLock;

use protocol::proof::splitmix64;

use super::bootstrap::{Bootstrap, Counted, Middle, counted};
use super::interval::Interval;
use super::median::median;
use super::replicates::Replicates;
use super::sign;

/// Where the medians of a resample of each sample lie.
type BothMiddles = Counted<(Middle, Middle)>;

/// The draws for two samples, independent of each other.
#[derive(Debug)]
pub struct TwoBootstraps {
    first: Bootstrap,
    second: Bootstrap,
    /// By the sizes of the two samples: where both medians lie, and how many times they were drawn there.
    counted: Vec<Vec<OnceLock<BothMiddles>>>,
}

impl TwoBootstraps {
    /// Nothing is drawn yet. NOTE: two samples of one size must not share their draws, or each resample of
    /// the one would lie where that of the other does, and the difference would seem far too sure.
    pub fn new(seed: u64, largest_sample: usize) -> Self {
        let (first, second) = (splitmix64(seed), splitmix64(splitmix64(seed)));
        let sizes = 0..=largest_sample;
        Self {
            first: Bootstrap::new(first, largest_sample),
            second: Bootstrap::new(second, largest_sample),
            counted: sizes.clone().map(|_| sizes.clone().map(|_| OnceLock::new()).collect()).collect(),
        }
    }

    /// The differences of the medians of resamples, second less first.
    fn differences(&self, first: &[f64], second: &[f64]) -> Replicates {
        let (n_1, n_2) = (first.len(), second.len());
        let counted = self.counted[n_1][n_2].get_or_init(|| {
            let (of_first, of_second) = (self.first.drawn(n_1), self.second.drawn(n_2));
            counted(of_first.iter().copied().zip(of_second.iter().copied()).collect())
        });
        let difference = |(middle_1, middle_2): (Middle, Middle)| middle_2.of(second) - middle_1.of(first);
        Replicates::new(counted.iter().map(|(middles, times)| (difference(*middles), *times)))
    }
}

/// The interval of the median of the second less that of the first, from values in ascending order.
pub fn interval(first: &[f64], second: &[f64], bootstraps: &TwoBootstraps) -> Option<Interval> {
    let exact = recovered(first, second)?;
    Some(exact.hull(bootstraps.differences(first, second).percentile_interval()))
}

/// The same by the sign test's intervals of each.
fn recovered(first: &[f64], second: &[f64]) -> Option<Interval> {
    let (of_first, of_second) = (sign::interval(first)?, sign::interval(second)?);
    let (median_1, median_2) = (median(first), median(second));
    let difference = median_2 - median_1;
    Some(Interval {
        low: difference - (median_2 - of_second.low).hypot(of_first.high - median_1),
        high: difference + (of_second.high - median_2).hypot(median_1 - of_first.low),
    })
}

#[cfg(test)]
mod tests {
    use super::super::median::sorted;
    use super::super::reference::{self, FORTY_ONE, MAKESPANS, OTHER_MAKESPANS, assert_ends};
    use super::*;

    const SEED: u64 = 7;

    fn logarithms(values: &[f64]) -> Vec<f64> {
        sorted(reference::logarithms(values))
    }

    fn bootstrapped(first: &[f64], second: &[f64]) -> Interval {
        TwoBootstraps::new(SEED, 41).differences(first, second).percentile_interval()
    }

    #[test]
    fn the_bootstrap_of_both_samples_agrees_with_scipy() {
        // scipy 1.17.1: stats.bootstrap((np.log(a), np.log(b)), lambda a, b, axis: np.median(b, axis) -
        // np.median(a, axis), n_resamples=200000, method="percentile"). Of the first pair four seeds gave ends
        // that lay up to 0.018 and 0.004 apart, here their means; of the second all four the same.
        let (a, b) = (logarithms(&MAKESPANS), logarithms(&OTHER_MAKESPANS));
        assert_ends(bootstrapped(&a, &b), -0.284_83, -0.054_07, 0.018);
        let (a, b) = (logarithms(&FORTY_ONE[..7]), logarithms(&FORTY_ONE[7..]));
        assert_ends(bootstrapped(&a, &b), -0.495_258_754, 0.336_834_342, 1e-8);
    }

    #[test]
    fn the_sign_tests_intervals_are_put_together_by_the_formula() {
        // By hand: of 7 ranks the sign test has 1 + 11/15 to 7 − 11/15 (see `sign`), 34/15 either way of 4;
        // of 14 to 20 the same about 17.
        let ranks = |from: u32| (from..from + 7).map(f64::from).collect::<Vec<f64>>();
        let half = 34.0 / 15.0 * 2f64.sqrt();
        assert_ends(recovered(&ranks(1), &ranks(14)).unwrap(), 13.0 - half, 13.0 + half, 1e-12);
        // The same formula with stats.binom of scipy 1.17.1.
        let found = recovered(&logarithms(&MAKESPANS[..6]), &logarithms(&OTHER_MAKESPANS)).unwrap();
        assert_ends(found, -0.462_715_163_480_919_23, -0.018_932_092_958_515_626, 1e-11);
    }

    #[test]
    fn the_ends_are_the_outer_ones_of_both_methods() {
        let (a, b) = (logarithms(&FORTY_ONE[..9]), logarithms(&FORTY_ONE[9..]));
        let found = interval(&a, &b, &TwoBootstraps::new(SEED, 41)).unwrap();
        assert_eq!(found, recovered(&a, &b).unwrap().hull(bootstrapped(&a, &b)));
    }

    #[test]
    fn two_samples_of_one_size_do_not_share_their_draws() {
        let ranks: Vec<f64> = (1..=20).map(f64::from).collect();
        // Of the same draws every difference would be zero.
        let found = bootstrapped(&ranks, &ranks);
        assert!(found.low < -3.0 && found.high > 3.0, "{found:?}");
    }

    #[test]
    fn too_few_values_on_either_side_have_no_interval() {
        let bootstraps = TwoBootstraps::new(SEED, 7);
        assert_eq!(interval(&[1.0; 5], &[1.0; 7], &bootstraps), None);
        assert_eq!(interval(&[1.0; 7], &[1.0; 5], &bootstraps), None);
        let still = interval(&[1.0; 6], &[3.0; 7], &bootstraps);
        assert_eq!(still, Some(Interval::point(2.0)));
    }
}
