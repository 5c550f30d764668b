//! Welch's t test: do two independent samples come from distributions of the same mean?
//!
//! With means m, standard deviations s (divisor n − 1) and sizes n, the squared standard errors are
//! e = s²/n, and t = (m₂ − m₁) / √(e₁ + e₂) follows Student's distribution with about
//! (e₁ + e₂)² / (e₁²/(n₁ − 1) + e₂²/(n₂ − 1)) degrees of freedom. Neither the sizes nor the spreads of
//! the two need be alike: a machine that is noisier is no machine that is slower.
//!
//! Sources: B. L. Welch, "The generalization of 'Student's' problem when several different population
//! variances are involved", Biometrika 34 (1947); F. E. Satterthwaite, "An approximate distribution of
//! estimates of variance components", Biometrics Bulletin 2 (1946).

use super::student::{mean_and_error, two_sided};

/// How far apart the means of equal values may come out, by rounding alone, as a share of them.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

/// Two-sided p of the hypothesis that two samples of at least two values each have the same true mean.
/// Samples without any spread give 1 if they are alike and 0 otherwise.
pub fn p_value(first: &[f64], second: &[f64]) -> f64 {
    let ((mean_1, error_1), (mean_2, error_2)) = (mean_and_error(first), mean_and_error(second));
    let (difference, error) = (mean_2 - mean_1, error_1.hypot(error_2));
    if error == 0.0 {
        let alike = difference.abs() <= ROUNDING * mean_1.abs().max(mean_2.abs());
        return if alike { 1.0 } else { 0.0 };
    }
    // Shares of the error, so that no power of it can be so small that it becomes zero.
    let freedom_of = |error_of: f64, n: usize| (error_of / error).powi(4) / (n as f64 - 1.0);
    let freedom = 1.0 / (freedom_of(error_1, first.len()) + freedom_of(error_2, second.len()));
    two_sided(difference / error, freedom)
}

#[cfg(test)]
mod tests {
    use super::super::reference::{FORTY_ONE, MAKESPANS, OTHER_MAKESPANS, assert_close, logarithms};
    use super::*;

    fn assert_p(first: &[f64], second: &[f64], expected: f64) {
        assert_close(p_value(&logarithms(first), &logarithms(second)), expected);
    }

    #[test]
    fn p_agrees_with_scipy() {
        // scipy 1.17.1: stats.ttest_ind(np.log(b), np.log(a), equal_var=False).pvalue.
        assert_p(&MAKESPANS, &OTHER_MAKESPANS, 0.002_084_466_849_602_777);
        assert_p(&MAKESPANS[..6], &OTHER_MAKESPANS, 0.071_037_521_927_634_13);
        assert_p(&FORTY_ONE[..7], &FORTY_ONE[7..], 0.560_103_771_838_124_5);
    }

    #[test]
    fn which_sample_is_the_first_does_not_matter() {
        let (a, b) = (logarithms(&MAKESPANS[..6]), logarithms(&OTHER_MAKESPANS));
        assert_eq!(p_value(&a, &b), p_value(&b, &a));
    }

    #[test]
    fn samples_without_spread_leave_no_doubt() {
        // Their means differ by rounding.
        assert_eq!(p_value(&[0.1; 6], &[0.1; 7]), 1.0);
        assert_eq!(p_value(&[0.1; 6], &[0.2; 6]), 0.0);
        assert_eq!(p_value(&[0.0; 6], &[0.0; 6]), 1.0);
    }

    #[test]
    fn one_sample_without_spread_is_compared_by_the_spread_of_the_other() {
        // scipy 1.17.1: stats.ttest_ind([1, 2, 4, 5], [2, 2, 2], equal_var=False).pvalue.
        assert_close(p_value(&[1.0, 2.0, 4.0, 5.0], &[2.0; 3]), 0.353_387_466_288_697_7);
    }
}
