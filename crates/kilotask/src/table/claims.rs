//! The verdicts of a run: a line per claim, refuted ones first, or one claim in full.

use report::Run;
use report::content::verdicts::{compared, measured, name_of, tone};
use report::table::{Entry, NOTHING, Table};
use results::{Verdict, VerdictRow};

use super::layout::{Fit, Layout};
use crate::lab::program;

/// A line per claim, refuted ones first.
pub fn list(rows: &[&VerdictRow]) -> Vec<String> {
    let header = ["verdict", "experiment", "claim", "of", "expected", "measured"];
    let mut table = Table::new(header).with_words([1, 2, 3, 4, 5]);
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| rank(row.verdict));
    for row in rows {
        let measured = measured(row).map_or_else(|| NOTHING.into(), |measured| measured.to_string());
        table.push(vec![
            Entry::text(row.verdict.name()).toned(tone(row.verdict)),
            Entry::text(&row.experiment),
            Entry::text(name_of(&row.claim)),
            Entry::text(compared(&row.runtime, &row.baseline)),
            Entry::text(&row.expected),
            Entry::text(measured),
        ]);
    }
    Layout::of_stdout(Fit::Cut).table(&table)
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
        ("expected", row.expected.clone()),
        ("measured", measured(row).map_or_else(|| NOTHING.into(), |measured| measured.to_string())),
        ("verdict", row.reason.clone()),
        ("ask again", again(run, row)),
    ];
    let head = format!("{} / {}: {}", row.experiment, row.claim, row.verdict);
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    let facts = facts.flat_map(|(name, value)| layout.text(&format!("{name}: {value}"), 2));
    layout.text(&head, 0).into_iter().chain(facts).collect()
}

/// The command that asks a claim again, with the runners of its experiment that live outside the checkout.
fn again(run: &Run, row: &VerdictRow) -> String {
    let file = run.plan.experiments.iter().find(|experiment| experiment.name == row.experiment);
    let file = file.map_or_else(|| format!("{}.toml", row.experiment), |experiment| experiment.file.clone());
    let takes_part = |runtime: &str| {
        run.cells().any(|cell| (&*cell.experiment, &*cell.runtime) == (&*row.experiment, runtime))
    };
    let runners = run.plan.runners.iter().filter(|(runtime, _)| takes_part(runtime));
    let runners: String = runners.map(|(_, path)| format!(" --runner {}", path.display())).collect();
    format!("{} run experiments/{file} --preset {} --out results/again{runners}", program(), run.plan.preset)
}
