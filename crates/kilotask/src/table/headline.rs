//! The workload that the lab began with: 1000 tasks, a line by runtime.

use std::collections::BTreeMap;
use std::fmt::Write;

use aggregate::{Against, Aggregation, RatioRow, SummaryRow};

use super::{NOTHING, align_figures, new_table};
use claims::human;

/// The workload and the number of tasks that the lab began with.
const HEADLINE: (&str, u64) = ("sleep", 1000);

/// A table for each group of the headline workload, with its answer.
pub fn tables(aggregation: &Aggregation) -> String {
    let mut text = String::new();
    for group in headline_groups(&aggregation.summary) {
        let lines = lines(&group, aggregation);
        let _ = writeln!(text, "{}\n{}", title(&lines), render(&lines));
        let _ = writeln!(text, "{}\n", answer(&lines));
    }
    text
}

/// The groups of cells that a headline table is drawn of, in their order.
fn headline_groups(summary: &[SummaryRow]) -> Vec<String> {
    let mut groups: Vec<String> = Vec::new();
    for row in summary {
        if (row.workload.as_str(), row.tasks) == HEADLINE && !groups.contains(&row.group) {
            groups.push(row.group.clone());
        }
    }
    groups
}

/// A runtime's line of the headline table.
struct Line<'a> {
    experiment: &'a str,
    group: &'a str,
    runtime: &'a str,
    /// Medians of its own cell by metric.
    own: BTreeMap<&'a str, f64>,
    /// Medians of its `hold` cell of as many tasks.
    hold: BTreeMap<&'a str, f64>,
    floor: Option<&'a RatioRow>,
}

impl Line<'_> {
    fn get(&self, metric: &str) -> Option<f64> {
        self.own.get(metric).copied()
    }

    /// Memory is comparable only where all tasks were alive at once.
    fn held(&self, metric: &str) -> Option<f64> {
        self.hold.get(metric).copied()
    }
}

/// The lines of a group, fastest first.
fn lines<'a>(group: &'a str, aggregation: &'a Aggregation) -> Vec<Line<'a>> {
    let mut lines: Vec<Line> = Vec::new();
    for row in aggregation.summary.iter().filter(|row| row.group == group) {
        if !lines.iter().any(|line| line.runtime == row.runtime) {
            lines.push(Line {
                experiment: &row.experiment,
                group,
                runtime: &row.runtime,
                own: BTreeMap::new(),
                hold: BTreeMap::new(),
                floor: aggregation.ratios.iter().find(|ratio| {
                    ratio.group == group
                        && ratio.runtime == row.runtime
                        && ratio.metric == "makespan_ns"
                        && ratio.against == Against::Floor
                }),
            });
        }
    }
    for line in &mut lines {
        for row in aggregation.summary.iter().filter(|row| row.runtime == line.runtime) {
            let held = row.workload == "hold" && row.tasks == HEADLINE.1 && row.experiment == line.experiment;
            if row.group == line.group {
                line.own.insert(&row.metric, row.median);
            } else if held {
                line.hold.insert(&row.metric, row.median);
            }
        }
    }
    let makespan = |line: &Line| line.get("makespan_ns").unwrap_or(f64::INFINITY);
    lines.sort_by(|a, b| makespan(a).total_cmp(&makespan(b)));
    lines
}

fn title(lines: &[Line]) -> String {
    let group = lines.first().map_or("", |line| line.group);
    format!("{group}: medians over processes; × floor: cold, with its 95 % interval; memory a task from hold")
}

fn render(lines: &[Line]) -> String {
    const HEADER: [&str; 11] = [
        "runtime",
        "cold",
        "steady",
        "× floor",
        "in flight",
        "late p99",
        "RSS /task",
        "virtual /task",
        "allocs /task",
        "syscalls /task",
        "switches /task",
    ];
    let mut table = new_table(&HEADER);
    for line in lines {
        let show = |value: Option<f64>, how: fn(f64) -> String| value.map_or_else(|| NOTHING.into(), how);
        table.add_row([
            line.runtime.to_string(),
            show(line.get("makespan_ns"), human::duration),
            show(line.get("steady_ns"), human::duration),
            line.floor.map_or_else(|| NOTHING.into(), ratio),
            show(line.get("peak_in_flight"), human::number),
            show(line.get("lateness_p99_ns"), human::duration),
            show(line.held("rss_per_task_bytes"), human::bytes),
            show(line.held("virtual_per_task_bytes"), human::bytes),
            show(line.get("allocations_per_task"), human::number),
            show(line.get("syscalls_per_task"), human::number),
            show(line.get("switches_per_task"), human::number),
        ]);
    }
    align_figures(&mut table);
    table.to_string()
}

fn ratio(row: &RatioRow) -> String {
    match (row.ci_low, row.ci_high) {
        (Some(low), Some(high)) => {
            format!("{} [{}, {}]", human::number(row.ratio), human::number(low), human::number(high))
        }
        _ => human::number(row.ratio),
    }
}

/// Who was faster and leaner, and by how much, in a sentence; the floor is no contestant.
fn answer(lines: &[Line]) -> String {
    let contestants = || lines.iter().filter(|line| line.runtime != aggregate::FLOOR);
    let mut sentence = String::new();
    if let Some(fastest) = contestants().find(|line| line.get("makespan_ns").is_some()) {
        let times = fastest.floor.map_or_else(String::new, |row| format!(", {} × the floor", ratio(row)));
        let makespan = human::duration(fastest.get("makespan_ns").unwrap_or_default());
        let _ = write!(sentence, "Fastest: {} ({makespan} cold{times}).", fastest.runtime);
    }
    let resident = |line: &Line| line.held("rss_per_task_bytes");
    let leanest = contestants()
        .filter_map(|line| Some((resident(line)?, line.runtime)))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((bytes, runtime)) = leanest {
        let _ = write!(sentence, " Leanest: {runtime} ({} resident a task).", human::bytes(bytes));
    }
    sentence
}
