//! What must be said of the cells that a claim is about, after the sentence of its verdict.

use std::collections::HashSet;

use results::held::{NO_TRACE, left_no_trace};
use results::{Claim, Plan};

use crate::measured_cell::MeasuredCell;
use crate::stats::median::median;

/// Each caveat once, after the name of its runtime. `traceless` are the cells whose tasks [left no
/// trace](traceless_cells).
pub(super) fn of(plan: &Plan, traceless: &HashSet<&str>, claim: &Claim) -> String {
    let mut said: Vec<String> = Vec::new();
    for cell in claim.quantity.cells() {
        let planned = plan.cells.iter().map(|planned| &planned.cell).find(|planned| planned.id == cell.cell);
        let own = planned.and_then(|planned| plan.caveat(planned));
        let found = traceless.contains(&*cell.cell).then_some(NO_TRACE);
        for caveat in own.into_iter().chain(found) {
            let words = format!(" {}: {}.", cell.runtime, caveat.trim_end_matches('.'));
            if !said.contains(&words) {
                said.push(words);
            }
        }
    }
    said.concat()
}

/// The cells of `hold` whose tasks left no trace, by the medians of their trials.
pub(super) fn traceless_cells(cells: &[MeasuredCell]) -> HashSet<&str> {
    let left_none = |cell: &&MeasuredCell| {
        left_no_trace(&cell.identity.workload, cell.identity.tasks, |metric| {
            let values = cell.sorted_values(metric);
            (!values.is_empty()).then(|| median(&values))
        })
    };
    cells.iter().filter(left_none).map(|cell| &*cell.identity.cell).collect()
}

#[cfg(test)]
mod tests {
    use results::TrialRow;
    use results::described::Described;
    use results::fixture::planned;
    use results::{CellRef, PresetName, Quantity};

    use super::*;
    use crate::fixture;

    #[test]
    fn the_caveats_of_both_runtimes_follow_a_verdict_each_once() {
        let mut plan = Plan::empty(PresetName::Default, 7);
        plan.cells = ["a", "b", "c"].map(|id| planned(id, 8)).into();
        for (runtime, words) in [("a", "it rounds up."), ("b", "it is cold")] {
            let caveats = [("sleep".to_string(), words.to_string())].into();
            plan.described.insert(runtime.into(), Described { caveats, ..Described::default() });
        }
        let cell = |id: &str| CellRef { cell: id.into(), runtime: id.into(), group: String::new(), tasks: 1 };
        let claim = |of: &str, over: &str| {
            fixture::claim("claim", Quantity::Ratio { of: cell(of), over: cell(over) }, "<= 1")
        };
        let none = HashSet::new();
        assert_eq!(of(&plan, &none, &claim("a", "b")), " a: it rounds up. b: it is cold.");
        assert_eq!(of(&plan, &none, &claim("c", "b")), " b: it is cold.");
        assert_eq!(of(&plan, &none, &claim("a", "a")), " a: it rounds up.");
        let found = of(&plan, &HashSet::from(["a"]), &claim("a", "c"));
        assert_eq!(found, format!(" a: it rounds up. a: {NO_TRACE}."));
    }

    #[test]
    fn a_cell_is_without_a_trace_where_the_median_of_its_trials_is() {
        let trial = |cell: &str, block: u32, grown: u64| TrialRow {
            workload: "hold".into(),
            tasks: 1000,
            rss_ready_bytes: Some(0),
            rss_holding_bytes: Some(grown),
            ..fixture::timed(cell, block, 1000)
        };
        let rows: Vec<TrialRow> = (1..=3)
            .flat_map(|block| {
                let rare = if block == 1 { 9000 } else { 0 };
                [trial("none", block, rare), trial("some", block, 9000 - rare)]
            })
            .collect();
        let trials = fixture::trials(&rows);
        assert_eq!(traceless_cells(&trials.cells), HashSet::from(["none"]));
    }
}
