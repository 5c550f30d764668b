//! How sure one may be of a share that was counted.
//!
//! Of k successes in n, the Clopper–Pearson interval runs from the quantile (1−c)/2 of the beta
//! distribution B(k, n−k+1) to the quantile (1+c)/2 of B(k+1, n−k): exact, and never too narrow.
//! The other way round, a count is *acceptable* for a known share p where an exact test does not
//! reject it in either tail.
//!
//! Source: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in
//! the case of the binomial", Biometrika 26 (1934).

use statrs::distribution::{Beta, Binomial, ContinuousCDF, DiscreteCDF};

use super::interval::{CONFIDENCE, Interval};

/// The interval of the share of successes in at least one trial.
pub fn interval(successes: u64, trials: u64) -> Interval {
    let (k, n) = (successes as f64, trials as f64);
    let quantile = |a: f64, b: f64, p: f64| Beta::new(a, b).map_or(f64::NAN, |beta| beta.inverse_cdf(p));
    let low = if successes == 0 { 0.0 } else { quantile(k, n - k + 1.0, (1.0 - CONFIDENCE) / 2.0) };
    let high =
        if successes == trials { 1.0 } else { quantile(k + 1.0, n - k, f64::midpoint(1.0, CONFIDENCE)) };
    Interval { low, high }
}

/// The fewest and the most successes in so many trials that do not speak against a share of `p`,
/// which lies between 0 and 1.
pub fn acceptable(trials: u64, p: f64) -> (u64, u64) {
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let Ok(binomial) = Binomial::new(p, trials) else { return (0, trials) };
    let fewest = (0..=trials).find(|k| binomial.cdf(*k) > tail).unwrap_or(trials);
    // sf(k − 1) is the probability of k or more.
    let most = (0..=trials).rev().find(|k| *k == 0 || binomial.sf(k - 1) > tail).unwrap_or(0);
    (fewest, most)
}

#[cfg(test)]
mod tests {
    use super::super::reference::assert_ends;
    use super::*;

    #[test]
    fn the_interval_agrees_with_scipy() {
        // scipy 1.17.1: stats.binomtest(k, n).proportion_ci(method="exact").
        for (k, n, low, high) in [
            (11, 200, 0.027_772_254_552_175_07, 0.096_277_644_433_881_01),
            (1, 7, 0.003_610_296_861_900_809_7, 0.578_723_197_043_198_2),
            (190, 200, 0.909_972_462_298_441_2, 0.975_765_834_527_891_8),
        ] {
            assert_ends(interval(k, n), low, high, 1e-9);
        }
    }

    #[test]
    fn none_and_all_have_the_outermost_ends_of_a_share() {
        // Of none in n the upper end is 1 − 0.025^(1/n), by hand.
        let (none, all) = (interval(0, 10), interval(10, 10));
        let end = 1.0 - 0.025f64.powf(0.1);
        assert_eq!((none.low, all.high), (0.0, 1.0));
        assert!((none.high - end).abs() < 1e-9 && (all.low - (1.0 - end)).abs() < 1e-9, "{none:?} {all:?}");
    }

    #[test]
    fn acceptable_counts_leave_at_most_a_fortieth_in_either_tail() {
        // scipy: [k for k in range(201) if binom.cdf(k, 200, .05) > .025 and binom.sf(k-1, 200, .05) > .025].
        assert_eq!(acceptable(200, 0.05), (4, 16));
        assert_eq!(acceptable(200, 0.95), (184, 196));
        assert_eq!(acceptable(4000, 0.95), (3773, 3827));
        assert_eq!(acceptable(10, 0.5), (2, 8));
        assert_eq!(acceptable(5, 0.05), (0, 1));
    }
}
