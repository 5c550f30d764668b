//! The looks at the claims of a run: one, or several with more blocks of what is undecided.
//!
//! The plan says how many looks there are, and what each sees, before the first trial. At each of K looks all claims are
//! judged with α/K, so that all looks together are wrong as rarely as one would be (Bonferroni's inequality), whatever the
//! looks before had shown. What one decides stays so.

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;
use results::plan::kind_of_claim;
use results::{Claim, Error, Plan, Quantity, Verdict};

use super::finding::{Finding, Look, decide};
use super::quantity::{Cells, Sampled, sample};
use crate::stats::Between;
use crate::trials::{self, Trials};

/// The cells that the undecided claims of a run are about.
///
/// # Errors
/// As [`aggregate`](crate::aggregate()).
pub fn undecided_cells(dir: &Path) -> Result<BTreeSet<String>, Error> {
    let (plan, trials) = trials::read(dir)?;
    let all = judge(&plan, &trials).all;
    let undecided =
        plan.claims.iter().zip(all).filter(|(_, finding)| finding.verdict == Verdict::Inconclusive);
    Ok(undecided.flat_map(|(claim, _)| claim.quantity.cells()).map(|cell| cell.cell.clone()).collect())
}

/// What was found at a look.
pub(super) struct Judged {
    pub sampled: Vec<Result<Sampled, String>>,
    pub all: Vec<Finding>,
    pub undisturbed: Vec<Finding>,
}

/// Judges the claims at each look that was taken. What is decided at one stays so; all else is as the last one has it.
pub(super) fn judge(plan: &Plan, trials: &Trials) -> Judged {
    let ends: Vec<u32> = plan.stages().into_iter().map(|blocks| blocks.end).collect();
    // What lies behind the last look belongs to it.
    let ends = ends[..ends.len() - 1].iter().copied().chain([u32::MAX]);
    let looks = (1..).zip(ends).map(|(look, end)| look_at(plan, trials, look, end));
    let judged = looks.reduce(|before, mut now| {
        keep_decided(&mut now.all, before.all);
        keep_decided(&mut now.undisturbed, before.undisturbed);
        now
    });
    judged.expect("a plan has a first stage")
}

/// Judges the claims by the blocks before this one.
fn look_at(plan: &Plan, trials: &Trials, look: u32, end: u32) -> Judged {
    let claims = &plan.claims;
    let (sampled, between) = gather(plan, trials, end);
    let at = Look { number: look, of: plan.looks.max(1) };
    let all = decide(claims, &sampled, &between, at, |sampled| &sampled.values);
    let undisturbed = decide(claims, &sampled, &between, at, |sampled| &sampled.undisturbed);
    Judged { sampled, all, undisturbed }
}

/// What was measured for each claim before this block, or why nothing was, and what the sittings differ by.
pub(crate) fn gather(plan: &Plan, trials: &Trials, end: u32) -> (Vec<Result<Sampled, String>>, Vec<Between>) {
    let cells = Cells::of(trials);
    let sampled: Vec<_> = plan.claims.par_iter().map(|claim| sample(claim, &cells, end)).collect();
    let between = between(plan, &sampled, trials);
    (sampled, between)
}

/// Leaves what an earlier look has decided as it was.
fn keep_decided(now: &mut [Finding], before: Vec<Finding>) {
    for (now, before) in now.iter_mut().zip(before).filter(|(_, before)| before.verdict.decides()) {
        let Finding { p_value, p_adjusted, side, verdict, look, .. } = before;
        *now = Finding { p_value, p_adjusted, side, verdict, look, ..*now };
    }
}

/// What the sittings of each claim differ by: pooled over the claims of its experiment that are about a number of the same
/// kind, times or bytes, of one cell or of two that are compared; together with what earlier runs showed.
fn between(plan: &Plan, sampled: &[Result<Sampled, String>], trials: &Trials) -> Vec<Between> {
    let key = |claim: &Claim| {
        let is_of_two = !matches!(claim.quantity, Quantity::Value { .. });
        kind_of_claim(&claim.experiment, claim.metric.unit(), is_of_two)
    };
    let variance = |sampled: &Result<Sampled, String>| sampled.as_ref().ok().and_then(|one| one.between);
    let variances =
        plan.claims.par_iter().zip(sampled).map(|(claim, sampled)| (key(claim), variance(sampled)));
    let pooled = trials.sittings.between(variances);
    let earlier = |kind: &str| {
        let earlier = plan.earlier.as_ref()?;
        Some((earlier.runs, *earlier.deviations.get(kind)?))
    };
    let of_claim = |(claim, sampled): (&Claim, &Result<Sampled, String>)| {
        let kind = key(claim);
        let own = pooled.get(&kind).copied().unwrap_or(Between::UNKNOWN);
        let all = earlier(&kind).map_or(own, |(runs, deviation)| own.with_earlier(runs, deviation));
        sampled.as_ref().map_or(all, |sampled| all.in_sittings(sampled.sittings))
    };
    plan.claims.iter().zip(sampled).map(of_claim).collect()
}

#[cfg(test)]
mod tests {
    use results::fixture::cell_of;
    use results::{Against, Metric, PresetName, TrialRow};

    use super::*;
    use crate::fixture::noise::Random;
    use crate::fixture::{self, claim, run_of, timed, value};
    use crate::ratios::Pair;
    use crate::stats::Ordered;
    use crate::stats::reference::assert_close;
    use crate::verdicts;

    #[test]
    fn what_a_look_decides_stays_so_and_what_is_open_is_judged_by_all_blocks() {
        let cells = ["early", "late"].map(|id| cell_of(&timed(id, 0, 1), 14)).into();
        let claims = ["early", "late"].map(|id| claim(id, value(id), ">= 1ms")).into();
        let mut plan = Plan { cells, claims, looks: 2, ..Plan::empty(PresetName::Default, 7) };
        let makespan = |cell: &str, block: u32| match (cell, block) {
            // Above at the first look, below at the second; and above in ten of 13 blocks, then in 21 of 26.
            ("early", ..14) => 1_010_000,
            ("early", _) => 990_000,
            (_, 4 | 8 | 12 | 16 | 24) => 500_000,
            _ => 2_000_000,
        };
        let trials = |blocks: u32| -> Vec<TrialRow> {
            let trial = |cell: &str, block| timed(cell, block, makespan(cell, block));
            (1..blocks).flat_map(|block| [trial("early", block), trial("late", block)]).collect()
        };
        plan.claims_sha256 = results::hash(&plan.claims);
        let first = run_of(&plan, &trials(14));
        assert_eq!(undecided_cells(first.path()).unwrap(), BTreeSet::from(["late".to_string()]));
        plan.going_on.push(BTreeSet::from(["early".into(), "late".into()]));
        let (_, trials) = trials::read(run_of(&plan, &trials(27)).path()).unwrap();
        let found: Vec<_> = verdicts::judge(&plan, &trials)
            .iter()
            .map(|one| (one.row.verdict, one.row.look, one.row.n))
            .collect();
        assert_eq!(found, [(Verdict::Supported, Some(1), 26), (Verdict::Supported, Some(2), 26)]);
    }

    #[test]
    fn what_an_early_look_decided_is_of_the_sittings_before_it_in_every_file() {
        let names = ["early", "late", "floor"];
        let cells = names.map(|id| cell_of(&timed(id, 0, 1), 14)).into();
        let over = |of| fixture::ratio(of, "floor");
        let claims = ["early", "late"].map(|id| claim(id, over(id), ">= 1.5")).into();
        let going_on = vec![BTreeSet::from(["late".into(), "floor".into()])];
        let mut plan =
            Plan { cells, claims, looks: 2, sittings: 3, going_on, ..Plan::empty(PresetName::Default, 7) };
        plan.claims_sha256 = results::hash(&plan.claims);
        let mut random = Random::new(7);
        let mut trials = Vec::new();
        for block in 1..27_u32 {
            let of_sitting = 1.0 + 0.05 * f64::from(block / 4 % 3);
            let ran = [("early", 3e6 * of_sitting, 14), ("late", 1.6e6 * of_sitting, 27), ("floor", 1e6, 27)];
            for (id, typical, _) in ran.into_iter().filter(|(.., end)| block < *end) {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // positive and small
                let makespan = (typical * (0.02 * random.normal()).exp()) as u64;
                trials.push(timed(id, block, makespan));
            }
        }
        let run = run_of(&plan, &trials);
        let found = crate::aggregate(run.path()).unwrap();
        assert_eq!(found.verdicts.iter().map(|row| row.sittings).collect::<Vec<_>>(), [Some(3), Some(6)]);
        let [early, late] = &found.verdicts[..] else { panic!("two claims") };
        assert!(early.reason.contains(", 13 blocks in 3 sittings that differ by "), "{}", early.reason);
        assert!(late.reason.contains(", 26 blocks in 6 sittings that differ by "), "{}", late.reason);
        // The same two ratios are pooled in both files, so that their intervals are the same.
        for (row, claim) in found.ratios.iter().filter(|row| row.against == Against::Floor).zip([early, late])
        {
            assert_eq!(row.runtime, claim.runtime);
            assert_close(row.ci_low.unwrap(), claim.ci_low.unwrap());
            assert_close(row.ci_high.unwrap(), claim.ci_high.unwrap());
        }
        let (_, trials) = trials::read(run.path()).unwrap();
        let d = pair_of(&trials, "early").log_ratios().unwrap();
        let (ordered, tau) = (Ordered::new(d.iter().map(|(_, d)| *d)), early.between_sittings.unwrap());
        let widened = Between::of(3, tau).widened(ordered.interval().unwrap(), ordered.median().unwrap(), 13);
        assert!(tau > 0.0 && (early.ci_low.unwrap() - widened.low.exp()).abs() < 1e-12, "{early:?}");
    }

    /// A cell and the floor.
    fn pair_of<'a>(trials: &'a Trials, runtime: &str) -> Pair<'a> {
        let cell = |wanted: &str| trials.cells.iter().find(|cell| cell.identity.runtime == wanted).unwrap();
        Pair {
            runtime: cell(runtime),
            baseline: cell("floor"),
            against: Against::Floor,
            metric: Metric::Makespan,
        }
    }
}
