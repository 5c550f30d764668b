//! Order statistics of times.

use serde::{Deserialize, Serialize};

/// Order statistics of a round's times, nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Quantiles {
    pub p50: u64,
    pub p90: u64,
    pub p99: u64,
    pub p999: u64,
    pub max: u64,
}

impl Quantiles {
    /// By the nearest rank (no interpolation: each is a value that occurred); `None` of nothing.
    pub fn of(mut values: Vec<u64>) -> Option<Self> {
        values.sort_unstable();
        let max = *values.last()?;
        let rank = |permille: usize| values[(values.len() * permille).div_ceil(1000).max(1) - 1];
        Some(Self { p50: rank(500), p90: rank(900), p99: rank(990), p999: rank(999), max })
    }

    /// Those of what follows from the values, in the same order.
    #[must_use]
    pub fn map(self, follows: impl Fn(u64) -> u64) -> Self {
        let Self { p50, p90, p99, p999, max } = self;
        let [p50, p90, p99, p999, max] = [p50, p90, p99, p999, max].map(follows);
        Self { p50, p90, p99, p999, max }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let quantiles = Quantiles::of((1..=1000).rev().collect()).unwrap();
        assert_eq!(quantiles, Quantiles { p50: 500, p90: 900, p99: 990, p999: 999, max: 1000 });
        assert_eq!(Quantiles::of(vec![]), None);
    }
}
