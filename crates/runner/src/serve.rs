//! The program of a runner: `describe`, `probe NAME`, or no argument to serve one job.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use protocol::wire::{MAX_LINE_BYTES, decode, encode};
use protocol::{
    Description, Done, Event, Go, Job, PROTOCOL, Probe, Refusal, RoundReport, Usage, Workload, span,
};

use crate::round::{Round, Tally};
use crate::runtime::{Host, Started};
use crate::usage::{Allocations, Reading};
use crate::wire;

/// The whole program of a runner; see [`main!`](crate::main).
pub fn run(hosts: &[Host], allocations: Allocations) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ended = match arguments[..] {
        [] => serve(hosts, allocations),
        ["describe"] => print(&describe(hosts)),
        ["probe", name] => print(&probe(hosts, name)),
        _ => {
            eprintln!("usage: describe | probe NAME | (no argument: serve one job on standard input)");
            return ExitCode::from(1);
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn print<T: serde::Serialize>(value: &T) -> io::Result<()> {
    io::stdout().write_all(encode(value).as_bytes())
}

fn describe(hosts: &[Host]) -> Description {
    let build = protocol::build();
    let runtimes = hosts.iter().map(|host| (host.info)()).collect();
    Description { protocol: PROTOCOL, build, program: None, runtimes }
}

fn probe(hosts: &[Host], name: &str) -> Probe {
    match host(hosts, name).and_then(|host| (host.probe)()) {
        Ok(()) => Probe { available: true, reason: None },
        Err(refusal) => Probe { available: false, reason: Some(refusal.reason) },
    }
}

fn host<'a>(hosts: &'a [Host], name: &str) -> Result<&'a Host, Refusal> {
    hosts
        .iter()
        .find(|host| (host.info)().name == name)
        .ok_or_else(|| Refusal::unsupported(format!("this runner hosts no runtime {name:?}")))
}

fn serve(hosts: &[Host], allocations: Allocations) -> io::Result<()> {
    let Some(line) = wire::read_line()? else { return Ok(()) };
    let (job, workload, mut started) = match accept(hosts, &line) {
        Ok(accepted) => accepted,
        Err(refusal) => return wire::send(&Event::Refused(refusal)),
    };
    let mut rounds: Vec<Round> = (0..job.rounds).map(|_| Round::new(&job, workload)).collect();
    let mut results = Vec::with_capacity(rounds.len());
    let go = wire::ready(|go| check_go(go, workload));
    for round in &mut rounds {
        round.tell(&go);
    }
    let rounds: &'static [Round] = rounds.leak();
    let usage = measure(rounds, &mut started, allocations, &mut results);
    let done = Done { rounds: results.into_iter().map(report).collect(), usage };
    wire::send(&Event::Done(done))?;
    wire::wait_for_end_of_input()?;
    // Only now, so that writing them is in no measurement.
    if let Some(path) = &job.spans_file {
        write_spans(File::create(path)?, rounds)?;
    }
    Ok(())
}

/// The job, its workload, and its runtime, started.
fn accept(hosts: &[Host], line: &[u8]) -> Result<(Job, Workload, Started), Refusal> {
    let job: Job = decode(line).map_err(|error| Refusal::protocol(format!("the job: {error}")))?;
    if job.protocol != PROTOCOL {
        let reason = format!("the job uses protocol {}; this runner supports {PROTOCOL}", job.protocol);
        return Err(Refusal::protocol(reason));
    }
    if job.tasks == 0 || job.rounds == 0 || job.workers == 0 {
        return Err(Refusal::protocol("a job has at least one task, one round and one worker"));
    }
    let host = host(hosts, &job.runtime)?;
    let workload = Workload::from_name(&job.workload)
        .ok_or_else(|| Refusal::unsupported(format!("this runner knows no workload {:?}", job.workload)))?;
    workload.check(job.tasks, &job.params).map_err(Refusal::protocol)?;
    let started = (host.start)(&job, workload)?;
    Ok((job, workload, started))
}

/// That `go` brings all that the workload needs.
fn check_go(go: &Go, workload: Workload) -> Result<(), String> {
    if workload.asks_origin() && go.origin.is_none() {
        return Err(format!("go of {} names no origin", workload.name()));
    }
    if workload.reads_file() && go.file.is_none() {
        return Err(format!("go of {} names no file", workload.name()));
    }
    Ok(())
}

/// From `go` to the last join: all that is measured, and nothing else.
fn measure(
    rounds: &'static [Round],
    started: &mut Started,
    allocations: Allocations,
    results: &mut Vec<(Tally, u64)>,
) -> Usage {
    let before = Reading::take(allocations);
    for round in rounds {
        round.start_clock();
        let tally = started(round);
        results.push((tally, round.now_ns()));
    }
    Reading::take(allocations).since(before)
}

fn report((tally, makespan_ns): (Tally, u64)) -> RoundReport {
    RoundReport { makespan_ns, completed: tally.completed, checksum: tally.checksum.to_string() }
}

fn write_spans(file: File, rounds: &[Round]) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(MAX_LINE_BYTES, file);
    for round in rounds {
        file.write_all(&span::encode(round.spans()))?;
    }
    file.flush()
}
