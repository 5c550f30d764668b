//! A table for each experiment on a workload: a line a runtime, a column a group of cells, and in it the
//! figure by which that workload is told.

use std::collections::HashSet;

use aggregate::{FLOOR, SummaryRow};
use protocol::Workload;
use results::human;

use crate::grouping::distinct;
use crate::run::Run;
use crate::table::{Entry, Table};

/// The figure by which a workload is told.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// Metrics that give it, the first that was measured.
    pub metrics: &'static [&'static str],
    /// What it is, for a title.
    pub name: &'static str,
    /// Shows a value to people.
    pub show: fn(f64) -> String,
    /// Whether a runtime is the better for a higher value.
    pub more_is_better: bool,
    /// Whether the harness takes part in it, so that the floor shows whether it is the limit.
    with_harness: bool,
}

const TIME: Measure = Measure {
    metrics: &["makespan_ns"],
    name: "makespan",
    show: human::duration,
    more_is_better: false,
    with_harness: false,
};
const AN_OPERATION: Measure = Measure { metrics: &["steady_operation_ns", "operation_ns"], ..TIME };
const RATE: Measure = Measure {
    metrics: &["operations_per_second"],
    name: "operations a second",
    show: human::number,
    more_is_better: true,
    with_harness: false,
};

/// The figure that tells a workload with these parameters, as `trials.csv` has them; `None` for the
/// workloads of the headline.
pub fn measure(workload: Workload, params: &str) -> Option<Measure> {
    let open_loop = params.contains("rate_per_second=") && !params.contains("rate_per_second=0");
    Some(match workload {
        Workload::Sleep | Workload::Spawn | Workload::Hold => return None,
        Workload::Yield => Measure { name: "time a switch", ..AN_OPERATION },
        Workload::PingPong | Workload::Brigade => Measure { name: "time a hop", ..AN_OPERATION },
        Workload::FanIn => Measure { name: "time a message", ..AN_OPERATION },
        Workload::Skynet => Measure { name: "time a task", ..AN_OPERATION },
        Workload::Mutex => Measure { name: "time a turn with the lock", ..AN_OPERATION },
        Workload::Request => Measure { with_harness: true, ..TIME },
        Workload::Echo if open_loop => {
            Measure { metrics: &["latency_p99_ns"], name: "latency p99 at a given rate", ..TIME }
        }
        Workload::Echo => Measure { name: "requests a second", with_harness: true, ..RATE },
        Workload::FileRead => Measure { name: "reads a second", ..RATE },
        Workload::Mixed => {
            Measure { metrics: &["lateness_p99_ns"], name: "lateness of heartbeats, p99", ..TIME }
        }
        Workload::Cpu | Workload::Blocking => TIME,
    })
}

/// The groups of an experiment that are told by one figure.
#[derive(Debug)]
pub struct Told<'a> {
    /// The experiment.
    pub experiment: &'a str,
    /// The figure.
    pub measure: Measure,
    /// The groups, those of fewest tasks first.
    pub columns: Vec<Column<'a>>,
    /// What was asked of all groups alike, in words.
    pub settled: Vec<String>,
}

/// A group of cells.
#[derive(Debug)]
pub struct Column<'a> {
    /// Its name in the files.
    pub group: &'a str,
    tasks: u64,
    /// What was asked, tasks first: name and value.
    asked: Vec<(&'static str, String)>,
    /// What tells it from the other groups of its table.
    pub name: String,
    /// Runtimes and their values.
    pub values: Vec<(&'a str, &'a SummaryRow)>,
}

/// What is told of each experiment, in the order of the plan.
pub fn workloads(run: &Run) -> Vec<Told<'_>> {
    let summary = &run.summary;
    let measured: HashSet<(&str, &str)> =
        summary.iter().map(|row| (row.group.as_str(), row.metric.as_str())).collect();
    let mut tables: Vec<Told> = Vec::new();
    for row in summary {
        let Some(workload) = Workload::from_name(&row.workload) else { continue };
        let Some(measure) = measure(workload, &row.params) else { continue };
        let metric = measure.metrics.iter().find(|metric| measured.contains(&(row.group.as_str(), **metric)));
        if metric != Some(&row.metric.as_str()) {
            continue;
        }
        let same = |table: &Told| table.experiment == row.experiment && table.measure.name == measure.name;
        let place = tables.iter().position(same).unwrap_or_else(|| {
            let (columns, settled) = (Vec::new(), Vec::new());
            tables.push(Told { experiment: &row.experiment, measure, columns, settled });
            tables.len() - 1
        });
        let columns = &mut tables[place].columns;
        match columns.iter_mut().find(|column| column.group == row.group) {
            Some(column) => column.values.push((&row.runtime, row)),
            None => columns.push(Column {
                group: &row.group,
                tasks: row.tasks,
                asked: asked(workload, row),
                name: String::new(),
                values: vec![(&row.runtime, row)],
            }),
        }
    }
    // The files have them in the order in which they first ran, which is random.
    tables.sort_by_key(|table| run.plan.experiments.iter().position(|known| known.name == table.experiment));
    for table in &mut tables {
        table.columns.sort_by(|a, b| (a.tasks, &a.asked).cmp(&(b.tasks, &b.asked)));
        table.name_groups();
    }
    tables
}

/// What was asked of every runtime of a group: tasks, workers where they were asked for, and the
/// parameters of the workload.
fn asked(workload: Workload, row: &SummaryRow) -> Vec<(&'static str, String)> {
    let workers = row.group.split('-').find_map(|part| match part {
        "wall" => Some("all cores".to_string()),
        part => part.strip_prefix('w')?.parse().ok().map(|workers: u32| format!("{workers} worker")),
    });
    let params = row.params.split(';').filter_map(|param| {
        let (name, value) = param.split_once('=')?;
        let name = workload.param_spec(name)?.name;
        let value = match (name.strip_suffix("_ns"), value.parse()) {
            (Some(_), Ok(ns)) => human::duration(ns),
            _ => value.to_string(),
        };
        Some((name, value))
    });
    let tasks = ("tasks", human::count(row.tasks));
    std::iter::once(tasks).chain(workers.map(|workers| ("workers", workers))).chain(params).collect()
}

impl<'a> Told<'a> {
    /// Names each group by what differs between the groups, and keeps what does not.
    fn name_groups(&mut self) {
        let everywhere = |one: &(&'static str, String), groups: &[Column]| {
            one.0 != "tasks" && groups.iter().all(|group| group.asked.contains(one))
        };
        let common: Vec<(&'static str, String)> = self.columns.first().map_or_else(Vec::new, |first| {
            first.asked.iter().filter(|one| everywhere(one, &self.columns)).cloned().collect()
        });
        for group in &mut self.columns {
            let own = group.asked.iter().filter(|one| !common.contains(one));
            let own: Vec<String> = own.map(|(name, value)| named(name, value)).collect();
            group.name = own.join(", ");
        }
        self.settled = common.iter().map(|(name, value)| named(name, value)).collect();
    }

    /// What the table shows.
    pub fn title(&self) -> String {
        let settled =
            if self.settled.is_empty() { String::new() } else { format!(" ({})", self.settled.join(", ")) };
        format!("{}: {}{settled}, medians over processes", self.experiment, self.measure.name)
    }

    /// A line a runtime, the best first.
    pub fn table(&self) -> Table {
        let names = self.columns.iter().map(|group| group.name.clone());
        let mut table = Table::new(std::iter::once("runtime".into()).chain(names));
        for runtime in self.runtimes() {
            let value =
                |group: &Column| Entry::number(group.value(runtime).map(|row| row.median), self.measure.show);
            table.push(std::iter::once(Entry::text(runtime)).chain(self.columns.iter().map(value)).collect());
        }
        table
    }

    /// All runtimes, the best first, by the first group in which each was measured.
    pub fn runtimes(&self) -> Vec<&'a str> {
        let all = self.columns.iter().flat_map(|group| &group.values).map(|(runtime, _)| *runtime);
        let mut runtimes = distinct(all);
        runtimes.sort_by(|a, b| self.order(a).total_cmp(&self.order(b)));
        runtimes
    }

    fn order(&self, runtime: &str) -> f64 {
        let first = self.columns.iter().find_map(|group| group.value(runtime));
        let value = first.map_or(f64::INFINITY, |row| row.median);
        if self.measure.more_is_better { -value } else { value }
    }

    /// Where the harness may be what is measured, one sentence a group.
    pub fn limits(&self) -> Vec<String> {
        self.columns.iter().filter_map(|group| harness_is_the_limit(self.measure, group)).collect()
    }
}

impl<'a> Column<'a> {
    /// The figure of a runtime.
    pub fn value(&self, runtime: &str) -> Option<&'a SummaryRow> {
        self.values.iter().find(|(name, _)| *name == runtime).map(|(_, row)| *row)
    }
}

/// A value as a header says it: bare where it explains itself.
fn named(name: &str, value: &str) -> String {
    match name {
        "tasks" | "workers" | "duration_ns" | "io" | "kernel" | "policy" | "call" => value.into(),
        name => format!("{} {value}", plain(name)),
    }
}

/// The name of a parameter whose value has its unit.
fn plain(name: &str) -> String {
    name.strip_suffix("_ns").unwrap_or(name).replace('_', " ")
}

/// Where the harness is the other party, the floor must beat every runtime; where it does not, the
/// harness may be what is measured.
fn harness_is_the_limit(measure: Measure, group: &Column) -> Option<String> {
    let floor = group.value(FLOOR)?.median;
    let beats = |value: f64| if measure.more_is_better { value > floor } else { value < floor };
    let faster = group.values.iter().filter(|(runtime, row)| *runtime != FLOOR && beats(row.median));
    let faster: Vec<&str> = faster.map(|(runtime, _)| *runtime).collect();
    (measure.with_harness && !faster.is_empty()).then(|| {
        format!(
            "{}: the floor does not beat {}: the harness, which is the other party, may be the limit here",
            group.name,
            faster.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(median: f64) -> SummaryRow {
        let text = String::new;
        SummaryRow {
            experiment: text(),
            cell: text(),
            group: text(),
            runtime: text(),
            runtime_version: text(),
            workload: text(),
            tasks: 1,
            workers: 1,
            params: text(),
            pass: results::Pass::Timed,
            metric: text(),
            unit: text(),
            n: 1,
            median,
            mean: median,
            ci_low: None,
            ci_high: None,
            min: median,
            max: median,
            mad: 0.0,
            flagged: 0,
            calm_median: None,
            calm_ci_low: None,
            calm_ci_high: None,
        }
    }

    fn group(floor: f64, other: f64, measure: Measure) -> Option<String> {
        let (floor, other) = (row(floor), row(other));
        let values = vec![(FLOOR, &floor), ("tokio", &other)];
        harness_is_the_limit(
            measure,
            &Column { group: "g", tasks: 1, asked: vec![], name: "g".into(), values },
        )
    }

    #[test]
    fn a_floor_that_is_beaten_points_at_the_harness() {
        let request = measure(Workload::Request, "").unwrap();
        assert_eq!(group(1.0, 2.0, request), None);
        assert!(group(2.0, 1.0, request).unwrap().contains("does not beat tokio"));
        let echo = measure(Workload::Echo, "rate_per_second=0").unwrap();
        assert_eq!(group(2.0, 1.0, echo), None);
        assert!(group(1.0, 2.0, echo).is_some());
        // Nobody can be faster than the rate that was asked for.
        let open = measure(Workload::Echo, "message_bytes=100;rate_per_second=10000").unwrap();
        assert_eq!(group(2.0, 1.0, open), None);
    }
}
