//! What the script of the page looks up: the ratio of any two runtimes, as JSON.

use std::fmt::Write;

use aggregate::stats::FEWEST_FOR_MEDIAN;
use results::overview::Aspect;

use crate::content::overview::{COMPARED, Column};
use crate::content::pairs::ALPHA;
use crate::content::versus::break_even;
use crate::content::{Basis, pick};

/// Stands for an end of an interval that is not known: a ratio is never 0.
const UNKNOWN: f64 = 0.0;
/// Stands for a p that is not known.
const NO_P: f64 = 2.0;
/// A smaller p is shown as `< 0.001`, and stands here as 0.
const LEAST_P: f64 = 0.001;

/// ```text
/// { "alpha": 0.05, "fewest": blocks,
///   "runtimes": [label, …],
///   "columns": [{"id", "title", "setting", "tasks": [of each, …], "caveats": [[a, "words"], …],
///                "cold": [a, b, ratio, low, high, p, n, …], "later": …}, …],
///   "breaks": [[a, b, "words"], …] }
/// ```
/// `a` and `b` are places in `runtimes`, n is a number of blocks; of what was not measured there are 0 tasks; the seven numbers of a pair follow one another. Escaped
/// for a script element.
pub fn json(basis: &Basis) -> String {
    let labels: Vec<&str> = pick::families(basis.run).into_iter().flat_map(|family| family.labels).collect();
    let columns = basis.columns.iter().map(|column| {
        let words = [column.workload.name(), column.title(), &column.setting].map(string);
        let pairs =
            COMPARED.map(|aspect| format!("\"{}\":[{}]", aspect.id(), pairs(basis, column, aspect, &labels)));
        let tasks = labels.iter().map(|label| column.value(Aspect::Cold, label).map_or(0, |row| row.tasks));
        let caveat =
            |(place, label): (usize, &&str)| Some(format!("[{place},{}]", string(column.caveat(label)?)));
        format!(
            "{{\"id\":{},\"title\":{},\"setting\":{},\"tasks\":[{}],\"caveats\":[{}],{}}}",
            words[0],
            words[1],
            words[2],
            joined(tasks.map(|tasks| tasks.to_string())),
            joined(labels.iter().enumerate().filter_map(caveat)),
            pairs.join(",")
        )
    });
    let place = |label: &str| labels.iter().position(|known| *known == label);
    let breaks = break_even(basis.run).into_iter().filter_map(|(row, words)| {
        Some(format!("[{},{},{}]", place(&row.runtime)?, place(&row.against)?, string(&words)))
    });
    format!(
        "{{\"alpha\":{ALPHA},\"fewest\":{FEWEST_FOR_MEDIAN},\"runtimes\":[{}],\"columns\":[{}],\"breaks\":[{}]}}",
        joined(labels.iter().map(|label| string(label))),
        joined(columns),
        joined(breaks)
    )
}

/// The numbers of all pairs of a workload by an aspect.
fn pairs<'a>(basis: &'a Basis<'a>, column: &'a Column<'a>, aspect: Aspect, labels: &[&'a str]) -> String {
    let mut numbers = Vec::new();
    for (a, one) in labels.iter().enumerate() {
        for (b, other) in labels.iter().enumerate().skip(a + 1) {
            let Some(found) = column.ratio(&basis.pairs, aspect, one, other) else { continue };
            let end = |end: Option<f64>| number(end.unwrap_or(UNKNOWN));
            let measured =
                [number(found.ratio), end(found.low), end(found.high), number(found.p.map_or(NO_P, shown_p))];
            numbers.push(format!("{a},{b},{},{}", measured.join(","), found.n));
        }
    }
    numbers.join(",")
}

fn shown_p(p: f64) -> f64 {
    if p < LEAST_P { 0.0 } else { p }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<String>>().join(",")
}

/// Five significant digits: more than any interval supports.
fn number(value: f64) -> String {
    let rounded: f64 = format!("{value:.4e}").parse().unwrap_or(value);
    if rounded.is_finite() { rounded.to_string() } else { UNKNOWN.to_string() }
}

/// A string of JSON in which no markup can begin.
fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::fixture;

    #[test]
    fn a_string_is_json_in_which_no_markup_begins() {
        let hostile = "</script><!-- \"\\\u{1b}\u{2028} & é";
        let quoted = string(hostile);
        assert!(!quoted.contains('<') && !quoted.contains('&'));
        assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), hostile);
    }

    #[test]
    fn the_page_looks_up_the_ratios_of_the_file() {
        let run = fixture::reference();
        let basis = Basis::of(run);
        let data: serde_json::Value = serde_json::from_str(&json(&basis)).unwrap();
        let labels: Vec<&str> =
            data["runtimes"].as_array().unwrap().iter().map(|label| label.as_str().unwrap()).collect();
        let place = |label| labels.iter().position(|known| *known == label).unwrap() as f64;
        let (tokio, threads) = (place("tokio"), place("threads"));
        let sleep =
            data["columns"].as_array().unwrap().iter().find(|column| column["id"] == "sleep").unwrap();
        let numbers: Vec<f64> =
            sleep["cold"].as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect();
        let pair = numbers.chunks(7).find(|pair| [pair[0], pair[1]] == [tokio, threads]).unwrap();
        let column = basis.columns.iter().find(|column| column.workload.name() == "sleep").unwrap();
        let known = column.ratio(&basis.pairs, Aspect::Cold, "tokio", "threads").unwrap();
        assert!(
            (pair[2] / known.ratio - 1.0).abs() < 1e-4 && pair[3] > 0.0 && pair[4] < 1.0 && pair[5] <= 1.0
        );
        assert!(!data["breaks"].as_array().unwrap().is_empty());
    }
}
