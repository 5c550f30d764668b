//! The replicates of a bootstrap distribution, equal ones counted together.
//!
//! Of 10,000 medians of resamples of 40 values no more than a few hundred are different, so that to order
//! and to count those is far faster than to order all of them.

use super::interval::{CONFIDENCE, Interval};
use super::percentile;

/// At least one replicate.
#[derive(Debug, Clone)]
pub struct Replicates {
    /// Each value with how many replicates have it, in ascending order. A value may stand here twice.
    ascending: Vec<(f64, u32)>,
    all: u32,
}

impl Replicates {
    /// From values, each with how many replicates have it.
    pub fn new(counted: impl IntoIterator<Item = (f64, u32)>) -> Self {
        let mut ascending: Vec<(f64, u32)> = counted.into_iter().collect();
        ascending.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
        let all = ascending.iter().map(|(_, times)| times).sum();
        Self { ascending, all }
    }

    /// How many replicates there are.
    pub fn count(&self) -> u32 {
        self.all
    }

    /// The share of the replicates that lie below a value; those equal to it count half.
    pub fn share_below(&self, value: f64) -> f64 {
        let times_where = |holds: &dyn Fn(f64) -> bool| {
            f64::from(self.ascending.iter().filter(|(x, _)| holds(*x)).map(|(_, times)| times).sum::<u32>())
        };
        #[allow(clippy::float_cmp)] // ties are what is counted
        let tied = times_where(&|x| x == value);
        (times_where(&|x| x < value) + tied / 2.0) / f64::from(self.all)
    }

    /// The interval between two quantiles, each from 0 to 1 ([`percentile`] defines them).
    pub fn between(&self, low: f64, high: f64) -> Interval {
        Interval { low: self.quantile(low), high: self.quantile(high) }
    }

    /// The percentile interval.
    pub fn percentile_interval(&self) -> Interval {
        self.between((1.0 - CONFIDENCE) / 2.0, f64::midpoint(1.0, CONFIDENCE))
    }

    fn quantile(&self, p: f64) -> f64 {
        let rank = percentile::Rank::of(self.all as usize, p);
        let mut reached = 0;
        let at = self.ascending.iter().position(|(_, times)| {
            reached += *times as usize;
            reached > rank.below
        });
        let at = at.expect("the ranks end with the replicates");
        let (low, _) = self.ascending[at];
        // The next rank has the same value, unless this was the last replicate that has it.
        let next = if reached > rank.below + 1 { at } else { at + 1 };
        let above = self.ascending.get(next).map(|(value, _)| *value);
        rank.interpolated(low, above)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_all_replicates_one_by_one() {
        let counted = [(3.0, 2), (1.0, 4), (2.5, 1), (9.0, 3)];
        let mut one_by_one: Vec<f64> =
            counted.iter().flat_map(|(value, times)| vec![*value; *times as usize]).collect();
        let replicates = Replicates::new(counted);
        assert_eq!(replicates.count(), 10);
        for step in 0..=200 {
            let p = f64::from(step) / 200.0;
            let found = replicates.between(p, p).low;
            assert_eq!(found.to_bits(), percentile::quantile(&mut one_by_one, p).to_bits(), "{p}");
        }
    }

    #[test]
    fn ties_count_half() {
        let replicates = Replicates::new([(1.0, 1), (2.0, 2), (3.0, 1)]);
        assert_eq!(replicates.share_below(2.0), 0.5);
        assert_eq!(replicates.share_below(1.0), 0.125);
        assert_eq!(replicates.share_below(9.0), 1.0);
    }
}
