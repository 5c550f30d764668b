//! The verdict on each claim, from the numbers of its blocks: the rule of the module above.

use std::cmp;
use std::collections::HashMap;

use rayon::prelude::*;
use results::{Claim, Expectation, NEVER, Quantity, Verdict};

use super::quantity::Sampled;
use crate::stats::gatekeeping::{self, Test};
use crate::stats::one_machine::OneMachine;
use crate::stats::random_effects::Across;
use crate::stats::{Between, FEWEST_FOR_MEDIAN, Interval, Ordered, SIGNIFICANCE, sign};

/// Which way the blocks point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// For the claim.
    InFavour,
    /// Against it.
    Against,
}

/// What the blocks say of a claim.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finding {
    pub measured: Option<f64>,
    pub interval: Option<Interval>,
    pub p_value: Option<f64>,
    pub p_adjusted: Option<f64>,
    /// The direction of p; none where it has none.
    pub side: Option<Side>,
    pub verdict: Verdict,
    /// Its logarithm on this machine, for the mean over several; none of a number with a unit, or one below zero.
    pub shown: Option<OneMachine>,
    /// Bounds in it could not have been decided.
    pub open: Option<Interval>,
    /// What the sittings of such claims differ by.
    pub between: Between,
    /// The claims of its kind, as published or variants, that are judged together with it, as often as they are looked at.
    pub judged: usize,
    /// The look that decided it, where the plan has several.
    pub look: Option<u32>,
}

/// Which look at the claims this is, of how many that are planned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub number: u32,
    pub of: u32,
}

/// Judges all claims by the blocks that `blocks` picks.
pub(super) fn decide(
    claims: &[Claim],
    sampled: &[Result<Sampled, String>],
    between: &[Between],
    look: Look,
    blocks: impl Fn(&Sampled) -> &Vec<f64> + Sync,
) -> Vec<Finding> {
    let tested: Vec<Option<Tested>> = claims
        .par_iter()
        .zip(sampled)
        .zip(between)
        .map(|((claim, sampled), between)| Some(Tested::of(blocks(sampled.as_ref().ok()?), claim, *between)))
        .collect();
    let tests = claims.iter().zip(&tested).map(|(claim, tested)| Test {
        family: &claim.experiment,
        is_variant: claim.variant,
        p_value: tested
            .as_ref()
            .and_then(|tested| Some((tested.p?.two_sided() * f64::from(look.of)).min(1.0))),
    });
    let adjusted = gatekeeping::adjust_families(tests);
    let mut judged: HashMap<_, usize> = HashMap::new();
    for (claim, tested) in claims.iter().zip(&tested) {
        let has_p = tested.as_ref().is_some_and(|tested| tested.p.is_some());
        *judged.entry((&claim.experiment, claim.variant)).or_default() += usize::from(has_p);
    }
    let found = tested.iter().zip(adjusted).zip(claims.iter().zip(between));
    found
        .map(|((tested, adjusted), (claim, between))| {
            let judged = judged[&(&claim.experiment, claim.variant)] * look.of as usize;
            let open = tested.as_ref().and_then(|tested| tested.open(judged, *between));
            let found = finding(tested.as_ref(), adjusted, &claim.expect);
            let look = (look.of > 1 && found.verdict.decides()).then_some(look.number);
            Finding { open, between: *between, judged, look, ..found }
        })
        .collect()
}

/// The blocks of a claim, summarised and tested.
struct Tested<'a> {
    values: &'a [f64],
    measured: Option<f64>,
    interval: Option<Interval>,
    p: Option<Sides>,
    shown: Option<OneMachine>,
}

/// One-sided p-values for a claim and against it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides {
    pub in_favour: f64,
    pub against: f64,
}

impl Sides {
    /// By the sign test against the bounds. Within both is what lies within each, by two one-sided tests
    /// (D. J. Schuirmann, "A comparison of the two one-sided tests procedure and the power approach", Journal
    /// of Pharmacokinetics and Biopharmaceutics 15 (1987)): the larger p counts. That a difference is *not
    /// significant* would show no equivalence: there may only have been too few blocks. A bound is itself within.
    /// Each bound is moved away first, by what the sittings differ by.
    fn of(values: &[f64], expect: &Expectation, between: Between) -> Self {
        let (up, down) = (between.shift().exp(), (-between.shift()).exp());
        let by = |bound: Option<f64>, factor: f64, p: fn(&[f64], f64) -> f64| {
            bound.map(|bound| p(values, bound * factor))
        };
        let (at_least, at_most) =
            (by(expect.low, up, sign::p_at_least), by(expect.high, down, sign::p_at_most));
        let (below, above) = (by(expect.low, down, sign::p_below), by(expect.high, up, sign::p_above));
        Self {
            in_favour: at_least.unwrap_or(0.0).max(at_most.unwrap_or(0.0)),
            against: below.unwrap_or(1.0).min(above.unwrap_or(1.0)),
        }
    }

    /// The same of a mean over machines, by Student's t: a bound itself is on neither side.
    pub fn across(across: &Across, expect: &Expectation) -> Self {
        let above = |bound: Option<f64>| bound.map(|bound| across.p_above(bound.ln()));
        let below = |bound: Option<f64>| bound.map(|bound| across.p_below(bound.ln()));
        Self {
            in_favour: above(expect.low).unwrap_or(0.0).max(below(expect.high).unwrap_or(0.0)),
            against: below(expect.low).unwrap_or(1.0).min(above(expect.high).unwrap_or(1.0)),
        }
    }

    pub fn two_sided(self) -> f64 {
        (2.0 * self.in_favour.min(self.against)).min(1.0)
    }

    /// The side that it points to, if it is either.
    pub fn side(self) -> Option<Side> {
        match self.in_favour.total_cmp(&self.against) {
            cmp::Ordering::Less => Some(Side::InFavour),
            cmp::Ordering::Greater => Some(Side::Against),
            cmp::Ordering::Equal => None,
        }
    }
}

impl<'a> Tested<'a> {
    fn of(values: &'a [f64], claim: &Claim, between: Between) -> Self {
        let (measured, interval) = summarised(values, &claim.quantity);
        let widened = |interval: Interval| {
            measured.map_or(interval, |measured| between.widened_by_factor(interval, measured, values.len()))
        };
        let enough = values.len() >= FEWEST_FOR_MEDIAN;
        let p = enough.then(|| Sides::of(values, &claim.expect, between));
        Self {
            values,
            measured,
            interval: interval.map(widened),
            p,
            shown: shown(values, &claim.quantity, between),
        }
    }

    /// The bounds that could not have been decided, as the first of so many claims.
    fn open(&self, claims: usize, between: Between) -> Option<Interval> {
        let rank = sign::deciding_rank(self.values.len(), claims)?;
        let (up, down) = (between.shift().exp(), (-between.shift()).exp());
        let Interval { low, high } = Ordered::new(self.values.iter().copied()).between_ranks(rank);
        Some(Interval { low: low * down, high: high * up })
    }
}

/// The logarithm of what has no unit: of a ratio, and of a crossover in tasks, which may lie beyond any number.
fn shown(values: &[f64], quantity: &Quantity, between: Between) -> Option<OneMachine> {
    if matches!(quantity, Quantity::Value { .. }) || values.iter().any(|x| *x < 0.0) {
        return None;
    }
    let is_crossover = matches!(quantity, Quantity::Crossover { .. });
    let logarithm = |x: &f64| if is_crossover && *x >= NEVER { f64::INFINITY } else { x.ln() };
    Some(OneMachine::of(&Ordered::new(values.iter().map(logarithm)), between))
}

/// The median of the values, and its interval; both may end at infinity.
fn summarised(values: &[f64], quantity: &Quantity) -> (Option<f64>, Option<Interval>) {
    let summary = |scale: &dyn Fn(f64) -> f64, back: &dyn Fn(f64) -> f64| {
        let ordered = Ordered::new(values.iter().copied().map(scale));
        let interval = ordered.interval();
        let interval = interval.map(|Interval { low, high }| Interval { low: back(low), high: back(high) });
        (ordered.median().map(back), interval)
    };
    match quantity {
        // Halfway between two ratios is their geometric mean.
        Quantity::Ratio { .. } if !values.iter().any(|x| *x < 0.0) => summary(&f64::ln, &f64::exp),
        // A number between the last one there is and none is none.
        Quantity::Crossover { .. } => {
            let last = values.iter().copied().filter(|x| *x < NEVER).fold(0.0, f64::max);
            summary(&|x| x, &|x| if x > last { NEVER } else { x.max(0.0) })
        }
        Quantity::Ratio { .. } | Quantity::Value { .. } => summary(&|x| x, &|x| x),
    }
}

fn finding(tested: Option<&Tested>, p_adjusted: Option<f64>, expect: &Expectation) -> Finding {
    let nothing = Finding {
        measured: None,
        interval: None,
        p_value: None,
        p_adjusted,
        side: None,
        verdict: Verdict::Untestable,
        shown: None,
        open: None,
        between: Between::UNKNOWN,
        judged: 0,
        look: None,
    };
    let Some(tested) = tested else { return nothing };
    let decided = p_adjusted.is_some_and(|p| p <= SIGNIFICANCE);
    let side = tested.p.and_then(Sides::side);
    let verdict = match side.filter(|_| decided) {
        Some(Side::Against) => Verdict::Refuted,
        Some(Side::InFavour) if expect.alike => Verdict::Equivalent,
        Some(Side::InFavour) => Verdict::Supported,
        None => Verdict::Inconclusive,
    };
    Finding {
        measured: tested.measured,
        interval: tested.interval,
        p_value: tested.p.map(Sides::two_sided),
        side,
        verdict,
        shown: tested.shown,
        ..nothing
    }
}
