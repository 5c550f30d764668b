//! The score of the claims in few lines: how many of each verdict, and which refuted ones surprise.

use std::cmp::Ordering;

use results::{Verdict, VerdictRow};

use super::verdicts::{Judged, judged, name_of};
use crate::format::counted;
use crate::run::{Run, is_about_the_lab};

/// A line per experiment with claims, in the order of the plan, those about the lab itself last:
/// `article: 81 claims: 30 supported, 24 refuted`.
pub fn scores(run: &Run) -> Vec<String> {
    let (about_the_lab, others): (Vec<Judged>, Vec<Judged>) =
        judged(run).into_iter().partition(|judged| is_about_the_lab(judged.experiment));
    let line = |judged: &Judged| {
        let claims = counted(judged.rows.len() as u64, "claim");
        format!("{}: {claims}: {}", judged.experiment, judged.counts().join(", "))
    };
    others.iter().chain(&about_the_lab).map(line).collect()
}

/// Claims that are refuted as they were published, those of the strongest evidence first, one of each sentence: the
/// smaller p, and of equal ones the interval that lies farther from what was claimed.
pub fn surprises(run: &Run) -> Vec<&VerdictRow> {
    let is_published = |row: &&VerdictRow| run.claim_of(row).is_some_and(|claim| !claim.variant);
    let refuted = run.verdicts.iter().filter(|row| row.verdict == Verdict::Refuted);
    let mut refuted: Vec<&VerdictRow> =
        refuted.filter(|row| !is_about_the_lab(&row.experiment)).filter(is_published).collect();
    refuted.sort_by(|a, b| by_evidence(run, a, b));
    let mut found: Vec<&VerdictRow> = Vec::new();
    for row in refuted {
        let sentence = (&row.experiment, name_of(&row.claim));
        if !found.iter().any(|other| (&other.experiment, name_of(&other.claim)) == sentence) {
            found.push(row);
        }
    }
    found
}

fn by_evidence(run: &Run, a: &VerdictRow, b: &VerdictRow) -> Ordering {
    let p = |row: &VerdictRow| row.p_adjusted.unwrap_or(1.0);
    p(a).total_cmp(&p(b)).then(distance(run, b).total_cmp(&distance(run, a)))
}

/// How many times the bound of a claim its interval is away from, at the least; 1 where it is not, or that is not known.
fn distance(run: &Run, row: &VerdictRow) -> f64 {
    let Some(expected) = run.claim_of(row).map(|claim| claim.expect.on(run.plan.cores)) else { return 1.0 };
    let ends = row.ci_low.or(row.measured).zip(row.ci_high.or(row.measured));
    let Some((low, high)) = ends else { return 1.0 };
    let times = |larger: f64, smaller: f64| match smaller > 0.0 {
        true => larger / smaller,
        false if larger > 0.0 => f64::INFINITY,
        false => 1.0,
    };
    let below = expected.low.map_or(1.0, |bound| times(bound, high));
    let above = expected.high.map_or(1.0, |bound| times(low, bound));
    below.max(above).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::fixture;

    #[test]
    fn every_claim_is_in_one_score() {
        let run = fixture::reference();
        let count = |line: &String| -> u64 {
            line.split(": ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
        };
        let scores = scores(run);
        assert_eq!(scores.iter().map(count).sum::<u64>(), run.verdicts.len() as u64, "{scores:?}");
        assert!(scores.last().is_some_and(|line| line.starts_with("known-truth: ")), "{scores:?}");
    }

    #[test]
    fn what_is_refuted_by_the_smallest_p_comes_first_and_each_sentence_once() {
        let mut run = fixture::read_reference();
        let found = surprises(&run);
        assert!(found.iter().all(|row| row.verdict == Verdict::Refuted), "{found:?}");
        assert!(found.windows(2).all(|pair| pair[0].p_adjusted <= pair[1].p_adjusted), "{found:?}");
        let second = (found[1].experiment.clone(), found[1].claim.clone());
        for row in &mut run.verdicts {
            if (&row.experiment, &row.claim) == (&second.0, &second.1) {
                row.p_adjusted = Some(1e-12);
            }
        }
        assert_eq!(surprises(&run)[0].claim, second.1);
    }

    #[test]
    fn a_claim_that_was_not_published_as_it_is_asked_surprises_nobody() {
        let mut run = fixture::read_reference();
        run.plan.claims.iter_mut().for_each(|claim| claim.variant = true);
        assert!(surprises(&run).is_empty());
    }

    #[test]
    fn of_equal_p_the_interval_farther_from_the_claim_comes_first() {
        let mut run = fixture::read_reference();
        run.verdicts.iter_mut().for_each(|row| row.p_adjusted = Some(0.001));
        let found = surprises(&run);
        assert!(found.windows(2).all(|pair| distance(&run, pair[0]) >= distance(&run, pair[1])));
        assert!(distance(&run, found[0]) > 1.0, "{:?}", found[0]);
    }
}
