//! What the script of the page looks up: the ratio of any two runtimes, as JSON.

use std::fmt::Write;

use crate::content::overview::Kind;
use crate::content::versus::break_even;
use crate::content::{Basis, pick};

/// Stands for an end of an interval that is not known: a ratio is never 0.
const UNKNOWN: f64 = 0.0;
/// Stands for a p that is not known.
const NO_P: f64 = 2.0;

/// ```text
/// { "runtimes": [label, …],
///   "columns": [{"id", "title", "setting", "cold": [a, b, ratio, low, high, p, …], "later": …}, …],
///   "breaks": [[a, b, "words"], …] }
/// ```
/// `a` and `b` are places in `runtimes`; the six numbers of a pair follow one another. Escaped for a script element.
pub fn json(basis: &Basis) -> String {
    let labels: Vec<&str> = pick::families(basis.run).into_iter().flat_map(|family| family.labels).collect();
    let place = |label: &str| labels.iter().position(|known| *known == label);
    let mut text =
        format!("{{\"runtimes\":[{}],\"columns\":[", joined(labels.iter().map(|label| string(label))));
    for (nth, column) in basis.columns.iter().enumerate() {
        let separator = if nth > 0 { "," } else { "" };
        let words = [column.workload.name(), column.title(), &column.setting].map(string);
        let _ =
            write!(text, "{separator}{{\"id\":{},\"title\":{},\"setting\":{}", words[0], words[1], words[2]);
        for kind in Kind::COMPARED {
            let mut numbers = Vec::new();
            for (a, one) in labels.iter().enumerate() {
                for (b, other) in labels.iter().enumerate().skip(a + 1) {
                    let Some(found) = column.ratio(&basis.pairs, kind, one, other) else { continue };
                    let end = |end: Option<f64>| number(end.unwrap_or(UNKNOWN));
                    let p = number(found.p.unwrap_or(NO_P));
                    let pair = [
                        a.to_string(),
                        b.to_string(),
                        number(found.ratio),
                        end(found.low),
                        end(found.high),
                        p,
                    ];
                    numbers.push(pair.join(","));
                }
            }
            let _ = write!(text, ",\"{}\":[{}]", kind.id(), numbers.join(","));
        }
        text.push('}');
    }
    let breaks = break_even(basis.run).into_iter().filter_map(|(row, words)| {
        Some(format!("[{},{},{}]", place(&row.runtime)?, place(&row.against)?, string(&words)))
    });
    let breaks = joined(breaks);
    let _ = write!(text, "],\"breaks\":[{breaks}]}}");
    text
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
        let pair = numbers.chunks(6).find(|pair| [pair[0], pair[1]] == [tokio, threads]).unwrap();
        let column = basis.columns.iter().find(|column| column.workload.name() == "sleep").unwrap();
        let known = column.ratio(&basis.pairs, Kind::Cold, "tokio", "threads").unwrap();
        assert!(
            (pair[2] / known.ratio - 1.0).abs() < 1e-4 && pair[3] > 0.0 && pair[4] < 1.0 && pair[5] <= 1.0
        );
        assert!(!data["breaks"].as_array().unwrap().is_empty());
    }
}
