//! `verdicts.csv`: what the run says of each claim of its plan.
//!
//! A claim is about one number a block (a value, a ratio, a crossover), and expects it at or above a
//! bound, at or below one, or between two. The rule, fixed before any trial:
//!
//! 1. *Measured* is the median over blocks, with its interval ([`median_interval`], of `BCa`); of a ratio
//!    on the scale of logarithms, as in `ratios.csv`. From fewer than [`FEWEST_FOR_MEDIAN`] blocks there is
//!    no interval, no test, and no verdict.
//! 2. p: for the claim, that of the one-sided tests that the number lies within each bound (both,
//!    where there are two); against it, the smaller one of those that
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

mod finding;
mod quantity;
mod sentence;
#[cfg(test)]
mod tests;

use rayon::prelude::*;
use results::{CellRef, Claim, Quantity, Verdict, VerdictRow};

use crate::stats::Bootstrap;
use crate::trials::Trials;
use finding::{Finding, decide};
pub use quantity::NEVER;
pub(crate) use quantity::fits;
use quantity::{Cells, Sampled, sample};

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
