//! The `BCa` interval of a median: the percentile interval, *b*ias-*c*orrected and *a*ccelerated.
//!
//! Of R replicates θ* of the estimate θ:
//!
//! - bias correction z₀ = Φ⁻¹(share of θ* below θ, those equal to θ counting half);
//! - acceleration a = Σ(θ̄ − θ₍ᵢ₎)³ / 6·(Σ(θ̄ − θ₍ᵢ₎)²)^(3/2), where θ₍ᵢ₎ is the estimate without
//!   value i (jackknife) and θ̄ their mean;
//! - the ends are the quantiles α = Φ(z₀ + (z₀ + z) / (1 − a·(z₀ + z))) for z = Φ⁻¹((1±c)/2).
//!
//! Source: B. Efron, "Better bootstrap confidence intervals", JASA 82 (1987); ties by half as in
//! scipy, without which a median, which is tied with many of its replicates, would seem biased.
//!
//! The jackknife of a median takes only two or three different values, so that here `a` says little;
//! it is zero or nearly so, and the interval is close to the percentile interval.

use statrs::distribution::{ContinuousCDF, Normal};

use super::interval::{CONFIDENCE, Interval};
use super::median::{median, middle_ranks};
use super::replicates::Replicates;

/// The `BCa` interval of the median of the sample, which is in ascending order and has at least two
/// values, from the medians of its resamples.
pub fn interval(sorted: &[f64], replicates: &Replicates) -> Interval {
    let bias = bias_correction(median(sorted), replicates);
    let acceleration = acceleration(&jackknife(sorted));
    let level = |z: f64| Normal::standard().cdf(bias + (bias + z) / (1.0 - acceleration * (bias + z)));
    let z = Normal::standard().inverse_cdf(f64::midpoint(1.0, CONFIDENCE));
    replicates.between(level(-z), level(z))
}

/// z₀. A share of 0 or 1 would make it infinite; it is taken as half a replicate from there, which
/// with |a| ≤ 1/6 also keeps the denominator 1 − a·(z₀ + z) above zero.
fn bias_correction(estimate: f64, replicates: &Replicates) -> f64 {
    let half_a_replicate = 0.5 / f64::from(replicates.count());
    let share = replicates.share_below(estimate).clamp(half_a_replicate, 1.0 - half_a_replicate);
    Normal::standard().inverse_cdf(share)
}

/// a, and 0 where the estimates are all the same.
fn acceleration(jackknife: &[f64]) -> f64 {
    let mean = jackknife.iter().sum::<f64>() / jackknife.len() as f64;
    let power_sum = |power| jackknife.iter().map(|estimate| (mean - estimate).powi(power)).sum::<f64>();
    let spread = power_sum(2).powf(1.5);
    if spread > 0.0 { power_sum(3) / (6.0 * spread) } else { 0.0 }
}

/// The medians of the sample without its first value, without its second, and so on.
fn jackknife(sorted: &[f64]) -> Vec<f64> {
    let (lower, upper) = middle_ranks(sorted.len() - 1);
    (0..sorted.len())
        .map(|left_out| {
            let value = |rank: usize| if rank < left_out { sorted[rank] } else { sorted[rank + 1] };
            f64::midpoint(value(lower), value(upper))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::bootstrap::Bootstrap;
    use super::super::median::sorted;
    use super::super::reference::{FORTY_ONE, assert_ends, log_ratios};
    use super::*;

    const SEED: u64 = 7;

    fn bca(values: &[f64]) -> Interval {
        let sorted = sorted(values);
        interval(&sorted, &Bootstrap::new(SEED, sorted.len()).replicates(&sorted))
    }

    #[test]
    fn the_interval_agrees_with_scipy() {
        // scipy 1.17.1: stats.bootstrap((FORTY_ONE,), np.median, n_resamples=200000, method="BCa")
        // gave 0.871 to 1.18 for each of ten seeds.
        assert_ends(bca(&FORTY_ONE), 0.871, 1.18, 1e-9);
        // Without the last value, an even number: 0.875 to 1.1845 for each of ten seeds.
        assert_ends(bca(&FORTY_ONE[..40]), 0.875, 1.1845, 1e-9);
        // The first 14 of ln(MAKESPANS / OTHER_MAKESPANS): 0.108168358 for each of ten seeds, to
        // 0.25018074 on the mean with a standard deviation of 0.0011 between seeds (the upper end
        // falls between two values of the sample). Tolerance: five of those.
        assert_ends(bca(&log_ratios()[..14]), 0.108_168_358, 0.250_180_74, 0.005_5);
    }

    #[test]
    fn leaving_out_a_value_moves_the_median_to_the_other_side() {
        assert_eq!(jackknife(&[1.0, 2.0, 4.0, 8.0]), [4.0, 4.0, 2.0, 2.0]);
        assert_eq!(jackknife(&[1.0, 2.0, 4.0]), [3.0, 2.5, 1.5]);
    }

    #[test]
    fn the_acceleration_is_that_of_the_formula() {
        // By hand: mean 7/3, deviations −2/3, −1/6, 5/6; Σ² = 7/6, Σ³ = 5/18.
        let expected = (5.0 / 18.0) / (6.0 * (7.0f64 / 6.0).powf(1.5));
        assert!((acceleration(&[3.0, 2.5, 1.5]) - expected).abs() < 1e-12);
    }

    #[test]
    fn equal_values_have_an_interval_of_no_width() {
        assert_eq!(bca(&[0.25; 9]), Interval::point(0.25));
    }

    #[test]
    fn one_value_apart_from_all_others_gives_numbers() {
        for n in 3..30 {
            let mut values = vec![0.0; n];
            values[0] = -1e9;
            let interval = bca(&values);
            assert!(interval.low.is_finite() && interval.high.is_finite(), "{n}: {interval:?}");
        }
    }

    #[test]
    fn replicates_that_all_lie_on_one_side_give_numbers() {
        let interval = interval(&[1.0, 2.0, 3.0], &Replicates::new([(5.0, 10)]));
        assert_eq!(interval, Interval::point(5.0));
    }
}
