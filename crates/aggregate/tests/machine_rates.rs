//! How often verdicts over machines are wrong, by simulation: merged folders of experiments of many claims, of which the
//! truth on each machine is known.
//!
//! The seeds are fixed, so that a test that passes once passes always; none was chosen.

mod support;

use std::collections::HashMap;

use aggregate::stats::binomial;
use results::{AcrossVerdict, AcrossVerdictRow, Claim, TrialRow};
use support::merged::{OfMachine, machine, write_merged_with};
use support::noise::{Random, assert_between};
use support::plan_of;

/// Claims of an experiment.
const CLAIMS: u64 = 40;
/// Simulated experiments of each kind, in every test run.
const FEW: u64 = 20;
/// The same for the figures in docs/statistics.md.
const MANY: u64 = 60;
const BLOCKS: u32 = 13;
/// By how much a makespan scatters.
const NOISE: f64 = 0.02;
/// The bound of every claim: "at least this many times as long".
const BOUND: f64 = 1.2;

/// The true ratio of a claim on each machine, as a share of the bound.
#[derive(Debug, Clone, Copy)]
enum Truth {
    /// The same on all: so far beyond the bound, on the scale of logarithms.
    Equal(f64),
    /// Drawn for each machine from a normal distribution of this deviation, about the bound.
    Spread(f64),
    /// This much above the bound or below it, on half of all machines that there could be; drawn for each claim, so that
    /// the machines of one kind are others for each.
    TwoKinds(f64),
    /// So far above the bound on all but one, and below it on that one.
    OneOther(f64),
}

impl Truth {
    fn on(self, machine: usize, random: &mut Random) -> f64 {
        match self {
            Self::Equal(beyond) => beyond,
            Self::Spread(deviation) => deviation * random.normal(),
            Self::TwoKinds(beyond) => {
                if random.uniform() < 0.5 {
                    beyond
                } else {
                    -beyond
                }
            }
            Self::OneOther(beyond) => {
                if machine == 2 {
                    -beyond
                } else {
                    beyond
                }
            }
        }
    }
}

/// What one machine measures of all experiments.
fn of_machine(truth: Truth, place: usize, experiments: u64) -> OfMachine {
    let mut trials = Vec::new();
    for experiment in 0..experiments {
        let template = TrialRow { experiment: format!("e{experiment}"), ..results::fixture::sample("", 0) };
        for claim in 0..CLAIMS {
            let mut random = Random::new((experiment * CLAIMS + claim) * 100 + place as u64);
            let ratio = BOUND * truth.on(place, &mut random).exp();
            for block in 1..=BLOCKS {
                for (side, factor) in [("of", ratio), ("over", 1.0)] {
                    let name = format!("e{experiment}-{side}-{claim}");
                    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // positive and small
                    let makespan_ns = Some((1e7 * factor * (NOISE * random.normal()).exp()) as u64);
                    let (cell, runtime) = (name.clone(), name);
                    trials.push(TrialRow { cell, runtime, block, makespan_ns, ..template.clone() });
                }
            }
        }
    }
    (machine(&format!("m{place}"), 1), trials)
}

fn claims(experiments: u64) -> Vec<Claim> {
    let claim = |(experiment, claim): (u64, u64)| {
        let [of, over] = ["of", "over"].map(|side| format!("e{experiment}-{side}-{claim}"));
        let one = support::claim(&of, support::ratio(&of, &over), &format!(">= {BOUND}"));
        Claim { experiment: format!("e{experiment}"), ..one }
    };
    (0..experiments).flat_map(|one| (0..CLAIMS).map(move |other| (one, other))).map(claim).collect()
}

/// What is found in so many experiments on so many machines.
struct Rates {
    /// The shares of experiments in which any claim differs by machine, is supported, or is refuted.
    any: [f64; 3],
    /// The shares of claims.
    each: [f64; 3],
}

impl Rates {
    fn of(truth: Truth, machines: usize, experiments: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let of_machines = (0..machines).map(|place| of_machine(truth, place, experiments));
        write_merged_with(dir.path(), &claims(experiments), plan_of(BLOCKS, 1), of_machines);
        let rows = aggregate::aggregate_merged(dir.path()).unwrap().verdicts;
        let kinds = [AcrossVerdict::DiffersByMachine, AcrossVerdict::Supported, AcrossVerdict::Refuted];
        let rates = Self {
            any: kinds.map(|kind| any(&rows, kind, experiments)),
            each: kinds
                .map(|kind| rows.iter().filter(|row| row.verdict == kind).count() as f64 / rows.len() as f64),
        };
        let Self { any, each } = &rates;
        println!(
            "{truth:?}, {machines} machines: any differs, supported, refuted {any:.3?}; each {each:.3?}"
        );
        rates
    }
}

/// The share of experiments in which any claim has such a verdict.
fn any(rows: &[AcrossVerdictRow], verdict: AcrossVerdict, experiments: u64) -> f64 {
    let mut found: HashMap<&str, bool> = HashMap::new();
    for row in rows {
        *found.entry(&row.experiment).or_default() |= row.verdict == verdict;
    }
    assert_eq!(found.len() as u64, experiments);
    found.values().filter(|any| **any).count() as f64 / experiments as f64
}

#[test]
fn verdicts_over_machines_are_wrong_as_rarely_as_they_say() {
    // As many as 5 % may give in so few.
    let most = binomial::acceptable(FEW, 0.05).1 as f64 / FEW as f64;
    let rarely = |rate: f64, what: &str| assert_between(rate, 0.0, most, what);
    let [differs, supported, refuted] = Rates::of(Truth::Equal(0.0), 8, FEW).any;
    rarely(differs, "equal machines at the bound differ");
    rarely(supported.max(refuted), "equal machines at the bound decide");
    let [differs, _, refuted] = Rates::of(Truth::Equal(0.01), 8, FEW).any;
    rarely(differs, "equal machines beside the bound differ");
    rarely(refuted, "equal machines above the bound are below it");
    // The machines are on both sides of the bound, and their mean is at it.
    let spread = Rates::of(Truth::Spread(0.03), 8, FEW);
    rarely(spread.any[1].max(spread.any[2]), "a mean at the bound is decided");
    assert_between(spread.each[0], 0.3, 1.0, "machines on both sides differ");
    assert_between(Rates::of(Truth::OneOther(0.05), 8, FEW).each[0], 0.9, 1.0, "the other one is found");
}

#[test]
#[ignore = "for the figures in docs/statistics.md: some minutes"]
fn all_rates() {
    let truths = [
        (Truth::Equal(0.0), 3),
        (Truth::Equal(0.0), 8),
        (Truth::Equal(0.01), 8),
        (Truth::Equal(0.02), 8),
        (Truth::Spread(0.01), 8),
        (Truth::Spread(0.03), 4),
        (Truth::Spread(0.03), 8),
        (Truth::TwoKinds(0.03), 4),
        (Truth::TwoKinds(0.03), 8),
        (Truth::TwoKinds(0.03), 16),
        (Truth::OneOther(0.05), 8),
    ];
    for (truth, machines) in truths {
        Rates::of(truth, machines, MANY);
    }
}
