//! The workload that the lab began with: 1000 sleeping tasks, a line a runtime.

use std::cmp::Reverse;

use results::{Against, Cell, Metric, RatioRow, SummaryRow};

use super::note::Note;
use super::ranking::{MARKED, Ranking, STARRED, caveats, named, ranked_first, starred};
use crate::format::ratio;
use crate::run::Run;
use crate::table::{Entry, Table};
use results::grouping::grouped;

/// The workload and the number of tasks that the lab began with.
pub const HEADLINE: (&str, u64) = ("sleep", 1000);

/// What it is about.
const TITLE: &str = "1,000 tasks that each wait 1 ms";

/// What columns of the table are.
const COLUMNS: &str = "total: start-up and the cold round. × floor: the cold round, divided by the same work with no runtime at \
                       all. late p99: 99 of 100 tasks woke up no later than this. ";
const ADDED: &str = "memory /task: what one more waiting task takes, the kernel's memory included.";
const RESIDENT: &str =
    "memory /task: resident memory, divided by the waiting tasks; the kernel's memory is not included.";
const OWN: &str = " ‡ The runner's own word: all but start-up, memory and system calls.";

/// A group of cells of the headline workload.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Headline<'a> {
    run: &'a Run,
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
    /// The runtime.
    pub runtime: &'a str,
    /// The ratio of its makespan to the floor's.
    pub floor: Option<&'a RatioRow>,
}

/// All groups of the headline workload, in the order of the plan.
pub fn headlines(run: &Run) -> Vec<Headline<'_>> {
    let cells = run.cells().filter(|cell| (cell.workload.as_str(), cell.tasks) == HEADLINE);
    let measured = cells.filter(|cell| run.summary_of(&cell.id, Metric::Makespan).is_some());
    let groups = grouped(measured.map(|cell| (cell.group.as_str(), cell)));
    let headlines = groups.into_iter().map(|(group, cells)| {
        let mut lines: Vec<Line> = cells.iter().map(|cell| Line::of(run, cell)).collect();
        lines.sort_by(|a, b| a.makespan().total_cmp(&b.makespan()));
        let lines = ranked_first(run, lines, |line| line.runtime);
        Headline { run, group, experiment: &cells[0].experiment, lines }
    });
    headlines.collect()
}

impl<'a> Line<'a> {
    fn of(run: &'a Run, cell: &'a Cell) -> Self {
        let is_to_floor = |row: &&RatioRow| {
            (&row.group, &row.runtime) == (&cell.group, &cell.label)
                && (row.metric, row.against) == (Metric::Makespan, Against::Floor)
        };
        let floor = run.ratios.iter().find(is_to_floor);
        Self { run, cell, runtime: &cell.label, floor }
    }

    fn makespan(&self) -> f64 {
        self.get(Metric::Makespan).map_or(f64::INFINITY, |row| row.median)
    }

    /// A metric of its cell.
    pub(super) fn get(&self, metric: Metric) -> Option<&'a SummaryRow> {
        self.run.summary_of(&self.cell.id, metric)
    }

    /// What one more task takes.
    pub(super) fn memory(&self) -> Option<&'a SummaryRow> {
        memory(self.run, self.cell)
    }

    /// The cells that its line is about: its own, and that of its memory.
    pub(super) fn cells(&self) -> impl Iterator<Item = &'a str> {
        std::iter::once(&*self.cell.id).chain(self.memory().map(|row| &*row.cell))
    }
}

/// The memory that one more task takes, by the largest `hold` cell of a runtime in an experiment that says so; of a run
/// that has that nowhere, resident memory over tasks. In one table there is one of both.
pub(super) fn memory<'a>(run: &'a Run, cell: &Cell) -> Option<&'a SummaryRow> {
    let holds = holds(run, cell);
    let of = |metric, cell: &Cell| run.summary_of(&cell.id, metric);
    let added = holds.iter().find_map(|cell| of(Metric::MemoryPerAddedTask, cell));
    added.or_else(|| of(Metric::RssPerTask, holds.last().filter(|_| !has_added(run))?))
}

/// Whether the run has measured anywhere what one more task takes.
fn has_added(run: &Run) -> bool {
    run.summary.iter().any(|row| row.metric == Metric::MemoryPerAddedTask)
}

/// The `hold` cells that go with a cell of the thousand tasks, of as many tasks or more, the largest first: memory is
/// comparable only where all tasks were alive at once.
fn holds<'a>(run: &'a Run, cell: &Cell) -> Vec<&'a Cell> {
    let is_hold = |other: &&Cell| {
        other.workload == "hold"
            && other.tasks >= HEADLINE.1
            && (&other.experiment, &other.label) == (&cell.experiment, &cell.label)
    };
    let mut holds: Vec<&Cell> = run.cells_of(&cell.label).filter(is_hold).collect();
    holds.sort_by_key(|cell| Reverse(cell.tasks));
    holds
}

impl Headline<'_> {
    /// What the table shows.
    pub fn title(&self) -> String {
        format!("{} ({}): medians over processes; {STARRED}; {MARKED}", TITLE, self.experiment)
    }

    /// A line a runtime, that of the lowest median first.
    pub fn table(&self) -> Table {
        let mut table = Table::new([
            "runtime",
            "start-up",
            "cold",
            "later",
            "total",
            "× floor",
            "in flight",
            "late p99",
            "memory /task",
            "allocs /task",
            "syscalls /task",
            "switches /task",
        ]);
        for line in &self.lines {
            table.push(vec![
                named(self.run, line.runtime, line.cells()),
                starred(line.get(Metric::Startup)),
                starred(line.get(Metric::Makespan)),
                starred(line.get(Metric::LaterMakespan)),
                starred(line.get(Metric::Total)),
                line.floor
                    .map_or_else(Entry::nothing, |row| Entry::sorted(row.ratio, ratio(row).to_string())),
                starred(line.get(Metric::PeakInFlight)),
                starred(line.get(Metric::LatenessP99)),
                self.held(line.memory()),
                starred(line.get(Metric::AllocationsPerTask)),
                starred(line.get(Metric::SyscallsPerTask)),
                starred(line.get(Metric::SwitchesPerTask)),
            ]);
        }
        table.without_empty_columns()
    }

    /// What its columns are, and what must be said of the cells.
    pub fn notes(&self) -> Vec<Note<'_>> {
        let memory = if has_added(self.run) { ADDED } else { RESIDENT };
        let mut notes = vec![Note { runtime: None, words: [COLUMNS, memory, OWN].concat() }];
        notes.extend(caveats(self.run, self.lines.iter().flat_map(Line::cells)));
        notes
    }

    /// The group in which memory is compared: that in which most ranked runtimes have it. Of runtimes that cannot hold so
    /// many tasks there are other groups, whose best say nothing here.
    fn group_of_memory(&self) -> Option<&str> {
        let ranked = self.lines.iter().filter(|line| self.run.is_ranked(line.runtime));
        let groups = grouped(ranked.filter_map(Line::memory).map(|row| (&*row.group, ())));
        groups.into_iter().rev().max_by_key(|(_, rows)| rows.len()).map(|(group, _)| group)
    }

    /// Memory for the table: with a star where it is compared with the others and cannot be told from the best.
    fn held(&self, row: Option<&SummaryRow>) -> Entry {
        let is_compared = row.is_some_and(|row| Some(&*row.group) == self.group_of_memory());
        if is_compared { starred(row) } else { Entry::median(row) }
    }

    /// How they rank by a metric of their cells.
    pub fn ranking(&self, metric: Metric) -> Option<Ranking<'_>> {
        Ranking::of(self.run, self.lines.iter().filter_map(|line| line.get(metric)))
    }

    /// Which runtimes cannot be told from the fastest, and which from the leanest.
    pub fn answer(&self) -> String {
        let held = self.lines.iter().filter_map(Line::memory);
        let held = Ranking::of(self.run, held.filter(|row| Some(&*row.group) == self.group_of_memory()));
        let by = |metric, what: &str| self.ranking(metric).map(|by| format!("{what}, {}.", by.first()));
        let held = held.map(|held| format!("Memory per task, {}.", held.first()));
        let times = [by(Metric::Makespan, "Cold"), by(Metric::Total, "Start-up included")];
        times.into_iter().flatten().chain(held).collect::<Vec<String>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::fixture;

    #[test]
    fn memory_of_another_group_has_no_star_and_is_not_named_as_the_best() {
        let mut run = fixture::read_reference();
        let cell =
            headlines(&run)[0].lines.iter().find(|line| line.runtime == "threads").unwrap().cell.clone();
        let of_threads = memory(&run, &cell).unwrap().clone();
        for row in &mut run.summary {
            if (&row.cell, row.metric) == (&of_threads.cell, of_threads.metric) {
                (row.group, row.tasks, row.among_best) = ("smaller".into(), 1000, Some(true));
            }
        }
        let headline = &headlines(&run)[0];
        let table = headline.table();
        let place = table.header.iter().position(|name| name == "memory /task").unwrap();
        let of = |runtime: &str| {
            let row = table.rows.iter().find(|row| row[0].text.starts_with(runtime)).unwrap();
            row[place].text.clone()
        };
        assert!(!of("threads").starts_with('*'), "{}", of("threads"));
        let answer = headline.answer();
        let (_, memory) = answer.split_once("Memory per task").unwrap();
        assert!(!memory.contains("threads"), "{memory}");
    }

    #[test]
    fn resident_memory_is_shown_only_of_a_run_without_that_of_an_added_task_and_the_note_says_so() {
        let mut run = fixture::read_reference();
        let note = |run: &Run| headlines(run)[0].notes()[0].words.clone();
        for headline in headlines(&run) {
            let mut held = headline.lines.iter().filter_map(Line::memory);
            assert!(held.all(|row| row.metric == Metric::MemoryPerAddedTask), "{}", headline.group);
        }
        assert!(note(&run).contains(ADDED), "{}", note(&run));
        for row in run.summary.iter_mut().filter(|row| row.metric == Metric::MemoryPerAddedTask) {
            row.metric = Metric::RssPeak;
        }
        assert!(note(&run).contains(RESIDENT), "{}", note(&run));
    }
}
