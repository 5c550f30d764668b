//! How often a comparison of two runs is wrong, by simulation: data of known truth, and the rules of `compare`.
//!
//! The blocks of the two runs are independent of each other, as those of real runs are. The seeds are fixed, so
//! that a test that passes once passes always.

mod support;

use std::path::Path;

use aggregate::stats::{Interval, TwoBootstraps, binomial, two_means, two_medians};
use aggregate::{Comparison, compare, usual_metrics};
use protocol::Sample;
use rayon::prelude::*;
use support::noise::{ALL, Drift, Noise, Random};

/// Simulated pairs of runs of each kind.
const PAIRS: u64 = 4000;
/// The true ratio of the two runs.
const RATIO: f64 = 1.05;
/// Blocks of the first run and of the second, without burn-in.
const BLOCKS: [(usize, usize); 6] = [(6, 6), (7, 7), (10, 10), (20, 20), (6, 20), (20, 7)];
/// The limit of the gate.
const LIMIT: f64 = 1.05;

/// The logarithms of one run's makespans, in ascending order.
fn logarithms(noise: Noise, random: &mut Random, blocks: usize) -> Vec<f64> {
    let mut drift = Drift::of(noise);
    sorted((0..blocks).map(|_| (drift.next(random) * noise.trial(random)).ln()).collect())
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The share of simulated pairs of which something holds.
fn share(pairs: u64, holds: impl Fn(&mut Random) -> bool + Sync) -> f64 {
    let found = (0..pairs).into_par_iter().filter(|pair| holds(&mut Random::new(*pair))).count();
    found as f64 / pairs as f64
}

fn assert_between(found: f64, low: f64, high: f64, what: &str) {
    println!("{what}: {:.2} %", 100.0 * found);
    assert!((low..=high).contains(&found), "{what}: {found} is not between {low} and {high}");
}

/// How often the interval of the ratio holds the true one.
fn coverage(
    truth: f64,
    bootstraps: &TwoBootstraps,
    first: impl Fn(&mut Random) -> Vec<f64> + Sync,
    second: impl Fn(&mut Random) -> Vec<f64> + Sync,
) -> f64 {
    share(PAIRS, |random| {
        let (first, second) = (first(random), second(random));
        let Interval { low, high } = two_medians::interval(&first, &second, bootstraps).unwrap();
        low <= truth && truth <= high
    })
}

fn same_noise(noise: Noise, (n_a, n_b): (usize, usize), bootstraps: &TwoBootstraps) -> f64 {
    let second = |random: &mut Random| {
        let values = logarithms(noise, random, n_b);
        values.into_iter().map(|x| x + RATIO.ln()).collect()
    };
    coverage(RATIO.ln(), bootstraps, |random| logarithms(noise, random, n_a), second)
}

#[test]
fn the_interval_of_the_ratio_of_two_runs_covers_the_true_one_in_93_percent_or_more() {
    let bootstraps = TwoBootstraps::new(7, 20);
    let steady = ALL.into_iter().filter(|noise| *noise != Noise::Drifting);
    for (noise, blocks) in steady.flat_map(|noise| BLOCKS.map(|blocks| (noise, blocks))) {
        let found = same_noise(noise, blocks, &bootstraps);
        assert_between(found, 0.93, 0.995, &format!("{noise:?}, {blocks:?} blocks"));
    }
}

#[test]
fn where_only_one_run_has_a_long_tail_the_ratio_of_medians_is_covered_all_the_same() {
    let bootstraps = TwoBootstraps::new(7, 20);
    let tailed = |random: &mut Random, n: usize| {
        sorted((0..n).map(|_| (1.0 + (1.5 * random.normal() - 2.0).exp()).ln()).collect())
    };
    let steady = |random: &mut Random, n: usize| sorted((0..n).map(|_| 0.02 * random.normal()).collect());
    let truth = -(1.0 + (-2.0f64).exp()).ln();
    for (n_a, n_b) in BLOCKS {
        let found = coverage(truth, &bootstraps, |random| tailed(random, n_a), |random| steady(random, n_b));
        assert_between(found, 0.93, 0.995, &format!("one tail, {n_a} and {n_b} blocks"));
    }
}

#[test]
fn where_runs_drift_the_interval_covers_too_little_as_two_runs_have_no_block_in_common() {
    let bootstraps = TwoBootstraps::new(7, 20);
    for blocks in BLOCKS {
        let found = same_noise(Noise::Drifting, blocks, &bootstraps);
        assert_between(found, 0.5, 0.97, &format!("Drifting, {blocks:?} blocks"));
    }
}

#[test]
fn the_test_of_two_means_raises_a_false_alarm_in_5_percent_or_fewer() {
    let steady = ALL.into_iter().filter(|noise| *noise != Noise::Drifting);
    for (noise, (n_a, n_b)) in steady.flat_map(|noise| BLOCKS.map(|blocks| (noise, blocks))) {
        let alarm = |random: &mut Random| {
            two_means::p_value(&logarithms(noise, random, n_a), &logarithms(noise, random, n_b)) <= 0.05
        };
        assert_between(share(PAIRS, alarm), 0.01, 0.055, &format!("{noise:?}, {n_a} and {n_b} blocks"));
    }
}

/// One cell of a simulated run: 5 % of log-normal noise in the first, all kinds but drift in the others.
fn noise_of(cell: usize, random: &mut Random) -> f64 {
    match cell {
        0 => (0.05 * random.normal()).exp(),
        cell => ALL[cell % 4].trial(random),
    }
}

/// The cells of a simulated run.
const CELLS: usize = 40;

/// Writes a run of [`CELLS`] cells, of which the first takes `factor` times as long as it should; where it
/// drifts, all cells do alike.
fn write_run(folder: &Path, blocks: u32, factor: f64, noise: Noise, random: &mut Random) {
    support::write_plan(folder);
    std::fs::write(folder.join("verdicts.csv"), "experiment\n").unwrap();
    let mut drift = Drift::of(noise);
    let mut samples: Vec<Sample> = Vec::new();
    for block in 1..=blocks {
        let shared = drift.next(random);
        for cell in 0..CELLS {
            let factor = if cell == 0 { factor } else { 1.0 };
            let makespan = 1e7 * factor * shared * noise_of(cell, random);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole and positive
            samples.push(support::timed(&format!("cell-{cell}"), block, makespan as u64));
        }
    }
    support::write_trials(folder, samples.into_iter());
}

/// Two runs, the second with its first cell slowed down, and what is said of them.
fn compared(blocks: (u32, u32), factor: f64, noise: Noise, random: &mut Random) -> Comparison {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_run(a.path(), blocks.0, 1.0, noise, random);
    write_run(b.path(), blocks.1, factor, noise, random);
    compare(a.path(), b.path(), &usual_metrics()).unwrap()
}

fn gate_fails(comparison: &Comparison) -> bool {
    comparison.rows.iter().any(|row| row.is_worse_than(LIMIT))
}

/// Pairs of runs in which any of the cells is found changed, or worse by more than the limit.
const WHOLE_PAIRS: u64 = 400;

#[test]
fn of_two_runs_of_the_same_anything_is_found_changed_in_at_most_5_percent_and_the_gate_fails_in_fewer() {
    for blocks in [(7, 7), (20, 20), (6, 20)] {
        let (_, most) = binomial::acceptable(WHOLE_PAIRS, 0.05);
        let most = most as f64 / WHOLE_PAIRS as f64;
        let found: Vec<(bool, bool)> = (0..WHOLE_PAIRS)
            .into_par_iter()
            .map(|pair| {
                let comparison = compared(blocks, 1.0, Noise::Tail, &mut Random::new(pair));
                (comparison.rows.iter().any(|row| row.changed), gate_fails(&comparison))
            })
            .collect();
        let of = |which: fn(&(bool, bool)) -> bool| {
            found.iter().filter(|pair| which(pair)).count() as f64 / WHOLE_PAIRS as f64
        };
        assert_between(of(|(changed, _)| *changed), 0.0, most, &format!("changed, {blocks:?} blocks"));
        assert_between(of(|(_, fails)| *fails), 0.0, most, &format!("gate failed, {blocks:?} blocks"));
    }
}

#[test]
fn a_cell_that_takes_a_fifth_longer_fails_the_gate_in_four_of_five_pairs_of_runs_or_more() {
    for (blocks, least) in [((7, 7), 0.8), ((20, 20), 0.95)] {
        let seen = |random: &mut Random| {
            let comparison = compared(blocks, 1.2, Noise::Tail, random);
            let worse: Vec<&str> = (comparison.rows.iter().filter(|row| row.is_worse_than(LIMIT)))
                .map(|row| row.cell.as_str())
                .collect();
            worse == ["cell-0"]
        };
        assert_between(share(100, seen), least, 1.0, &format!("+20 % seen, {blocks:?} blocks"));
    }
}
