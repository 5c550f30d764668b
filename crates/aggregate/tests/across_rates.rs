//! How often the intervals over machines hold the truth, by simulation: machines whose true ratios are drawn from a known
//! distribution, each with blocks whose noise is of the kinds that processes have.
//!
//! The seeds are fixed, so that a test that passes once passes always; none was chosen.

mod support;

use aggregate::stats::one_machine::{OneMachine, shown};
use aggregate::stats::random_effects::{Across, Quantiles};
use aggregate::stats::{Between, Interval, Ordered, binomial, sign, student};
use rayon::prelude::*;
use support::noise::{ALL, Noise, Random, assert_between};

/// Simulated sets of machines of each kind.
const SETS: u64 = 2000;
/// By how much the noise of a block is less than that of a trial: the medians of 13 blocks then have errors of about 0.7 %.
const BLOCK: f64 = 0.05;
/// ln of the mean ratio over all machines that there could be.
const MEAN: f64 = 0.1;

/// Machines that are drawn, and their blocks.
#[derive(Debug, Clone, Copy)]
struct Cluster {
    machines: usize,
    /// Blocks of each; where they are unequal, the first machines have fewer.
    blocks: usize,
    /// By how much the machines truly differ.
    tau: f64,
    noise: Noise,
    /// Whether the noise of one machine is up to six times that of another, and it has half as many blocks.
    unequal: bool,
}

/// What was found of one drawn set.
struct Found {
    across: Across,
    /// The interval of the median of all blocks of all machines, as if they were of one.
    pooled: Interval,
    /// The true ln ratio of one machine more.
    another: f64,
}

impl Cluster {
    fn draw(self, random: &mut Random, quantiles: &Quantiles, t: &[f64]) -> Found {
        let (mut machines, mut all) = (Vec::new(), Vec::new());
        for place in 0..self.machines {
            let truth = MEAN + self.tau * random.normal();
            let share = place as f64 / (self.machines - 1) as f64;
            let (scale, blocks) = if self.unequal {
                (0.3 + 1.7 * share, self.blocks - (self.blocks / 2) * (place % 2))
            } else {
                (1.0, self.blocks)
            };
            let block = |random: &mut Random| {
                let arms = self.noise.trial(random) / self.noise.trial(random);
                truth + scale * BLOCK * arms.ln()
            };
            let values: Vec<f64> = (0..blocks).map(|_| block(random)).collect();
            machines.push(OneMachine::of(&Ordered::new(values.iter().copied()), Between::UNKNOWN));
            all.extend(values);
        }
        let shown = shown(&machines, |blocks| t[blocks as usize]).unwrap();
        all.sort_unstable_by(f64::total_cmp);
        Found {
            across: Across::of(&shown, quantiles),
            pooled: sign::interval(&all).unwrap(),
            another: MEAN + self.tau * random.normal(),
        }
    }

    /// Shares of sets in which the interval of the mean, that of the next machine, that of τ, the plain one and the
    /// pooled one hold what they are of.
    fn coverage(self) -> [f64; 5] {
        let quantiles = Quantiles::of(self.machines).unwrap();
        let t: Vec<f64> =
            (0..=self.blocks).map(|n| if n < 2 { f64::INFINITY } else { student::t(n) }).collect();
        let holds = |set: u64| {
            let Found { across, pooled, another } = self.draw(&mut Random::new(set), &quantiles, &t);
            let Across { interval, next, tau_interval, plain, .. } = across;
            [
                interval.contains(MEAN),
                next.contains(another),
                tau_interval.contains(self.tau),
                plain.contains(MEAN),
                pooled.contains(MEAN),
            ]
        };
        let add = |a: [u64; 5], b: [u64; 5]| [0, 1, 2, 3, 4].map(|place| a[place] + b[place]);
        let held = (0..SETS).into_par_iter().map(|set| holds(set).map(u64::from)).reduce(|| [0; 5], add);
        held.map(|held| held as f64 / SETS as f64)
    }
}

#[test]
fn the_intervals_over_machines_hold_the_truth_as_often_as_they_say() {
    // As many as a true rate of so much gives.
    let least = |rate: f64| binomial::acceptable(SETS, rate).0 as f64 / SETS as f64;
    for machines in [3, 4, 8, 16] {
        for (tau, blocks, unequal) in [
            (0.0, 13, false),
            (0.01, 13, false),
            (0.01, 13, true),
            (0.03, 13, true),
            (0.03, 4, false),
            (0.01, 7, true),
        ] {
            for noise in ALL {
                let cluster = Cluster { machines, blocks, tau, noise, unequal };
                let [mean, next, spread, plain, pooled] = cluster.coverage();
                assert_between(mean, least(0.94), 1.0, &format!("mean, {cluster:?}"));
                assert_between(plain, least(0.94), 1.0, &format!("plain, {cluster:?}"));
                // τ itself is uncertain, the more so the fewer machines there are and the noisier they are.
                assert_between(next, least(0.87), 1.0, &format!("next, {cluster:?}"));
                assert_between(spread, least(0.85), 1.0, &format!("τ, {cluster:?}"));
                if tau > 0.0 {
                    assert_between(pooled, 0.0, 0.85, &format!("pooled, {cluster:?}"));
                }
            }
        }
    }
}
