//! One quantity on several machines that differ: its mean, by how much they differ, and what the next machine will show.
//!
//! Model, on the scale of logarithms: machine m shows y = μ + u + e. u, drawn once a machine, has the standard deviation
//! τ, and e the variance v of that machine's own estimate ([`one_machine`](super::one_machine)). With the weights
//! w = 1/(v + τ²), the mean M = Σwy/Σw, and Q(τ²) = Σw(y − M)², of k machines:
//!
//! - τ² is where Q = k − 1, or 0 where Q(0) is less (R. C. Paule and J. Mandel, "Consensus values and weighting factors",
//!   Journal of Research of the National Bureau of Standards 87 (1982); recommended by A. A. Veroniki and others, Research
//!   Synthesis Methods 7 (2016)). Q falls and is convex, so that Newton's method from 0 cannot overshoot.
//! - The interval of μ is M ± t·√(q/Σw), with t of k − 1 degrees of freedom and q = max(1, Q/(k − 1)): the modified form of
//!   Hartung and Knapp (J. Hartung and G. Knapp, Statistics in Medicine 20 (2001); G. Knapp and J. Hartung, 22 (2003);
//!   C. Röver, G. Knapp and T. Friede, BMC Medical Research Methodology 15 (2015), for few machines of unequal precision).
//!   Where τ² is above 0, Q/(k − 1) is 1 by the choice of τ²; where it is 0, the machines may agree by chance more closely
//!   than their own errors allow, and the interval is not the narrower for it.
//! - The interval of τ² are the values at which Q lies between the quantiles 2.5 % and 97.5 % of χ² with k − 1 degrees of
//!   freedom (W. Viechtbauer, "Confidence intervals for the amount of heterogeneity in meta-analysis", Statistics in
//!   Medicine 26 (2007): Q-profile).
//! - The next machine's own μ + u lies in M ± t·√(τ² + q/Σw), with the same t (J. P. T. Higgins, S. G. Thompson and D. J.
//!   Spiegelhalter, "A re-evaluation of random-effects meta-analysis", JRSS A 172 (2009), where t has k − 2 degrees of
//!   freedom; with k − 1, as metafor has it beside Hartung and Knapp's interval, it is the exact prediction interval of a
//!   normal sample where the machines' own errors are small against τ, as here).
//! - The second opinion weighs nothing: the mean of y with Student's t over machines ([`student`]).
//!
//! Two machines would have a t of 12.7: nothing is said of fewer than [`FEWEST`].

use statrs::distribution::{ChiSquared, ContinuousCDF, StudentsT};

use super::interval::{CONFIDENCE, FEWEST, Interval};
use super::student;

/// What is shown by one machine, on the scale of logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// Its estimate.
    pub value: f64,
    /// The squared error of that.
    pub variance: f64,
}

/// No machine is taken to know a logarithm better than to a billionth: a clock has ticks.
const LEAST_VARIANCE: f64 = 1e-18;

/// What all machines show together, on the scale of logarithms.
#[derive(Debug, Clone, PartialEq)]
pub struct Across {
    /// The mean over machines like these.
    pub mean: f64,
    /// The interval of that.
    pub interval: Interval,
    /// τ, what machines differ by: a standard deviation.
    pub tau: f64,
    /// The interval of that.
    pub tau_interval: Interval,
    /// Where the next machine will lie.
    pub next: Interval,
    /// The interval of the mean by Student's t over machines.
    pub plain: Interval,
    /// The standard error of the mean.
    error: f64,
    student: StudentsT,
}

/// The quantiles that so many machines need: each is looked for, and asked for of many quantities.
#[derive(Debug, Clone)]
pub struct Quantiles {
    student: StudentsT,
    /// Of Student's distribution, (1 + c)/2.
    t: f64,
    /// Of χ², (1 − c)/2 and (1 + c)/2.
    chi: Interval,
}

impl Quantiles {
    /// Those of so many machines; none of fewer than [`FEWEST`].
    pub fn of(machines: usize) -> Option<Self> {
        if machines < FEWEST {
            return None;
        }
        let freedom = (machines - 1) as f64;
        let (student, chi) = (StudentsT::new(0.0, 1.0, freedom).ok()?, ChiSquared::new(freedom).ok()?);
        let (low, high) = ((1.0 - CONFIDENCE) / 2.0, f64::midpoint(1.0, CONFIDENCE));
        let chi = Interval { low: chi.inverse_cdf(low), high: chi.inverse_cdf(high) };
        Some(Self { student, t: student.inverse_cdf(high), chi })
    }
}

impl Across {
    /// Of as many machines as the quantiles are for.
    pub fn of(shown: &[Shown], quantiles: &Quantiles) -> Self {
        let freedom = (shown.len() - 1) as f64;
        let tau2 = where_q_is(freedom, shown);
        let Weighted { mean, q, sum, .. } = weighted(shown, tau2);
        let error = ((q / freedom).max(1.0) / sum).sqrt();
        let around = |error: f64| {
            let half = quantiles.t * error;
            Interval { low: mean - half, high: mean + half }
        };
        let tau_at = |q: f64| where_q_is(q, shown).sqrt();
        let values: Vec<f64> = shown.iter().map(|one| one.value).collect();
        let (plain, plain_error) = student::mean_and_error(&values);
        let half = quantiles.t * plain_error;
        Self {
            mean,
            interval: around(error),
            tau: tau2.sqrt(),
            tau_interval: Interval { low: tau_at(quantiles.chi.high), high: tau_at(quantiles.chi.low) },
            next: around((tau2 + error.powi(2)).sqrt()),
            plain: Interval { low: plain - half, high: plain + half },
            error,
            student: quantiles.student,
        }
    }

    /// p of the hypothesis that the mean is at the bound or below: small where it lies above.
    pub fn p_above(&self, bound: f64) -> f64 {
        self.student.sf((self.mean - bound) / self.error)
    }

    /// p of the hypothesis that the mean is at the bound or above: small where it lies below.
    pub fn p_below(&self, bound: f64) -> f64 {
        self.student.cdf((self.mean - bound) / self.error)
    }
}

/// What the weights for one τ² give.
struct Weighted {
    mean: f64,
    q: f64,
    /// Of the weights.
    sum: f64,
    /// By how much Q falls as τ² grows: Σw²(y − M)².
    slope: f64,
}

fn weighted(shown: &[Shown], tau2: f64) -> Weighted {
    let weight = |one: &Shown| 1.0 / (one.variance.max(LEAST_VARIANCE) + tau2);
    let sum: f64 = shown.iter().map(weight).sum();
    let mean = shown.iter().map(|one| weight(one) * one.value).sum::<f64>() / sum;
    let (mut q, mut slope) = (0.0, 0.0);
    for one in shown {
        let part = weight(one) * (one.value - mean).powi(2);
        (q, slope) = (q + part, slope + weight(one) * part);
    }
    Weighted { mean, q, sum, slope }
}

/// Rounds of Newton's method: it doubles τ² at least until it is near, and then doubles its digits.
const MOST_ROUNDS: usize = 200;
/// How near to the root is there, as a share.
const PRECISION: f64 = 1e-13;

/// The τ² at which Q is this; 0 where it is never as large.
fn where_q_is(wanted: f64, shown: &[Shown]) -> f64 {
    let mut tau2 = 0.0;
    for _ in 0..MOST_ROUNDS {
        let Weighted { q, slope, .. } = weighted(shown, tau2);
        let step = (q - wanted) / slope;
        // Also where all are equal, and the slope is 0.
        if !(q > wanted && step > PRECISION * tau2) {
            break;
        }
        tau2 += step;
    }
    tau2
}

#[cfg(test)]
mod tests {
    use super::super::reference::{assert_close, assert_ends};
    use super::*;

    fn shown(values: &[f64], variances: &[f64]) -> Vec<Shown> {
        values.iter().zip(variances).map(|(&value, &variance)| Shown { value, variance }).collect()
    }

    fn across(shown: &[Shown]) -> Across {
        Across::of(shown, &Quantiles::of(shown.len()).unwrap())
    }

    /// Nine measurements of one quantity, from R. Kacker, "Combining information from interlaboratory evaluations using
    /// a random effects model", Metrologia 41 (2004).
    fn kacker() -> Vec<Shown> {
        shown(
            &[61.00, 61.40, 62.21, 62.30, 62.34, 62.60, 62.70, 62.84, 65.90],
            &[0.2025, 1.2100, 0.0900, 0.2025, 0.3844, 0.5625, 0.0676, 0.0225, 1.8225],
        )
    }

    /// Logarithms of odds ratios of nine trials of diuretics against pre-eclampsia (R. Collins, S. Yusuf and R. Peto, BMJ
    /// 290 (1985)), from the counts of women with it, and of all: treated, and not.
    fn collins() -> Vec<Shown> {
        let counts = [
            (14, 131, 14, 136),
            (21, 385, 17, 134),
            (14, 57, 24, 48),
            (6, 38, 18, 40),
            (12, 1011, 35, 760),
            (138, 1370, 175, 1336),
            (15, 506, 20, 524),
            (6, 108, 2, 103),
            (65, 153, 40, 102),
        ];
        let log_odds = |(a, n, c, m): (i32, i32, i32, i32)| {
            let [a, b, c, d] = [a, n - a, c, m - c].map(f64::from);
            Shown { value: (a * d / (b * c)).ln(), variance: 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d }
        };
        counts.map(log_odds).into()
    }

    fn assert_published(found: f64, published: f64, tolerance: f64) {
        assert!((found - published).abs() <= tolerance, "{found} for {published}");
    }

    #[test]
    fn the_spread_is_the_published_one() {
        // Kacker's table 1 has 0.8399 for Paule and Mandel's τ.
        assert_published(across(&kacker()).tau, 0.8399, 6e-5);
        // Viechtbauer (2007), table II: the interval of τ² by Q-profile.
        let Interval { low, high } = across(&collins()).tau_interval;
        assert_published(low.powi(2), 0.072, 5e-4);
        assert_published(high.powi(2), 2.203, 5e-4);
    }

    // Two samples, and what statsmodels 0.15.0 and scipy say of each, in this order: τ, mean, interval, next, plain.
    //
    // r = combine_effects(y, v, method_re="iterated", use_t=True, atol=1e-12); r.tau2 ** 0.5; r.mean_effect_re; with
    // t = stats.t.ppf(0.975, k - 1) and e = r.sd_eff_w_re * max(1, r.scale_hksj_re) ** 0.5, mean ± t·e (where the scale is
    // 1, as of the first, this is r.conf_int(use_t=True)[3], "random effect wls"), mean ± t·(r.tau2 + e**2) ** 0.5, and
    // stats.t.interval(0.95, k - 1, y.mean(), stats.sem(y)).
    type Reference = (Vec<Shown>, [f64; 8]);

    fn references() -> [Reference; 2] {
        let eight = shown(
            &[0.11, 0.13, 0.08, 0.15, 0.10, 0.02, 0.12, 0.14],
            &[1e-4, 4e-4, 1e-4, 9e-4, 2.5e-5, 1e-4, 4e-4, 1e-4],
        );
        let agreeing = shown(&[0.10, 0.11, 0.12, 0.09], &[0.0004, 0.0009, 0.0004, 0.0025]);
        [
            (
                eight,
                [
                    0.038_678_986_947_677_71,
                    0.103_432_206_101_218_84,
                    0.068_702_483_179_219_59,
                    0.138_161_929_023_218_08,
                    0.005_599_094_797_672_163,
                    0.201_265_317_404_765_5,
                    0.071_653_478_416_870_6,
                    0.140_846_521_583_129_38,
                ],
            ),
            (
                agreeing,
                [
                    0.0,
                    0.108_771_331_058_020_49,
                    0.069_331_637_522_451_36,
                    0.148_211_024_593_589_62,
                    0.069_331_637_522_451_36,
                    0.148_211_024_593_589_62,
                    0.084_457_397_432_394_8,
                    0.125_542_602_567_605_2,
                ],
            ),
        ]
    }

    #[test]
    fn mean_and_intervals_agree_with_statsmodels() {
        for (sample, [tau, mean, low, high, next_low, next_high, t_low, t_high]) in references() {
            let found = across(&sample);
            assert_close(found.tau, tau);
            assert_close(found.mean, mean);
            assert_ends(found.interval, low, high, 1e-10);
            assert_ends(found.next, next_low, next_high, 1e-10);
            assert_ends(found.plain, t_low, t_high, 1e-10);
        }
        let found = across(&kacker());
        assert_close(found.mean, 62.407_619_911_328_254);
        assert_ends(found.interval, 61.628_119_943_714_42, 63.187_119_878_942_09, 1e-7);
    }

    #[test]
    fn the_interval_of_the_spread_is_where_q_is_a_quantile() {
        // scipy 1.17: optimize.brentq of Q(τ²) − stats.chi2.ppf(0.975, k − 1), and of 0.025; then the root.
        let [(eight, _), (agreeing, _)] = references();
        assert_ends(across(&eight).tau_interval, 0.023_590_209_708_355_188, 0.082_800_332_520_418_66, 1e-10);
        assert_ends(across(&agreeing).tau_interval, 0.0, 0.035_004_038_493_110_644, 1e-10);
    }

    #[test]
    fn p_is_that_of_students_t_with_the_same_error() {
        let [(eight, _), (agreeing, _)] = references();
        // stats.t.sf((mean - 0.1) / e, k - 1).
        assert_close(across(&eight).p_above(0.1), 0.410_957_574_192_005_7);
        assert_close(across(&agreeing).p_above(0.1), 0.265_059_440_313_501_54);
        assert_close(across(&eight).p_below(0.1), 1.0 - 0.410_957_574_192_005_7);
        // A bound at an end of the interval is decided with 2.5 % on its side.
        let found = across(&eight);
        assert_close(found.p_above(found.interval.low), 0.025);
    }

    #[test]
    fn machines_that_know_nothing_of_their_errors_have_the_plain_mean() {
        let values = [0.11, 0.13, 0.08, 0.15];
        let found = across(&shown(&values, &[0.0; 4]));
        assert_ends(found.interval, found.plain.low, found.plain.high, 1e-9);
        assert_close(found.mean, 0.1175);
        // τ is the standard deviation, and the next machine lies within the prediction interval of a normal sample.
        assert_close(found.tau, (0.002_675f64 / 3.0).sqrt());
        let half = (found.next.high - found.next.low) / 2.0;
        assert_close(half, student::t(4) * found.tau * 1.25f64.sqrt());
    }

    #[test]
    fn equal_machines_give_numbers_and_two_give_nothing() {
        let found = across(&shown(&[0.1; 5], &[0.0; 5]));
        assert!((found.mean - 0.1).abs() < 1e-12 && found.tau == 0.0, "{found:?}");
        assert!(found.interval.low > 0.099 && found.interval.high < 0.101, "{found:?}");
        assert!(Quantiles::of(2).is_none() && Quantiles::of(0).is_none());
    }
}
