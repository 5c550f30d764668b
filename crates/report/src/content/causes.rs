//! What may explain that one runtime is slower than another: other figures that differ as well.

use results::{Against, Cell, Metric, RatioRow, human};

use crate::format::median;
use crate::run::Run;
use crate::table::{Entry, Table, Tone};

/// A ratio is shown if it is above this, and its runtime can be told from the best.
const LARGE_RATIO: f64 = 1.5;
/// A figure that differs by more than this factor may explain a ratio,
const LARGE_FACTOR: f64 = 3.0;
/// if it also differs by more than this many units: half a call or half a microsecond a task.
const LEAST_UNITS: f64 = 0.5;
/// A figure that may explain a ratio: its column, its metric, and its unit.
type Explanation = (&'static str, Metric, f64);

const EXPLANATIONS: [Explanation; 5] = [
    ("CPU per task", Metric::CpuPerTask, 1000.0),
    ("syscalls per task", Metric::SyscallsPerTask, 1.0),
    ("switches per task", Metric::SwitchesPerTask, 1.0),
    ("faults per task", Metric::FaultsMinorPerTask, 1.0),
    ("allocs per task", Metric::AllocationsPerTask, 1.0),
];

pub const TITLE: &str = "Runtimes that are clearly slower than the best in the cold round, and what else differs: first the \
    value of the runtime, then that of the runtime with the lowest median. Coloured: more than three times as much.";

/// A line for each large ratio of a group to the runtime of its lowest median.
pub fn table(run: &Run, group: &str) -> Table {
    let header = ["runtime", "against", "time"].into_iter().chain(EXPLANATIONS.map(|(name, ..)| name));
    let mut table = Table::new(header).with_words([1]);
    let is_behind = |row: &RatioRow| {
        let cell = run.cell_of(&row.group, &row.runtime);
        let summary = cell.and_then(|cell| run.summary_of(&cell.id, row.metric));
        summary.is_some_and(|row| row.among_best == Some(false))
    };
    let is_large = |row: &&RatioRow| row.ratio >= LARGE_RATIO && is_behind(row);
    let mine = run.ratios.iter().filter(|row| row.group == group && is_against_fastest(row));
    let mut rows: Vec<&RatioRow> = mine.filter(is_large).collect();
    rows.sort_by(|a, b| b.ratio.total_cmp(&a.ratio));
    for row in rows {
        table.push(line(run, row));
    }
    table
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
    let names = [Entry::text(&row.runtime).of(&row.runtime), Entry::text(&row.baseline)];
    names.into_iter().chain([time]).chain(explanations).collect()
}
