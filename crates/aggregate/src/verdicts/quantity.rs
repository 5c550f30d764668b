//! The number that a claim is about, block by block.

use std::collections::BTreeMap;

use claims::{CellRef, Claim, METRICS, Quantity};
use protocol::Workload;

use crate::cells::{Cell, Trials};
use crate::stats::line::{self, Line};
use crate::stats::median::median;

/// A crossover beyond so many tasks is none: one of the two costs less however many there are.
pub const NEVER: f64 = 1e9;

/// What was measured for a claim.
pub(super) struct Sampled {
    /// One number a block.
    pub values: Vec<f64>,
    /// The same without the blocks in which a trial was flagged.
    pub calm: Vec<f64>,
    /// Of cells whose tasks were not all alive at once: the most that were, and of how many.
    pub alive: Option<(u64, u64)>,
}

/// By block: the number, and whether all its trials were calm.
type ByBlock = BTreeMap<u32, (f64, bool)>;

/// Gathers the number of each block.
///
/// # Errors
/// Why nothing tells.
pub(super) fn sample(claim: &Claim, trials: &Trials) -> Result<Sampled, String> {
    if let Some(reason) = &claim.untestable {
        return Err(reason.clone());
    }
    let metric = METRICS
        .iter()
        .position(|metric| metric.name == claim.metric)
        .ok_or_else(|| format!("this kilotask has no metric {}", claim.metric))?;
    let find = |wanted: &CellRef| -> Result<&Cell, String> { cell(trials, &claim.experiment, wanted) };
    let alive = claim
        .quantity
        .cells()
        .map(|wanted| find(wanted).map(never_all_alive))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .min();
    if METRICS[metric].unit == "bytes"
        && let Some((most, tasks)) = alive
    {
        return Err(format!(
            "never more than {most} of its {tasks} tasks were alive at once, so that this memory is not \
             that of {tasks} tasks: ask `hold`"
        ));
    }
    let blocks = match &claim.quantity {
        Quantity::Value { of } => by_block(find(of)?, metric),
        Quantity::Ratio { of, over } => {
            joined(&by_block(find(of)?, metric), &by_block(find(over)?, metric), |a, b| {
                (b != 0.0).then(|| a / b)
            })
        }
        Quantity::Crossover { of, over } => {
            let fits = |side: &[CellRef]| -> Result<BTreeMap<u32, (Line, bool)>, String> {
                let cells: Vec<&Cell> = side.iter().map(find).collect::<Result<_, _>>()?;
                Ok(fits(&cells, metric))
            };
            joined(&fits(of)?, &fits(over)?, |a, b| Some(line::crossover(a, b).min(NEVER)))
        }
    };
    if blocks.is_empty() {
        return Err(format!("{} was not measured in any block", claim.metric));
    }
    let calm = blocks.values().filter(|(_, calm)| *calm).map(|(value, _)| *value).collect();
    Ok(Sampled { values: blocks.into_values().map(|(value, _)| value).collect(), calm, alive })
}

/// The cell of that name, or why it has no trial that tells.
fn cell<'a>(trials: &'a Trials, experiment: &str, wanted: &CellRef) -> Result<&'a Cell, String> {
    let is_it = |cell: &&Cell| cell.identity.experiment == experiment && cell.identity.cell == wanted.cell;
    trials.cells.iter().find(is_it).ok_or_else(|| {
        let reason = trials.never_ok.get(&(experiment.to_string(), wanted.cell.clone()));
        let reason = reason.map_or("it has no trial yet", String::as_str);
        format!("{} on {}: {reason}", wanted.runtime, wanted.group)
    })
}

fn by_block(cell: &Cell, metric: usize) -> ByBlock {
    let values = cell.values_by_block(metric).zip(cell.calm(METRICS[metric].pass));
    values
        .filter(|((_, value), _)| value.is_finite())
        .map(|((block, value), calm)| (block, (value, calm)))
        .collect()
}

/// Puts the two sides of each block together; a block without both says nothing.
fn joined<T: Copy>(
    a: &BTreeMap<u32, (T, bool)>,
    b: &BTreeMap<u32, (T, bool)>,
    number: impl Fn(T, T) -> Option<f64>,
) -> ByBlock {
    let both = a.iter().filter_map(|(block, (a, a_calm))| {
        let (b, b_calm) = b.get(block)?;
        Some((*block, (number(*a, *b)?, *a_calm && *b_calm)))
    });
    both.collect()
}

/// The cost model of a series of cells in each block that has them all.
pub(crate) fn fits(cells: &[&Cell], metric: usize) -> BTreeMap<u32, (Line, bool)> {
    let sizes: Vec<(f64, ByBlock)> =
        cells.iter().map(|cell| (cell.identity.tasks as f64, by_block(cell, metric))).collect();
    let Some((_, first)) = sizes.first() else { return BTreeMap::new() };
    let fit = |block: &u32| {
        let found: Option<Vec<_>> = sizes.iter().map(|(n, values)| Some((*n, *values.get(block)?))).collect();
        let found = found?;
        let points: Vec<(f64, f64)> = found.iter().map(|(n, (value, _))| (*n, *value)).collect();
        Some((*block, (line::fit(&points)?, found.iter().all(|(_, (_, calm))| *calm))))
    };
    first.keys().filter_map(fit).collect()
}

/// The most tasks of a cell that were alive at once, where that were not all; nothing where its
/// workload does not tell, or holds them all.
fn never_all_alive(cell: &Cell) -> Option<(u64, u64)> {
    let this = &cell.identity;
    if Workload::from_name(&this.workload)?.holds() {
        return None;
    }
    let metric = METRICS.iter().position(|metric| metric.name == "peak_in_flight")?;
    let sorted = cell.sorted_values(metric);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count
    let most = (!sorted.is_empty()).then(|| median(&sorted) as u64)?;
    (most < this.tasks).then_some((most, this.tasks))
}
