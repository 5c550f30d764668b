//! The ending of a run on one screen: what one came for, how the claims and the trials went, and what shows more.

use std::path::Path;

use report::Run;
use report::content::screen::{self, Brief, LEAST_IMPORTANT};
use report::content::sheets::Sheet;
use report::content::verdicts::{compared, expected, measured, name_of};
use report::content::{pick, score, tally};
use report::format::list;
use report::table::Table;
use results::{VerdictRow, folder};

use super::bounded::{MOST_LINES, Part, fitted};
use super::layout::{Fit, Layout, WIDTH, cut, length};
use crate::lab::program;

/// The most lines about what failed, that about the rest included.
const MOST_FAILURES: usize = 5;
/// The most claims that are named.
const MOST_SURPRISES: usize = 3;

/// What is shown at the end of a run in this folder.
pub fn ending(folder: &Path, run: &Run) -> String {
    let screen = Screen { folder, run, layout: Layout::of_stdout(Fit::Cut).at_most(WIDTH) };
    fitted(&screen.parts(), MOST_LINES).join("\n")
}

/// The thousand tasks as far as they are known, for a run that goes on; `None` of one without them.
pub fn so_far(folder: &Path, run: &Run) -> Option<String> {
    let brief = screen::thousand(run, &pick::default_pick(run))?;
    let layout = Layout { colours: false, ..Layout::of_stdout(Fit::Cut).at_most(WIDTH) };
    let mut lines = vec!["So far (the run goes on):".to_string()];
    lines.extend(fitted(&Screen { folder, run, layout }.thousand(&brief), MOST_LINES));
    Some(lines.join("\n"))
}

struct Screen<'a> {
    folder: &'a Path,
    run: &'a Run,
    layout: Layout,
}

impl Screen<'_> {
    fn parts(&self) -> Vec<Part> {
        let mut parts = self.failures();
        parts.extend([self.circumstances(), Part::gap()]);
        let pick = pick::default_pick(self.run);
        if let Some(brief) = screen::thousand(self.run, &pick) {
            parts.extend(self.thousand(&brief));
        } else if let Some(sheet) = screen::first_sheet(self.run, &pick) {
            parts.extend(self.sheet(&sheet));
        }
        parts.extend(self.claims());
        parts.push(Part::whole([self.cut(&tally::trials(self.run)), self.page()]));
        parts.push(self.commands());
        parts
    }

    /// As much as there is room for. What a person may copy, a path or a command, is never cut.
    fn cut(&self, text: &str) -> String {
        cut(text, self.layout.width)
    }

    fn title(&self, title: &str) -> Vec<String> {
        Layout { fit: Fit::Wrap, ..self.layout }.text(title, 0)
    }

    /// The command that shows the tables of this run, with these words after it.
    fn command(&self, more: &str) -> String {
        let separator = if more.is_empty() { "" } else { " " };
        format!("{} table {}{separator}{more}", program(), self.folder.display())
    }

    /// What failed, if anything did: it comes first.
    fn failures(&self) -> Vec<Part> {
        let failures: Vec<String> =
            tally::failures(self.run).iter().map(|line| self.cut(&format!("  {line}"))).collect();
        if failures.is_empty() {
            return Vec::new();
        }
        let failed = Part::of(vec!["Failed:".into()], failures, self.command("--left-out"));
        vec![failed.at_most(MOST_FAILURES), Part::gap()]
    }

    /// The machine, the preset and the blocks. A long name of a machine gives way.
    fn circumstances(&self) -> Part {
        let [machine, how] = tally::circumstances(self.run);
        let room = self.layout.width.saturating_sub(length(&how) + 2);
        Part::whole([self.cut(&format!("{}; {how}", cut(&machine, room)))])
    }

    /// The thousand tasks, and what must be said of the table.
    fn thousand(&self, brief: &Brief) -> Vec<Part> {
        let mut lines = self.layout.table(&self.narrowed(&brief.table));
        let rows = lines.split_off(lines.len() - brief.table.rows.len());
        let head = self.title(&brief.title).into_iter().chain(lines).collect();
        let mut notes = vec![brief.stars.clone()];
        if !brief.with_caveat.is_empty() {
            let command = self.command(&format!("sleep --runtimes {}", brief.with_caveat.join(",")));
            let short = self.command("sleep");
            let said = |command: &str| format!("† a caveat applies, see {command}");
            notes.push(if length(&said(&command)) <= self.layout.width {
                said(&command)
            } else {
                said(&short)
            });
        }
        if !brief.missing.is_empty() {
            notes.push(self.cut(&format!("Not measured: {}", list(brief.missing.iter().cloned()))));
        }
        let elsewhere = brief.elsewhere();
        if !elsewhere.is_empty() {
            notes.push(self.cut(&elsewhere));
        }
        vec![Part::of(head, rows, self.command("")), Part::whole(notes), Part::gap()]
    }

    /// The table without columns that have no room.
    fn narrowed(&self, table: &Table) -> Table {
        let narrowed = (0..=LEAST_IMPORTANT.len()).map(|count| without(table, &LEAST_IMPORTANT[..count]));
        let fitting = narrowed.into_iter().find(|table| self.layout.has_room(table));
        fitting.unwrap_or_else(|| without(table, &LEAST_IMPORTANT))
    }

    /// A table of a workload: as many columns as there is room for, and as many rows as there is.
    fn sheet(&self, sheet: &Sheet) -> Vec<Part> {
        let all = sheet.table.header.len();
        let first = |columns: usize| without(&sheet.table, &(columns..all).collect::<Vec<_>>());
        let fitting = (2..=all).rev().map(first).find(|table| self.layout.has_room(table));
        let table = fitting.unwrap_or_else(|| first(2));
        let mut lines = self.layout.table(&table);
        let rows = lines.split_off(lines.len().saturating_sub(table.rows.len()));
        let head = self.title(&sheet.title).into_iter().chain(lines).collect();
        let more = self.command(sheet.workload);
        let shown = table.rows.len().min(pick::MOST);
        let rows = rows.into_iter().take(shown).collect();
        let has_caveat = table.rows.iter().take(shown).any(|row| row[0].text.contains('†'));
        let caveat = has_caveat.then(|| format!("† a caveat applies, see {more}"));
        let hidden = [(sheet.runtimes - shown, "runtimes"), (all - table.header.len(), "groups")];
        let hidden = hidden.iter().filter(|(count, _)| *count > 0);
        let hidden: Vec<String> = hidden.map(|(count, what)| format!("{count} more {what}")).collect();
        let hidden = (!hidden.is_empty()).then(|| format!("{}: {more}", list(hidden)));
        let notes = caveat.into_iter().chain(hidden);
        vec![Part::of(head, rows, &more), Part::whole(notes), Part::gap()]
    }

    /// The score of the claims by experiment, and those that are refuted as published with the strongest evidence.
    fn claims(&self) -> Vec<Part> {
        let scores: Vec<String> = score::scores(self.run).iter().map(|line| self.cut(line)).collect();
        if scores.is_empty() {
            return Vec::new();
        }
        let surprises = score::surprises(self.run);
        let surprises = surprises.into_iter().take(MOST_SURPRISES).map(|row| self.surprise(row));
        let scores = Part::of(Vec::new(), scores, self.command("--claims"));
        vec![scores, Part::whole(surprises), Part::gap()]
    }

    /// What was measured stands first: the sentence may be cut.
    fn surprise(&self, row: &VerdictRow) -> String {
        let measured = measured(row).map_or_else(String::new, |measured| measured.to_string());
        let of = if name_of(&row.claim) == row.claim {
            String::new()
        } else {
            format!(" of {}", compared(&row.runtime, &row.baseline))
        };
        self.cut(&format!("  refuted: {measured}{of}, expected {}: {}", expected(row), row.statement))
    }

    /// Where the page is, or the command that writes it.
    fn page(&self) -> String {
        let page = self.folder.join(folder::PAGE);
        if page.exists() {
            return format!("Page: {}", page.display());
        }
        format!("Page: not written yet; {} report {}", program(), self.folder.display())
    }

    /// The commands that show more, and beside them what each is for, where there is room.
    fn commands(&self) -> Part {
        let last = if self.run.verdicts.is_empty() {
            ("--left-out", "what was left out")
        } else {
            ("--claims", "every claim")
        };
        let commands = [
            (self.command(""), "what there is"),
            (self.command(&self.example()), "a workload in full"),
            (self.command(last.0), last.1),
        ];
        let widest = commands.iter().map(|(command, _)| length(command)).max().unwrap_or(0);
        let explained = commands.iter().map(|(command, what)| format!("  {command:widest$}  {what}"));
        let explained: Vec<String> = explained.collect();
        let bare = commands.iter().map(|(command, _)| format!("  {command}"));
        let has_room = explained.iter().all(|line| length(line) <= self.layout.width);
        let lines = if has_room { explained } else { bare.collect() };
        Part::whole(std::iter::once("More:".to_string()).chain(lines))
    }

    /// A workload of this run, and two of its runtimes.
    fn example(&self) -> String {
        let is_echo = |cell: &&results::Cell| cell.workload == "echo";
        let cell = self.run.cells().find(is_echo).or_else(|| self.run.cells().next());
        let Some(cell) = cell else { return String::new() };
        let has = |label: &str| self.run.cell_of(&cell.group, label).is_some();
        let two = if has("tokio") && has("threads") { "tokio,threads" } else { &cell.label };
        format!("{} --runtimes {two}", cell.workload)
    }
}

/// A table without these columns.
fn without(table: &Table, columns: &[usize]) -> Table {
    let kept: Vec<usize> = (0..table.header.len()).filter(|place| !columns.contains(place)).collect();
    let words = kept.iter().enumerate().filter(|(_, old)| table.words.contains(old)).map(|(new, _)| new);
    Table {
        header: kept.iter().map(|place| table.header[*place].clone()).collect(),
        words: words.collect(),
        rows: table.rows.iter().map(|row| kept.iter().map(|place| row[*place].clone()).collect()).collect(),
    }
}
