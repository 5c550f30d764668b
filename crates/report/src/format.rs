//! Estimates, counts and lists for people, as tables, titles and captions show them.

use aggregate::stats::FEWEST_FOR_MEDIAN;
use protocol::Status;
use results::{Estimate, RatioRow, SummaryRow, estimate, human, show};

/// A number in a reason with fewer digits than this is shown as it is.
const FEWEST_DIGITS: usize = 5;

/// A ratio with its interval.
pub fn ratio(row: &RatioRow) -> Estimate {
    estimate(row.ratio, row.ci_low, row.ci_high, "ratio")
}

/// A median with its interval.
pub fn median(row: &SummaryRow) -> Estimate {
    estimate(row.median, row.ci_low, row.ci_high, &row.unit)
}

/// A list in words: `a, b and c`.
pub fn list(words: impl IntoIterator<Item = String>) -> String {
    let mut words: Vec<String> = words.into_iter().collect();
    match words.pop() {
        Some(last) if !words.is_empty() => format!("{} and {last}", words.join(", ")),
        last => last.unwrap_or_default(),
    }
}

/// How a trial ended, and why where that is known: `timeout: it was not done within 60 s`.
pub fn outcome(status: Status, reason: &str) -> String {
    if reason.is_empty() { status.name().into() } else { format!("{status}: {}", readable(reason)) }
}

/// A reason as a program gives it, for people: digits in groups as everywhere else, and no backticks. Commands stay as they
/// are, so that they can be copied.
pub fn readable(reason: &str) -> String {
    let mut is_value_of_option = false;
    let words = reason.split(' ').map(|word| {
        let shown = if is_value_of_option { word.into() } else { grouped(word) };
        is_value_of_option = word.starts_with("--");
        shown
    });
    words.collect::<Vec<String>>().join(" ").replace('`', "")
}

/// A number of five digits or more in groups of three, whatever stands around it; other words as they are.
fn grouped(word: &str) -> String {
    let is_digits =
        |text: &str| text.len() >= FEWEST_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    let digits = word.trim_start_matches('(').trim_end_matches([')', ',', ';', '.', ':']);
    let number = digits.parse().ok().filter(|_| is_digits(digits) && !digits.starts_with('0'));
    number.map_or_else(|| word.into(), |number: u64| word.replacen(digits, &human::count(number), 1))
}

/// A row of the summary: `tokio, 1,000 tasks: 3.35 ms [3.31 ms, 3.4 ms], 20 trials`.
pub fn measured(row: &SummaryRow) -> String {
    format!("{}, {}: {}, {}", row.runtime, counted(row.tasks, "task"), median(row), counted(row.n, "trial"))
}

/// A count and its noun: `1 trial`, `1,000 tasks`.
pub fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", human::count(count), if count == 1 { "" } else { "s" })
}

/// That so many blocks do not allow an interval, and how many do: `too few blocks: 3, needed: 6`.
pub fn too_few(blocks: u64) -> String {
    format!("too few blocks: {blocks}, needed: {FEWEST_FOR_MEDIAN}")
}

/// Whether so many blocks allow an interval.
pub fn is_enough(blocks: u64) -> bool {
    blocks >= FEWEST_FOR_MEDIAN as u64
}

/// A duration; 0 has no unit: `0`, `2 ms`.
pub fn time(ns: f64) -> String {
    if ns == 0.0 { "0".into() } else { human::duration(ns) }
}

/// A factor, short enough for a tile: `1.05`, `17`, `12k`.
pub fn factor(value: f64) -> String {
    match value {
        v if v < 1000.0 => show(v, "ratio"),
        v if v < 10_000.0 => format!("{v:.0}"),
        v if v < 1e6 => format!("{:.0}k", v / 1e3),
        v if v < 1e9 => format!("{:.0}M", v / 1e6),
        _ => "> 1G".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_with_and() {
        let list_of = |words: &[&str]| list(words.iter().map(ToString::to_string));
        assert_eq!([list_of(&[]), list_of(&["a"]), list_of(&["a", "b", "c"])], ["", "a", "a, b and c"]);
    }

    #[test]
    fn a_factor_is_short() {
        let shown = [1.0, 1.054, 12.34, 968.2, 4321.0, 12_345.0, 2.5e6, 1e12].map(factor);
        assert_eq!(shown, ["1", "1.05", "12.3", "968", "4321", "12k", "2M", "> 1G"]);
    }

    #[test]
    fn the_digits_of_a_reason_are_grouped_and_commands_stay() {
        let shown = [
            "64000 threads alive at once (at most 32718)",
            "4302479360 bytes resident, more than 4294967296 (--memory-limit)",
            "a pool of 512 workers runs 512; use --workers 10000",
            "sysctl -w vm.max_map_count=131072",
            "`sync` is off; os error 11; version 012345; 1.123456",
        ]
        .map(readable);
        let expected = [
            "64,000 threads alive at once (at most 32,718)",
            "4,302,479,360 bytes resident, more than 4,294,967,296 (--memory-limit)",
            "a pool of 512 workers runs 512; use --workers 10000",
            "sysctl -w vm.max_map_count=131072",
            "sync is off; os error 11; version 012345; 1.123456",
        ];
        assert_eq!(shown, expected);
        assert!(outcome(Status::Crashed, "it took 70000 bytes").ends_with(": it took 70,000 bytes"));
    }

    #[test]
    fn things_are_counted_in_words() {
        assert_eq!(counted(1, "trial"), "1 trial");
        assert_eq!(counted(1000, "task"), "1,000 tasks");
    }
}
