//! The verdict on each claim, from the numbers of its blocks: the rule of the module above.

use rayon::prelude::*;
use results::{Claim, Expectation, Quantity, Verdict};

use super::quantity::{NEVER, Sampled};
use crate::stats::median::{median, sorted};
use crate::stats::{
    Bootstrap, FEWEST_FOR_MEDIAN, Interval, SIGNIFICANCE, holm, median_interval, sign, student,
};

/// What the blocks say of a claim.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finding {
    pub measured: Option<f64>,
    pub interval: Option<Interval>,
    pub p_value: Option<f64>,
    pub p_adjusted: Option<f64>,
    pub verdict: Verdict,
}

/// Judges all claims by the blocks that `blocks` picks.
pub(super) fn decide(
    claims: &[Claim],
    sampled: &[Result<Sampled, String>],
    bootstrap: &Bootstrap,
    blocks: impl Fn(&Sampled) -> &Vec<f64> + Sync,
) -> Vec<Finding> {
    let tested: Vec<Option<Tested>> = claims
        .par_iter()
        .zip(sampled)
        .map(|(claim, sampled)| Some(Tested::of(blocks(sampled.as_ref().ok()?), claim, bootstrap)))
        .collect();
    let p_value = |tested: &Option<Tested>| Some(tested.as_ref()?.p?.two_sided());
    let tests = claims.iter().zip(&tested).map(|(claim, tested)| (&claim.experiment, p_value(tested)));
    let adjusted = holm::adjust_families(tests);
    let found = tested.iter().zip(adjusted).zip(claims);
    found.map(|((tested, adjusted), claim)| finding(tested.as_ref(), adjusted, &claim.expect)).collect()
}

/// The blocks of a claim, summarised and tested.
struct Tested {
    measured: Option<f64>,
    interval: Option<Interval>,
    p: Option<Sides>,
}

/// One-sided p-values for a claim and against it.
#[derive(Debug, Clone, Copy)]
struct Sides {
    in_favour: f64,
    against: f64,
}

impl Sides {
    /// Where every block gave the same value. A bound is itself within.
    fn certain(value: f64, expect: &Expectation) -> Self {
        let within = lies_within(Interval::point(value), expect);
        if within { Self { in_favour: 0.0, against: 1.0 } } else { Self { in_favour: 1.0, against: 0.0 } }
    }

    fn two_sided(self) -> f64 {
        (2.0 * self.in_favour.min(self.against)).min(1.0)
    }
}

impl Tested {
    fn of(values: &[f64], claim: &Claim, bootstrap: &Bootstrap) -> Self {
        let sorted = sorted(values);
        let enough = sorted.len() >= FEWEST_FOR_MEDIAN;
        if let (Some(value), true) = (the_only_value(&sorted), enough) {
            let (interval, p) = (Interval::point(value), Sides::certain(value, &claim.expect));
            return Self { measured: Some(value), interval: Some(interval), p: Some(p) };
        }
        let (measured, interval) = summarised(&sorted, &claim.quantity, bootstrap);
        Self { measured, interval, p: enough.then(|| sides(&sorted, claim)) }
    }
}

/// The value that all have, if they are alike.
#[allow(clippy::float_cmp)] // not a digit may differ
fn the_only_value(sorted: &[f64]) -> Option<f64> {
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    (first == last).then_some(first)
}

/// The median of values in ascending order, and its interval.
fn summarised(sorted: &[f64], quantity: &Quantity, bootstrap: &Bootstrap) -> (Option<f64>, Option<Interval>) {
    let summary = |sorted: &[f64], back: &dyn Fn(f64) -> f64| {
        let median = (!sorted.is_empty()).then(|| back(median(sorted)));
        let interval = median_interval::of_bca(sorted, bootstrap);
        (median, interval.map(|Interval { low, high }| Interval { low: back(low), high: back(high) }))
    };
    match quantity {
        Quantity::Ratio { .. } if sorted.iter().all(|x| *x > 0.0) => {
            let logarithms: Vec<f64> = sorted.iter().map(|x| x.ln()).collect();
            summary(&logarithms, &f64::exp)
        }
        // A number between the last one there is and none is none.
        Quantity::Crossover { .. } => {
            let last = sorted.iter().copied().filter(|x| *x < NEVER).fold(0.0, f64::max);
            summary(sorted, &|x| if x > last { NEVER } else { x })
        }
        _ => summary(sorted, &|x| x),
    }
}

/// Tests values against the bounds. Within both is what lies within each, by two one-sided tests
/// (D. J. Schuirmann, "A comparison of the two one-sided tests procedure and the power approach", Journal
/// of Pharmacokinetics and Biopharmaceutics 15 (1987)): the larger p counts. That a difference is *not
/// significant* would show no equivalence: there may only have been too few blocks.
fn sides(values: &[f64], claim: &Claim) -> Sides {
    let bounds = [claim.expect.low, claim.expect.high];
    let is_crossover = matches!(claim.quantity, Quantity::Crossover { .. });
    // A crossover that is nowhere is 0 or as good as infinite: neither has a mean that says anything.
    let has_mean = !is_crossover || values.iter().all(|x| *x != 0.0 && *x < NEVER);
    let is_positive = |x: &f64| *x > 0.0;
    let logarithms = has_mean && values.iter().all(is_positive) && bounds.iter().flatten().all(is_positive);
    let scale = |x: f64| if logarithms { x.ln() } else { x };
    let values: Vec<f64> = values.iter().copied().map(scale).collect();
    let [low, high] = bounds.map(|bound| bound.map(scale));
    let above =
        |bound| if has_mean { student::p_greater(&values, bound) } else { sign::p_greater(&values, bound) };
    let below = |bound| if has_mean { student::p_less(&values, bound) } else { sign::p_less(&values, bound) };
    Sides {
        in_favour: low.map_or(0.0, above).max(high.map_or(0.0, below)),
        against: low.map_or(1.0, below).min(high.map_or(1.0, above)),
    }
}

fn finding(tested: Option<&Tested>, p_adjusted: Option<f64>, expect: &Expectation) -> Finding {
    let Some(tested) = tested else {
        let verdict = Verdict::Untestable;
        return Finding { measured: None, interval: None, p_value: None, p_adjusted: None, verdict };
    };
    let decided = p_adjusted.is_some_and(|p| p <= SIGNIFICANCE);
    let verdict = match (tested.interval, tested.p) {
        (Some(interval), Some(p)) if decided => {
            let holds = p.in_favour <= p.against;
            match (holds, lies_within(interval, expect), lies_beyond(interval, expect)) {
                (true, true, _) if expect.alike => Verdict::Equivalent,
                (true, true, _) => Verdict::Supported,
                (false, _, true) => Verdict::Refuted,
                _ => Verdict::Inconclusive,
            }
        }
        _ => Verdict::Inconclusive,
    };
    Finding {
        measured: tested.measured,
        interval: tested.interval,
        p_value: tested.p.map(Sides::two_sided),
        p_adjusted,
        verdict,
    }
}

fn lies_within(interval: Interval, expect: &Expectation) -> bool {
    expect.low.is_none_or(|low| interval.low >= low) && expect.high.is_none_or(|high| interval.high <= high)
}

fn lies_beyond(interval: Interval, expect: &Expectation) -> bool {
    expect.low.is_some_and(|low| interval.high < low) || expect.high.is_some_and(|high| interval.low > high)
}
