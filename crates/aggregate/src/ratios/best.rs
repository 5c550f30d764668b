//! Marks the rows of `summary.csv` whose cells cannot be told from the best of their group: see
//! [`best`](crate::stats::best).
//!
//! The floor and the programs that do one task after another do not compete, nor do cells whose median is not above
//! zero. Where a run has several sittings, a cost is worse only beyond what two standard deviations between sittings
//! can make of a ratio, as in verdicts; pooled is what the ratios of neighbours in a group say, those of one
//! experiment and metric.

use std::collections::HashMap;

use rayon::prelude::*;
use results::grouping::grouped_by;
use results::metric::Better;
use results::{Against, Metric, Pass, SummaryRow};

use super::pairs::{FLOOR, Pair, is_sequential};
use crate::measured_cell::MeasuredCell;
use crate::stats::best::among_best;
use crate::stats::{Between, Ordered};
use crate::trials::Trials;

/// The cells of a group that compete by a metric.
struct Race<'a> {
    cells: Vec<&'a MeasuredCell>,
    metric: Metric,
}

/// Fills in the column `among_best`.
pub(crate) fn mark_best(trials: &Trials, summary: &mut [SummaryRow]) {
    let competing = trials.cells.iter().filter(|cell| cell.identity.runtime != FLOOR && !is_sequential(cell));
    let groups = grouped_by(competing, |cell| (&cell.identity.experiment, &cell.identity.group));
    let metrics =
        || Metric::ALL.into_iter().filter(|m| m.pass() == Pass::Timed && m.better() != Better::Neither);
    let races = groups.par_iter().flat_map_iter(|group| metrics().map(|metric| Race::of(group, metric)));
    let races: Vec<Race> = races.filter(|race| race.cells.len() > 1).collect();
    let variances = races.par_iter().flat_map_iter(|race| {
        race.neighbours()
            .map(|pair| (race.key(), super::log_ratios(pair).and_then(|d| trials.sittings.variance(d))))
    });
    let between = trials.sittings.between(variances);
    let found = races.par_iter().flat_map_iter(|race| {
        let between = between.get(&race.key()).copied().unwrap_or(Between::UNKNOWN);
        let costs: Vec<_> = race.cells.iter().map(|cell| costs(cell, race.metric)).collect();
        let names =
            race.cells.iter().map(|cell| (&*cell.identity.experiment, &*cell.identity.cell, race.metric));
        names.zip(among_best(&costs, between.shift().exp())).collect::<Vec<_>>()
    });
    let found: HashMap<(&str, &str, Metric), Option<bool>> = found.collect();
    for row in summary {
        row.among_best = found.get(&(&*row.experiment, &*row.cell, row.metric)).copied().flatten();
    }
}

impl<'a> Race<'a> {
    fn of(group: &[&'a MeasuredCell], metric: Metric) -> Self {
        let is_above_zero = |cell: &&&MeasuredCell| {
            Ordered::new(cell.outcomes(metric).iter().map(|outcome| outcome.value)).median() > Some(0.0)
        };
        Self { cells: group.iter().filter(is_above_zero).copied().collect(), metric }
    }

    /// Each cell with the next, in the order of the file.
    fn neighbours(&self) -> impl Iterator<Item = Pair<'a>> {
        let metric = self.metric;
        let pair = move |pair: &[&'a MeasuredCell]| Pair {
            runtime: pair[0],
            baseline: pair[1],
            against: Against::Fastest,
            metric,
        };
        self.cells.windows(2).map(pair)
    }

    fn key(&self) -> (&'a str, Metric) {
        (&self.cells[0].identity.experiment, self.metric)
    }
}

/// The costs of a cell by block; of a gain its inverse.
fn costs(cell: &MeasuredCell, metric: Metric) -> Vec<(u32, f64)> {
    let cost = |value: f64| if metric.better() == Better::More { 1.0 / value } else { value.max(0.0) };
    cell.outcomes(metric).iter().map(|outcome| (outcome.block, cost(outcome.value))).collect()
}
