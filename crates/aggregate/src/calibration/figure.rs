//! A figure of the lab's own errors, and whether it is as it ought to be.

use results::CalibrationRow;

use crate::stats::{Interval, binomial};

/// What a share ought to be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Nominal {
    Is(f64),
    AtMost(f64),
    /// Anything.
    Open,
}

impl Nominal {
    fn share(self) -> Option<f64> {
        match self {
            Self::Is(share) | Self::AtMost(share) => Some(share),
            Self::Open => None,
        }
    }

    /// Whether a count does not speak against it.
    fn holds(self, count: u64, n: u64) -> Option<bool> {
        let (fewest, most) = binomial::acceptable(n, self.share()?);
        Some(count <= most && (count >= fewest || matches!(self, Self::AtMost(_))))
    }
}

/// A share that was counted.
pub(super) fn share(figure: &str, count: u64, n: u64, nominal: Nominal) -> CalibrationRow {
    let (value, interval) = (count as f64 / n as f64, binomial::interval(count, n));
    CalibrationRow {
        holds: nominal.holds(count, n),
        ..row(figure, "share", n, value, Some(interval), nominal.share())
    }
}

/// A figure, which holds where its interval does not leave out what is nominal.
pub(super) fn row(
    figure: &str,
    unit: &str,
    n: u64,
    value: f64,
    interval: Option<Interval>,
    nominal: Option<f64>,
) -> CalibrationRow {
    CalibrationRow {
        figure: figure.into(),
        n,
        value,
        ci_low: interval.and_then(Interval::known_low),
        ci_high: interval.and_then(Interval::known_high),
        unit: unit.into(),
        nominal,
        holds: interval.zip(nominal).map(|(interval, nominal)| interval.contains(nominal)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_holds_where_the_binomial_test_does_not_speak_against_it() {
        let holds = |count, nominal| share("x", count, 200, nominal).holds;
        // scipy: 4 to 16 of 200 are compatible with 5 %; see stats::binomial.
        assert_eq!(
            [3, 4, 16, 17].map(|count| holds(count, Nominal::Is(0.05)).unwrap()),
            [false, true, true, false]
        );
        assert_eq!(
            [0, 16, 17].map(|count| holds(count, Nominal::AtMost(0.05)).unwrap()),
            [true, true, false]
        );
        assert_eq!(holds(50, Nominal::Open), None);
    }
}
