//! What is told of a run, whatever it is shown on: a terminal, the page, or Markdown.

pub mod answers;
pub mod causes;
pub mod ceilings;
pub mod headline;
pub mod omissions;
pub mod scaling;
pub mod trust;
pub mod verdicts;
pub mod workloads;

use results::human;

/// The experiment in which the lab measures itself: its runtimes, of known truth, are no contestants.
pub(crate) const CALIBRATION: &str = "calibration";

/// A number with its interval, where it has one: `1.35 [1.33, 1.37]`.
pub(crate) fn with_interval(
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
    show: impl Fn(f64) -> String,
) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format!("{} [{}, {}]", show(value), show(low), show(high)),
        _ => show(value),
    }
}

/// A ratio with its interval.
pub(crate) fn ratio(row: &aggregate::RatioRow) -> String {
    with_interval(row.ratio, row.ci_low, row.ci_high, human::number)
}

/// Puts words in a row: `a, b and c`.
pub(crate) fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Each value once, in the order of their first places.
pub(crate) fn distinct<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for value in values {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}
