//! Conformance: what must hold of a runtime before anyone measures it.
//!
//! Three parts: what it says of itself (`description`), how it answers jobs that make no sense or
//! that this machine has no room for, and a harness that is gone ([`WireQuestion`]), and trials of
//! every workload that it claims, at sizes at which runtimes tend to go wrong ([`trials`]). A trial
//! proves what any trial proves ([`verify`](crate::verify)), no less and no more.

mod description;
mod finding;
mod repro_command;
pub mod runner_test;
mod trials;
mod wire;

use std::sync::atomic::Ordering;

use protocol::Status;
use results::Pass;
use results::cell::own_name;
use results::held::NO_TRACE;

use crate::discover::Runtime;
use crate::fault::{Fault, TrialError};
use crate::patience::{self, patiently};
use crate::process::Bounds;
use crate::run::BrokenOff;
use crate::trial::{self, Instruments, Interrupted, Outcome, Place};

pub use finding::{Answer, Finding};
pub use trials::{TrialQuestion, trials};
pub use wire::WireQuestion;

/// After so many hangs a runtime is asked nothing more: each costs the whole time limit.
const MOST_HANGS: usize = 2;

/// All that is asked of a runtime.
#[derive(Debug, Clone)]
pub struct Questions {
    /// How it answers single jobs, and a harness that is gone.
    pub wire: Vec<WireQuestion>,
    /// Workloads, at several sizes.
    pub trials: Vec<TrialQuestion>,
}

impl Questions {
    /// All that is asked of a runtime on a machine with so many cores.
    pub fn of(runtime: &Runtime, cores: u32) -> Self {
        Self {
            wire: WireQuestion::of(&runtime.info),
            trials: trials(&runtime.info, cores, runtime.runner.has_counted_build()),
        }
    }

    /// How many questions these are.
    pub fn count(&self) -> usize {
        self.wire.len() + self.trials.len()
    }
}

/// Asks a runtime everything; a seed for each trial is counted up from `seed`.
///
/// # Errors
/// That somebody interrupts, or that the lab's own trouble stands in the way of a question each time that it is asked.
pub fn examine(
    runtime: &Runtime,
    questions: &Questions,
    seed: u64,
    instruments: &mut Instruments,
) -> Result<Vec<Finding>, BrokenOff> {
    let mut findings = description::check(runtime);
    let started = undisturbed(|| start(runtime, instruments.bounds))?;
    if let Some(not_started) = started {
        findings.push(not_started);
        return Ok(findings);
    }
    for &question in &questions.wire {
        if hangs(&findings) < MOST_HANGS {
            let finding = undisturbed(|| ask_on_the_wire(runtime, question, seed, instruments).map(Some))?;
            findings.extend(finding);
        }
    }
    for (question, seed) in questions.trials.iter().zip(seed..) {
        if hangs(&findings) < MOST_HANGS {
            let finding = undisturbed(|| ask_for_a_trial(runtime, question, seed, instruments).map(Some))?;
            findings.extend(finding);
        }
    }
    if hangs(&findings) >= MOST_HANGS {
        let reason = format!("it hung {MOST_HANGS} times; fix that first");
        findings.push(Finding::new(runtime, "the other questions were not asked", Answer::Note, &reason));
    }
    findings.extend(without_trace(runtime, &findings));
    findings.extend(description::empty_claims(runtime, &findings));
    Ok(findings)
}

/// Asks again, a few times, where the lab's own trouble stands in the way.
fn undisturbed(
    ask: impl FnMut() -> Result<Option<Finding>, Interrupted>,
) -> Result<Option<Finding>, BrokenOff> {
    let is_spoilt = |finding: &Option<Finding>| {
        finding.as_ref().is_some_and(|finding| finding.status == Some(Status::LabError))
    };
    match patiently(patience::PAUSE, is_spoilt, ask) {
        Err(Interrupted) => Err(BrokenOff::Interrupted),
        Ok(Some(finding)) if finding.status == Some(Status::LabError) => {
            Err(BrokenOff::Hindered(finding.reason))
        }
        Ok(finding) => Ok(finding),
    }
}

/// Has the runner start the runtime; gives the one finding where it does not.
fn start(runtime: &Runtime, bounds: Bounds) -> Result<Option<Finding>, Interrupted> {
    let fault = runtime.probe_unless(bounds.interrupted).err();
    if bounds.interrupted.load(Ordering::Relaxed) {
        return Err(Interrupted);
    }
    Ok(fault.map(|fault| not_started(runtime, &fault)))
}

/// That the tasks of a `hold` left no trace, at the sizes at which they had to.
fn without_trace(runtime: &Runtime, findings: &[Finding]) -> Option<Finding> {
    let left_none = |finding: &&Finding| finding.sample.as_ref().is_some_and(|row| row.left_no_trace());
    let found = findings.iter().find(left_none)?;
    let question = format!("hold {}", found.question);
    Some(Finding::new(runtime, &question, Answer::Note, NO_TRACE))
}

fn hangs(findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| finding.status == Some(Status::Timeout)).count()
}

/// The one finding of a runtime that does not start here.
fn not_started(runtime: &Runtime, fault: &Fault) -> Finding {
    const QUESTION: &str = "starts here";
    if matches!(fault.status(), Status::Unavailable | Status::Unsupported) {
        return Finding::declined(runtime, QUESTION, fault.status(), &fault.to_string());
    }
    let question: &[&str] =
        if runtime.broken.is_some() { &["describe"] } else { &["probe", own_name(&runtime.info.name)] };
    let reproduce = Some(repro_command::question(runtime, question));
    Finding { reproduce, ..Finding::failed(runtime, QUESTION, fault) }
}

fn ask_on_the_wire(
    runtime: &Runtime,
    question: WireQuestion,
    seed: u64,
    instruments: &mut Instruments,
) -> Result<Finding, Interrupted> {
    let finding = match question.ask(runtime, seed, instruments) {
        Err(TrialError::Interrupted) => return Err(Interrupted),
        Err(TrialError::Failed(fault)) => {
            let line = question.line(runtime, None);
            let reproduce = Some(repro_command::line(runtime, line.as_deref()));
            Finding { reproduce, ..Finding::failed(runtime, question.name(), &fault) }
        }
        Ok(Some(refusal)) if question.workload().is_some() => {
            Finding::declined(runtime, question.name(), refusal.status, &refusal.reason)
        }
        Ok(_) => Finding::new(runtime, question.name(), Answer::Holds, ""),
    };
    Ok(Finding { workload: question.workload().map(|workload| workload.name().into()), ..finding })
}

fn ask_for_a_trial(
    runtime: &Runtime,
    question: &TrialQuestion,
    seed: u64,
    instruments: &mut Instruments,
) -> Result<Finding, Interrupted> {
    let seed = question.seed.unwrap_or(seed);
    let place = Place::alone(question.pass, seed);
    let limited = question.open_files.map(|most| runtime.under_limit(&format!("-n {most}")));
    let outcome = trial::run(limited.as_ref().unwrap_or(runtime), &question.cell, place, instruments)?;
    let mut finding = judge(runtime, question, &outcome);
    if finding.verdict == Answer::Fails && limited.is_some() && outcome.sample.status == Status::Unsupported {
        // What it refuses may be something else: then it refuses that without the limit as well.
        let unlimited = trial::run(runtime, &question.cell, place, instruments)?.sample;
        if unlimited.status == Status::Unsupported {
            finding = Finding::declined(runtime, &question.label(), unlimited.status, &unlimited.reason);
        }
    }
    if finding.verdict == Answer::Fails {
        finding.reproduce = Some(repro_command::trial(runtime, question, seed));
    }
    finding.workload = Some(question.cell.workload.clone());
    finding.status = finding.status.or(Some(outcome.sample.status));
    finding.sample = Some(Box::new(outcome.sample));
    Ok(finding)
}

/// What a trial means as an answer.
fn judge(runtime: &Runtime, question: &TrialQuestion, outcome: &Outcome) -> Finding {
    let answer = match &outcome.fault {
        Some(Fault::Refused(refusal)) if question.open_files.is_some() => wire::names(refusal, "ulimit -n"),
        Some(Fault::Refused(refusal)) if !refusal.status.is_failure() => {
            return Finding::declined(runtime, &question.label(), refusal.status, &refusal.reason);
        }
        Some(fault) => Err(fault.clone()),
        None => check_allocations(runtime, question.pass, outcome)
            .and_then(|()| wire::ends_with_the_last_event(&outcome.traffic)),
    };
    Finding::of(runtime, &question.label(), &answer)
}

/// That the counted build counts allocations, and no other.
fn check_allocations(runtime: &Runtime, pass: Pass, outcome: &Outcome) -> Result<(), Fault> {
    match (pass, outcome.sample.allocations) {
        (Pass::Counted, None) => Err(Fault::NoAllocations),
        (Pass::Timed | Pass::Traced, Some(_)) if runtime.runner.has_counted_build() => {
            Err(Fault::TimedAllocations)
        }
        _ => Ok(()),
    }
}
