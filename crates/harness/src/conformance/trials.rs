//! Which trials are asked of a runtime: a pure list, from its own description.

use std::collections::BTreeSet;

use protocol::workload::{CAPACITY, DURATION_NS, FILE_BYTES, JITTER_NS, SLICE_NS, SLICES, STEPS, TIMES};
use protocol::{Params, RuntimeInfo, Workload};
use results::Pass;

use super::TrialQuestion;
use crate::cell::{Request, Workers};

/// Enough for everything that needs a crowd, few enough for every runtime.
const CROWD: u64 = 1000;

/// Two, so that what a round leaves behind for the next one shows.
const ROUNDS: u32 = 2;

/// Up to so many tasks each waits long enough that a busy machine, which takes a core away for a
/// while, does not make them wait one after another.
const FEW: u64 = 16;
const LONG_WAIT_NS: u64 = 20_000_000;

/// Every workload that a runtime claims, at sizes below, at and above its number of workers, with one
/// worker and with all cores, and with each choice that the workload has.
pub fn trials(runtime: &RuntimeInfo, cores: u32, has_twin: bool) -> Vec<TrialQuestion> {
    let claimed = || runtime.workloads.iter().filter_map(|name| Workload::from_name(name));
    let mut questions: Vec<TrialQuestion> =
        claimed().flat_map(|workload| trials_of(workload, runtime, cores)).collect();
    let counted = claimed().find(|&workload| workload == Workload::Spawn).or_else(|| claimed().next());
    if has_twin && let Some(workload) = counted {
        let asked = Asked { pass: Pass::Counted, variant: "counted", ..Asked::plainly(workload, CROWD) };
        questions.extend(asked.of(runtime, cores));
    }
    questions
}

fn trials_of(workload: Workload, runtime: &RuntimeInfo, cores: u32) -> Vec<TrialQuestion> {
    let workers = u64::from(runtime.workers_default.unwrap_or(cores));
    let sizes = BTreeSet::from([1, 2, workers.saturating_sub(1), workers + 1, CROWD]);
    let mut asked: Vec<Asked> = sizes.into_iter().map(|tasks| Asked::plainly(workload, tasks)).collect();
    for (name, value, variant) in variants(workload) {
        let mut one = Asked { variant, ..Asked::plainly(workload, workers + 1) };
        one.params.insert(name.into(), value);
        asked.push(one);
    }
    // One task more than there are workers; an even number for those that pair them.
    for (count, variant) in [(1, "on 1 worker"), (cores, "on all cores")] {
        let tasks = (u64::from(count) + 1).next_multiple_of(2);
        let one = Asked { workers: Some(Workers::Count(count)), variant, ..Asked::plainly(workload, tasks) };
        if u64::from(count) != workers && (count == 1 || cores > 1) {
            asked.push(one);
        }
    }
    asked.into_iter().filter_map(|asked| asked.of(runtime, cores)).collect()
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
        _ => None,
    };
    choices.chain(quantities).collect()
}

/// A trial before it is put to a runtime.
struct Asked {
    workload: Workload,
    tasks: u64,
    workers: Option<Workers>,
    params: Params,
    pass: Pass,
    variant: &'static str,
}

impl Asked {
    fn plainly(workload: Workload, tasks: u64) -> Self {
        let params = params(workload, tasks);
        Self { workload, tasks, workers: None, params, pass: Pass::Timed, variant: "" }
    }

    /// `None` where the workload, or the runtime by its own description, has no such trial.
    fn of(self, runtime: &RuntimeInfo, cores: u32) -> Option<TrialQuestion> {
        let Self { workload, tasks, workers, params, pass, variant } = self;
        let request =
            Request { experiment: "verify".into(), workload, tasks, workers, rounds: ROUNDS, params };
        request.check().ok()?;
        let cell = request.on(runtime, &runtime.name, cores).ok()?;
        Some(TrialQuestion { cell, pass, variant: variant.into() })
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
        Workload::FileRead => &[(TIMES, 10), (FILE_BYTES, 1 << 20)],
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
        let spawn = runtime(&[Workload::Spawn]);
        assert_eq!(labels(&spawn, 4), ["1", "2", "3", "5", "1000", "2 on 1 worker"]);
        assert_eq!(labels(&spawn, 1), ["1", "2", "1000"]);
        let pool = RuntimeInfo { workers_default: Some(512), ..spawn };
        let expected = ["1", "2", "511", "513", "1000", "2 on 1 worker", "6 on all cores"];
        assert_eq!(labels(&pool, 4), expected);
    }

    #[test]
    fn what_a_runtime_cannot_have_is_not_asked() {
        let one = RuntimeInfo { workers_default: Some(1), workers_max: Some(1), ..runtime(&[Workload::Cpu]) };
        assert_eq!(labels(&one, 8), ["1", "2", "1000", "2 sha256"]);
        assert_eq!(labels(&runtime(&[Workload::PingPong]), 2), ["2", "1000", "2 on 1 worker"]);
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
    fn a_twin_is_asked_once() {
        let questions = trials(&runtime(&Workload::ALL), 2, true);
        let counted: Vec<&TrialQuestion> =
            questions.iter().filter(|question| question.pass == Pass::Counted).collect();
        assert_eq!(counted.len(), 1);
        assert_eq!(counted[0].label(), "1000 counted");
    }
}
