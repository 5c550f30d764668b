//! Marks the rows of `summary.csv` whose cells cannot be told from the best of their group: see
//! [`best`](crate::stats::best).
//!
//! References and variants do not compete. Where a run has several sittings, a cost
//! is worse only beyond what two standard deviations between sittings can make of a ratio, as in verdicts; pooled is
//! what the ratios of neighbours in a group say, those of one experiment and metric.

use std::collections::HashMap;

use rayon::prelude::*;
use results::grouping::grouped_by;
use results::metric::Better;
use results::{Against, Metric, Pass, SummaryRow};

use super::pairs::Pair;
use crate::measured_cell::MeasuredCell;
use crate::stats::Between;
use crate::stats::best::among_best;
use crate::trials::Trials;

/// The cells of a group that compete by a metric.
#[derive(Clone, Copy)]
struct Race<'a> {
    cells: &'a [&'a MeasuredCell],
    metric: Metric,
}

/// Fills in the column `among_best`.
pub(crate) fn mark_best(trials: &Trials, summary: &mut [SummaryRow]) {
    let competing = trials.cells.iter().filter(|cell| cell.is_ranked);
    let groups = grouped_by(competing, |cell| (&cell.identity.experiment, &cell.identity.group));
    let is_ranked = |metric: &Metric| metric.pass() == Pass::Timed && metric.better() != Better::Neither;
    let metrics: Vec<Metric> = Metric::ALL.into_iter().filter(is_ranked).collect();
    let races = groups.iter().flat_map(|cells| metrics.iter().map(|&metric| Race { cells, metric }));
    let races: Vec<Race> = races.collect();
    let between = trials.sittings.between(races.par_iter().flat_map_iter(|race| {
        let variance = |pair: Pair| pair.log_ratios().and_then(|d| trials.sittings.variance(d));
        race.neighbours().map(move |pair| (race.key(), variance(pair)))
    }));
    let found = races.par_iter().flat_map_iter(|race| {
        let between = between.get(&race.key()).copied().unwrap_or(Between::UNKNOWN);
        let costs: Vec<_> = race.cells.iter().map(|cell| costs(cell, race.metric)).collect();
        let names = race.cells.iter().map(|cell| (race.key().0, &*cell.identity.cell, race.metric));
        names.zip(among_best(&costs, between.shift().exp()))
    });
    let found: HashMap<(&str, &str, Metric), Option<bool>> = found.collect();
    for row in summary {
        row.among_best = found.get(&(&*row.experiment, &*row.cell, row.metric)).copied().flatten();
    }
}

impl<'a> Race<'a> {
    /// Each cell with the next, in the order of the file.
    fn neighbours(self) -> impl Iterator<Item = Pair<'a>> {
        let Self { cells, metric } = self;
        let pair = move |pair: &[&'a MeasuredCell]| Pair {
            runtime: pair[0],
            baseline: pair[1],
            against: Against::Fastest,
            metric,
        };
        cells.windows(2).map(pair)
    }

    fn key(self) -> (&'a str, Metric) {
        (&self.cells[0].identity.experiment, self.metric)
    }
}

/// The costs of a cell by block; of a gain its inverse. Below zero, as memory that was given back, is nothing.
fn costs(cell: &MeasuredCell, metric: Metric) -> Vec<(u32, f64)> {
    let cost = |value: f64| if metric.better() == Better::More { 1.0 / value } else { value.max(0.0) };
    cell.outcomes(metric).into_iter().map(|(block, value)| (block, cost(value))).collect()
}
