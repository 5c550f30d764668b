//! `summary.csv`: each metric of each cell, with the 95 % interval of its median ([`sign`](crate::stats::sign)).
//! Where the run has several sittings, what varies between them is in the interval ([`between`](crate::stats::between)).
//! A trial that failed counts in both as slower than any other: it is one of those that the median is of. All
//! other numbers are of the trials that gave a value.

use rayon::prelude::*;
use results::{Metric, SummaryRow};

use crate::measured_cell::MeasuredCell;
use crate::stats::median::mad;
use crate::stats::student::mean;
use crate::stats::{Between, Interval, Ordered};
use crate::trials::Trials;

/// The rows of all cells, in the order of cells and then of [`Metric::ALL`].
pub(crate) fn summarise(trials: &Trials) -> Vec<SummaryRow> {
    let jobs: Vec<(&MeasuredCell, Metric)> =
        trials.cells.iter().flat_map(|cell| Metric::ALL.map(|metric| (cell, metric))).collect();
    let key = |cell: &MeasuredCell, metric| (cell.identity.experiment.clone(), metric);
    let between = trials.sittings.between(jobs.par_iter().map(|&(cell, metric)| {
        let logarithms = cell.values_by_block(metric).map(|(block, value)| (block, value.ln()));
        (key(cell, metric), trials.sittings.variance(logarithms))
    }));
    let between = |cell: &MeasuredCell, metric| {
        let pooled = between.get(&key(cell, metric)).copied().unwrap_or(Between::UNKNOWN);
        let measured = cell.values_by_block(metric).filter(|(_, value)| !value.is_nan());
        pooled.in_sittings(trials.sittings.count_of(measured.map(|(block, _)| block)))
    };
    // PERF: collected with their gaps, since rows whose number is not known are held twice for a while.
    let rows = jobs.into_par_iter().map(|(cell, metric)| row(cell, metric, between(cell, metric)));
    rows.collect::<Vec<_>>().into_iter().flatten().collect()
}

/// The row of one metric of one cell; none when no trial gave a value, or half of them or more failed.
fn row(cell: &MeasuredCell, metric: Metric, between: Between) -> Option<SummaryRow> {
    let sorted = cell.sorted_values(metric);
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let all = Ordered::new(cell.outcomes(metric).into_iter().map(|(_, value)| value));
    let median_of_all = all.median().filter(|median| median.is_finite())?;
    let interval = interval(&all, between);
    // As a rule nothing was disturbed, and nothing is to be computed twice.
    let undisturbed = cell
        .has_flags(metric)
        .then(|| Ordered::new(cell.undisturbed_outcomes(metric).into_iter().map(|(_, value)| value)));
    let undisturbed_interval = undisturbed.as_ref().map_or(interval, |few| self::interval(few, between));
    let undisturbed = undisturbed.as_ref().unwrap_or(&all);
    let identity = cell.identity.clone();
    Some(SummaryRow {
        experiment: identity.experiment,
        cell: identity.cell,
        group: identity.group,
        runtime: identity.runtime,
        runtime_version: identity.runtime_version,
        workload: identity.workload,
        tasks: identity.tasks,
        workers: identity.workers,
        params: identity.params,
        pass: metric.pass(),
        metric,
        unit: metric.unit().into(),
        n: sorted.len() as u64,
        median: median_of_all,
        // Summed in ascending order, so that the order of the rows in the file cannot matter.
        mean: mean(&sorted),
        ci_low: interval.and_then(Interval::known_low),
        ci_high: interval.and_then(Interval::known_high),
        min,
        max,
        mad: mad(&sorted),
        disturbed: (all.count() - undisturbed.count()) as u64,
        undisturbed_median: undisturbed.median().filter(|median| median.is_finite()),
        undisturbed_ci_low: undisturbed_interval.and_then(Interval::known_low),
        undisturbed_ci_high: undisturbed_interval.and_then(Interval::known_high),
        among_best: None,
    })
}

/// The interval of the median of these outcomes; none where that is not known.
fn interval(outcomes: &Ordered, between: Between) -> Option<Interval> {
    let median = outcomes.median().filter(|median| median.is_finite())?;
    let interval = outcomes.interval()?;
    Some(between.widened_by_factor(interval, median, outcomes.count()))
}

#[cfg(test)]
mod tests {
    use protocol::Status;
    use results::{Pass, TrialRow};

    use super::*;
    use crate::fixture::{sample, timed, trials};

    fn summary(samples: &[TrialRow]) -> Vec<SummaryRow> {
        let trials = trials(samples);
        summarise(&trials)
    }

    /// A block of each.
    fn makespans(ns: impl IntoIterator<Item = u64>) -> Vec<TrialRow> {
        (1..).zip(ns).map(|(block, ns)| timed("a", block, ns)).collect()
    }

    fn names(rows: &[SummaryRow]) -> Vec<&str> {
        rows.iter().map(|row| row.metric.name()).collect()
    }

    #[test]
    fn a_metric_without_any_value_has_no_row() {
        assert_eq!(names(&summary(&[timed("a", 1, 100)])), ["makespan_ns", "overhead_per_task_ns"]);
    }

    #[test]
    fn a_row_says_what_its_trials_were() {
        let row = &summary(&makespans([10, 40, 20, 50, 15, 45]))[0];
        assert_eq!((row.n, row.median, row.mean, row.min, row.max), (6, 30.0, 30.0, 10.0, 50.0));
        assert_eq!(row.mad, 15.0); // Deviations 20 10 10 20 15 15.
        let (low, high) = (row.ci_low.unwrap(), row.ci_high.unwrap());
        assert!((10.0..30.0).contains(&low) && (30.0..=50.0).contains(&high), "{row:?}");
        assert_eq!((row.pass, row.unit.as_str()), (Pass::Timed, "ns"));
    }

    #[test]
    fn trials_that_were_disturbed_count_and_are_also_left_out() {
        let mut samples = makespans([101, 102, 103, 104, 105, 106, 900]);
        (samples[6].process_lifetime_ns, samples[6].steal_ns) = (Some(1000), Some(20_000_000));
        let row = &summary(&samples)[0];
        assert_eq!((row.n, row.disturbed, row.median, row.undisturbed_median), (7, 1, 104.0, Some(103.5)));
        assert!(row.undisturbed_ci_high.unwrap() < row.ci_high.unwrap());
    }

    #[test]
    fn failures_are_slower_than_all_else_also_where_disturbed_trials_are_left_out() {
        let mut samples = makespans([101, 102, 103, 104, 105, 106, 107, 900]);
        (samples[7].process_lifetime_ns, samples[7].steal_ns) = (Some(1000), Some(20_000_000));
        let undisturbed = |samples: &[TrialRow]| {
            let row = summary(samples).remove(0);
            assert_eq!(row.disturbed, 1);
            (row.undisturbed_median, row.undisturbed_ci_low.is_some(), row.undisturbed_ci_high.is_some())
        };
        assert_eq!(undisturbed(&samples), (Some(104.0), true, true));
        samples[..2].iter_mut().for_each(|trial| trial.status = Status::Timeout);
        // Of 103 to 107 and two failures: the median is 106, and the upper end is beyond any number.
        assert_eq!(undisturbed(&samples), (Some(106.0), true, false));
    }

    #[test]
    fn fewer_than_six_trials_have_no_interval() {
        let trials = makespans([10, 20, 30, 40, 50, 60]);
        assert_eq!((summary(&trials[..5])[0].ci_low, summary(&trials[..5])[0].ci_high), (None, None));
        assert!(summary(&trials)[0].ci_low.is_some());
    }

    #[test]
    fn equal_trials_have_an_interval_of_no_width() {
        let row = &summary(&makespans([100; 8]))[0];
        assert_eq!((row.ci_low, row.ci_high, row.mad), (Some(100.0), Some(100.0), 0.0));
    }

    #[test]
    fn only_timed_trials_move_a_timing_summary() {
        let mut samples = makespans(101..109);
        let alone = summary(&samples);
        for pass in [Pass::Counted, Pass::Traced, Pass::Instructions] {
            let attached = TrialRow {
                pass,
                allocations: Some(30),
                syscalls: Some(40),
                instructions: Some(5000),
                callgrind_instructions: Some(6000),
                rss_peak_bytes: Some(1 << 40),
                ..timed("a", 5, 1_000_000)
            };
            samples.insert(3, attached);
        }
        let rows = summary(&samples);
        let (timing, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.pass == Pass::Timed);
        assert_eq!(timing, alone);
        let expected = [
            "allocations_per_task",
            "syscalls_per_task",
            "instructions_per_task",
            "callgrind_instructions_per_task",
        ];
        assert_eq!(names(&others), expected);
    }

    #[test]
    fn metrics_come_in_the_order_of_the_table() {
        let all = TrialRow {
            startup_ns: Some(1),
            process_lifetime_ns: Some(3),
            threads_peak: Some(4),
            ..timed("a", 1, 2)
        };
        let traced = TrialRow { pass: Pass::Traced, syscalls: Some(1), ..sample("a", 1) };
        let expected = [
            "makespan_ns",
            "overhead_per_task_ns",
            "startup_ns",
            "total_ns",
            "process_lifetime_ns",
            "threads_peak",
            "syscalls_per_task",
        ];
        assert_eq!(names(&summary(&[traced, all])), expected);
    }
}
