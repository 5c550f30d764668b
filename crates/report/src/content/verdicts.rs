//! The verdicts of each experiment that puts claims to the test.

use results::{Estimate, Verdict, VerdictRow, estimate, human};

use crate::run::Run;
use crate::table::Tone;
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
    /// `30 supported`, `24 refuted`.
    pub fn counts(&self) -> Vec<String> {
        counts(&self.rows, Verdict::ALL)
    }
}

/// What was measured and its interval in words, where there is a value: a count with what it counts.
pub fn measured(row: &VerdictRow) -> Option<Estimate> {
    Some(estimate(row.measured?, row.ci_low, row.ci_high, &row.unit).named(&row.unit))
}

/// What is expected of it, in the same words.
pub fn expected(row: &VerdictRow) -> String {
    human::claimed(&row.expected, &row.unit)
}

/// How many of these claims have each verdict, as far as any has, in this order.
pub fn counts<const N: usize>(rows: &[&VerdictRow], order: [Verdict; N]) -> Vec<String> {
    let count = |verdict| rows.iter().filter(|row| row.verdict == verdict).count();
    let counts = order.map(|verdict| (count(verdict), verdict.name()));
    counts.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect()
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
