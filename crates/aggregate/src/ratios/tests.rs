//! Which rows a made-up run has, and what they say.

use protocol::Status;
use results::described::Described;
use results::fixture::cell_of;
use results::{Against, Metric, Pass, Plan, PresetName, TrialRow};

use super::*;
use crate::fixture::{run_of, timed, trials};
use crate::stats::reference::{MAKESPANS, OTHER_MAKESPANS};

fn compared(samples: &[TrialRow]) -> Result<Vec<RatioRow>, Problem> {
    compare(&Plan::empty(PresetName::Default, 7), &trials(samples)).map(known_rows)
}

/// The trials of two runtimes, the second one's changed.
fn second_changed(mut samples: Vec<TrialRow>, change: impl Fn(&mut TrialRow)) -> Vec<TrialRow> {
    samples[7..].iter_mut().for_each(change);
    samples
}

fn ratios(samples: &[TrialRow]) -> Vec<RatioRow> {
    compared(samples).unwrap()
}

/// Seven blocks of makespans that grow from block to block, and are `factor` times as long.
fn cell(runtime: &str, factor: u64) -> Vec<TrialRow> {
    (1..=7).map(|block| timed(runtime, block, factor * 1000 * u64::from(block * block))).collect()
}

fn names(rows: &[RatioRow]) -> Vec<(&str, &str, Against)> {
    rows.iter().map(|row| (row.runtime.as_str(), row.baseline.as_str(), row.against)).collect()
}

#[test]
fn a_runtime_is_compared_with_itself_with_one_worker_and_with_its_languages_sequential() {
    let cell = |runtime: &str, workers, block, makespan| TrialRow {
        runtime: runtime.into(),
        cell: format!("{runtime}-{workers}"),
        group: format!("g-{workers}"),
        workers,
        language: if runtime.starts_with("python") { "python" } else { "rust" }.into(),
        ..timed("x", block, makespan)
    };
    let cells = [
        ("tokio", 1, 200),
        ("tokio", 2, 100),
        ("sequential", 1, 200),
        ("python-threading", 1, 900),
        ("python-sequential", 1, 300),
    ];
    let blocks =
        (1..5).flat_map(|block| cells.map(|(runtime, workers, ns)| cell(runtime, workers, block, ns)));
    let rows = ratios(&blocks.collect::<Vec<TrialRow>>());
    let of = |against| {
        let rows = rows.iter().filter(move |row| row.against == against && row.metric == Metric::Makespan);
        let thousandths = |row: &RatioRow| (row.ratio * 1000.0).round();
        rows.map(|row| (&*row.runtime, &*row.baseline, thousandths(row))).collect::<Vec<_>>()
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
    assert!(COMPARED.iter().all(|metric| metric.pass() == Pass::Timed));
}

#[test]
fn runtimes_are_compared_with_the_floor_and_with_the_fastest_contestant() {
    let rows = ratios(&[cell("slow", 6), cell("floor", 1), cell("fast", 2)].concat());
    let expected = [
        ("slow", "floor", Against::Floor),
        ("fast", "floor", Against::Floor),
        ("slow", "fast", Against::Fastest),
    ];
    assert_eq!(names(&rows), expected);
    assert!(rows.iter().map(|row| row.ratio.round()).eq([6.0, 2.0, 3.0]));
    // Who is fastest was found in the same trials, so that a p would be too small.
    let is_empty = |row: &RatioRow| {
        (row.ci_low, row.geomean_low, row.p_value, row.p_adjusted) == (None, None, None, None)
    };
    assert!(rows.iter().map(is_empty).eq([false, false, true]));
    // Without a floor there is only the fastest.
    let rows = ratios(&[cell("slow", 6), cell("fast", 2)].concat());
    assert_eq!(names(&rows), [("slow", "fast", Against::Fastest)]);
}

#[test]
fn cells_of_different_groups_are_never_compared() {
    let two = [cell("a", 1), cell("b", 2)].concat();
    assert!(ratios(&second_changed(two, |trial| trial.group = "another".into())).is_empty());
}

#[test]
fn ratio_and_interval_agree_with_scipy() {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole nanoseconds
    let samples = |runtime, makespans: [f64; 15]| -> Vec<TrialRow> {
        (1..).zip(makespans).map(|(block, ns)| timed(runtime, block, ns as u64)).collect()
    };
    let row = &ratios(&[samples("a", MAKESPANS), samples("floor", OTHER_MAKESPANS)].concat())[0];
    let assert_close = |found: f64, expected: f64, tolerance: f64| {
        assert!((found - expected).abs() < tolerance, "{found} for {expected}: {row:?}");
    };
    // scipy 1.17.1, exp of what stands in the tests of stats::median, stats::student and stats::sign.
    assert_close(row.ratio, 0.157_760_838_236_797_54_f64.exp(), 1e-12);
    assert_close(row.geomean.unwrap(), 1.233_374_341_174_686, 1e-12);
    assert_close(row.geomean_low.unwrap(), 1.113_336_15, 1e-8);
    assert_close(row.geomean_high.unwrap(), 1.366_354_86, 1e-8);
    assert_close(row.ci_low.unwrap(), 0.109_542_815_494_054_51_f64.exp(), 1e-11);
    assert_close(row.ci_high.unwrap(), 0.242_206_775_594_035_17_f64.exp(), 1e-11);
    // 14 of 15 above: stats.binomtest(14, 15).pvalue.
    assert_close(row.p_value.unwrap(), 0.000_976_562_5, 1e-15);
}

#[test]
fn only_blocks_in_which_both_have_a_value_are_compared_and_none_where_one_is_not_above_zero() {
    let mut samples = [cell("a", 2), cell("b", 1)].concat();
    samples[1].makespan_ns = None; // a, block 2
    samples.remove(9); // b, block 3
    assert_eq!(ratios(&samples)[0].n, 5);
    // Without its block, the rest would be chosen by what came out.
    samples[0].makespan_ns = Some(0);
    assert!(ratios(&samples).is_empty());
}

#[test]
fn a_trial_that_failed_is_slower_than_any_other() {
    let fails = |samples: &mut [TrialRow], blocks: &[u32]| {
        let failed = samples.iter_mut().filter(|trial| blocks.contains(&trial.block));
        failed.for_each(|trial| trial.status = Status::Timeout);
    };
    let (mut a, b) = (cell("a", 2), cell("floor", 1));
    fails(&mut a, &[1, 2]);
    let row = &ratios(&[a.clone(), b.clone()].concat())[0];
    assert_eq!((row.n, row.ratio.round(), row.ci_high, row.geomean), (7, 2.0, None, None));
    assert_eq!(row.p_value, Some(2.0 / 128.0));
    // Four of seven: the median is beyond any number.
    fails(&mut a, &[3, 4]);
    assert!(ratios(&[a, b].concat()).is_empty());
}

#[test]
fn fewer_than_three_blocks_have_a_ratio_but_no_interval_and_no_test() {
    let samples = [&cell("a", 2)[..2], &cell("floor", 1)[..]].concat();
    let row = &ratios(&samples)[0];
    assert_eq!((row.n, row.ratio.round(), row.geomean.unwrap().round()), (2, 2.0, 2.0));
    let empty = [row.ci_low, row.ci_high, row.geomean_low, row.geomean_high, row.p_value, row.p_adjusted];
    assert_eq!(empty, [None; 6]);
}

#[test]
fn fewer_than_six_blocks_have_the_interval_of_the_mean_but_none_of_the_median_and_no_test() {
    let row = &ratios(&[&cell("a", 2)[..5], &cell("floor", 1)[..]].concat())[0];
    assert_eq!((row.n, row.ci_low, row.ci_high, row.p_value), (5, None, None, None));
    assert!(row.geomean_low.is_some() && row.geomean_high.is_some());
}

#[test]
fn two_runtimes_that_are_always_alike_have_a_ratio_of_one() {
    let row = &ratios(&[cell("a", 1), cell("floor", 1)].concat())[0];
    assert_eq!((row.ratio, row.ci_low, row.ci_high), (1.0, Some(1.0), Some(1.0)));
    assert_eq!((row.geomean, row.geomean_low, row.geomean_high), (Some(1.0), Some(1.0), Some(1.0)));
    assert_eq!((row.p_value, row.p_adjusted), (Some(1.0), Some(1.0)));
}

#[test]
fn p_values_are_adjusted_over_the_rows_of_an_experiment_metric_and_baseline() {
    let noisy = |runtime: &str, shifts: [u64; 6]| -> Vec<TrialRow> {
        (1..).zip(shifts).map(|(block, shift)| timed(runtime, block, 1000 + shift)).collect()
    };
    let floor = noisy("floor", [0, 5, 1, 3, 2, 1]);
    let b = noisy("b", [9, 9, 0, 12, 4, 7]);
    let samples = [floor, b, noisy("c", [50, 70, 55, 60, 64, 71])].concat();
    let other = samples.iter().map(|trial| TrialRow { experiment: "f".into(), ..trial.clone() });
    let rows = ratios(&samples.iter().cloned().chain(other).collect::<Vec<TrialRow>>());
    let to_floor: Vec<&RatioRow> = rows.iter().filter(|row| row.against == Against::Floor).collect();
    assert_eq!(to_floor.len(), 4);
    for experiment in to_floor.chunks(2) {
        let p: Vec<f64> = experiment.iter().map(|row| row.p_value.unwrap()).collect();
        let adjusted: Vec<f64> = experiment.iter().map(|row| row.p_adjusted.unwrap()).collect();
        assert_eq!(adjusted, [p[0].max(2.0 * p[1]), 2.0 * p[1]]);
    }
}

#[test]
fn a_group_with_two_cells_of_one_label_is_refused() {
    let two = [cell("a", 1), cell("b", 1)].concat();
    let problem = compared(&second_changed(two, |trial| trial.runtime = "a".into())).unwrap_err();
    assert_eq!(problem.line, 9);
    assert!(problem.what.contains("second cell of runtime `a`, `b`; the first is in line 2"));
}

#[test]
fn a_group_whose_cells_do_different_work_is_refused() {
    let two = [cell("a", 1), cell("b", 1)].concat();
    let problem = compared(&second_changed(two, |trial| trial.tasks = 11)).unwrap_err();
    assert!(problem.what.contains("another number of tasks"));
}

#[test]
fn a_runtime_of_which_half_of_the_trials_fail_is_not_the_fastest_however_fast_the_others_are() {
    let mut quick = cell("quick", 1);
    quick[3..].iter_mut().for_each(|trial| trial.status = Status::Timeout);
    let rows = ratios(&[quick, cell("slow", 6), cell("steady", 2)].concat());
    let against = |row: &&RatioRow| row.metric == Metric::Makespan && row.against == Against::Fastest;
    assert_eq!(
        names(&rows.iter().filter(against).cloned().collect::<Vec<_>>()),
        [("slow", "steady", Against::Fastest)]
    );
}

#[test]
fn a_runtime_whose_median_is_not_above_zero_is_not_the_fastest() {
    let mut samples = [cell("a", 1), cell("b", 2), cell("c", 3)].concat();
    samples[..7].iter_mut().for_each(|trial| trial.makespan_ns = Some(0));
    assert_eq!(names(&ratios(&samples)), [("c", "b", Against::Fastest)]);
}

/// What cannot be told from the best, by runtime.
fn among_best(samples: &[TrialRow], metric: Metric) -> Vec<(String, Option<bool>)> {
    let trials = trials(samples);
    let mut summary = crate::summary::summarise(&trials);
    mark_best(&trials, &mut summary);
    let rows = summary.into_iter().filter(|row| row.metric == metric);
    rows.map(|row| (row.runtime, row.among_best)).collect()
}

fn owned((runtime, is_among_best): (&str, Option<bool>)) -> (String, Option<bool>) {
    (runtime.into(), is_among_best)
}

#[test]
fn neither_the_floor_nor_a_program_without_tasks_competes_to_be_the_best() {
    let cells = [cell("floor", 1), cell("sequential", 2), cell("slow", 4), cell("fast", 3)].concat();
    let expected = [("floor", None), ("sequential", None), ("slow", Some(false)), ("fast", Some(true))];
    assert_eq!(among_best(&cells, Metric::Makespan), expected.map(owned));
}

#[test]
fn what_the_plan_calls_a_reference_leads_nothing_whatever_its_name() {
    let samples = [cell("ring", 1), cell("slow", 4), cell("fast", 3)].concat();
    let mut plan = Plan::empty(PresetName::Default, 7);
    let first = |id: &str| samples.iter().find(|sample| sample.cell == id).unwrap();
    plan.cells = ["ring", "slow", "fast"].map(|id| cell_of(first(id), 99)).into();
    let reference = Described { reference: true, ..Described::default() };
    plan.described.insert("ring".into(), reference);
    let trials = crate::trials::read(run_of(&plan, &samples).path()).unwrap().1;
    let mut summary = crate::summary::summarise(&trials);
    mark_best(&trials, &mut summary);
    let of_ring = summary.iter().filter(|row| row.runtime == "ring").map(|row| row.among_best);
    assert!(of_ring.collect::<Vec<_>>().iter().all(Option::is_none));
    let rows = known_rows(compare(&plan, &trials).unwrap());
    let mut rows = rows.into_iter().filter(|row| row.against == Against::Fastest);
    assert!(rows.clone().all(|row| row.baseline == "fast"), "{rows:?}");
    assert!(rows.any(|row| row.runtime == "ring"), "it is shown beside the fastest");
}

#[test]
fn where_there_are_few_blocks_or_one_cell_there_is_no_best_set() {
    let few = [&cell("slow", 4)[..5], &cell("fast", 3)[..5]].concat();
    assert_eq!(among_best(&few, Metric::Makespan), [("slow", None), ("fast", None)].map(owned));
    assert_eq!(among_best(&cell("alone", 4), Metric::Makespan), [("alone", None)].map(owned));
}

#[test]
fn a_gain_is_best_where_it_is_largest() {
    let mut served = [cell("slow", 4), cell("fast", 3)].concat();
    for trial in &mut served {
        trial.operations = Some(10);
    }
    let expected = [("slow", Some(false)), ("fast", Some(true))];
    assert_eq!(among_best(&served, Metric::OperationsPerSecond), expected.map(owned));
}
