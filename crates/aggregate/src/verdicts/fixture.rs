//! Made-up runs, and what is said of a claim about them.

use results::{CellRef, Claim, Metric, Plan, PresetName, Quantity, TrialRow, Verdict, VerdictRow};

use super::judge;
use crate::fixture::{self, cell_ref, sample, timed, trials};

/// What blocks vary by; the median is 1.
pub const NOISE: [f64; 7] = [0.98, 1.01, 1.0, 0.99, 1.02, 0.97, 1.03];
pub const MS: f64 = 1e6;

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole and positive
pub fn whole(value: f64) -> u64 {
    value.round() as u64
}

/// Seven blocks of a runtime that takes about so many nanoseconds.
pub fn cell(runtime: &str, ns: f64) -> Vec<TrialRow> {
    (1..).zip(NOISE).map(|(block, noise)| timed(runtime, block, whole(ns * noise))).collect()
}

/// The same of trials that last 100 ms, half of which is stolen from some.
pub fn with_steal(mut samples: Vec<TrialRow>, stolen: &[usize]) -> Vec<TrialRow> {
    for (place, sample) in samples.iter_mut().enumerate() {
        sample.process_lifetime_ns = Some(100_000_000);
        sample.steal_ns = stolen.contains(&place).then_some(50_000_000);
    }
    samples
}

/// Blocks of a hold whose tasks add so many bytes of resident memory.
pub fn holding(runtime: &str, bytes: impl IntoIterator<Item = f64>) -> Vec<TrialRow> {
    let hold = |(block, bytes)| TrialRow {
        workload: "hold".into(),
        rss_ready_bytes: Some(1000),
        rss_holding_bytes: Some(1000 + whole(bytes)),
        ..sample(runtime, block)
    };
    (1..).zip(bytes).map(hold).collect()
}

/// The cells of a runtime that costs so much, fixed and per task, with 10, 100 and 1000 tasks; the costs
/// are those of each block.
pub fn series(runtime: &str, costs: [(f64, f64); 7]) -> Vec<TrialRow> {
    let blocks = (1..).zip(costs).flat_map(|block| [10, 100, 1000].map(|tasks| (block, tasks)));
    let trial = |((block, (fixed, per_task)), tasks)| {
        let CellRef { cell, group, tasks, .. } = sized(runtime, tasks);
        TrialRow { cell, group, tasks, ..timed(runtime, block, whole(fixed + per_task * tasks as f64)) }
    };
    blocks.map(trial).collect()
}

/// A cell of [`series`].
pub fn sized(runtime: &str, tasks: u64) -> CellRef {
    let (cell, group) = (format!("{runtime}-{tasks}"), format!("sleep-{tasks}-1ms"));
    CellRef { cell, group, tasks, ..cell_ref(runtime) }
}

pub fn crossover(of: &str, over: &str) -> Quantity {
    let side = |runtime| [10, 100, 1000].map(|tasks| sized(runtime, tasks)).to_vec();
    Quantity::Crossover { of: side(of), over: side(over) }
}

pub fn claim(quantity: Quantity, expect: &str) -> Claim {
    fixture::claim("claim", quantity, expect)
}

pub fn claim_about(metric: Metric, quantity: Quantity, expect: &str) -> Claim {
    fixture::claim_about(metric, "claim", quantity, expect)
}

pub fn judge_all(claims: &[Claim], samples: &[TrialRow]) -> Vec<VerdictRow> {
    let plan = Plan { claims: claims.to_vec(), ..Plan::empty(PresetName::Default, 7) };
    judge(&plan, &trials(samples)).into_iter().map(|judgement| judgement.row).collect()
}

pub fn judged(claim: Claim, samples: &[TrialRow]) -> VerdictRow {
    judge_all(&[claim], samples).remove(0)
}

/// Why a claim is untestable.
pub fn untestable(claim: Claim, samples: &[TrialRow]) -> String {
    let row = judged(claim, samples);
    assert_eq!((row.verdict, row.undisturbed_verdict), (Verdict::Untestable, Verdict::Untestable));
    assert_eq!(
        (row.measured, row.ci_low, row.ci_high, row.p_value, row.p_adjusted, row.n),
        Default::default()
    );
    row.reason
}
