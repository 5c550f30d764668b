//! The bootstrap distribution of a median, from whole blocks drawn with replacement.
//!
//! A resample is as many blocks as there are, drawn with replacement; the median of what they hold
//! is one replicate of the median. Source: B. Efron, "Bootstrap methods: another look at the
//! jackknife", Annals of Statistics 7 (1979).
//!
//! Each sample here has one value a block, so that to draw blocks is to draw values, and the draws
//! are independent of the values. Blocks may therefore be numbered by the rank of their value: the
//! *rank* at which a resample has its median is then a matter of the draws alone, and all samples of
//! n blocks share it. So the draws are made once per n, only the middle ranks are kept, and a
//! replicate costs one look-up. It is the same bootstrap, only in another order.
//!
//! The draws depend on the seed and on n, and on nothing else: not on the threads, nor on what else
//! is in the run.

use std::sync::OnceLock;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::interval::Interval;
use super::median::middle_ranks;
use super::percentile;
use super::replicates::Replicates;

/// Resamples a bootstrap distribution is made of.
pub const RESAMPLES: usize = 10_000;

/// The draws for samples of any size up to a largest one, each made when it is first needed.
#[derive(Debug)]
pub struct Bootstrap {
    seed: u64,
    /// By the size of the sample, in the order in which they were drawn.
    drawn: Vec<OnceLock<Vec<Middle>>>,
    /// The same, each with how many times it was drawn.
    counted: Vec<OnceLock<Counted<Middle>>>,
}

/// The ranks of the two values whose mean is the median of a resample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Middle {
    lower: u32,
    upper: u32,
}

impl Bootstrap {
    /// Nothing is drawn yet.
    pub fn new(seed: u64, largest_sample: usize) -> Self {
        let sizes = 0..=largest_sample;
        let drawn = sizes.clone().map(|_| OnceLock::new()).collect();
        Self { seed, drawn, counted: sizes.map(|_| OnceLock::new()).collect() }
    }

    /// The medians of [`RESAMPLES`] resamples of the sample, which is in ascending order, has at
    /// least one value, and no more than the largest sample that was announced.
    pub fn replicates(&self, sorted: &[f64]) -> Replicates {
        let n = sorted.len();
        let counted = self.counted[n].get_or_init(|| counted(self.drawn(n).to_vec()));
        Replicates::new(counted.iter().map(|(middle, times)| (middle.of(sorted), *times)))
    }

    /// Where the medians of the resamples of `n` values lie.
    pub(super) fn drawn(&self, n: usize) -> &[Middle] {
        // NOTE: nothing in `draw` may wait for another thread, or rayon could come back here.
        self.drawn[n].get_or_init(|| draw(self.seed, n))
    }
}

impl Middle {
    /// The median that it is in a sample in ascending order.
    pub(super) fn of(self, sorted: &[f64]) -> f64 {
        f64::midpoint(sorted[self.lower as usize], sorted[self.upper as usize])
    }
}

/// The percentile interval of any statistic of a sample: as many values drawn with replacement as there
/// are, again and again. Slower than [`Bootstrap::replicates`], and not only for medians.
pub fn interval_of<T: Copy>(sample: &[T], seed: u64, statistic: impl Fn(&[T]) -> f64) -> Interval {
    let mut random = generator(seed, sample.len());
    let mut resample = sample.to_vec();
    let replicate = |_| {
        for value in &mut resample {
            *value = sample[below(&mut random, sample.len())];
        }
        statistic(&resample)
    };
    percentile::interval(&mut (0..RESAMPLES).map(replicate).collect::<Vec<f64>>())
}

/// What was drawn, each with how many times.
pub(super) type Counted<T> = Vec<(T, u32)>;

/// Counts equal ones together.
pub(super) fn counted<T: Copy + Ord>(mut drawn: Vec<T>) -> Counted<T> {
    drawn.sort_unstable();
    #[allow(clippy::cast_possible_truncation)] // at most RESAMPLES
    drawn.chunk_by(T::eq).map(|equal| (equal[0], equal.len() as u32)).collect()
}

/// Draws the resamples of `n` values, and keeps where their medians lie.
fn draw(seed: u64, n: usize) -> Vec<Middle> {
    let mut random = generator(seed, n);
    let mut times_drawn = vec![0; n];
    (0..RESAMPLES)
        .map(|_| {
            times_drawn.fill(0);
            for _ in 0..n {
                times_drawn[below(&mut random, n)] += 1;
            }
            middle(&times_drawn)
        })
        .collect()
}

/// A generator of its own for each n. The key is spelled out, since `seed_from_u64` is free to change
/// between versions, and with it every interval.
fn generator(seed: u64, n: usize) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut random = ChaCha8Rng::from_seed(key);
    random.set_stream(n as u64);
    random
}

/// A number below `n`, by multiplication (D. Lemire, "Fast random integer generation in an interval",
/// 2019) without his rejection step: no number is favoured by more than n / 2³².
fn below(random: &mut ChaCha8Rng, n: usize) -> usize {
    #[allow(clippy::cast_possible_truncation)] // below n
    let number = ((u64::from(random.next_u32()) * n as u64) >> 32) as usize;
    number
}

/// The middle ranks of a resample, given how many times each rank was drawn.
fn middle(times_drawn: &[u32]) -> Middle {
    let (lower, upper) = middle_ranks(times_drawn.len());
    let mut drawn = 0;
    let mut rank_at = |position: usize, mut rank: usize| {
        while drawn + times_drawn[rank] as usize <= position {
            drawn += times_drawn[rank] as usize;
            rank += 1;
        }
        rank
    };
    let lower = rank_at(lower, 0);
    let upper = rank_at(upper, lower);
    #[allow(clippy::cast_possible_truncation)] // a sample of 2³² values does not fit here
    let middle = Middle { lower: lower as u32, upper: upper as u32 };
    middle
}

#[cfg(test)]
mod tests {
    use super::super::median::sorted;
    use super::super::reference::{FORTY_ONE, assert_ends};
    use super::*;

    #[test]
    fn the_middle_of_a_resample_counts_each_rank_as_often_as_it_was_drawn() {
        // Drawn: 0 0 2; 1 1 3 3; 0 1 2 3; 2 2 2 2.
        assert_eq!(middle(&[2, 0, 1]), Middle { lower: 0, upper: 0 });
        assert_eq!(middle(&[0, 2, 0, 2]), Middle { lower: 1, upper: 3 });
        assert_eq!(middle(&[1, 1, 1, 1]), Middle { lower: 1, upper: 2 });
        assert_eq!(middle(&[0, 0, 4, 0]), Middle { lower: 2, upper: 2 });
    }

    #[test]
    fn the_draws_are_the_same_for_the_same_seed_and_others_for_another() {
        assert_eq!(draw(7, 20), draw(7, 20));
        assert_ne!(draw(7, 20), draw(8, 20));
    }

    #[test]
    fn replicates_are_distributed_as_theory_says() {
        // For odd n the median of a resample is at or below the k-th of n values with the probability
        // that at least (n+1)/2 of n draws are among the first k (Efron 1979, section 3).
        // scipy 1.17.1, n = 41: stats.binom.sf(20, 41, k / 41) for k = 15, 18, 21, 25.
        let expected = [(15, 0.039_130_92), (18, 0.215_174_37), (21, 0.562_437_58), (25, 0.923_883_76)];
        let ranks: Vec<f64> = (1..=41).map(f64::from).collect();
        let replicates = Bootstrap::new(7, 41).replicates(&ranks);
        for (k, probability) in expected {
            let share = replicates.share_below(f64::from(k) + 0.5);
            // Five standard errors of a share of 10,000.
            assert!((share - probability).abs() < 0.025, "rank {k}: {share} for {probability}");
        }
    }

    #[test]
    fn the_interval_of_a_mean_agrees_with_theory() {
        // Of 41 ranks the mean is 21 and its standard error √(41² − 1) / √12 / √41 = 1.8475; normal
        // quantiles 1.96: 17.38 to 24.62.
        let ranks: Vec<f64> = (1..=41).map(f64::from).collect();
        let interval = interval_of(&ranks, 7, |values| values.iter().sum::<f64>() / values.len() as f64);
        assert_ends(interval, 17.38, 24.62, 0.15);
    }

    #[test]
    fn the_percentile_interval_agrees_with_scipy() {
        // scipy 1.17.1: stats.bootstrap((FORTY_ONE,), np.median, n_resamples=200000,
        // method="percentile"), the same for ten seeds; the interval ends on values of the sample.
        let interval = Bootstrap::new(7, 41).replicates(&sorted(FORTY_ONE)).percentile_interval();
        assert_ends(interval, 0.871, 1.18, 1e-9);
    }
}
