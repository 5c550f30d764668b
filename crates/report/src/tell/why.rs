//! Why one runtime is slower than another: what differs beside the time.

use aggregate::{Against, RatioRow};
use claims::human;

use super::ratio;
use crate::run::Run;
use crate::table::{Entry, Table, Tone};

/// A ratio is of note from here on, its whole interval.
const OF_NOTE: f64 = 1.5;
/// What differs by this much beside the time may explain it.
const STANDS_OUT: f64 = 3.0;
/// How many lines, those of the largest ratios of each group.
const A_GROUP: usize = 6;

/// A figure beside the time: its column, its metric, and how it is shown.
type Beside = (&'static str, &'static str, fn(f64) -> String);

/// What is looked at.
const BESIDE: [Beside; 5] = [
    ("CPU a task", "cpu_per_task_ns", human::duration),
    ("syscalls a task", "syscalls_per_task", human::number),
    ("switches a task", "switches_per_task", human::number),
    ("faults a task", "faults_minor_per_task", human::number),
    ("allocations a task", "allocations_per_task", human::number),
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

/// Of each workload the group of most runtimes, and among those the one of most tasks.
fn groups(run: &Run) -> Vec<&str> {
    let mut best: Vec<(&str, (usize, u64), &str)> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for row in run.ratios.iter().filter(|row| is_against_fastest(row)) {
        if seen.last() == Some(&row.group.as_str()) || seen.contains(&row.group.as_str()) {
            continue;
        }
        seen.push(&row.group);
        let runtimes =
            run.ratios.iter().filter(|other| other.group == row.group && is_against_fastest(other));
        let size = (runtimes.count(), row.tasks);
        match best.iter_mut().find(|(workload, ..)| *workload == row.workload) {
            Some(known) if known.1 < size => *known = (&row.workload, size, &row.group),
            Some(_) => {}
            None => best.push((&row.workload, size, &row.group)),
        }
    }
    best.into_iter().map(|(_, _, group)| group).collect()
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
    let beside = BESIDE.iter().map(|(_, metric, show)| {
        let (Some(this), Some(other)) = (value(&row.runtime, metric), value(&row.baseline, metric)) else {
            return Entry::number(None, human::number);
        };
        let tone = if this > STANDS_OUT * other { Tone::Unsure } else { Tone::Plain };
        Entry { sort: Some(this), ..Entry::text(format!("{} : {}", show(this), show(other))) }.toned(tone)
    });
    let time = Entry { sort: Some(row.ratio), ..Entry::text(format!("× {}", ratio(row))) };
    let names = [Entry::text(&row.group), Entry::text(&row.runtime), Entry::text(&row.baseline)];
    names.into_iter().chain([time]).chain(beside).collect()
}
