//! The workload that the lab began with: 1000 sleeping tasks, a line a runtime.

use std::collections::BTreeMap;
use std::fmt::Write;

use aggregate::{Against, FLOOR, RatioRow};
use results::human;

use crate::format::ratio;
use crate::grouping::distinct;
use crate::run::Run;
use crate::table::{Entry, Table};

/// The workload and the number of tasks that the lab began with.
pub const HEADLINE: (&str, u64) = ("sleep", 1000);

/// A group of cells of the headline workload.
#[derive(Debug)]
pub struct Headline<'a> {
    /// The group.
    pub group: &'a str,
    /// The experiment.
    pub experiment: &'a str,
    /// A line a runtime, the fastest first.
    pub lines: Vec<Line<'a>>,
}

/// A runtime's line.
#[derive(Debug)]
pub struct Line<'a> {
    /// The runtime.
    pub runtime: &'a str,
    /// Medians of its cell, by metric.
    own: BTreeMap<&'a str, f64>,
    /// Medians of its `hold` cell with the same number of tasks.
    hold: BTreeMap<&'a str, f64>,
    /// The ratio of its makespan to the floor's.
    pub floor: Option<&'a RatioRow>,
}

impl Line<'_> {
    /// A median of its cell.
    pub fn get(&self, metric: &str) -> Option<f64> {
        self.own.get(metric).copied()
    }

    /// A median of its `hold` cell: memory is comparable only where all tasks were alive at once.
    pub fn held(&self, metric: &str) -> Option<f64> {
        self.hold.get(metric).copied()
    }
}

/// All groups of the headline workload, in the order of the plan's experiments.
pub fn headlines(run: &Run) -> Vec<Headline<'_>> {
    let rows = run.summary.iter().filter(|row| (row.workload.as_str(), row.tasks) == HEADLINE);
    let mut groups = distinct(rows.map(|row| (row.group.as_str(), row.experiment.as_str())));
    // The files are in the order in which cells first ran, which is random.
    groups.sort_by_key(|(_, experiment)| {
        run.plan.experiments.iter().position(|known| known.name == *experiment)
    });
    groups
        .into_iter()
        .map(|(group, experiment)| Headline { group, experiment, lines: lines(group, experiment, run) })
        .collect()
}

/// The lines of a group, fastest first.
fn lines<'a>(group: &'a str, experiment: &str, run: &'a Run) -> Vec<Line<'a>> {
    let runtimes = distinct(run.summary.iter().filter(|row| row.group == group).map(|row| &*row.runtime));
    let mut lines: Vec<Line> = runtimes
        .into_iter()
        .map(|runtime| {
            let of_runtime = || run.summary.iter().filter(move |row| row.runtime == runtime);
            let held = of_runtime().filter(|row| {
                row.workload == "hold" && row.tasks == HEADLINE.1 && row.experiment == experiment
            });
            Line {
                runtime,
                own: of_runtime()
                    .filter(|row| row.group == group)
                    .map(|row| (&*row.metric, row.median))
                    .collect(),
                hold: held.map(|row| (&*row.metric, row.median)).collect(),
                floor: floor_ratio(run, group, runtime, "makespan_ns"),
            }
        })
        .collect();
    let makespan = |line: &Line| line.get("makespan_ns").unwrap_or(f64::INFINITY);
    lines.sort_by(|a, b| makespan(a).total_cmp(&makespan(b)));
    lines
}

/// The ratio of a runtime to the floor.
pub(crate) fn floor_ratio<'a>(
    run: &'a Run,
    group: &str,
    runtime: &str,
    metric: &str,
) -> Option<&'a RatioRow> {
    run.ratios.iter().find(|ratio| {
        ratio.group == group
            && ratio.runtime == runtime
            && ratio.metric == metric
            && ratio.against == Against::Floor
    })
}

impl Headline<'_> {
    /// What the table shows.
    pub fn title(&self) -> String {
        format!(
            "{}: medians over processes; × floor: cold, with its 95 % interval; memory a task from hold",
            self.group
        )
    }

    /// A line a runtime, the fastest first.
    pub fn table(&self) -> Table {
        let mut table = Table::new([
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
        ]);
        for line in &self.lines {
            table.push(vec![
                Entry::text(line.runtime),
                Entry::number(line.get("makespan_ns"), human::duration),
                Entry::number(line.get("steady_ns"), human::duration),
                line.floor.map_or_else(Entry::nothing, |row| Entry::sorted(row.ratio, ratio(row))),
                Entry::number(line.get("peak_in_flight"), human::number),
                Entry::number(line.get("lateness_p99_ns"), human::duration),
                Entry::number(line.held("rss_per_task_bytes"), human::bytes),
                Entry::number(line.held("virtual_per_task_bytes"), human::bytes),
                Entry::number(line.get("allocations_per_task"), human::number),
                Entry::number(line.get("syscalls_per_task"), human::number),
                Entry::number(line.get("switches_per_task"), human::number),
            ]);
        }
        table
    }

    /// All but the floor, which does not compete.
    pub fn contestants(&self) -> impl Iterator<Item = &Line<'_>> {
        self.lines.iter().filter(|line| line.runtime != FLOOR)
    }

    /// Which runtime was fastest and which leanest, in a sentence.
    pub fn answer(&self) -> String {
        let mut sentence = String::new();
        if let Some(fastest) = self.contestants().find(|line| line.get("makespan_ns").is_some()) {
            let times = fastest.floor.map_or_else(String::new, |row| format!(", {} × the floor", ratio(row)));
            let makespan = human::duration(fastest.get("makespan_ns").unwrap_or_default());
            let _ = write!(sentence, "Fastest: {} ({makespan} cold{times}).", fastest.runtime);
        }
        let resident = |line: &Line| line.held("rss_per_task_bytes");
        let leanest = self
            .contestants()
            .filter_map(|line| Some((resident(line)?, line.runtime)))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((bytes, runtime)) = leanest {
            let _ = write!(sentence, " Leanest: {runtime} ({} resident a task).", human::bytes(bytes));
        }
        sentence
    }
}
