//! What may explain that one runtime is slower than another: other figures that differ as well.

use results::{Against, Cell, Metric, RatioRow, human};

use crate::format::median;
use crate::run::Run;
use crate::table::{Entry, Table, Tone};

/// A ratio is shown if it is above this, and its runtime can be told from the best.
const LARGE_RATIO: f64 = 1.5;
/// A figure that differs by more than this factor may explain a ratio,
const LARGE_FACTOR: f64 = 3.0;
/// if it also differs by more than this many units: half a call, half a microsecond or five hundred instructions a task.
const LEAST_UNITS: f64 = 0.5;
/// A figure that may explain a ratio: its column, its metric, and its unit.
type Explanation = (&'static str, Metric, f64);

const EXPLANATIONS: [Explanation; 10] = [
    ("CPU per task", Metric::CpuPerTask, 1000.0),
    ("syscalls per task", Metric::SyscallsPerTask, 1.0),
    ("switches per task", Metric::SwitchesPerTask, 1.0),
    ("faults per task", Metric::FaultsMinorPerTask, 1.0),
    ("allocs per task", Metric::AllocationsPerTask, 1.0),
    ("instructions per task", Metric::InstructionsPerTask, 1000.0),
    ("callgrind instructions per task", Metric::CallgrindInstructionsPerTask, 1000.0),
    ("cycles per task", Metric::CyclesPerTask, 1000.0),
    ("cache misses per task", Metric::CacheMissesPerTask, 1.0),
    ("branch misses per task", Metric::BranchMissesPerTask, 1.0),
];

/// Those that the run has measured anywhere: few machines count everything.
fn explanations(run: &Run) -> impl Iterator<Item = Explanation> {
    EXPLANATIONS.into_iter().filter(|(_, metric, _)| run.summary.iter().any(|row| row.metric == *metric))
}

pub const TITLE: &str = "Runtimes that are clearly slower than the best in the cold round, and what else differs: first the \
    value of the runtime, then that of the runtime with the lowest median. Coloured: more than three times as much.";

/// A line for each large ratio of a group to the runtime of its lowest median.
pub fn table(run: &Run, group: &str) -> Table {
    let header = ["runtime", "against", "time"].into_iter().chain(explanations(run).map(|(name, ..)| name));
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
    let explanations = explanations(run).map(|(_, metric, unit)| {
        let (Some(this), Some(other)) = (value(this, metric), value(baseline, metric)) else {
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

#[cfg(test)]
mod tests {
    use results::grouping::distinct;

    use super::*;
    use crate::figures::fixture;

    #[test]
    fn what_was_not_measured_is_no_cause_and_has_no_column() {
        let mut run = fixture::read_reference();
        let groups = distinct(run.ratios.iter().map(|row| row.group.clone()));
        let group = groups.into_iter().find(|group| !table(&run, group).rows.is_empty()).unwrap();
        let causes = |run: &Run| -> Vec<String> {
            let Table { header, rows, .. } = table(run, &group);
            assert!(rows.iter().all(|row| row.len() == header.len()), "{header:?}");
            header.into_iter().filter(|name| name.contains("instructions")).collect()
        };
        assert_eq!(causes(&run), [""; 0]);
        let mut counted = run.summary[0].clone();
        counted.metric = Metric::CallgrindInstructionsPerTask;
        run.summary.push(counted);
        assert_eq!(causes(&run), ["callgrind instructions per task"]);
    }
}
