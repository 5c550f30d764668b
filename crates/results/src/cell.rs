//! A cell: one runtime × workload × parameters, with every default filled in.

use protocol::workload::DURATION_NS;
use protocol::{Job, PROTOCOL, Params, Status, Workload};
use serde::{Deserialize, Serialize};

use crate::rows::{Pass, TrialRow};

/// What to run, with nothing left to be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Unique in a run, and fit to be a file's name.
    pub id: String,
    /// The experiment that asked for it.
    pub experiment: String,
    /// What it has in common with the cells it may be compared with: all but the runtime.
    pub group: String,
    /// The runtime's name in the results; its own unless the experiment gives another.
    pub label: String,
    /// The runtime's own name.
    pub runtime: String,
    /// The workload's name.
    pub workload: String,
    /// Tasks a round.
    pub tasks: u64,
    /// Worker threads.
    pub workers: u32,
    /// Rounds of a timed trial. The other passes run one: what they count does not warm up.
    pub rounds: u32,
    /// Parameters of workload and runtime.
    pub params: Params,
}

impl Cell {
    /// The rounds that a trial of this pass runs.
    pub fn rounds_in(&self, pass: Pass) -> u32 {
        if pass == Pass::Timed { self.rounds } else { 1 }
    }

    /// The job of one trial.
    pub fn job(&self, pass: Pass, seed: u64) -> Job {
        Job {
            protocol: PROTOCOL,
            runtime: own_name(&self.runtime).into(),
            workload: self.workload.clone(),
            tasks: self.tasks,
            workers: self.workers,
            rounds: self.rounds_in(pass),
            params: self.params.clone(),
            seed,
            spans_file: None,
            origin: None,
            file: None,
        }
    }

    /// The row of a trial of this cell with nothing measured yet.
    pub fn blank_row(&self, block: u32, position: u32, pass: Pass) -> TrialRow {
        let param = |(name, &value): (&String, &u64)| match self.choice(name, value) {
            Some(word) => format!("{name}={word}"),
            None => format!("{name}={value}"),
        };
        let params: Vec<String> = self.params.iter().map(param).collect();
        TrialRow {
            experiment: self.experiment.clone(),
            cell: self.id.clone(),
            group: self.group.clone(),
            block,
            position,
            pass,
            runtime: self.label.clone(),
            workload: self.workload.clone(),
            tasks: self.tasks,
            workers: self.workers,
            rounds: self.rounds_in(pass),
            params: params.join(";"),
            status: Status::Ok,
            ..TrialRow::default()
        }
    }

    /// The word for the value of a parameter that has words.
    fn choice(&self, name: &str, value: u64) -> Option<&'static str> {
        choice(Workload::from_name(&self.workload)?, name, value)
    }

    /// A parameter, where the cell has it.
    pub fn param(&self, name: &str) -> Option<u64> {
        self.params.get(name).copied()
    }

    /// How long each task is to wait, where the workload has such a time.
    pub fn duration_ns(&self) -> Option<u64> {
        self.param(DURATION_NS)
    }
}

/// The word for the value of a workload's parameter that has words.
pub fn choice(workload: Workload, name: &str, value: u64) -> Option<&'static str> {
    workload.param_spec(name)?.choices.get(usize::try_from(value).ok()?).copied()
}

/// The name of a runtime without the version that `tokio@1.41.1` has: how its runner calls it.
pub fn own_name(runtime: &str) -> &str {
    runtime.split_once('@').map_or(runtime, |(name, _)| name)
}
