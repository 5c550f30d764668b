//! What is compared: a metric of a cell, or of a group of cells as a whole, and the values of both sides.

use std::collections::{BTreeMap, HashMap};

use protocol::Workload;
use results::grouping::grouped_by;
use results::{Metric, TrialRow};

use super::pair::Pair;
use super::run::{Run, Sides};
use crate::measured_cell::MeasuredCell;
use crate::ratios::COMPARED;

/// One cell, or the cells of a group, in each run of each side.
type InRuns<'a> = Pair<Vec<Vec<&'a MeasuredCell>>>;

/// A quantity that all runs measured.
pub(super) struct Quantity<'a> {
    pub metric: Metric,
    /// How many cells it is of; of several, its value in a block is their geometric mean.
    pub cells: usize,
    /// A trial of one of them.
    pub identity: &'a TrialRow,
    /// Whether it is asked first: the main metric of a cell, or one that was named.
    pub is_first: bool,
    /// By side and unit, a run or a sitting: the value of each block, and ∞ where a trial failed.
    pub values: Pair<Vec<Vec<f64>>>,
}

/// Those of all cells that all runs have and of their groups; of the metrics that are named, or else of those of
/// `ratios.csv`.
pub(super) fn quantities<'a>(sides: &'a Sides, named: &[Metric]) -> Vec<Quantity<'a>> {
    let all = if named.is_empty() { &COMPARED } else { named };
    let mut found = Vec::new();
    let mut in_groups: Vec<(Metric, InRuns)> = Vec::new();
    let quantity = |metric, is_first, cells: &InRuns<'a>| {
        let values = values(cells, metric, sides)?;
        let identity = &cells.b[0][0].identity;
        Some(Quantity { metric, cells: cells.b[0].len(), identity, is_first, values })
    };
    let headlines = headlines(&sides.runs.b);
    for cell in in_all(&sides.runs) {
        let identity = &cell.b[0][0].identity;
        let measured =
            |metric: &Metric| !is_covered(identity, *metric, all) && values(&cell, *metric, sides).is_some();
        let metrics: Vec<Metric> = all.iter().copied().filter(measured).collect();
        let main = main_metric(identity, &headlines, &metrics);
        for metric in metrics {
            let is_first = !named.is_empty() || Some(metric) == main;
            found.extend(quantity(metric, is_first, &cell));
            if is_first {
                in_groups.push((metric, cell.clone()));
            }
        }
    }
    let key = |(metric, cell): &(Metric, InRuns<'a>)| {
        let identity = &cell.b[0][0].identity;
        (*metric, &identity.experiment, &identity.group)
    };
    for group in grouped_by(in_groups, key).into_iter().filter(|group| group.len() > 1) {
        let (metric, cells) = (group[0].0, together(group.into_iter().map(|(_, cell)| cell)));
        found.extend(quantity(metric, true, &cells));
    }
    found
}

/// The metrics that give the measure of each cell of the plan of a side, by name.
pub(super) fn headlines(runs: &[Run]) -> HashMap<String, &'static [Metric]> {
    let planned = runs[0].plan.cells.iter();
    planned.filter_map(|planned| Some((planned.cell.id.clone(), planned.cell.headline()?.ratios))).collect()
}

/// The main one of the metrics that were measured of a cell.
pub(super) fn main_metric(
    identity: &TrialRow,
    headlines: &HashMap<String, &'static [Metric]>,
    measured: &[Metric],
) -> Option<Metric> {
    let main = headlines.get(&identity.cell).copied().unwrap_or_default().iter().chain(&[Metric::Makespan]);
    main.copied().find(|metric| measured.contains(metric)).or(measured.first().copied())
}

/// The cells that all runs have, in the order of the first.
fn in_all(runs: &Pair<Vec<Run>>) -> Vec<InRuns<'_>> {
    let name = |cell: &MeasuredCell| (cell.identity.experiment.clone(), cell.identity.cell.clone());
    let by_name = runs.each().map(|side| -> Vec<HashMap<_, &MeasuredCell>> {
        side.iter().map(|run| run.trials.cells.iter().map(|cell| (name(cell), cell)).collect()).collect()
    });
    let in_all = |cell| {
        let found = by_name.each().map(|side| -> Option<Vec<Vec<&MeasuredCell>>> {
            side.iter().map(|run| Some(vec![*run.get(&name(cell))?])).collect()
        });
        Some(Pair { a: found.a?, b: found.b? })
    };
    runs.a[0].trials.cells.iter().filter_map(in_all).collect()
}

/// Several cells as one, run by run.
fn together<'a>(cells: impl Iterator<Item = InRuns<'a>>) -> InRuns<'a> {
    let join = |mut all: InRuns<'a>, cell: InRuns<'a>| {
        for (all, cell) in [(&mut all.a, cell.a), (&mut all.b, cell.b)] {
            all.iter_mut().zip(cell).for_each(|(all, cell)| all.extend(cell));
        }
        all
    };
    cells.reduce(join).expect("a group has cells")
}

/// Where the makespan is compared, the time an operation takes says the same once more; but in `echo`, where a load
/// has its own time.
pub(super) fn is_covered(identity: &TrialRow, metric: Metric, metrics: &[Metric]) -> bool {
    metric == Metric::Operation
        && identity.workload != Workload::Echo.name()
        && metrics.contains(&Metric::Makespan)
}

/// By side and unit; none where a run measured nothing.
fn values(cells: &InRuns, metric: Metric, sides: &Sides) -> Option<Pair<Vec<Vec<f64>>>> {
    let Sides { runs, by_sitting, .. } = sides;
    let of_side = |runs: &[Run], cells: &[Vec<&MeasuredCell>]| {
        let mut units = Vec::new();
        for (run, cells) in runs.iter().zip(cells) {
            let outcomes = outcomes(cells, metric);
            outcomes.iter().any(|(_, value)| value.is_finite()).then_some(())?;
            let sittings = &run.trials.sittings;
            let mut of_run = vec![Vec::new(); if *by_sitting { sittings.count() } else { 1 }];
            for (block, value) in outcomes {
                of_run[if *by_sitting { sittings.place(block) } else { 0 }].push(value);
            }
            units.extend(of_run);
        }
        Some(units)
    };
    Some(Pair { a: of_side(&runs.a, &cells.a)?, b: of_side(&runs.b, &cells.b)? })
}

/// What one cell had in each block, or the geometric mean of several in those blocks in which all had something.
fn outcomes(cells: &[&MeasuredCell], metric: Metric) -> Vec<(u32, f64)> {
    if let [cell] = cells {
        return cell.outcomes(metric);
    }
    let mut logarithms: BTreeMap<u32, (usize, f64)> = BTreeMap::new();
    for cell in cells {
        // Of several trials in one block, the last.
        for (block, value) in cell.outcomes(metric).into_iter().collect::<BTreeMap<u32, f64>>() {
            let sum = logarithms.entry(block).or_default();
            *sum = (sum.0 + 1, sum.1 + value.ln());
        }
    }
    let in_all = logarithms.into_iter().filter(|(_, (count, _))| *count == cells.len());
    in_all.map(|(block, (count, sum))| (block, (sum / count as f64).exp())).collect()
}
