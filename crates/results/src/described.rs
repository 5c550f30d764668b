//! What a runner says of a runtime, as a plan notes it: whether it is ranked, and with what caveats.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cell::own_name;

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
    /// By workload: file and line of its code, seen from the root of the checkout, as far as that is known:
    /// `crates/runtime-tokio/src/tasks/switching.rs:31`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub code: BTreeMap<String, String>,
}

impl Described {
    /// Whether it takes part in rankings: it is no reference, and no variant of another.
    pub fn is_ranked(&self) -> bool {
        !self.reference && self.variant_of.is_none()
    }

    /// What is known of a runtime by its name alone: plans of kilotask 0.1 before November 2026 say nothing else.
    pub(crate) fn by_name(runtime: &str) -> Self {
        const VARIANT: (&str, &str) = ("glommio-early-membarrier", "glommio");
        const REFERENCES: [&str; 4] = ["floor", "sequential", "std-async-floor", "c-liburing"];
        let own = own_name(runtime);
        let parent = if own == VARIANT.0 { Some(VARIANT.1) } else { (own != runtime).then_some(own) };
        let is_of_the_lab = own.starts_with("same-") || own.starts_with("slower-");
        let reference = REFERENCES.contains(&own) || own.ends_with("-sequential") || is_of_the_lab;
        Self {
            family: if reference { "baseline" } else { family_by_name(own) }.into(),
            reference,
            variant_of: parent.map(Into::into),
            ..Self::default()
        }
    }
}

/// The family that runtimes of that time had.
fn family_by_name(own: &str) -> &str {
    match own {
        "threads" | "thread-pool" => "threads",
        "rayon" => "parallel",
        _ => match own.split_once('-') {
            Some(("node", _)) => "javascript",
            Some((language @ ("c" | "go" | "java" | "erlang" | "python"), _)) => language,
            _ => "async",
        },
    }
}

/// Whether a runtime takes part in rankings, given nothing but its name.
pub fn is_ranked_by_name(runtime: &str) -> bool {
    Described::by_name(runtime).is_ranked()
}
