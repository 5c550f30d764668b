//! How often any of many claims is judged wrongly, by simulation: 1 to 81 claims of one experiment, about cells whose
//! makespans are of the kinds that are hard to judge. Of each the truth is known, and lies at its bound or next
//! to it.
//!
//! `cargo test -p aggregate --test family_rates -- --nocapture` shows the rates that `docs/statistics.md` has.
//!
//! The seeds are fixed, so that a test that passes once passes always; none was chosen.

mod support;

use std::collections::{BTreeSet, HashMap};

use aggregate::stats::binomial;
use protocol::Status;
use rayon::prelude::*;
use results::{Claim, Plan, TrialRow, Verdict};
use support::noise::{Random, assert_between};
use support::plan_of;

/// The claims of a large experiment.
const MANY: usize = 81;
/// The fewest simulated experiments of a kind, which those of 81 claims have.
const EXPERIMENTS: usize = 100;
/// The fewest simulated claims of a kind.
const CLAIMS: usize = 2000;
/// Sittings of each.
const SITTINGS: u32 = 3;

/// What the makespans of the two cells of a claim are like.
#[derive(Debug, Clone, Copy)]
enum Truth {
    /// Two modes of the one, half of the trials in each: the median lies between them, at the bound.
    TwoModes,
    /// The same over another cell without modes.
    OneArmOfTwoModes,
    /// Both are whole milliseconds, of the same distribution: the ratio is often exactly 1.
    Grid,
    /// The one is whole milliseconds, the other is not.
    OneArmOfGrid,
    /// The one has a long tail, the other does not.
    OneArmOfTail,
    /// The same distribution with a long tail, of which the slowest quarter of the one fails.
    Failures,
    /// What is drawn once a sitting moves the one by so many per cent (standard deviation), beside 5 % of noise.
    Sittings(u32),
    /// The same, and it moves all claims of an experiment together.
    SharedSittings(u32),
}

impl Truth {
    /// The bound of its claims. Where the truth is 1 exactly, what is claimed is a little more, which is not so.
    fn bound(self) -> f64 {
        match self {
            Self::TwoModes | Self::OneArmOfTwoModes => 1.25,
            Self::Grid => 1.000_001,
            Self::OneArmOfGrid | Self::OneArmOfTail => self.median(),
            Self::Failures | Self::Sittings(_) | Self::SharedSittings(_) => 1.0,
        }
    }

    /// The true ratio: of two modes halfway between them on the scale of logarithms, as all between are medians.
    fn median(self) -> f64 {
        match self {
            Self::TwoModes | Self::OneArmOfTwoModes => 1.5f64.sqrt(),
            // Where half of Σ P(mode)·Φ(ln(ratio ÷ mode) ÷ 0.02) lies, by bisection.
            Self::OneArmOfGrid => 1.168_798_856,
            // The same of the integral over the tail.
            Self::OneArmOfTail => 1.208_675_342,
            Self::Grid | Self::Failures | Self::Sittings(_) | Self::SharedSittings(_) => 1.0,
        }
    }

    /// Whether a verdict on "at least the bound" is wrong.
    fn is_wrong(self, verdict: Verdict) -> bool {
        match self {
            Self::Grid => verdict == Verdict::Supported,
            // The median is at the bound: neither side is known to be right.
            _ => verdict.decides(),
        }
    }

    /// The makespans of one block as shares of 10 ms, of the cell and of the other one; none of a trial that fails.
    fn block(self, random: &mut Random) -> (Option<f64>, f64) {
        let noise = |random: &mut Random| (0.02 * random.normal()).exp();
        let mode = |random: &mut Random| if random.uniform() < 0.5 { 1.0 } else { 1.5 };
        let tail = |random: &mut Random| 1.0 + 0.3 * random.exponential();
        let whole = |random: &mut Random| (10.0 * (0.3 * random.exponential())).floor() / 10.0 + 1.0;
        match self {
            Self::TwoModes => (Some(mode(random) * noise(random)), 1.0),
            Self::OneArmOfTwoModes => (Some(mode(random) * noise(random)), noise(random)),
            Self::Grid => (Some(whole(random)), whole(random)),
            Self::OneArmOfGrid => (Some(whole(random)), noise(random)),
            Self::OneArmOfTail => (Some(tail(random)), noise(random)),
            Self::Sittings(_) | Self::SharedSittings(_) => {
                let mut arm = || (0.05 * random.normal()).exp();
                (Some(arm()), arm())
            }
            Self::Failures => {
                let slowest_quarter = 1.0 + 0.3 * 4f64.ln();
                (Some(tail(random)).filter(|makespan| *makespan < slowest_quarter), tail(random))
            }
        }
    }
}

/// What is simulated.
#[derive(Debug, Clone, Copy)]
struct Case {
    truth: Truth,
    claims: usize,
    blocks: u32,
    looks: u32,
}

impl Case {
    fn experiments(self) -> u64 {
        (CLAIMS / self.claims).max(EXPERIMENTS) as u64
    }
}

/// By how much each sitting moves one cell of a claim.
fn moves(truth: Truth, sittings: usize, random: &mut Random) -> Vec<f64> {
    let effect = match truth {
        Truth::Sittings(percent) | Truth::SharedSittings(percent) => f64::from(percent) / 100.0,
        _ => return vec![1.0; sittings],
    };
    (0..sittings).map(|_| (effect * random.normal()).exp()).collect()
}

/// The trials and claims of one experiment.
fn simulated(name: &str, case: Case, plan: &Plan, random: &mut Random) -> (Vec<Claim>, Vec<TrialRow>) {
    let truth = case.truth;
    let sittings = plan.blocks_by_sitting();
    let shared = moves(truth, sittings.len(), random);
    let template = TrialRow { experiment: name.into(), ..results::fixture::sample("", 0) };
    let (mut claims, mut trials) = (Vec::new(), Vec::new());
    for pair in 0..case.claims {
        let (of, over) = (format!("{name}-of-{pair}"), format!("{name}-over-{pair}"));
        let own = moves(truth, sittings.len(), random);
        let moved = if matches!(truth, Truth::SharedSittings(_)) { &shared } else { &own };
        for (sitting, moved) in sittings.iter().zip(moved) {
            for block in sitting.clone().filter(|block| *block > 0) {
                let (a, b) = truth.block(random);
                let a = a.map(|a| a * moved);
                for (runtime, makespan) in [(&of, a), (&over, Some(b))] {
                    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // positive and small
                    let makespan_ns = makespan.map(|share| (1e7 * share) as u64);
                    let status = if makespan.is_some() { Status::Ok } else { Status::Timeout };
                    let (runtime, cell) = (runtime.clone(), runtime.clone());
                    trials.push(TrialRow { runtime, cell, block, status, makespan_ns, ..template.clone() });
                }
            }
        }
        let expect = format!(">= {}", truth.bound());
        let claim = support::claim(&of, support::ratio(&of, &over), &expect);
        claims.push(Claim { experiment: name.into(), ..claim });
    }
    (claims, trials)
}

/// The share of experiments in which any verdict is wrong, and that of the intervals that hold the truth.
fn wrong_and_covered(case: Case) -> (f64, f64) {
    let Case { truth, claims, blocks, looks } = case;
    let stages = vec![BTreeSet::new(); looks as usize - 1];
    let mut plan = Plan { looks, going_on: stages, ..plan_of(blocks, SITTINGS) };
    let experiment = |run: u64| simulated(&format!("e{run}"), case, &plan, &mut Random::new(run));
    let experiments: Vec<_> = (0..case.experiments()).into_par_iter().map(experiment).collect();
    let (all_claims, trials): (Vec<_>, Vec<_>) = experiments.into_iter().unzip();
    let (all_claims, trials) = (all_claims.concat(), trials.concat());
    let dir = tempfile::tempdir().unwrap();
    // The cells of undecided claims go on, as in a run.
    let ends: Vec<u32> = plan.stages().into_iter().map(|stage| stage.end).collect();
    plan.going_on.clear();
    for look in 1..=looks {
        support::write_plan(dir.path(), &all_claims, plan.clone());
        let is_run = |trial: &TrialRow| match ends.iter().position(|end| trial.block < *end) {
            Some(0) => true,
            Some(stage) => plan.going_on.get(stage - 1).is_some_and(|cells| cells.contains(&trial.cell)),
            None => false,
        };
        support::write_trials(dir.path(), trials.iter().filter(|trial| is_run(trial)).cloned());
        if look < looks {
            plan.going_on.push(aggregate::undecided_cells(dir.path()).unwrap());
        }
    }
    let mut any: HashMap<String, bool> = HashMap::new();
    let mut covered = 0;
    for row in aggregate::aggregate(dir.path()).unwrap().verdicts {
        // An end that is no number is beyond all.
        let is_above = row.ci_low.is_none_or(|low| low <= truth.median());
        covered += u32::from(is_above && row.ci_high.is_none_or(|high| truth.median() <= high));
        *any.entry(row.experiment).or_default() |= truth.is_wrong(row.verdict);
    }
    let experiments = case.experiments() as f64;
    assert_eq!(any.len() as u64, case.experiments());
    let wrong = any.values().filter(|wrong| **wrong).count() as f64 / experiments;
    (wrong, f64::from(covered) / (experiments * claims as f64))
}

/// Simulates each case, and fails where more of them are judged wrongly than 5 % may give in so few, or fewer intervals hold
/// the truth than the share beside it.
fn check(cases: &[(Case, f64)]) {
    cases.into_par_iter().for_each(|(case, least_covered)| {
        let (wrong, covered) = wrong_and_covered(*case);
        let (_, most) = binomial::acceptable(case.experiments(), 0.05);
        assert_between(wrong, 0.0, most as f64 / case.experiments() as f64, &format!("any wrong, {case:?}"));
        assert_between(covered, *least_covered, 1.0, &format!("covered, {case:?}"));
    });
}

#[test]
fn any_of_81_claims_is_judged_wrongly_in_at_most_5_percent_of_experiments() {
    let many = |truth, blocks, looks| Case { truth, claims: MANY, blocks, looks };
    check(&[
        // 17 blocks count in the default run of the article. Of 13, no depth has a coverage near 95 %, and it is
        // interpolated: between two modes, where the median may be anywhere, that is too little.
        (many(Truth::TwoModes, 13, 1), 0.88),
        (many(Truth::TwoModes, 17, 1), 0.93),
        (many(Truth::OneArmOfTwoModes, 17, 1), 0.93),
        (many(Truth::OneArmOfTwoModes, 13, 2), 0.88),
        (many(Truth::Grid, 17, 1), 0.93),
        (many(Truth::Failures, 17, 1), 0.93),
        (many(Truth::Failures, 13, 2), 0.93),
        (many(Truth::Sittings(2), 17, 1), 0.93),
        (many(Truth::Sittings(5), 17, 1), 0.93),
        (many(Truth::Sittings(5), 13, 2), 0.93),
    ]);
}

#[test]
fn any_of_few_claims_is_judged_wrongly_in_at_most_5_percent_of_experiments() {
    let few = |truth, claims, blocks| Case { truth, claims, blocks, looks: 1 };
    check(&[
        (few(Truth::TwoModes, 1, 10), 0.87),
        (few(Truth::OneArmOfTwoModes, 9, 12), 0.93),
        (few(Truth::OneArmOfGrid, 1, 10), 0.93),
        (few(Truth::OneArmOfGrid, 4, 12), 0.93),
        (few(Truth::OneArmOfTail, 1, 10), 0.93),
        (few(Truth::OneArmOfTail, 9, 11), 0.93),
        (few(Truth::Failures, 4, 10), 0.93),
        (few(Truth::Sittings(5), 9, 12), 0.92),
        // Three sittings that move a single claim, or all alike, hardly show what sittings differ by.
        (few(Truth::SharedSittings(5), 1, 12), 0.89),
        (few(Truth::SharedSittings(5), 1, 17), 0.89),
        (few(Truth::SharedSittings(5), 9, 17), 0.89),
        (few(Truth::SharedSittings(5), MANY, 17), 0.89),
    ]);
}
