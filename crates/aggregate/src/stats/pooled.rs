//! Student's t test of two independent samples, of one spread: their variances are pooled.
//!
//! With means m, squared deviations from them that add up to d, and sizes n, the common variance is
//! s² = (d₁ + d₂) / (n₁ + n₂ − 2), and t = (m₂ − m₁) / (s·√(1/n₁ + 1/n₂)) follows Student's distribution with
//! n₁ + n₂ − 2 degrees of freedom.
//!
//! Where both samples come from one distribution this is nearly what a permutation test of all values says,
//! whatever that distribution (E. J. G. Pitman, "Significance tests which may be applied to samples from any
//! populations", Supplement to the Journal of the Royal Statistical Society 4 (1937)). [Welch's](super::welch)
//! is not, where the sizes differ: six values of two modes fall into one of them in one case of 32, seem to
//! have hardly any spread, and lie far from the mean of twenty others. So where false alarms matter, both tests are made.
//!
//! Source: R. A. Fisher, "Applications of 'Student's' distribution", Metron 5 (1925).

use super::student::{mean_and_error, two_sided};

/// Two-sided p of the hypothesis that two samples of at least two values each have the same true mean, given
/// that they have the same spread. `None` where neither has any.
pub fn p_value(first: &[f64], second: &[f64]) -> Option<f64> {
    let ((mean_1, error_1), (mean_2, error_2)) = (mean_and_error(first), mean_and_error(second));
    let (n_1, n_2) = (first.len() as f64, second.len() as f64);
    let freedom = n_1 + n_2 - 2.0;
    // Of a standard error e, the squared deviations add up to e²·n·(n − 1).
    let deviations = error_1.powi(2) * n_1 * (n_1 - 1.0) + error_2.powi(2) * n_2 * (n_2 - 1.0);
    let error = (deviations / freedom * (1.0 / n_1 + 1.0 / n_2)).sqrt();
    (error > 0.0).then(|| two_sided((mean_2 - mean_1) / error, freedom))
}

#[cfg(test)]
mod tests {
    use super::super::reference::{FORTY_ONE, MAKESPANS, OTHER_MAKESPANS, assert_close, logarithms};
    use super::super::welch;
    use super::*;

    fn assert_p(first: &[f64], second: &[f64], expected: f64) {
        assert_close(p_value(&logarithms(first), &logarithms(second)).unwrap(), expected);
    }

    #[test]
    fn p_agrees_with_scipy() {
        // scipy 1.17.1: stats.ttest_ind(np.log(b), np.log(a)).pvalue.
        assert_p(&MAKESPANS, &OTHER_MAKESPANS, 0.000_986_912_776_965_469_1);
        assert_p(&MAKESPANS[..6], &OTHER_MAKESPANS, 0.002_738_015_443_077_223_7);
        assert_p(&FORTY_ONE[..7], &FORTY_ONE[7..], 0.605_555_529_390_614_5);
    }

    #[test]
    fn a_few_values_that_happen_to_lie_in_one_mode_are_no_certain_change() {
        let slow = [0.40, 0.41, 0.39, 0.42, 0.38, 0.40];
        let both = [0.0, 0.4].repeat(10);
        assert!(welch::p_value(&slow, &both) < 0.001);
        assert!(p_value(&slow, &both).unwrap() > 0.02);
    }

    #[test]
    fn two_samples_without_spread_have_no_p() {
        assert_eq!(p_value(&[1.0; 6], &[2.0; 6]), None);
    }
}
