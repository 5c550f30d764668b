//! Values in ascending order, some of which may be known to be beyond any number, or not known at all.
//!
//! A trial that failed has no makespan; what is known is that the work was not done in any time, so that its
//! value is +∞. Of a ratio of two trials that both failed nothing is known: it may lie anywhere. Order
//! statistics need no more than that. The unknown values count as below all others where the lower end of an
//! interval is asked for, and as above all others where the upper end is.

use super::interval::Interval;
use super::median::middle_ranks;
use super::sign;

/// The values of a sample in ascending order.
#[derive(Debug, Clone, PartialEq)]
pub struct Ordered {
    known: Vec<f64>,
    unknown: usize,
}

impl Ordered {
    /// From values in any order; what is not a number is not known.
    pub fn new(values: impl IntoIterator<Item = f64>) -> Self {
        let (mut known, unknown): (Vec<f64>, Vec<f64>) = values.into_iter().partition(|x| !x.is_nan());
        known.sort_unstable_by(f64::total_cmp);
        Self { known, unknown: unknown.len() }
    }

    /// How many there are, those that are not known included.
    pub fn count(&self) -> usize {
        self.known.len() + self.unknown
    }

    /// The values that are known.
    pub fn known(&self) -> &[f64] {
        &self.known
    }

    /// The median; none where it is not known, or there is no value.
    pub fn median(&self) -> Option<f64> {
        if self.count() == 0 {
            return None;
        }
        let (lower, upper) = middle_ranks(self.count());
        let median = |at: &dyn Fn(usize) -> f64| {
            let (lower, upper) = (at(lower), at(upper));
            // Halfway between two infinities of one sign is where both are; there is no middle of ±∞.
            f64::midpoint(lower, upper)
        };
        let (least, most) = (median(&|rank| self.least(rank)), median(&|rank| self.most(rank)));
        least.total_cmp(&most).is_eq().then_some(least)
    }

    /// The interval of the median by the [sign test](sign::interval); its ends may be infinite. None from fewer
    /// than [`FEWEST_FOR_MEDIAN`](super::FEWEST_FOR_MEDIAN) values.
    pub fn interval(&self) -> Option<Interval> {
        sign::interval_by(self.count(), |rank| self.least(rank), |rank| self.most(rank))
    }

    /// From the value at a rank, from 0, to the one at the same rank from above.
    pub fn between_ranks(&self, rank: usize) -> Interval {
        Interval { low: self.least(rank), high: self.most(self.count() - 1 - rank) }
    }

    /// The value at a rank, from 0, were the unknown ones below all others.
    fn least(&self, rank: usize) -> f64 {
        rank.checked_sub(self.unknown).map_or(f64::NEG_INFINITY, |rank| self.known[rank])
    }

    /// The value at a rank, from 0, were the unknown ones above all others.
    fn most(&self, rank: usize) -> f64 {
        self.known.get(rank).copied().unwrap_or(f64::INFINITY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    fn ordered(values: &[f64]) -> Ordered {
        Ordered::new(values.iter().copied())
    }

    #[test]
    fn the_median_of_known_values_is_the_middle_one() {
        assert_eq!(ordered(&[3.0, 1.0, 2.0]).median(), Some(2.0));
        assert_eq!(ordered(&[4.0, 1.0, 2.0, 3.0]).median(), Some(2.5));
        assert_eq!(ordered(&[]).median(), None);
    }

    #[test]
    fn a_failure_lies_above_all_numbers() {
        assert_eq!(ordered(&[INF, 1.0, 2.0]).median(), Some(2.0));
        assert_eq!(ordered(&[INF, INF, 2.0]).median(), Some(INF));
        assert_eq!(ordered(&[INF, INF, 2.0, 1.0]).median(), Some(INF), "halfway to infinity");
    }

    #[test]
    fn what_is_not_known_may_lie_anywhere() {
        let nan = f64::NAN;
        assert_eq!(ordered(&[nan, 1.0, 2.0]).median(), None);
        assert_eq!(ordered(&[nan, 2.0, 2.0, 2.0, 9.0]).median(), Some(2.0));
        let interval = ordered(&[nan, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).interval().unwrap();
        assert_eq!(interval, Interval { low: f64::NEG_INFINITY, high: INF });
    }

    #[test]
    fn an_interval_ends_at_infinity_where_an_outermost_value_does() {
        let interval = ordered(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, INF]).interval().unwrap();
        assert!(interval.low > 1.0 && interval.low < 2.0 && interval.high == INF, "{interval:?}");
        let interval = ordered(&[1.0, INF, INF, INF, INF, INF, INF]).interval().unwrap();
        assert_eq!(interval, Interval { low: 1.0, high: INF });
        assert_eq!(ordered(&[1.0; 5]).interval(), None);
    }
}
