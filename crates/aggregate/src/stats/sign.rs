//! The sign test: is a median at or above a bound? Exact, and for values that may be anything, infinite
//! too, since it only counts on which side they lie.
//!
//! Of n values, k lie at a bound or above it. Were the median below the bound, a value would do so with a
//! probability of at most 1/2, whatever the distribution; p is the probability of as many or more,
//! Σ_{i≥k} C(n,i)/2ⁿ. So a value at the bound counts for "at least" and for "at most", and against "above" and
//! "below": the test is exact also where values are tied, as those of a timer are. What is not known (NaN)
//! counts for nothing and is one of the n. No p is smaller than 1/2ⁿ.
//!
//! Turned round, the test gives an interval of the median: from the d-th smallest value to the d-th
//! largest one it covers the median of any continuous distribution with γ(d) = 1 − 2·P(B ≤ d − 1),
//! where B is binomial with n and 1/2. No d has exactly the wanted confidence c; of the two
//! between which c lies, the ends are interpolated with I = (γ(d) − c) / (γ(d) − γ(d+1)) and
//!
//! λ = (n − d)·I / (d + (n − 2d)·I): from (1 − λ)·x₍d₎ + λ·x₍d+1₎ up to its mirror image.
//!
//! λ was derived for one shape, the Laplace distribution, and is close for others: never less is
//! covered than by the inner pair alone, never more than by the outer one, and in simulation
//! (`tests/error_rates.rs`) it was 94 to 96 % for all that was tried. With fewer than
//! [`FEWEST_FOR_MEDIAN`] values even the outermost pair covers less than is wanted, 1 − 2/2ⁿ, and
//! no method that knows nothing of the distribution does better.
//!
//! Sources: W. J. Conover, "Practical Nonparametric Statistics" (1999), section 3.4; T. P.
//! Hettmansperger and S. J. Sheather, "Confidence intervals based on interpolated order statistics",
//! Statistics & Probability Letters 4 (1986).

use statrs::distribution::{Binomial, DiscreteCDF};

use super::interval::{CONFIDENCE, FEWEST_FOR_MEDIAN, Interval, SIGNIFICANCE};

/// p of the hypothesis that the median is below the bound: small where most values lie at it or above.
pub fn p_at_least(values: &[f64], bound: f64) -> f64 {
    p_of(values, |x| x >= bound)
}

/// p of the hypothesis that the median is above the bound: small where most values lie at it or below.
pub fn p_at_most(values: &[f64], bound: f64) -> f64 {
    p_of(values, |x| x <= bound)
}

/// p of the hypothesis that the median is at the bound or above: small where most values lie below.
pub fn p_below(values: &[f64], bound: f64) -> f64 {
    p_of(values, |x| x < bound)
}

/// p of the hypothesis that the median is at the bound or below: small where most values lie above.
pub fn p_above(values: &[f64], bound: f64) -> f64 {
    p_of(values, |x| x > bound)
}

/// p of the hypothesis that the median is a value, or less than `shift` away from it, against both sides.
pub fn two_sided(values: &[f64], value: f64, shift: f64) -> f64 {
    (2.0 * p_below(values, value - shift).min(p_above(values, value + shift))).min(1.0)
}

/// The fewest values of which any of so many tests together can be decided: 2/2ⁿ ≤ 0.05 ÷ tests, and enough for an
/// interval.
pub fn fewest_to_decide(tests: usize) -> usize {
    // 2⁶³ tests are more than there can be.
    (FEWEST_FOR_MEDIAN..u64::BITS as usize).find(|n| deciding_rank(*n, tests).is_some()).unwrap_or(usize::MAX)
}

/// The rank of n values, from 0, on whose far side a bound has to lie to be decided as the first of so many tests;
/// none where not even one beyond all of them would be.
pub fn deciding_rank(n: usize, tests: usize) -> Option<usize> {
    let (heads, ..) = quantile(n, SIGNIFICANCE / (2.0 * tests.max(1) as f64));
    heads.checked_sub(1).filter(|_| n >= FEWEST_FOR_MEDIAN)
}

fn p_of(values: &[f64], is_on_this_side: impl Fn(f64) -> bool) -> f64 {
    tail(values.iter().filter(|x| is_on_this_side(**x)).count(), values.len())
}

/// Of more tosses than this, 1/2ⁿ is no longer a number.
const MOST_SUMMED: usize = 1000;

/// The probability that of n tosses k or more are heads: exact, to the last digit, up to 50 tosses.
fn tail(k: usize, n: usize) -> f64 {
    if k == 0 {
        return 1.0;
    }
    if n > MOST_SUMMED {
        // A probability of 1/2 is one, so that `new` has nothing to refuse.
        return Binomial::new(0.5, n as u64).map_or(1.0, |binomial| binomial.sf(k as u64 - 1));
    }
    // C(n,n), and from each C(n,i) the one below it.
    let coefficients = (k..n).rev().scan(1.0, |coefficient, below| {
        *coefficient *= (below + 1) as f64 / (n - below) as f64;
        Some(*coefficient)
    });
    (1.0 + coefficients.sum::<f64>()) / 2f64.powf(n as f64)
}

/// The interval of the median that the values in ascending order come from; none from fewer than
/// [`FEWEST_FOR_MEDIAN`] of them.
pub fn interval(sorted: &[f64]) -> Option<Interval> {
    interval_by(sorted.len(), |rank| sorted[rank], |rank| sorted[rank])
}

/// The same of n values, given those at each rank from 0: one for the lower end, one for the upper. They may be
/// infinite.
pub(super) fn interval_by(
    n: usize,
    least: impl Fn(usize) -> f64,
    most: impl Fn(usize) -> f64,
) -> Option<Interval> {
    if n < FEWEST_FOR_MEDIAN {
        return None;
    }
    let (depth, share) = depth(n);
    let between = |outer: f64, inner: f64| {
        // Between a number and infinity there is no middle; the outer end is never too narrow.
        if (inner - outer).is_finite() { outer + share * (inner - outer) } else { outer }
    };
    Some(Interval {
        low: between(least(depth - 1), least(depth)),
        high: between(most(n - depth), most(n - depth - 1)),
    })
}

/// The depth d of the outer pair of values, counted from 1, and λ.
fn depth(n: usize) -> (usize, f64) {
    let (d, below, up_to) = quantile(n, (1.0 - CONFIDENCE) / 2.0);
    let (outer, inner) = (1.0 - 2.0 * below, 1.0 - 2.0 * up_to);
    let i = (outer - CONFIDENCE) / (outer - inner);
    let (n, depth) = (n as f64, d as f64);
    (d, (n - depth) * i / (depth + (n - 2.0 * depth) * i))
}

/// The smallest number of heads of n tosses up to which the probability is at least p, with the probability of
/// fewer and that of up to so many.
fn quantile(n: usize, p: f64) -> (usize, f64, f64) {
    if n > MOST_SUMMED {
        // A probability of 1/2 is one, so that `new` has nothing to refuse.
        let binomial = Binomial::new(0.5, n as u64).expect("1/2 is a probability");
        let d = binomial.inverse_cdf(p);
        #[allow(clippy::cast_possible_truncation)] // below n
        return (d as usize, binomial.cdf(d - 1), binomial.cdf(d));
    }
    let mut exactly = 0.5f64.powf(n as f64);
    let (mut heads, mut below, mut up_to) = (0, 0.0, exactly);
    while up_to < p {
        exactly *= (n - heads) as f64 / (heads + 1) as f64;
        heads += 1;
        (below, up_to) = (up_to, up_to + exactly);
    }
    (heads, below, up_to)
}

#[cfg(test)]
mod tests {
    use super::super::median::sorted;
    use super::super::reference::{FORTY_ONE, log_ratios};
    use super::*;

    #[test]
    fn p_is_the_tail_of_the_binomial() {
        // By hand: 4 of 5 above, (C(5,4) + C(5,5)) / 2⁵ = 6/32; 1 of 5 or more below, 31/32.
        let values = [2.0, 3.0, f64::INFINITY, 5.0, 0.0];
        assert!((p_above(&values, 1.0) - 6.0 / 32.0).abs() < 1e-12);
        assert!((p_below(&values, 1.0) - 31.0 / 32.0).abs() < 1e-12);
        assert!((two_sided(&values, 1.0, 0.0) - 12.0 / 32.0).abs() < 1e-12);
    }

    #[test]
    fn a_value_at_the_bound_counts_for_what_includes_it() {
        let values = [1.0, 1.0, 2.0, 3.0];
        assert!((p_at_least(&values, 1.0) - 1.0 / 16.0).abs() < 1e-12);
        assert_eq!(p_below(&values, 1.0), 1.0);
        // 2 of 4 are above: 11/16. 2 are at most 1.
        assert!((p_above(&values, 1.0) - 11.0 / 16.0).abs() < 1e-12);
        assert!((p_at_most(&values, 1.0) - 11.0 / 16.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_known_counts_for_neither_side() {
        let values = [f64::NAN, 2.0, 2.0, 2.0];
        assert!((p_at_least(&values, 1.0) - 5.0 / 16.0).abs() < 1e-12);
        assert_eq!(p_below(&values, 1.0), 1.0);
    }

    #[test]
    fn no_p_is_smaller_than_so_many_values_allow() {
        assert_eq!(two_sided(&[5.0; 7], 1.0, 0.0), 2.0 / 128.0);
        assert_eq!((two_sided(&[], 1.0, 0.0), two_sided(&[5.0], 1.0, 0.0)), (1.0, 1.0));
    }

    #[test]
    fn more_tests_need_more_values() {
        // By hand: 2/2⁶ = 0.031; 24 · 2/2¹⁰ = 0.047; 81 · 2/2¹² = 0.040.
        assert_eq!([1, 2, 24, 81].map(fewest_to_decide), [6, 7, 10, 12]);
    }

    #[test]
    fn fewer_tests_are_decided_nearer_to_the_median() {
        // By hand, of 13: 2/2¹³ · 81 = 0.020; 2 · 14/2¹³ · 14 = 0.048; 2 · 92/2¹³ · 2 = 0.045; of 7: 2/2⁷ · 4 = 0.0625.
        let ranks = [(13, 81), (13, 14), (13, 2), (7, 4), (5, 1)].map(|(n, tests)| deciding_rank(n, tests));
        assert_eq!(ranks, [Some(0), Some(1), Some(2), None, None]);
    }

    #[test]
    fn p_agrees_with_statsmodels_and_scipy() {
        // statsmodels: sign_test(log_ratios(), 0.1)[1] = 0.03515625, which is two-sided.
        assert!((two_sided(&log_ratios(), 0.1, 0.0) - 0.035_156_25).abs() < 1e-12);
        // scipy: stats.binomtest(700, 1300, alternative="greater").pvalue.
        let values: Vec<f64> = (0..1300).map(|i| if i < 700 { 1.0 } else { -1.0 }).collect();
        assert!((p_above(&values, 0.0) - 0.003_007_896_930_522_469_8).abs() < 1e-12);
    }

    fn assert_interval(values: &[f64], low: f64, high: f64) {
        let found = interval(&sorted(values)).unwrap();
        let is = |a: f64, b: f64| (a - b).abs() < 1e-11 * b.abs().max(1.0);
        assert!(is(found.low, low) && is(found.high, high), "{found:?} for {low} to {high}");
    }

    #[test]
    fn the_interval_is_that_of_the_formula() {
        // By hand for 7 values: γ(1) = 1 − 2/128, γ(2) = 1 − 16/128; I = (0.984375 − 0.95)/0.109375 = 11/35;
        // λ = 6·I / (1 + 5·I) = 11/15.
        let ranks = |n: u32| (1..=n).map(f64::from).collect::<Vec<f64>>();
        assert_interval(&ranks(7), 1.0 + 11.0 / 15.0, 7.0 - 11.0 / 15.0);
        // The same formula with stats.binom of scipy 1.17.1.
        assert_interval(&ranks(1000), 469.533_086_601_701_26, 531.466_913_398_297_4);
        assert_interval(&ranks(100_000), 49_690.604_701_152_624, 50_310.395_298_847_376);
        assert_interval(&log_ratios(), 0.109_542_815_494_054_51, 0.242_206_775_594_035_17);
        assert_interval(&FORTY_ONE, 0.869_732_117_486_207_9, 1.181_630_134_660_589_6);
    }

    #[test]
    fn fewer_values_than_could_cover_the_median_have_no_interval() {
        let outermost_covers = |n: i32| 1.0 - 2.0 / 2f64.powi(n);
        assert!(outermost_covers(5) < CONFIDENCE && outermost_covers(6) >= CONFIDENCE);
        assert_eq!(interval(&[1.0; 5]), None);
        assert_eq!(interval(&[1.0; 6]), Some(Interval::point(1.0)));
    }
}
