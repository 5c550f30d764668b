//! A table for each experiment on a workload: a line a runtime, a column a cell, and in it the figure
//! by which that workload is told.

use std::collections::HashSet;
use std::fmt::Write;

use aggregate::{Aggregation, FLOOR, SummaryRow};
use protocol::Workload;

use super::{NOTHING, align_figures, new_table};
use claims::human;

/// The figure by which a workload is told.
#[derive(Clone, Copy)]
struct Figure {
    /// Metrics that give it, the first that was measured.
    metrics: &'static [&'static str],
    /// What it is, for the title.
    name: &'static str,
    show: fn(f64) -> String,
    more_is_better: bool,
    /// Whether the harness takes part in it, so that the floor shows whether it is the limit.
    with_harness: bool,
}

const TIME: Figure = Figure {
    metrics: &["makespan_ns"],
    name: "makespan",
    show: human::duration,
    more_is_better: false,
    with_harness: false,
};
const AN_OPERATION: Figure = Figure { metrics: &["steady_operation_ns", "operation_ns"], ..TIME };
const RATE: Figure = Figure {
    metrics: &["operations_per_second"],
    name: "operations a second",
    show: human::number,
    more_is_better: true,
    with_harness: false,
};

/// `None` for the workloads of the headline.
fn figure(workload: Workload, params: &str) -> Option<Figure> {
    let open_loop = params.contains("rate_per_second=") && !params.contains("rate_per_second=0");
    Some(match workload {
        Workload::Sleep | Workload::Spawn | Workload::Hold => return None,
        Workload::Yield => Figure { name: "time a switch", ..AN_OPERATION },
        Workload::PingPong | Workload::Brigade => Figure { name: "time a hop", ..AN_OPERATION },
        Workload::FanIn => Figure { name: "time a message", ..AN_OPERATION },
        Workload::Skynet => Figure { name: "time a task", ..AN_OPERATION },
        Workload::Mutex => Figure { name: "time a turn with the lock", ..AN_OPERATION },
        Workload::Request => Figure { with_harness: true, ..TIME },
        Workload::Echo if open_loop => {
            Figure { metrics: &["latency_p99_ns"], name: "latency p99 at a given rate", ..TIME }
        }
        Workload::Echo => Figure { name: "requests a second", with_harness: true, ..RATE },
        Workload::FileRead => Figure { name: "reads a second", ..RATE },
        Workload::Mixed => {
            Figure { metrics: &["lateness_p99_ns"], name: "lateness of heartbeats, p99", ..TIME }
        }
        Workload::Cpu | Workload::Blocking => TIME,
    })
}

/// The tables of all experiments that have any.
pub fn tables(aggregation: &Aggregation) -> String {
    let mut text = String::new();
    for mut table in experiments(&aggregation.summary) {
        let common = table.name_groups();
        let settled = if common.is_empty() { String::new() } else { format!(" ({})", common.join(", ")) };
        let _ =
            writeln!(text, "{}: {}{settled}, medians over processes", table.experiment, table.figure.name);
        let _ = writeln!(text, "{}", table.render());
        for limit in table.columns.iter().filter_map(|group| harness_is_the_limit(table.figure, group)) {
            let _ = writeln!(text, "{limit}");
        }
        text.push('\n');
    }
    text
}

/// The groups of an experiment that are told by one figure.
struct Figures<'a> {
    experiment: &'a str,
    figure: Figure,
    columns: Vec<Column<'a>>,
}

/// A column: the cells of a group.
struct Column<'a> {
    group: &'a str,
    tasks: u64,
    /// What was asked, tasks first: name and value.
    asked: Vec<(&'static str, String)>,
    /// What tells it from the other groups of its table.
    name: String,
    /// Runtimes and their values.
    values: Vec<(&'a str, f64)>,
}

/// The groups of each experiment and figure, those of fewest tasks first.
fn experiments(summary: &[SummaryRow]) -> Vec<Figures<'_>> {
    let measured: HashSet<(&str, &str)> =
        summary.iter().map(|row| (row.group.as_str(), row.metric.as_str())).collect();
    let mut tables: Vec<Figures> = Vec::new();
    for row in summary {
        let Some(workload) = Workload::from_name(&row.workload) else { continue };
        let Some(figure) = figure(workload, &row.params) else { continue };
        let metric = figure.metrics.iter().find(|metric| measured.contains(&(row.group.as_str(), **metric)));
        if metric != Some(&row.metric.as_str()) {
            continue;
        }
        let same = |table: &Figures| table.experiment == row.experiment && table.figure.name == figure.name;
        let place = tables.iter().position(same).unwrap_or_else(|| {
            tables.push(Figures { experiment: &row.experiment, figure, columns: Vec::new() });
            tables.len() - 1
        });
        let columns = &mut tables[place].columns;
        match columns.iter_mut().find(|column| column.group == row.group) {
            Some(column) => column.values.push((&row.runtime, row.median)),
            None => columns.push(Column {
                group: &row.group,
                tasks: row.tasks,
                asked: asked(workload, row),
                name: String::new(),
                values: vec![(&row.runtime, row.median)],
            }),
        }
    }
    for table in &mut tables {
        table.columns.sort_by(|a, b| (a.tasks, &a.asked).cmp(&(b.tasks, &b.asked)));
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

impl Figures<'_> {
    /// Names each group by what differs between the groups, and gives what does not.
    fn name_groups(&mut self) -> Vec<String> {
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
        common.into_iter().map(|(name, value)| format!("{} {value}", plain(name))).collect()
    }

    fn render(&self) -> String {
        let mut runtimes: Vec<&str> = Vec::new();
        for (runtime, _) in self.columns.iter().flat_map(|group| &group.values) {
            if !runtimes.contains(runtime) {
                runtimes.push(runtime);
            }
        }
        runtimes.sort_by(|a, b| self.order(a).total_cmp(&self.order(b)));
        let names = self.columns.iter().map(|group| group.name.clone());
        let header: Vec<String> = std::iter::once("runtime".into()).chain(names).collect();
        let mut table = new_table(&header);
        for runtime in runtimes {
            let value = |group: &Column| {
                group.value(runtime).map_or_else(|| NOTHING.into(), |value| (self.figure.show)(value))
            };
            table.add_row(std::iter::once(runtime.to_string()).chain(self.columns.iter().map(value)));
        }
        align_figures(&mut table);
        table.to_string()
    }

    /// The best first, by the first group in which a runtime was measured.
    fn order(&self, runtime: &str) -> f64 {
        let first = self.columns.iter().find_map(|group| group.value(runtime)).unwrap_or(f64::INFINITY);
        if self.figure.more_is_better { -first } else { first }
    }
}

impl Column<'_> {
    fn value(&self, runtime: &str) -> Option<f64> {
        self.values.iter().find(|(name, _)| *name == runtime).map(|(_, value)| *value)
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
fn harness_is_the_limit(figure: Figure, group: &Column) -> Option<String> {
    let floor = group.value(FLOOR)?;
    let beats = |value: f64| if figure.more_is_better { value > floor } else { value < floor };
    let faster = group.values.iter().filter(|(runtime, value)| *runtime != FLOOR && beats(*value));
    let faster: Vec<&str> = faster.map(|(runtime, _)| *runtime).collect();
    (figure.with_harness && !faster.is_empty()).then(|| {
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

    fn group(floor: f64, other: f64, figure: Figure) -> Option<String> {
        let values = vec![(FLOOR, floor), ("tokio", other)];
        harness_is_the_limit(
            figure,
            &Column { group: "g", tasks: 1, asked: vec![], name: "g".into(), values },
        )
    }

    #[test]
    fn a_floor_that_is_beaten_points_at_the_harness() {
        let request = figure(Workload::Request, "").unwrap();
        assert_eq!(group(1.0, 2.0, request), None);
        assert!(group(2.0, 1.0, request).unwrap().contains("does not beat tokio"));
        let echo = figure(Workload::Echo, "rate_per_second=0").unwrap();
        assert_eq!(group(2.0, 1.0, echo), None);
        assert!(group(1.0, 2.0, echo).is_some());
        // Nobody can be faster than the rate that was asked for.
        let open = figure(Workload::Echo, "message_bytes=100;rate_per_second=10000").unwrap();
        assert_eq!(group(2.0, 1.0, open), None);
    }
}
