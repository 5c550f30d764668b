//! The verdicts: a table for each experiment that puts claims to the test.

use std::collections::BTreeMap;
use std::fmt::Write;

use aggregate::{Verdict, VerdictRow};
use claims::show;
use comfy_table::{Cell, CellAlignment, Color};

use super::{NOTHING, new_table};

/// The order in which verdicts are counted up.
const VERDICTS: [Verdict; 5] =
    [Verdict::Supported, Verdict::Equivalent, Verdict::Refuted, Verdict::Inconclusive, Verdict::Untestable];

/// The tables of all experiments with claims, in the order of the plan.
pub fn tables(verdicts: &[VerdictRow]) -> String {
    let mut experiments: Vec<&str> = Vec::new();
    for row in verdicts {
        if !experiments.contains(&row.experiment.as_str()) {
            experiments.push(&row.experiment);
        }
    }
    experiments.into_iter().fold(String::new(), |mut text, experiment| {
        let rows: Vec<&VerdictRow> = verdicts.iter().filter(|row| row.experiment == experiment).collect();
        let _ = writeln!(text, "{}", table(&rows));
        let _ = writeln!(text, "{experiment}: {}\n", counted(&rows));
        text
    })
}

/// A line a claim; of a sentence that is asked of several runtimes the name stands once.
fn table(rows: &[&VerdictRow]) -> comfy_table::Table {
    let mut table = new_table(&["claim", "of", "expected", "measured", "95 % interval", "verdict"]);
    let mut above = "";
    for row in rows {
        let (name, _) = row.claim.split_once('/').unwrap_or((&row.claim, ""));
        let measured = row.measured.map_or_else(|| NOTHING.into(), |value| shown(value, &row.unit));
        let interval = match (row.ci_low, row.ci_high) {
            (Some(low), Some(high)) => format!("{} to {}", shown(low, &row.unit), shown(high, &row.unit)),
            _ => NOTHING.into(),
        };
        table.add_row([
            Cell::new(if name == above { "" } else { name }),
            Cell::new(compared(&row.of, &row.over)),
            Cell::new(if name == above { "" } else { &row.expected }),
            Cell::new(measured).set_alignment(CellAlignment::Right),
            Cell::new(interval).set_alignment(CellAlignment::Right),
            Cell::new(row.verdict.name()).fg(colour(row.verdict)),
        ]);
        above = name;
    }
    table
}

/// The runtimes that a claim is about.
pub(super) fn compared(of: &str, over: &str) -> String {
    if over.is_empty() || over == of { of.into() } else { format!("{of} / {over}") }
}

/// A value of a claim's unit; a crossover is a whole number of tasks.
pub(super) fn shown(value: f64, unit: &str) -> String {
    match unit {
        "tasks" if value >= aggregate::NEVER => "never".into(),
        "tasks" => show(value.round(), unit),
        _ => show(value, unit),
    }
}

/// The word says the same.
pub(super) fn colour(verdict: Verdict) -> Color {
    match verdict {
        Verdict::Supported | Verdict::Equivalent => Color::Green,
        Verdict::Refuted => Color::Red,
        Verdict::Inconclusive | Verdict::Untestable => Color::Yellow,
    }
}

/// `69 claims: 30 supported, 24 refuted`, and what flagged trials would change.
fn counted(rows: &[&VerdictRow]) -> String {
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(row.verdict).or_default() += 1;
    }
    let counts = VERDICTS.iter().filter_map(|verdict| {
        let count = counts.get(verdict)?;
        Some(format!("{count} {}", verdict.name()))
    });
    let counts: Vec<String> = counts.collect();
    let changed = rows.iter().filter(|row| row.calm_verdict != row.verdict).count();
    let calm = match changed {
        0 => String::new(),
        changed => format!("; without the trials that were disturbed {changed} would be judged otherwise"),
    };
    format!(
        "{} claims: {}{calm}. In sentences: the column `reason` of verdicts.csv",
        rows.len(),
        counts.join(", ")
    )
}
