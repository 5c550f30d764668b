//! The percentile bootstrap: the interval of a statistic for which there is no formula, from the statistics of
//! resamples, as many values drawn with replacement as there are. Source: B. Efron, "Bootstrap methods: another
//! look at the jackknife", Annals of Statistics 7 (1979).
//!
//! The draws depend on the seed and on the number of values, and on nothing else. Medians need none of it: their
//! interval is exact ([`sign`](super::sign)).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::interval::Interval;
use super::percentile;

/// Resamples a bootstrap distribution is made of.
pub const RESAMPLES: usize = 10_000;

/// The percentile interval of a statistic of a sample.
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

#[cfg(test)]
mod tests {
    use super::super::median::{median, sorted};
    use super::super::reference::{FORTY_ONE, assert_ends};
    use super::*;

    #[test]
    fn the_interval_of_a_mean_agrees_with_theory() {
        // Of 41 ranks the mean is 21 and its standard error √(41² − 1) / √12 / √41 = 1.8475; normal
        // quantiles 1.96: 17.38 to 24.62.
        let ranks: Vec<f64> = (1..=41).map(f64::from).collect();
        let interval = interval_of(&ranks, 7, |values| values.iter().sum::<f64>() / values.len() as f64);
        assert_ends(interval, 17.38, 24.62, 0.15);
    }

    #[test]
    fn the_interval_of_a_median_agrees_with_scipy() {
        // scipy 1.17.1: stats.bootstrap((FORTY_ONE,), np.median, n_resamples=200000,
        // method="percentile"), the same for ten seeds; the interval ends on values of the sample.
        let interval = interval_of(&FORTY_ONE, 7, |values| median(&sorted(values)));
        assert_ends(interval, 0.871, 1.18, 1e-9);
    }
}
