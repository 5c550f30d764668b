//! Numbers for people.
//!
//! **Digits follow the interval.** The last digit of a measured value is of the order of the first digit of its 95 %
//! interval's half-width. It has 2 significant digits at least and 4 at most, and so has each end; as many more as it
//! takes where both ends would look alike. Zeros at the end stay: they were measured. Without an interval 2 digits
//! are shown; but a count without an interval that is a whole number is exact, and so is what no two blocks differ in.
//!
//! What was not estimated (a setting, one trial, a mark on an axis) has three significant digits and a unit that fits.
//! In files nothing is rounded so.

use std::fmt::{self, Display};

use crate::claims::NEVER;
use crate::value::without_trailing_zeros;

/// Units of what is measured; the others count.
const MEASURED: [&str; 5] = ["ns", "bytes", "ratio", "1/s", "share"];

const TIMES: &[(f64, &str)] = &[(1e9, " s"), (1e6, " ms"), (1e3, " µs"), (1.0, " ns")];
const SIZES: &[(f64, &str)] =
    &[(1_073_741_824.0, " GiB"), (1_048_576.0, " MiB"), (1024.0, " KiB"), (1.0, " B")];

/// A measured value and the ends of its interval, as they are shown: `1.35 [1.33, 1.37]`. A count has no unit there, as it
/// stands below the name of its metric; where it does not, it is [`named`](Self::named).
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Estimate {
    pub value: String,
    pub low: Option<String>,
    pub high: Option<String>,
}

impl Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.low, &self.high) {
            (Some(low), Some(high)) => write!(f, "{} [{low}, {high}]", self.value),
            _ => f.write_str(&self.value),
        }
    }
}

impl Estimate {
    /// With what is counted behind the value: `190 tasks [175, 193]`.
    #[must_use]
    pub fn named(self, unit: &str) -> Self {
        Self { value: with_unit(self.value, unit), ..self }
    }

    /// Its interval alone: `1.33 to 1.37`.
    pub fn interval(&self) -> Option<String> {
        Some(format!("{} to {}", self.low.as_ref()?, self.high.as_ref()?))
    }

    /// Its interval in brackets, without the unit where all three numbers have the same: `[1.33, 1.37]`; empty where it
    /// has none.
    pub fn brackets(&self) -> String {
        let Some((low, high)) = self.low.as_deref().zip(self.high.as_deref()) else { return String::new() };
        let unit = self.value.rsplit_once(' ').map(|(_, unit)| unit);
        let number = |end: &str| {
            end.rsplit_once(' ')
                .filter(|(_, of_end)| Some(*of_end) == unit)
                .map(|(number, _)| number.to_string())
        };
        match number(low).zip(number(high)) {
            Some((low, high)) => format!("[{low}, {high}]"),
            None => format!("[{low}, {high}]"),
        }
    }

    /// The value, and its interval in such brackets: `3.35 ms [3.31, 3.40]`.
    pub fn compact(&self) -> String {
        format!("{} {}", self.value, self.brackets()).trim_end().into()
    }
}

/// A measured value with the ends of its interval, as far as they are known, in digits that the interval supports.
pub fn estimate(value: f64, low: Option<f64>, high: Option<f64>, unit: &str) -> Estimate {
    let all = |show: &dyn Fn(f64) -> String| Estimate {
        value: show(value),
        low: low.map(show),
        high: high.map(show),
    };
    let as_they_are = |digits| all(&|x| plain(x, unit, digits));
    let half = match (low, high) {
        (Some(low), Some(high)) if low >= high => return as_they_are(4),
        (Some(low), Some(high)) => (high - low) / 2.0,
        (None, None) if is_counted(value, unit) => return as_they_are(2),
        _ => f64::INFINITY,
    };
    let of_at_most = |digits| {
        let size = scale(value, unit).0;
        let step = 10f64.powi(place(value / size, half / size, digits)) * size;
        // Between two numbers of tasks there is none, though a line through both crosses another there.
        let least = if unit == "tasks" { 0 } else { i32::MIN };
        all(&|x| in_unit(x, unit, |x, size| written(x, place(x, step / size, digits).max(least))))
    };
    let looks_alike = |shown: &Estimate| shown.low.is_some() && shown.low == shown.high;
    (4..16).map(of_at_most).find(|shown| !looks_alike(shown)).unwrap_or_else(|| of_at_most(4))
}

/// Whether it may be exact as it stands: a whole number or one of two digits, in a unit of what is counted.
fn is_counted(value: f64, unit: &str) -> bool {
    !MEASURED.contains(&unit) && (value.fract() == 0.0 || format!("{value:.1e}").parse() == Ok(value))
}

/// A measured value that has no interval: two digits.
pub fn rough(value: f64, unit: &str) -> String {
    estimate(value, None, None, unit).value
}

/// A value that is no estimate, in a metric's unit: `12.6 ms`, `9.77 KiB`, `1.05`.
pub fn show(value: f64, unit: &str) -> String {
    plain(value, unit, 3)
}

/// A value that somebody chose, with four digits.
pub fn exact(value: f64, unit: &str) -> String {
    plain(value, unit, 4)
}

/// A duration in nanoseconds: `1.34 ms`.
pub fn duration(ns: f64) -> String {
    show(ns, "ns")
}

/// A size in bytes: `9.77 KiB`.
pub fn bytes(bytes: f64) -> String {
    show(bytes, "bytes")
}

/// A count with its digits in groups of three: `10,000`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).expect("digits are ASCII"))
        .collect();
    groups.join(",")
}

/// What a claim expects, as people write it: `≥ 0.8 × cores` for `>= 0.8 x cores`, `1 s to 2 s` for `1s to 2s`. What is
/// written so already stays as it is.
pub fn expectation(text: &str) -> String {
    let spaced = text.replace(">=", "≥ ").replace("<=", "≤ ");
    spaced.split_whitespace().map(quantity).collect::<Vec<_>>().join(" ")
}

/// The same of a quantity with this unit, with what is counted: `≥ 2 tasks`.
pub fn claimed(text: &str, unit: &str) -> String {
    with_unit(expectation(text), unit)
}

/// A text that ends in a number, with its unit where that is no part of the number yet: of what is counted.
fn with_unit(text: String, unit: &str) -> String {
    if !text.ends_with(|last: char| last.is_ascii_digit()) {
        return text;
    }
    match unit {
        "1/s" => text + "/s",
        unit if unit.is_empty() || MEASURED.contains(&unit) => text,
        unit => format!("{text} {unit}"),
    }
}

/// A word of an expectation: a number with its unit a space apart and its digits in groups of three; or any other word.
fn quantity(word: &str) -> String {
    let end = word.find(|c: char| !(c.is_ascii_digit() || "._,".contains(c))).unwrap_or(word.len());
    let (number, unit) = word.split_at(end);
    let unit = match unit {
        "x" => "×",
        "us" => "µs",
        unit => unit,
    };
    let number = number.replace(['_', ','], "");
    let (whole, fraction) = number.split_at(number.find('.').unwrap_or(number.len()));
    match (whole.parse(), unit) {
        (Ok(whole), "") => format!("{}{fraction}", count(whole)),
        (Ok(whole), unit) => format!("{}{fraction} {unit}", count(whole)),
        (Err(_), "×") => unit.into(),
        _ => word.into(),
    }
}

/// The text as a sentence begins: with its first letter large, but `p99` as it is.
pub fn capitalised(text: &str) -> String {
    if text.split(' ').next().is_some_and(|first| first.contains(|c: char| c.is_ascii_digit())) {
        return text.into();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// With so many significant digits, but without zeros at the end; of a whole number none is lost.
fn plain(value: f64, unit: &str, digits: i32) -> String {
    in_unit(value, unit, |x, _| match order(x, digits) - digits + 1 {
        last if last < 0 && x.fract() != 0.0 => without_trailing_zeros(&written(x, last)).into(),
        _ => written(x, 0),
    })
}

/// The value in a unit that fits, in which `write` writes it, given how large that unit is.
fn in_unit(value: f64, unit: &str, write: impl Fn(f64, f64) -> String) -> String {
    if value.is_infinite() || unit == "tasks" && value >= NEVER {
        return if value > 0.0 { "no end" } else { "no beginning" }.into();
    }
    let (size, name) = scale(value, unit);
    format!("{}{name}", write(value / size, size))
}

/// The unit that fits: its size and its name.
fn scale(value: f64, unit: &str) -> (f64, &'static str) {
    let units = match unit {
        "ns" => TIMES,
        "bytes" => SIZES,
        "share" => &[(0.01, " %")],
        _ => &[(1.0, "")],
    };
    let fitting = units.iter().find(|(size, _)| value.abs() >= *size);
    *fitting.or(units.last()).expect("there is a smallest unit")
}

/// The power of ten of the last digit that a half-width supports: of at least two, and at most so many.
fn place(x: f64, half: f64, at_most: i32) -> i32 {
    match (order(x, 2), order(half, 1)) {
        (_, supported) if x == 0.0 => supported,
        (first, supported) => supported.clamp(first - at_most + 1, first - 1),
    }
}

/// The power of ten of the first digit, as rounded to so many; that of infinity is very large.
fn order(x: f64, digits: i32) -> i32 {
    let text = format!("{x:.*e}", usize::try_from(digits - 1).unwrap_or(0));
    text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(i32::MAX)
}

/// The number up to the digit of this power of ten.
fn written(x: f64, last: i32) -> String {
    if x != 0.0 && last < 0 {
        return format!("{x:.*}", last.unsigned_abs() as usize);
    }
    let step = 10f64.powi(last);
    let rounded = if x == 0.0 { 0.0 } else { (x / step).round() * step };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // It is whole, and not below zero.
    let digits = count(rounded.abs() as u64);
    if rounded < 0.0 { format!("-{digits}") } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_that_all_numbers_share_stands_once() {
        let compact = |value: &str, low: Option<&str>, high: Option<&str>| {
            Estimate { value: value.into(), low: low.map(Into::into), high: high.map(Into::into) }.compact()
        };
        assert_eq!(compact("3.35 ms", Some("3.31 ms"), Some("3.40 ms")), "3.35 ms [3.31, 3.40]");
        assert_eq!(compact("1.02 ms", Some("980 µs"), Some("1.09 ms")), "1.02 ms [980 µs, 1.09 ms]");
        assert_eq!(compact("2.3 ms", None, None), "2.3 ms");
        assert_eq!(compact("30", Some("22"), Some("38")), "30 [22, 38]");
    }

    /// A ratio and its interval.
    fn ratio(value: f64, low: f64, high: f64) -> String {
        estimate(value, Some(low), Some(high), "ratio").to_string()
    }

    #[test]
    fn the_last_digit_is_of_the_order_of_the_half_width() {
        assert_eq!(ratio(2.6234, 2.5012, 2.9834), "2.6 [2.5, 3.0]");
        assert_eq!(ratio(46.61, 39.52, 53.09), "47 [40, 53]");
        assert_eq!(ratio(1.352, 1.331, 1.373), "1.35 [1.33, 1.37]");
        let of = |value, low, high, unit| estimate(value, Some(low), Some(high), unit).to_string();
        assert_eq!(of(177_972.0, 151_314.0, 218_140.0, "1/s"), "180,000 [150,000, 220,000]");
        assert_eq!(of(1_021_000.0, 978_000.0, 1_093_000.0, "ns"), "1.02 ms [980 µs, 1.09 ms]");
        assert_eq!(of(-10_300.0, -10_900.0, -9_700.0, "bytes"), "-10.1 KiB [-10.6 KiB, -9.5 KiB]");
        assert_eq!(of(0.0, 0.0, 0.018_275, "share"), "0 % [0 %, 1.8 %]");
        assert_eq!(of(0.961, 0.943, 0.972, "share"), "96 % [94 %, 97 %]");
        assert_eq!(of(29.7, 21.6, 38.2, "tasks"), "30 [22, 38]");
        assert_eq!(of(18.2, 17.94, 18.61, "tasks"), "18 [18, 19]");
        assert_eq!(of(18.2, 18.1, 18.3, "tasks"), "18 [18, 18]");
    }

    #[test]
    fn there_are_two_digits_at_least_and_four_at_most() {
        assert_eq!(ratio(1.23, 0.31, 8.9), "1.2 [0.31, 8.9]");
        assert_eq!(ratio(9.96, 0.5, 30.0), "10 [0.50, 30]");
        assert_eq!(ratio(1.0, 0.999_1, 1.000_3), "1.000 [0.999, 1.000]");
        assert_eq!(ratio(123_456.0, 123_455.0, 123_999.0), "123,500 [123,500, 124,000]");
    }

    #[test]
    fn ends_that_would_look_alike_get_more_digits() {
        assert_eq!(ratio(1.05, 1.0496, 1.0504), "1.0500 [1.0496, 1.0504]");
        assert_eq!(ratio(1.0, 0.999_96, 1.000_04), "1.00000 [0.99996, 1.00004]");
    }

    #[test]
    fn without_an_interval_there_are_two_digits_and_what_was_counted_stays_exact() {
        assert_eq!(
            ["ns", "ratio", "calls"].map(|unit| rough(2_000_000.0, unit)),
            ["2.0 ms", "2,000,000", "2,000,000"]
        );
        assert_eq!(
            [1.0, 1.04, 0.006, 746.0, 746.5].map(|calls| rough(calls, "calls")),
            ["1", "1.0", "0.006", "746", "750"]
        );
        assert_eq!(rough(177_972.0, "1/s"), "180,000");
        let same = |value, unit| estimate(value, Some(value), Some(value), unit).to_string();
        assert_eq!(same(6.147, "calls"), "6.147 [6.147, 6.147]");
        assert_eq!(same(12_345.0, "tasks"), "12,345 [12,345, 12,345]");
    }

    #[test]
    fn an_end_that_is_not_known_or_beyond_all_supports_two_digits() {
        assert_eq!(estimate(2.345, Some(2.1), None, "ratio").to_string(), "2.3");
        assert_eq!(ratio(2.345, f64::NEG_INFINITY, f64::INFINITY), "2.3 [no beginning, no end]");
        assert_eq!(estimate(NEVER, Some(20.7), Some(NEVER), "tasks").to_string(), "no end [21, no end]");
        assert_eq!(
            estimate(NEVER, Some(NEVER), Some(NEVER), "tasks").interval().unwrap(),
            "no end to no end"
        );
    }

    #[test]
    fn other_numbers_have_three_digits_and_a_unit_that_fits() {
        assert_eq!(duration(1_344_000.0), "1.34 ms");
        assert_eq!(duration(0.0), "0 ns");
        assert_eq!(duration(123_456_789_000.0), "123 s");
        assert_eq!(bytes(456.0), "456 B");
        assert_eq!(bytes(10_004.0), "9.77 KiB");
        assert_eq!(bytes(-2048.0), "-2 KiB");
        assert_eq!(
            [17.0, 0.0031, 1.05, 12_345.6].map(|x| show(x, "ratio")),
            ["17", "0.0031", "1.05", "12,346"]
        );
        assert_eq!(show(0.05, "share"), "5 %");
        assert_eq!([exact(1.125, "ratio"), exact(20e6, "ns")], ["1.125", "20 ms"]);
        assert_eq!(count(1_000_000), "1,000,000");
        assert_eq!(count(999), "999");
    }

    #[test]
    fn what_is_counted_is_named_behind_a_number_and_nowhere_else() {
        let named = |value, low, high, unit: &str| estimate(value, Some(low), Some(high), unit).named(unit);
        assert_eq!(named(189.6, 175.4, 192.6, "tasks").to_string(), "190 tasks [175, 193]");
        assert_eq!(named(189.6, 175.4, 192.6, "tasks").compact(), "190 tasks [175, 193]");
        assert_eq!(named(177_972.0, 151_314.0, 218_140.0, "1/s").value, "180,000/s");
        assert_eq!(named(1.352, 1.331, 1.373, "ratio").value, "1.35");
        assert_eq!(named(NEVER, 20.7, NEVER, "tasks").to_string(), "no end [21, no end]");
        let cases = [
            (">= 2", "tasks"),
            ("3 to 4", "calls"),
            (">= 206_000", "1/s"),
            ("<= 20ms", "ns"),
            ("within 10 %", "ratio"),
        ];
        let shown = ["≥ 2 tasks", "3 to 4 calls", "≥ 206,000/s", "≤ 20 ms", "within 10 %"];
        assert_eq!(cases.map(|(text, unit)| claimed(text, unit)), shown);
        assert_eq!(claimed("≥ 2 × cores", "tasks"), "≥ 2 × cores");
    }

    #[test]
    fn a_sentence_begins_with_a_large_letter() {
        assert_eq!(
            ["", "crosses are failures", "élan", "p99 latency"].map(capitalised),
            ["", "Crosses are failures", "Élan", "p99 latency"]
        );
    }

    #[test]
    fn an_expectation_has_typographic_signs_spaces_and_groups_of_digits() {
        let written =
            [">= 10", "<=20ms", "0.1us to 0.4us", "within 25 %", ">= 0.8 x cores", "957MiB to 1595MiB"];
        let shown =
            ["≥ 10", "≤ 20 ms", "0.1 µs to 0.4 µs", "within 25 %", "≥ 0.8 × cores", "957 MiB to 1,595 MiB"];
        assert_eq!(written.map(expectation), shown);
        assert_eq!(shown.map(expectation), shown, "it is shown so already");
        assert_eq!(
            ["within 25%", ">= 206_000", ">= 2x cores"].map(expectation),
            ["within 25 %", "≥ 206,000", "≥ 2 × cores"]
        );
        assert_eq!(expectation("as fast"), "as fast");
    }
}
