//! `verdicts.csv`: what the run says of each claim of its plan.
//!
//! A claim is about one number a block (a value, a ratio, a crossover), and expects it at or above a
//! bound, at or below one, or between two. The rule, fixed before any trial:
//!
//! 1. *Measured* is the median over blocks, with its interval by the sign test ([`sign`](crate::stats::sign)); of
//!    a ratio on the scale of logarithms, as in `ratios.csv`. A trial that failed counts as slower than any
//!    other; a block in which both failed may lie anywhere. From fewer than
//!    [`FEWEST_FOR_MEDIAN`](crate::stats::FEWEST_FOR_MEDIAN) blocks there is no interval, no test, and no verdict.
//! 2. p, by the same test: for the claim, that of the number lying within each bound (both, where there are
//!    two); against it, the smaller one of those of its lying beyond a bound. The p-value is twice the
//!    smaller of the two, so that a claim is judged in either direction at once. It asks nothing of the
//!    distribution, and is never smaller than 2/2ⁿ of n blocks.
//!    Where the run has several sittings, p is of the bound moved away by two standard deviations of what varies
//!    between them ([`between`](crate::stats::between)): a claim is decided only if it would be, were all sittings off
//!    by so much. That variation is in the interval as well. Of a single sitting nothing is known, and its sentence
//!    says "in this run".
//!    Where the plan says so, claims are looked at more than once, the later times with more blocks of those that are
//!    undecided: p counts as many times as there are looks, so that all of them together are wrong as rarely as one.
//! 3. A correction over all claims of the experiment that have a p-value, those as published first
//!    ([`gatekeeping`](crate::stats::gatekeeping)).
//! 4. *supported* (of two that are claimed to be alike: *equivalent*), or *refuted*, where the
//!    adjusted p is at most 0.05; else *inconclusive*. The interval then lies on that side too, as it is of the
//!    same test.
//!
//! A claim about memory needs its tasks alive all at once: where they were not, it is untestable.

mod caveats;
mod finding;
#[cfg(test)]
mod fixture;
mod looks;
mod quantity;
mod sentence;
#[cfg(test)]
mod tests;

use results::{CellRef, Claim, Plan, Quantity, Verdict, VerdictRow, human};

use crate::stats::{Between, Interval, sign};
use crate::trials::Trials;
pub(crate) use finding::{Finding, Side, Sides};
pub(crate) use looks::gather;
pub use looks::undecided_cells;
pub(crate) use quantity::{Sampled, crossovers, fits};
pub(crate) use sentence::{bound, what_is};

/// A claim, judged.
pub(crate) struct Judgement {
    /// Its row.
    pub row: VerdictRow,
    /// What the row was made of.
    pub finding: Finding,
}

/// All claims, in the order of the plan.
pub(crate) fn judge(plan: &Plan, trials: &Trials) -> Vec<Judgement> {
    let judged = looks::judge(plan, trials);
    let traceless = caveats::traceless_cells(&trials.cells);
    let rows = plan.claims.iter().zip(judged.sampled).zip(judged.all.into_iter().zip(judged.undisturbed));
    rows.map(|((claim, sampled), (finding, undisturbed))| {
        let row = row(claim, &sampled, &finding, &undisturbed);
        let row = VerdictRow { reason: row.reason + &caveats::of(plan, &traceless, claim), ..row };
        Judgement { row, finding }
    })
    .collect()
}

fn row(
    claim: &Claim,
    sampled: &Result<Sampled, String>,
    finding: &Finding,
    undisturbed: &Finding,
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
        expected: human::expectation(&claim.expect.text),
        n: n as u64,
        measured: finding.measured.filter(|measured| measured.is_finite()),
        ci_low: finding.interval.and_then(Interval::known_low),
        ci_high: finding.interval.and_then(Interval::known_high),
        open_low: finding.open.and_then(Interval::known_low),
        open_high: finding.open.and_then(Interval::known_high),
        sittings: Some(finding.between.sittings as u64),
        between_sittings: (finding.between.sittings > 1).then_some(finding.between.in_this_run),
        between_judged: (finding.between != Between::UNKNOWN).then_some(finding.between.deviation),
        look: finding.look.map(u64::from),
        p_value: finding.p_value,
        p_adjusted: finding.p_adjusted,
        verdict: finding.verdict,
        disturbed: disturbed as u64,
        undisturbed_verdict: undisturbed_verdict(sampled, undisturbed),
        reason,
    }
}

/// The verdict without what was disturbed. Where nothing is decided, and fewer blocks are left than could decide the first
/// of the claims, it is that they are too few: "inconclusive" would read as if they had contradicted the verdict.
fn undisturbed_verdict(sampled: &Result<Sampled, String>, undisturbed: &Finding) -> Verdict {
    let needed = sign::fewest_to_decide(undisturbed.judged);
    let too_few = |one: &Sampled| one.undisturbed.len() < needed.min(one.values.len());
    if !undisturbed.verdict.decides() && sampled.as_ref().is_ok_and(too_few) {
        return Verdict::TooFew;
    }
    undisturbed.verdict
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
