//! `verdicts.csv`: what the run says of each claim of its plan.
//!
//! A claim is about one number a block (a value, a ratio, a crossover), and expects it at or above a
//! bound, at or below one, or between two. The rule, fixed before any trial:
//!
//! 1. *Measured* is the median over blocks, with its interval ([`median_interval`], of `BCa`); of a ratio
//!    on the scale of logarithms, as in `ratios.csv`. From fewer than [`FEWEST_FOR_MEDIAN`] blocks there is
//!    no interval, no test, and no verdict.
//! 2. p: for the claim, that of the one-sided tests that the number lies within each bound (both, by
//!    two one-sided tests, where there are two: [`tost`]); against it, the smaller one of those that
//!    it lies beyond a bound. Student's t, on logarithms where all is above zero; the sign test for
//!    crossovers, which can be infinite. The p-value is twice the smaller of the two, so that a claim
//!    is judged in either direction at once. Blocks that are all alike leave no doubt: p is 0.
//! 3. Holm's correction over all claims of the experiment that have a p-value.
//! 4. *supported* (of two that are claimed to be alike: *equivalent*), or *refuted*, where the
//!    adjusted p is at most 0.05 **and** the whole interval lies on that side; else *inconclusive*.
//!
//! The test is of the mean and the interval of the median: a verdict needs both, so that neither a
//! skewed distribution, whose mean is not its median, nor one wild block, which moves a mean, decides
//! alone.
//!
//! A claim about memory needs its tasks alive all at once: where they were not, it is untestable.

mod quantity;
mod sentence;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use rayon::prelude::*;
use results::{CellRef, Claim, Expectation, Quantity, Verdict, VerdictRow};

use crate::cells::Trials;
use crate::stats::median::median;
use crate::stats::{Bootstrap, FEWEST_FOR_MEDIAN, Interval, holm, median_interval, sign, student, tost};
pub use quantity::NEVER;
pub(crate) use quantity::fits;
use quantity::{Cells, Sampled, sample};

/// A claim is decided where its adjusted p is at most this.
pub(crate) const SIGNIFICANCE: f64 = 0.05;

/// The rows of all claims, in the order of the plan.
pub(crate) fn judge(claims: &[Claim], trials: &Trials, bootstrap: &Bootstrap) -> Vec<VerdictRow> {
    let cells = Cells::of(trials);
    let sampled: Vec<Result<Sampled, String>> =
        claims.par_iter().map(|claim| sample(claim, &cells)).collect();
    let all = decide(claims, &sampled, bootstrap, |sampled| &sampled.values);
    let undisturbed = decide(claims, &sampled, bootstrap, |sampled| &sampled.undisturbed);
    let judged = claims.iter().zip(sampled).zip(all.into_iter().zip(undisturbed));
    judged
        .map(|((claim, sampled), (finding, undisturbed))| row(claim, &sampled, &finding, undisturbed.verdict))
        .collect()
}

/// What the blocks say of a claim.
#[derive(Debug, Clone, Copy)]
struct Finding {
    measured: Option<f64>,
    interval: Option<Interval>,
    p_value: Option<f64>,
    p_adjusted: Option<f64>,
    verdict: Verdict,
}

/// Judges all claims by the blocks that `blocks` picks.
fn decide(
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
    let mut families: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, (claim, tested)) in claims.iter().zip(&tested).enumerate() {
        if tested.as_ref().is_some_and(|tested| tested.p.is_some()) {
            families.entry(&claim.experiment).or_default().push(index);
        }
    }
    let mut adjusted = vec![None; claims.len()];
    for family in families.values() {
        let p_values: Vec<f64> =
            family.iter().filter_map(|&index| Some(tested[index].as_ref()?.p?.two_sided())).collect();
        for (&index, p) in family.iter().zip(holm::adjust(&p_values)) {
            adjusted[index] = Some(p);
        }
    }
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
        let within = lies_within(Interval { low: value, high: value }, expect);
        if within { Self { in_favour: 0.0, against: 1.0 } } else { Self { in_favour: 1.0, against: 0.0 } }
    }

    fn two_sided(self) -> f64 {
        (2.0 * self.in_favour.min(self.against)).min(1.0)
    }
}

impl Tested {
    fn of(values: &[f64], claim: &Claim, bootstrap: &Bootstrap) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let enough = sorted.len() >= FEWEST_FOR_MEDIAN;
        if let (Some(value), true) = (the_only_value(&sorted), enough) {
            let (interval, p) = (Interval { low: value, high: value }, Sides::certain(value, &claim.expect));
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

/// Tests values in ascending order against the bounds.
fn sides(values: &[f64], claim: &Claim) -> Sides {
    let bounds = [claim.expect.low, claim.expect.high];
    let is_crossover = matches!(claim.quantity, Quantity::Crossover { .. });
    // A crossover that is nowhere is 0 or as good as infinite: neither has a mean that says anything.
    if is_crossover && values.iter().any(|x| *x == 0.0 || *x >= NEVER) {
        return Sides {
            in_favour: larger(bounds, |low| sign::p_greater(values, low), |high| sign::p_less(values, high)),
            against: smaller(bounds, |low| sign::p_less(values, low), |high| sign::p_greater(values, high)),
        };
    }
    let positive = |x: &f64| *x > 0.0;
    let logarithms = values.iter().all(positive) && bounds.iter().flatten().all(positive);
    let scale = |x: f64| if logarithms { x.ln() } else { x };
    let values: Vec<f64> = values.iter().copied().map(scale).collect();
    let bounds = bounds.map(|bound| bound.map(scale));
    let in_favour = match bounds {
        [Some(low), Some(high)] => tost::p_value(&values, low, high),
        _ => larger(bounds, |low| student::p_greater(&values, low), |high| student::p_less(&values, high)),
    };
    let against =
        smaller(bounds, |low| student::p_less(&values, low), |high| student::p_greater(&values, high));
    Sides { in_favour, against }
}

type Bounds = [Option<f64>; 2];

fn larger(bounds: Bounds, low: impl Fn(f64) -> f64, high: impl Fn(f64) -> f64) -> f64 {
    bounds[0].map_or(0.0, low).max(bounds[1].map_or(0.0, high))
}

fn smaller(bounds: Bounds, low: impl Fn(f64) -> f64, high: impl Fn(f64) -> f64) -> f64 {
    bounds[0].map_or(1.0, low).min(bounds[1].map_or(1.0, high))
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

fn row(
    claim: &Claim,
    sampled: &Result<Sampled, String>,
    finding: &Finding,
    undisturbed_verdict: Verdict,
) -> VerdictRow {
    let unit = claim.quantity.unit(claim.metric.unit());
    let (n, disturbed) =
        sampled.as_ref().map_or((0, 0), |one| (one.values.len(), one.values.len() - one.undisturbed.len()));
    let (groups, runtime, baseline) = compared(&claim.quantity);
    let reason = match sampled {
        Ok(sampled) => sentence::of(claim, unit, sampled, finding),
        Err(why) => format!("Untestable: {}.", why.trim_end_matches('.')),
    };
    VerdictRow {
        experiment: claim.experiment.clone(),
        claim: claim.id.clone(),
        statement: claim.says.clone(),
        source: claim.source.cite(),
        metric: claim.metric,
        groups,
        runtime,
        baseline,
        unit: unit.into(),
        expected: claim.expect.text.clone(),
        n: n as u64,
        measured: finding.measured,
        ci_low: finding.interval.map(|interval| interval.low),
        ci_high: finding.interval.map(|interval| interval.high),
        p_value: finding.p_value,
        p_adjusted: finding.p_adjusted,
        verdict: finding.verdict,
        disturbed: disturbed as u64,
        undisturbed_verdict,
        reason,
    }
}

/// What is compared: group or groups, and the two runtimes.
fn compared(quantity: &Quantity) -> (String, String, String) {
    match quantity {
        Quantity::Value { of } => (of.group.clone(), of.runtime.clone(), String::new()),
        Quantity::Ratio { of, over } => {
            let groups = if of.group == over.group {
                of.group.clone()
            } else {
                format!("{} / {}", of.group, over.group)
            };
            (groups, of.runtime.clone(), over.runtime.clone())
        }
        Quantity::Crossover { of, over } => {
            let name = |side: &[CellRef]| side.first().map_or_else(String::new, |cell| cell.runtime.clone());
            let groups: Vec<&str> = of.iter().map(|cell| cell.group.as_str()).collect();
            (groups.join(" "), name(of), name(over))
        }
    }
}
