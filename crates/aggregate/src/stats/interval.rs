//! Confidence intervals, and the conventions that all statistics here share.

/// Share of repeated runs whose interval is to cover the truth.
pub const CONFIDENCE: f64 = 0.95;

/// A difference is significant where its p-value, adjusted if there are several, is at most this.
pub const SIGNIFICANCE: f64 = 0.05;

/// No t interval and no t test from fewer values than this: of two, t is 12.7, and whether their
/// distribution is anything like normal cannot be seen.
pub const FEWEST: usize = 3;

/// No interval of a median from fewer values than this: below, the median lies outside all of them too
/// often, in 2 of 2ⁿ samples; see [`sign`](super::sign).
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
    /// The interval of a value that is certain.
    pub fn point(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// Whether the value lies in it, its ends included.
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// The lower end, if it is a number.
    pub fn known_low(self) -> Option<f64> {
        Some(self.low).filter(|low| low.is_finite())
    }

    /// The upper end, if it is a number.
    pub fn known_high(self) -> Option<f64> {
        Some(self.high).filter(|high| high.is_finite())
    }

    /// The interval of exp(x), from that of x.
    #[must_use]
    pub fn exp(self) -> Self {
        Self { low: self.low.exp(), high: self.high.exp() }
    }
}
