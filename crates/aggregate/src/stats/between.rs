//! What varies between sittings, beyond what varies within them.
//!
//! A value of a sitting is y = μ + e + noise, on the scale of logarithms, where e is drawn once a sitting: it moves all
//! blocks of the sitting together, and no interval made of single blocks knows of it. Its standard deviation τ is
//! estimated by analysis of variance (one way, random effects): the mean square between sittings less that within
//! them, divided by the blocks of a sitting. A few sittings say little about one quantity, and much about many, so that
//! the estimates are pooled. The mean square between three sittings has the distribution of χ² with two degrees of
//! freedom; the median over the quantities, divided by the median of that distribution, is not moved by the few
//! quantities that vary most. Sources: S. R. Searle, G. Casella and C. E. `McCulloch`, "Variance Components" (1992),
//! chapter 3; T. Kalibera and R. Jones, "Rigorous benchmarking in reasonable time" (2013), for runs as the level above
//! processes.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::interval::Interval;
use super::median::{median, sorted};

/// Standard deviations by which all sittings may be off before a verdict falls.
const DEVIATIONS: f64 = 2.0;

/// The 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// What the sittings of a run differ by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Between {
    /// How many the quantity was measured in.
    pub sittings: usize,
    /// τ, on the scale of logarithms: what counts.
    pub deviation: f64,
    /// τ as this run alone has it.
    pub in_this_run: f64,
    /// How many earlier runs count in τ.
    pub earlier_runs: u32,
}

impl Between {
    /// Of a run in a single sitting nothing is known.
    pub const UNKNOWN: Self = Self { sittings: 1, deviation: 0.0, in_this_run: 0.0, earlier_runs: 0 };

    /// So many sittings that differ by so much.
    pub fn of(sittings: usize, deviation: f64) -> Self {
        Self { sittings, deviation, in_this_run: deviation, earlier_runs: 0 }
    }

    /// Pools what the quantities say, each by its [`variance`].
    pub fn pooled(sittings: usize, variances: impl IntoIterator<Item = f64>) -> Self {
        let variances = sorted(variances);
        if variances.is_empty() {
            return Self::of(sittings, 0.0);
        }
        Self::of(sittings, median(&variances).max(0.0).sqrt())
    }

    /// The same with what so many earlier runs showed, each of which counts as much as this one: the root of the mean
    /// square. Of a single sitting it is what the earlier ones say.
    #[must_use]
    pub fn with_earlier(self, runs: u32, deviation: f64) -> Self {
        let own = if self.sittings > 1 { 1.0 } else { 0.0 };
        let squares = own * self.in_this_run.powi(2) + f64::from(runs) * deviation.powi(2);
        Self { deviation: (squares / (own + f64::from(runs))).sqrt(), earlier_runs: runs, ..self }
    }

    /// The same of one of the quantities, which was measured in so many of the sittings.
    #[must_use]
    pub fn in_sittings(self, sittings: usize) -> Self {
        Self { sittings, ..self }
    }

    /// By how much a bound is moved away, on the scale of logarithms, before a test against it counts.
    pub fn shift(self) -> f64 {
        DEVIATIONS * self.deviation
    }

    /// The interval of a median over n blocks, with the variation between sittings. What of it the blocks show already is
    /// not counted twice: a median of n independent values would have the variance (π/2)·τ²/n of it, one over S
    /// sittings has τ²/S.
    pub fn widened(self, interval: Interval, median: f64, n: usize) -> Interval {
        let more = Z * self.unseen(n).sqrt();
        let end = |end: f64| (end - median).hypot(more);
        Interval { low: median - end(interval.low), high: median + end(interval.high) }
    }

    /// The part of the variance of a median over n blocks that varies between sittings, and that the scatter of the blocks
    /// does not show.
    pub fn unseen(self, n: usize) -> f64 {
        let share = 1.0 / self.sittings as f64 - std::f64::consts::FRAC_PI_2 / n as f64;
        self.deviation.powi(2) * share.max(0.0)
    }

    /// The same of something above zero, on its own scale; what reaches zero or below stays as it is.
    pub fn widened_by_factor(self, interval: Interval, median: f64, n: usize) -> Interval {
        if self.deviation <= 0.0 || interval.low <= 0.0 || median <= 0.0 || !median.is_finite() {
            return interval;
        }
        let logarithms = Interval { low: interval.low.ln(), high: interval.high.ln() };
        self.widened(logarithms, median.ln(), n).exp()
    }
}

/// The estimate of τ² from the logarithms of one quantity, each with its sitting; it may be below zero. None from a single
/// sitting, or from sittings of one value each.
pub fn variance(values: &[(usize, f64)]) -> Option<f64> {
    let mut by_sitting: Vec<Vec<f64>> = Vec::new();
    for &(sitting, value) in values.iter().filter(|(_, value)| value.is_finite()) {
        if by_sitting.len() <= sitting {
            by_sitting.resize(sitting + 1, Vec::new());
        }
        by_sitting[sitting].push(value);
    }
    by_sitting.retain(|values| !values.is_empty());
    let (groups, n) = (by_sitting.len(), by_sitting.iter().map(Vec::len).sum::<usize>());
    if groups < 2 || n <= groups {
        return None;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let grand = by_sitting.iter().flatten().sum::<f64>() / n as f64;
    let (mut between, mut within, mut squares) = (0.0, 0.0, 0.0);
    for values in &by_sitting {
        let (size, centre) = (values.len() as f64, mean(values));
        between += size * (centre - grand).powi(2);
        within += values.iter().map(|value| (value - centre).powi(2)).sum::<f64>();
        squares += size * size;
    }
    let freedom = (groups - 1) as f64;
    let size = (n as f64 - squares / n as f64) / freedom;
    // Of a distribution with at least one degree of freedom.
    let typical = ChiSquared::new(freedom).map_or(1.0, |chi| chi.inverse_cdf(0.5) / freedom);
    Some((between / freedom / typical - within / (n - groups) as f64) / size)
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture::noise::Random;
    use super::*;

    #[test]
    fn the_variance_is_that_of_the_formula() {
        // By hand: means 1, 3, 8 of two each, of all 4; MS between 2·(9 + 1 + 16)/2 = 26, within (2 + 2 + 2)/3 = 2;
        // χ² with 2 degrees of freedom has the median 2·ln 2, so 26 / ln 2.
        let values = [(0, 0.0), (0, 2.0), (1, 2.0), (1, 4.0), (2, 7.0), (2, 9.0)];
        let expected = (26.0 / 2f64.ln() - 2.0) / 2.0;
        assert!((variance(&values).unwrap() - expected).abs() < 1e-6);
    }

    #[test]
    fn one_sitting_or_one_value_in_each_says_nothing() {
        assert_eq!(variance(&[(0, 1.0), (0, 2.0)]), None);
        assert_eq!(variance(&[(0, 1.0), (1, 2.0)]), None);
        assert_eq!(variance(&[(0, f64::INFINITY), (1, 2.0), (1, 3.0)]), None);
        assert_eq!(Between::pooled(3, []).deviation, 0.0);
    }

    #[test]
    fn earlier_runs_count_as_much_as_this_one_and_alone_where_it_is_a_single_sitting() {
        let this = Between::of(3, 0.05);
        // By hand: √((0.05² + 3·0.01²) / 4).
        assert!((this.with_earlier(3, 0.01).deviation - 0.026_458).abs() < 1e-6);
        assert_eq!(Between::UNKNOWN.with_earlier(3, 0.01).deviation, 0.01);
    }

    #[test]
    fn what_was_put_between_sittings_is_found_and_noise_is_not() {
        for truth in [0.0, 0.02, 0.05] {
            let mut random = Random::new(7);
            let quantity = |_| {
                let effects: Vec<f64> = (0..3).map(|_| truth * random.normal()).collect();
                let values: Vec<(usize, f64)> =
                    (0..13).map(|block| (block % 3, effects[block % 3] + 0.05 * random.normal())).collect();
                variance(&values).unwrap()
            };
            let found = Between::pooled(3, (0..500).map(quantity).collect::<Vec<f64>>()).deviation;
            assert!((found - truth).abs() < 0.01, "{found} for {truth}");
        }
    }

    #[test]
    fn an_interval_is_widened_by_what_its_blocks_do_not_show() {
        let between = Between::of(3, 0.05);
        let interval = Interval { low: -0.1, high: 0.05 };
        // By hand: 1.96·0.05·√(1/3 − 1.5708/13) = 0.045178; hypotenuses with 0.1 and 0.05.
        let widened = between.widened(interval, 0.0, 13);
        assert!(
            (widened.low + 0.109_73).abs() < 1e-4 && (widened.high - 0.067_39).abs() < 1e-4,
            "{widened:?}"
        );
        assert_eq!(Between::UNKNOWN.widened(interval, 0.0, 13), interval);
        let by_factor = between.widened_by_factor(interval.exp(), 1.0, 13);
        assert!((by_factor.low - widened.low.exp()).abs() < 1e-12);
        let below = Interval { low: -1.0, high: 2.0 };
        assert_eq!(between.widened_by_factor(below, 1.0, 13), below);
    }
}
