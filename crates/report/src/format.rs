//! Numbers in words, as titles and captions say them.

use aggregate::SummaryRow;
use results::{human, show};

use crate::content::with_interval;

/// A value in its metric's unit, with all its digits where it is next to nothing: `3.35 ms`, `0.0001`.
pub fn value(value: f64, unit: &str) -> String {
    let is_small = value != 0.0 && value.abs() < 0.01 && !["ns", "bytes"].contains(&unit);
    if is_small { trimmed(&format!("{value:.6}")) } else { show(value, unit) }
}

/// A row of the summary: `tokio, 1,000 tasks: 3.35 ms [3.31 ms, 3.4 ms], 20 trials`.
pub fn measured(row: &SummaryRow) -> String {
    format!(
        "{}, {}: {}, {}",
        row.runtime,
        counted(row.tasks, "task"),
        with_interval(row.median, row.ci_low, row.ci_high, |number| value(number, &row.unit)),
        counted(row.n, "trial"),
    )
}

/// So many of something: `1 trial`, `1,000 tasks`.
pub fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", human::count(count), if count == 1 { "" } else { "s" })
}

/// A length in time without its smallest unit where it is nothing: `0`, `2 ms`.
pub fn time(ns: f64) -> String {
    if ns == 0.0 { "0".into() } else { human::duration(ns) }
}

/// A factor, short enough for a tile: `1.05`, `17`, `12k`.
pub fn factor(value: f64) -> String {
    match value {
        v if v < 10.0 => trimmed(&format!("{v:.2}")),
        v if v < 100.0 => trimmed(&format!("{v:.1}")),
        v if v < 10_000.0 => format!("{v:.0}"),
        v if v < 1e6 => format!("{:.0}k", v / 1e3),
        v if v < 1e9 => format!("{:.0}M", v / 1e6),
        _ => "> 1G".into(),
    }
}

fn trimmed(number: &str) -> String {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        number.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_short() {
        let shown = [1.0, 1.054, 12.34, 968.2, 4321.0, 12_345.0, 2.5e6, 1e12].map(factor);
        assert_eq!(shown, ["1", "1.05", "12.3", "968", "4321", "12k", "2M", "> 1G"]);
    }

    #[test]
    fn next_to_nothing_is_not_nothing() {
        assert_eq!(
            [1.0, 0.0001, 0.0, -0.002].map(|number| value(number, "calls")),
            ["1", "0.0001", "0", "-0.002"]
        );
        assert_eq!(value(0.001, "ns"), "0.001 ns");
    }

    #[test]
    fn things_are_counted_in_words() {
        assert_eq!(counted(1, "trial"), "1 trial");
        assert_eq!(counted(1000, "task"), "1,000 tasks");
    }
}
