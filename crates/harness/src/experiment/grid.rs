//! What is to be run on each runtime.

use std::collections::BTreeMap;

use protocol::RuntimeInfo;
use results::plan::PresetName;

use crate::cell::Request;

/// A runtime under the name that the results give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// The runtime's own name.
    pub runtime: String,
    /// Its name in the results.
    pub label: String,
}

/// The requests of one `[[workload]]`, and the runtimes that take part.
#[derive(Debug, Clone)]
pub struct Grid {
    /// The runtimes named for it, each with its label; `None` means all.
    pub runtimes: Option<Vec<Labelled>>,
    /// One request for each combination of the axes.
    pub requests: Vec<Request>,
    /// Runtimes left out, each with the reason.
    pub leave_out: BTreeMap<String, String>,
    /// Whether the numbers of tasks are a ladder, climbed until a runtime fails; how it fails is
    /// the result.
    pub ceiling: bool,
    /// The most resident memory of a runner, MiB, where it is less than that of the run.
    pub memory_limit_mib: Option<u64>,
    /// The presets that run it; `None` means all.
    pub presets: Option<Vec<PresetName>>,
    /// The most timed trials of a cell that any preset asks for.
    pub most_blocks: Option<u32>,
}

impl Grid {
    /// The runtimes that take part in it, each with its label. "All" does not include those that
    /// are opt-in.
    pub(crate) fn chosen<'a>(
        &'a self,
        runtimes: impl Iterator<Item = &'a RuntimeInfo> + Clone,
    ) -> Vec<(&'a RuntimeInfo, &'a str)> {
        match &self.runtimes {
            None => runtimes.filter(|info| !info.on_request).map(|info| (info, info.name.as_str())).collect(),
            Some(named) => named
                .iter()
                .filter_map(|one| {
                    let info = runtimes.clone().find(|info| info.name == one.runtime)?;
                    Some((info, one.label.as_str()))
                })
                .collect(),
        }
    }
}
