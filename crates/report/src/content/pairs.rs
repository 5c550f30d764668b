//! Any two runtimes of an overview group, compared block by block: the rows of `ratios.csv` with `against = pair`.

use std::collections::HashMap;

use aggregate::stats::FEWEST_FOR_MEDIAN;
use results::{Against, Estimate, Metric, RatioRow, estimate};

use crate::format::{counted, is_enough};
use crate::run::Run;

/// From this p on, corrected for the lines of one comparison, a difference may be chance.
pub const ALPHA: f64 = 0.05;

/// The ratios of all pairs of a run.
#[derive(Debug)]
pub struct Pairs<'a> {
    rows: HashMap<Key<'a>, &'a RatioRow>,
}

/// The group, the metric, the numerator and the denominator.
type Key<'a> = (&'a str, Metric, &'a str, &'a str);

/// One runtime over another by a cost: below 1 the first is better.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct PairRatio {
    pub ratio: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// p of the ratio being 1, corrected for the lines of one comparison.
    pub p: Option<f64>,
    /// Blocks.
    pub n: u64,
}

/// What a ratio says of its first runtime, by the interval of the ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    Better,
    Worse,
    /// The interval holds 1.
    CannotTell,
    /// There are too few blocks for an interval.
    TooFew,
}

impl Difference {
    pub const ALL: [Self; 4] = [Self::Better, Self::Worse, Self::CannotTell, Self::TooFew];

    /// The same in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::CannotTell => "cannot tell",
            Self::TooFew => "too few blocks",
        }
    }
}

impl<'a> Pairs<'a> {
    /// The pairs of a run; none of a run that an older kilotask summarised.
    pub fn of(run: &'a Run) -> Self {
        let pairs = run.ratios.iter().filter(|row| row.against == Against::Pair);
        let key =
            |row: &'a RatioRow| (row.group.as_str(), row.metric, row.runtime.as_str(), row.baseline.as_str());
        Self { rows: pairs.map(|row| (key(row), row)).collect() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// `a` over `b`, whichever of the two the file has as the numerator.
    pub fn get(&self, group: &'a str, metric: Metric, a: &'a str, b: &'a str) -> Option<PairRatio> {
        let of = |row: &RatioRow| PairRatio {
            ratio: row.ratio,
            low: row.ci_low,
            high: row.ci_high,
            p: row.p_adjusted,
            n: row.n,
        };
        let as_written = self.rows.get(&(group, metric, a, b)).map(|row| of(row));
        as_written.or_else(|| self.rows.get(&(group, metric, b, a)).map(|row| of(row).inverse()))
    }
}

impl PairRatio {
    /// The same of the second runtime over the first.
    #[must_use]
    pub fn inverse(self) -> Self {
        let inverse = |value: f64| 1.0 / value;
        Self { ratio: inverse(self.ratio), low: self.high.map(inverse), high: self.low.map(inverse), ..self }
    }

    /// In the digits that its interval supports.
    pub fn shown(self) -> Estimate {
        estimate(self.ratio, self.low, self.high, "ratio")
    }

    /// What it says of its first runtime.
    pub fn difference(self) -> Difference {
        let (low, high) = (self.low.unwrap_or(0.0), self.high.unwrap_or(f64::INFINITY));
        match (high < 1.0, low > 1.0) {
            (true, _) => Difference::Better,
            (_, true) => Difference::Worse,
            _ if !is_enough(self.n) => Difference::TooFew,
            _ => Difference::CannotTell,
        }
    }

    /// Whether the difference is beyond chance after the correction for all lines of one comparison, too.
    pub fn is_certain(self) -> bool {
        self.p.is_some_and(|p| p <= ALPHA)
    }

    /// `better*, by a factor of 17`; a star where it is certain. Of too few blocks, how many there are.
    pub fn words(self) -> String {
        let (words, star) = (self.difference().words(), if self.is_certain() { "*" } else { "" });
        match self.difference() {
            Difference::Better => format!("{words}{star}, by a factor of {}", self.inverse().shown().value),
            Difference::Worse => format!("{words}{star}, by a factor of {}", self.shown().value),
            Difference::CannotTell => words.into(),
            Difference::TooFew => shared(self.n),
        }
    }
}

/// That two cells were measured together in too few blocks: `they share 1 block; 6 are needed`.
pub fn shared(blocks: u64) -> String {
    let shared = if blocks == 0 { "no block".into() } else { counted(blocks, "block") };
    format!("they share {shared}; {FEWEST_FOR_MEDIAN} are needed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(low: f64, high: f64, p: f64) -> PairRatio {
        PairRatio { ratio: (low * high).sqrt(), low: Some(low), high: Some(high), p: Some(p), n: 9 }
    }

    #[test]
    fn the_interval_says_what_is_better_and_p_whether_that_is_certain_among_all_lines() {
        assert_eq!(ratio(0.2, 0.5, 0.01).words(), "better*, by a factor of 3.2");
        assert_eq!(ratio(0.2, 0.5, 0.2).words(), "better, by a factor of 3.2");
        assert_eq!(ratio(1.2, 1.5, 0.01).words(), "worse*, by a factor of 1.3");
        assert_eq!(ratio(0.9, 1.5, 0.2).words(), "cannot tell");
        let unknown = PairRatio { low: None, high: None, ..ratio(0.2, 0.5, 0.01) };
        assert_eq!(unknown.difference(), Difference::CannotTell);
        assert_eq!(PairRatio { n: 3, ..unknown }.words(), "they share 3 blocks; 6 are needed");
    }

    #[test]
    fn the_inverse_turns_the_ends_of_the_interval_round() {
        let inverse = ratio(0.25, 0.5, 0.01).inverse();
        assert_eq!((inverse.low, inverse.high), (Some(2.0), Some(4.0)));
        assert_eq!(inverse.difference(), Difference::Worse);
        assert_eq!(ratio(0.25, 0.5, 0.01).shown().to_string(), "0.35 [0.25, 0.50]");
    }
}
