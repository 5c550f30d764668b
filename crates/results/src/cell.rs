//! A cell: one runtime × workload × parameters, with every default filled in.

use protocol::workload::DURATION_NS;
use protocol::{Job, PROTOCOL, Params, Status, Workload};
use serde::{Deserialize, Serialize};

use crate::measure::Measure;
use crate::names::{is_file_name, is_param_name, is_plain, is_runtime_name};
use crate::rows::{Pass, TrialRow};
use crate::sanitize::{MAX_NAME, one_line};

/// The most tasks that a cell may have: beyond it the spans alone would fill memory.
pub const MAX_TASKS: u64 = 10_000_000;
/// The most spans that a trial may record: more would fill memory.
pub const MAX_SPANS: u64 = 50_000_000;
/// The most rounds that a trial may have.
pub const MAX_ROUNDS: u32 = 10_000;
/// The most worker threads that may be asked for.
pub const MAX_WORKERS: u32 = 10_000;

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
    /// The worker threads that the experiment asks for; `None` where it leaves them to the runtime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers_asked: Option<Workers>,
    /// Rounds of a timed trial. The other passes run one: what they count does not warm up.
    pub rounds: u32,
    /// Parameters of workload and runtime.
    pub params: Params,
}

/// How many worker threads are asked for; in files a number, or `all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Workers {
    /// One for each CPU that this process may use.
    All,
    /// So many.
    #[serde(untagged)]
    Count(u32),
}

impl Workers {
    /// So many at most, which also gives an order.
    pub fn at_most(self) -> u32 {
        match self {
            Self::All => u32::MAX,
            Self::Count(count) => count,
        }
    }
}

impl Cell {
    /// Checks that its names can be names, and its numbers be run. Of a workload of another version only that is known
    /// which is true of all.
    ///
    /// # Errors
    /// With what cannot be.
    pub fn check(&self) -> Result<(), String> {
        type Fits = fn(&str) -> bool;
        let names: [(&str, &str, Fits); 6] = [
            ("a cell", &self.id, is_file_name),
            ("an experiment", &self.experiment, is_plain),
            ("a group", &self.group, is_file_name),
            ("a label", &self.label, is_runtime_name),
            ("a runtime", &self.runtime, is_runtime_name),
            ("a workload", &self.workload, is_plain),
        ];
        let params =
            self.params.keys().map(|name| -> (&str, &str, Fits) { ("a parameter", name, is_param_name) });
        for (what, name, fits) in names.into_iter().chain(params) {
            if !fits(name) {
                return Err(format!("{:?} is no name of {what}", one_line(name, MAX_NAME)));
            }
        }
        bounded("workers", self.workers, MAX_WORKERS)?;
        match Workload::from_name(&self.workload) {
            Some(workload) => check_size(workload, self.tasks, self.rounds, &self.params),
            None => bounded("tasks", self.tasks, MAX_TASKS).and_then(|()| check_rounds(self.rounds)),
        }
    }

    /// The rounds that a trial of this pass runs.
    pub fn rounds_in(&self, pass: Pass) -> u32 {
        if pass == Pass::Timed { self.rounds } else { 1 }
    }

    /// The job of one trial.
    pub fn job(&self, pass: Pass) -> Job {
        Job {
            protocol: PROTOCOL,
            runtime: own_name(&self.runtime).into(),
            workload: self.workload.clone(),
            tasks: self.tasks,
            workers: self.workers,
            rounds: self.rounds_in(pass),
            params: self.params.clone(),
            spans_file: None,
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

    /// By what the runtimes are compared on it; `None` for a workload of another version.
    pub fn headline(&self) -> Option<Measure> {
        Some(Measure::of(Workload::from_name(&self.workload)?, &self.params))
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

/// Checks that a workload can have so many tasks and rounds with these parameters.
///
/// # Errors
/// With what cannot be, and what to give instead.
pub fn check_size(workload: Workload, tasks: u64, rounds: u32, params: &Params) -> Result<(), String> {
    bounded("tasks", tasks, MAX_TASKS)?;
    check_rounds(rounds)?;
    workload.check(tasks, params)?;
    let spans = workload.spans(tasks, params).saturating_mul(rounds.into());
    if spans > MAX_SPANS {
        return Err(format!(
            "{spans} spans: at most {MAX_SPANS} are possible; reduce tasks, times or rounds"
        ));
    }
    Ok(())
}

/// Checks that a number of rounds is possible.
///
/// # Errors
/// With the bound.
pub fn check_rounds(rounds: u32) -> Result<(), String> {
    bounded("rounds", rounds, MAX_ROUNDS)
}

/// Checks that there is at least one, and at most so many.
///
/// # Errors
/// With the bound.
pub fn bounded<T: Into<u64>>(what: &str, value: T, most: T) -> Result<(), String> {
    match (value.into(), most.into()) {
        (0, _) => Err(format!("0 {what}: at least 1 is needed")),
        (value, most) if value > most => Err(format!("{value} {what}: at most {most} are possible")),
        _ => Ok(()),
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
    fn the_workers_that_are_asked_for_are_a_number_or_all() {
        let read = |text: &str| serde_json::from_str::<Workers>(text).ok();
        for (workers, text) in [(Workers::Count(2), "2"), (Workers::All, "\"all\"")] {
            assert_eq!(serde_json::to_string(&workers).unwrap(), text);
            assert_eq!(read(text), Some(workers));
        }
        assert_eq!((read("\"many\""), read("-1")), (None, None));
    }
}
