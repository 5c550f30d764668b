//! What runners said of their runtimes when the plan was made: which are ranked, and with what caveats.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Plan;
use crate::cell::{Cell, own_name};

/// What a plan notes of a runtime, from the description of its runner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// The kind of runtimes that it is shown with: `threads`, `async`, `parallel`, `baseline`, or a language.
    pub family: String,
    /// Whether it is shown and ranked nowhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reference: bool,
    /// The runtime that it is another version, build or setting of; then it is not ranked either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_of: Option<String>,
    /// By workload: what must be said wherever its figure is ranked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub caveats: BTreeMap<String, String>,
}

impl Described {
    /// Whether it takes part in rankings: it is no reference, and no variant of another.
    pub fn is_ranked(&self) -> bool {
        !self.reference && self.variant_of.is_none()
    }

    /// What is known of a runtime by its name alone: plans of kilotask 0.1 before November 2026 say nothing else.
    fn by_name(runtime: &str) -> Self {
        const VARIANT: (&str, &str) = ("glommio-early-membarrier", "glommio");
        const REFERENCES: [&str; 4] = ["floor", "sequential", "std-async-floor", "c-liburing"];
        let own = own_name(runtime);
        let parent = if own == VARIANT.0 { Some(VARIANT.1) } else { (own != runtime).then_some(own) };
        Self {
            reference: REFERENCES.contains(&own) || own.ends_with("-sequential"),
            variant_of: parent.map(Into::into),
            ..Self::default()
        }
    }
}

/// Whether a runtime takes part in rankings, given nothing but its name.
pub fn is_ranked_by_name(runtime: &str) -> bool {
    Described::by_name(runtime).is_ranked()
}

impl Plan {
    /// What is known of one of its runtimes.
    pub fn description(&self, runtime: &str) -> Cow<'_, Described> {
        self.described.get(runtime).map_or_else(|| Cow::Owned(Described::by_name(runtime)), Cow::Borrowed)
    }

    /// What must be said wherever a cell is ranked.
    pub fn caveat(&self, cell: &Cell) -> Option<&str> {
        self.described.get(&cell.runtime)?.caveats.get(&cell.workload).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
