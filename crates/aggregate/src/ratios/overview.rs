//! Any two runtimes of the overview group of a workload, so that a reader can put any two side by side.
//!
//! References and variants are among them: whoever asks what a variant changes compares it with its runtime.

use std::collections::HashMap;

use protocol::Workload;
use results::grouping::distinct;
use results::overview::pair_metrics;
use results::{Against, Cell, Metric, Plan, overview_groups};

use super::pairs::Pair;
use crate::measured_cell::MeasuredCell;

/// A cell that is planned and was measured.
#[derive(Clone, Copy)]
struct Contestant<'a> {
    planned: &'a Cell,
    measured: &'a MeasuredCell,
}

/// Each pair once, by group and metric. The runtime is the one whose label the plan has first, whatever the group, so that
/// two runtimes have one order in all of them, and the order of the trials decides nothing.
pub(super) fn pairs<'a>(plan: &'a Plan, cells: &'a [MeasuredCell]) -> Vec<Pair<'a>> {
    let name = |cell: &'a MeasuredCell| (&*cell.identity.experiment, &*cell.identity.cell);
    let measured: HashMap<(&str, &str), &MeasuredCell> =
        cells.iter().map(|cell| (name(cell), cell)).collect();
    let contestants = |group| {
        let planned = plan.cells.iter().map(|planned| &planned.cell).filter(move |cell| cell.group == group);
        planned.filter_map(|planned| {
            let measured = measured.get(&(&*planned.experiment, &*planned.id))?;
            Some(Contestant { planned, measured })
        })
    };
    let labels = distinct(plan.cells.iter().map(|planned| &*planned.cell.label));
    let place = |contestant: &Contestant| labels.iter().position(|label| *label == contestant.planned.label);
    let of_group = |group| {
        let mut contestants: Vec<Contestant> = contestants(group).collect();
        contestants.sort_by_key(place);
        let metrics = metrics(&contestants);
        metrics.into_iter().flat_map(move |metric| each_once(&contestants, metric)).collect::<Vec<_>>()
    };
    overview_groups(plan).into_iter().flat_map(of_group).collect()
}

/// Those of the workload; of a workload of another version none.
fn metrics(contestants: &[Contestant]) -> Vec<Metric> {
    let workload =
        contestants.first().and_then(|one| Some((one, Workload::from_name(&one.planned.workload)?)));
    workload.map_or_else(Vec::new, |(one, workload)| pair_metrics(workload, &one.planned.params))
}

/// Each contestant with all after it, where both have values of the metric.
fn each_once<'a>(contestants: &[Contestant<'a>], metric: Metric) -> Vec<Pair<'a>> {
    let has_values = |one: &&Contestant| one.measured.values(metric).iter().any(|value| value.is_finite());
    let known: Vec<&MeasuredCell> = contestants.iter().filter(has_values).map(|one| one.measured).collect();
    let mut pairs = Vec::new();
    for (place, &runtime) in known.iter().enumerate() {
        let later = known[place + 1..].iter();
        pairs.extend(later.map(|&baseline| Pair { runtime, baseline, against: Against::Pair, metric }));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use protocol::Status;
    use results::fixture::cell_of;
    use results::write::csv_rows;
    use results::{PresetName, RatioRow, TrialRow};

    use super::super::{compare, known_rows};
    use super::*;
    use crate::fixture::noise::Random;
    use crate::fixture::{run_of, timed};

    const LABELS: [&str; 5] = ["tokio", "floor", "threads", "glommio", "glommio-early-membarrier"];

    /// A plan of the cells of these trials, in the order in which they come.
    fn plan_of(trials: &[TrialRow]) -> Plan {
        let mut plan = Plan::empty(PresetName::Default, 7);
        let cells = distinct(trials.iter().map(|trial| cell_of(trial, 99)));
        plan.cells = cells;
        plan
    }

    fn pair_rows(plan: &Plan, trials: &[TrialRow]) -> Vec<RatioRow> {
        let trials = crate::trials::read(run_of(plan, trials).path()).unwrap().1;
        let rows = known_rows(compare(plan, &trials).unwrap());
        rows.into_iter().filter(|row| row.against == Against::Pair).collect()
    }

    /// Blocks of a thousand sleeping tasks on each runtime, one runtime slower than the one before, with noise that
    /// overlaps; one trial in ten failed.
    fn noisy(seed: u64) -> Vec<TrialRow> {
        let mut random = Random::new(seed);
        let mut trials = Vec::new();
        for block in 1..=13 {
            for (place, label) in (0u32..).zip(LABELS) {
                let ns = |random: &mut Random| noisy_ns(1.0 + 0.1 * f64::from(place), random);
                let status = if random.normal() > 1.3 { Status::Crashed } else { Status::Ok };
                let startup_ns = Some(ns(&mut random));
                let later_makespan_ns = Some(ns(&mut random));
                let trial = timed(label, block, ns(&mut random));
                trials.push(TrialRow { tasks: 1000, status, startup_ns, later_makespan_ns, ..trial });
            }
        }
        trials
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole nanoseconds
    fn noisy_ns(factor: f64, random: &mut Random) -> u64 {
        (1e6 * factor * (0.2 * random.normal()).exp()) as u64
    }

    fn names(row: &RatioRow) -> (&str, &str) {
        (&row.runtime, &row.baseline)
    }

    #[test]
    fn every_pair_has_one_row_for_each_metric_in_the_order_of_the_plan() {
        let mut trials = noisy(1);
        // Of two that failed in one block the median may not be known, and then there is no row.
        for trial in &mut trials {
            trial.status = Status::Ok;
        }
        let rows = pair_rows(&plan_of(&trials), &trials);
        let mut expected = Vec::new();
        for metric in [Metric::Makespan, Metric::LaterMakespan, Metric::Total] {
            for (place, runtime) in LABELS.iter().enumerate() {
                expected.extend(LABELS[place + 1..].iter().map(|baseline| (metric, (*runtime, *baseline))));
            }
        }
        assert!(rows.iter().map(|row| (row.metric, names(row))).eq(expected), "{rows:?}");
        let has_geomean = |row: &RatioRow| row.geomean.or(row.geomean_low).or(row.geomean_high).is_some();
        assert!(!rows.iter().any(has_geomean));
    }

    #[test]
    fn swapped_labels_give_the_inverse_ratio_and_interval_and_the_same_p() {
        let trials = noisy(2);
        let plan = plan_of(&trials);
        let mut swapped = plan.clone();
        swapped.cells.reverse();
        let rows = pair_rows(&plan, &trials);
        let inverse = pair_rows(&swapped, &trials);
        assert_eq!(rows.len(), inverse.len());
        let close = |a: f64, b: f64| (a * b - 1.0).abs() < 1e-12;
        for row in &rows {
            let is_it = |other: &&RatioRow| {
                (other.metric, names(other)) == (row.metric, (&*row.baseline, &*row.runtime))
            };
            let other = inverse.iter().find(is_it).unwrap();
            assert!(close(row.ratio, other.ratio), "{row:?} {other:?}");
            for (low, high) in [(row.ci_low, other.ci_high), (row.ci_high, other.ci_low)] {
                assert_eq!(low.is_some(), high.is_some(), "{row:?} {other:?}");
                assert!(low.zip(high).is_none_or(|(low, high)| close(low, high)), "{row:?} {other:?}");
            }
            assert_eq!((row.n, row.p_value, row.p_adjusted), (other.n, other.p_value, other.p_adjusted));
        }
    }

    #[test]
    fn an_interval_contains_its_ratio_and_no_correction_makes_p_smaller() {
        let mut tested = 0;
        for seed in 0..20 {
            let trials = noisy(seed);
            for row in pair_rows(&plan_of(&trials), &trials) {
                assert!(row.ci_low.is_none_or(|low| low <= row.ratio), "{row:?}");
                assert!(row.ci_high.is_none_or(|high| row.ratio <= high), "{row:?}");
                let (p, adjusted) = (row.p_value.unwrap(), row.p_adjusted.unwrap());
                assert!(p <= adjusted && adjusted <= 1.0, "{row:?}");
                tested += usize::from(row.ci_low.is_some() && p < adjusted);
            }
        }
        assert!(tested > 0, "nothing was corrected");
    }

    #[test]
    fn the_order_of_the_trials_does_not_change_a_byte() {
        let trials = noisy(3);
        let plan = plan_of(&trials);
        let expected = csv_rows(&pair_rows(&plan, &trials));
        let mut permuted = trials;
        let mut random = Random::new(4);
        for _ in 0..3 {
            let mut keyed: Vec<(f64, TrialRow)> =
                permuted.into_iter().map(|trial| (random.normal(), trial)).collect();
            keyed.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            permuted = keyed.into_iter().map(|(_, trial)| trial).collect();
            assert_eq!(csv_rows(&pair_rows(&plan, &permuted)), expected);
        }
    }

    /// Six blocks in which b always takes twice as long as a, in an experiment of its own.
    fn clear(workload: &str, runtimes: &[&str]) -> Vec<TrialRow> {
        let blocks = (1..=6).flat_map(|block| runtimes.iter().map(move |runtime| (block, *runtime)));
        let trial = |(block, runtime): (u32, &str)| {
            let ns = if runtime == "b" { 2000 } else { 1000 } + u64::from(block);
            TrialRow {
                experiment: workload.into(),
                cell: format!("{workload}-{runtime}"),
                group: format!("{workload}-g"),
                workload: workload.into(),
                operations: Some(if workload == "yield" { 1000 } else { 10 }),
                ..timed(runtime, block, ns)
            }
        };
        blocks.map(trial).collect()
    }

    #[test]
    fn the_family_is_two_runtimes_over_all_experiments_and_one_aspect() {
        // In the second experiment the plan has the runtimes in the other order.
        let mut trials = [clear("cpu", &["a", "b"]), clear("yield", &["b", "a", "c"])].concat();
        for trial in &mut trials {
            trial.later_makespan_ns = trial.makespan_ns;
        }
        let rows = pair_rows(&plan_of(&trials), &trials);
        let p = 2.0 / 64.0;
        let adjusted = |runtimes: (&str, &str)| -> Vec<(Metric, f64)> {
            let rows = rows.iter().filter(|row| names(row) == runtimes);
            rows.map(|row| (row.metric, row.p_adjusted.unwrap())).collect()
        };
        let expected = [
            (Metric::Makespan, 2.0 * p),
            (Metric::LaterMakespan, 2.0 * p),
            (Metric::Operation, 2.0 * p),
            (Metric::LaterOperation, 2.0 * p),
        ];
        assert_eq!(adjusted(("a", "b")), expected);
        assert_eq!(adjusted(("b", "c")), [(Metric::Operation, p), (Metric::LaterOperation, p)]);
        assert_eq!(adjusted(("b", "a")), []);
    }

    #[test]
    fn of_a_gain_the_ratio_is_that_of_the_gain() {
        let mut trials = clear("echo", &["a", "b"]);
        for trial in &mut trials {
            trial.load_duration_ns = trial.makespan_ns;
        }
        let rows = pair_rows(&plan_of(&trials), &trials);
        let found: Vec<(Metric, f64)> = rows.iter().map(|row| (row.metric, row.ratio.round())).collect();
        assert_eq!(
            found,
            [(Metric::OperationsPerSecond, 2.0)],
            "b takes twice as long, so a does twice as many"
        );
    }

    #[test]
    fn groups_that_no_overview_shows_have_no_pairs() {
        let mut small = clear("cpu", &["a", "b"]);
        for trial in &mut small {
            trial.cell.push_str("-small");
            trial.group = "small".into();
        }
        let trials = [small, clear("cpu", &["a", "b", "c"])].concat();
        let rows = pair_rows(&plan_of(&trials), &trials);
        assert_eq!(rows.iter().map(names).collect::<Vec<_>>(), [("a", "b"), ("a", "c"), ("b", "c")]);
        assert!(rows.iter().all(|row| row.group == "cpu-g"));
        let mut lab = clear("cpu", &["a", "b"]);
        assert_eq!(pair_rows(&plan_of(&lab), &lab).len(), 1);
        for trial in &mut lab {
            trial.experiment = "calibration".into();
        }
        assert!(pair_rows(&plan_of(&lab), &lab).is_empty());
    }
}
