//! The statistics, one a module. Each is a pure function of finite numbers.

pub mod bca;
pub mod binomial;
pub mod bootstrap;
pub mod holm;
pub mod line;
pub mod median;
pub mod median_interval;
pub mod modified_z;
pub mod percentile;
pub mod sign;
pub mod student;
pub mod tost;
pub mod two_means;
pub mod two_medians;

#[cfg(test)]
pub(crate) mod reference;

pub use bootstrap::Bootstrap;
pub use two_medians::TwoBootstraps;

/// Share of repeated runs whose interval is to cover the truth.
pub const CONFIDENCE: f64 = 0.95;

/// No t interval and no t test from fewer values than this: of two, t is 12.7, and whether their
/// distribution is anything like normal cannot be seen.
pub const FEWEST: usize = 3;

/// No interval of a median from fewer values than this: below, the median lies outside all of them too
/// often, in 2 of 2ⁿ samples; see [`sign`].
pub const FEWEST_FOR_MEDIAN: usize = 6;

/// A confidence interval, in the unit of what it is of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// The smallest interval that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// The interval of exp(x), from that of x.
    #[must_use]
    pub fn exp(self) -> Self {
        Self { low: self.low.exp(), high: self.high.exp() }
    }
}
