//! `ratios.csv`: how the runtimes of a group compare, block by block.
//!
//! Within a block, d = ln(A/B) of the timed trials of the two runtimes; what slows both down alike cancels. The
//! ratio is exp(median d); its interval and p, of the hypothesis that the median of d is 0, are those of the sign
//! test ([`sign`]). A trial that failed is slower than any other: d is +∞ where A's failed, −∞ where B's did, and
//! not known where both did. The geometric mean exp(mean d) with its t interval is a second opinion; there is
//! none where a trial failed. No row is made of the blocks alone whose values have a logarithm: that would choose
//! blocks by their outcome. Against the fastest there is the ratio alone: an interval or a p of a baseline that was
//! found in the same trials would be too sure.
//!
//! Any two runtimes of an overview group are a pair as well ([`overview`]). Their family is the two of them: whoever puts two
//! runtimes side by side asks at once, over all workloads and experiments, which of them is better cold, in later rounds,
//! or in memory.

mod best;
mod overview;
mod pairs;
#[cfg(test)]
mod tests;

use rayon::prelude::*;
use results::overview::Aspect;
use results::{Against, Metric, Plan, Problem, RatioRow};

use crate::stats::gatekeeping::Test;
use crate::stats::{Between, FEWEST, FEWEST_FOR_MEDIAN, Interval, Ordered, gatekeeping, sign, student};
use crate::trials::Trials;
pub(crate) use best::mark_best;
use pairs::Pair;
pub use pairs::{COMPARED, FLOOR};

/// The rows of all groups, in the order of their first cells; within a group by metric, `against`,
/// and runtime. After them those of the overview groups.
pub(crate) fn compare(plan: &Plan, trials: &Trials) -> Result<Vec<RatioRow>, Problem> {
    let mut pairs = pairs::of(&trials.cells)?;
    pairs.extend(overview::pairs(plan, &trials.cells));
    let key = |pair: &Pair| (pair.runtime.identity.experiment.clone(), pair.metric, pair.against);
    let between = trials.sittings.between(pairs.par_iter().map(|pair| {
        let variance = |d| trials.sittings.variance(d);
        (key(pair), pair.log_ratios().and_then(variance))
    }));
    let between = |pair: &Pair| between.get(&key(pair)).copied().unwrap_or(Between::UNKNOWN);
    let mut rows: Vec<RatioRow> =
        pairs.into_par_iter().filter_map(|pair| row(pair, between(&pair))).collect();
    let tests = rows.iter().map(|row| Test::of(Family::of(row), row.p_value));
    let adjusted = gatekeeping::adjust_families(tests);
    rows.iter_mut().zip(adjusted).for_each(|(row, p_adjusted)| row.p_adjusted = p_adjusted);
    Ok(rows)
}

/// Rows whose p-values are corrected together.
#[derive(PartialEq, Eq, Hash)]
enum Family<'a> {
    /// What an experiment compares with one kind of baseline.
    Experiment(&'a str, Metric, Against),
    /// Two runtimes side by side. [`overview`] names them in one order everywhere.
    Pair(&'a str, &'a str, Aspect),
}

impl<'a> Family<'a> {
    fn of(row: &'a RatioRow) -> Self {
        match row.against {
            Against::Pair => Self::Pair(&row.runtime, &row.baseline, Aspect::of(row.metric)),
            against => Self::Experiment(&row.experiment, row.metric, against),
        }
    }
}

/// The row of a pair; none when no block has both, or the ratio is not known.
fn row(pair: Pair, between: Between) -> Option<RatioRow> {
    let d: Vec<f64> = pair.log_ratios()?.into_iter().map(|(_, d)| d).collect();
    let ordered = Ordered::new(d.iter().copied());
    let median = ordered.median().filter(|median| median.is_finite())?;
    let is_named_before = pair.against != Against::Fastest;
    let interval = ordered.interval().filter(|_| is_named_before);
    let interval = interval.map(|interval| between.widened(interval, median, d.len()).exp());
    // Summed in ascending order, so that the order of the rows in the file cannot matter.
    let known = ordered.known();
    let succeeded = known.len() == d.len() && known.iter().all(|d| d.is_finite());
    // Pairs are a large part of the file, so that they go without a second opinion.
    let has_geomean = succeeded && pair.against != Against::Pair;
    let geomean: Option<Interval> =
        (has_geomean && is_named_before && d.len() >= FEWEST).then(|| student::paired(known).interval.exp());
    let identity = &pair.runtime.identity;
    Some(RatioRow {
        experiment: identity.experiment.clone(),
        group: identity.group.clone(),
        workload: identity.workload.clone(),
        tasks: identity.tasks,
        metric: pair.metric,
        runtime: identity.runtime.clone(),
        baseline: pair.baseline.identity.runtime.clone(),
        against: pair.against,
        n: d.len() as u64,
        ratio: median.exp(),
        ci_low: interval.and_then(Interval::known_low),
        ci_high: interval.and_then(Interval::known_high),
        geomean: has_geomean.then(|| student::mean(known).exp()),
        geomean_low: geomean.map(|interval| interval.low),
        geomean_high: geomean.map(|interval| interval.high),
        p_value: (is_named_before && d.len() >= FEWEST_FOR_MEDIAN)
            .then(|| sign::two_sided(&d, 0.0, between.shift())),
        p_adjusted: None,
    })
}
