//! Why one runtime is slower than another: what differs beside the time.

use aggregate::{Against, RatioRow};
use results::human;

use super::{distinct, ratio};
use crate::run::Run;
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
pub const TITLE: &str = "Ratios of note to the fastest, cold, and what differs beside the time: the runtime's \
    figure, then that of the fastest. What differs threefold is marked.";

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
    let compared = || run.ratios.iter().filter(|row| is_against_fastest(row));
    let mut best: Vec<(&str, (usize, u64), &str)> = Vec::new();
    for (group, workload, tasks) in distinct(compared().map(|row| (&*row.group, &*row.workload, row.tasks))) {
        let size = (compared().filter(|row| row.group == group).count(), tasks);
        match best.iter_mut().find(|known| known.0 == workload) {
            Some(known) if known.1 < size => *known = (workload, size, group),
            Some(_) => {}
            None => best.push((workload, size, group)),
        }
    }
    let mut groups: Vec<&str> = best.into_iter().map(|(_, _, group)| group).collect();
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
    let value = |runtime: &str, metric: &str| {
        run.summary_of(&format!("{}_{runtime}", row.group), metric).map(|row| row.median)
    };
    let beside = BESIDE.iter().map(|(_, metric, one, show)| {
        let (Some(this), Some(other)) = (value(&row.runtime, metric), value(&row.baseline, metric)) else {
            return Entry::number(None, human::number);
        };
        let stands_out = this > STANDS_OUT * other && this - other > SOMETHING * one;
        let tone = if stands_out { Tone::Unsure } else { Tone::Plain };
        Entry { sort: Some(this), ..Entry::text(format!("{} : {}", show(this), show(other))) }.toned(tone)
    });
    let time = Entry { sort: Some(row.ratio), ..Entry::text(format!("× {}", ratio(row))) };
    let group = row.group.strip_prefix(&format!("{}_", row.experiment)).unwrap_or(&row.group);
    let names = [Entry::text(group), Entry::text(&row.runtime), Entry::text(&row.baseline)];
    names.into_iter().chain([time]).chain(beside).collect()
}
