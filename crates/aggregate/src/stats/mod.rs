//! The statistics, one a module. Each is a pure function of finite numbers.

pub mod bca;
pub mod binomial;
pub mod bootstrap;
pub mod holm;
pub mod line;
pub mod median;
pub mod modified_z;
pub mod percentile;
pub mod sign;
pub mod student;
pub mod tost;

#[cfg(test)]
pub(crate) mod reference;

pub use bootstrap::Bootstrap;

/// Share of repeated runs whose interval is to cover the truth.
pub const CONFIDENCE: f64 = 0.95;

/// No interval and no test from fewer values than this: the bootstrap of two values knows only three
/// different samples, and what it says about the truth is nothing.
pub const FEWEST: usize = 3;

/// A confidence interval, in the unit of what it is of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// The interval of exp(x), from that of x.
    #[must_use]
    pub fn exp(self) -> Self {
        Self { low: self.low.exp(), high: self.high.exp() }
    }
}
