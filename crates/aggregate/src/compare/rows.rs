//! Each metric of each cell that all runs of two sides have in common, and each group of such cells as a whole.

use std::collections::HashSet;

use rayon::prelude::*;
use results::Metric;

use super::compared::Compared;
use super::pair::Pair;
use super::quantity::{Quantity, quantities};
use super::run::Sides;
use super::spread::{Spread, Variation, adjust};
use crate::stats::median::{median, sorted};
use crate::stats::{Between, FEWEST, Interval, SIGNIFICANCE, relabelled, two_means, two_medians};

/// The rows, and how they were compared.
pub(super) struct Rows {
    pub compared: Vec<Compared>,
    pub between: Vec<Variation>,
    pub can_decide: bool,
}

/// The rows of all quantities: those that changed first, by the least change that is certain; then the others, by
/// their ratio.
pub(super) fn compare(sides: &Sides, named: &[Metric]) -> Rows {
    let quantities = quantities(sides, named);
    let spread = Spread::of(&quantities, sides.units);
    let rows: Vec<(Compared, &Quantity)> =
        quantities.par_iter().filter_map(|quantity| Some((row(quantity, &spread)?, quantity))).collect();
    let (mut first, mut others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(row, _)| row.is_first);
    let least_p = |row: &Compared| two_means::least_p(row.n_a, row.n_b);
    let most_certain = first.iter().filter(|(row, _)| row.p_value.is_some()).map(|(row, _)| least_p(row));
    let can_decide = relabelled::ways(sides.units.a, sides.units.b).is_some()
        || most_certain.fold(1.0, f64::min) * first.len() as f64 <= SIGNIFICANCE;
    adjust(&mut first.iter_mut().collect::<Vec<_>>(), &spread);
    let decided: HashSet<(String, String)> =
        first.iter().filter(|(row, _)| row.is_significant()).map(|(row, _)| row.name()).collect();
    adjust(
        &mut others.iter_mut().filter(|(row, _)| decided.contains(&row.name())).collect::<Vec<_>>(),
        &spread,
    );
    let mut rows: Vec<Compared> = first.into_iter().chain(others).map(|(row, _)| row).collect();
    for row in &mut rows {
        row.changed = row.is_significant() && row.least_change() > 0.0;
    }
    // A stable sort: rows that are alike stay in the order of cells and metrics.
    rows.sort_by(|x, y| {
        (y.changed.cmp(&x.changed))
            .then(y.least_change().total_cmp(&x.least_change()))
            .then(y.change().total_cmp(&x.change()))
    });
    let between = Metric::ALL
        .into_iter()
        .filter_map(|metric| Some(Variation { metric, deviation: *spread.within.get(&(false, metric))? }));
    Rows { between: between.collect(), compared: rows, can_decide }
}

/// The row of a quantity; none where a median is not known.
fn row(quantity: &Quantity, spread: &Spread) -> Option<Compared> {
    let Quantity { metric, cells, identity, is_first, .. } = *quantity;
    let of = quantity.values.each().map(|side| sorted(side.iter().flatten()));
    let medians = of.each().map(|values| median(values));
    if !(medians.a.is_finite() && medians.b.is_finite()) {
        return None;
    }
    let mut row = Compared {
        experiment: identity.experiment.clone(),
        cell: if cells > 1 { identity.group.clone() } else { identity.cell.clone() },
        runtime: if cells > 1 { String::new() } else { identity.runtime.clone() },
        cells: cells as u64,
        metric,
        unit: metric.unit().into(),
        n_a: of.a.len() as u64,
        n_b: of.b.len() as u64,
        a: medians.a,
        b: medians.b,
        ratio: None,
        ci_low: None,
        ci_high: None,
        is_first,
        p_value: None,
        p_adjusted: None,
        changed: false,
    };
    // Were values left out that have no logarithm, the result would have chosen its trials.
    if of.a[0] > 0.0 && of.b[0] > 0.0 {
        fill(&mut row, quantity, of, spread);
    }
    Some(row)
}

/// Ratio of the medians, its interval and p, of values above zero in ascending order.
fn fill(row: &mut Compared, quantity: &Quantity, of: Pair<Vec<f64>>, spread: &Spread) {
    let Pair { a, b } = of.map(|values| values.iter().map(|x| x.ln()).collect::<Vec<f64>>());
    let tau = spread.within.get(&quantity.kind()).copied().unwrap_or(0.0);
    // After a second look, what the first decided was measured in fewer sittings than the run has.
    let units = quantity.values.each().map(|side| side.iter().filter(|unit| !unit.is_empty()).count());
    let between = units.map(|units| Between::of(units, tau));
    let interval = two_medians::interval(&a, &b, [between.a, between.b]).map(Interval::exp);
    row.ratio = Some((median(&b) - median(&a)).exp());
    (row.ci_low, row.ci_high) =
        (interval.and_then(Interval::known_low), interval.and_then(Interval::known_high));
    let has_failed = !(a[a.len() - 1].is_finite() && b[b.len() - 1].is_finite());
    let is_whole = quantity.values.a.iter().chain(&quantity.values.b).all(|unit| !unit.is_empty());
    if has_failed || a.len() < FEWEST || b.len() < FEWEST || !is_whole {
        return;
    }
    // What the scatter of the blocks does not show; see `Between::widened`.
    let share = |units: usize, n: usize| (1.0 / units as f64 - 1.0 / n as f64).max(0.0);
    let more = tau.powi(2).max(quantity.own_variance())
        * (share(spread.units.a, a.len()) + share(spread.units.b, b.len()));
    // As many degrees of freedom as a single cell has: what runs differ by may be the same in all of them.
    let freedom = (spread.units.a + spread.units.b).saturating_sub(2).max(1) as f64;
    row.p_value = Some(two_means::p_value(&a, &b, (more, freedom)));
}

#[cfg(test)]
mod tests {
    use results::{Pass, Plan, PresetName, TrialRow};

    use super::super::run::Run;
    use super::*;
    use crate::fixture::{timed, trials};

    fn side(runs: &[&[TrialRow]]) -> Vec<Run> {
        let run = |samples: &&[TrialRow]| Run {
            plan: Plan::empty(PresetName::Default, 7),
            environment: None,
            trials: trials(samples),
            verdicts: Vec::new(),
        };
        runs.iter().map(run).collect()
    }

    fn of_sides(a: &[&[TrialRow]], b: &[&[TrialRow]], named: &[Metric]) -> Vec<Compared> {
        compare(&Sides::new(Pair { a: side(a), b: side(b) }), named).compared
    }

    fn compared(a: &[TrialRow], b: &[TrialRow]) -> Vec<Compared> {
        of_sides(&[a], &[b], &[Metric::Makespan])
    }

    /// So many blocks about a makespan, each a little longer than the one before.
    fn blocks(runtime: &str, blocks: u32, makespan_ns: u64) -> Vec<TrialRow> {
        (1..=blocks).map(|block| timed(runtime, block, makespan_ns + u64::from(block))).collect()
    }

    #[test]
    fn the_ratio_is_that_of_the_second_run_over_the_first() {
        let rows = compared(&blocks("a", 7, 1000), &blocks("a", 9, 2000));
        let row = &rows[0];
        assert_eq!((row.n_a, row.n_b, row.a, row.b), (7, 9, 1004.0, 2005.0));
        assert!((row.ratio.unwrap() - 2005.0 / 1004.0).abs() < 1e-9);
        assert!(row.ci_low.unwrap() < row.ratio.unwrap() && row.ratio.unwrap() < row.ci_high.unwrap());
        assert!(row.changed && row.p_adjusted.unwrap() < 0.05, "{row:?}");
    }

    #[test]
    fn a_run_compared_with_itself_has_not_changed() {
        let run = blocks("a", 7, 1000);
        let rows = compared(&run, &run);
        assert_eq!((rows[0].ratio, rows[0].p_value, rows[0].changed), (Some(1.0), Some(1.0), false));
    }

    #[test]
    fn cells_of_only_one_run_and_metrics_that_were_not_measured_have_no_row() {
        let rows = compared(&blocks("a", 7, 1000), &blocks("b", 7, 1000));
        assert_eq!(rows, []);
        let unmeasured = [TrialRow { makespan_ns: None, ..timed("a", 1, 0) }];
        assert_eq!(compared(&blocks("a", 7, 1000), &unmeasured), []);
    }

    #[test]
    fn from_fewer_than_six_blocks_nothing_is_certain() {
        let rows = compared(&blocks("a", 5, 1000), &blocks("a", 20, 9000));
        assert_eq!((rows[0].ci_low, rows[0].changed), (None, false));
        assert!(rows[0].p_value.is_some());
        assert_eq!(compared(&blocks("a", 2, 1000), &blocks("a", 20, 9000))[0].p_value, None);
    }

    #[test]
    fn what_is_not_above_zero_has_no_ratio() {
        let mut b = blocks("a", 7, 1000);
        b[3].makespan_ns = Some(0);
        let row = &compared(&blocks("a", 7, 1000), &b)[0];
        assert_eq!((row.ratio, row.ci_low, row.p_value, row.changed), (None, None, None, false));
    }

    #[test]
    fn the_surest_change_comes_first_in_either_direction() {
        let three = |faster: u64, slower: u64| {
            [blocks("same", 7, 1000), blocks("faster", 7, faster), blocks("slower", 7, slower)].concat()
        };
        let rows = compared(&three(4000, 1000), &three(1000, 2000));
        let names: Vec<&str> = rows.iter().map(|row| row.cell.as_str()).collect();
        assert_eq!(names, ["faster", "slower", "g", "same"], "g is their group");
        assert_eq!(rows.iter().filter(|row| row.changed).count(), 3);
    }

    #[test]
    fn a_group_is_its_cells_together_and_sees_what_none_of_them_shows() {
        let many = |makespan_ns: u64| -> Vec<TrialRow> {
            let scattered =
                |cell: u64, block: u32| makespan_ns * (100 + (7 * cell + 5 * u64::from(block)) % 12);
            let names = (0..12).flat_map(|cell| (1..=7).map(move |block| (cell, block)));
            names.map(|(cell, block)| timed(&format!("c{cell}"), block, scattered(cell, block))).collect()
        };
        let rows = compared(&many(1000), &many(1060));
        let changed: Vec<(&str, u64)> =
            rows.iter().filter(|row| row.changed).map(|row| (row.cell.as_str(), row.cells)).collect();
        assert_eq!(changed, [("g", 12)]);
        assert!((rows[0].ratio.unwrap() - 1.06).abs() < 0.01, "{:?}", rows[0]);
    }

    #[test]
    fn other_metrics_are_tested_only_where_the_main_one_differs_or_they_are_named() {
        let run = |factor: u64| {
            let with_cpu =
                |sample: TrialRow, ns| TrialRow { cpu_user_ns: Some(ns), cpu_system_ns: Some(0), ..sample };
            let cell = |name: &str, factor: u64| blocks(name, 7, 1000 * factor).into_iter();
            let b = cell("b", factor).chain(cell("a", 1));
            b.map(|sample| with_cpu(sample.clone(), 500 * factor + u64::from(sample.block)))
                .collect::<Vec<_>>()
        };
        let (before, after) = (run(1), run(3));
        let rows = |named: &[Metric]| of_sides(&[&before], &[&after], named);
        let tested = |rows: Vec<Compared>, metric| -> Vec<String> {
            let tested = |row: &Compared| row.metric == metric && row.cells == 1 && row.p_adjusted.is_some();
            rows.into_iter().filter(tested).map(|row| row.cell).collect()
        };
        assert_eq!(tested(rows(&[]), Metric::CpuPerTask), ["b"]);
        assert_eq!(tested(rows(&[Metric::CpuPerTask]), Metric::CpuPerTask), ["b", "a"]);
    }

    /// So many trials that counted instructions, a block of each, which differ by a few in 100,000.
    fn counted(count: u32, instructions: u64) -> Vec<TrialRow> {
        let counted = |block: u32| TrialRow {
            pass: Pass::Instructions,
            callgrind_instructions: Some(instructions + u64::from(block * 7 % 5)),
            ..timed("a", block, 1000)
        };
        (1..=count).map(counted).collect()
    }

    #[test]
    fn a_change_of_one_per_mille_is_seen_in_instructions_of_six_trials_and_none_where_there_is_none() {
        let of = |instructions| {
            let named = [Metric::CallgrindInstructionsPerTask];
            of_sides(&[&counted(6, 100_000)], &[&counted(6, instructions)], &named).remove(0)
        };
        let (more, less, same) = (of(100_100), of(99_900), of(100_000));
        assert!(more.changed && less.changed && !same.changed, "{more:?}\n{less:?}\n{same:?}");
        assert!((more.ratio.unwrap() - 1.001).abs() < 1e-4, "{more:?}");
        assert!(more.is_worse_than(1.0005) && !more.is_worse_than(1.002) && !less.is_worse_than(1.0));
        // What a processor has counted is another metric.
        let by_processor = counted(6, 200_000).into_iter().map(|row| TrialRow {
            instructions: row.callgrind_instructions,
            callgrind_instructions: None,
            ..row
        });
        let named = [Metric::CallgrindInstructionsPerTask, Metric::InstructionsPerTask];
        assert_eq!(of_sides(&[&counted(6, 100_000)], &[&by_processor.collect::<Vec<_>>()], &named), []);
    }

    #[test]
    fn of_three_runs_a_side_p_is_a_share_of_divisions_and_the_interval_has_what_they_differ_by() {
        let a_and = |b: [u64; 3]| {
            let [a, b] = [[100_000, 101_000, 102_000], b].map(|side| side.map(|ns| blocks("a", 7, ns)));
            of_sides(&a.each_ref().map(Vec::as_slice), &b.each_ref().map(Vec::as_slice), &[]).remove(0)
        };
        let apart = a_and([120_000, 121_000, 122_000]);
        assert_eq!((apart.n_a, apart.p_adjusted, apart.changed), (21, Some(0.05), true));
        let mixed = a_and([101_500, 121_000, 122_000]);
        assert!(mixed.p_adjusted.unwrap() > 0.05 && !mixed.changed, "{mixed:?}");
        let width = |row: &Compared| row.ci_high.unwrap() / row.ci_low.unwrap();
        assert!(width(&mixed) > width(&apart));
    }

    #[test]
    fn a_cell_of_which_a_trial_failed_has_no_p() {
        let mut b = blocks("a", 7, 2000);
        b[3] = TrialRow { status: protocol::Status::Crashed, ..b[3].clone() };
        let row = &compared(&blocks("a", 7, 1000), &b)[0];
        assert_eq!((row.n_b, row.b, row.p_value, row.ci_high), (7, 2005.0, None, None));
    }

    #[test]
    fn p_is_adjusted_over_all_rows() {
        let many = |makespan_ns| ["a", "b", "c"].map(|name| blocks(name, 7, makespan_ns)).concat();
        let rows = compared(&many(1000), &many(1003));
        assert!(rows.iter().all(|row| row.p_adjusted.unwrap() > row.p_value.unwrap()), "{rows:?}");
    }

    #[test]
    fn the_time_an_operation_takes_is_not_compared_beside_the_makespan_that_it_is_a_part_of() {
        let run = |workload: &str| -> Vec<TrialRow> {
            let operations =
                |sample: TrialRow| TrialRow { operations: Some(1000), workload: workload.into(), ..sample };
            blocks("a", 7, 1000).into_iter().map(operations).collect()
        };
        let rows = |workload: &str, metrics: &[Metric]| {
            of_sides(&[&run(workload)], &[&run(workload)], metrics).len()
        };
        assert_eq!(rows("yield", &[Metric::Makespan, Metric::Operation]), 1);
        assert_eq!(rows("echo", &[Metric::Makespan, Metric::Operation]), 2);
        assert_eq!(rows("yield", &[Metric::Operation]), 1);
    }

    fn certain(metric: Metric, ci_low: f64, ci_high: f64) -> Compared {
        let row = compared(&blocks("a", 7, 1000), &blocks("a", 7, 2000)).remove(0);
        Compared { metric, ci_low: Some(ci_low), ci_high: Some(ci_high), ..row }
    }

    #[test]
    fn a_row_is_worse_where_its_whole_interval_lies_beyond_the_limit_on_the_bad_side() {
        for (metric, low, high, is_worse) in [
            (Metric::Makespan, 1.06, 1.2, true),
            (Metric::Makespan, 1.04, 1.2, false),
            (Metric::Makespan, 0.5, 0.6, false),
            (Metric::OperationsPerSecond, 0.8, 0.95, true),
            (Metric::OperationsPerSecond, 0.8, 0.96, false),
            (Metric::OperationsPerSecond, 1.5, 2.0, false),
            // Neither a cost nor a gain.
            (Metric::PeakInFlight, 2.0, 3.0, false),
            (Metric::PeakInFlight, 0.2, 0.3, false),
        ] {
            let row = certain(metric, low, high);
            assert_eq!(row.is_worse_than(1.05), is_worse, "{metric} {low} to {high}");
            assert!(!Compared { p_adjusted: Some(0.06), ..row }.is_worse_than(1.05));
        }
    }
}
