//! The verdicts of a run: a line per claim, refuted ones first, or one claim in full.

use report::Run;
use report::content::verdicts::{compared, expected, measured, tone};
use report::table::{Entry, NOTHING, Table};
use results::{Verdict, VerdictRow};

use super::layout::{Fit, Layout};
use crate::lab::program;

/// A line per claim, refuted ones first: with as much of each as there is room for.
pub fn list(rows: &[&VerdictRow]) -> Vec<String> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| rank(row.verdict));
    let layout = Layout::of_stdout(Fit::Cut);
    let tables =
        [Columns::All, Columns::WithoutIntervals, Columns::Fewest].map(|columns| table(&rows, columns));
    let fitting = tables.iter().find(|table| layout.has_room(table));
    layout.table(fitting.unwrap_or(&tables[2]))
}

/// How much of each claim is shown.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Columns {
    Fewest,
    WithoutIntervals,
    All,
}

fn table(rows: &[&VerdictRow], columns: Columns) -> Table {
    let (with_intervals, with_experiment) = (columns == Columns::All, columns >= Columns::WithoutIntervals);
    let names = [
        (true, "claim"),
        (true, "verdict"),
        (true, "measured"),
        (with_intervals, "95 % interval"),
        (true, "expected"),
        (with_experiment, "experiment"),
        (with_intervals, "of"),
    ];
    let is_kept = names.map(|(kept, _)| kept);
    let mut table = Table::new(names.iter().filter(|(kept, _)| *kept).map(|(_, name)| *name));
    table.words = (1..table.header.len()).filter(|place| table.header[*place] != "measured").collect();
    for row in rows {
        let measured = measured(row);
        let entries = [
            Entry::text(&row.claim),
            Entry::text(row.verdict.name()).toned(tone(row.verdict)),
            measured.as_ref().map_or_else(Entry::nothing, |measured| Entry::text(&measured.value)),
            measured.as_ref().map_or_else(Entry::nothing, Entry::interval),
            Entry::text(expected(row)),
            Entry::text(&row.experiment),
            Entry::text(compared(&row.runtime, &row.baseline)),
        ];
        table.push(
            entries.into_iter().zip(is_kept).filter(|(_, kept)| *kept).map(|(entry, _)| entry).collect(),
        );
    }
    table
}

/// Where a verdict stands in the list: what may surprise comes first.
fn rank(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Refuted => 0,
        Verdict::Supported | Verdict::Equivalent => 1,
        Verdict::Inconclusive | Verdict::TooFew => 2,
        Verdict::Untestable => 3,
    }
}

/// A claim with its sentence, who said it, what was found, and the command that asks it again.
pub fn whole(run: &Run, row: &VerdictRow) -> Vec<String> {
    let layout = Layout::of_stdout(Fit::Wrap);
    let claim = run.claim_of(row);
    let address = claim.and_then(|claim| claim.source.address.as_deref());
    let variant = match claim {
        Some(claim) if claim.variant => " (asked in another way than it was published)",
        _ => "",
    };
    let facts = [
        ("claim", format!("{}{variant}", row.statement)),
        ("source", row.source.clone()),
        ("address", address.unwrap_or_default().into()),
        ("asked of", format!("{} in {}", compared(&row.runtime, &row.baseline), row.groups)),
        ("expected", expected(row)),
        ("measured", measured(row).map_or_else(|| NOTHING.into(), |measured| measured.to_string())),
        ("verdict", row.reason.clone()),
    ];
    let head = format!("{} / {}: {}", row.experiment, row.claim, row.verdict);
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    let facts = facts.flat_map(|(name, value)| layout.text(&format!("{name}: {value}"), 2));
    // A command is copied: it stays in one line.
    let again = format!("  ask again: {}", again(run, row));
    layout.text(&head, 0).into_iter().chain(facts).chain([again]).collect()
}

/// The command that asks a claim again, with the runners of its experiment that live outside the checkout.
fn again(run: &Run, row: &VerdictRow) -> String {
    let file = run.plan.experiments.iter().find(|experiment| experiment.name == row.experiment);
    let file = file.map_or_else(|| format!("{}.toml", row.experiment), |experiment| experiment.file.clone());
    let takes_part = |runtime: &str| {
        run.cells().any(|cell| (&*cell.experiment, &*cell.runtime) == (&*row.experiment, runtime))
    };
    let runners = run.plan.runners.iter().filter(|(runtime, _)| takes_part(runtime));
    let runners: Vec<String> = runners.map(|(_, path)| format!(" --runner {}", path.display())).collect();
    let (program, preset, runners) = (program(), run.plan.preset, runners.concat());
    format!("{program} run experiments/{file} --preset {preset} --out results/again{runners}")
}
