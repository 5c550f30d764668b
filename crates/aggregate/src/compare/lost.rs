//! Cells of which the second side knows less than the first: a gate that looked at those with numbers on both sides alone
//! would take the worst change, no number any more, for none.

use std::collections::HashMap;

use results::{Metric, TrialRow};
use serde::Serialize;

use super::cell_changes::why_not_ok;
use super::pair::Pair;
use super::quantity::{headlines, is_covered, main_metric};
use super::run::{Run, Sides};
use crate::measured_cell::MeasuredCell;
use crate::ratios::COMPARED;
use crate::stats::FEWEST_FOR_MEDIAN;
use crate::stats::median::{median, sorted};
use crate::trials::Name;

/// A metric of a cell that the first side has a number of, and the second has none, or none that can be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// Name of the experiment.
    pub experiment: String,
    /// Name of the cell.
    pub cell: String,
    /// Label of its runtime.
    pub runtime: String,
    /// The metric's name.
    pub metric: Metric,
    /// Why: `crashed: SIGABRT`, or what the second side lacks.
    pub reason: String,
}

/// How much is known of a metric of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    Nothing,
    /// A median, but no interval of it that a test could go with: too few blocks, or some of them failed.
    Median,
    /// All that a test needs.
    Enough,
}

/// Those of the metrics that are asked first: the named ones, or the main one of each cell.
pub(super) fn lost(sides: &Sides, named: &[Metric]) -> Vec<Lost> {
    let cells = sides.runs.each().map(|runs| runs.iter().map(by_name).collect::<Vec<_>>());
    let headlines = headlines(&sides.runs.a);
    let mut found = Vec::new();
    for cell in &sides.runs.a[0].trials.cells {
        let identity = &cell.identity;
        let name = (identity.experiment.clone(), identity.cell.clone());
        let known = |metric: Metric| cells.each().map(|side| known(side, &name, metric));
        let first = first_metrics(identity, &headlines, named, |metric| known(metric).a > Known::Nothing);
        let lost = |metric: &Metric| known(*metric).b < known(*metric).a;
        found.extend(first.into_iter().filter(lost).map(|metric| Lost {
            experiment: name.0.clone(),
            cell: name.1.clone(),
            runtime: identity.runtime.clone(),
            metric,
            reason: reason(&sides.runs.b, &cells, &name, metric),
        }));
    }
    found
}

/// The metrics of a cell that are asked first, of those that the first side has.
fn first_metrics(
    identity: &TrialRow,
    headlines: &HashMap<String, &'static [Metric]>,
    named: &[Metric],
    has: impl Fn(Metric) -> bool,
) -> Vec<Metric> {
    let all = if named.is_empty() { &COMPARED } else { named };
    let metrics = all.iter().copied().filter(|metric| !is_covered(identity, *metric, all) && has(*metric));
    let metrics: Vec<Metric> = metrics.collect();
    if named.is_empty() { main_metric(identity, headlines, &metrics).into_iter().collect() } else { metrics }
}

type ByName<'a> = HashMap<Name, &'a MeasuredCell>;

fn by_name(run: &Run) -> ByName<'_> {
    let name = |cell: &MeasuredCell| (cell.identity.experiment.clone(), cell.identity.cell.clone());
    run.trials.cells.iter().map(|cell| (name(cell), cell)).collect()
}

/// What a metric was in the blocks of all runs of a side; nothing where a run has none.
fn values(side: &[ByName], name: &Name, metric: Metric) -> Vec<f64> {
    let outcomes = |run: &ByName| {
        let outcomes = run.get(name).map_or_else(Vec::new, |cell| cell.outcomes(metric));
        outcomes.into_iter().map(|(_, value)| value).collect::<Vec<f64>>()
    };
    let runs: Vec<Vec<f64>> = side.iter().map(outcomes).collect();
    if runs.iter().any(Vec::is_empty) { Vec::new() } else { runs.concat() }
}

fn known(side: &[ByName], name: &Name, metric: Metric) -> Known {
    let values = values(side, name, metric);
    if values.is_empty() || !median(&sorted(values.iter().copied())).is_finite() {
        return Known::Nothing;
    }
    // What is not above zero has no ratio, and so no test.
    let is_whole = values.iter().all(|value| value.is_finite() && *value > 0.0);
    if is_whole && values.len() >= FEWEST_FOR_MEDIAN { Known::Enough } else { Known::Median }
}

fn reason(runs: &[Run], cells: &Pair<Vec<ByName>>, name: &Name, metric: Metric) -> String {
    for run in runs {
        match run.trials.tallies.get(name) {
            Some(tally) if tally.not_ok > 0 => return why_not_ok(tally),
            Some(_) => {}
            None => {
                let left_out = run.trials.left_out.get(name).map(|reason| format!(": {reason}"));
                return format!("vanished{}", left_out.unwrap_or_default());
            }
        }
    }
    let blocks = cells.each().map(|side| values(side, name, metric).len());
    match blocks.b {
        0 => format!("{metric} was not measured"),
        some if some < blocks.a => format!("{some} blocks, and {} before", blocks.a),
        _ => format!("{metric} is not above zero in every block"),
    }
}

#[cfg(test)]
mod tests {
    use protocol::Status;
    use results::{Plan, PresetName};

    use super::*;
    use crate::fixture::{timed, trials};

    fn side(samples: &[TrialRow]) -> Vec<Run> {
        let plan = Plan::empty(PresetName::Default, 7);
        vec![Run { plan, environment: None, trials: trials(samples), verdicts: Vec::new() }]
    }

    fn lost_of(a: &[TrialRow], b: &[TrialRow], named: &[Metric]) -> Vec<(String, String)> {
        let lost = lost(&Sides::new(Pair { a: side(a), b: side(b) }), named);
        lost.into_iter().map(|one| (one.cell, one.reason)).collect()
    }

    fn blocks(count: u32) -> Vec<TrialRow> {
        (1..=count).map(|block| timed("a", block, 1000 + u64::from(block))).collect()
    }

    /// Eight blocks, of which so many ended otherwise.
    fn ended(status: Status, count: u32) -> Vec<TrialRow> {
        let end = |row: TrialRow| if row.block > count { row } else { TrialRow { status, ..row } };
        blocks(8).into_iter().map(end).collect()
    }

    fn one(reason: &str) -> Vec<(String, String)> {
        vec![("a".into(), reason.into())]
    }

    #[test]
    fn a_cell_without_a_number_any_more_is_lost_however_its_trials_ended() {
        // What the lab could not do is no word about the cell.
        let is_word = |status: &Status| !matches!(status, Status::Ok | Status::LabError);
        for status in Status::ALL.into_iter().filter(is_word) {
            assert_eq!(lost_of(&blocks(8), &ended(status, 8), &[]), one(&format!("{status}: ")), "{status}");
        }
        assert_eq!(lost_of(&blocks(8), &[timed("b", 1, 1)], &[]), one("vanished"));
    }

    #[test]
    fn a_cell_that_can_no_longer_be_judged_is_lost_too() {
        let crashed = |count| lost_of(&blocks(8), &ended(Status::Crashed, count), &[]);
        assert_eq!(crashed(1), one("1 of 8 trials, crashed: "), "p is not known of it");
        assert_eq!(crashed(7), one("7 of 8 trials, crashed: "), "it has no median, and so no row");
        assert_eq!(lost_of(&blocks(8), &blocks(3), &[]), one("3 blocks, and 8 before"));
    }

    #[test]
    fn what_the_first_side_knew_no_better_is_not_lost() {
        assert_eq!(lost_of(&blocks(8), &blocks(6), &[]), []);
        assert_eq!(lost_of(&blocks(3), &blocks(2), &[]), []);
        assert_eq!(lost_of(&ended(Status::Crashed, 8), &ended(Status::Crashed, 8), &[]), []);
        assert_eq!(lost_of(&ended(Status::Crashed, 2), &ended(Status::Crashed, 1), &[]), []);
        assert_eq!(lost_of(&ended(Status::Crashed, 2), &ended(Status::Crashed, 8), &[]).len(), 1);
    }

    #[test]
    fn a_metric_that_is_named_is_guarded_and_another_is_not() {
        let with_cpu: Vec<TrialRow> = blocks(8)
            .into_iter()
            .map(|row| TrialRow { cpu_user_ns: Some(5), cpu_system_ns: Some(5), ..row })
            .collect();
        assert_eq!(lost_of(&with_cpu, &blocks(8), &[]), []);
        let lost = lost_of(&with_cpu, &blocks(8), &[Metric::CpuPerTask]);
        assert_eq!(lost, one(&format!("{} was not measured", Metric::CpuPerTask)));
    }
}
