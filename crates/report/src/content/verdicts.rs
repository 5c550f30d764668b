//! The verdicts: a table for each experiment that puts claims to the test.

use results::{Estimate, Verdict, VerdictRow, estimate};

use crate::run::Run;
use crate::table::{Entry, Table, Tone};
use results::grouping::grouped;

/// The claims of an experiment with their verdicts.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Judged<'a> {
    pub experiment: &'a str,
    /// Its claims, in the order of the plan.
    pub rows: Vec<&'a VerdictRow>,
}

/// All experiments with claims, in the order of the files.
pub fn judged(run: &Run) -> Vec<Judged<'_>> {
    let rows = grouped(run.verdicts.iter().map(|row| (row.experiment.as_str(), row)));
    rows.into_iter().map(|(experiment, rows)| Judged { experiment, rows }).collect()
}

impl Judged<'_> {
    /// A line a claim. Where several runtimes are tested for one sentence, its name stands once.
    pub fn brief(&self) -> Table {
        let header = ["claim", "of", "expected", "measured", "95 % interval", "verdict"];
        let mut table = Table::new(header).with_words([1, 2, 5]);
        let mut above = "";
        for row in &self.rows {
            let name = name_of(&row.claim);
            let is_repeated = name == above;
            let [measured, interval] = values(row);
            table.push(vec![
                Entry::text(if is_repeated { "" } else { name }),
                Entry::text(compared(&row.runtime, &row.baseline)),
                Entry::text(if is_repeated { "" } else { &row.expected }),
                measured,
                interval,
                Entry::text(row.verdict.name()).toned(tone(row.verdict)),
            ]);
            above = name;
        }
        table
    }

    /// A line a claim, with its sentence and its source.
    pub fn whole(&self, run: &Run) -> Table {
        let header = ["claim", "of", "where", "expected", "measured", "95 % interval", "verdict", "source"];
        let mut table = Table::new(header).with_words([1, 2, 3, 6, 7]);
        for row in &self.rows {
            let [measured, interval] = values(row);
            table.push(vec![
                Entry::text(&row.statement).hinted(&row.claim),
                Entry::text(compared(&row.runtime, &row.baseline)),
                Entry::text(&row.groups),
                Entry::text(&row.expected),
                measured,
                interval,
                Entry::text(row.verdict.name()).toned(tone(row.verdict)).hinted(&row.reason),
                Entry::text(&row.source)
                    .linked(run.claim_of(row).and_then(|claim| claim.source.address.as_deref())),
            ]);
        }
        table
    }

    /// `69 claims: 30 supported, 24 refuted`, and how many would change without disturbed trials.
    pub fn counted(&self) -> String {
        let without = |holds: &dyn Fn(&VerdictRow) -> bool| self.rows.iter().filter(|row| holds(row)).count();
        let too_few = without(&|row| row.undisturbed_verdict == Verdict::TooFew);
        let changed = without(&|row| row.undisturbed_verdict != row.verdict) - too_few;
        let parts = [(changed, "would have another verdict"), (too_few, "could not be judged")];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
        let changed = if parts.is_empty() {
            String::new()
        } else {
            format!("; without disturbed trials {}", parts.join(", "))
        };
        format!("{} claims: {}{changed}", self.rows.len(), self.counts().join(", "))
    }

    /// `30 supported`, `24 refuted`.
    pub fn counts(&self) -> Vec<String> {
        let count = |verdict| self.rows.iter().filter(|row| row.verdict == verdict).count();
        let counts = Verdict::ALL.map(|verdict| (count(verdict), verdict.name()));
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect()
    }
}

/// What was measured, and its interval.
fn values(row: &VerdictRow) -> [Entry; 2] {
    let Some((value, shown)) = row.measured.zip(measured(row)) else {
        return [(); 2].map(|()| Entry::nothing());
    };
    [Entry::sorted(value, &shown.value), Entry::interval(&shown)]
}

/// The same in words, where there is a value.
pub fn measured(row: &VerdictRow) -> Option<Estimate> {
    Some(estimate(row.measured?, row.ci_low, row.ci_high, &row.unit))
}

/// What the claims of one sentence have in common: `faster` of `faster/tokio` and `faster/may`.
pub fn name_of(claim: &str) -> &str {
    claim.split_once('/').map_or(claim, |(name, _)| name)
}

/// The runtimes that are compared.
pub fn compared(of: &str, over: &str) -> String {
    if over.is_empty() || over == of { of.into() } else { format!("{of} / {over}") }
}

/// Whether a verdict is good news for the author of the claim.
pub fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Supported | Verdict::Equivalent => Tone::Good,
        Verdict::Refuted => Tone::Bad,
        Verdict::Inconclusive | Verdict::Untestable | Verdict::TooFew => Tone::Unsure,
    }
}
