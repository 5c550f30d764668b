//! Why one runtime is slower than another: what differs beside the time.

use aggregate::{Against, RatioRow};
use results::human;

use crate::format::ratio;
use crate::grouping::{grouped, heaviest};
use crate::run::{Cell, Run};
use crate::table::{Entry, Table, Tone};

/// A ratio is of note from here on, its whole interval.
const OF_NOTE: f64 = 1.5;
/// What differs by this factor beside the time may explain it,
const STANDS_OUT: f64 = 3.0;
/// where there is anything of it: half a call, or half a microsecond, a task.
const SOMETHING: f64 = 0.5;
/// How many lines, those of the largest ratios of each group.
const A_GROUP: usize = 6;

/// A figure beside the time: its column, its metric, one of its unit, and how it is shown.
type Beside = (&'static str, &'static str, f64, fn(f64) -> String);

/// What is looked at.
const BESIDE: [Beside; 5] = [
    ("CPU a task", "cpu_per_task_ns", 1000.0, human::duration),
    ("syscalls a task", "syscalls_per_task", 1.0, human::number),
    ("switches a task", "switches_per_task", 1.0, human::number),
    ("faults a task", "faults_minor_per_task", 1.0, human::number),
    ("allocs a task", "allocations_per_task", 1.0, human::number),
];

/// What the table shows.
pub const TITLE: &str = "Large ratios to the fastest, cold, and what else differs: the value of the runtime, then \
    that of the fastest. What is more than three times as much is marked.";

/// A line for each ratio of note: of the largest group of each workload, against its fastest.
pub fn table(run: &Run) -> Table {
    let header = ["cells", "runtime", "against", "time"].into_iter().chain(BESIDE.map(|(name, ..)| name));
    let mut table = Table::new(header).with_words([1, 2]);
    for group in groups(run) {
        let mut rows: Vec<&RatioRow> = run.ratios.iter().filter(|row| is_of_note(row, group)).collect();
        rows.sort_by(|a, b| b.ratio.total_cmp(&a.ratio));
        for row in rows.into_iter().take(A_GROUP) {
            table.push(line(run, row));
        }
    }
    table
}

/// Of each workload the group of most runtimes, and among those the one of most tasks; in the plan's order, as
/// the files have them in that in which they first ran, which is random.
fn groups(run: &Run) -> Vec<&str> {
    let rows = run.ratios.iter().filter(|row| is_against_fastest(row));
    let groups = grouped(rows.map(|row| (&*row.group, row)));
    let largest = heaviest(groups, |(_, rows)| &rows[0].workload, |(_, rows)| (rows.len(), rows[0].tasks));
    let mut groups: Vec<&str> = largest.into_iter().map(|(group, _)| group).collect();
    groups.sort_by_key(|group| run.plan.cells.iter().position(|cell| cell.group == *group));
    groups
}

fn is_against_fastest(row: &RatioRow) -> bool {
    row.against == Against::Fastest && row.metric == "makespan_ns"
}

fn is_of_note(row: &RatioRow, group: &str) -> bool {
    row.group == group && is_against_fastest(row) && row.ci_low.is_some_and(|low| low >= OF_NOTE)
}

fn line(run: &Run, row: &RatioRow) -> Vec<Entry> {
    let [this, baseline] = [&row.runtime, &row.baseline].map(|runtime| run.cell_of(&row.group, runtime));
    let value = |cell: Option<&Cell>, metric: &str| run.median(&cell?.id, metric);
    let beside = BESIDE.iter().map(|(_, metric, one, show)| {
        let (Some(this), Some(other)) = (value(this, metric), value(baseline, metric)) else {
            return Entry::nothing();
        };
        let stands_out = this > STANDS_OUT * other && this - other > SOMETHING * one;
        let tone = if stands_out { Tone::Unsure } else { Tone::Plain };
        Entry::sorted(this, format!("{} : {}", show(this), show(other))).toned(tone)
    });
    let time = Entry::sorted(row.ratio, format!("× {}", ratio(row)));
    let group = this.map_or(&*row.group, Cell::short_group);
    let names = [group, &row.runtime, &row.baseline].map(Entry::text);
    names.into_iter().chain([time]).chain(beside).collect()
}
