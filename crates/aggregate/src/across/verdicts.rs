//! `verdicts-across.csv`: what all machines say of each claim.
//!
//! The rule, fixed before any trial:
//!
//! 1. Each machine has its own verdict, as a run has.
//! 2. Holm's correction over the machines of a claim, of the p that each has for it or against it. Where it then holds on at
//!    least one and does not on another, it *differs by machine*. No correction over claims is needed for that: both sides
//!    have to be wrong at once (`tests/machine_rates.rs` shows how often that is).
//! 3. Else, of what has no unit, the mean over machines ([`random_effects`](crate::stats::random_effects)): p is that of
//!    Student's t with its standard error, twice the smaller one of those for the claim and against it, with the correction
//!    over the claims of the experiment, those as published first. *supported*, *equivalent* or *refuted* where the
//!    adjusted p is at most 0.05, else *inconclusive*. Of fewer than 3 machines there is no mean.
//! 4. What has a unit has no mean: each machine keeps its verdict, and the sentence counts them.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;
use results::{AcrossVerdict, AcrossVerdictRow, Claim, Plan, Quantity, Verdict};

use super::of_claim::{OfClaim, OnMachine, Together, holds};
use super::quantiles::Known;
use super::sentence;
use crate::stats::gatekeeping::{Test, adjust_families};
use crate::stats::one_machine::OneMachine;
use crate::stats::random_effects::Across;
use crate::stats::{FEWEST, Interval, SIGNIFICANCE};
use crate::verdicts::{Judgement, Side, Sides};

/// The claims of a plan, and what the machines read so far say of them.
pub(super) struct Verdicts {
    claims: Vec<OfClaim>,
    /// By experiment and name: where each stands.
    places: HashMap<(String, String), usize>,
}

impl Verdicts {
    /// Before the first machine.
    pub fn of(plan: &Plan) -> Self {
        let name = |claim: &Claim| (claim.experiment.clone(), claim.id.clone());
        Self {
            claims: plan.claims.iter().map(|_| OfClaim::default()).collect(),
            places: plan.claims.iter().map(name).zip(0..).collect(),
        }
    }

    /// Adds the verdicts of the next machine, given the plan as it is judged there, and the cells that failed there.
    pub fn note(&mut self, plan: &Plan, machine: &str, judgements: &[Judgement], failed: &HashSet<String>) {
        for (claim, Judgement { row, finding }) in plan.claims.iter().zip(judgements) {
            let place = self.places.get(&(claim.experiment.clone(), claim.id.clone()));
            let Some(of_claim) = place.and_then(|place| self.claims.get_mut(*place)) else { continue };
            of_claim.first.get_or_insert_with(|| row.clone());
            let has_failed = claim.quantity.cells().any(|cell| failed.contains(&cell.cell));
            if row.verdict == Verdict::Untestable && !has_failed {
                of_claim.why_untestable.get_or_insert_with(|| row.reason.clone());
                continue;
            }
            of_claim.on.push(OnMachine {
                machine: machine.into(),
                verdict: row.verdict,
                measured: row.measured,
                p_value: finding.p_value.map(|p| (p * f64::from(plan.looks.max(1))).min(1.0)),
                side: finding.side,
                shown: finding.shown,
            });
        }
    }

    /// The rows of all claims, in the order of the plan.
    pub fn rows(self, plan: &Plan) -> Vec<AcrossVerdictRow> {
        let shown: Vec<Vec<OneMachine>> = self.claims.iter().map(OfClaim::shown).collect();
        let known = Known::of(shown.iter().map(|one| &**one));
        let across: Vec<Option<Across>> = shown.par_iter().map(|one| known.across(one)).collect();
        let p_value = |(claim, across): (&Claim, &Option<Across>)| {
            Some(Sides::across(across.as_ref()?, &claim.expect).two_sided())
        };
        let p_values: Vec<Option<f64>> = plan.claims.iter().zip(&across).map(p_value).collect();
        let adjusted = adjust_families(plan.claims.iter().zip(&p_values).map(|(claim, p_value)| Test {
            family: &claim.experiment,
            is_variant: claim.variant,
            p_value: *p_value,
        }));
        let judged = across.into_iter().zip(p_values.into_iter().zip(adjusted));
        let claims = plan.claims.iter().zip(self.claims).zip(judged);
        claims
            .filter_map(|((claim, of_claim), (across, (p_value, p_adjusted)))| {
                let together = of_claim.together(claim, across, p_value, p_adjusted);
                of_claim.row(claim, &together)
            })
            .collect()
    }
}

impl OfClaim {
    /// What each machine shows of what the claim is about; nothing where it has no mean over machines.
    fn shown(&self) -> Vec<OneMachine> {
        self.on.iter().map(|one| one.shown).collect::<Option<_>>().unwrap_or_default()
    }

    /// The verdict of all.
    fn together(
        &self,
        claim: &Claim,
        across: Option<Across>,
        p_value: Option<f64>,
        p_adjusted: Option<f64>,
    ) -> Together {
        let (holds_on, fails_on) = (self.decided(Side::InFavour), self.decided(Side::Against));
        let has_a_mean = !matches!(claim.quantity, Quantity::Value { .. });
        let decided = across.as_ref().filter(|_| p_adjusted.is_some_and(|p| p <= SIGNIFICANCE));
        let verdict = match decided.and_then(|across| Sides::across(across, &claim.expect).side()) {
            _ if self.on.is_empty() => AcrossVerdict::Untestable,
            _ if !holds_on.is_empty() && !fails_on.is_empty() => AcrossVerdict::DiffersByMachine,
            _ if !has_a_mean => AcrossVerdict::ByMachine,
            _ if self.on.len() < FEWEST => AcrossVerdict::TooFewMachines,
            None => AcrossVerdict::Inconclusive,
            Some(Side::Against) => AcrossVerdict::Refuted,
            Some(Side::InFavour) if claim.expect.alike => AcrossVerdict::Equivalent,
            Some(Side::InFavour) => AcrossVerdict::Supported,
        };
        Together { verdict, across, p_value, p_adjusted, holds_on, fails_on }
    }

    /// The machines that decide it for a side after Holm's correction over all of them.
    fn decided(&self, side: Side) -> Vec<String> {
        let adjusted = adjust_families(self.on.iter().map(|one| Test::of((), one.p_value)));
        let decided =
            self.on.iter().zip(adjusted).filter(|(one, adjusted)| {
                one.side == Some(side) && adjusted.is_some_and(|p| p <= SIGNIFICANCE)
            });
        decided.map(|(one, _)| one.machine.clone()).collect()
    }

    /// Its row; none where no machine was read.
    fn row(self, claim: &Claim, together: &Together) -> Option<AcrossVerdictRow> {
        let reason = sentence::of(claim, &self, together);
        let holds = self.with(holds);
        let fails = self.with(|verdict| verdict == Verdict::Refuted);
        let open = self.on.len() - holds.len() - fails.len();
        let first = self.first.as_ref()?;
        let across = together.across.as_ref();
        let ends = |interval: fn(&Across) -> Interval| {
            let interval = across.map(|across| interval(across).exp());
            (interval.and_then(Interval::known_low), interval.and_then(Interval::known_high))
        };
        let ((ci_low, ci_high), (next_low, next_high)) = (ends(|one| one.interval), ends(|one| one.next));
        let (t_low, t_high) = ends(|one| one.plain);
        Some(AcrossVerdictRow {
            experiment: first.experiment.clone(),
            claim: first.claim.clone(),
            statement: first.statement.clone(),
            source: first.source.clone(),
            metric: first.metric,
            groups: first.groups.clone(),
            runtime: first.runtime.clone(),
            baseline: first.baseline.clone(),
            unit: first.unit.clone(),
            expected: first.expected.clone(),
            machines: self.on.len() as u64,
            holds: holds.len() as u64,
            fails: fails.len() as u64,
            open: open as u64,
            measured: across.map(|across| across.mean.exp()),
            ci_low,
            ci_high,
            tau: across.map(|across| across.tau),
            tau_low: across.map(|across| across.tau_interval.low),
            tau_high: across.map(|across| across.tau_interval.high),
            next_low,
            next_high,
            t_low,
            t_high,
            p_value: together.p_value,
            p_adjusted: together.p_adjusted,
            verdict: together.verdict,
            holds_on: holds.join(" "),
            fails_on: fails.join(" "),
            reason,
        })
    }
}
