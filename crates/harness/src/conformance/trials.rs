//! The trials that are asked of a runtime: a pure list, from its own description.

use std::collections::BTreeSet;

use protocol::wire::SEEDS;
use protocol::workload::{
    CALL, CAPACITY, DURATION_NS, FILE_BYTES, JITTER_NS, MESSAGE_BYTES, SLICE_NS, SLICES, STEPS, TIMES, call,
};
use protocol::{Params, RuntimeInfo, Workload};
use results::Pass;

use crate::cell::{Cell, Request, Workers};

/// Two, so that what a round leaves behind for the next one shows.
const ROUNDS: u32 = 2;

/// Up to so many tasks each waits long enough that a busy machine, which takes a core away for a
/// while, does not make them wait one after another.
const FEW: u64 = 16;
const LONG_WAIT_NS: u64 = 20_000_000;

/// Files that may be open where a crowd is to be refused: enough to start a runtime.
const FEW_FILES: u32 = 256;

/// So many tokens from this seed on, the largest that there is, add up to more than 64 bits.
const MANY: u64 = 5000;
const LARGE_SEED: u64 = SEEDS - 1;

/// A trial that is asked of a runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct TrialQuestion {
    pub cell: Cell,
    pub pass: Pass,
    /// What sets it apart from the others, beside the number of tasks: `on 1 worker`, `sha256`.
    pub variant: String,
    /// The seed, where it matters.
    pub seed: Option<u64>,
    /// The most files that the runner may have open: it refuses what needs more, or does it.
    pub open_files: Option<u32>,
}

impl TrialQuestion {
    /// In a few words: `1000`, `3 sha256`.
    pub fn label(&self) -> String {
        format!("{} {}", self.cell.tasks, self.variant).trim_end().into()
    }
}

/// Every workload that a runtime claims, at sizes below, at and above its number of workers, with one
/// worker, all cores and more workers than cores, with each choice that the workload has, with few open
/// files, and in the counted build.
pub fn trials(runtime: &RuntimeInfo, cores: u32, has_counted_build: bool) -> Vec<TrialQuestion> {
    let claimed = runtime.workloads.iter().filter_map(|name| Workload::from_name(name));
    claimed.flat_map(|workload| trials_of(workload, runtime, cores, has_counted_build)).collect()
}

fn trials_of(
    workload: Workload,
    runtime: &RuntimeInfo,
    cores: u32,
    has_counted_build: bool,
) -> Vec<TrialQuestion> {
    let workers = u64::from(runtime.workers_default.unwrap_or(cores));
    let crowd = crowd(workload);
    let mut sizes = BTreeSet::from([1, 2, workers.saturating_sub(1), workers + 1, crowd]);
    if workload == Workload::Skynet {
        // A root that is full, and one with a child too many.
        sizes.extend([10, 11]);
    }
    let mut asked: Vec<Asked> = sizes.into_iter().map(|tasks| Asked::plainly(workload, tasks)).collect();
    for (name, value, variant) in variants(workload) {
        let in_a_crowd = [(CAPACITY, 1), (CALL, call::ESCAPE)].contains(&(name, value));
        let tasks = if in_a_crowd { crowd } else { workers + 1 };
        asked.push(Asked { variant, ..Asked::plainly(workload, tasks).with(name, value) });
    }
    asked.extend(on_other_numbers_of_workers(workload, runtime, cores));
    if workload == Workload::Sleep && !runtime.blocks_worker {
        let jitter = Asked::plainly(workload, crowd).with(JITTER_NS, 3_000_000);
        asked.push(Asked { variant: "jitter", ..jitter });
    }
    if workload == Workload::Spawn {
        let plain = Asked::plainly(workload, MANY);
        asked.push(Asked { variant: "with a sum that wraps", seed: Some(LARGE_SEED), ..plain });
    }
    if opens_files(workload) {
        asked.extend(with_few_files(workload, runtime));
    }
    if has_counted_build {
        asked.push(Asked { pass: Pass::Counted, variant: "counted", ..Asked::plainly(workload, crowd) });
    }
    asked.into_iter().filter_map(|asked| asked.of(runtime, cores)).collect()
}

/// Enough tasks for everything that needs a crowd, few enough for every runtime: where they have files
/// open, few enough for the limit of 1024 that is common; where threads may do their work, more than the
/// 512 that pools have.
fn crowd(workload: Workload) -> u64 {
    match workload {
        Workload::Brigade | Workload::Request | Workload::Echo => 300,
        Workload::FileRead | Workload::Blocking => 600,
        Workload::Skynet => 1234,
        _ => 1000,
    }
}

/// Whether each task may have a file open while others have.
fn opens_files(workload: Workload) -> bool {
    matches!(workload, Workload::Brigade | Workload::Request | Workload::Echo | Workload::FileRead)
}

fn on_other_numbers_of_workers(workload: Workload, runtime: &RuntimeInfo, cores: u32) -> Vec<Asked> {
    let default = runtime.workers_default.unwrap_or(cores);
    let mut asked = Vec::new();
    for (count, variant) in
        [(1, "on 1 worker"), (cores, "on all cores"), (cores + 1, "on a worker more than cores")]
    {
        if count == default
            || asked.iter().any(|one: &Asked| one.request.workers == Some(Workers::Count(count)))
        {
            continue;
        }
        let tasks = match count {
            // One after another they would take too long.
            1 if !runtime.blocks_worker => crowd(workload),
            // One task more than there are workers; an even number for those that pair them.
            _ => (u64::from(count) + 1).next_multiple_of(2),
        };
        asked.push(Asked { variant, ..Asked::plainly(workload, tasks).on(count) });
    }
    asked
}

/// More tasks than files may be open; on one worker as well, as some have means for it there alone.
fn with_few_files(workload: Workload, runtime: &RuntimeInfo) -> Vec<Asked> {
    let plain = || Asked { open_files: Some(FEW_FILES), ..Asked::plainly(workload, crowd(workload)) };
    let mut asked = vec![Asked { variant: "with 256 files at most", ..plain() }];
    if !runtime.blocks_worker && runtime.workers_default != Some(1) {
        asked.push(Asked { variant: "on 1 worker with 256 files at most", ..plain().on(1) });
    }
    asked
}

/// What is worth asking beside the plain sizes: each choice but the first, which the sizes have, and
/// values at which shortcuts show.
fn variants(workload: Workload) -> Vec<(&'static str, u64, &'static str)> {
    let choices = workload.params().iter().flat_map(|spec| {
        let others = spec.choices.iter().zip(0..).skip(1);
        others.map(|(&word, value)| (spec.name, value, word))
    });
    let quantities = match workload {
        Workload::Sleep => Some((JITTER_NS, LONG_WAIT_NS, "jitter")),
        Workload::FanIn => Some((CAPACITY, 1, "capacity 1")),
        Workload::Echo => Some((MESSAGE_BYTES, 10_000, "long messages")),
        Workload::Cpu => Some((STEPS, 0, "no steps")),
        _ => None,
    };
    choices.chain(quantities).collect()
}

/// A trial before it is put to a runtime.
struct Asked {
    request: Request,
    pass: Pass,
    variant: &'static str,
    seed: Option<u64>,
    open_files: Option<u32>,
}

impl Asked {
    fn plainly(workload: Workload, tasks: u64) -> Self {
        let params = params(workload, tasks);
        let request = Request { rounds: ROUNDS, params, ..Request::new("verify", workload, tasks) };
        Self { request, pass: Pass::Timed, variant: "", seed: None, open_files: None }
    }

    fn on(mut self, workers: u32) -> Self {
        self.request.workers = Some(Workers::Count(workers));
        self
    }

    fn with(mut self, name: &str, value: u64) -> Self {
        self.request.params.insert(name.into(), value);
        self
    }

    /// `None` where the workload, or the runtime by its own description, has no such trial.
    fn of(self, runtime: &RuntimeInfo, cores: u32) -> Option<TrialQuestion> {
        let Self { request, pass, variant, seed, open_files } = self;
        request.check().ok()?;
        let cell = request.on(runtime, &runtime.name, cores).ok()?;
        Some(TrialQuestion { cell, pass, variant: variant.into(), seed, open_files })
    }
}

/// Parameters with which a round is soon over; what is not named here has its default.
fn params(workload: Workload, tasks: u64) -> Params {
    let small: &[(&str, u64)] = match workload {
        Workload::Sleep | Workload::Request if tasks <= FEW => &[(DURATION_NS, LONG_WAIT_NS)],
        Workload::Yield | Workload::PingPong | Workload::FanIn | Workload::Mutex | Workload::Brigade => {
            &[(TIMES, 10)]
        }
        Workload::Echo => &[(DURATION_NS, 30_000_000)],
        Workload::FileRead => &[(TIMES, 3), (FILE_BYTES, 1 << 20)],
        Workload::Cpu => &[(STEPS, 100)],
        Workload::Mixed => &[(TIMES, 5), (SLICES, 5), (SLICE_NS, 100_000)],
        Workload::Blocking => &[(DURATION_NS, 100_000)],
        _ => &[],
    };
    small.iter().map(|&(name, value)| (name.to_string(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime(workloads: &[Workload]) -> RuntimeInfo {
        RuntimeInfo {
            name: "x".into(),
            workloads: workloads.iter().map(|workload| workload.name().into()).collect(),
            ..RuntimeInfo::default()
        }
    }

    fn labels(runtime: &RuntimeInfo, cores: u32) -> Vec<String> {
        trials(runtime, cores, false).iter().map(TrialQuestion::label).collect()
    }

    #[test]
    fn sizes_lie_on_both_sides_of_the_number_of_workers() {
        let hold = runtime(&[Workload::Hold]);
        let more = "6 on a worker more than cores";
        assert_eq!(labels(&hold, 4), ["1", "2", "3", "5", "1000", "1000 on 1 worker", more]);
        assert_eq!(labels(&hold, 1), ["1", "2", "1000", "4 on a worker more than cores"]);
        let pool = RuntimeInfo { workers_default: Some(512), blocks_worker: true, ..hold };
        let expected = ["1", "2", "511", "513", "1000", "2 on 1 worker", "6 on all cores", more];
        assert_eq!(labels(&pool, 4), expected);
    }

    #[test]
    fn what_a_runtime_cannot_have_is_not_asked() {
        let one = RuntimeInfo { workers_default: Some(1), workers_max: Some(1), ..runtime(&[Workload::Cpu]) };
        assert_eq!(labels(&one, 8), ["1", "2", "1000", "2 sha256", "2 no steps"]);
        let pairs = labels(&runtime(&[Workload::PingPong]), 2);
        assert_eq!(pairs, ["2", "1000", "1000 on 1 worker", "4 on a worker more than cores"]);
    }

    #[test]
    fn the_sum_that_wraps_does() {
        let questions = trials(&runtime(&[Workload::Spawn]), 2, false);
        let wraps = questions.iter().find_map(|question| Some((question.cell.tasks, question.seed?)));
        let (tasks, seed) = wraps.expect("it is asked");
        assert!(u128::from(tasks) * u128::from(seed) > u128::from(u64::MAX));
        assert!(seed < SEEDS, "the protocol promises no larger one");
    }

    #[test]
    fn every_choice_of_every_workload_is_asked() {
        let questions = trials(&runtime(&Workload::ALL), 2, false);
        for workload in Workload::ALL {
            for spec in workload.params() {
                for value in 0..spec.choices.len() as u64 {
                    let asked = questions.iter().any(|question| {
                        question.cell.workload == workload.name() && question.cell.params[spec.name] == value
                    });
                    assert!(asked, "{} {} = {value}", workload.name(), spec.name);
                }
            }
        }
    }

    #[test]
    fn a_counted_build_is_asked_each_workload_once() {
        let questions = trials(&runtime(&Workload::ALL), 2, true);
        let counted = questions.iter().filter(|question| question.pass == Pass::Counted);
        assert_eq!(counted.count(), Workload::ALL.len());
    }
}
