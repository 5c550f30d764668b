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

use crate::sittings::Sittings;
use crate::stats::gatekeeping::Test;
use crate::stats::one_machine::OneMachine;
use crate::stats::{Between, FEWEST, FEWEST_FOR_MEDIAN, Interval, Ordered, gatekeeping, sign, student};
use crate::trials::Trials;
pub(crate) use best::mark_best;
pub(crate) use pairs::Pair;
pub use pairs::{COMPARED, FLOOR};

/// A ratio, and what is kept of it for the mean over several machines.
pub(crate) struct Compared<'a> {
    /// What is compared.
    pub pair: Pair<'a>,
    /// Its row. Where the ratio is not known, it is not a number, and the row stands in no file.
    pub row: RatioRow,
    /// The logarithm of the ratio on this machine.
    pub shown: OneMachine,
}

impl Compared<'_> {
    /// Whether the ratio is known.
    pub fn is_known(&self) -> bool {
        self.row.ratio.is_finite()
    }
}

/// The rows of the ratios that are known.
pub(crate) fn known_rows(compared: Vec<Compared>) -> Vec<RatioRow> {
    compared.into_iter().filter(Compared::is_known).map(|one| one.row).collect()
}

/// The ratios of all groups, in the order of their first cells; within a group by metric, `against`,
/// and runtime. After them those of the overview groups.
pub(crate) fn compare<'a>(plan: &'a Plan, trials: &'a Trials) -> Result<Vec<Compared<'a>>, Problem> {
    let mut pairs = pairs::of(&trials.cells)?;
    pairs.extend(overview::pairs(plan, &trials.cells));
    let key = |pair: &Pair| (pair.runtime.identity.experiment.clone(), pair.metric, pair.against);
    let between = trials.sittings.between(pairs.par_iter().map(|pair| {
        let variance = |d| trials.sittings.variance(d);
        (key(pair), pair.log_ratios().and_then(variance))
    }));
    let between = |pair: &Pair| between.get(&key(pair)).copied().unwrap_or(Between::UNKNOWN);
    let mut found: Vec<Compared> =
        pairs.into_par_iter().filter_map(|pair| compared(pair, between(&pair), &trials.sittings)).collect();
    let tests = found.iter().map(|one| Test::of(Family::of(&one.row), one.row.p_value));
    let adjusted = gatekeeping::adjust_families(tests);
    found.iter_mut().zip(adjusted).for_each(|(one, p_adjusted)| one.row.p_adjusted = p_adjusted);
    Ok(found)
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

/// The ratio of a pair; none when no block has both.
fn compared<'a>(pair: Pair<'a>, between: Between, sittings: &Sittings) -> Option<Compared<'a>> {
    // Where a value is not above zero, not even a single ratio is known.
    let d = pair.log_ratios().unwrap_or_else(|| vec![(0, f64::NAN)]);
    let between = between.in_sittings(sittings.count_of(d.iter().map(|(block, _)| *block)));
    let d: Vec<f64> = d.into_iter().map(|(_, d)| d).collect();
    if d.is_empty() {
        return None;
    }
    let ordered = Ordered::new(d.iter().copied());
    let shown = OneMachine::of(&ordered, between);
    let median = ordered.median().filter(|median| median.is_finite());
    let row =
        median.map_or_else(|| blank_row(pair, d.len()), |median| row(pair, between, &d, &ordered, median));
    Some(Compared { pair, row, shown })
}

/// The row of a pair with this ln ratio of its blocks.
fn row(pair: Pair, between: Between, d: &[f64], ordered: &Ordered, median: f64) -> RatioRow {
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
    RatioRow {
        ratio: median.exp(),
        ci_low: interval.and_then(Interval::known_low),
        ci_high: interval.and_then(Interval::known_high),
        geomean: has_geomean.then(|| student::mean(known).exp()),
        geomean_low: geomean.map(|interval| interval.low),
        geomean_high: geomean.map(|interval| interval.high),
        p_value: (is_named_before && d.len() >= FEWEST_FOR_MEDIAN)
            .then(|| sign::two_sided(d, 0.0, between.shift())),
        ..blank_row(pair, d.len())
    }
}

/// The row of a pair of which nothing is known yet.
fn blank_row(pair: Pair, blocks: usize) -> RatioRow {
    let identity = &pair.runtime.identity;
    RatioRow {
        experiment: identity.experiment.clone(),
        group: identity.group.clone(),
        workload: identity.workload.clone(),
        tasks: identity.tasks,
        metric: pair.metric,
        runtime: identity.runtime.clone(),
        baseline: pair.baseline.identity.runtime.clone(),
        against: pair.against,
        n: blocks as u64,
        ratio: f64::NAN,
        ci_low: None,
        ci_high: None,
        geomean: None,
        geomean_low: None,
        geomean_high: None,
        p_value: None,
        p_adjusted: None,
    }
}
