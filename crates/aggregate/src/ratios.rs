//! `ratios.csv`: how the runtimes of a group compare, block by block.
//!
//! Within a block, d = ln(A/B) of the timed trials of the two runtimes; whatever slows a whole block
//! down cancels. The ratio is exp(median d), with its interval ([`median_interval`], of `BCa`); the
//! geometric mean exp(mean d) with its t interval is the second opinion, and p is that of the paired t test of mean d = 0.
//!
//! A runtime with several workers is held against itself with one (`one-worker`), and every runtime
//! against the program of its language that does one task after another (`sequential`), where those
//! ran: the speed-up is 1 ÷ the ratio.
//!
//! Each runtime is held against the *floor*, the cheapest way known to do the work with no runtime,
//! and against the *fastest* runtime of its group, which the floor, no contestant, cannot be. The
//! fastest is found in the same trials that it is then compared in, which flatters it a little where
//! several are about equally fast; and it is found by the medians of `summary.csv`, so that a ratio
//! below 1 against it can happen, most of all where trials failed and cells have different blocks.

use std::collections::HashMap;

use rayon::prelude::*;
use results::{Against, Metric, Problem, RatioRow};

use crate::cells::{Cell, Identity};
use crate::stats::median::median;
use crate::stats::{Bootstrap, FEWEST, Interval, holm, median_interval, student};

/// The label of the runtime that is no runtime: the limit the others are held against.
pub const FLOOR: &str = "floor";

/// The label of the runtime that does one task after another; in another language than Rust that
/// language's name stands before it: `python-sequential`.
const SEQUENTIAL: &str = "sequential";

/// The metrics that runtimes are compared by, and runs.
pub const COMPARED: [Metric; 8] = [
    Metric::Makespan,
    Metric::SteadyMakespan,
    Metric::Total,
    Metric::Operation,
    Metric::LatencyP99,
    Metric::LatenessP99,
    Metric::CpuPerTask,
    Metric::RssPerTask,
];

/// The metrics by which parallelism is told.
const PARALLEL: [Metric; 2] = [Metric::Makespan, Metric::SteadyMakespan];

/// One row to be.
#[derive(Clone, Copy)]
struct Pair<'a> {
    runtime: &'a Cell,
    baseline: &'a Cell,
    against: Against,
    metric: Metric,
}

/// The rows of all groups, in the order of their first cells; within a group by metric, `against`,
/// and runtime.
pub(crate) fn compare(cells: &[Cell], bootstrap: &Bootstrap) -> Result<Vec<RatioRow>, Problem> {
    let groups = groups(cells);
    for group in &groups {
        check(group)?;
    }
    let mut pairs: Vec<Pair> = groups.iter().flat_map(|group| pairs(group)).collect();
    pairs.extend(sequential_pairs(cells));
    pairs.extend(one_worker_pairs(cells));
    let mut rows: Vec<RatioRow> = pairs.into_par_iter().filter_map(|pair| row(pair, bootstrap)).collect();
    adjust(&mut rows);
    Ok(rows)
}

/// The cells of each group, groups in the order of their first cells.
fn groups(cells: &[Cell]) -> Vec<Vec<&Cell>> {
    let mut groups: Vec<Vec<&Cell>> = Vec::new();
    let mut places = HashMap::new();
    for cell in cells {
        let name = (cell.identity.experiment.as_str(), cell.identity.group.as_str());
        let place = *places.entry(name).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(cell);
    }
    groups
}

/// Refuses a group whose cells cannot be told apart, or do different work.
fn check(group: &[&Cell]) -> Result<(), Problem> {
    let mut labels = HashMap::new();
    for cell in group {
        let this = &cell.identity;
        if let Some(first) = labels.insert(this.runtime.as_str(), cell.line) {
            let problem = format!(
                "group `{}` has a second cell of runtime `{}`, `{}`; the first is in line {first}",
                this.group, this.runtime, this.cell
            );
            return Err(Problem::new(cell.line, problem, "give one of them another label in the experiment"));
        }
        let first = &group[0].identity;
        if (&this.workload, this.tasks) != (&first.workload, first.tasks) {
            let problem = format!(
                "cell `{}` does another workload, or another number of tasks, than cell `{}` of its group `{}`",
                this.cell, first.cell, this.group
            );
            return Err(Problem::new(
                cell.line,
                problem,
                "give cells that do different work different groups",
            ));
        }
    }
    Ok(())
}

/// Each cell of several workers with the cell that differs from it in that alone.
fn one_worker_pairs(cells: &[Cell]) -> Vec<Pair<'_>> {
    let key = |cell: &Cell| {
        let this = &cell.identity;
        let asked = (this.workload.clone(), this.tasks, this.params.clone());
        (this.experiment.clone(), this.runtime.clone(), asked)
    };
    let alone: HashMap<_, &Cell> =
        cells.iter().filter(|cell| cell.identity.workers == 1).map(|cell| (key(cell), cell)).collect();
    let several = cells.iter().filter(|cell| cell.identity.workers > 1);
    let both = several.filter_map(|runtime| Some((runtime, *alone.get(&key(runtime))?)));
    both.flat_map(|(runtime, baseline)| {
        PARALLEL.map(|metric| Pair { runtime, baseline, against: Against::OneWorker, metric })
    })
    .collect()
}

/// The comparisons of one group.
fn pairs<'a>(group: &[&'a Cell]) -> Vec<Pair<'a>> {
    let (floor, contestants): (Vec<&Cell>, Vec<&Cell>) =
        group.iter().partition(|cell| cell.identity.runtime == FLOOR);
    let mut pairs = Vec::new();
    for metric in COMPARED {
        let baselines =
            [(Against::Floor, floor.first().copied()), (Against::Fastest, fastest(&contestants, metric))];
        for (against, baseline) in baselines {
            let Some(baseline) = baseline else { continue };
            let others = contestants.iter().filter(|cell| !std::ptr::eq(**cell, baseline));
            pairs.extend(others.map(|runtime| Pair { runtime, baseline, against, metric }));
        }
    }
    pairs
}

/// Each cell with that of the program in its language that does one task after another, however many
/// workers it has itself.
fn sequential_pairs(cells: &[Cell]) -> Vec<Pair<'_>> {
    let sequential: Vec<&Cell> = cells.iter().filter(|cell| is_sequential(cell)).collect();
    let contestants = cells.iter().filter(|cell| !is_sequential(cell) && cell.identity.runtime != FLOOR);
    let both = contestants.filter_map(|runtime| {
        let baseline = sequential.iter().find(|baseline| does_the_same(baseline, runtime))?;
        Some((runtime, *baseline))
    });
    both.flat_map(|(runtime, baseline)| {
        let against = Against::Sequential;
        PARALLEL.map(|metric| Pair { runtime, baseline, against, metric })
    })
    .collect()
}

fn is_sequential(cell: &Cell) -> bool {
    let this = &cell.identity;
    this.runtime == SEQUENTIAL || this.runtime == format!("{}-{SEQUENTIAL}", this.language)
}

/// Whether two cells differ only in the runtime, in its own parameters, and in its workers.
fn does_the_same(sequential: &Cell, other: &Cell) -> bool {
    let (this, other) = (&sequential.identity, &other.identity);
    let asked =
        |identity: &Identity| (identity.experiment.clone(), identity.workload.clone(), identity.tasks);
    this.language == other.language
        && asked(this) == asked(other)
        && this
            .params
            .split(';')
            .filter(|param| !param.is_empty())
            .all(|param| other.params.split(';').any(|also| also == param))
}

/// The contestant with the lowest median, the first of them if several have it. A median that is not
/// above zero has no ratio, so that it is passed over.
fn fastest<'a>(contestants: &[&'a Cell], metric: Metric) -> Option<&'a Cell> {
    let medians = contestants.iter().filter_map(|cell| {
        let sorted = cell.sorted_values(metric);
        let median = if sorted.is_empty() { 0.0 } else { median(&sorted) };
        (median > 0.0).then_some((*cell, median))
    });
    medians.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(cell, _)| cell)
}

/// d = ln(A/B) of each block in which both have a value above zero.
fn log_ratios(pair: Pair) -> Vec<f64> {
    let mut differences = Vec::new();
    let mut baselines = pair.baseline.values_by_block(pair.metric).peekable();
    for (block, a) in pair.runtime.values_by_block(pair.metric) {
        while baselines.next_if(|(other, _)| *other < block).is_some() {}
        match baselines.peek() {
            Some((other, b)) if *other == block && a > 0.0 && *b > 0.0 => differences.push((a / b).ln()),
            _ => {}
        }
    }
    differences
}

/// The row of a pair; none when no block has both.
fn row(pair: Pair, bootstrap: &Bootstrap) -> Option<RatioRow> {
    let mut d = log_ratios(pair);
    if d.is_empty() {
        return None;
    }
    d.sort_unstable_by(f64::total_cmp);
    let interval = median_interval::of_bca(&d, bootstrap).map(Interval::exp);
    let test = (d.len() >= FEWEST).then(|| student::paired(&d));
    let geomean: Option<Interval> = test.map(|test| test.interval.exp());
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
        ratio: median(&d).exp(),
        ci_low: interval.map(|interval| interval.low),
        ci_high: interval.map(|interval| interval.high),
        geomean: student::mean(&d).exp(),
        geomean_low: geomean.map(|interval| interval.low),
        geomean_high: geomean.map(|interval| interval.high),
        p_value: test.map(|test| test.p_value),
        p_adjusted: None,
    })
}

/// Fills in the adjusted p-values; rows without a p-value are no test and do not count as one.
fn adjust(rows: &mut [RatioRow]) {
    let family = |row: &RatioRow| (row.experiment.clone(), row.metric, row.against);
    let mut families: HashMap<_, Vec<&mut RatioRow>> = HashMap::new();
    for row in rows.iter_mut().filter(|row| row.p_value.is_some()) {
        families.entry(family(row)).or_default().push(row);
    }
    for family in families.into_values() {
        let p_values: Vec<f64> = family.iter().filter_map(|row| row.p_value).collect();
        for (row, adjusted) in family.into_iter().zip(holm::adjust(&p_values)) {
            row.p_adjusted = Some(adjusted);
        }
    }
}

#[cfg(test)]
mod tests {
    use results::{Pass, TrialRow};

    use super::*;
    use crate::cells;
    use crate::fixture::{run, timed};
    use crate::stats::reference::{MAKESPANS, OTHER_MAKESPANS};

    fn compared(samples: &[TrialRow]) -> Result<Vec<RatioRow>, Problem> {
        let dir = run(samples);
        let trials = cells::read(&dir.path().join("trials.csv"), 1).unwrap();
        compare(&trials.cells, &Bootstrap::new(7, cells::most_trials(&trials.cells)))
    }

    fn ratios(samples: &[TrialRow]) -> Vec<RatioRow> {
        compared(samples).unwrap()
    }

    /// Five blocks of makespans that grow from block to block, and are `factor` times as long.
    fn cell(runtime: &str, factor: u64) -> Vec<TrialRow> {
        (1..=7).map(|block| timed(runtime, block, factor * 1000 * u64::from(block * block))).collect()
    }

    fn names(rows: &[RatioRow]) -> Vec<(&str, &str, Against)> {
        rows.iter().map(|row| (row.runtime.as_str(), row.baseline.as_str(), row.against)).collect()
    }

    #[test]
    fn a_runtime_is_held_against_itself_with_one_worker_and_against_its_languages_sequential() {
        let cell = |runtime: &str, workers, block, makespan| TrialRow {
            runtime: runtime.into(),
            cell: format!("{runtime}-{workers}"),
            group: format!("g-{workers}"),
            workers,
            language: if runtime.starts_with("python") { "python" } else { "rust" }.into(),
            ..timed("x", block, makespan)
        };
        let samples: Vec<TrialRow> = (1..5)
            .flat_map(|block| {
                [
                    cell("tokio", 1, block, 200),
                    cell("tokio", 2, block, 100),
                    cell("sequential", 1, block, 200),
                    cell("python-threading", 1, block, 900),
                    cell("python-sequential", 1, block, 300),
                ]
            })
            .collect();
        let rows = ratios(&samples);
        let of = |against| {
            let rows =
                rows.iter().filter(move |row| row.against == against && row.metric == Metric::Makespan);
            let thousandths = |row: &RatioRow| (row.ratio * 1000.0).round();
            rows.map(|row| (row.runtime.as_str(), row.baseline.as_str(), thousandths(row)))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(Against::OneWorker), [("tokio", "tokio", 500.0)]);
        assert_eq!(
            of(Against::Sequential),
            [
                ("tokio", "sequential", 1000.0),
                ("tokio", "sequential", 500.0),
                ("python-threading", "python-sequential", 3000.0)
            ]
        );
    }

    #[test]
    fn each_compared_metric_is_a_timed_one() {
        assert!(COMPARED.iter().chain(&PARALLEL).all(|metric| metric.pass() == Pass::Timed));
    }

    #[test]
    fn runtimes_are_held_against_the_floor_and_against_the_fastest_contestant() {
        let rows = ratios(&[cell("slow", 6), cell("floor", 1), cell("fast", 2)].concat());
        let expected = [
            ("slow", "floor", Against::Floor),
            ("fast", "floor", Against::Floor),
            ("slow", "fast", Against::Fastest),
        ];
        assert_eq!(names(&rows), expected);
        let found: Vec<f64> = rows.iter().map(|row| row.ratio.round()).collect();
        assert_eq!(found, [6.0, 2.0, 3.0]);
    }

    #[test]
    fn a_group_without_a_floor_has_only_its_fastest_to_compare_with() {
        let rows = ratios(&[cell("slow", 6), cell("fast", 2)].concat());
        assert_eq!(names(&rows), [("slow", "fast", Against::Fastest)]);
    }

    #[test]
    fn cells_of_different_groups_are_never_compared() {
        let mut samples = [cell("a", 1), cell("b", 2)].concat();
        for sample in &mut samples[7..] {
            sample.group = "another".into();
        }
        assert!(ratios(&samples).is_empty());
    }

    #[test]
    fn ratio_and_interval_agree_with_scipy() {
        let samples = |runtime, makespans: [f64; 15]| {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole nanoseconds
            let samples: Vec<TrialRow> =
                (1..).zip(makespans).map(|(block, ns)| timed(runtime, block, ns as u64)).collect();
            samples
        };
        let rows = ratios(&[samples("a", MAKESPANS), samples("b", OTHER_MAKESPANS)].concat());
        let row = &rows[0];
        let assert_close = |found: f64, expected: f64, tolerance: f64| {
            assert!((found - expected).abs() < tolerance, "{found} for {expected}: {row:?}");
        };
        // scipy 1.17.1, exp of what stands in the tests of stats::median and stats::student.
        assert_close(row.ratio, 0.157_760_838_236_797_54_f64.exp(), 1e-12);
        assert_close(row.geomean, 1.233_374_341_174_686, 1e-12);
        assert_close(row.geomean_low.unwrap(), 1.113_336_15, 1e-8);
        assert_close(row.geomean_high.unwrap(), 1.366_354_86, 1e-8);
        assert_close(row.p_value.unwrap(), 0.000_612_260_313_910_139_8, 1e-12);
        // stats.bootstrap(method="BCa"), 200,000 resamples: exp of 0.11074 ± 0.0017 and 0.26898 over
        // ten seeds. Tolerance: five of those, on the scale of the ratio.
        assert_close(row.ci_low.unwrap(), 0.110_744_f64.exp(), 0.0095);
        assert_close(row.ci_high.unwrap(), 0.268_975_4_f64.exp(), 0.0095);
    }

    #[test]
    fn only_blocks_in_which_both_have_a_value_above_zero_are_compared() {
        let mut samples = [cell("a", 2), cell("b", 1)].concat();
        samples[0].makespan_ns = Some(0); // a, block 1
        samples[1].makespan_ns = None; // a, block 2
        samples.remove(9); // b, block 3
        assert_eq!(ratios(&samples)[0].n, 4);
    }

    #[test]
    fn fewer_than_three_blocks_have_a_ratio_but_no_interval_and_no_test() {
        let samples = [&cell("a", 2)[..2], &cell("floor", 1)[..]].concat();
        let row = &ratios(&samples)[0];
        assert_eq!((row.n, row.ratio.round(), row.geomean.round()), (2, 2.0, 2.0));
        let empty = [row.ci_low, row.ci_high, row.geomean_low, row.geomean_high, row.p_value, row.p_adjusted];
        assert_eq!(empty, [None; 6]);
    }

    #[test]
    fn fewer_than_six_blocks_have_a_test_and_the_interval_that_belongs_to_it_but_none_of_the_median() {
        let row = &ratios(&[&cell("a", 2)[..5], &cell("floor", 1)[..]].concat())[0];
        assert_eq!((row.n, row.ci_low, row.ci_high), (5, None, None));
        assert!(row.p_value.is_some() && row.geomean_low.is_some() && row.geomean_high.is_some());
    }

    #[test]
    fn two_runtimes_that_are_always_alike_have_a_ratio_of_one() {
        let row = &ratios(&[cell("a", 1), cell("b", 1)].concat())[0];
        assert_eq!((row.runtime.as_str(), row.baseline.as_str()), ("b", "a"));
        assert_eq!((row.ratio, row.ci_low, row.ci_high), (1.0, Some(1.0), Some(1.0)));
        assert_eq!((row.geomean, row.geomean_low, row.geomean_high), (1.0, Some(1.0), Some(1.0)));
        assert_eq!((row.p_value, row.p_adjusted), (Some(1.0), Some(1.0)));
    }

    #[test]
    fn p_values_are_adjusted_over_the_rows_of_an_experiment_metric_and_baseline() {
        let noisy = |runtime: &str, shifts: [u64; 5]| -> Vec<TrialRow> {
            (1..).zip(shifts).map(|(block, shift)| timed(runtime, block, 1000 + shift)).collect()
        };
        let cells =
            [noisy("a", [0, 5, 1, 3, 2]), noisy("b", [9, 9, 1, 12, 4]), noisy("c", [50, 70, 55, 60, 64])];
        let samples = cells.concat();
        let mut other = samples.clone();
        for sample in &mut other {
            sample.experiment = "f".into();
        }
        let rows = ratios(&[samples, other].concat());
        assert_eq!(rows.len(), 4);
        for experiment in rows.chunks(2) {
            let p: Vec<f64> = experiment.iter().map(|row| row.p_value.unwrap()).collect();
            let adjusted: Vec<f64> = experiment.iter().map(|row| row.p_adjusted.unwrap()).collect();
            assert_eq!(adjusted, [p[0].max(2.0 * p[1]), 2.0 * p[1]]);
        }
    }

    #[test]
    fn a_group_with_two_cells_of_one_label_is_refused() {
        let mut samples = [cell("a", 1), cell("b", 1)].concat();
        for sample in &mut samples[7..] {
            sample.runtime = "a".into();
        }
        let problem = compared(&samples).unwrap_err();
        assert_eq!(problem.line, 9);
        assert!(problem.what.contains("second cell of runtime `a`, `b`; the first is in line 2"));
    }

    #[test]
    fn a_group_whose_cells_do_different_work_is_refused() {
        let mut samples = [cell("a", 1), cell("b", 1)].concat();
        for sample in &mut samples[7..] {
            sample.tasks = 11;
        }
        assert!(compared(&samples).unwrap_err().what.contains("another number of tasks"));
    }

    #[test]
    fn a_runtime_whose_median_is_not_above_zero_is_not_the_fastest() {
        let mut samples = [cell("a", 1), cell("b", 2), cell("c", 3)].concat();
        for sample in &mut samples[..7] {
            sample.makespan_ns = Some(0);
        }
        assert_eq!(names(&ratios(&samples)), [("c", "b", Against::Fastest)]);
    }
}
