//! Student's t for the mean of differences: interval and test.
//!
//! With mean m and standard deviation s (divisor n − 1) of n differences, the interval is
//! m ± t·s/√n with t the quantile (1+c)/2 of Student's distribution with n − 1 degrees of freedom;
//! p is the probability of a |t| as large as |m|·√n/s, if the true mean were zero.
//!
//! Source: Student, "The probable error of a mean", Biometrika 6 (1908).

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::interval::{CONFIDENCE, Interval};

/// The mean of the differences, its interval, and the test that it is zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// The mean.
    pub mean: f64,
    /// Its confidence interval.
    pub interval: Interval,
    /// Two-sided p of the hypothesis that the true mean is zero. Differences without any spread give
    /// 1 if they are zero and 0 otherwise.
    pub p_value: f64,
}

/// The mean of at least one value.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The paired t test of at least two differences.
pub fn paired(differences: &[f64]) -> Paired {
    let n = differences.len() as f64;
    let (mean, error) = mean_and_error(differences);
    if error == 0.0 {
        let p_value = if mean == 0.0 { 1.0 } else { 0.0 };
        return Paired { mean, interval: Interval::point(mean), p_value };
    }
    let half = t(differences.len()) * error;
    let interval = Interval { low: mean - half, high: mean + half };
    Paired { mean, interval, p_value: two_sided(mean / error, n - 1.0) }
}

/// The quantile (1 + c)/2 for the mean of so many values, at least two.
pub fn t(n: usize) -> f64 {
    distribution(n as f64 - 1.0).inverse_cdf(f64::midpoint(1.0, CONFIDENCE))
}

/// The probability of a distance of so many standard errors or more, either way.
pub(super) fn two_sided(errors: f64, freedom: f64) -> f64 {
    (2.0 * distribution(freedom).sf(errors.abs())).min(1.0)
}

/// Student's distribution; of at least two values the degrees of freedom are above zero.
fn distribution(freedom: f64) -> StudentsT {
    StudentsT::new(0.0, 1.0, freedom).expect("Student's t has positive degrees of freedom")
}

/// The mean of at least two values and its standard error; an error that is nothing but the rounding
/// of equal values is none.
pub(super) fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = mean(values);
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let error = (variance / n).sqrt();
    (mean, if error <= f64::EPSILON * mean.abs() { 0.0 } else { error })
}

#[cfg(test)]
mod tests {
    use super::super::reference::{assert_close, assert_ends, log_ratios};
    use super::*;

    #[test]
    fn mean_interval_and_p_agree_with_scipy() {
        // scipy 1.17.1: stats.ttest_1samp(d, 0).pvalue, stats.t.interval(0.95, n - 1, mean, stats.sem(d)).
        let found = paired(&log_ratios());
        assert_close(found.mean, 0.209_753_780_030_410_2);
        assert_ends(found.interval, 0.107_361_049_744_025_29, 0.312_146_510_316_795_13, 1e-10);
        assert_close(found.p_value, 0.000_612_260_313_910_139_8);
        let found = paired(&[1.0, 2.0, 4.0]);
        assert_ends(found.interval, -1.461_249_700_263_426, 6.127_916_366_930_092_5, 1e-9);
        assert_close(found.p_value, 0.118_082_896_311_803_08);
    }

    #[test]
    fn the_quantile_agrees_with_scipy_for_few_and_for_many_degrees_of_freedom() {
        // scipy 1.17.1: stats.t.ppf(0.975, df).
        let expected = [
            (2.0, 4.302_652_729_749_462),
            (14.0, 2.144_786_687_917_804),
            (999.0, 1.962_341_461_133_449_3),
            (9999.0, 1.960_201_263_621_357),
        ];
        for (freedom, quantile) in expected {
            assert_close(distribution(freedom).inverse_cdf(0.975), quantile);
        }
    }

    #[test]
    fn differences_without_spread_give_numbers() {
        let expected = |mean, p_value| Paired { mean, interval: Interval::point(mean), p_value };
        assert_eq!(paired(&[0.0; 5]), expected(0.0, 1.0));
        assert_eq!(paired(&[0.5; 4]), expected(0.5, 0.0));
    }

    #[test]
    fn nearly_equal_differences_give_numbers() {
        let found = paired(&[0.1, 0.1, 0.1 + 1e-17, 0.1 + 1e-16, 0.1, 0.1, 0.1]);
        assert!(found.p_value.is_finite() && found.interval.low.is_finite(), "{found:?}");
    }
}
