//! What a plan says of its runtimes: which are ranked, and with what caveats.

use std::borrow::Cow;

use super::Plan;
use crate::cell::Cell;
use crate::described::Described;

impl Plan {
    /// What is known of one of its runtimes.
    pub fn description(&self, runtime: &str) -> Cow<'_, Described> {
        self.described.get(runtime).map_or_else(|| Cow::Owned(Described::by_name(runtime)), Cow::Borrowed)
    }

    /// The kind of runtimes that one of its runtimes is shown with: `threads`, `async`, `python`. Of one that is not
    /// here, whose runner could not say, it follows from the name.
    pub fn family(&self, runtime: &str) -> String {
        let said = self.described.get(runtime).map(|described| &described.family);
        said.filter(|family| !family.is_empty())
            .cloned()
            .unwrap_or_else(|| Described::by_name(runtime).family)
    }

    /// What must be said wherever a cell is ranked.
    pub fn caveat(&self, cell: &Cell) -> Option<&str> {
        self.described.get(&cell.runtime)?.caveats.get(&cell.workload).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::described::is_ranked_by_name;
    use crate::fixture::planned;
    use crate::plan::PresetName;

    #[test]
    fn of_an_older_plan_the_names_say_what_is_ranked() {
        let plan = Plan::empty(PresetName::Quick, 7);
        let unranked =
            ["floor", "python-sequential", "c-liburing", "glommio-early-membarrier", "tokio@1.41.1"];
        assert!(unranked.iter().all(|name| !plan.description(name).is_ranked()));
        assert_eq!(plan.description("tokio@1.41.1").variant_of.as_deref(), Some("tokio"));
        assert!(["tokio", "glommio", "sequentially"].iter().all(|name| is_ranked_by_name(name)));
        let names = ["floor", "tokio@1.41.1", "thread-pool", "rayon", "go-goroutines", "node-promises"];
        let families = ["baseline", "async", "threads", "parallel", "go", "javascript"];
        assert_eq!(names.map(|name| plan.family(name)), families);
    }

    #[test]
    fn what_its_runner_said_goes_before_the_name() {
        let mut plan = Plan::empty(PresetName::Quick, 7);
        let cell = planned("a", 1).cell;
        let caveats = [(cell.workload.clone(), "it is cold".to_string())].into();
        let said = Described { family: "baseline".into(), reference: true, caveats, ..Described::default() };
        plan.described.insert(cell.runtime.clone(), said);
        assert!(!plan.description(&cell.runtime).is_ranked());
        assert_eq!(plan.caveat(&cell), Some("it is cold"));
        assert_eq!(plan.caveat(&Cell { workload: "another".into(), ..cell }), None);
    }
}
