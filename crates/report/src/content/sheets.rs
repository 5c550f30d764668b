//! Everything that was measured of each workload, as tables that a person asks for one by one.
//!
//! The page has one table per workload; a terminal shows those that were asked for, of the runtimes that were asked for.

use std::collections::HashSet;

use protocol::Workload;
use results::grouping::{distinct, grouped};
use results::{Cell, Metric, SummaryRow, human};

use super::ceilings::{Ceilings, Ladder, ceilings};
use super::headline::{HEADLINE, Headline, headlines, memory};
use super::note::Note;
use super::ranking::{MARKED, STARRED, caveats, named, ranked_first, starred};
use super::workloads::{WorkloadTable, workloads};
use crate::run::Run;
use crate::table::{Entry, Table};

/// Workloads that have no table of [`workloads`], with their metrics; of the metrics the first that was measured.
const BY_METRIC: [(Workload, &[Metric]); 3] = [
    (Workload::Sleep, &[Metric::Makespan]),
    (Workload::Spawn, &[Metric::Makespan]),
    (Workload::Hold, &[Metric::MemoryPerAddedTask, Metric::RssPerTask]),
];

/// Columns of the thousand tasks that are metrics of the cell itself.
const OF_THE_CELL: [Metric; 9] = [
    Metric::Startup,
    Metric::Makespan,
    Metric::LaterMakespan,
    Metric::Total,
    Metric::PeakInFlight,
    Metric::LatenessP99,
    Metric::AllocationsPerTask,
    Metric::SyscallsPerTask,
    Metric::SwitchesPerTask,
];

/// A table of a workload, of the runtimes that were picked.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Sheet<'a> {
    pub workload: &'a str,
    pub experiment: &'a str,
    pub title: String,
    /// A line per runtime; without lines where none that was picked was measured.
    pub table: Table,
    /// What must be said of these runtimes.
    pub notes: Vec<String>,
    /// The rows of `summary.csv` whose numbers it shows.
    pub rows: Vec<&'a SummaryRow>,
    /// How many runtimes there are, picked or not.
    pub runtimes: usize,
}

/// The tables of a run, of the runtimes that are picked by label: the thousand tasks first, then the others in the order
/// of the plan.
pub fn sheets<'a>(run: &'a Run, picked: &dyn Fn(&str) -> bool) -> Vec<Sheet<'a>> {
    let place = |sheet: &Sheet| {
        let place = run.plan.experiments.iter().position(|experiment| experiment.name == sheet.experiment);
        place.unwrap_or(usize::MAX)
    };
    let thousand = headlines(run).into_iter().map(|headline| of_headline(run, &headline, picked));
    let mut others = by_metric(run, picked);
    others.extend(workloads(run).iter().filter_map(|table| of_workload(run, table, picked)));
    others.extend(ceilings(run).iter().map(|ceilings| of_ceilings(ceilings, picked)));
    others.sort_by_key(place);
    thousand.chain(others).collect()
}

fn of_headline<'a>(run: &'a Run, headline: &Headline<'a>, picked: &dyn Fn(&str) -> bool) -> Sheet<'a> {
    let whole = headline.table();
    let labels: Vec<&str> = headline.lines.iter().map(|line| line.runtime).collect();
    let shown: Vec<&str> = labels.iter().copied().filter(|label| picked(label)).collect();
    let mut notes = notes_of(headline.notes(), &shown);
    if shown.len() == labels.len() {
        notes.push(headline.answer());
    }
    let rows = shown.iter().filter_map(|label| run.cell_of(headline.group, label)).flat_map(|cell| {
        let own = OF_THE_CELL.into_iter().filter_map(|metric| run.summary_of(&cell.id, metric));
        own.chain(memory(run, cell))
    });
    Sheet {
        workload: HEADLINE.0,
        experiment: headline.experiment,
        title: headline.title(),
        table: lines_of(whole, &labels, picked),
        notes,
        rows: rows.collect(),
        runtimes: labels.len(),
    }
}

/// The tables of sleep, spawn and hold: a column per group. The thousand tasks alone have a table of their own.
fn by_metric<'a>(run: &'a Run, picked: &dyn Fn(&str) -> bool) -> Vec<Sheet<'a>> {
    let has_table: HashSet<&str> = headlines(run).iter().map(|headline| headline.group).collect();
    // Rungs of a ladder have a table of their own, too.
    let measured = run.summary.iter().filter(|row| !run.is_rung(&row.cell)).filter_map(|row| {
        let (workload, metrics) = BY_METRIC.iter().find(|(workload, _)| workload.name() == row.workload)?;
        let place = metrics.iter().position(|metric| *metric == row.metric)?;
        Some(((&*row.experiment, *workload, place), row))
    });
    let mut found = grouped(measured);
    found.sort_by_key(|((_, _, place), _)| *place);
    let mut kept: Vec<((&str, Workload), Vec<&SummaryRow>)> = Vec::new();
    for ((experiment, workload, _), rows) in found {
        if !kept.iter().any(|(key, _)| *key == (experiment, workload)) {
            kept.push(((experiment, workload), rows));
        }
    }
    let is_new = |rows: &[&SummaryRow]| rows.iter().any(|row| !has_table.contains(&*row.group));
    kept.retain(|(_, rows)| is_new(rows));
    kept.into_iter().map(|((_, workload), rows)| of_groups(run, workload, &rows, picked)).collect()
}

/// A table of rows of one metric of one workload, a column per group.
fn of_groups<'a>(
    run: &'a Run,
    workload: Workload,
    rows: &[&'a SummaryRow],
    picked: &dyn Fn(&str) -> bool,
) -> Sheet<'a> {
    let mut groups = distinct(rows.iter().map(|row| (row.tasks, &*row.group)));
    groups.sort_by_key(|(tasks, group)| (*tasks, run.place_of(group)));
    let of = |group: &str, label: &str| {
        rows.iter().copied().find(|row| (&*row.group, &*row.runtime) == (group, label))
    };
    let rank = |label: &str| {
        let first = groups.iter().find_map(|(_, group)| of(group, label));
        first.map_or(f64::INFINITY, |row| row.median)
    };
    let mut labels = distinct(rows.iter().map(|row| &*row.runtime));
    labels.sort_by(|a, b| rank(a).total_cmp(&rank(b)));
    let labels = ranked_first(run, labels, |label| label);
    let runtimes = labels.len();
    let short = |group: &str| {
        let cell = run.place_of(group).map(|place| &run.plan.cells[place].cell);
        cell.map_or_else(|| group.to_string(), |cell| cell.short_group().to_string())
    };
    let names = groups.iter().map(|(_, group)| short(group));
    let mut table = Table::new(std::iter::once("runtime".to_string()).chain(names));
    let (mut shown, mut cells) = (Vec::new(), Vec::new());
    for label in labels.into_iter().filter(|label| picked(label)) {
        let mine: Vec<Option<&SummaryRow>> = groups.iter().map(|(_, group)| of(group, label)).collect();
        let ids: Vec<&str> = mine.iter().flatten().map(|row| &*row.cell).collect();
        let name = named(run, label, ids.iter().copied());
        table.push(std::iter::once(name).chain(mine.iter().map(|row| starred(*row))).collect());
        shown.extend(mine.into_iter().flatten());
        cells.extend(ids);
    }
    let metric = rows.first().map_or(Metric::Makespan, |row| row.metric);
    let experiment = rows.first().map_or("", |row| &*row.experiment);
    let (workload, what) = (workload.name(), metric.words());
    Sheet {
        workload,
        experiment,
        title: format!("{experiment}: {workload}, {what}, medians over processes; {STARRED}; {MARKED}"),
        table,
        notes: caveats(run, cells.into_iter()).into_iter().map(|note| note.words).collect(),
        rows: shown,
        runtimes,
    }
}

fn of_workload<'a>(
    run: &'a Run,
    workload: &WorkloadTable<'a>,
    picked: &dyn Fn(&str) -> bool,
) -> Option<Sheet<'a>> {
    let name = run.cell(&workload.columns.first()?.values.first()?.1.cell)?.workload.as_str();
    let labels = workload.runtimes();
    let rows_of = |label: &str| -> Vec<&'a SummaryRow> {
        workload.columns.iter().filter_map(|column| column.value(label)).collect()
    };
    let shown: Vec<&str> = labels.iter().copied().filter(|label| picked(label)).collect();
    Some(Sheet {
        workload: name,
        experiment: workload.experiment,
        title: workload.title(),
        table: lines_of(workload.table(), &labels, picked),
        notes: notes_of(workload.notes(), &shown),
        rows: shown.into_iter().flat_map(rows_of).collect(),
        runtimes: labels.len(),
    })
}

fn of_ceilings<'a>(ceilings: &Ceilings<'a>, picked: &dyn Fn(&str) -> bool) -> Sheet<'a> {
    // A ladder of which no rung was run has nothing to say.
    let is_run = |ladder: &Ladder| ladder.done.is_some() || ladder.failed.is_some();
    let labels: Vec<&str> =
        ceilings.ladders.iter().map(|ladder| if is_run(ladder) { ladder.runtime } else { "" }).collect();
    let picked = |label: &str| !label.is_empty() && picked(label);
    Sheet {
        workload: ceilings.workload,
        experiment: ceilings.experiment,
        title: ceilings.title(),
        table: lines_of(ceilings.table(), &labels, &picked),
        notes: Vec::new(),
        rows: Vec::new(),
        runtimes: labels.iter().filter(|label| !label.is_empty()).count(),
    }
}

/// The lines of a table whose labels, in the order of its lines, are picked.
fn lines_of(table: Table, labels: &[&str], picked: &dyn Fn(&str) -> bool) -> Table {
    let lines = table.rows.into_iter().zip(labels).filter(|(_, label)| picked(label));
    let rows = lines.map(|(line, _)| line).collect();
    Table { header: table.header, words: table.words, rows }
}

/// The notes without those about runtimes that are not shown.
fn notes_of(notes: Vec<Note>, shown: &[&str]) -> Vec<String> {
    let is_shown = |note: &Note| note.runtime.is_none_or(|runtime| shown.contains(&runtime));
    notes.into_iter().filter(is_shown).map(|note| note.words).collect()
}

/// The workloads of a run, in the order of the plan: what [`sheets`] can show.
pub fn catalogue(run: &Run) -> Table {
    let mut table =
        Table::new(["workload", "groups", "runtimes", "compared by", "experiments"]).with_words([3, 4]);
    let measured: HashSet<&str> = run.summary.iter().map(|row| row.cell.as_str()).collect();
    let cells = run.cells().filter(|cell| measured.contains(&*cell.id));
    for (workload, cells) in grouped(cells.map(|cell| (cell.workload.as_str(), cell))) {
        let count = |names: Vec<&str>| {
            let count = names.into_iter().collect::<HashSet<_>>().len() as u64;
            Entry::sorted(count as f64, human::count(count))
        };
        let experiments = distinct(cells.iter().map(|cell| cell.experiment.as_str()));
        table.push(vec![
            Entry::text(workload),
            count(cells.iter().map(|cell| cell.group.as_str()).collect()),
            count(cells.iter().map(|cell| cell.label.as_str()).collect()),
            Entry::text(compared_by(cells[0])),
            Entry::text(experiments.join(", ")),
        ]);
    }
    table
}

/// What the table of a workload shows, in words.
fn compared_by(cell: &Cell) -> String {
    if cell.workload == Workload::Hold.name() {
        return "memory per task".into();
    }
    cell.headline().map_or_else(String::new, |measure| measure.name.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::fixture;

    fn all() -> Vec<Sheet<'static>> {
        sheets(fixture::reference(), &|_| true)
    }

    #[test]
    fn every_workload_of_the_catalogue_has_a_table_and_no_table_is_of_another() {
        let listed = catalogue(fixture::reference()).rows;
        let listed: Vec<&str> = listed.iter().map(|row| &*row[0].text).collect();
        let sheets = all();
        assert_eq!(sheets[0].workload, "sleep");
        assert!(listed.iter().all(|name| sheets.iter().any(|sheet| sheet.workload == *name)), "{listed:?}");
        assert!(sheets.iter().all(|sheet| listed.contains(&sheet.workload)));
        assert!(sheets.iter().all(|sheet| !sheet.table.rows.is_empty()));
    }

    #[test]
    fn a_pick_leaves_its_lines_its_rows_and_its_caveats() {
        let run = fixture::reference();
        for (sheet, whole) in sheets(run, &|label| label == "tokio").iter().zip(all()) {
            let is_its = |line: &&Vec<Entry>| line[0].text.trim_end_matches(['†', '°', ' ']) == "tokio";
            assert!(sheet.table.rows.iter().all(|line| is_its(&line)), "{}", sheet.title);
            assert_eq!(sheet.table.rows.len(), whole.table.rows.iter().filter(is_its).count());
            assert!(sheet.rows.iter().all(|row| row.runtime == "tokio"));
            assert!(sheet.notes.iter().all(|note| !note.starts_with('†') || note.starts_with("† tokio")));
        }
    }
}
