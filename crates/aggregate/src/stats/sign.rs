//! The sign test: is a median above a threshold? Exact, and for values that may be anything, infinite
//! too, since it only counts on which side they lie.
//!
//! Of n values that differ from the threshold, k lie above it. Were the median at the threshold, k
//! would be binomial with n and 1/2; p is the probability of as many or more, Σ_{i≥k} C(n,i)/2ⁿ.
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

use super::interval::{CONFIDENCE, FEWEST_FOR_MEDIAN, Interval};

/// p of the hypothesis that the median is at or below the threshold.
pub fn p_greater(values: &[f64], threshold: f64) -> f64 {
    p_of(values.iter().filter(|x| **x > threshold).count(), values, threshold)
}

/// p of the hypothesis that the median is at or above the threshold.
pub fn p_less(values: &[f64], threshold: f64) -> f64 {
    p_of(values.iter().filter(|x| **x < threshold).count(), values, threshold)
}

/// The probability of so many or more on one side.
#[allow(clippy::float_cmp)] // ties are what is left out
fn p_of(on_this_side: usize, values: &[f64], threshold: f64) -> f64 {
    let n = values.iter().filter(|x| **x != threshold).count() as u64;
    match on_this_side as u64 {
        0 => 1.0,
        // A probability of 1/2 is one, so that `new` has nothing to refuse.
        k => Binomial::new(0.5, n).map_or(1.0, |binomial| binomial.sf(k - 1)),
    }
}

/// The interval of the median that the values in ascending order come from; none from fewer than
/// [`FEWEST_FOR_MEDIAN`] of them.
pub fn interval(sorted: &[f64]) -> Option<Interval> {
    let n = sorted.len();
    if n < FEWEST_FOR_MEDIAN {
        return None;
    }
    let (depth, share) = depth(n);
    let between = |outer: f64, inner: f64| outer + share * (inner - outer);
    Some(Interval {
        low: between(sorted[depth - 1], sorted[depth]),
        high: between(sorted[n - depth], sorted[n - depth - 1]),
    })
}

/// The depth d of the outer pair of values, counted from 1, and λ.
fn depth(n: usize) -> (usize, f64) {
    // A probability of 1/2 is one, so that `new` has nothing to refuse.
    let binomial = Binomial::new(0.5, n as u64).expect("1/2 is a probability");
    let d = binomial.inverse_cdf((1.0 - CONFIDENCE) / 2.0);
    let (outer, inner) = (1.0 - 2.0 * binomial.cdf(d - 1), 1.0 - 2.0 * binomial.cdf(d));
    let i = (outer - CONFIDENCE) / (outer - inner);
    let (n, depth) = (n as f64, d as f64);
    #[allow(clippy::cast_possible_truncation)] // below n
    let d = d as usize;
    (d, (n - depth) * i / (depth + (n - 2.0 * depth) * i))
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
        assert!((p_greater(&values, 1.0) - 6.0 / 32.0).abs() < 1e-12);
        assert!((p_less(&values, 1.0) - 31.0 / 32.0).abs() < 1e-12);
    }

    #[test]
    fn values_at_the_threshold_say_nothing() {
        assert!((p_greater(&[1.0, 1.0, 2.0, 3.0], 1.0) - 0.25).abs() < 1e-12);
        assert_eq!(p_greater(&[1.0, 1.0], 1.0), 1.0);
    }

    #[test]
    fn p_agrees_with_statsmodels_and_scipy() {
        // statsmodels: sign_test(log_ratios(), 0.1)[1] = 0.03515625, which is two-sided.
        let found = p_greater(&log_ratios(), 0.1);
        assert!((2.0 * found - 0.035_156_25).abs() < 1e-12, "{found}");
        // scipy: stats.binomtest(700, 1300, alternative="greater").pvalue.
        let values: Vec<f64> = (0..1300).map(|i| if i < 700 { 1.0 } else { -1.0 }).collect();
        assert!((p_greater(&values, 0.0) - 0.003_007_896_930_522_469_8).abs() < 1e-12);
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
