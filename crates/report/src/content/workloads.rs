//! A table for each experiment and measure: a line a runtime, a column a group of cells.

use std::collections::HashSet;

use aggregate::FLOOR;
use protocol::Workload;
use results::{Cell, Measure, Metric, SummaryRow, Workers, human};

use super::note::Note;
use super::ranking::{MARKED, STARRED, caveats, named, ranked_first, starred};
use super::settings::{Setting, settings};
use crate::format::{counted, list, median};
use crate::run::Run;
use crate::table::Table;
use results::grouping::{distinct, grouped};

/// Workloads that the table of the headline shows.
const IN_HEADLINE: [Workload; 3] = [Workload::Sleep, Workload::Spawn, Workload::Hold];

/// More CPUs than this are more than one, whatever else the clock ticks catch.
const ONE_CPU: f64 = 1.1;

/// Groups of an experiment that are compared by one measure.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct WorkloadTable<'a> {
    run: &'a Run,
    pub experiment: &'a str,
    pub measure: Measure,
    /// The groups, those of fewest tasks first.
    pub columns: Vec<Column<'a>>,
    /// Settings that all groups share.
    common: Vec<Setting>,
}

/// A group of cells.
#[derive(Debug)]
pub struct Column<'a> {
    tasks: u64,
    /// Settings that not all groups of the table share.
    pub settings: Vec<Setting>,
    /// Runtimes and their values.
    pub values: Vec<(&'a str, &'a SummaryRow)>,
}

/// The tables of all experiments, in the order of the plan.
pub fn workloads(run: &Run) -> Vec<WorkloadTable<'_>> {
    let measured: HashSet<(&str, Metric)> =
        run.summary.iter().map(|row| (row.group.as_str(), row.metric)).collect();
    let shown = run.summary.iter().filter_map(|row| {
        Workload::from_name(&row.workload).filter(|one| !IN_HEADLINE.contains(one))?;
        let measure = run.cell(&row.cell)?.headline()?;
        let metric = measure.summary.iter().find(|metric| measured.contains(&(&*row.group, **metric)))?;
        (*metric == row.metric).then_some(((&*row.experiment, measure.name), (measure, row)))
    });
    let mut tables: Vec<WorkloadTable> = grouped(shown)
        .into_iter()
        .map(|((experiment, _), rows)| {
            let measure = rows[0].0;
            let columns = grouped(rows.into_iter().map(|(_, row)| (&*row.group, row)));
            let columns = columns.into_iter().map(|(_, rows)| Column::of(run, &rows)).collect();
            WorkloadTable::of(run, experiment, measure, columns)
        })
        .collect();
    // The files are in the order in which cells first ran, which is random.
    tables.sort_by_key(|table| run.plan.experiments.iter().position(|known| known.name == table.experiment));
    tables
}

impl<'a> WorkloadTable<'a> {
    fn of(run: &'a Run, experiment: &'a str, measure: Measure, mut columns: Vec<Column<'a>>) -> Self {
        columns.sort_by(|a, b| (a.tasks, &a.settings).cmp(&(b.tasks, &b.settings)));
        let mut common = columns.first().map_or_else(Vec::new, |first| first.settings.clone());
        common.retain(|setting| columns.iter().all(|column| column.settings.contains(setting)));
        for column in &mut columns {
            column.settings.retain(|setting| !common.contains(setting));
        }
        Self { run, experiment, measure, columns, common }
    }

    /// Its workload.
    pub fn workload(&self) -> Option<Workload> {
        let (_, row) = self.columns.first()?.values.first()?;
        Workload::from_name(&row.workload)
    }

    /// What the table shows.
    pub fn title(&self) -> String {
        let common: Vec<&str> = self.common.iter().map(|setting| setting.words.as_str()).collect();
        let common = if common.is_empty() { String::new() } else { format!(" ({})", common.join(", ")) };
        format!(
            "{}: {}{common}, medians over processes; {STARRED}; {MARKED}",
            self.experiment, self.measure.name
        )
    }

    /// A line a runtime, that of the best median first.
    pub fn table(&self) -> Table {
        let names = self.columns.iter().map(Column::name);
        let mut table = Table::new(std::iter::once("runtime".into()).chain(names));
        for runtime in self.runtimes() {
            let value = |group: &Column| starred(group.value(runtime));
            table.push(
                std::iter::once(named(self.run, runtime, self.cells(runtime)))
                    .chain(self.columns.iter().map(value))
                    .collect(),
            );
        }
        table
    }

    /// All runtimes, that of the best median first, by the first group in which each was measured.
    pub fn runtimes(&self) -> Vec<&'a str> {
        let all = self.columns.iter().flat_map(|group| &group.values).map(|(runtime, _)| *runtime);
        let mut runtimes = distinct(all);
        runtimes.sort_by(|a, b| self.rank(a).total_cmp(&self.rank(b)));
        ranked_first(self.run, runtimes, |runtime| runtime)
    }

    /// The cells of a runtime.
    fn cells(&self, runtime: &str) -> impl Iterator<Item = &'a str> {
        self.columns.iter().filter_map(move |column| Some(&*column.value(runtime)?.cell))
    }

    /// What must be said of it: caveats, CPUs beyond the one that was asked for, and where the harness may be the limit.
    pub fn notes(&self) -> Vec<Note<'a>> {
        let cells = self.runtimes().into_iter().flat_map(|runtime| self.cells(runtime));
        [caveats(self.run, cells), self.limits_of_measurement()].concat()
    }

    /// CPUs beyond the one that was asked for, and where the harness may be the limit.
    pub fn limits_of_measurement(&self) -> Vec<Note<'a>> {
        [self.busy(), self.limits()].concat()
    }

    fn rank(&self, runtime: &str) -> f64 {
        let first = self.columns.iter().find_map(|group| group.value(runtime));
        let value = first.map_or(f64::INFINITY, |row| row.median);
        if self.measure.more_is_better { -value } else { value }
    }

    /// A sentence for each runtime and group in which one worker kept more than one CPU busy.
    fn busy(&self) -> Vec<Note<'a>> {
        let of_column = |column: &Column<'a>| {
            let busy = busy_with_one(self.run, column.values.iter().map(|(_, row)| *row)).into_iter();
            let busy = busy.filter(|row| row.median > ONE_CPU).map(|row| {
                let words = format!("{} kept {} CPUs busy: {}", row.runtime, median(row), column.words());
                Note { runtime: Some(&row.runtime), words }
            });
            busy.collect::<Vec<Note>>()
        };
        self.columns.iter().flat_map(of_column).collect()
    }

    /// A sentence for each group in which the harness may be what was measured.
    fn limits(&self) -> Vec<Note<'a>> {
        let limits = self.columns.iter().filter_map(|group| harness_is_the_limit(self.measure, group));
        limits.map(|words| Note { runtime: None, words }).collect()
    }
}

/// How many CPUs the runtimes of these rows kept busy, of those that were asked for one worker.
fn busy_with_one<'a>(run: &'a Run, rows: impl Iterator<Item = &'a SummaryRow>) -> Vec<&'a SummaryRow> {
    let is_one = |cell: &&Cell| cell.workers_asked == Some(Workers::Count(1));
    let cells = rows.filter_map(|row| run.cell(&row.cell)).filter(is_one);
    cells.filter_map(|cell| run.summary_of(&cell.id, Metric::CpusBusy)).collect()
}

/// Of a group for one worker: which runtimes kept more than one CPU busy. None where that was not asked or not measured.
pub fn beyond_one_cpu<'a>(run: &'a Run, rows: impl Iterator<Item = &'a SummaryRow>) -> Option<String> {
    let mut busy = busy_with_one(run, rows);
    if busy.is_empty() {
        return None;
    }
    busy.retain(|row| row.median > ONE_CPU);
    busy.sort_by(|a, b| b.median.total_cmp(&a.median));
    let named = list(busy.iter().map(|row| format!("{} {}", row.runtime, median(row).value)));
    Some(match busy.len() {
        0 => "No runtime kept more than one CPU busy".into(),
        _ => format!("CPUs busy, where more than one: {named}"),
    })
}

impl<'a> Column<'a> {
    fn of(run: &'a Run, rows: &[&'a SummaryRow]) -> Self {
        let cell = run.cell(&rows[0].cell);
        let workload = Workload::from_name(&rows[0].workload);
        let settings = cell.zip(workload).map_or_else(Vec::new, |(cell, workload)| settings(workload, cell));
        let values = rows.iter().map(|row| (row.runtime.as_str(), *row)).collect();
        Self { tasks: rows[0].tasks, settings, values }
    }

    /// Its tasks, and the settings that distinguish it from the other groups of the table.
    fn name(&self) -> String {
        self.after(human::count(self.tasks))
    }

    /// The same, in a sentence.
    pub fn words(&self) -> String {
        self.after(counted(self.tasks, "task"))
    }

    fn after(&self, tasks: String) -> String {
        self.settings.iter().fold(tasks, |words, setting| words + ", " + &setting.words)
    }

    /// The value of a runtime.
    pub fn value(&self, runtime: &str) -> Option<&'a SummaryRow> {
        self.values.iter().find(|(name, _)| *name == runtime).map(|(_, row)| *row)
    }
}

/// Where the harness takes part, the floor must be better than every runtime. Where it is not, the
/// harness may be what was measured.
fn harness_is_the_limit(measure: Measure, group: &Column) -> Option<String> {
    let floor = group.value(FLOOR)?.median;
    let is_better = |value: f64| if measure.more_is_better { value > floor } else { value < floor };
    let better = group.values.iter().filter(|(runtime, row)| *runtime != FLOOR && is_better(row.median));
    let better = better.count() as u64;
    (measure.with_harness && better > 0).then(|| {
        let who = if better == 1 {
            "1 runtime is".into()
        } else {
            format!("{} runtimes are", human::count(better))
        };
        format!(
            "{}: {who} better than the floor. Our load generator may be the bottleneck there.",
            group.words()
        )
    })
}

#[cfg(test)]
mod tests {
    use protocol::Params;
    use protocol::workload::RATE_PER_SECOND;

    use super::*;
    use crate::figures::fixture;

    fn limit(floor: f64, other: f64, measure: Measure) -> Option<String> {
        let [floor, other] =
            [floor, other].map(|median| SummaryRow { median, ..fixture::reference().summary[0].clone() });
        let values = vec![(FLOOR, &floor), ("tokio", &other)];
        harness_is_the_limit(measure, &Column { tasks: 1, settings: vec![], values })
    }

    #[test]
    fn a_runtime_faster_than_the_floor_shows_that_the_harness_may_be_the_limit() {
        let request = Measure::of(Workload::Request, &Params::new());
        assert_eq!(limit(1.0, 2.0, request), None);
        assert!(limit(2.0, 1.0, request).unwrap().contains("1 runtime is better than the floor"));
        let echo = |rate| Measure::of(Workload::Echo, &Params::from([(RATE_PER_SECOND.into(), rate)]));
        assert_eq!(limit(2.0, 1.0, echo(0)), None);
        assert!(limit(1.0, 2.0, echo(0)).is_some());
        // Nobody can be faster than the rate that was asked for.
        assert_eq!(limit(2.0, 1.0, echo(10_000)), None);
    }

    #[test]
    fn who_keeps_more_than_one_cpu_busy_with_one_worker_is_named_with_how_many() {
        let mut run = fixture::read_reference();
        let busy: Vec<usize> =
            (0..run.summary.len()).filter(|place| run.summary[*place].metric == Metric::CpusBusy).collect();
        let group = run.summary[busy[0]].group.clone();
        let said = |run: &Run| {
            beyond_one_cpu(
                run,
                busy.iter().map(|place| &run.summary[*place]).filter(|row| row.group == group),
            )
        };
        for place in &busy {
            run.summary[*place].median = 0.9;
        }
        assert_eq!(said(&run).unwrap(), "No runtime kept more than one CPU busy");
        let row = &mut run.summary[busy[0]];
        (row.median, row.ci_low, row.ci_high) = (1.9, None, None);
        let expected = format!("CPUs busy, where more than one: {} 1.9", row.runtime);
        assert_eq!(said(&run).unwrap(), expected);
        assert_eq!(beyond_one_cpu(&run, [].into_iter()), None);
    }
}
