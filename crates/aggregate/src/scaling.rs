//! `scaling.csv`: what grows with the number of tasks, as a fixed cost and a cost per task.
//!
//! A *series* is the cells of a runtime that differ in their tasks alone. In each block the model
//! y = fixed + per task · N is fitted to the series by least squares of relative errors ([`mod@line`]); the
//! median over blocks of each number has its interval ([`sign`](crate::stats::sign)). Beside it the crossovers with other
//! series of the same work: the number of tasks up to which the first costs less ([`crossing`](mod@crate::stats::crossing)).
//!
//! Where a trial of the series failed there is no model: a block without its cost has no line, and the others would be
//! chosen by their outcome. Crossovers count a failure as slower than anything.
//!
//! `misfit` says how far the medians of the cells lie from the line at most, as a share of it; with a misfit
//! of a half, two numbers do not describe the series.

use rayon::prelude::*;
use results::grouping::grouped_by;
use results::{Fitted, Metric, ScalingRow};

use crate::measured_cell::MeasuredCell;
use crate::stats::crossing::Crossing;
use crate::stats::line::Line;
use crate::stats::median::{median, sorted};
use crate::stats::{Interval, Ordered};
use crate::verdicts::{crossovers, fits};

/// The metrics that are fitted.
const FITTED: [Metric; 4] = [Metric::Makespan, Metric::LaterMakespan, Metric::Total, Metric::RssGrowth];

/// The fewest sizes of a series: two points lie on a line always.
const FEWEST_SIZES: usize = 3;

/// The cells of a runtime that differ in their tasks alone, fewest first, with their fits by block.
struct Series<'a> {
    name: String,
    cells: Vec<&'a MeasuredCell>,
    metric: Metric,
    fits: Vec<Line>,
}

/// The rows of all series, by metric and in the order of their first cells; each with its crossovers
/// after it.
pub(crate) fn scale(cells: &[MeasuredCell]) -> Vec<ScalingRow> {
    let series = all_series(cells);
    let rows = series.par_iter().map(|one| {
        let mut rows = one.costs();
        let same = series.iter().filter(|other| one.is_comparable(other));
        rows.extend(same.filter_map(|other| one.crossover(other)));
        rows
    });
    rows.collect::<Vec<_>>().concat()
}

/// Up to how many tasks one series costs less than another on this machine, block by block.
pub(crate) struct Crossed<'a> {
    /// The name of both series.
    pub series: String,
    pub metric: Metric,
    /// The cells of the first, and those of the other, fewest tasks first.
    pub of: Vec<&'a MeasuredCell>,
    pub over: Vec<&'a MeasuredCell>,
    /// The logarithm of the crossover: −∞ where the first costs less at no size, +∞ where it still does at the largest.
    pub logarithms: Vec<(u32, f64)>,
}

/// The crossovers of all series of the same work, each pair in both directions.
pub(crate) fn crossings(cells: &[MeasuredCell]) -> Vec<Crossed<'_>> {
    let series = all_series(cells);
    let pairs = series.par_iter().flat_map_iter(|one| {
        let same = series.iter().filter(move |other| one.is_comparable(other));
        same.map(move |other| Crossed::of(one, other))
    });
    pairs.collect()
}

impl<'a> Crossed<'a> {
    fn of(one: &Series<'a>, other: &Series<'a>) -> Self {
        let logarithm = |crossing| match crossing {
            Crossing::At(tasks) => tasks.ln(),
            beyond => in_tasks(beyond),
        };
        let by_block = crossovers(&one.cells, &other.cells, one.metric).into_iter();
        Self {
            series: one.name.clone(),
            metric: one.metric,
            of: one.cells.clone(),
            over: other.cells.clone(),
            logarithms: by_block.map(|(block, crossing)| (block, logarithm(crossing))).collect(),
        }
    }
}

fn all_series<'a>(cells: &'a [MeasuredCell]) -> Vec<Series<'a>> {
    let key = |cell: &&'a MeasuredCell| {
        let this = &cell.identity;
        (&this.experiment, &this.workload, &this.runtime, this.workers, &this.params)
    };
    let found = grouped_by(cells, key);
    let fitted = found.into_par_iter().flat_map_iter(|mut cells| {
        cells.sort_by_key(|cell| cell.identity.tasks);
        // The same size twice (in two groups) would count it twice.
        cells.dedup_by_key(|cell| cell.identity.tasks);
        let metrics = FITTED.into_iter().filter(|_| cells.len() >= FEWEST_SIZES);
        metrics.filter_map(|metric| Series::of(cells.clone(), metric)).collect::<Vec<Series>>()
    });
    fitted.collect()
}

impl<'a> Series<'a> {
    fn of(cells: Vec<&'a MeasuredCell>, metric: Metric) -> Option<Self> {
        if cells.iter().any(|cell| cell.sorted_values(metric).is_empty()) {
            return None;
        }
        // None where a trial failed; crossovers count it.
        let fits: Vec<Line> = fits(&cells, metric).into_values().collect();
        let this = &cells[0].identity;
        let name = series_name(&this.experiment, &this.group, &this.workload, this.tasks);
        Some(Self { name, cells, metric, fits })
    }

    /// Whether another one is of the same work, measured alike.
    fn is_comparable(&self, other: &Self) -> bool {
        let (this, that) = (&self.cells[0].identity, &other.cells[0].identity);
        self.metric == other.metric
            && (&this.experiment, &self.name) == (&that.experiment, &other.name)
            && this.runtime != that.runtime
    }

    /// Fixed cost and cost per task.
    fn costs(&self) -> Vec<ScalingRow> {
        if self.fits.is_empty() {
            return Vec::new();
        }
        let misfit = self.misfit();
        let kinds = [
            (Fitted::Fixed, (|line: &Line| line.fixed) as fn(&Line) -> f64),
            (Fitted::PerTask, |line: &Line| line.per_task),
        ];
        let row = |(quantity, number): (Fitted, fn(&Line) -> f64)| {
            let row = self.row(quantity, self.fits.iter().map(number))?;
            Some(ScalingRow { misfit: Some(misfit), ..row })
        };
        kinds.into_iter().filter_map(row).collect()
    }

    /// Up to how many tasks this one costs less than the other, where that is between sizes that both have.
    fn crossover(&self, other: &Self) -> Option<ScalingRow> {
        let by_block = crossovers(&self.cells, &other.cells, self.metric);
        let row = self.row(Fitted::Crossover, by_block.into_values().map(in_tasks))?;
        Some(ScalingRow {
            unit: "tasks".into(),
            against: other.cells[0].identity.runtime.clone(),
            sizes: self.cells.len().min(other.cells.len()) as u64,
            largest: self.largest().max(other.largest()),
            ..row
        })
    }

    /// The median over blocks; none where it is no number.
    fn row(&self, quantity: Fitted, values: impl IntoIterator<Item = f64>) -> Option<ScalingRow> {
        let values = Ordered::new(values);
        let value = values.median().filter(|median| median.is_finite())?;
        let interval = values.interval();
        let this = &self.cells[0].identity;
        Some(ScalingRow {
            experiment: this.experiment.clone(),
            series: self.name.clone(),
            workload: this.workload.clone(),
            metric: self.metric,
            unit: self.metric.unit().into(),
            runtime: this.runtime.clone(),
            quantity,
            against: String::new(),
            sizes: self.cells.len() as u64,
            largest: self.largest(),
            n: values.count() as u64,
            value,
            ci_low: interval.and_then(Interval::known_low),
            ci_high: interval.and_then(Interval::known_high),
            misfit: None,
        })
    }

    fn largest(&self) -> u64 {
        self.cells.last().map_or(0, |cell| cell.identity.tasks)
    }

    /// How far the medians lie from the line of the medians of its two numbers.
    fn misfit(&self) -> f64 {
        let middle = |number: fn(&Line) -> f64| median(&sorted(self.fits.iter().map(number)));
        let line = Line { fixed: middle(|line| line.fixed), per_task: middle(|line| line.per_task) };
        let distance = |cell: &&MeasuredCell| {
            let model = line.at(cell.identity.tasks as f64);
            (median(&cell.sorted_values(self.metric)) / model - 1.0).abs()
        };
        self.cells.iter().map(distance).fold(0.0, f64::max)
    }
}

/// A crossover as one of the numbers of tasks that a median is taken of.
fn in_tasks(crossing: Crossing) -> f64 {
    match crossing {
        Crossing::Below => f64::NEG_INFINITY,
        Crossing::At(tasks) => tasks,
        Crossing::Above => f64::INFINITY,
        Crossing::Unknown => f64::NAN,
    }
}

/// A group's name without its experiment, with `*` for the tasks: `sleep-*-1ms`.
pub fn series_name(experiment: &str, group: &str, workload: &str, tasks: u64) -> String {
    let group = group.strip_prefix(&format!("{experiment}_")).unwrap_or(group);
    let head = format!("{workload}-{tasks}");
    group.strip_prefix(&head).map_or_else(|| group.into(), |rest| format!("{workload}-*{rest}"))
}

#[cfg(test)]
mod tests {
    use results::TrialRow;

    use super::*;
    use crate::fixture::noise::{Random, assert_between};
    use crate::fixture::{timed, trials};
    use crate::stats::crossing::crossing;
    use crate::stats::line;
    use crate::stats::reference::assert_close;

    /// Seven blocks of three sizes with these costs, each block slower than the last.
    fn series(runtime: &str, fixed: u64, per_task: u64) -> Vec<TrialRow> {
        let blocks = (1..=7).flat_map(|block| [10, 100, 1000].map(|tasks| (block, tasks)));
        blocks
            .map(|(block, tasks)| TrialRow {
                cell: format!("e_sleep-{tasks}-1ms_{runtime}"),
                group: format!("e_sleep-{tasks}-1ms"),
                tasks,
                ..timed(runtime, block, (fixed + per_task * tasks) * (100 + u64::from(block)))
            })
            .collect()
    }

    fn scaled(samples: &[TrialRow]) -> Vec<ScalingRow> {
        let trials = trials(samples);
        scale(&trials.cells)
    }

    fn crossovers(samples: &[TrialRow]) -> Vec<ScalingRow> {
        scaled(samples).into_iter().filter(|row| row.quantity == Fitted::Crossover).collect()
    }

    #[test]
    fn a_series_gives_its_fixed_cost_and_its_cost_per_task() {
        let rows = scaled(&series("a", 5000, 20));
        assert_eq!(rows.len(), 2);
        let ScalingRow { quantity, series, sizes, .. } = &rows[0];
        assert_eq!((*quantity, series.as_str(), *sizes), (Fitted::Fixed, "sleep-*-1ms", 3));
        assert_close(rows[0].value, 5000.0 * 104.0);
        assert_close(rows[1].value, 20.0 * 104.0);
        assert!(rows[1].ci_low.unwrap() < rows[1].value && rows[1].misfit.unwrap() < 1e-9);
    }

    #[test]
    fn two_series_cross_once_where_their_costs_are_equal() {
        let samples = [series("a", 5000, 20), series("b", 1000, 30)].concat();
        let [row] = &crossovers(&samples)[..] else { panic!("they cross once") };
        assert_eq!((row.runtime.as_str(), row.against.as_str(), row.unit.as_str()), ("b", "a", "tasks"));
        // Drift that hits a whole block alike moves no crossover.
        assert_close(row.value, 400.0);
        assert_close(row.ci_high.unwrap(), 400.0);
    }

    #[test]
    fn a_crossover_that_some_blocks_do_not_have_has_no_upper_end() {
        let mut samples = [series("a", 5000, 20), series("b", 1000, 30)].concat();
        // In two of seven blocks b costs less whatever the tasks, by half.
        for sample in samples.iter_mut().filter(|sample| sample.runtime == "b" && sample.block > 5) {
            sample.makespan_ns = Some((500 + 10 * sample.tasks) * (100 + u64::from(sample.block)));
        }
        let row = &crossovers(&samples)[0];
        assert_close(row.value, 400.0);
        assert_eq!(row.ci_high, None);
        assert_close(row.ci_low.unwrap(), 400.0);
    }

    #[test]
    fn what_never_crosses_has_no_row_and_neither_has_a_guess_far_beyond_the_sizes() {
        assert_eq!(crossovers(&[series("a", 5000, 20), series("b", 1000, 10)].concat()), []);
        assert_eq!(crossovers(&[series("a", 500_000, 20), series("b", 1000, 21)].concat()), []);
    }

    #[test]
    fn a_failure_leaves_no_model_of_the_blocks_that_survive_and_crossovers_count_it() {
        let mut samples = [series("a", 5000, 20), series("b", 1000, 30)].concat();
        samples[2].status = protocol::Status::Timeout;
        let rows = scaled(&samples);
        let costs = rows.iter().filter(|row| row.quantity != Fitted::Crossover);
        assert!(costs.map(|row| row.runtime.as_str()).eq(["b", "b"]), "{rows:?}");
        // Where a fails with the most tasks, b costs less up to them.
        let [row] = &crossovers(&samples)[..] else { panic!("they cross once") };
        assert_close(row.value, 400.0);
        assert_eq!((row.n, row.ci_high), (7, None));
    }

    #[test]
    fn two_sizes_are_no_series() {
        let mut samples = series("a", 5000, 20);
        samples.retain(|sample| sample.tasks != 10);
        assert!(scaled(&samples).is_empty());
    }

    /// Simulated runs of each kind.
    const RUNS: u64 = 1000;

    /// What is found where the truth is known.
    ///
    /// One runtime costs 100 + N·(1 + bend·N ÷ 10,000), the other 400 + N ÷ 2; in each of 20 blocks each cell has a median of
    /// that and log-normal noise. Of fixed cost, cost per task and crossover: what is found as a share of the truth (the
    /// median over runs), and how often the interval holds the truth.
    fn found(noise: f64, bend: f64, truth: [f64; 3]) -> [(f64, f64); 3] {
        let by_block = |random: &mut Random| {
            let mut cell = |cost: f64| cost * (noise * random.normal()).exp();
            let sizes = [10.0, 100.0, 1000.0, 10_000.0]
                .map(|n| (n, cell(100.0 + n * (1.0 + bend * n / 10_000.0)), cell(400.0 + n / 2.0)));
            let line = line::fit(&sizes.map(|(n, cost, _)| (n, cost))).unwrap();
            [line.fixed, line.per_task, in_tasks(crossing(&sizes))]
        };
        let runs: Vec<Vec<[f64; 3]>> = (0..RUNS)
            .map(|run| {
                let mut random = Random::new(run);
                (0..20).map(|_| by_block(&mut random)).collect()
            })
            .collect();
        [0, 1, 2].map(|number| {
            let of_run = |blocks: &Vec<[f64; 3]>| Ordered::new(blocks.iter().map(|block| block[number]));
            let runs: Vec<Ordered> = runs.iter().map(of_run).collect();
            let holds = |run: &&Ordered| run.interval().is_some_and(|one| one.contains(truth[number]));
            let medians = sorted(runs.iter().filter_map(Ordered::median));
            (median(&medians) / truth[number], runs.iter().filter(holds).count() as f64 / RUNS as f64)
        })
    }

    #[test]
    fn the_model_of_a_straight_line_is_about_right_and_that_of_a_bent_one_is_not_what_it_costs() {
        // What the costs are without noise: at no task, per task over all sizes, and where they cross. Beside each of the
        // three what is found as a share of it, and how often the interval holds it.
        let (straight, bent) = ([100.0, 1.0, 600.0], [100.0, 2.0, 541.38]);
        let covers = 0.92..=0.97;
        let cases = [
            (0.05, 0.0, straight, [0.99..=1.01, 0.99..=1.01, 0.99..=1.01], [&covers, &covers, &covers]),
            (0.3, 0.0, straight, [0.98..=1.03, 1.0..=1.05, 1.05..=1.2], [&covers, &covers, &covers]),
            (
                0.05,
                1.0,
                bent,
                [0.84..=0.9, 0.73..=0.79, 0.92..=0.97],
                [&(0.0..=0.02), &(0.0..=0.02), &(0.4..=0.7)],
            ),
            (0.3, 1.0, bent, [0.84..=0.9, 0.73..=0.8, 0.92..=1.02], [&(0.5..=0.8), &(0.0..=0.05), &covers]),
        ];
        for (noise, bend, truth, shares, coverages) in cases {
            let numbers = ["fixed", "per task", "crossover"].into_iter().zip(shares).zip(coverages);
            for ((share, covered), ((what, shares), coverage)) in
                found(noise, bend, truth).into_iter().zip(numbers)
            {
                let what = format!("{what}, noise {noise}, bend {bend}");
                assert_between(share, *shares.start(), *shares.end(), &what);
                assert_between(covered, *coverage.start(), *coverage.end(), &format!("covered: {what}"));
            }
        }
    }
}
