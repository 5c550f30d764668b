//! The thousand tasks on one screen: few runtimes, few columns, and what that leaves out.

use std::collections::HashSet;

use aggregate::stats::FEWEST_FOR_MEDIAN;
use results::grouping::{distinct, grouped};
use results::{Cell, Metric, SummaryRow, human};

use super::headline::{HEADLINE, Headline, headlines, memory};
use super::ranking::{marked, named};
use super::sheets::{Sheet, sheets};
use crate::format::{list, median};
use crate::run::{Run, is_about_the_lab};
use crate::table::{Entry, Table};

/// Where the columns of the table stand, the less important ones first: those that go where there is no room.
pub const LEAST_IMPORTANT: [usize; 3] = [1, 3, 4];

/// The thousand tasks for a few runtimes.
#[derive(Debug)]
pub struct Brief<'a> {
    /// What the table shows.
    pub title: String,
    /// A line per runtime, the lowest cold median first: name, start-up, cold with its interval, later, memory per task.
    pub table: Table,
    /// The runtimes with a caveat, which have a dagger: those of the table, and those that are best and not shown.
    pub with_caveat: Vec<&'a str>,
    /// What the stars mean, or why there are none.
    pub stars: String,
    /// Those of the pick that have no line, with why where it is known: `java-virtual-threads (unavailable)`.
    pub missing: Vec<String>,
    /// Who is best in each column, as far as it is not shown: `cold smol 2.9 ms`.
    pub best_elsewhere: Vec<String>,
}

/// A column: its name, and what it shows of a cell of the thousand tasks.
type Column = (&'static str, for<'a> fn(&'a Run, &Cell) -> Option<&'a SummaryRow>);

const COLUMNS: [Column; 4] = [
    ("start-up", |run, cell| run.summary_of(&cell.id, Metric::Startup)),
    ("cold [95 % interval]", |run, cell| run.summary_of(&cell.id, Metric::Makespan)),
    ("later", |run, cell| run.summary_of(&cell.id, Metric::LaterMakespan)),
    ("memory", memory),
];

/// The column with an interval.
const COLD: usize = 1;

/// The thousand tasks for these runtimes, or, where none of them was measured, for those of the lowest medians. `None`
/// of a run without them.
pub fn thousand<'a>(run: &'a Run, pick: &[&str]) -> Option<Brief<'a>> {
    let headline = headlines(run).into_iter().find(|headline| !is_about_the_lab(headline.experiment))?;
    let cells: Vec<&Cell> =
        headline.lines.iter().filter_map(|line| run.cell_of(headline.group, line.runtime)).collect();
    let mut shown: Vec<&Cell> = cells.iter().copied().filter(|cell| pick.contains(&&*cell.label)).collect();
    if shown.is_empty() {
        shown = cells.iter().copied().take(super::pick::MOST).collect();
    }
    let by_cold = |cell: &Cell| run.median(&cell.id, Metric::Makespan).unwrap_or(f64::INFINITY);
    shown.sort_by(|a, b| by_cold(a).total_cmp(&by_cold(b)));
    let header = std::iter::once("runtime").chain(COLUMNS.map(|(name, _)| name));
    let mut table = Table::new(header);
    let groups = COLUMNS.map(|column| common_group(run, &cells, column));
    let mut with_caveat = Vec::new();
    for cell in &shown {
        let ids: Vec<&str> = about(run, cell).collect();
        if ids.iter().any(|cell| run.caveat(cell).is_some()) {
            with_caveat.push(&*cell.label);
        }
        let values = COLUMNS.iter().zip(&groups).enumerate().map(|(place, ((_, of), group))| {
            let row = of(run, cell);
            entry(row, place == COLD, row.is_some_and(|row| Some(&*row.group) == *group))
        });
        table.push(std::iter::once(named(run, &cell.label, ids.into_iter())).chain(values).collect());
    }
    let best = best_elsewhere(run, &cells, &shown);
    let marked = best.iter().filter(|(_, row)| run.caveat(&row.cell).is_some());
    let with_caveat = distinct(with_caveat.into_iter().chain(marked.map(|(_, row)| &*row.runtime)));
    Some(Brief {
        title: title(&headline, &shown),
        table,
        with_caveat,
        stars: stars(run, &cells),
        missing: missing(run, headline.group, &shown, pick),
        best_elsewhere: best.into_iter().map(|(words, _)| words).collect(),
    })
}

/// The cells that the line of a cell is about: its own, and that of its memory.
fn about<'a>(run: &'a Run, cell: &'a Cell) -> impl Iterator<Item = &'a str> {
    std::iter::once(&*cell.id).chain(memory(run, cell).map(|row| &*row.cell))
}

fn title(headline: &Headline, shown: &[&Cell]) -> String {
    let (_, tasks) = HEADLINE;
    let each = shown.first().and_then(|cell| cell.duration_ns());
    let each = each.map_or_else(String::new, |ns| format!(" {} each", human::duration(ns as f64)));
    format!(
        "{} tasks that sleep{each} ({}): medians; cold: first round; memory: per task",
        human::count(tasks),
        headline.experiment
    )
}

/// A median, with a star where it is compared with the others and cannot be told from the best.
fn entry(row: Option<&SummaryRow>, with_interval: bool, is_compared: bool) -> Entry {
    let Some(row) = row else { return Entry::nothing() };
    let shown = median(row);
    let text = if with_interval { shown.compact() } else { shown.value };
    let star = if is_compared && row.among_best == Some(true) { "*" } else { "" };
    Entry::sorted(row.median, format!("{star}{text}"))
}

fn ranked<'a>(run: &Run, cells: &[&'a Cell]) -> Vec<&'a Cell> {
    cells.iter().copied().filter(|cell| run.is_ranked(&cell.label)).collect()
}

fn stars(run: &Run, cells: &[&Cell]) -> String {
    let ranked = ranked(run, cells);
    let is_known =
        |cell: &&Cell| run.summary_of(&cell.id, Metric::Makespan).is_some_and(|row| row.among_best.is_some());
    if ranked.iter().any(is_known) {
        return format!("* best of all {} ranked runtimes, or tied with the best", ranked.len());
    }
    format!("no stars: it takes {FEWEST_FOR_MEDIAN} blocks to tell which runtimes are best")
}

/// Those of a pick that the table does not show: of a cell that is in the plan with the status of its trials.
fn missing(run: &Run, group: &str, shown: &[&Cell], pick: &[&str]) -> Vec<String> {
    let failures = run.failures();
    let words = |label: &&str| {
        let failure = run.cell_of(group, label).and_then(|cell| failures.get(&*cell.id));
        failure.map_or_else(|| label.to_string(), |trial| format!("{label} ({})", trial.status))
    };
    let is_shown = |label: &str| shown.iter().any(|cell| cell.label == label);
    pick.iter().filter(|label| !is_shown(label)).map(words).collect()
}

/// Who has the lowest median of each column, where none of those that cannot be told from the best is shown.
fn best_elsewhere<'a>(run: &'a Run, cells: &[&Cell], shown: &[&Cell]) -> Vec<(String, &'a SummaryRow)> {
    let shown: HashSet<&str> = shown.iter().map(|cell| &*cell.label).collect();
    let ranked = ranked(run, cells);
    let best = |column: Column| {
        let (name, of) = column;
        let group = common_group(run, cells, column)?;
        let rows = ranked.iter().filter_map(|cell| of(run, cell));
        // Memory that was given back meanwhile is no record.
        let rows: Vec<&SummaryRow> = rows.filter(|row| row.group == group && row.median > 0.0).collect();
        let best = *rows.iter().min_by(|a, b| a.median.total_cmp(&b.median))?;
        let is_best = |row: &&&SummaryRow| row.among_best == Some(true) || row.cell == best.cell;
        let is_shown = rows.iter().filter(is_best).any(|row| shown.contains(&*row.runtime));
        let named = marked(&best.runtime, run.caveat(&best.cell));
        (!is_shown).then(|| (format!("{} {named} {}", short(name), median(best).value), best))
    };
    COLUMNS.into_iter().filter_map(best).collect()
}

/// The group in which most ranked runtimes have the value of a column: only within it are they compared. Memory may be
/// from groups of different sizes, as not every runtime holds as many tasks.
fn common_group<'a>(run: &'a Run, cells: &[&Cell], (_, of): Column) -> Option<&'a str> {
    let rows = ranked(run, cells).into_iter().filter_map(|cell| of(run, cell));
    let groups = grouped(rows.map(|row| (row.group.as_str(), ())));
    groups.into_iter().rev().max_by_key(|(_, rows)| rows.len()).map(|(group, _)| group)
}

/// The name of a column without what stands in brackets.
fn short(name: &str) -> &str {
    name.split(" [").next().unwrap_or(name)
}

/// The first table of a run without the thousand tasks, for these runtimes or, where none of them was measured, for all.
pub fn first_sheet<'a>(run: &'a Run, pick: &[&str]) -> Option<Sheet<'a>> {
    let first = |picked: &dyn Fn(&str) -> bool| {
        let mut sheets: Vec<Sheet> = sheets(run, picked);
        sheets.retain(|sheet| !sheet.table.rows.is_empty());
        let place = sheets.iter().position(|sheet| !is_about_the_lab(sheet.experiment)).unwrap_or(0);
        (place < sheets.len()).then(|| sheets.swap_remove(place))
    };
    first(&|label| pick.contains(&label)).or_else(|| first(&|_| true))
}

impl Brief<'_> {
    /// Which runtimes are best that are not shown: one sentence, empty where the best are shown.
    pub fn elsewhere(&self) -> String {
        if self.best_elsewhere.is_empty() {
            return String::new();
        }
        format!("Best of all, not shown: {}", list(self.best_elsewhere.iter().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use protocol::Status;

    use super::*;
    use crate::content::pick::default_pick;
    use crate::figures::fixture;

    fn brief(pick: &[&str]) -> Brief<'static> {
        thousand(fixture::reference(), pick).expect("the reference has the thousand tasks")
    }

    #[test]
    fn the_thousand_tasks_are_those_of_the_pick_and_the_fastest_stands_first() {
        let pick = default_pick(fixture::reference());
        let brief = brief(&pick);
        let cold: Vec<f64> = brief.table.rows.iter().map(|row| row[COLD + 1].sort.unwrap()).collect();
        assert!(cold.is_sorted() && cold.len() <= super::super::pick::MOST, "{cold:?}");
        let name = |row: &Vec<Entry>| row[0].text.trim_end_matches(['†', '°', ' ']).to_string();
        assert!(brief.table.rows.iter().all(|row| pick.contains(&&*name(row))));
    }

    #[test]
    fn the_best_of_all_is_named_where_it_is_not_shown_and_only_there() {
        let run = fixture::reference();
        let all: Vec<&str> = run.cells().map(|cell| &*cell.label).collect();
        assert_eq!(brief(&all).elsewhere(), "");
        let slow = brief(&["python-threading"]);
        assert_eq!(slow.table.rows.len(), 1);
        assert!(slow.elsewhere().contains("cold "), "{}", slow.elsewhere());
        assert!(!slow.elsewhere().contains("python-threading"), "{}", slow.elsewhere());
    }

    #[test]
    fn a_best_that_is_not_shown_has_its_dagger_and_is_among_those_whose_caveat_can_be_read() {
        let run = fixture::reference();
        let brief = brief(&["python-threading"]);
        let elsewhere = brief.elsewhere();
        let (_, later) = elsewhere.split_once("later ").unwrap();
        let name = later.split(' ').next().unwrap();
        let cell = run.cell_of(headlines(run)[0].group, name.trim_end_matches('†')).unwrap();
        assert_eq!(name.ends_with('†'), run.caveat(&cell.id).is_some(), "{later}");
        assert!(name.ends_with('†') && brief.with_caveat.contains(&name.trim_end_matches('†')), "{brief:?}");
    }

    #[test]
    fn no_best_is_named_where_one_that_cannot_be_told_from_it_is_shown() {
        let tied = |label: &str| {
            let run = fixture::reference();
            let headlines = headlines(run);
            let cell = run.cell_of(headlines[0].group, label)?;
            run.summary_of(&cell.id, Metric::Startup)?.among_best
        };
        assert_eq!((tied("threads"), tied("python-threading")), (Some(true), Some(false)));
        assert!(!brief(&["threads"]).elsewhere().contains("start-up"));
        assert!(brief(&["python-threading"]).elsewhere().contains("start-up"));
    }

    #[test]
    fn memory_of_a_smaller_group_has_no_star_and_is_no_record() {
        let mut run = fixture::read_reference();
        let of_tokio = {
            let headlines = headlines(&run);
            let cell = run.cell_of(headlines[0].group, "tokio").unwrap();
            memory(&run, cell).unwrap().clone()
        };
        for row in &mut run.summary {
            if (&row.cell, row.metric) == (&of_tokio.cell, of_tokio.metric) {
                (row.group, row.among_best, row.median) = ("smaller".into(), Some(true), 1.0);
            }
        }
        let brief = thousand(&run, &["tokio", "threads"]).unwrap();
        let memory_of = |name: &str| {
            let row = brief.table.rows.iter().find(|row| row[0].text.starts_with(name)).unwrap();
            row.last().unwrap().text.clone()
        };
        assert!(!memory_of("tokio").starts_with('*'), "{}", memory_of("tokio"));
        assert!(brief.elsewhere().contains("memory "), "{}", brief.elsewhere());
    }

    #[test]
    fn where_no_runtime_of_the_pick_was_measured_the_fastest_are_shown() {
        let brief = brief(&["nobody"]);
        assert_eq!((brief.table.rows.len(), &*brief.missing[0]), (super::super::pick::MOST, "nobody"));
    }

    #[test]
    fn who_was_picked_and_not_measured_is_named_with_the_status() {
        let mut run = fixture::read_reference();
        let group = headlines(&run)[0].group.to_string();
        let absent = run.cell_of(&group, "may").unwrap().id.clone();
        for trial in run.trials.iter_mut().filter(|trial| trial.cell == absent) {
            trial.status = Status::Unavailable;
        }
        let shown = [run.cell_of(&group, "tokio").unwrap()];
        assert_eq!(missing(&run, &group, &shown, &["tokio", "may"]), ["may (unavailable)"]);
    }

    #[test]
    fn a_run_without_the_thousand_tasks_has_a_table_of_its_first_workload() {
        let mut run = fixture::read_reference();
        run.plan.cells.iter_mut().for_each(|planned| planned.cell.tasks += 1);
        run.plan.experiments.retain(|experiment| experiment.name == "echo");
        assert!(thousand(&run, &["tokio"]).is_none());
        let sheet = first_sheet(&run, &["tokio", "threads"]).unwrap();
        assert_eq!((sheet.workload, sheet.table.rows.len()), ("echo", 2));
        assert!(first_sheet(&run, &["nobody"]).unwrap().table.rows.len() > 2);
        assert!(first_sheet(&fixture::without_trials(), &["tokio"]).is_none());
    }
}
