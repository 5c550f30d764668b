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
pub(super) struct Sampled {
    /// One number a block: +∞ and NaN as in [`Outcome`](crate::measured_cell::Outcome).
    pub values: Vec<f64>,
    /// The variance between sittings of their logarithms.
    pub between: Option<f64>,
    /// The same without the blocks in which a trial was flagged.
    pub undisturbed: Vec<f64>,
    /// Blocks in which a trial failed.
    pub failed: usize,
    /// Of cells whose tasks were not all alive at once: how many were in the median trial, and of how many.
    pub alive: Option<(u64, u64)>,
}

/// By block: the number, and whether all its trials were undisturbed.
type ByBlock = BTreeMap<u32, (f64, bool)>;

/// Gathers the number of each block; or says why the claim is untestable.
pub(super) fn sample(claim: &Claim, cells: &Cells) -> Result<Sampled, String> {
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
    let failed: BTreeSet<u32> = needed.iter().flat_map(|cell| cell.failed()).copied().collect();
    let blocks = match &claim.quantity {
        Quantity::Value { of } => by_block(find(of)?, metric),
        Quantity::Ratio { of, over } => ratios(find(of)?, find(over)?, metric)?,
        Quantity::Crossover { of, over } => {
            let cells = |side: &[CellRef]| side.iter().map(find).collect::<Result<Vec<&MeasuredCell>, _>>();
            crossovers(&cells(of)?, &cells(over)?, metric)
                .into_iter()
                .map(|(block, (crossing, undisturbed))| (block, (in_tasks(crossing, claim), undisturbed)))
                .collect()
        }
    };
    if blocks.is_empty() {
        return Err(format!("{metric} was not measured in any block"));
    }
    let undisturbed =
        blocks.values().filter(|(_, undisturbed)| *undisturbed).map(|(value, _)| *value).collect();
    let failed = blocks.keys().filter(|block| failed.contains(block)).count();
    let logarithms = blocks.iter().map(|(block, (value, _))| (*block, value.ln()));
    let between = cells.trials.sittings.variance(logarithms);
    let values = blocks.into_values().map(|(value, _)| value).collect();
    Ok(Sampled { values, between, undisturbed, failed, alive })
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

fn by_block(cell: &MeasuredCell, metric: Metric) -> ByBlock {
    cell.outcomes(metric).into_iter().map(|one| (one.block, (one.value, one.is_undisturbed))).collect()
}

/// One cell over another. Were a block left out whose lower side is nothing, or less (memory that was
/// given back), the result would have chosen its blocks.
fn ratios(of: &MeasuredCell, over: &MeasuredCell, metric: Metric) -> Result<ByBlock, String> {
    let below = by_block(over, metric);
    if below.values().any(|(value, _)| *value <= 0.0) {
        return Err(format!(
            "{metric} of {} on {} was not above zero in every block, so that nothing is so many times as much",
            over.identity.runtime, over.identity.group
        ));
    }
    Ok(joined(&by_block(of, metric), &below, |a, b| a / b))
}

/// Puts the two sides of each block together; a block without both says nothing.
fn joined<T: Copy>(
    a: &BTreeMap<u32, (T, bool)>,
    b: &BTreeMap<u32, (T, bool)>,
    number: impl Fn(T, T) -> f64,
) -> ByBlock {
    let both = a.iter().filter_map(|(block, (a, a_undisturbed))| {
        let (b, b_undisturbed) = b.get(block)?;
        Some((*block, (number(*a, *b), *a_undisturbed && *b_undisturbed)))
    });
    both.collect()
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
) -> BTreeMap<u32, (Crossing, bool)> {
    let other = |cell: &MeasuredCell| over.iter().find(|it| it.identity.tasks == cell.identity.tasks);
    let shared = of.iter().filter_map(|cell| {
        Some((cell.identity.tasks, (by_block(cell, metric), by_block(other(cell)?, metric))))
    });
    let sizes: BTreeMap<u64, (ByBlock, ByBlock)> = shared.collect();
    let Some((_, (first, _))) = sizes.first_key_value() else { return BTreeMap::new() };
    let crossing_of = |block: &u32| {
        let mut all_undisturbed = true;
        let mut costs = Vec::with_capacity(sizes.len());
        for (tasks, (of, over)) in &sizes {
            let ((a, a_undisturbed), (b, b_undisturbed)) = (*of.get(block)?, *over.get(block)?);
            all_undisturbed &= a_undisturbed && b_undisturbed;
            costs.push((*tasks as f64, a, b));
        }
        Some((*block, (crossing(&costs), all_undisturbed)))
    };
    first.keys().filter_map(crossing_of).collect()
}

/// The cost model of a series of cells in each block that has them all.
pub(crate) fn fits(cells: &[&MeasuredCell], metric: Metric) -> BTreeMap<u32, (Line, bool)> {
    let sizes: Vec<(f64, ByBlock)> =
        cells.iter().map(|cell| (cell.identity.tasks as f64, by_block(cell, metric))).collect();
    let Some((_, first)) = sizes.first() else { return BTreeMap::new() };
    let fit = |block: &u32| {
        let found: Option<Vec<_>> = sizes.iter().map(|(n, values)| Some((*n, *values.get(block)?))).collect();
        let found = found?;
        if found.iter().any(|(_, (value, _))| !value.is_finite()) {
            return None;
        }
        let points: Vec<(f64, f64)> = found.iter().map(|(n, (value, _))| (*n, *value)).collect();
        Some((*block, (line::fit(&points)?, found.iter().all(|(_, (_, undisturbed))| *undisturbed))))
    };
    first.keys().filter_map(fit).collect()
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
