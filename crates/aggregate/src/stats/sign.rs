//! The sign test: is a median above a threshold? Exact, and for values that may be anything, infinite
//! too, since it only counts on which side they lie.
//!
//! Of n values that differ from the threshold, k lie above it. Were the median at the threshold, k
//! would be binomial with n and 1/2; p is the probability of as many or more, Σ_{i≥k} C(n,i)/2ⁿ.
//!
//! Source: W. J. Conover, "Practical Nonparametric Statistics" (1999), section 3.4.

use statrs::distribution::{Binomial, DiscreteCDF};

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

#[cfg(test)]
mod tests {
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
}
