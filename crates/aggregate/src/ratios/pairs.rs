//! Which cells are compared with which.
//!
//! Each runtime is compared with the *floor*, the cheapest way known to do the work with no runtime, and with
//! the *fastest* runtime of its group, of those that are ranked. The fastest is found in the same trials that
//! it is then compared in, so that these ratios have neither interval nor p; `best` says which runtimes cannot be
//! told from the best. It is found by the medians of `summary.csv`, so that a ratio below 1 can happen, most of all
//! where cells have different blocks.
//!
//! A runtime with several workers is also compared with itself with one (`one-worker`), and every runtime with
//! the program of its language that does one task after another (`sequential`): the speed-up is 1 ÷ the ratio.

use std::collections::HashMap;

use protocol::Workload;
use results::grouping::grouped_by;
use results::{Against, Metric, Problem};

use crate::measured_cell::MeasuredCell;
use crate::stats::Ordered;

/// The label of the runtime that is no runtime: the limit for the others.
pub const FLOOR: &str = "floor";

/// The label of the runtime that does one task after another; in another language than Rust that
/// language's name stands before it: `python-sequential`.
const SEQUENTIAL: &str = "sequential";

/// The metrics that runtimes are compared by, and runs.
pub const COMPARED: [Metric; 12] = [
    Metric::Makespan,
    Metric::LaterMakespan,
    Metric::Total,
    Metric::Operation,
    Metric::LaterOperation,
    Metric::LatencyP99,
    Metric::LaterLatencyP99,
    Metric::LatenessP99,
    Metric::LaterLatenessP99,
    Metric::CpuPerTask,
    Metric::RssPerTask,
    Metric::MemoryPerAddedTask,
];

/// The metrics that show parallelism.
const PARALLEL: [Metric; 2] = [Metric::Makespan, Metric::LaterMakespan];

/// One row to be.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'a> {
    pub runtime: &'a MeasuredCell,
    pub baseline: &'a MeasuredCell,
    pub against: Against,
    pub metric: Metric,
}

impl Pair<'_> {
    /// By block: d = ln(A/B) of each that has both; none at all where one of them is not above zero.
    pub fn log_ratios(self) -> Option<Vec<(u32, f64)>> {
        let of_baseline = self.baseline.outcomes(self.metric);
        let mut baselines = of_baseline.iter().peekable();
        let mut differences = Vec::new();
        for (block, a) in self.runtime.outcomes(self.metric) {
            while baselines.next_if(|(other, _)| *other < block).is_some() {}
            let Some((_, b)) = baselines.next_if(|(other, _)| *other == block) else { continue };
            if a <= 0.0 || *b <= 0.0 {
                return None;
            }
            // Of two that failed: ∞ ÷ ∞, which is not a number.
            differences.push((block, (a / b).ln()));
        }
        Some(differences)
    }
}

/// The pairs of all groups, in the order of their first cells; then those of [`PARALLEL`].
pub(super) fn of<'a>(cells: &'a [MeasuredCell]) -> Result<Vec<Pair<'a>>, Problem> {
    let name = |cell: &&'a MeasuredCell| (&cell.identity.experiment, &cell.identity.group);
    let groups = grouped_by(cells, name);
    groups.iter().try_for_each(|group| check(group))?;
    let mut pairs: Vec<Pair> = groups.iter().flat_map(|group| of_group(group)).collect();
    pairs.extend(sequential_pairs(cells));
    pairs.extend(one_worker_pairs(cells));
    Ok(pairs)
}

/// Refuses a group whose cells cannot be distinguished, or do different work.
fn check(group: &[&MeasuredCell]) -> Result<(), Problem> {
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
            let remedy = "give cells that do different work different groups";
            return Err(Problem::new(cell.line, problem, remedy));
        }
    }
    Ok(())
}

/// Each cell of several workers with the cell that differs from it in that alone.
fn one_worker_pairs(cells: &[MeasuredCell]) -> Vec<Pair<'_>> {
    fn key(cell: &MeasuredCell) -> impl Eq + std::hash::Hash + use<'_> {
        let this = &cell.identity;
        (&this.experiment, &this.runtime, &this.workload, this.tasks, &this.params)
    }
    let alone: HashMap<_, &MeasuredCell> =
        cells.iter().filter(|cell| cell.identity.workers == 1).map(|cell| (key(cell), cell)).collect();
    let several = cells.iter().filter(|cell| cell.identity.workers > 1);
    let both = several.filter_map(|runtime| Some((runtime, *alone.get(&key(runtime))?)));
    both.flat_map(|(runtime, baseline)| {
        PARALLEL.map(|metric| Pair { runtime, baseline, against: Against::OneWorker, metric })
    })
    .collect()
}

/// The comparisons of one group.
fn of_group<'a>(group: &[&'a MeasuredCell]) -> Vec<Pair<'a>> {
    let (floor, contestants): (Vec<&MeasuredCell>, Vec<&MeasuredCell>) =
        group.iter().partition(|cell| cell.identity.runtime == FLOOR);
    let mut pairs = Vec::new();
    // Elsewhere it is the makespan over the same number.
    let is_echo = group.first().is_some_and(|cell| cell.identity.workload == Workload::Echo.name());
    for metric in COMPARED.into_iter().filter(|metric| *metric != Metric::LaterOperation || is_echo) {
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
fn sequential_pairs(cells: &[MeasuredCell]) -> Vec<Pair<'_>> {
    let sequential: Vec<&MeasuredCell> = cells.iter().filter(|cell| is_sequential(cell)).collect();
    let contestants = cells.iter().filter(|cell| cell.identity.runtime != FLOOR && !is_sequential(cell));
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

fn is_sequential(cell: &MeasuredCell) -> bool {
    let this = &cell.identity;
    this.runtime == SEQUENTIAL || this.runtime == format!("{}-{SEQUENTIAL}", this.language)
}

/// Whether two cells differ only in the runtime, in its own parameters, and in its workers.
fn does_the_same(sequential: &MeasuredCell, other: &MeasuredCell) -> bool {
    let (this, other) = (&sequential.identity, &other.identity);
    let has = |param: &str| param.is_empty() || other.params.split(';').any(|also| also == param);
    (&this.experiment, &this.language, &this.workload, this.tasks)
        == (&other.experiment, &other.language, &other.workload, other.tasks)
        && this.params.split(';').all(has)
}

/// The contestant with the lowest median, the first of them if several have it. A trial that failed is slower than any
/// other, as in `summary.csv`: what survives of a runtime that often fails is nobody's baseline. A median that is
/// not known, or not above zero, has no ratio, so that it is passed over.
fn fastest<'a>(group: &[&'a MeasuredCell], metric: Metric) -> Option<&'a MeasuredCell> {
    let medians = group.iter().filter(|cell| cell.is_ranked).filter_map(|cell| {
        let outcomes = Ordered::new(cell.outcomes(metric).into_iter().map(|(_, value)| value));
        let median = outcomes.median().filter(|median| median.is_finite() && *median > 0.0)?;
        Some((*cell, median))
    });
    medians.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(cell, _)| cell)
}
