//! One trial: a fresh process, one cell, one pass.
//!
//! The conversation is short, so that it can be read as a whole: job, `ready`, `go`, perhaps
//! `holding` and `go`, `done`, end of input, exit. At each checkpoint the runner stands still and the
//! harness looks at it from outside.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use peer::load::LoadReport;
use protocol::wire::{GO, decode, encode};
use protocol::{Done, Event, Job, ProofInputs, Span, Status, Usage, Workload, span};
use results::{Pass, RoundRow, TrialRow};

use crate::cell::Cell;
use crate::discover::Runtime;
use crate::machine_noise::MachineClocks;
use crate::memory::{self, Memory};
use crate::peers::{Peer, PeerError, Peers};
use crate::process::{Bounds, Broken, Supervised};
use crate::sanitize::{MAX_NAME, MAX_REASON, one_line};
use crate::trace::{SyscallCounter, SyscallTracer};
use crate::verify::{Evidence, RoundFigures, verify};

/// Which trial this is: where it stands in the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which block; 0 is burn-in.
    pub block: u32,
    /// Where in its block.
    pub position: u32,
    /// Why it runs.
    pub pass: Pass,
    /// The seed of its job.
    pub seed: u64,
}

/// What a trial left behind.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The row of `trials.csv`.
    pub sample: TrialRow,
    /// The rows of `rounds.csv`.
    pub rounds: Vec<RoundRow>,
    /// The spans of round 0, where it proved them.
    pub spans: Vec<Span>,
}

/// The person at the terminal wants to stop; the trial left nothing behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// How a trial ended other than well.
struct Failure {
    status: Status,
    reason: String,
}

/// What trials are run with.
pub struct Instruments<'a> {
    /// Counts system calls, where that is possible.
    pub tracer: Option<SyscallTracer>,
    /// Within these every process lives.
    pub bounds: Bounds<'a>,
    /// Starts the peer that a workload needs.
    pub peers: Peers,
}

/// Runs one trial of a cell. Whatever the runner does, there is a row that says so.
///
/// # Errors
/// Only when interrupted.
pub fn run(
    runtime: &Runtime,
    cell: &Cell,
    place: Place,
    instruments: &mut Instruments,
) -> Result<Outcome, Interrupted> {
    let mut outcome = begun_now(runtime, cell, place);
    let before = MachineClocks::read();
    let ended = measure(runtime, cell, place, instruments, &mut outcome);
    MachineClocks::record(before, MachineClocks::read(), &mut outcome.sample);
    match ended {
        Ok(()) => {}
        Err(Ended::Interrupted) => return Err(Interrupted),
        Err(Ended::Failed(failure)) => fail(&mut outcome, &failure),
    }
    Ok(outcome)
}

/// A row for a trial that is known to be impossible, without starting a process.
pub fn refused(runtime: &Runtime, cell: &Cell, place: Place, status: Status, reason: &str) -> Outcome {
    let mut outcome = begun_now(runtime, cell, place);
    fail(&mut outcome, &Failure { status, reason: reason.into() });
    outcome
}

/// A trial of which nothing is known yet but what it is.
fn begun_now(runtime: &Runtime, cell: &Cell, place: Place) -> Outcome {
    let sample = TrialRow {
        runtime_version: runtime.info.version.clone(),
        language: runtime.info.language.clone(),
        started_at: humantime::format_rfc3339_micros(SystemTime::now()).to_string(),
        ..cell.blank_sample(place.block, place.position, place.pass)
    };
    Outcome { sample, rounds: Vec::new(), spans: Vec::new() }
}

/// A trial that failed keeps what was seen of it from outside, but nothing that it claimed.
fn fail(outcome: &mut Outcome, failure: &Failure) {
    outcome.sample.status = failure.status;
    outcome.sample.reason = one_line(&failure.reason, MAX_REASON);
    outcome.rounds.clear();
    outcome.spans.clear();
}

enum Ended {
    Interrupted,
    Failed(Failure),
}

impl Ended {
    fn failed(status: Status, reason: impl Into<String>) -> Self {
        Self::Failed(Failure { status, reason: reason.into() })
    }
}

/// What a runner that was heard out said, and what was seen of it meanwhile.
struct Heard {
    done: Done,
    seen: Duration,
    ready: Option<Memory>,
    holding: Option<Memory>,
    at_done: Option<Memory>,
    startup: Duration,
    syscalls: Option<u64>,
    /// What the load of each round saw, workload `echo`.
    loads: Vec<LoadReport>,
}

fn measure(
    runtime: &Runtime,
    cell: &Cell,
    place: Place,
    instruments: &mut Instruments,
    outcome: &mut Outcome,
) -> Result<(), Ended> {
    let workload = Workload::from_name(&cell.workload)
        .ok_or_else(|| Ended::failed(Status::Unsupported, format!("no workload {:?}", cell.workload)))?;
    let scratch = tempfile::tempdir().map_err(|error| cannot("make a temporary folder", &error))?;
    let mut job = cell.job(place.pass, place.seed);
    job.spans_file = (workload.spans(job.tasks, &job.params) > 0).then(|| scratch.path().join("spans"));

    let mut command = runtime
        .runner
        .command(place.pass == Pass::Counted)
        .ok_or_else(|| Ended::failed(Status::Unsupported, "no counted twin"))?;
    let bounds = instruments.bounds;
    // Before the counter is opened, which counts whatever is started from then on.
    let mut peer = instruments.peers.prepare(workload, &mut job, bounds)?;
    let counter = open_counter(place.pass, instruments.tracer.as_ref())?;
    let mut runner =
        Supervised::start(&mut command, bounds).map_err(|error| cannot("start the runner", &error))?;
    let mut conversation =
        Conversation { runner: &mut runner, peer: &mut peer, counter, workload, step: Step::Starting };
    let heard = conversation.lead(&job)?;
    let exit = runner.finish().map_err(|broken| explain(broken, &mut runner, Step::Done))?;
    outcome.sample.wall_ns = Some(nanoseconds(runner.started().elapsed()));
    if !exit.success() {
        let reason = format!("{exit} after done: {}", runner.stderr_tail());
        return Err(Ended::failed(Status::Crashed, reason));
    }
    if let left @ [_, ..] = runner.left_behind() {
        let reason = format!("left {} processes behind when it ended: {}", left.len(), left.join(", "));
        return Err(Ended::failed(Status::Wrong, reason));
    }

    let spans = job.spans_file.as_deref().map(|path| read_spans(path, &job, workload)).transpose();
    let spans = spans.map_err(|reason| Ended::failed(Status::Wrong, reason))?;
    let echoed: Vec<u64> = heard.loads.iter().map(|load| load.bytes).collect();
    let ground =
        Ground { secret: peer.secret, block_sums: instruments.peers.block_sums(), echoed_bytes: &echoed };
    peer.finish(&job)?;
    let evidence = Evidence {
        job: &job,
        workload,
        blocks_worker: runtime.info.blocks_worker,
        done: &heard.done,
        spans: spans.as_deref(),
        seen: heard.seen,
        ground,
    };
    let mut rounds = verify(&evidence).map_err(|reason| Ended::failed(Status::Wrong, reason))?;
    for (round, load) in rounds.iter_mut().zip(&heard.loads) {
        round.latency = Some(load.latency);
    }
    record(outcome, &heard, &rounds, workload);
    outcome.sample.operations =
        heard.loads.first().map(|load| load.requests).or(workload.operations(job.tasks, &job.params));
    outcome.spans = spans.map_or_else(Vec::new, |spans| spans[..spans.len() / rounds.len()].to_vec());
    Ok(())
}

/// The end of a trial whose peer did not do its part, or found that the runner did not.
impl From<PeerError> for Ended {
    fn from(error: PeerError) -> Self {
        match error {
            PeerError::Interrupted => Self::Interrupted,
            PeerError::Unsupported(reason) => Self::failed(Status::Unsupported, reason),
            PeerError::Failed(reason) => Self::failed(Status::Wrong, reason),
            broken @ PeerError::Broken { .. } => Self::failed(Status::Crashed, broken.to_string()),
        }
    }
}

fn open_counter(pass: Pass, tracer: Option<&SyscallTracer>) -> Result<Option<SyscallCounter>, Ended> {
    if pass != Pass::Traced {
        return Ok(None);
    }
    let tracer =
        tracer.ok_or_else(|| Ended::failed(Status::Unsupported, "system calls cannot be counted here"))?;
    tracer.open().map(Some).map_err(|error| cannot("count system calls", &error))
}

fn cannot(what: &str, error: &io::Error) -> Ended {
    Ended::failed(Status::Crashed, format!("cannot {what}: {error}"))
}

/// How far a runner has come, by its own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Starting,
    Ready,
    Holding,
    Serving,
    Done,
}

impl Step {
    /// Where a runner hangs that says nothing more.
    fn of_a_hang(self) -> &'static str {
        match self {
            Self::Starting => "it never said ready",
            Self::Ready => "after ready and go, nothing more came",
            Self::Holding => "after holding and go, nothing more came",
            Self::Serving => "after serving and the load, nothing more came",
            Self::Done => "it was done, but did not end when its input was closed",
        }
    }
}

/// The part of a trial in which harness and runner talk.
struct Conversation<'r, 'b> {
    runner: &'r mut Supervised<'b>,
    peer: &'r mut Peer<'b>,
    counter: Option<SyscallCounter>,
    workload: Workload,
    step: Step,
}

impl Conversation<'_, '_> {
    /// From the job to `done`.
    fn lead(&mut self, job: &Job) -> Result<Heard, Ended> {
        self.send(&encode(job))?;
        match self.next_event()? {
            Event::Ready => self.step = Step::Ready,
            other => return Err(out_of_turn(&other, "ready")),
        }
        let startup = self.runner.started().elapsed();
        let ready = memory::read(self.runner.id());
        let calls_before = self.count_calls()?;
        let released = Instant::now();
        self.send(&format!("{GO}\n"))?;
        let mut holding = None;
        let mut loads = Vec::new();
        let done = loop {
            match self.next_event()? {
                Event::Holding if self.workload.holds() => {
                    self.step = Step::Holding;
                    holding = holding.or_else(|| memory::read(self.runner.id()));
                    self.send(&format!("{GO}\n"))?;
                }
                // No more loads than rounds: a runner that serves for ever is out of turn.
                Event::Serving { address } if self.workload.serves() && loads.len() < job.rounds as usize => {
                    self.step = Step::Serving;
                    loads.push(self.peer.load(job, address).or_else(|error| self.blame(error))?);
                }
                Event::Done(done) => break done,
                other => return Err(out_of_turn(&other, "done")),
            }
        };
        let seen = released.elapsed();
        if self.workload.holds() && holding.is_none() {
            return Err(Ended::failed(Status::Wrong, "done without ever holding"));
        }
        if self.workload.serves() && loads.len() < job.rounds as usize {
            return Err(Ended::failed(
                Status::Wrong,
                format!("served {} of {} rounds", loads.len(), job.rounds),
            ));
        }
        let syscalls = self.count_calls()?.zip(calls_before).map(|(now, then)| now - then);
        let at_done = memory::read(self.runner.id());
        Ok(Heard { done, seen, ready, holding, at_done, startup, syscalls, loads })
    }

    /// A load that failed because the runner has crashed says less than the runner's own end.
    fn blame<T>(&mut self, error: PeerError) -> Result<T, Ended> {
        if let PeerError::Failed(_) = error
            && self.runner.has_ended()
        {
            return Err(explain(Broken::Ended, self.runner, self.step));
        }
        Err(error.into())
    }

    fn count_calls(&mut self) -> Result<Option<u64>, Ended> {
        let read = self.counter.as_mut().map(SyscallCounter::read).transpose();
        read.map_err(|error| cannot("read the system call counter", &error))
    }

    /// A runner that has closed its input is found out by what it says, or does not say, next.
    fn send(&mut self, line: &str) -> Result<(), Ended> {
        match self.runner.send(line) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(cannot("write to the runner", &error))
            }
            _ => Ok(()),
        }
    }

    fn next_event(&mut self) -> Result<Event, Ended> {
        let line = self.runner.read_line().map_err(|broken| explain(broken, self.runner, self.step))?;
        decode(&line).map_err(|error| Ended::failed(Status::ProtocolError, error.to_string()))
    }
}

fn out_of_turn(event: &Event, expected: &str) -> Ended {
    match event {
        // Only these three are a runner's to say; that it was ok, or too slow, is for us to find.
        Event::Refused(refusal)
            if matches!(
                refusal.status,
                Status::Unavailable | Status::Unsupported | Status::ProtocolError
            ) =>
        {
            Ended::failed(refusal.status, refusal.reason.clone())
        }
        other => Ended::failed(
            Status::ProtocolError,
            format!("expected {expected}, got {}", encode(other).trim_end()),
        ),
    }
}

/// Puts the end of a runner into a status and words; kills and reaps it first.
fn explain(broken: Broken, runner: &mut Supervised, step: Step) -> Ended {
    match broken {
        Broken::Interrupted => Ended::Interrupted,
        Broken::Timeout(_) => {
            let reason = format!("{broken}: {}{}", step.of_a_hang(), half_line(runner));
            Ended::failed(Status::Timeout, reason)
        }
        Broken::LineTooLong => Ended::failed(Status::ProtocolError, broken.to_string()),
        Broken::Memory { .. } => Ended::failed(Status::Crashed, broken.to_string()),
        Broken::Io(error) => cannot("hear the runner", &error),
        Broken::Ended => {
            let half = half_line(runner);
            let exit = runner.finish().map_or_else(|error| error.to_string(), |exit| exit.to_string());
            let said = runner.stderr_tail();
            Ended::failed(Status::Crashed, format!("{exit} before it was done{half}: {said}"))
        }
    }
}

/// What a runner said that lacks its newline, to be added to a reason.
fn half_line(runner: &Supervised) -> String {
    match runner.half_line() {
        [] => String::new(),
        half => {
            format!(", in the middle of a line: {:?}", one_line(&String::from_utf8_lossy(half), MAX_NAME))
        }
    }
}

/// The spans a runner wrote, never more than it was asked for.
fn read_spans(path: &Path, job: &Job, workload: Workload) -> Result<Vec<Span>, String> {
    let a_round = workload.spans(job.tasks, &job.params);
    let asked = a_round * u64::from(job.rounds) * Span::BYTES as u64;
    let length = fs::metadata(path).map_err(|error| format!("no spans: {error}"))?.len();
    if length != asked {
        return Err(format!(
            "spans of {length} bytes, {asked} expected for {} × {a_round} spans",
            job.rounds
        ));
    }
    let bytes = fs::read(path).map_err(|error| format!("no spans: {error}"))?;
    span::decode(&bytes).ok_or_else(|| "spans that end in the middle of one".into())
}

/// Fills the row of a trial that has proven itself.
fn record(outcome: &mut Outcome, heard: &Heard, rounds: &[RoundFigures], workload: Workload) {
    let sample = &mut outcome.sample;
    let cold = &rounds[0];
    sample.startup_ns = Some(nanoseconds(heard.startup));
    sample.observed_ns = Some(nanoseconds(heard.seen));
    sample.makespan_ns = Some(cold.makespan_ns);
    sample.steady_ns = median(rounds[1..].iter().map(|round| round.makespan_ns).collect());
    sample.completed = Some(cold.completed);
    sample.peak_in_flight = cold.peak_in_flight;
    sample.latency_p50_ns = cold.latency.map(|q| q.p50);
    sample.latency_p90_ns = cold.latency.map(|q| q.p90);
    sample.latency_p99_ns = cold.latency.map(|q| q.p99);
    sample.latency_p999_ns = cold.latency.map(|q| q.p999);
    sample.latency_max_ns = cold.latency.map(|q| q.max);
    sample.lateness_p50_ns = cold.lateness.map(|q| q.p50);
    sample.lateness_p99_ns = cold.lateness.map(|q| q.p99);
    sample.lateness_max_ns = cold.lateness.map(|q| q.max);
    sample.finish_spread_ns = cold.finish_spread_ns;
    sample.load_ns = heard.loads.first().map(|load| load.load_ns);
    sample.rss_ready_bytes = heard.ready.map(|memory| memory.resident);
    sample.virtual_ready_bytes = heard.ready.map(|memory| memory.virtual_now);
    // The kernel's own mark may lie a little below what was seen: its counter is kept per CPU.
    let seen = [heard.ready, heard.holding, heard.at_done].into_iter().flatten();
    sample.rss_peak_bytes = seen.map(|memory| memory.resident_peak).max();
    sample.virtual_peak_bytes = heard.at_done.map(|memory| memory.virtual_peak);
    sample.syscalls = heard.syscalls;
    if workload.holds() {
        sample.kernel_ready_bytes = heard.ready.and_then(|memory| memory.kernel);
        sample.kernel_holding_bytes = heard.holding.and_then(|memory| memory.kernel);
        sample.rss_holding_bytes = heard.holding.map(|memory| memory.resident);
        sample.virtual_holding_bytes = heard.holding.map(|memory| memory.virtual_now);
        sample.threads_peak = heard.holding.map(|memory| memory.threads);
    }
    record_usage(sample, &heard.done.usage);
    outcome.rounds = (0..).zip(rounds).map(|(number, round)| round_sample(sample, number, round)).collect();
}

fn record_usage(sample: &mut TrialRow, usage: &Usage) {
    sample.cpu_user_ns = usage.cpu_user_ns;
    sample.cpu_system_ns = usage.cpu_system_ns;
    sample.switches_voluntary = usage.switches_voluntary;
    sample.switches_involuntary = usage.switches_involuntary;
    sample.faults_minor = usage.faults_minor;
    sample.faults_major = usage.faults_major;
    sample.allocations = usage.allocations;
    sample.deallocations = usage.deallocations;
    sample.reallocations = usage.reallocations;
    sample.allocated_bytes = usage.allocated_bytes;
}

fn round_sample(sample: &TrialRow, number: u32, round: &RoundFigures) -> RoundRow {
    RoundRow {
        cell: sample.cell.clone(),
        block: sample.block,
        pass: sample.pass,
        round: number,
        makespan_ns: round.makespan_ns,
        completed: round.completed,
        peak_in_flight: round.peak_in_flight,
        latency_p50_ns: round.latency.map(|q| q.p50),
        latency_p99_ns: round.latency.map(|q| q.p99),
        latency_max_ns: round.latency.map(|q| q.max),
    }
}

/// The middle value, or the mean of the two middle ones, rounded down; `None` of nothing.
fn median(mut values: Vec<u64>) -> Option<u64> {
    values.sort_unstable();
    let upper = *values.get(values.len() / 2)?;
    let lower = values[(values.len() - 1) / 2];
    Some(lower.midpoint(upper))
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![9]), Some(9));
        assert_eq!(median(vec![4, 1, 3, 2]), Some(2));
        assert_eq!(median(vec![30, 10, 20]), Some(20));
    }
}
