//! What must be said of the cells that a claim is about, after the sentence of its verdict.

use results::{Claim, Plan};

/// Each caveat once, after the name of its runtime.
pub(super) fn of(plan: &Plan, claim: &Claim) -> String {
    let mut said: Vec<String> = Vec::new();
    for cell in claim.quantity.cells() {
        let planned = plan.cells.iter().map(|planned| &planned.cell).find(|planned| planned.id == cell.cell);
        let caveat = planned.and_then(|planned| plan.caveat(planned));
        let words = caveat.map(|caveat| format!(" {}: {}.", cell.runtime, caveat.trim_end_matches('.')));
        said.extend(words.filter(|words| !said.contains(words)));
    }
    said.concat()
}

#[cfg(test)]
mod tests {
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
        assert_eq!(of(&plan, &claim("a", "b")), " a: it rounds up. b: it is cold.");
        assert_eq!(of(&plan, &claim("c", "b")), " b: it is cold.");
        assert_eq!(of(&plan, &claim("a", "a")), " a: it rounds up.");
    }
}
