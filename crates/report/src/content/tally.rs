//! How a run went, in lines: how much of it there is, what was disturbed, what failed, and what is not there.

use std::collections::HashSet;

use protocol::Status;
use results::grouping::{distinct, grouped};
use results::{Pass, Stopped, human};

use super::omissions::cells_of;
use super::trust::{flagged, machine, timed};
use crate::format::{counted, outcome};
use crate::run::{Run, Trial};

/// The machine, and how much was run on it: `full preset, 14 of 41 blocks (the time was up)`. Two texts, as the
/// first may be cut where there is little room.
pub fn circumstances(run: &Run) -> [String; 2] {
    let here = if run.environment.cpus == 0 { "unknown machine".into() } else { machine(run) };
    let blocks = match &run.ending {
        Some(ending) => {
            let why = match ending.stopped {
                Stopped::Plan => "",
                Stopped::Precision => " (precise enough)",
                Stopped::Budget => " (time was up)",
            };
            format!("{} of {}{why}", ending.blocks, counted(ending.of.into(), "block"))
        }
        None => format!("{} planned, not ended", counted(run.plan.blocks().into(), "block")),
    };
    [here, format!("preset {}, {blocks}", run.plan.preset)]
}

/// A line for each runtime and reason of trials that failed, most trials first. That a rung of a ladder fails is its
/// result, and no failure.
pub fn failures(run: &Run) -> Vec<String> {
    let failed = not_rungs(run).filter(|trial| trial.status.is_failure());
    let keyed = failed.map(|trial| ((&*trial.runtime, trial.status, &*trial.reason), &*trial.cell));
    let mut reasons = grouped(keyed);
    reasons.sort_by_key(|(_, cells)| std::cmp::Reverse(cells.len()));
    let lines = reasons.into_iter().map(|((runtime, status, reason), cells)| {
        let trials = counted(cells.len() as u64, "trial");
        format!("{}, {trials}: {}", cells_of(runtime, &distinct(cells)), outcome(status, reason))
    });
    lines.collect()
}

/// `202 of 12,048 timed trials disturbed, 3 failed; cells: 45 not measured, 28 left out`.
pub fn trials(run: &Run) -> String {
    let failed = not_rungs(run).filter(|trial| trial.status.is_failure()).count() as u64;
    let [disturbed, failed, missing, left_out] =
        [flagged(run), failed, not_measured(run).len() as u64, run.plan.left_out.len() as u64]
            .map(human::count);
    format!(
        "{disturbed} of {} disturbed, {failed} failed; cells: {missing} not measured, {left_out} left out",
        counted(timed(run), "timed trial")
    )
}

/// The cells that were not measured, for a reason that is no failure.
fn not_measured(run: &Run) -> HashSet<&str> {
    let missing = not_rungs(run).filter(|trial| trial.status != Status::Ok && !trial.status.is_failure());
    // Valgrind does not know all that a runtime does; such a cell was measured all the same.
    let missing = missing.filter(|trial| trial.pass != Pass::Instructions);
    missing.map(|trial| &*trial.cell).collect()
}

fn not_rungs(run: &Run) -> impl Iterator<Item = &Trial> {
    run.trials.iter().filter(|trial| !run.is_rung(&trial.cell))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::fixture;

    /// The reference, with trials of a cell that crashed and of one that is unavailable.
    fn troubled() -> Run {
        let mut run = fixture::read_reference();
        let cell = |run: &Run, label: &str| {
            let mut cells = run.cells().filter(|cell| cell.workload == "sleep" && cell.label == label);
            cells.next().expect("the reference has it").id.clone()
        };
        let (crashed, absent) = (cell(&run, "tokio"), cell(&run, "may"));
        for trial in &mut run.trials {
            if trial.cell == crashed {
                (trial.status, trial.reason) = (Status::Crashed, "exit status: 9".into());
            } else if trial.cell == absent {
                (trial.status, trial.reason) = (Status::Unavailable, "it is not here".into());
            }
        }
        run
    }

    #[test]
    fn what_failed_is_named_with_its_reason_and_what_is_not_here_is_only_counted() {
        let run = troubled();
        let lines = failures(&run);
        assert!(lines[0].contains("_tokio, ") && lines[0].ends_with("crashed: exit status: 9"), "{lines:?}");
        assert!(!lines.iter().any(|line| line.contains("it is not here")), "{lines:?}");
        let cells = |text: &str| -> u64 {
            let (before, _) = text.split_once(" not measured").unwrap();
            before.rsplit(' ').next().unwrap().replace(',', "").parse().unwrap()
        };
        assert_eq!(cells(&trials(&run)), cells(&trials(fixture::reference())) + 1);
        // Of a cell that was timed, its instructions alone could not be counted.
        let mut run = fixture::read_reference();
        let timed = run.trials.iter().find(|trial| trial.status == Status::Ok).unwrap();
        let uncounted = Trial { pass: Pass::Instructions, status: Status::Unsupported, ..timed.clone() };
        run.trials.push(uncounted);
        assert_eq!(trials(&run), trials(fixture::reference()));
    }

    #[test]
    fn a_run_that_has_not_ended_and_an_unknown_machine_are_said() {
        let mut run = fixture::without_trials();
        let [here, how] = circumstances(&run);
        assert!(here.contains("CPUs") && how.ends_with("blocks planned, not ended"), "{here}, {how}");
        run.environment = results::Environment::default();
        assert_eq!(circumstances(&run)[0], "unknown machine");
    }
}
