//! The number that a claim is about, block by block.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use protocol::Workload;
use results::{CellRef, Claim, Metric, NEVER, Pass, Quantity, human};

use crate::measured_cell::MeasuredCell;
use crate::stats::crossing::{Crossing, crossing};
use crate::stats::line::{self, Line};
use crate::stats::median::median;
use crate::trials::Trials;

/// What was measured for a claim.
pub(crate) struct Sampled {
    /// One number a block: +∞ and NaN as in [`outcomes`](crate::measured_cell::MeasuredCell::outcomes).
    pub values: Vec<f64>,
    /// How many sittings they were measured in.
    pub sittings: usize,
    /// The variance between these of their logarithms.
    pub between: Option<f64>,
    /// The same without the trials that something outside disturbed.
    pub undisturbed: Vec<f64>,
    /// Blocks in which a trial failed.
    pub failed: usize,
    /// Of cells whose tasks were not all alive at once: how many were in the median trial, and of how many.
    pub alive: Option<(u64, u64)>,
}

/// By block: the number.
type ByBlock = BTreeMap<u32, f64>;

/// Which trials count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counting {
    All,
    Undisturbed,
}

/// Gathers the number of each block before this one; or says why the claim is untestable.
pub(super) fn sample(claim: &Claim, cells: &Cells, end: u32) -> Result<Sampled, String> {
    if let Some(reason) = &claim.untestable {
        return Err(reason.clone());
    }
    let metric = claim.metric;
    let find = |wanted: &CellRef| cells.find(&claim.experiment, wanted);
    let needed: Vec<&MeasuredCell> = claim.quantity.cells().map(find).collect::<Result<_, _>>()?;
    if is_memory_of_tasks(metric) {
        needed.iter().try_for_each(|cell| Alive::of(cell).check(cell))?;
    }
    let alive = needed.iter().filter_map(|cell| Alive::of(cell).some()).min();
    let failed: BTreeSet<u32> = needed.iter().flat_map(|cell| cell.failed()).collect();
    let numbers = |counting| -> Result<ByBlock, String> {
        let mut numbers = numbers(claim, cells, counting)?;
        numbers.retain(|block, _| *block < end);
        Ok(numbers)
    };
    let blocks = numbers(Counting::All)?;
    if blocks.is_empty() {
        return Err(format!("{metric} was not measured in any block"));
    }
    let undisturbed = if needed.iter().any(|cell| cell.has_flags(metric)) {
        numbers(Counting::Undisturbed)?.into_values().collect()
    } else {
        blocks.values().copied().collect()
    };
    let failed = blocks.keys().filter(|block| failed.contains(block)).count();
    let of_run = &cells.trials.sittings;
    let between = of_run.variance(blocks.iter().map(|(block, value)| (*block, value.ln())));
    let sittings = of_run.count_of(blocks.keys().copied());
    Ok(Sampled { values: blocks.into_values().collect(), sittings, between, undisturbed, failed, alive })
}

/// The number of each block.
fn numbers(claim: &Claim, cells: &Cells, counting: Counting) -> Result<ByBlock, String> {
    let metric = claim.metric;
    let find = |wanted: &CellRef| cells.find(&claim.experiment, wanted);
    let by_block = |cell: &MeasuredCell| by_block(cell, metric, counting);
    match &claim.quantity {
        Quantity::Value { of } => Ok(by_block(find(of)?)),
        Quantity::Ratio { of, over } => {
            let (of, over) = (find(of)?, find(over)?);
            ratios(&by_block(of), &by_block(over), || {
                format!("{metric} of {} on {}", over.identity.runtime, over.identity.group)
            })
        }
        Quantity::Crossover { of, over } => {
            let cells = |side: &[CellRef]| side.iter().map(find).collect::<Result<Vec<&MeasuredCell>, _>>();
            let crossings = crossings(&cells(of)?, &cells(over)?, by_block).into_iter();
            Ok(crossings.map(|(block, crossing)| (block, in_tasks(crossing, claim))).collect())
        }
    }
}

/// The cells of a run, by experiment and name.
pub(super) struct Cells<'a> {
    trials: &'a Trials,
    by_name: HashMap<(&'a str, &'a str), &'a MeasuredCell>,
}

impl<'a> Cells<'a> {
    pub fn of(trials: &'a Trials) -> Self {
        let named = |cell: &'a MeasuredCell| {
            let this = &cell.identity;
            ((this.experiment.as_str(), this.cell.as_str()), cell)
        };
        Self { trials, by_name: trials.cells.iter().map(named).collect() }
    }

    /// The cell, or why it has no trial that counts.
    fn find(&self, experiment: &str, wanted: &CellRef) -> Result<&'a MeasuredCell, String> {
        self.by_name.get(&(experiment, wanted.cell.as_str())).copied().ok_or_else(|| {
            let reason = self.trials.why_none(experiment, &wanted.cell).unwrap_or("it has no trial yet");
            format!("{} on {}: {reason}", wanted.runtime, wanted.group)
        })
    }
}

fn by_block(cell: &MeasuredCell, metric: Metric, counting: Counting) -> ByBlock {
    let outcomes = match counting {
        Counting::All => cell.outcomes(metric),
        Counting::Undisturbed => cell.undisturbed_outcomes(metric),
    };
    outcomes.into_iter().collect()
}

/// One number over another, in the blocks that have both. Were a block left out whose lower side is nothing, or less
/// (memory that was given back), the result would have chosen its blocks.
fn ratios(of: &ByBlock, over: &ByBlock, below: impl Fn() -> String) -> Result<ByBlock, String> {
    if over.values().any(|value| *value <= 0.0) {
        let below = below();
        return Err(format!(
            "{below} was not above zero in every block, so that nothing is so many times as much"
        ));
    }
    Ok(of.iter().filter_map(|(block, value)| Some((*block, value / over.get(block)?))).collect())
}

/// A crossover in tasks. One that lies beyond the sizes that were measured is known to be on that side of bounds that lie
/// within them, and of no others.
fn in_tasks(crossing: Crossing, claim: &Claim) -> f64 {
    let sizes = || claim.quantity.cells().map(|cell| cell.tasks as f64);
    let bounds = || [claim.expect.low, claim.expect.high].into_iter().flatten();
    match crossing {
        Crossing::At(tasks) => tasks,
        Crossing::Below if bounds().all(|bound| sizes().any(|size| size <= bound)) => 0.0,
        Crossing::Above if bounds().all(|bound| sizes().any(|size| size >= bound)) => NEVER,
        Crossing::Below | Crossing::Above | Crossing::Unknown => f64::NAN,
    }
}

/// Up to how many tasks one series costs less than another, in each block that has both at all sizes they share.
pub(crate) fn crossovers(
    of: &[&MeasuredCell],
    over: &[&MeasuredCell],
    metric: Metric,
) -> BTreeMap<u32, Crossing> {
    crossings(of, over, |cell| by_block(cell, metric, Counting::All))
}

fn crossings(
    of: &[&MeasuredCell],
    over: &[&MeasuredCell],
    by_block: impl Fn(&MeasuredCell) -> ByBlock,
) -> BTreeMap<u32, Crossing> {
    let other = |cell: &MeasuredCell| over.iter().find(|it| it.identity.tasks == cell.identity.tasks);
    let shared =
        of.iter().filter_map(|cell| Some((cell.identity.tasks, (by_block(cell), by_block(other(cell)?)))));
    let sizes: BTreeMap<u64, (ByBlock, ByBlock)> = shared.collect();
    let Some((_, (first, _))) = sizes.first_key_value() else { return BTreeMap::new() };
    let crossing_of = |block: &u32| {
        let costs =
            sizes.iter().map(|(tasks, (of, over))| Some((*tasks as f64, *of.get(block)?, *over.get(block)?)));
        Some((*block, crossing(&costs.collect::<Option<Vec<_>>>()?)))
    };
    first.keys().filter_map(crossing_of).collect()
}

/// The cost model of a series of cells in each block that has them all. None at all where a cost is not known, because a
/// trial failed, or is not above zero: the other blocks would be chosen by their outcome.
pub(crate) fn fits(cells: &[&MeasuredCell], metric: Metric) -> BTreeMap<u32, Line> {
    let sizes: Vec<(f64, ByBlock)> = (cells.iter())
        .map(|cell| (cell.identity.tasks as f64, by_block(cell, metric, Counting::All)))
        .collect();
    let Some((_, first)) = sizes.first() else { return BTreeMap::new() };
    let points = |block: &u32| {
        let points = sizes.iter().map(|(n, values)| Some((*n, *values.get(block)?)));
        Some((*block, points.collect::<Option<Vec<_>>>()?))
    };
    let fit = |(block, points): (u32, Vec<(f64, f64)>)| {
        let is_known = points.iter().all(|(_, cost)| cost.is_finite());
        is_known.then(|| line::fit(&points)).flatten().map(|line| (block, line))
    };
    let fits: Option<_> = first.keys().filter_map(points).map(fit).collect();
    fits.unwrap_or_default()
}

/// Whether a metric is of memory that tasks take: what the process had before them is not, nor is
/// what was allocated from first to last.
fn is_memory_of_tasks(metric: Metric) -> bool {
    metric.unit() == "bytes" && metric.pass() == Pass::Timed && metric != Metric::RssReady
}

/// How many tasks of a cell were alive at once, in the median trial.
enum Alive {
    All,
    /// So many, of so many.
    Some(u64, u64),
    /// The trials do not show it.
    Unknown,
}

impl Alive {
    fn of(cell: &MeasuredCell) -> Self {
        let this = &cell.identity;
        // Those that hold their tasks are proven to do so, trial by trial.
        if this.tasks == 1 || Workload::from_name(&this.workload).is_some_and(Workload::holds) {
            return Self::All;
        }
        let sorted = cell.sorted_values(Metric::PeakInFlight);
        if sorted.is_empty() {
            return Self::Unknown;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count
        let most = median(&sorted) as u64;
        if most < this.tasks { Self::Some(most, this.tasks) } else { Self::All }
    }

    fn some(&self) -> Option<(u64, u64)> {
        if let Self::Some(most, tasks) = self { Some((*most, *tasks)) } else { None }
    }

    /// Refuses to take for the memory of all tasks what was that of some.
    fn check(&self, cell: &MeasuredCell) -> Result<(), String> {
        let this = &cell.identity;
        let count = human::count;
        match self {
            Self::All => Ok(()),
            Self::Some(most, tasks) => Err(format!(
                "in the median trial {} of the {} tasks of {} on {} were alive at once, so that this is not \
                 the memory of {}: ask `hold`",
                count(*most),
                count(*tasks),
                this.runtime,
                this.group,
                count(*tasks)
            )),
            Self::Unknown => Err(format!(
                "it is not known how many tasks of {} on {} were alive at once, so that this may not be the \
                 memory of all: measure `hold`",
                this.runtime, this.group
            )),
        }
    }
}
