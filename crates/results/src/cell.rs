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

/// How many worker threads are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Workers {
    /// So many.
    Count(u32),
    /// One for each CPU that this process may use.
    All,
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

    /// Its group without the experiment, with which the name of the group begins: `sleep-1000-1ms`.
    pub fn short_group(&self) -> &str {
        self.group.strip_prefix(&self.experiment).map_or(&*self.group, |rest| rest.trim_start_matches('_'))
    }

    /// The worker threads that the experiment asks for; `None` where it leaves them to the runtime.
    pub fn workers_asked(&self) -> Option<Workers> {
        self.short_group().split('-').find_map(|part| match part {
            "wall" => Some(Workers::All),
            part => part.strip_prefix('w')?.parse().ok().map(Workers::Count),
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_group_says_which_workers_were_asked_for() {
        let workers = |group: &str| {
            let cell = serde_json::json!({
                "id": "", "experiment": "w9-wall", "group": format!("w9-wall_{group}"), "label": "", "runtime": "",
                "workload": "", "tasks": 1, "workers": 1, "rounds": 1, "params": {}
            });
            serde_json::from_value::<Cell>(cell).unwrap().workers_asked()
        };
        assert_eq!(workers("yield-10-w1-times1000"), Some(Workers::Count(1)));
        assert_eq!(workers("yield-10-w2"), Some(Workers::Count(2)));
        assert_eq!(workers("echo-10-200ms-wall-message-bytes100"), Some(Workers::All));
        assert_eq!(workers("sleep-10-1ms"), None);
    }
}
