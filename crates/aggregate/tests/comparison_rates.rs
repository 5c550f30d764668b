//! How often a comparison of two runs is wrong, by simulation: data of known truth, and the rules of `compare`.
//!
//! The blocks of the two runs are independent of each other, as those of real runs are. The seeds are fixed, so
//! that a test that passes once passes always.

mod support;

use std::path::Path;

use aggregate::stats::median::sorted;
use aggregate::stats::{binomial, pooled, two_medians, welch};
use aggregate::{COMPARED, Comparison, compare};
use rayon::prelude::*;
use results::TrialRow;
use results::folder::VERDICTS;
use support::noise::{ALL, Drift, Noise, Random, assert_between, share};

/// Simulated pairs of samples of each kind: a true rate of 95 % is found within 94 to 96 %, nearly always.
const PAIRS: u64 = 2000;
/// The true ratio of the two runs.
const RATIO: f64 = 1.05;
/// Blocks of the first run and of the second, without burn-in.
const BLOCKS: [(usize, usize); 5] = [(6, 6), (7, 7), (20, 20), (6, 20), (20, 7)];
/// The limit of the gate.
const LIMIT: f64 = 1.05;

/// The logarithms of one run's makespans, in ascending order.
fn logarithms(noise: Noise, random: &mut Random, blocks: usize) -> Vec<f64> {
    let mut drift = Drift::of(noise);
    sorted((0..blocks).map(|_| (drift.next(random) * noise.trial(random)).ln()))
}

/// How often the interval of the ratio holds the true one.
fn coverage(
    truth: f64,
    first: impl Fn(&mut Random) -> Vec<f64> + Sync,
    second: impl Fn(&mut Random) -> Vec<f64> + Sync,
) -> f64 {
    share(PAIRS, |random| {
        let (first, second) = (first(random), second(random));
        two_medians::interval(&first, &second).unwrap().contains(truth)
    })
}

fn same_noise(noise: Noise, (n_a, n_b): (usize, usize)) -> f64 {
    let second = |random: &mut Random| {
        let values = logarithms(noise, random, n_b);
        values.into_iter().map(|x| x + RATIO.ln()).collect()
    };
    coverage(RATIO.ln(), |random| logarithms(noise, random, n_a), second)
}

#[test]
fn the_interval_of_the_ratio_of_two_runs_covers_the_true_one_in_93_percent_or_more() {
    let steady = ALL.into_iter().filter(|noise| *noise != Noise::Drifting);
    for (noise, blocks) in steady.flat_map(|noise| BLOCKS.map(|blocks| (noise, blocks))) {
        let found = same_noise(noise, blocks);
        assert_between(found, 0.93, 0.995, &format!("{noise:?}, {blocks:?} blocks"));
    }
}

#[test]
fn where_only_one_run_has_a_long_tail_the_ratio_of_medians_is_covered_all_the_same() {
    let tailed = |random: &mut Random, n: usize| {
        sorted((0..n).map(|_| (1.0 + (1.5 * random.normal() - 2.0).exp()).ln()))
    };
    let steady = |random: &mut Random, n: usize| sorted((0..n).map(|_| 0.02 * random.normal()));
    let truth = -(1.0 + (-2.0f64).exp()).ln();
    for (n_a, n_b) in BLOCKS {
        let found = coverage(truth, |random| tailed(random, n_a), |random| steady(random, n_b));
        assert_between(found, 0.93, 0.995, &format!("one tail, {n_a} and {n_b} blocks"));
    }
}

#[test]
fn where_each_run_drifts_by_itself_the_interval_of_many_blocks_covers_too_little() {
    let found = same_noise(Noise::Drifting, (20, 20));
    assert_between(found, 0.7, 0.9, "Drifting, 20 blocks");
}

/// The larger p of two tests, as `compare` has it.
fn p_value(first: &[f64], second: &[f64]) -> f64 {
    welch::p_value(first, second).max(pooled::p_value(first, second).unwrap_or(0.0))
}

#[test]
fn the_test_of_logarithms_raises_a_false_alarm_in_at_most_6_percent() {
    let steady = ALL.into_iter().filter(|noise| *noise != Noise::Drifting);
    for (noise, (n_a, n_b)) in steady.flat_map(|noise| BLOCKS.map(|blocks| (noise, blocks))) {
        let alarm = |random: &mut Random| {
            p_value(&logarithms(noise, random, n_a), &logarithms(noise, random, n_b)) <= 0.05
        };
        assert_between(share(PAIRS, alarm), 0.01, 0.06, &format!("{noise:?}, {n_a} and {n_b} blocks"));
    }
}

#[test]
fn welchs_test_alone_is_too_sure_of_six_values_of_two_modes_against_twenty() {
    let sure = |p: fn(&[f64], &[f64]) -> f64| {
        share(PAIRS, |random| {
            let (a, b) = (logarithms(Noise::TwoModes, random, 6), logarithms(Noise::TwoModes, random, 20));
            p(&a, &b) <= 0.001
        })
    };
    assert_between(sure(welch::p_value), 0.01, 0.05, "p <= 0.001 by Welch alone");
    assert_between(sure(p_value), 0.0, 0.001, "p <= 0.001 by both");
}

/// One cell of a simulated run: 5 % of log-normal noise in the first, all kinds but drift in the others.
fn noise_of(cell: usize, random: &mut Random) -> f64 {
    match cell {
        0 => (0.05 * random.normal()).exp(),
        cell => ALL[cell % 4].trial(random),
    }
}

/// What pairs of runs are simulated, and how many.
#[derive(Debug, Clone, Copy)]
struct Shape {
    cells: usize,
    /// Of the first run and of the second, without burn-in.
    blocks: (u32, u32),
    pairs: u64,
}

/// Writes a run whose first cell takes `factor` times as long as it should; where it drifts, all cells do alike.
fn write_run(folder: &Path, cells: usize, blocks: u32, factor: f64, noise: Noise, random: &mut Random) {
    support::write_plan_with(folder, &[]);
    std::fs::write(folder.join(VERDICTS), "experiment\n").unwrap();
    let mut drift = Drift::of(noise);
    let mut samples: Vec<TrialRow> = Vec::new();
    for block in 1..=blocks {
        let shared = drift.next(random);
        for cell in 0..cells {
            let factor = if cell == 0 { factor } else { 1.0 };
            let makespan = 1e7 * factor * shared * noise_of(cell, random);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole and positive
            samples.push(results::fixture::timed(&format!("cell-{cell}"), block, makespan as u64));
        }
    }
    support::write_trials(folder, samples.into_iter());
}

/// Pairs of runs, the second with its first cell slowed down, and what is said of each.
fn compared(shape: Shape, factor: f64, noise: Noise) -> Vec<Comparison> {
    let compared = |pair| {
        let mut random = Random::new(pair);
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write_run(a.path(), shape.cells, shape.blocks.0, 1.0, noise, &mut random);
        write_run(b.path(), shape.cells, shape.blocks.1, factor, noise, &mut random);
        compare(a.path(), b.path(), &COMPARED).unwrap()
    };
    (0..shape.pairs).into_par_iter().map(compared).collect()
}

/// The share of pairs of which something is said.
fn share_of(pairs: &[Comparison], said: impl Fn(&Comparison) -> bool) -> f64 {
    pairs.iter().filter(|pair| said(pair)).count() as f64 / pairs.len() as f64
}

fn gate_fails(comparison: &Comparison) -> bool {
    comparison.rows.iter().any(|row| row.is_worse_than(LIMIT))
}

#[test]
fn of_two_runs_of_the_same_anything_is_found_changed_in_at_most_5_percent_and_the_gate_fails_in_fewer() {
    let shape = |cells, blocks, pairs| Shape { cells, blocks, pairs };
    for shape in [
        shape(40, (6, 6), 300),
        shape(40, (7, 7), 300),
        shape(40, (20, 20), 200),
        shape(40, (6, 20), 300),
        shape(400, (7, 7), 50),
    ] {
        let pairs = compared(shape, 1.0, Noise::Tail);
        // As many as 5 % may give in so few.
        let (_, most) = binomial::acceptable(shape.pairs, 0.05);
        let most = most as f64 / shape.pairs as f64;
        let changed = share_of(&pairs, |pair| pair.rows.iter().any(|row| row.changed));
        assert_between(changed, 0.0, most, &format!("anything changed, {shape:?}"));
        assert_between(share_of(&pairs, gate_fails), 0.0, 0.05, &format!("gate failed, {shape:?}"));
    }
}

#[test]
fn a_cell_that_takes_a_fifth_longer_fails_the_gate_in_nine_of_ten_pairs_of_runs() {
    for blocks in [(7, 7), (20, 20)] {
        let pairs = compared(Shape { cells: 40, blocks, pairs: 100 }, 1.2, Noise::Tail);
        let seen = share_of(&pairs, |pair| {
            let worse = pair.rows.iter().filter(|row| row.is_worse_than(LIMIT));
            worse.map(|row| row.cell.as_str()).eq(["cell-0"])
        });
        assert_between(seen, 0.9, 1.0, &format!("+20 % seen, {blocks:?} blocks"));
    }
}

#[test]
fn where_each_run_drifts_by_itself_the_gate_fails_more_often_which_no_test_of_two_runs_can_know() {
    let pairs = compared(Shape { cells: 40, blocks: (20, 20), pairs: 100 }, 1.0, Noise::Drifting);
    assert_between(share_of(&pairs, gate_fails), 0.1, 0.4, "gate failed, drifting");
}
