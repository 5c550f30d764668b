//! Conformance: what must hold of a runtime before anyone measures it.
//!
//! Three parts: what it says of itself, how it answers a job that makes no sense or a harness that has
//! gone ([`WireQuestion`]), and trials of every workload that it claims, at sizes at which runtimes tend to go
//! wrong ([`trials`]). A trial proves what any trial proves ([`verify`](crate::verify)); nothing here
//! is more lenient or stricter.

mod mend;
mod repro_command;
mod trials;
mod wire;

use protocol::{Pass, RuntimeInfo, Sample, Status, Workload};
use serde::Serialize;

use crate::cell::Cell;
use crate::discover::Runtime;
use crate::trial::{self, Instruments, Interrupted, Place};

pub use mend::mend;
pub use trials::trials;
use wire::Fault;
pub use wire::WireQuestion;

/// After so many hangs a runtime is asked nothing more: each costs the whole time limit.
const MOST_HANGS: usize = 2;

/// A trial that is asked of a runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialQuestion {
    /// What is to be run.
    pub cell: Cell,
    /// With what attached.
    pub pass: Pass,
    /// What sets it apart from its neighbours, beside the number of tasks: `on 1 worker`, `sha256`.
    pub variant: String,
}

/// All that is asked of a runtime.
#[derive(Debug, Clone)]
pub struct Questions {
    /// How it answers a job that makes no sense, and a harness that has gone.
    pub wire: Vec<WireQuestion>,
    /// Workloads, at several sizes.
    pub trials: Vec<TrialQuestion>,
}

/// What a question came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It holds.
    Holds,
    /// The runtime cannot do it here and says why, which is an answer.
    Declined,
    /// Worth knowing, and no failure.
    Note,
    /// It does not hold.
    Fails,
}

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Whose answer.
    pub runtime: String,
    /// Of which workload; `None` where the question is not about one.
    pub workload: Option<String>,
    /// The question, in words.
    pub question: String,
    /// What it came to.
    pub verdict: Answer,
    /// How the trial ended; `None` where there was none.
    pub status: Option<Status>,
    /// Why, where it does not hold.
    pub reason: String,
    /// What its author may do about it.
    pub mend: Option<&'static str>,
    /// The command that shows it again.
    pub again: Option<String>,
}

impl Questions {
    /// All that is asked of a runtime on a machine with so many cores.
    pub fn of(runtime: &Runtime, cores: u32) -> Self {
        Self {
            wire: WireQuestion::ALL.to_vec(),
            trials: trials(&runtime.info, cores, runtime.runner.has_twin()),
        }
    }

    /// How many questions these are.
    pub fn count(&self) -> usize {
        self.wire.len() + self.trials.len()
    }
}

impl TrialQuestion {
    /// In a few words: `1000`, `3 sha256`.
    pub fn label(&self) -> String {
        format!("{} {}", self.cell.tasks, self.variant).trim_end().into()
    }
}

impl Finding {
    fn new(runtime: &Runtime, question: &str, verdict: Answer, reason: String) -> Self {
        Self {
            runtime: runtime.info.name.clone(),
            workload: None,
            question: question.into(),
            verdict,
            status: None,
            reason,
            mend: None,
            again: None,
        }
    }

    fn failed(runtime: &Runtime, question: &str, status: Status, reason: String) -> Self {
        let mend = mend(status, &reason);
        Self { status: Some(status), mend, ..Self::new(runtime, question, Answer::Fails, reason) }
    }
}

/// Asks a runtime everything; a seed for each trial is counted up from `seed`.
///
/// # Errors
/// Only when interrupted.
pub fn examine(
    runtime: &Runtime,
    questions: &Questions,
    seed: u64,
    instruments: &mut Instruments,
) -> Result<Vec<Finding>, Interrupted> {
    let mut findings = described(runtime);
    if let Err((status, reason)) = runtime.probe() {
        findings.push(if status.is_failure() {
            let question: &[&str] =
                if runtime.broken.is_some() { &["describe"] } else { &["probe", &runtime.info.name] };
            let again = Some(repro_command::asked(runtime, question));
            Finding { again, ..Finding::failed(runtime, "starts here", status, reason) }
        } else {
            let finding = Finding::new(runtime, "starts here", Answer::Declined, reason);
            Finding { status: Some(status), ..finding }
        });
        return Ok(findings);
    }
    let mut hangs = 0;
    for &wire in &questions.wire {
        match wire.ask(runtime, seed, instruments) {
            Ok(()) => findings.push(Finding::new(runtime, wire.name(), Answer::Holds, String::new())),
            Err(Fault::Interrupted) => return Err(Interrupted),
            Err(Fault::Found(status, reason)) => {
                hangs += usize::from(status == Status::Timeout);
                let again = Some(wire.again(runtime, seed));
                findings.push(Finding { again, ..Finding::failed(runtime, wire.name(), status, reason) });
            }
        }
    }
    for (question, seed) in questions.trials.iter().zip(seed..) {
        if hangs >= MOST_HANGS {
            let reason = format!("it hung {hangs} times; mend that first");
            findings.push(Finding::new(runtime, "the rest was not asked", Answer::Note, reason));
            break;
        }
        let place = Place { block: 0, position: 0, pass: question.pass, seed };
        let sample = trial::run(runtime, &question.cell, place, instruments)?.sample;
        hangs += usize::from(sample.status == Status::Timeout);
        let mut finding = judge(runtime, question, sample);
        if finding.verdict == Answer::Fails {
            finding.again = Some(repro_command::trial(runtime, question, seed));
        }
        findings.push(finding);
    }
    findings.extend(empty_claims(runtime, &findings));
    findings.extend(disclaimed(runtime));
    Ok(findings)
}

/// What there is to say of a description that could be read: one that could not is the probe's matter.
fn described(runtime: &Runtime) -> Vec<Finding> {
    let RuntimeInfo { workloads, version, unsupported, .. } = &runtime.info;
    if runtime.broken.is_some() {
        return Vec::new();
    }
    let note = |question: &str, reason: String| Finding::new(runtime, question, Answer::Note, reason);
    let mut findings = Vec::new();
    for name in workloads.iter().chain(unsupported.keys()) {
        if Workload::from_name(name).is_none() {
            let known = crate::did_you_mean(name, Workload::ALL.map(Workload::name));
            findings.push(note("claims", format!("no workload is called {name:?}{known}")));
        }
    }
    for name in unsupported.keys().filter(|name| workloads.contains(name)) {
        let reason = format!("{name} stands under `workloads` and under `unsupported`");
        findings.push(Finding::failed(runtime, "claims", Status::ProtocolError, reason));
    }
    if workloads.is_empty() {
        findings.push(Finding::failed(runtime, "claims", Status::ProtocolError, "claims no workload".into()));
    }
    if version.trim().is_empty() {
        findings.push(note("version", "its results will not say what was measured".into()));
    }
    if runtime.runner.lacks_its_twin() {
        findings.push(note("counted pass", "its counted twin is declared but not built".into()));
    }
    findings
}

/// What it says that it cannot do.
fn disclaimed(runtime: &Runtime) -> impl Iterator<Item = Finding> {
    runtime.info.unsupported.iter().map(|(workload, reason)| {
        let finding = Finding::new(runtime, "by its own description", Answer::Declined, reason.clone());
        Finding { workload: Some(workload.clone()), ..finding }
    })
}

/// What a trial comes to.
fn judge(runtime: &Runtime, question: &TrialQuestion, sample: Sample) -> Finding {
    let mut finding = match sample.status {
        Status::Ok if question.pass == Pass::Counted && sample.allocations.is_none() => {
            let reason = "its counted twin reports no allocations".into();
            Finding::failed(runtime, &question.label(), Status::Wrong, reason)
        }
        Status::Ok => Finding::new(runtime, &question.label(), Answer::Holds, String::new()),
        Status::Unavailable | Status::Unsupported => {
            Finding::new(runtime, &question.label(), Answer::Declined, sample.reason)
        }
        status => Finding::failed(runtime, &question.label(), status, sample.reason),
    };
    finding.status = finding.status.or(Some(sample.status));
    finding.workload = Some(sample.workload);
    finding
}

/// A workload that is claimed, and then declined at every size.
fn empty_claims(runtime: &Runtime, findings: &[Finding]) -> Vec<Finding> {
    let claim = |name: &String| {
        let asked: Vec<&Finding> = findings
            .iter()
            .filter(|finding| finding.workload.as_ref() == Some(name) && finding.status.is_some())
            .collect();
        let empty = asked.iter().all(|finding| finding.status == Some(Status::Unsupported));
        let reason = format!("claims {name} and answers unsupported: {}", asked.first()?.reason);
        let finding = Finding::failed(runtime, "at any size", Status::Unsupported, reason);
        empty.then(|| Finding { workload: Some(name.clone()), ..finding })
    };
    runtime.info.workloads.iter().filter_map(claim).collect()
}
