//! How a comparison stands against its gate, for people.

use std::collections::BTreeMap;

use aggregate::Lost;
use report::content::omissions::cells_of;
use report::table::Entry;
use results::show;

use super::bounded::Part;
use super::layout::Layout;
use super::row_compared::{name, p_value, ratio};
use crate::gate::{Failed, Gate};

/// Whether the gate was passed, and by what it was not; nothing where it could not have failed. `rest` is what shows the
/// rest.
pub fn parts(gate: &Gate, layout: Layout, rest: &str) -> Vec<Part> {
    if gate.error.is_some() {
        return Vec::new();
    }
    let what = format!("worse by more than {} beyond doubt", show(gate.limit - 1.0, "share"));
    if gate.failed.is_empty() {
        let mut lines = vec![String::new(), format!("Gate passed: nothing is {what}")];
        if !gate.allowed.is_empty() {
            lines.push("Without a number that can be judged, and allowed by --allow-missing:".into());
            lines.extend(lost(gate.allowed.iter().copied(), layout));
        }
        return vec![Part::whole(lines)];
    }
    let worse = gate.failed.iter().filter_map(|failed| match failed {
        Failed::Worse(row) => Some(row),
        Failed::Lost(_) => None,
    });
    let worse = worse.flat_map(|row| {
        let ratio = ratio(row).map_or_else(String::new, |ratio| ratio.to_string());
        let p = Entry::number(row.p_adjusted, p_value).text;
        layout.text(&format!("{}, {}: {ratio}, p {p}", name(row), row.metric), 2)
    });
    let missing = lost(
        gate.failed.iter().filter_map(|failed| match failed {
            Failed::Lost(lost) => Some(*lost),
            Failed::Worse(_) => None,
        }),
        layout,
    );
    let part = |why: &str, lines: Vec<String>| {
        let head = vec![String::new(), format!("Gate failed: {why}:")];
        (!lines.is_empty()).then(|| Part::of(head, lines, rest))
    };
    let no_number = "no number any more that can be judged (--allow-missing lets these pass)";
    [part(&what, worse.collect()), part(no_number, missing)].into_iter().flatten().collect()
}

/// A line for each runtime, metric and reason.
fn lost<'a>(all: impl Iterator<Item = &'a Lost>, layout: Layout) -> Vec<String> {
    let mut kinds: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for one in all {
        kinds.entry((&*one.runtime, one.metric.name(), &*one.reason)).or_default().push(&one.cell);
    }
    let line = |((runtime, metric, reason), cells): (_, Vec<&str>)| {
        layout.text(&format!("{}, {metric}: {reason}", cells_of(runtime, &cells)), 2)
    };
    kinds.into_iter().flat_map(line).collect()
}
