//! How many blocks a run needs, so that its claims see a shift of a wanted size: from the scatter in a pilot.
//!
//! A claim is decided where of its n blocks no more than r lie on the wrong side of the bound
//! ([`sign::deciding_rank`], as one of those judged together), after the bound was moved by 2τ of the sittings
//! ([`Between::shift`]). Let the truth lie m beyond the bound, on the scale of logarithms, and one block scatter around it as
//! a normal distribution does, with standard deviation s. It is then on the wrong side with q = Φ(−(m − 2τ)/s), and the
//! power is P(B ≤ r), B binomial with n and q (W. J. Conover, "Practical Nonparametric Statistics" (1999), section
//! 3.4). The smallest n with a power of [`POWER`] is what is asked for. Where m ≤ 2τ there is none.
//!
//! s is robust, as the test is: 1.4826 · MAD · n/(n − 0.8) of the pilot's blocks (C. Croux and P. J. Rousseeuw,
//! "Time-efficient algorithms for two highly robust estimators of scale", Computational Statistics 1 (1992), for the
//! last factor). A block is the median of k processes of each cell, so that s² = b² + Σ c(k)·w², over the cells of the
//! claim, with w that of one process within a block and c(k) the share of it that a median of k has
//! ([`share_of_one`]). w is 1.4826/√2 times the median distance of two processes
//! that follow each other in a block; b² is what is left of s², and no less than 0.

use std::collections::HashMap;
use std::f64::consts::SQRT_2;
use std::path::Path;
use std::time::Duration;

use results::{CellRef, Claim, Error, Metric, Pass, Plan, Quantity, TrialRow};
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal};

use crate::stats::median::{mad, median, share_of_one, sorted};
use crate::stats::{Between, FEWEST_FOR_MEDIAN, sign};
use crate::trials::{self, counting_trials};
use crate::verdicts;

/// How often a shift of the wanted size is to be seen.
pub const POWER: f64 = 0.8;

/// More blocks than this are not asked for.
pub const MOST_BLOCKS: usize = 1000;

/// The standard deviation of a normal distribution, of which half lies within 1 of the middle.
const OF_MAD: f64 = 1.4826;

/// What an earlier run says of claims.
pub struct Pilot {
    /// Of each claim how it scatters, in the order asked; or why that is not known.
    pub scatters: Vec<Result<Scatter, String>>,
    /// How long a process of each cell lasts, in the median.
    pub lifetimes: HashMap<String, Duration>,
}

/// How the number of a claim scatters from block to block, on the scale of logarithms.
#[derive(Debug, Clone, PartialEq)]
pub struct Scatter {
    /// The blocks of the pilot.
    pub blocks: usize,
    /// s, with the processes of the pilot.
    pub deviation: f64,
    /// What varies within a block, by cell; empty where the pilot has one process in each.
    pub within: Vec<Within>,
    /// What the sittings of the pilot differ by.
    pub between: Between,
}

/// How a cell scatters from process to process of one block.
#[derive(Debug, Clone, PartialEq)]
pub struct Within {
    /// The cell's name.
    pub cell: String,
    /// w².
    pub variance: f64,
    /// The processes of a block in the pilot.
    pub processes: u32,
}

impl Pilot {
    /// Reads the run in the folder `dir`. What sittings differ by is pooled over all of these claims, as for a verdict.
    ///
    /// # Errors
    /// A file that cannot be read, or a row that cannot be true; see [`Error`].
    pub fn read(dir: &Path, claims: &[Claim]) -> Result<Self, Error> {
        let (plan, trials) = trials::read(dir)?;
        let mut rows: HashMap<String, Vec<TrialRow>> = HashMap::new();
        for row in counting_trials(dir)?.into_iter().filter(|row| row.pass == Pass::Timed) {
            rows.entry(row.cell.clone()).or_default().push(row);
        }
        for rows in rows.values_mut() {
            rows.sort_by_key(|row| (row.block, row.process));
        }
        let lifetime = |rows: &Vec<TrialRow>| {
            let known = sorted(rows.iter().filter_map(|row| Some(row.process_lifetime_ns? as f64)));
            (!known.is_empty()).then(|| Duration::from_secs_f64(median(&known) / 1e9))
        };
        let lifetimes =
            rows.iter().filter_map(|(cell, rows)| Some((cell.clone(), lifetime(rows)?))).collect();
        let within = |claim: &Claim| {
            let of = |cell: &CellRef| {
                let processes = plan.cells.iter().find(|planned| planned.cell.id == cell.cell)?.processes;
                let variance = within(rows.get(&cell.cell)?, claim.metric, processes)?;
                Some(Within { cell: cell.cell.clone(), variance, processes })
            };
            claim.quantity.cells().filter_map(of).collect()
        };
        let (sampled, between) =
            verdicts::gather(&Plan { claims: claims.to_vec(), ..plan.clone() }, &trials, u32::MAX);
        let scatters = claims.iter().zip(sampled).zip(between).map(|((claim, sampled), between)| {
            if matches!(claim.quantity, Quantity::Crossover { .. }) {
                return Err("it is about a crossover, whose scatter depends on where it lies".into());
            }
            let in_pilot = |why| claim.untestable.clone().unwrap_or_else(|| format!("in the pilot, {why}"));
            let values = sampled.map_err(in_pilot)?.values;
            let deviation = deviation(&values)?;
            Ok(Scatter { blocks: values.len(), deviation, within: within(claim), between })
        });
        let scatters = scatters.collect();
        Ok(Self { scatters, lifetimes })
    }
}

/// s of the numbers of blocks; or why they do not tell it.
fn deviation(values: &[f64]) -> Result<f64, String> {
    let n = values.len();
    if n < FEWEST_FOR_MEDIAN {
        return Err(format!("the pilot has {n} blocks of it, and {FEWEST_FOR_MEDIAN} are the fewest"));
    }
    // What is not known, or is not above zero, may be anywhere.
    let logarithm = |value: &f64| if *value > 0.0 { value.ln() } else { f64::INFINITY };
    let logarithms = sorted(values.iter().map(logarithm));
    if !median(&logarithms).is_finite() {
        return Err("in half of the pilot's blocks it is not known, or not above zero".into());
    }
    Ok(OF_MAD * mad(&logarithms) * n as f64 / (n as f64 - 0.8))
}

/// w² of a cell's trials in the order of blocks and processes; none where each block has one. What was repeated, as it
/// was disturbed, is no process more.
fn within(rows: &[TrialRow], metric: Metric, processes: u32) -> Option<f64> {
    let known = rows.iter().filter(|row| row.process < processes);
    let known = known.filter_map(|row| Some((row.block, metric.value(row).filter(|x| *x > 0.0)?.ln())));
    let known: Vec<(u32, f64)> = known.collect();
    let of_one_block = known.windows(2).filter(|pair| pair[0].0 == pair[1].0);
    let distances = sorted(of_one_block.map(|pair| (pair[0].1 - pair[1].1).abs()));
    (!distances.is_empty()).then(|| (OF_MAD / SQRT_2 * median(&distances)).powi(2))
}

impl Scatter {
    /// s with other numbers of processes in a block, by the name of the cell. Where the pilot has one process in each,
    /// nothing is known of what more would do, and all of its scatter stays.
    pub fn with(&self, processes: impl Fn(&str) -> u32) -> f64 {
        let within = |processes: &dyn Fn(&Within) -> u32| -> f64 {
            self.within.iter().map(|one| share_of_one(processes(one)) * one.variance).sum()
        };
        let between = self.deviation.powi(2) - within(&|one| one.processes);
        (between.max(0.0) + within(&|one| processes(&one.cell))).sqrt()
    }
}

/// How many blocks are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocks {
    /// So many, the burn-in aside.
    Enough(u32),
    /// No number: sittings differ by too much.
    SittingsDiffer,
    /// More than [`MOST_BLOCKS`].
    TooMany,
}

impl Blocks {
    /// Those of a claim that is judged as the first of so many tests, where one block scatters by `deviation`: to see
    /// that the truth lies a share of `margin` beyond a bound.
    pub fn to_see(margin: f64, deviation: f64, between: Between, tests: usize) -> Self {
        let left = margin.ln_1p() - between.shift();
        if left <= 0.0 {
            return Self::SittingsDiffer;
        }
        let on_wrong_side = Normal::standard().cdf(-left / deviation);
        let is_enough = |n: &usize| power(*n, tests, on_wrong_side) >= POWER;
        let enough = (FEWEST_FOR_MEDIAN..=MOST_BLOCKS).find(is_enough).and_then(|n| u32::try_from(n).ok());
        enough.map_or(Self::TooMany, Self::Enough)
    }
}

/// How often n blocks decide, as the first of so many tests, where one is on the wrong side with this probability.
fn power(n: usize, tests: usize, on_wrong_side: f64) -> f64 {
    let Some(rank) = sign::deciding_rank(n, tests) else { return 0.0 };
    Binomial::new(on_wrong_side, n as u64).map_or(0.0, |binomial| binomial.cdf(rank as u64))
}

#[cfg(test)]
mod tests {
    use results::fixture::{cell_of, sample};
    use results::{PlannedCell, PresetName};

    use super::*;
    use crate::fixture::noise::{Noise, Random};
    use crate::fixture::{claim, ratio, run, run_of, timed, value};

    #[test]
    fn power_is_the_tail_of_the_binomial() {
        // By hand: 6 of 6 with 0.9⁶; of 10 all but one, 0.9¹⁰ + 10·0.1·0.9⁹ (2·11/2¹⁰ = 0.021), of two tests as well.
        assert!((power(6, 1, 0.1) - 0.531_441).abs() < 1e-9);
        assert!((power(10, 1, 0.1) - 0.736_098_929_8).abs() < 1e-9);
        assert_eq!(power(10, 2, 0.1), power(10, 1, 0.1));
        assert_eq!((power(5, 1, 0.1), power(6, 2, 0.1), power(7, 1, 0.0)), (0.0, 0.0, 1.0));
    }

    #[test]
    fn no_number_of_blocks_sees_what_sittings_differ_by() {
        let between = |deviation| Between::of(3, deviation);
        assert_eq!(Blocks::to_see(0.02, 0.01, between(0.01), 1), Blocks::SittingsDiffer);
        assert_eq!(Blocks::to_see(0.02, 0.5, between(0.0), 1), Blocks::TooMany);
        // Without scatter, the fewest that decide: 2/2⁶ ≤ 0.05, 2/2¹² ≤ 0.05/81.
        assert_eq!(Blocks::to_see(0.02, 0.0, between(0.0), 1), Blocks::Enough(6));
        assert_eq!(Blocks::to_see(0.02, 0.0, between(0.009), 81), Blocks::Enough(12));
    }

    /// Blocks of a ratio that lies 2 % above 1.
    fn ratios(n: usize, deviation: f64, random: &mut Random) -> Vec<f64> {
        (0..n).map(|_| 1.02 * (deviation * random.normal()).exp()).collect()
    }

    fn is_seen(values: &[f64], tests: usize) -> bool {
        sign::two_sided(values, 1.0, 0.0) * tests as f64 <= 0.05
    }

    #[test]
    fn so_many_blocks_see_the_shift_as_often_as_they_ought_to() {
        for (deviation, tests) in [(0.01, 1), (0.02, 1), (0.05, 1), (0.02, 24), (0.05, 81)] {
            let Blocks::Enough(n) = Blocks::to_see(0.02, deviation, Between::UNKNOWN, tests) else {
                panic!()
            };
            let mut random = Random::new(3);
            let seen =
                (0..2000).filter(|_| is_seen(&ratios(n as usize, deviation, &mut random), tests)).count();
            let power = seen as f64 / 2000.0;
            println!("{deviation} {tests}: {n} blocks, power {power}");
            assert!((0.75..=0.9).contains(&power), "{power} of {n} blocks, {deviation}, {tests}");
        }
    }

    /// The power to see a bound 10 % below the truth, and one above it, in blocks by pilots of thirteen.
    fn powers(name: &str, noise: &dyn Fn(&mut Random) -> f64) -> [f64; 2] {
        let (mut random, mut chosen, mut seen) = (Random::new(4), Vec::new(), [0.0; 2]);
        let truth = median(&sorted((0..100_000).map(|_| noise(&mut random))));
        let mut values = |n: usize| -> Vec<f64> { (0..n).map(|_| noise(&mut random)).collect() };
        for _ in 0..1000 {
            let found = deviation(&values(13)).unwrap();
            let Blocks::Enough(n) = Blocks::to_see(0.1, found, Between::UNKNOWN, 1) else { continue };
            chosen.push(f64::from(n));
            let values = values(n as usize);
            for (seen, bound) in seen.iter_mut().zip([truth / 1.1, truth * 1.1]) {
                *seen += if sign::two_sided(&values, bound, 0.0) <= 0.05 { 0.001 } else { 0.0 };
            }
        }
        let chosen = sorted(chosen);
        let (least, middle, most) = (chosen[100], median(&chosen), chosen[chosen.len() - 100]);
        println!("{name}: {middle} blocks, {least} to {most} in eight of ten, powers {seen:?}");
        seen
    }

    #[test]
    fn blocks_by_a_pilot_of_thirteen_see_the_shift_nearly_as_often_but_beyond_a_tail_or_a_mode() {
        let is_near = |power: &f64| (0.7..=0.9).contains(power);
        assert!(powers("normal", &|random| (0.1 * random.normal()).exp()).iter().all(is_near));
        let tail = powers("tail", &|random| Noise::Tail.trial(random));
        let rare_mode = powers("rare mode", &|random| Noise::RareMode.trial(random));
        assert!(tail[0] > tail[1] && rare_mode[0] > rare_mode[1], "{tail:?} {rare_mode:?}");
        assert!(tail[1] > 0.5 && rare_mode[1] > 0.2, "{tail:?} {rare_mode:?}");
    }

    #[test]
    fn the_variance_of_a_median_of_processes_is_that_of_the_tables() {
        // T. Hojo (1931): of 3, 5 and 9 normal values.
        for (k, exact) in [(1, 1.0), (3, 0.4487), (5, 0.2868), (9, 0.1661)] {
            assert!((share_of_one(k) / exact - 1.0).abs() < 0.03, "{k}");
        }
    }

    /// A plan with so many processes of cell `a`, and one of `b`.
    fn plan_of(processes: u32) -> Plan {
        let planned = |id: &str| cell_of(&sample(id, 0), 2000);
        let cells = vec![PlannedCell { processes, ..planned("a") }, planned("b")];
        Plan { cells, ..Plan::empty(PresetName::Default, 7) }
    }

    /// Trials of a run whose blocks vary by `between` and whose processes by `within`.
    fn trials_of(blocks: u32, processes: u32, between: f64, within: f64) -> Vec<TrialRow> {
        let mut random = Random::new(5);
        let mut rows = Vec::new();
        for block in 1..=blocks {
            let of_block = between * random.normal();
            for process in 0..processes {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let ns = (1e9 * (of_block + within * random.normal()).exp()) as u64;
                let process_lifetime_ns = Some(2_000_000);
                rows.push(TrialRow { process, process_lifetime_ns, ..timed("a", block, ns) });
            }
            rows.push(TrialRow { process_lifetime_ns: Some(3_000_000), ..timed("b", block, 500_000_000) });
        }
        rows
    }

    #[test]
    fn what_varies_within_a_block_is_told_from_what_varies_between_blocks() {
        let claims = [claim("value", value("a"), ">= 1s"), claim("ratio", ratio("a", "b"), ">= 1")];
        let folder = run_of(&plan_of(9), &trials_of(1500, 9, 0.02, 0.06));
        let pilot = Pilot::read(folder.path(), &claims).unwrap();
        for scatter in &pilot.scatters {
            let scatter = scatter.as_ref().unwrap();
            // √(0.02² + 0.166·0.06²) = 0.0316; of one process √(0.02² + 0.06²) = 0.0632; of many 0.02.
            let found = [9, 1, 1_000_000].map(|processes| scatter.with(|_| processes));
            for (found, expected) in found.into_iter().zip([0.0316, 0.0632, 0.02]) {
                assert!((found / expected - 1.0).abs() < 0.15, "{found} for {expected}");
            }
            assert_eq!((scatter.blocks, scatter.between), (1500, Between::UNKNOWN));
        }
        assert_eq!(pilot.lifetimes["a"], Duration::from_millis(2));
    }

    #[test]
    fn of_one_process_a_block_all_scatter_is_between_blocks() {
        let mut rows = trials_of(20, 1, 0.02, 0.06);
        let repeated: Vec<TrialRow> =
            rows.iter().take(9).map(|row| TrialRow { process: 1, ..row.clone() }).collect();
        rows.extend(repeated);
        let folder = run_of(&plan_of(1), &rows);
        let pilot = Pilot::read(folder.path(), &[claim("c", ratio("a", "b"), ">= 1")]).unwrap();
        let scatter = pilot.scatters[0].as_ref().unwrap();
        assert!(scatter.within.is_empty());
        assert_eq!(scatter.with(|_| 16), scatter.deviation);
    }

    #[test]
    fn what_a_pilot_does_not_tell_is_said() {
        let mut rows = trials_of(6, 1, 0.0, 0.0);
        rows.retain(|row| row.runtime == "a" || row.block < 6);
        let why = |quantity| {
            let pilot = Pilot::read(run(&rows).path(), &[claim("c", quantity, ">= 1")]).unwrap();
            pilot.scatters.into_iter().next().unwrap().unwrap_err()
        };
        assert_eq!(why(ratio("a", "b")), "the pilot has 5 blocks of it, and 6 are the fewest");
        assert!(why(ratio("a", "absent")).contains("absent"));
        let crossover = Quantity::Crossover { of: vec![], over: vec![] };
        assert!(why(crossover).contains("crossover"));
        assert_eq!(deviation(&[f64::INFINITY; 6]).unwrap_err().split(',').count(), 2);
    }
}
