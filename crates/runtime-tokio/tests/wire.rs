//! The built runner, driven over the wire as the harness drives it: each workload proves its work.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use protocol::wire::{GO, decode, encode};
use protocol::workload::{DURATION_NS, JITTER_NS, checksum, sleep_ns};
use protocol::{Done, Event, Job, PROTOCOL, Params, Probe, Span, Workload, span};

const RUNNER: &str = env!("CARGO_BIN_EXE_runtime-tokio");
const COUNTED: &str = env!("CARGO_BIN_EXE_runtime-tokio-counted");

/// Each runtime with a number of workers.
const RUNTIMES: [(&str, u32); 3] = [("tokio", 1), ("tokio", 3), ("tokio-current-thread", 1)];
const TASKS: [u64; 4] = [1, 2, 3, 1000];
const ROUNDS: u32 = 2;

#[test]
fn every_sleep_is_recorded_and_none_is_short() {
    for job in jobs(Workload::Sleep) {
        let trial = run(RUNNER, &job);
        trial.prove(&job);
        for round in trial.spans.chunks_exact(size(job.tasks)) {
            for (task, span) in (0..).zip(round) {
                let (asked, slept) = (sleep_ns(&job.params, job.seed, task), span.length_ns());
                assert!(slept >= Some(asked), "{job:?}: task {task} slept {slept:?} of {asked} ns");
            }
        }
    }
}

#[test]
fn every_spawned_task_is_joined() {
    for job in jobs(Workload::Spawn) {
        run(RUNNER, &job).prove(&job);
    }
}

#[test]
fn held_tasks_are_all_alive_at_once() {
    for job in jobs(Workload::Hold) {
        let trial = run(RUNNER, &job);
        trial.prove(&job);
        assert_eq!(trial.holdings, ROUNDS, "{job:?}");
        for round in trial.spans.chunks_exact(size(job.tasks)) {
            let last_start = round.iter().map(|span| span.start_ns).max();
            let first_finish = round.iter().map(|span| span.finish_ns).min();
            assert!(last_start <= first_finish, "{job:?}: a task ended before another began");
        }
    }
}

#[test]
fn the_counted_twin_counts_at_least_an_allocation_a_task() {
    for workload in Workload::ALL {
        for job in jobs(workload) {
            let trial = run(COUNTED, &job);
            trial.prove(&job);
            let least = job.tasks * u64::from(ROUNDS);
            assert!(trial.done.usage.allocations >= Some(least), "{job:?}: {:?}", trial.done.usage);
        }
    }
}

#[test]
fn the_timed_runner_claims_no_allocations() {
    for job in jobs(Workload::Spawn) {
        assert_eq!(run(RUNNER, &job).done.usage.allocations, None);
    }
}

#[test]
fn a_probe_finds_every_runtime() {
    for (runtime, _) in RUNTIMES {
        let output = Command::new(RUNNER).args(["probe", runtime]).output().unwrap();
        let probe: Probe = decode(&output.stdout).unwrap();
        assert!(probe.available, "{runtime}: {probe:?}");
    }
}

/// Each runtime with each number of tasks.
fn jobs(workload: Workload) -> Vec<Job> {
    let job = |(runtime, workers): (&str, u32), tasks| Job {
        protocol: PROTOCOL,
        runtime: runtime.into(),
        workload: workload.name().into(),
        tasks,
        workers,
        rounds: ROUNDS,
        params: match workload {
            Workload::Sleep => Params::from([(DURATION_NS.into(), 1_000_000), (JITTER_NS.into(), 3_000_000)]),
            Workload::Spawn | Workload::Hold => Params::new(),
        },
        seed: u64::MAX - 7,
        spans_file: workload.records_spans().then(spans_file),
    };
    RUNTIMES.iter().flat_map(|&runtime| TASKS.map(|tasks| job(runtime, tasks))).collect()
}

fn spans_file() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("spans-{}", NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// What a runner answered.
struct Trial {
    done: Done,
    spans: Vec<Span>,
    holdings: u32,
}

impl Trial {
    /// What holds for every workload.
    fn prove(&self, job: &Job) {
        assert_eq!(self.done.rounds.len(), size(job.rounds.into()));
        for round in &self.done.rounds {
            assert_eq!(round.completed, job.tasks, "{job:?}");
            assert_eq!(round.checksum, checksum(job.seed, job.tasks).to_string(), "{job:?}");
        }
        if job.spans_file.is_none() {
            return;
        }
        assert_eq!(self.spans.len(), size(job.tasks) * self.done.rounds.len(), "{job:?}");
        for (round, spans) in self.done.rounds.iter().zip(self.spans.chunks_exact(size(job.tasks))) {
            for span in spans {
                assert!(span.length_ns().is_some(), "{job:?}: a task without an end: {span:?}");
                assert!(span.finish_ns <= round.makespan_ns, "{job:?}: {span:?} outlives {round:?}");
            }
        }
    }
}

fn run(runner: &str, job: &Job) -> Trial {
    let mut child = Command::new(runner).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    input.write_all(encode(job).as_bytes()).unwrap();
    let mut holdings = 0;
    let done = loop {
        let line = lines.next().expect("an event before the end of output").unwrap();
        match decode(line.as_bytes()).unwrap() {
            Event::Ready => {}
            Event::Holding => holdings += 1,
            Event::Done(done) => break done,
            Event::Refused(refusal) => panic!("{job:?}: {refusal:?}"),
        }
        writeln!(input, "{GO}").unwrap();
    };
    drop(input);
    assert!(lines.next().is_none(), "{job:?}: output after the last event");
    assert!(child.wait().unwrap().success(), "{job:?}");
    let spans = match &job.spans_file {
        Some(path) => span::decode(&fs::read(path).unwrap()).unwrap(),
        None => Vec::new(),
    };
    Trial { done, spans, holdings }
}

fn size(count: u64) -> usize {
    usize::try_from(count).unwrap()
}
