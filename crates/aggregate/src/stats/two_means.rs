//! Do two independent samples come from distributions of the same mean? Two t tests; the larger p counts.
//!
//! With means m, variances s² (divisor n − 1) and sizes n, t = (m₂ − m₁) / √V follows about Student's distribution,
//! where V is
//!
//! - s₁²/n₁ + s₂²/n₂ (Welch): a run that is noisier is not taken for one that is slower;
//! - s²·(1/n₁ + 1/n₂) with one s² of both (Fisher). Where both samples come from one distribution that is nearly what
//!   a permutation of all values says (Pitman). Six values of two modes fall into one of them in one case of 32, seem
//!   to have hardly any spread, and lie far from the mean of twenty others: Welch's test alone is then too sure.
//!
//! To V is added what groups of values differ by, and their scatter does not show. Each part of V has its degrees of
//! freedom f; the sum has V² / Σ (part²/f) of them (Satterthwaite). And no p is smaller than that of the most extreme
//! of all ways to divide the values, 2 / C(n₁ + n₂, n₁): what a t test says beyond that is the shape of a curve that
//! nobody saw.
//!
//! Sources: B. L. Welch, Biometrika 34 (1947); F. E. Satterthwaite, Biometrics Bulletin 2 (1946); R. A. Fisher,
//! "Applications of 'Student's' distribution", Metron 5 (1925); E. J. G. Pitman, Supplement to the Journal of the Royal
//! Statistical Society 4 (1937).

use super::student::{mean_and_error, two_sided};

/// How far apart the means of equal values may come out, by rounding alone, as a share of them.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

/// A variance, and its degrees of freedom.
pub type Part = (f64, f64);

/// Two-sided p of the hypothesis that two samples of at least two values each have the same true mean; `more` is added to
/// the variance of their difference. Where there is no variance at all, p is the smallest one, or 1 if they are alike.
pub fn p_value(first: &[f64], second: &[f64], more: Part) -> f64 {
    let (welch, pooled) = both(first, second, more);
    welch.max(pooled).max(least_p(first.len() as u64, second.len() as u64))
}

/// The smallest p of two samples of such sizes.
pub fn least_p(n_1: u64, n_2: u64) -> f64 {
    (1..=n_1).map(|i| i as f64 / (n_2 + i) as f64).product::<f64>() * 2.0
}

/// Welch's p, and that of one variance.
fn both(first: &[f64], second: &[f64], more: Part) -> (f64, f64) {
    let ((mean_1, error_1), (mean_2, error_2)) = (mean_and_error(first), mean_and_error(second));
    let (n_1, n_2) = (first.len() as f64, second.len() as f64);
    // Of a standard error e, the squared deviations add up to e²·n·(n − 1).
    let deviations = error_1.powi(2) * n_1 * (n_1 - 1.0) + error_2.powi(2) * n_2 * (n_2 - 1.0);
    let freedom = n_1 + n_2 - 2.0;
    let common = deviations / freedom * (1.0 / n_1 + 1.0 / n_2);
    let difference = mean_2 - mean_1;
    let difference =
        if difference.abs() <= ROUNDING * mean_1.abs().max(mean_2.abs()) { 0.0 } else { difference };
    let welch = [(error_1.powi(2), n_1 - 1.0), (error_2.powi(2), n_2 - 1.0), more];
    (p_of(difference, &welch), p_of(difference, &[(common, freedom), more]))
}

fn p_of(difference: f64, parts: &[Part]) -> f64 {
    let variance: f64 = parts.iter().map(|(part, _)| part).sum();
    if difference == 0.0 || variance <= 0.0 {
        return if difference == 0.0 { 1.0 } else { 0.0 };
    }
    // Shares of the variance, so that no power of it can be so small that it becomes zero.
    let freedom = |(part, freedom): &Part| (part / variance).powi(2) / freedom;
    two_sided(difference / variance.sqrt(), 1.0 / parts.iter().map(freedom).sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::super::reference::{FORTY_ONE, MAKESPANS, OTHER_MAKESPANS, assert_close, logarithms};
    use super::*;

    const NOTHING: Part = (0.0, 1.0);

    fn assert_p(first: &[f64], second: &[f64], welch: f64, pooled: f64) {
        let (first, second) = (logarithms(first), logarithms(second));
        let found = both(&first, &second, NOTHING);
        assert_close(found.0, welch);
        assert_close(found.1, pooled);
        assert_eq!(p_value(&first, &second, NOTHING), p_value(&second, &first, NOTHING));
    }

    #[test]
    fn both_agree_with_scipy() {
        // scipy 1.17.1: stats.ttest_ind(np.log(b), np.log(a), equal_var=False).pvalue, and with True.
        assert_p(&MAKESPANS, &OTHER_MAKESPANS, 0.002_084_466_849_602_777, 0.000_986_912_776_965_469_1);
        assert_p(&MAKESPANS[..6], &OTHER_MAKESPANS, 0.071_037_521_927_634_13, 0.002_738_015_443_077_223_7);
        assert_p(&FORTY_ONE[..7], &FORTY_ONE[7..], 0.560_103_771_838_124_5, 0.605_555_529_390_614_5);
        // stats.ttest_ind([1, 2, 4, 5], [2, 2, 2], equal_var=False).pvalue: one has no spread.
        assert_close(both(&[1.0, 2.0, 4.0, 5.0], &[2.0; 3], NOTHING).0, 0.353_387_466_288_697_7);
    }

    #[test]
    fn samples_without_spread_are_as_sure_as_their_number_allows() {
        // Their means differ by rounding.
        assert_eq!(p_value(&[0.1; 6], &[0.1; 7], NOTHING), 1.0);
        assert_eq!(p_value(&[0.0; 6], &[0.0; 6], NOTHING), 1.0);
        // C(12, 6) = 924.
        assert_close(p_value(&[0.1; 6], &[0.2; 6], NOTHING), 2.0 / 924.0);
    }

    #[test]
    fn a_few_values_that_happen_to_lie_in_one_mode_are_no_certain_change() {
        let slow = [0.40, 0.41, 0.39, 0.42, 0.38, 0.40];
        assert!(both(&slow, &[0.0, 0.4].repeat(10), NOTHING).0 < 0.001);
        assert!(p_value(&slow, &[0.0, 0.4].repeat(10), NOTHING) > 0.02);
    }

    #[test]
    fn what_runs_differ_by_is_a_part_of_the_variance() {
        // By hand: no scatter, so that t = 0.2 / 0.1 with 2 degrees of freedom: p = 1 − 2/√6.
        assert_close(p_value(&[0.1; 6], &[0.3; 6], (0.01, 2.0)), 1.0 - 2.0 / 6f64.sqrt());
    }
}
