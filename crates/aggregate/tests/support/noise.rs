//! Noise of the kinds that processes have, of known truth: skewed, with a long tail, of two modes (where the
//! scheduler put a thread), and drifting.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

/// The kinds of noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noise {
    /// Log-normal, 30 %.
    Skewed,
    /// A minimum, and an exponential tail of 30 % above it.
    Tail,
    /// Half as much again in every second trial, and 5 % either way.
    TwoModes,
    /// Half as much again in every fifth trial, and 5 % either way.
    RareMode,
    /// A tail as above; beside it a random walk from block to block, and in one block of ten an episode
    /// that makes it all a third slower: the whole block alike.
    Drifting,
}

pub const ALL: [Noise; 5] = [Noise::Skewed, Noise::Tail, Noise::TwoModes, Noise::RareMode, Noise::Drifting];

impl Noise {
    /// What one trial takes, as a share of what it should, without the drift.
    pub fn trial(self, random: &mut Random) -> f64 {
        let slow_once_in = |times: f64, random: &mut Random| {
            let mode = if random.uniform() < 1.0 / times { 1.5 } else { 1.0 };
            mode * (0.05 * random.normal()).exp()
        };
        match self {
            Self::Skewed => (0.3 * random.normal()).exp(),
            Self::Tail | Self::Drifting => 1.0 + 0.3 * random.exponential(),
            Self::TwoModes => slow_once_in(2.0, random),
            Self::RareMode => slow_once_in(5.0, random),
        }
    }
}

/// What all trials of a block share.
pub struct Drift {
    drifts: bool,
    walked: f64,
}

impl Drift {
    pub fn of(noise: Noise) -> Self {
        Self { drifts: noise == Noise::Drifting, walked: 0.0 }
    }

    /// The factor of the next block.
    pub fn next(&mut self, random: &mut Random) -> f64 {
        if !self.drifts {
            return 1.0;
        }
        self.walked += 0.03 * random.normal();
        self.walked.exp() * if random.uniform() < 0.1 { 1.33 } else { 1.0 }
    }
}

/// Random numbers of the distributions that noise is made of.
pub struct Random(ChaCha8Rng);

impl Random {
    /// Another sequence for each run.
    pub fn new(run: u64) -> Self {
        let mut random = ChaCha8Rng::from_seed([4; 32]);
        random.set_stream(run);
        Self(random)
    }

    /// Above 0, and at most 1.
    pub fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }

    pub fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    /// By G. E. P. Box and M. E. Muller (1958).
    pub fn normal(&mut self) -> f64 {
        (2.0 * self.exponential()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// The share of simulated cases of which something holds.
pub fn share(cases: u64, holds: impl Fn(&mut Random) -> bool + Sync) -> f64 {
    let found = (0..cases).into_par_iter().filter(|case| holds(&mut Random::new(*case))).count();
    found as f64 / cases as f64
}

/// Fails unless a rate lies between two others.
pub fn assert_between(found: f64, low: f64, high: f64, what: &str) {
    println!("{what}: {:.2} %", 100.0 * found);
    assert!((low..=high).contains(&found), "{what}: {found} is not between {low} and {high}");
}
