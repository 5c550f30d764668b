//! Quantiles of a bootstrap distribution, and the percentile interval made of two of them.
//!
//! The quantile p of R ordered values lies at rank h = (R − 1)·p, interpolated linearly between the
//! two neighbours: definition 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in statistical
//! packages", The American Statistician 50 (1996); the default of R and numpy.
//!
//! The percentile interval is [quantile (1−c)/2, quantile (1+c)/2]: B. Efron and R. J. Tibshirani,
//! "An Introduction to the Bootstrap" (1993), chapter 13.

use super::interval::{CONFIDENCE, Interval};

/// The interval between two quantiles of at least one value, which it reorders.
pub fn between(values: &mut [f64], low: f64, high: f64) -> Interval {
    Interval { low: quantile(values, low), high: quantile(values, high) }
}

/// The percentile interval of a bootstrap distribution, which it reorders.
pub fn interval(replicates: &mut [f64]) -> Interval {
    between(replicates, (1.0 - CONFIDENCE) / 2.0, f64::midpoint(1.0, CONFIDENCE))
}

/// The quantile `p`, from 0 to 1, of at least one value; it reorders the values.
pub fn quantile(values: &mut [f64], p: f64) -> f64 {
    let rank = (values.len() - 1) as f64 * p.clamp(0.0, 1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 ≤ rank ≤ len − 1
    let below = rank as usize;
    let (_, low, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let low = *low;
    match above.iter().copied().min_by(f64::total_cmp) {
        Some(high) if high > low => low + (high - low) * (rank - below as f64),
        _ => low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_interpolated_as_numpy_does() {
        // numpy 2.4.6: np.percentile([1, 2, 3, 4], [2.5, 97.5]) = [1.075, 3.925].
        let mut values = [3.0, 1.0, 4.0, 2.0];
        assert!((quantile(&mut values, 0.025) - 1.075).abs() < 1e-12);
        assert!((quantile(&mut values, 0.975) - 3.925).abs() < 1e-12);
    }

    #[test]
    fn the_outermost_quantiles_are_the_outermost_values() {
        let mut values = [3.0, 1.0, 2.0];
        assert_eq!(between(&mut values, 0.0, 1.0), Interval { low: 1.0, high: 3.0 });
    }

    #[test]
    fn equal_values_have_an_interval_of_no_width() {
        assert_eq!(interval(&mut [5.0; 100]), Interval::point(5.0));
    }
}
