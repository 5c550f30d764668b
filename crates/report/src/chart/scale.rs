//! The place of a value on an axis, and the values of its ticks.

/// A linear or logarithmic scale, from one place of the drawing to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    log: bool,
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

/// Which numbers are round, for ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steps {
    /// 1, 2, 5, 10, …
    Decimal,
    /// 1, 2, 4, 16, 1024, …: for bytes.
    Binary,
}

/// Whether a value lies beyond the axis, and on which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    Nowhere,
    Low,
    High,
}

impl Scale {
    /// A linear scale of values from `domain.0` to `domain.1`. Impossible bounds are corrected.
    pub fn linear(domain: (f64, f64), place: (f64, f64)) -> Self {
        let low = if domain.0.is_finite() { domain.0 } else { 0.0 };
        let high = if domain.1.is_finite() && domain.1 > low { domain.1 } else { low + 1.0 };
        Self { log: false, low, high, from: place.0, to: place.1 }
    }

    /// A logarithmic scale. Impossible bounds, or bounds that are not above 0, are corrected.
    pub fn log(domain: (f64, f64), place: (f64, f64)) -> Self {
        let low = if domain.0.is_finite() && domain.0 > 0.0 { domain.0 } else { 1.0 };
        let high = if domain.1.is_finite() && domain.1 > low { domain.1 } else { low * 10.0 };
        Self { log: true, low, high, from: place.0, to: place.1 }
    }

    pub fn domain(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// The place of a value; on a logarithmic scale values that are not above 0 have none.
    pub fn at(&self, value: f64) -> Option<f64> {
        if !value.is_finite() || (self.log && value <= 0.0) {
            return None;
        }
        Some(self.from + self.share(value) * (self.to - self.from))
    }

    /// The same, with what lies beyond the axis at its end.
    pub fn clamped(&self, value: f64) -> (f64, Beyond) {
        // Written so that NaN is beyond the low end.
        if value >= self.high {
            let beyond = if value > self.high { Beyond::High } else { Beyond::Nowhere };
            (self.to, beyond)
        } else if value >= self.low {
            (self.at(value).unwrap_or(self.from), Beyond::Nowhere)
        } else {
            (self.from, Beyond::Low)
        }
    }

    fn share(&self, value: f64) -> f64 {
        if self.log {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    /// The values of at most `most` ticks.
    pub fn ticks(&self, steps: Steps, most: usize) -> Vec<f64> {
        if !self.log {
            return self.even_ticks(most);
        }
        let grids: Vec<Vec<f64>> = match steps {
            Steps::Decimal => decimal_grids(),
            Steps::Binary => [1, 2, 4, 5, 10, 20].map(|by| powers(2.0, by)).into(),
        };
        let on_axis = |grid: Vec<f64>| -> Vec<f64> {
            grid.into_iter().filter(|tick| (self.low..=self.high).contains(tick)).collect()
        };
        let fitting = grids.into_iter().map(on_axis).find(|ticks| ticks.len() <= most).unwrap_or_default();
        // A short axis contains hardly any power.
        if fitting.len() < 3 { self.even_ticks(most.min(8)) } else { fitting }
    }

    /// Multiples of 1, 2 or 5 times a power of ten.
    fn even_ticks(&self, most: usize) -> Vec<f64> {
        let rough = (self.high - self.low) / most.max(1) as f64;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0].into_iter().map(|by| by * power).find(|step| *step >= rough);
        let step = step.unwrap_or(10.0 * power);
        // Adding 0 turns -0 into 0.
        let first = (self.low / step - 1e-9).ceil() + 0.0;
        let ticks = std::iter::successors(Some(first), |count| Some(count + 1.0)).map(|count| count * step);
        // A limit, whatever the bounds.
        ticks.take_while(|tick| *tick <= self.high + step * 1e-9).take(most + 2).collect()
    }
}

/// Grids of round numbers, the closest first.
fn decimal_grids() -> Vec<Vec<f64>> {
    let decades = powers(10.0, 1);
    let times = |mantissas: &[f64]| -> Vec<f64> {
        decades.iter().flat_map(|decade| mantissas.iter().map(move |mantissa| mantissa * decade)).collect()
    };
    let mut grids = vec![times(&[1.0, 2.0, 5.0]), times(&[1.0, 3.0])];
    grids.extend([1, 2, 3, 5, 10].map(|by| powers(10.0, by)));
    grids
}

/// Every `by`-th power of a base, over all values that are ever drawn.
fn powers(base: f64, by: usize) -> Vec<f64> {
    (-60..=90).step_by(by).map(|exponent| base.powi(exponent)).collect()
}

/// The least and the greatest of the finite values.
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| value.is_finite()).fold(None, |extent, value| match extent {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_between_the_ends_of_its_axis() {
        let linear = Scale::linear((0.0, 10.0), (100.0, 200.0));
        assert_eq!(linear.at(5.0), Some(150.0));
        let log = Scale::log((1.0, 100.0), (100.0, 200.0));
        assert!((log.at(10.0).unwrap() - 150.0).abs() < 1e-9);
    }

    #[test]
    fn a_logarithmic_axis_has_no_place_for_zero() {
        let log = Scale::log((1.0, 100.0), (0.0, 1.0));
        assert_eq!([0.0, -1.0, f64::NAN].map(|value| log.at(value)), [None; 3]);
        assert_eq!(log.clamped(0.0), (0.0, Beyond::Low));
    }

    #[test]
    fn what_is_beyond_the_axis_stands_at_its_end() {
        let log = Scale::log((1.0, 100.0), (0.0, 50.0));
        let clamped = [1e9, 1e-9, 100.0, f64::NAN].map(|value| log.clamped(value));
        let [low, high] = [(0.0, Beyond::Low), (50.0, Beyond::High)];
        assert_eq!(clamped, [high, low, (50.0, Beyond::Nowhere), low]);
    }

    #[test]
    fn odd_bounds_still_make_an_axis() {
        for domain in [(0.0, 0.0), (-5.0, -6.0), (f64::NAN, f64::NAN), (3.0, 3.0)] {
            for scale in [Scale::linear(domain, (0.0, 1.0)), Scale::log(domain, (0.0, 1.0))] {
                let (low, high) = scale.domain();
                assert!(low < high, "{domain:?}");
                assert!(scale.ticks(Steps::Decimal, 6).len() <= 8, "{domain:?}");
            }
        }
    }

    #[test]
    fn ticks_are_pleasant_numbers() {
        let linear = Scale::linear((0.0, 17.0), (0.0, 1.0));
        assert_eq!(linear.ticks(Steps::Decimal, 5), [0.0, 5.0, 10.0, 15.0]);
        assert!(linear.ticks(Steps::Decimal, 5)[0].is_sign_positive());
        let log = Scale::log((0.9, 1100.0), (0.0, 1.0));
        assert_eq!(log.ticks(Steps::Decimal, 6), [1.0, 10.0, 100.0, 1000.0]);
        let close: Vec<f64> = log.ticks(Steps::Decimal, 10);
        assert_eq!(close.len(), 10);
        assert!(close.iter().any(|tick| (tick - 2.0).abs() < 1e-9), "{close:?}");
        let bytes = Scale::log((4096.0, 1.2e10), (0.0, 1.0));
        let kib_mib_gib = [32.0 * 1024.0, 1_048_576.0, 33_554_432.0, 1_073_741_824.0];
        assert_eq!(bytes.ticks(Steps::Binary, 5), kib_mib_gib);
        let short = Scale::log((10.0, 14.0), (0.0, 1.0));
        assert!(short.ticks(Steps::Decimal, 6).len() >= 3);
    }

    #[test]
    fn the_extent_leaves_out_what_is_no_number() {
        assert_eq!(extent([2.0, f64::NAN, -1.0, f64::INFINITY]), Some((-1.0, 2.0)));
        assert_eq!(extent([]), None);
    }
}
