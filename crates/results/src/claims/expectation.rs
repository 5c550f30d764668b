//! What a claim expects of its quantity, in a short text. [`human::expectation`](crate::human::expectation) writes it for
//! people.
//!
//! | text | holds where the quantity |
//! | --- | --- |
//! | `>= 10`, `>= 1GB` | is at least that |
//! | `<= 20ms` | is at most that |
//! | `1s to 2s` | lies between the two |
//! | `within 10 %` | is a ratio between 1 ÷ 1.1 and 1.1: the two are alike |
//! | `>= 0.8 x cores` | is at least so many times the cores of this machine |

use serde::{Deserialize, Serialize};

use super::unit;

/// What is expected of a quantity, in its unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// As the experiment has it.
    pub text: String,
    /// The quantity is at least this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The quantity is at most this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Whether the claim is that two are alike, within a margin.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alike: bool,
    /// Whether the bounds are still to be multiplied by the number of cores.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub per_core: bool,
}

impl Expectation {
    /// Reads an expectation of a quantity in that unit (`ratio` for a ratio).
    ///
    /// # Errors
    /// When the text has no form that is known, or a unit that does not fit.
    pub fn parse(text: &str, unit: &str) -> Result<Self, String> {
        let (bounds, per_core) = match text.trim().strip_suffix("x cores") {
            Some(bounds) => (bounds, true),
            None => (text, false),
        };
        let new = |low, high| Self { text: text.trim().into(), low, high, alike: false, per_core };
        let bounds = bounds.trim();
        if let Some(low) = bounds.strip_prefix(">=") {
            return Ok(new(Some(unit::parse(low, unit)?), None));
        }
        if let Some(high) = bounds.strip_prefix("<=") {
            return Ok(new(None, Some(unit::parse(high, unit)?)));
        }
        if let Some(margin) = bounds.strip_prefix("within") {
            return Self::within(margin, unit).map(|(low, high)| Self { alike: true, ..new(low, high) });
        }
        if let Some((low, high)) = bounds.split_once(" to ") {
            let (low, high) = (unit::parse(low, unit)?, unit::parse(high, unit)?);
            if low >= high {
                return Err(format!("{text:?}: the first bound must be the lower one"));
            }
            return Ok(new(Some(low), Some(high)));
        }
        Err(format!(
            "{text:?} is not an expectation: write it like \">= 10\", \"<= 20ms\", \"1s to 2s\" or \"within 10 %\""
        ))
    }

    /// The bounds of a ratio that differs from 1 by no more than so many per cent, either way round.
    fn within(margin: &str, unit: &str) -> Result<(Option<f64>, Option<f64>), String> {
        if unit != "ratio" {
            return Err("\"within\" compares two cells: give `over`".into());
        }
        let percent = margin.trim().strip_suffix('%').map(str::trim).unwrap_or_default();
        let percent: f64 = percent
            .parse()
            .map_err(|_| format!("{margin:?} is not a margin: write it like \"within 10 %\""))?;
        if !(percent > 0.0 && percent < 1000.0) {
            return Err(format!("a margin of {percent} % is not possible; it lies between 0 % and 1000 %"));
        }
        let high = 1.0 + percent / 100.0;
        Ok((Some(1.0 / high), Some(high)))
    }

    /// The expectation on a machine with so many cores.
    #[must_use]
    pub fn on(&self, cores: u32) -> Self {
        if !self.per_core {
            return self.clone();
        }
        let times = |bound: f64| bound * f64::from(cores);
        let (low, high) = (self.low.map(times), self.high.map(times));
        Self { low, high, per_core: false, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(text: &str, unit: &str) -> (Option<f64>, Option<f64>) {
        let expected = Expectation::parse(text, unit).unwrap();
        (expected.low, expected.high)
    }

    #[test]
    fn each_form_gives_its_bounds() {
        assert_eq!(bounds(">= 10", "ratio"), (Some(10.0), None));
        assert_eq!(bounds("<= 20ms", "ns"), (None, Some(2e7)));
        assert_eq!(bounds("1s to 2s", "ns"), (Some(1e9), Some(2e9)));
        let alike = Expectation::parse("within 25 %", "ratio").unwrap();
        assert_eq!((alike.low, alike.high, alike.alike), (Some(0.8), Some(1.25), true));
    }

    #[test]
    fn a_bound_may_grow_with_the_cores() {
        let expected = Expectation::parse(">= 0.8 x cores", "ratio").unwrap().on(4);
        assert_eq!((expected.low, expected.per_core), (Some(3.2), false));
        assert_eq!(expected.text, ">= 0.8 x cores");
    }

    #[test]
    fn what_is_no_expectation_is_refused_with_how_to_fix_it() {
        let error = |text, unit| Expectation::parse(text, unit).unwrap_err();
        assert!(error("fast", "ns").contains("write it like"));
        assert!(error("2s to 1s", "ns").contains("lower"));
        assert!(error("within 10 %", "ns").contains("over"));
        assert!(error("within ten", "ratio").contains("not a margin"));
        assert!(error("within 0 %", "ratio").contains("not possible"));
        assert!(error(">= 10", "ns").contains("needs a unit"));
    }
}
