//! How often a comparison of two runs is wrong, by simulation: data of known truth, and the rules of `compare`.
//!
//! The blocks of the two runs are independent of each other, as those of real runs are. The seeds are fixed, so
//! that a test that passes once passes always.

mod support;

use std::path::Path;

use aggregate::stats::median::sorted;
use aggregate::stats::{Between, binomial, two_means, two_medians};
use aggregate::{Compared, Comparison, Pair, compare};
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
        two_medians::interval(&first, &second, [Between::UNKNOWN; 2]).unwrap().contains(truth)
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

#[test]
fn the_test_of_logarithms_raises_a_false_alarm_in_at_most_6_percent() {
    let steady = ALL.into_iter().filter(|noise| *noise != Noise::Drifting);
    for (noise, (n_a, n_b)) in steady.flat_map(|noise| BLOCKS.map(|blocks| (noise, blocks))) {
        let alarm = |random: &mut Random| {
            two_means::p_value(&logarithms(noise, random, n_a), &logarithms(noise, random, n_b), (0.0, 1.0))
                <= 0.05
        };
        assert_between(share(PAIRS, alarm), 0.01, 0.06, &format!("{noise:?}, {n_a} and {n_b} blocks"));
    }
}

/// Cells of a group.
const OF_A_GROUP: usize = 12;

/// What is drawn once a run: its standard deviation, and what it moves.
#[derive(Debug, Clone, Copy)]
enum Effect {
    Each(f64),
    EveryTenth(f64),
    AllAlike(f64),
}

impl Effect {
    /// By cell.
    fn of_a_run(self, random: &mut Random, cells: usize) -> Vec<f64> {
        let shared = random.normal();
        let of_cell = |cell: usize| match self {
            Self::Each(deviation) => deviation * random.normal(),
            Self::EveryTenth(deviation) if cell.is_multiple_of(10) => deviation * random.normal(),
            Self::EveryTenth(_) => 0.0,
            Self::AllAlike(deviation) => deviation * shared,
        };
        (0..cells).map(of_cell).collect()
    }
}

/// What pairs of sides are simulated.
#[derive(Debug, Clone, Copy)]
struct Shape {
    cells: usize,
    /// That count, of each run.
    blocks: u32,
    sittings: u32,
    /// Of each side.
    runs: (usize, usize),
    effect: Effect,
    /// What one trial of a cell takes, as a share of what it should.
    noise: fn(usize, &mut Random) -> f64,
    /// How many cells take a fifth longer on the second side: the first ones.
    slower: usize,
}

/// Two runs of 40 cells in a single sitting, of which nothing differs but noise.
const SAME: Shape = Shape {
    cells: 40,
    blocks: 7,
    sittings: 1,
    runs: (1, 1),
    effect: Effect::Each(0.0),
    noise: mixed,
    slower: 0,
};

/// All kinds of noise but drift; of the first cell, 5 %, log-normal.
fn mixed(cell: usize, random: &mut Random) -> f64 {
    if cell == 0 { percent_5(cell, random) } else { ALL[cell % 4].trial(random) }
}

fn percent_5(_: usize, random: &mut Random) -> f64 {
    (0.05 * random.normal()).exp()
}

fn percent_10(_: usize, random: &mut Random) -> f64 {
    (0.1 * random.normal()).exp()
}

fn two_modes(_: usize, random: &mut Random) -> f64 {
    Noise::TwoModes.trial(random)
}

fn drifting(_: usize, random: &mut Random) -> f64 {
    Noise::Drifting.trial(random)
}

/// Writes a run.
fn write_run(folder: &Path, shape: Shape, is_second: bool, drift: Noise, random: &mut Random) {
    support::write_plan_of(folder, &[], shape.blocks, shape.sittings);
    std::fs::write(folder.join(VERDICTS), "experiment\n").unwrap();
    let effects = shape.effect.of_a_run(random, shape.cells);
    let mut drift = Drift::of(drift);
    let mut samples: Vec<TrialRow> = Vec::new();
    for block in 1..=shape.blocks {
        let drifted = drift.next(random);
        for (cell, effect) in effects.iter().enumerate() {
            let slower = if is_second && cell < shape.slower { 1.2 } else { 1.0 };
            let makespan = 1e7 * slower * effect.exp() * drifted * (shape.noise)(cell, random);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole and positive
            let sample = results::fixture::timed(&format!("cell-{cell}"), block, makespan as u64);
            samples.push(TrialRow { group: format!("group-{}", cell / OF_A_GROUP), ..sample });
        }
    }
    support::write_trials(folder, samples.into_iter());
}

/// So many pairs of sides, and what is said of each.
fn compared(shape: Shape, pairs: u64, drift: Noise) -> Vec<Comparison> {
    let compared = |pair| {
        let mut random = Random::new(pair);
        let mut side = |runs, is_second| -> Vec<tempfile::TempDir> {
            let mut run = |_| {
                let folder = tempfile::tempdir().unwrap();
                write_run(folder.path(), shape, is_second, drift, &mut random);
                folder
            };
            (0..runs).map(&mut run).collect()
        };
        let folders = Pair { a: side(shape.runs.0, false), b: side(shape.runs.1, true) };
        let paths = folders.each().map(|side| side.iter().map(|one| one.path().into()).collect::<Vec<_>>());
        compare(Pair { a: &paths.a, b: &paths.b }, &[]).unwrap()
    };
    (0..pairs).into_par_iter().map(compared).collect()
}

/// The share of pairs of which something is said.
fn share_of(pairs: &[Comparison], said: impl Fn(&Comparison) -> bool) -> f64 {
    pairs.iter().filter(|pair| said(pair)).count() as f64 / pairs.len() as f64
}

fn is_worse(row: &Compared) -> bool {
    row.is_worse_than(LIMIT)
}

fn gate_fails(comparison: &Comparison) -> bool {
    comparison.rows.iter().any(is_worse)
}

/// Whether the gate fails by what is slower: by the first cell if it is one, and by any of a group otherwise.
fn sees(comparison: &Comparison, slower: usize) -> bool {
    let cell = |row: &Compared| row.cell == "cell-0" && is_worse(row);
    let group = |row: &Compared| row.cell == "group-0" && is_worse(row);
    comparison.rows.iter().any(|row| cell(row) || slower > 1 && group(row))
}

/// Fails where the gate does more often than chance makes of 5 %.
fn assert_holds(shape: Shape, pairs: u64) {
    let most = binomial::acceptable(pairs, 0.05).1 as f64 / pairs as f64;
    let found = share_of(&compared(shape, pairs, Noise::Tail), gate_fails);
    assert_between(found, 0.0, most, &format!("gate failed, {shape:?}"));
}

/// Fails where what is slower is seen in less than nine of ten pairs.
fn assert_sees(shape: Shape, pairs: u64) {
    let found = share_of(&compared(shape, pairs, Noise::Tail), |pair| sees(pair, shape.slower));
    assert_between(found, 0.9, 1.0, &format!("seen, {shape:?}"));
}

#[test]
fn of_runs_of_the_same_the_gate_fails_in_at_most_5_percent_and_a_cell_or_a_group_that_is_slower_is_seen() {
    let wide = Shape { cells: 480, blocks: 13, ..SAME };
    let sittings = Shape { blocks: 13, sittings: 3, ..SAME };
    for (shape, pairs) in [(SAME, 100), (wide, 20), (sittings, 100)] {
        assert_holds(shape, pairs);
    }
    let group = Shape { noise: percent_10, slower: OF_A_GROUP, ..SAME };
    for (shape, pairs) in
        [(Shape { slower: 1, ..SAME }, 50), (Shape { slower: 1, ..sittings }, 50), (group, 50)]
    {
        assert_sees(shape, pairs);
    }
}

#[test]
fn what_differs_from_run_to_run_fails_the_gate_of_single_runs_and_not_that_of_several() {
    let noise = percent_5;
    for effect in [Effect::Each(0.05), Effect::EveryTenth(0.1), Effect::AllAlike(0.05)] {
        assert_holds(Shape { runs: (2, 2), effect, noise, ..SAME }, 50);
        assert_holds(Shape { runs: (3, 3), effect, noise, ..SAME }, 50);
    }
    assert_sees(Shape { runs: (3, 3), effect: Effect::Each(0.02), noise, slower: 1, ..SAME }, 50);
    let found = compared(Shape { effect: Effect::Each(0.05), noise, ..SAME }, 50, Noise::Tail);
    assert_between(share_of(&found, gate_fails), 0.5, 1.0, "one run a side, 5 %");
    let found = compared(Shape { blocks: 20, noise: drifting, ..SAME }, 50, Noise::Drifting);
    assert_between(share_of(&found, gate_fails), 0.05, 0.4, "one run a side, drifting");
}

/// All figures of a kind of pairs in one line.
fn line(what: &str, shape: Shape, pairs: u64) {
    let found = compared(shape, pairs, Noise::Tail);
    let percent = |share: f64| 100.0 * share;
    let changed = share_of(&found, |pair| pair.rows.iter().any(|row| row.changed));
    let mut line =
        format!("{what}: changed {:.1}, gate {:.1}", percent(changed), percent(share_of(&found, gate_fails)));
    if shape.slower > 0 {
        let cells =
            found.iter().flat_map(|pair| pair.rows.iter().filter(|row| row.cells == 1 && is_worse(row)));
        let named = cells.count() as f64 / (pairs as f64 * shape.slower as f64);
        let seen = share_of(&found, |pair| sees(pair, shape.slower));
        line = format!("{line}, seen {:.1}, named {:.1}", percent(seen), percent(named));
    }
    let is_same = |row: &&Compared| row.cells == 1 && shape.slower == 0;
    let rows = found.iter().flat_map(|pair| &pair.rows).filter(is_same);
    let held = rows.clone().filter(|row| row.ci_low.unwrap() <= 1.0 && row.ci_high.unwrap() >= 1.0).count();
    println!("{line}, coverage {:.1}", percent(held as f64 / rows.count().max(1) as f64));
}

#[test]
#[ignore = "the table of docs/statistics.md takes an hour: --release, --ignored, --nocapture"]
fn the_rates_of_the_documentation() {
    let pairs: u64 = std::env::var("PAIRS").map_or(100, |pairs| pairs.parse().unwrap());
    let only = std::env::var("ONLY").unwrap_or_default();
    let line = |what: &str, shape: Shape| {
        let what = format!("{} {} {what}", shape.cells, shape.blocks);
        if only.split(',').any(|only| what.starts_with(only)) {
            line(&what, shape, pairs);
        }
    };
    for (cells, blocks) in [(40, 7), (40, 13), (40, 20), (2000, 7), (2000, 13), (2000, 20)] {
        let shape = Shape { cells, blocks, ..SAME };
        let (three, runs) = (Shape { sittings: 3, ..shape }, Shape { runs: (3, 3), ..shape });
        for (unit, shape) in
            [("single", shape), ("sittings", three), ("runs", runs), ("two", Shape { runs: (2, 2), ..shape })]
        {
            line(&format!("{unit} same"), shape);
            line(&format!("{unit} modes"), Shape { noise: two_modes, ..shape });
            let (each, few, all) = (Effect::Each, Effect::EveryTenth(0.1), Effect::AllAlike(0.05));
            for effect in [each(0.02), each(0.05), few, all] {
                line(&format!("{unit} effect {effect:?}"), Shape { effect, noise: percent_5, ..shape });
            }
            for (noise, name) in [(percent_5 as fn(usize, &mut Random) -> f64, "5"), (percent_10, "10")] {
                for slower in [1, OF_A_GROUP] {
                    line(&format!("{unit} power {name} {slower}"), Shape { noise, slower, ..shape });
                }
            }
        }
    }
}
