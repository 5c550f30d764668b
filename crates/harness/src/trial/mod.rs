//! One trial: a fresh process, one cell, one pass.
//!
//! The peer is started, the runner does its job while the harness measures it from outside, and
//! what it claims is verified before any of it stands in a row.

pub(crate) mod conversation;
mod counter;
mod outcome;
mod pause;
mod row;

use std::fs;
use std::path::Path;

use protocol::{Go, Job, ProofInputs, Refusal, Span, Status, Workload, span};
use results::{Pass, TrialRow};
use tempfile::TempDir;

use crate::cell::Cell;
use crate::counters::Counters;
use crate::discover::Runtime;
use crate::fault::{Fault, TrialError};
use crate::machine_noise::MachineClocks;
use crate::moment;
use crate::patience::{self, patiently};
use crate::peers::Peers;
use crate::process::Bounds;
use crate::scratch::{Scratch, room_in};
use crate::standstill;
use crate::verify::{Evidence, verify};
use crate::{control_group, memory};
use conversation::{Setup, Transcript, converse};
use counter::Counter;
use results::sanitize::{MAX_REASON, of_stranger};

pub use outcome::Outcome;
pub use pause::pause_before_go;

/// Which trial of a run this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which block; 0 is burn-in.
    pub block: u32,
    /// Its position in the block.
    pub position: u32,
    /// What it measures: times, allocations, system calls or instructions.
    pub pass: Pass,
    /// Which of the processes of its cell in the block.
    pub process: u32,
    /// The seed of its job.
    pub seed: u64,
}

impl Place {
    /// A trial by itself, in no run.
    pub fn alone(pass: Pass, seed: u64) -> Self {
        Self { block: 0, position: 0, pass, process: 0, seed }
    }

    /// The row of a trial of this cell here, of which nothing is known yet.
    pub(crate) fn blank_row(self, cell: &Cell) -> TrialRow {
        TrialRow { process: self.process, ..cell.blank_row(self.block, self.position, self.pass) }
    }
}

/// The person at the terminal wants to stop; the trial left nothing behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// What trials are run with.
pub struct Instruments<'a> {
    /// What counts from outside, as far as that is possible.
    pub counters: Counters,
    /// The bounds of every process.
    pub bounds: Bounds<'a>,
    /// Starts the peer that a workload needs.
    pub peers: Peers,
    /// Where temporary files are.
    pub scratch: Scratch,
}

impl<'a> Instruments<'a> {
    /// For what is not measured: nothing counts from outside, and peers are threads of this process.
    pub fn plain(bounds: Bounds<'a>) -> Self {
        Self { counters: Counters::none(), bounds, peers: Peers::new([]), scratch: Scratch::default() }
    }
}

/// Runs one trial of a cell. Whatever the runner does, there is a row that says so.
pub fn run(
    runtime: &Runtime,
    cell: &Cell,
    place: Place,
    instruments: &mut Instruments,
) -> Result<Outcome, Interrupted> {
    let mut outcome = begun_now(runtime, cell, place);
    let before = MachineClocks::read();
    let since = standstill::Since::now();
    let kills = memory::out_of_memory_kills();
    let ended = measure(runtime, cell, place, instruments, &mut outcome);
    MachineClocks::record(before, MachineClocks::read(), &mut outcome.sample);
    match ended {
        Ok(()) => {}
        Err(TrialError::Interrupted) => return Err(Interrupted),
        Err(TrialError::Failed(Fault::Ended { exit, .. }))
            if exit.contains("SIGKILL") && memory::out_of_memory_kills() > kills =>
        {
            fail(&mut outcome, Fault::OutOfMemory { allowed: control_group::memory_limit() });
        }
        Err(TrialError::Failed(fault)) => fail(&mut outcome, fault),
    }
    outcome.found_spoilt = instruments.peers.take_spoilt();
    if since.stood_still() {
        // Whatever it gave.
        fail(&mut outcome, Fault::StoodStill);
    }
    Ok(outcome)
}

/// The same, again, a few times, where a trouble of the lab's own spoils it.
pub fn run_patiently(
    runtime: &Runtime,
    cell: &Cell,
    place: Place,
    instruments: &mut Instruments,
) -> Result<Outcome, Interrupted> {
    let is_spoilt = |outcome: &Outcome| outcome.sample.status == Status::LabError;
    patiently(patience::PAUSE, is_spoilt, || run(runtime, cell, place, instruments))
}

/// A row for a trial that is known to be impossible, without starting a process.
pub fn refused(runtime: &Runtime, cell: &Cell, place: Place, status: Status, reason: &str) -> Outcome {
    let mut outcome = begun_now(runtime, cell, place);
    fail(&mut outcome, Fault::Refused(Refusal { status, reason: reason.into() }));
    outcome
}

/// The outcome of a trial that begins now.
fn begun_now(runtime: &Runtime, cell: &Cell, place: Place) -> Outcome {
    let sample = TrialRow {
        runtime_version: runtime.info.version.clone(),
        language: runtime.info.language.clone(),
        started_at: moment::now_in_micros(),
        ..place.blank_row(cell)
    };
    Outcome {
        sample,
        rounds: Vec::new(),
        spans: Vec::new(),
        fault: None,
        traffic: Vec::new(),
        found_spoilt: false,
    }
}

/// A failed trial keeps what the harness measured from outside, but nothing that the runner
/// claimed.
fn fail(outcome: &mut Outcome, fault: Fault) {
    outcome.sample.status = fault.status();
    outcome.sample.reason = of_stranger(&fault.to_string(), MAX_REASON);
    outcome.rounds.clear();
    outcome.spans.clear();
    outcome.fault = Some(fault);
}

fn measure(
    runtime: &Runtime,
    cell: &Cell,
    place: Place,
    instruments: &mut Instruments,
    outcome: &mut Outcome,
) -> Result<(), TrialError> {
    let scratch = instruments.scratch.folder()?;
    let mut setup = prepare(runtime, cell, place, instruments, &scratch)?;
    let is_emulated = setup.counter.emulates();
    let ended = match converse(&mut setup, outcome) {
        Ok(transcript) => account(runtime, setup, &transcript, instruments, outcome),
        Err(error) => Err(setup.peer.blame(error)),
    };
    let ended = ended.map_err(|error| blame_the_disk(error, &scratch));
    if is_emulated { ended.map_err(blame_the_emulator) } else { ended }
}

/// What goes wrong in an emulator, or is not there, says nothing of the runtime: its other trials do.
fn blame_the_emulator(error: TrialError) -> TrialError {
    match error {
        TrialError::Failed(fault) if !matches!(fault.status(), Status::Unsupported | Status::LabError) => {
            Fault::Emulated(fault.to_string()).into()
        }
        other => other,
    }
}

/// A runner that could not write its spans into a full temporary folder has not failed.
fn blame_the_disk(error: TrialError, scratch: &TempDir) -> TrialError {
    const LITTLE: u64 = 64 << 10;
    let has_failed = matches!(&error, TrialError::Failed(fault) if fault.status().is_failure());
    if has_failed && room_in(scratch.path()).is_some_and(|room| room < LITTLE) {
        let folder = scratch.path().display();
        return Fault::Hindered(format!(
            "{folder} is full: free some space, or choose another folder with TMPDIR"
        ))
        .into();
    }
    error
}

/// Makes the job, starts the peer that it needs, and opens what counts.
fn prepare<'b>(
    runtime: &Runtime,
    cell: &Cell,
    place: Place,
    instruments: &mut Instruments<'b>,
    scratch: &TempDir,
) -> Result<Setup<'b>, TrialError> {
    let unsupported = |reason: String| Fault::Refused(Refusal::unsupported(reason));
    let workload = Workload::from_name(&cell.workload)
        .ok_or_else(|| unsupported(format!("no workload {:?}", cell.workload)))?;
    let mut job = cell.job(place.pass);
    job.spans_file = (workload.spans(job.tasks, &job.params) > 0).then(|| scratch.path().join("spans"));
    let mut command = runtime
        .runner
        .command(place.pass == Pass::Counted)
        .ok_or_else(|| unsupported("no counted build".into()))?;
    let bounds = instruments.bounds;
    // Before the counter is opened, which counts every process that is started from then on.
    let mut go = Go::with_seed(place.seed);
    let peer = instruments.peers.prepare(workload, &job, &mut go, bounds, &mut instruments.scratch)?;
    let subject = (cell, &*runtime.info.language);
    let counter =
        Counter::open(place.pass, &instruments.counters, subject, &mut command, (scratch.path(), bounds))?;
    Ok(Setup { workload, job, go, command, bounds, peer, counter })
}

/// Verifies what the runner claims, and fills in the rows.
fn account(
    runtime: &Runtime,
    setup: Setup,
    transcript: &Transcript,
    instruments: &Instruments,
    outcome: &mut Outcome,
) -> Result<(), TrialError> {
    let Setup { workload, job, go, peer, counter, .. } = setup;
    let replies = peer.replies(&job, &go);
    let most_open = peer.finish(&job)?;
    if workload.reads_file() {
        instruments.peers.check_file()?;
    }
    let spans = job.spans_file.as_deref().map(|path| read_spans(path, &job, workload)).transpose();
    let spans = spans.map_err(Fault::Spans)?;
    let echoed: Vec<u64> = transcript.loads.iter().map(|load| load.bytes).collect();
    let ground = ProofInputs {
        seed: go.seed,
        replies: &replies,
        block_sums: instruments.peers.block_sums(),
        echoed_bytes: &echoed,
    };
    let evidence = Evidence {
        job: &job,
        workload,
        blocks_worker: runtime.info.blocks_worker,
        done: &transcript.done,
        spans: spans.as_deref(),
        outside: transcript.outside,
        is_emulated: counter.emulates(),
        most_open,
        ground,
    };
    let mut rounds = verify(&evidence, instruments.bounds.interrupted)?;
    for (round, load) in rounds.iter_mut().zip(&transcript.loads) {
        round.latency = Some(load.latency);
    }
    row::fill(&mut outcome.sample, transcript, &rounds, &job, workload);
    // Between two looks at it, it may have taken more.
    instruments.bounds.check_memory(outcome.sample.rss_peak_bytes)?;
    outcome.rounds = row::of_rounds(&outcome.sample, &rounds);
    outcome.spans = spans.map_or_else(Vec::new, |spans| spans[..spans.len() / rounds.len()].to_vec());
    Ok(())
}

/// The spans that a runner wrote: exactly as many as the job has.
fn read_spans(path: &Path, job: &Job, workload: Workload) -> Result<Vec<Span>, String> {
    let a_round = workload.spans(job.tasks, &job.params);
    let expected = a_round * u64::from(job.rounds) * Span::BYTES as u64;
    let length = fs::metadata(path).map_err(|error| format!("spans cannot be read: {error}"))?.len();
    if length != expected {
        return Err(format!(
            "spans have {length} bytes; {expected} were expected for {} × {a_round} spans",
            job.rounds
        ));
    }
    let bytes = fs::read(path).map_err(|error| format!("spans cannot be read: {error}"))?;
    span::decode(&bytes).ok_or_else(|| "the spans end in the middle of one span".into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_fails_in_an_emulator_is_no_failure_and_what_a_runner_cannot_do_anywhere_is_left_as_it_is() {
        let blamed = |fault: Fault| match blame_the_emulator(fault.into()) {
            TrialError::Failed(fault) => (fault.status(), fault.to_string()),
            TrialError::Interrupted => panic!("nobody interrupts"),
        };
        let emulated = (Status::Unsupported, "under valgrind: a makespan of 0 ns".to_string());
        assert_eq!(blamed(Fault::NoMakespan), emulated);
        let refused = |refusal| blamed(Fault::Refused(refusal)).1;
        assert_eq!(refused(Refusal::unavailable("no io_uring")), "under valgrind: no io_uring");
        assert_eq!(refused(Refusal::unsupported("too many")), "too many");
        assert_eq!(blamed(Fault::Hindered("no room".into())), (Status::LabError, "no room".into()));
        assert_eq!(blame_the_emulator(TrialError::Interrupted), TrialError::Interrupted);
    }

    #[test]
    fn a_peak_that_nobody_saw_counts_too() {
        let check_peak = |peak, limit| Bounds::uninterrupted(Duration::ZERO, limit).check_memory(peak);
        assert_eq!(check_peak(None, 0), Ok(()));
        assert_eq!(check_peak(Some(100), 100), Ok(()));
        assert_eq!(check_peak(Some(101), 100), Err(Fault::Memory { resident: 101, limit: 100 }));
    }
}
