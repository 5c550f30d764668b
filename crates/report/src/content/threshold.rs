//! How far a measured value lies from what is claimed.

use results::{Expectation, VerdictRow};

use crate::run::Run;

/// A claim with a value and a threshold. Positions are relative to the threshold, which is 1.
#[derive(Debug)]
pub struct Placed<'a> {
    pub row: &'a VerdictRow,
    pub value: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// The range in which the claim holds.
    pub claimed: (f64, f64),
}

/// A claim relative to its threshold, if it has a value and a threshold.
pub fn place<'a>(run: &Run, row: &'a VerdictRow) -> Option<Placed<'a>> {
    let value = row.measured?;
    let (threshold, claimed) = threshold(&run.claim_of(row)?.expect.on(run.plan.cores))?;
    let relative = |value: f64| value / threshold;
    Some(Placed {
        row,
        value: relative(value),
        low: row.ci_low.map(relative),
        high: row.ci_high.map(relative),
        claimed,
    })
}

/// The threshold, and the range relative to it in which the claim holds.
fn threshold(expect: &Expectation) -> Option<(f64, (f64, f64))> {
    let (threshold, claimed) = match (expect.low, expect.high) {
        (Some(low), None) => (low, (1.0, f64::INFINITY)),
        (None, Some(high)) => (high, (0.0, 1.0)),
        (Some(low), Some(high)) => {
            let middle = (low * high).sqrt();
            (middle, (low / middle, high / middle))
        }
        (None, None) => return None,
    };
    (threshold.is_finite() && threshold > 0.0).then_some((threshold, claimed))
}

/// The ends of the range that a logarithmic axis can show.
pub fn bounds(claimed: (f64, f64)) -> impl Iterator<Item = f64> {
    [claimed.0, claimed.1].into_iter().filter(|bound| bound.is_finite() && *bound > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_1_and_of_two_bounds_it_is_their_middle() {
        let claimed = |text, unit| threshold(&Expectation::parse(text, unit).unwrap()).unwrap();
        assert_eq!(claimed(">= 10", "ratio"), (10.0, (1.0, f64::INFINITY)));
        assert_eq!(claimed("<= 20ms", "ns"), (2e7, (0.0, 1.0)));
        let (middle, (low, high)) = claimed("within 10 %", "ratio");
        assert!((middle - 1.0).abs() < 1e-9 && (low * high - 1.0).abs() < 1e-9 && (high - 1.1).abs() < 1e-9);
        assert_eq!(threshold(&Expectation::parse(">= 0", "ratio").unwrap()), None);
    }
}
