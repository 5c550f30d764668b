//! The workload that the lab began with: 1000 sleeping tasks, a line a runtime.

use std::fmt::Write;

use aggregate::FLOOR;
use results::{Against, Cell, Metric, RatioRow, SummaryRow};

use crate::format::{median, ratio};
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
    /// A line a runtime, the fastest first.
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

    /// A median of its cell.
    pub fn get(&self, metric: Metric) -> Option<&'a SummaryRow> {
        self.run.summary_of(&self.cell.id, metric)
    }

    /// A median of its `hold` cell.
    fn held(&self, metric: Metric) -> Option<&'a SummaryRow> {
        self.run.summary_of(&self.hold?.id, metric)
    }
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
                Entry::median(line.get(Metric::Makespan)),
                Entry::median(line.get(Metric::LaterMakespan)),
                line.floor
                    .map_or_else(Entry::nothing, |row| Entry::sorted(row.ratio, ratio(row).to_string())),
                Entry::median(line.get(Metric::PeakInFlight)),
                Entry::median(line.get(Metric::LatenessP99)),
                Entry::median(line.held(Metric::RssPerTask)),
                Entry::median(line.held(Metric::VirtualPerTask)),
                Entry::median(line.get(Metric::AllocationsPerTask)),
                Entry::median(line.get(Metric::SyscallsPerTask)),
                Entry::median(line.get(Metric::SwitchesPerTask)),
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
        if let Some(fastest) = self.contestants().find(|line| line.get(Metric::Makespan).is_some()) {
            let times = fastest.floor.map_or_else(String::new, |row| format!(", {} × the floor", ratio(row)));
            let makespan = fastest.get(Metric::Makespan).map_or_else(String::new, |row| median(row).value);
            let _ = write!(sentence, "Fastest: {} ({makespan} cold{times}).", fastest.runtime);
        }
        let resident =
            self.contestants().filter_map(|line| Some((line.held(Metric::RssPerTask)?, line.runtime)));
        let leanest = resident.min_by(|a, b| a.0.median.total_cmp(&b.0.median));
        if let Some((row, runtime)) = leanest {
            let _ = write!(sentence, " Leanest: {runtime} ({} resident a task).", median(row).value);
        }
        sentence
    }
}
