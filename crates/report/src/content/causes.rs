//! What may explain that one runtime is slower than another: other figures that differ as well.

use results::{Against, Cell, Metric, RatioRow, human};

use crate::format::median;
use crate::run::Run;
use crate::table::{Entry, Table, Tone};
use results::grouping::{grouped, heaviest};

/// A ratio is shown if it is above this, and its runtime can be told from the best.
const LARGE_RATIO: f64 = 1.5;
/// A figure that differs by more than this factor may explain a ratio,
const LARGE_FACTOR: f64 = 3.0;
/// if it also differs by more than this many units: half a call or half a microsecond a task.
const LEAST_UNITS: f64 = 0.5;
/// The most lines of a group, those of its largest ratios.
const LINES_A_GROUP: usize = 6;

/// A figure that may explain a ratio: its column, its metric, and its unit.
type Explanation = (&'static str, Metric, f64);

const EXPLANATIONS: [Explanation; 5] = [
    ("CPU a task", Metric::CpuPerTask, 1000.0),
    ("syscalls a task", Metric::SyscallsPerTask, 1.0),
    ("switches a task", Metric::SwitchesPerTask, 1.0),
    ("faults a task", Metric::FaultsMinorPerTask, 1.0),
    ("allocs a task", Metric::AllocationsPerTask, 1.0),
];

pub const TITLE: &str = "Runtimes that can be told from the best, their large ratios to the lowest median, cold, and what \
    else differs: the value of the runtime, then that of the lowest median. What is more than three times as much is \
    marked.";

/// A line for each large ratio to the runtime of the lowest median, in the largest group of each workload.
pub fn table(run: &Run) -> Table {
    let header =
        ["cells", "runtime", "against", "time"].into_iter().chain(EXPLANATIONS.map(|(name, ..)| name));
    let mut table = Table::new(header).with_words([1, 2]);
    for group in groups(run) {
        let is_behind = |row: &RatioRow| {
            let cell = run.cell_of(&row.group, &row.runtime);
            let summary = cell.and_then(|cell| run.summary_of(&cell.id, row.metric));
            summary.is_some_and(|row| row.among_best == Some(false))
        };
        let is_large = |row: &&RatioRow| row.ratio >= LARGE_RATIO && is_behind(row);
        let mine = run.ratios.iter().filter(|row| row.group == group && is_against_fastest(row));
        let mut rows: Vec<&RatioRow> = mine.filter(is_large).collect();
        rows.sort_by(|a, b| b.ratio.total_cmp(&a.ratio));
        for row in rows.into_iter().take(LINES_A_GROUP) {
            table.push(line(run, row));
        }
    }
    table
}

/// The group of each workload with most runtimes, and of those the one with most tasks, in the
/// order of the plan.
fn groups(run: &Run) -> Vec<&str> {
    let rows = run.ratios.iter().filter(|row| is_against_fastest(row));
    let groups = grouped(rows.map(|row| (&*row.group, row)));
    let largest = heaviest(groups, |(_, rows)| &rows[0].workload, |(_, rows)| (rows.len(), rows[0].tasks));
    let mut groups: Vec<&str> = largest.into_iter().map(|(group, _)| group).collect();
    groups.sort_by_key(|group| run.cells().position(|cell| cell.group == *group));
    groups
}

fn is_against_fastest(row: &RatioRow) -> bool {
    row.against == Against::Fastest && row.metric == Metric::Makespan
}

fn line(run: &Run, row: &RatioRow) -> Vec<Entry> {
    let [this, baseline] = [&row.runtime, &row.baseline].map(|runtime| run.cell_of(&row.group, runtime));
    let value = |cell: Option<&Cell>, metric: Metric| run.summary_of(&cell?.id, metric);
    let explanations = EXPLANATIONS.iter().map(|(_, metric, unit)| {
        let (Some(this), Some(other)) = (value(this, *metric), value(baseline, *metric)) else {
            return Entry::nothing();
        };
        let is_marked =
            this.median > LARGE_FACTOR * other.median && this.median - other.median > LEAST_UNITS * unit;
        let tone = if is_marked { Tone::Unsure } else { Tone::Plain };
        Entry::sorted(this.median, format!("{} : {}", median(this).value, median(other).value)).toned(tone)
    });
    let time = Entry::sorted(row.ratio, format!("× {}", human::rough(row.ratio, "ratio")));
    let group = this.map_or(&*row.group, Cell::short_group);
    let names = [group, &row.runtime, &row.baseline].map(Entry::text);
    names.into_iter().chain([time]).chain(explanations).collect()
}
