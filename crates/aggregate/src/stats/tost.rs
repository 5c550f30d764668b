//! Equivalence by two one-sided tests: is a mean within a margin?
//!
//! Both "it is at or below the lower bound" and "it is at or above the upper bound" must be rejected,
//! so p is the larger one of the two. That a difference is *not significant* shows no equivalence: it
//! may only have been looked for too little.
//!
//! Source: D. J. Schuirmann, "A comparison of the two one-sided tests procedure and the power
//! approach", Journal of Pharmacokinetics and Biopharmaceutics 15 (1987).

use super::student;

/// p of the hypothesis that the true mean of at least two values lies outside the bounds.
pub fn p_value(values: &[f64], low: f64, high: f64) -> f64 {
    student::p_greater(values, low).max(student::p_less(values, high))
}

#[cfg(test)]
mod tests {
    use super::super::reference::{assert_close, log_ratios};
    use super::*;

    #[test]
    fn p_agrees_with_statsmodels() {
        // statsmodels: DescrStatsW(d).ttost_mean(0.05, 0.35)[0].
        assert_close(p_value(&log_ratios(), 0.05, 0.35), 0.005_402_963_320_163_293);
    }

    #[test]
    fn what_lies_outside_is_never_equivalent() {
        assert!(p_value(&log_ratios(), -0.1, 0.1) > 0.9);
    }
}
