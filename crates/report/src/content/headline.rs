//! The workload that the lab began with: 1000 sleeping tasks, a line a runtime.

use results::{Against, Cell, Metric, RatioRow, SummaryRow};

use super::ranking::{Ranking, STARRED, starred};
use crate::format::ratio;
use crate::run::Run;
use crate::table::{Entry, Table};
use results::grouping::grouped;

/// The workload and the number of tasks that the lab began with.
pub const HEADLINE: (&str, u64) = ("sleep", 1000);

/// A group of cells of the headline workload.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Headline<'a> {
    pub group: &'a str,
    pub experiment: &'a str,
    /// A line a runtime, that of the lowest median first.
    pub lines: Vec<Line<'a>>,
}

/// A runtime's line.
#[derive(Debug)]
pub struct Line<'a> {
    run: &'a Run,
    cell: &'a Cell,
    /// Its `hold` cell with the same number of tasks: memory is comparable only where all tasks were
    /// alive at once.
    hold: Option<&'a Cell>,
    /// The runtime.
    pub runtime: &'a str,
    /// The ratio of its makespan to the floor's.
    pub floor: Option<&'a RatioRow>,
}

/// All groups of the headline workload, in the order of the plan.
pub fn headlines(run: &Run) -> Vec<Headline<'_>> {
    let cells = run.cells().filter(|cell| (cell.workload.as_str(), cell.tasks) == HEADLINE);
    let measured = cells.filter(|cell| run.summary.iter().any(|row| row.cell == cell.id));
    let groups = grouped(measured.map(|cell| (cell.group.as_str(), cell)));
    let headlines = groups.into_iter().map(|(group, cells)| {
        let mut lines: Vec<Line> = cells.iter().map(|cell| Line::of(run, cell)).collect();
        lines.sort_by(|a, b| a.makespan().total_cmp(&b.makespan()));
        Headline { group, experiment: &cells[0].experiment, lines }
    });
    headlines.collect()
}

impl<'a> Line<'a> {
    fn of(run: &'a Run, cell: &'a Cell) -> Self {
        let holds = |other: &&Cell| {
            (&*other.workload, other.tasks) == ("hold", HEADLINE.1)
                && (&other.experiment, &other.label) == (&cell.experiment, &cell.label)
        };
        let is_to_floor = |row: &&RatioRow| {
            (&row.group, &row.runtime) == (&cell.group, &cell.label)
                && (row.metric, row.against) == (Metric::Makespan, Against::Floor)
        };
        let (hold, floor) = (run.cells().find(holds), run.ratios.iter().find(is_to_floor));
        Self { run, cell, hold, runtime: &cell.label, floor }
    }

    fn makespan(&self) -> f64 {
        self.get(Metric::Makespan).map_or(f64::INFINITY, |row| row.median)
    }

    /// A metric of its cell.
    fn get(&self, metric: Metric) -> Option<&'a SummaryRow> {
        self.run.summary_of(&self.cell.id, metric)
    }

    /// A metric of its `hold` cell.
    fn held(&self, metric: Metric) -> Option<&'a SummaryRow> {
        self.run.summary_of(&self.hold?.id, metric)
    }
}

impl Headline<'_> {
    /// What the table shows.
    pub fn title(&self) -> String {
        format!(
            "{}: medians over processes; {STARRED}; × floor: cold, with its 95 % interval; memory a task from hold",
            self.group
        )
    }

    /// A line a runtime, that of the lowest median first.
    pub fn table(&self) -> Table {
        let mut table = Table::new([
            "runtime",
            "cold",
            "later",
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
                starred(line.get(Metric::Makespan)),
                starred(line.get(Metric::LaterMakespan)),
                line.floor
                    .map_or_else(Entry::nothing, |row| Entry::sorted(row.ratio, ratio(row).to_string())),
                starred(line.get(Metric::PeakInFlight)),
                starred(line.get(Metric::LatenessP99)),
                starred(line.held(Metric::RssPerTask)),
                starred(line.held(Metric::VirtualPerTask)),
                starred(line.get(Metric::AllocationsPerTask)),
                starred(line.get(Metric::SyscallsPerTask)),
                starred(line.get(Metric::SwitchesPerTask)),
            ]);
        }
        table
    }

    /// How they rank by a metric of their cells.
    pub fn ranking(&self, metric: Metric) -> Option<Ranking<'_>> {
        Ranking::of(self.lines.iter().filter_map(|line| line.get(metric)))
    }

    /// Which runtimes cannot be told from the fastest, and which from the leanest.
    pub fn answer(&self) -> String {
        let held = Ranking::of(self.lines.iter().filter_map(|line| line.held(Metric::RssPerTask)));
        let cold = self.ranking(Metric::Makespan).map(|cold| format!("Cold, {}.", cold.first()));
        let held = held.map(|held| format!("Resident memory a task, {}.", held.first()));
        cold.into_iter().chain(held).collect::<Vec<String>>().join(" ")
    }
}
