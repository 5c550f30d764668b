//! The claims of two runs, and whether their verdicts agree.

use std::collections::HashMap;

use serde::Serialize;

use super::pair::Pair;
use results::{Verdict, VerdictRow, human};

/// Whether two runs say the same of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// The same verdict, also where neither can decide.
    Agrees,
    /// One of them cannot decide, so that the other is neither confirmed nor contradicted.
    Undecided,
    /// Both decide, and differently.
    Disagrees,
}

impl Agreement {
    /// Of two verdicts.
    pub fn of(a: Verdict, b: Verdict) -> Self {
        match (a, b) {
            _ if a == b => Self::Agrees,
            _ if !a.decides() || !b.decides() => Self::Undecided,
            _ => Self::Disagrees,
        }
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Undecided => "undecided",
            Self::Disagrees => "disagrees",
        }
    }
}

/// What one run says of a claim; numbers are in the claim's unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClaimResult {
    /// Median over blocks.
    pub measured: Option<f64>,
    /// Lower end of its interval.
    pub ci_low: Option<f64>,
    /// Upper end of its interval.
    pub ci_high: Option<f64>,
    /// The verdict.
    pub verdict: Verdict,
    /// The verdict in a sentence.
    pub reason: String,
}

/// A claim of either run, and what each says of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClaimPair {
    /// The experiment.
    pub experiment: String,
    /// The claim's name.
    pub claim: String,
    /// Its sentence.
    pub statement: String,
    /// The runtime that it is about.
    pub runtime: String,
    /// The runtime that it is compared with; empty where a value is claimed.
    pub baseline: String,
    /// The unit of what was measured.
    pub unit: String,
    /// What is expected.
    pub expected: String,
    /// What the first run says; none where it has no such claim.
    pub a: Option<ClaimResult>,
    /// What the second run says; none where it has no such claim.
    pub b: Option<ClaimResult>,
    /// Whether they agree; none where only one has the claim, or the two ask something else under its name.
    pub agreement: Option<Agreement>,
}

impl ClaimPair {
    /// Whether both runs have it, with different verdicts.
    pub fn has_changed(&self) -> bool {
        matches!((&self.a, &self.b), (Some(a), Some(b)) if a.verdict != b.verdict)
    }
}

/// The claims of both, in the order of the first; then those that only the second has.
pub(super) fn pair(a: Vec<VerdictRow>, b: Vec<VerdictRow>) -> Vec<ClaimPair> {
    let mut of_b: HashMap<(String, String), VerdictRow> =
        b.iter().map(|row| (name(row), row.clone())).collect();
    let mut pairs: Vec<ClaimPair> =
        a.into_iter().map(|row| both(Pair { b: of_b.remove(&name(&row)), a: Some(row) })).collect();
    let only_b = b.into_iter().filter(|row| of_b.contains_key(&name(row)));
    pairs.extend(only_b.map(|row| both(Pair { a: None, b: Some(row) })));
    pairs
}

fn name(row: &VerdictRow) -> (String, String) {
    (row.experiment.clone(), row.claim.clone())
}

/// Of at least one row.
fn both(rows: Pair<Option<VerdictRow>>) -> ClaimPair {
    let agreement = match &rows {
        Pair { a: Some(a), b: Some(b) } if ask_the_same(a, b) => Some(Agreement::of(a.verdict, b.verdict)),
        _ => None,
    };
    let row = rows.a.as_ref().or(rows.b.as_ref()).expect("a claim is one of at least one run");
    ClaimPair {
        experiment: row.experiment.clone(),
        claim: row.claim.clone(),
        statement: row.statement.clone(),
        runtime: row.runtime.clone(),
        baseline: row.baseline.clone(),
        unit: row.unit.clone(),
        expected: row.expected.clone(),
        agreement,
        a: rows.a.map(result),
        b: rows.b.map(result),
    }
}

fn ask_the_same(a: &VerdictRow, b: &VerdictRow) -> bool {
    fn question(row: &VerdictRow) -> impl PartialEq + use<'_> {
        // An older kilotask wrote `>= 10` where there is `≥ 10` now.
        let expected = human::expectation(&row.expected);
        (row.metric, &row.groups, &row.runtime, &row.baseline, &row.unit, expected)
    }
    question(a) == question(b)
}

fn result(row: VerdictRow) -> ClaimResult {
    ClaimResult {
        measured: row.measured,
        ci_low: row.ci_low,
        ci_high: row.ci_high,
        verdict: row.verdict,
        reason: row.reason,
    }
}

#[cfg(test)]
mod tests {
    use results::Metric;

    use super::*;
    use Verdict::{Equivalent, Inconclusive, Refuted, Supported, Untestable};

    fn row(claim: &str, verdict: Verdict) -> VerdictRow {
        VerdictRow {
            experiment: "e".into(),
            claim: claim.into(),
            statement: "so it is said".into(),
            source: String::new(),
            metric: Metric::Makespan,
            groups: "g".into(),
            runtime: "a".into(),
            baseline: String::new(),
            unit: "ns".into(),
            expected: ">= 1s".into(),
            n: 7,
            measured: Some(1.0),
            ci_low: None,
            ci_high: None,
            open_low: None,
            open_high: None,
            sittings: None,
            between_sittings: None,
            between_judged: None,
            look: None,
            p_value: None,
            p_adjusted: None,
            verdict,
            disturbed: 0,
            undisturbed_verdict: verdict,
            reason: String::new(),
        }
    }

    #[test]
    fn verdicts_agree_where_they_are_the_same_and_disagree_only_where_both_decide() {
        for verdict in [Supported, Equivalent, Refuted, Inconclusive, Untestable] {
            assert_eq!(Agreement::of(verdict, verdict), Agreement::Agrees);
        }
        for (a, b, agreement) in [
            (Supported, Inconclusive, Agreement::Undecided),
            (Untestable, Refuted, Agreement::Undecided),
            (Inconclusive, Untestable, Agreement::Undecided),
            (Supported, Refuted, Agreement::Disagrees),
            (Refuted, Equivalent, Agreement::Disagrees),
        ] {
            assert_eq!([Agreement::of(a, b), Agreement::of(b, a)], [agreement; 2]);
        }
    }

    #[test]
    fn claims_are_paired_by_name_in_the_order_of_the_first_run() {
        let a = vec![row("two", Supported), row("one", Supported), row("gone", Refuted)];
        let b = vec![row("new", Refuted), row("one", Refuted), row("two", Supported)];
        let pairs = pair(a, b);
        let names: Vec<&str> = pairs.iter().map(|pair| pair.claim.as_str()).collect();
        assert_eq!(names, ["two", "one", "gone", "new"]);
        let agreements: Vec<Option<Agreement>> = pairs.iter().map(|pair| pair.agreement).collect();
        assert_eq!(agreements, [Some(Agreement::Agrees), Some(Agreement::Disagrees), None, None]);
        assert_eq!(pairs.iter().filter(|pair| pair.has_changed()).count(), 1);
        assert!(pairs[2].b.is_none() && pairs[3].a.is_none());
    }

    #[test]
    fn a_claim_that_expects_something_else_under_the_same_name_neither_agrees_nor_disagrees() {
        let other = VerdictRow { expected: ">= 2s".into(), ..row("one", Refuted) };
        let pairs = pair(vec![row("one", Supported)], vec![other]);
        assert_eq!(pairs[0].agreement, None);
        assert!(pairs[0].has_changed());
        let as_now = VerdictRow { expected: "≥ 1 s".into(), ..row("one", Refuted) };
        let pairs = pair(vec![row("one", Supported)], vec![as_now]);
        assert_eq!(pairs[0].agreement, Some(Agreement::Disagrees), "it is the same, written otherwise");
    }
}
