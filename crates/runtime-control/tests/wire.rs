//! The control runners over the wire, and the allocation counter against a count by hand.

use protocol::workload::{
    BURNERS, CALL, CAPACITY, DURATION_NS, FILE_BYTES, IO, JITTER_NS, KERNEL, MESSAGE_BYTES, TIMES, call, io,
};
use protocol::{Job, Workload};
use wire_test::{Runner, job};

const PLAIN: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-control"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-control-counted"));

const TASKS: [u64; 4] = [1, 2, 3, 1000];
const FLOOR: [Workload; 13] = [
    Workload::Sleep,
    Workload::Spawn,
    Workload::Hold,
    Workload::Yield,
    Workload::PingPong,
    Workload::FanIn,
    Workload::Skynet,
    Workload::Mutex,
    Workload::Brigade,
    Workload::Request,
    Workload::Echo,
    Workload::FileRead,
    Workload::Cpu,
];
const SEQUENTIAL: [Workload; 6] = [
    Workload::Sleep,
    Workload::Spawn,
    Workload::Request,
    Workload::FileRead,
    Workload::Cpu,
    Workload::Blocking,
];

/// A job that does not take long, with some parameters that are not at their default.
fn short(runtime: &str, workload: Workload, tasks: u64, params: &[(&str, u64)]) -> Job {
    let mut job = job(runtime, workload, tasks);
    let lengths = [(TIMES, 10), (FILE_BYTES, 1 << 20)];
    let shorter = lengths.iter().filter(|(name, _)| workload.param_spec(name).is_some());
    job.params.extend(shorter.chain(params).map(|&(name, value)| (name.into(), value)));
    if workload == Workload::Echo {
        job.params.insert(DURATION_NS.into(), 20_000_000);
    }
    job
}

#[test]
fn the_runtimes_of_known_truth_compute_and_prove_it() {
    for runtime in ["same-a", "same-b", "slower-1", "slower-2", "slower-5"] {
        for tasks in TASKS {
            PLAIN.prove(&short(runtime, Workload::Cpu, tasks, &[]));
        }
    }
}

#[test]
fn every_workload_is_done_and_proven() {
    for tasks in TASKS {
        for workload in FLOOR {
            // Pairs.
            let tasks = if workload == Workload::PingPong { tasks.next_multiple_of(2) } else { tasks };
            PLAIN.prove(&short("floor", workload, tasks, &[]));
        }
        for workload in SEQUENTIAL {
            // One after another.
            PLAIN.prove(&short("sequential", workload, tasks.min(100), &[]));
        }
    }
}

#[test]
fn every_choice_and_every_edge_of_a_parameter_is_done_and_proven() {
    for (runtime, workload, params) in [
        ("floor", Workload::FanIn, [(CAPACITY, 1)]),
        ("floor", Workload::FanIn, [(CAPACITY, 7)]),
        ("floor", Workload::FanIn, [(CAPACITY, u64::MAX)]),
        ("floor", Workload::FileRead, [(IO, io::DIRECT)]),
        ("floor", Workload::Cpu, [(KERNEL, 1)]),
        ("floor", Workload::Request, [(DURATION_NS, 0)]),
        // More than a socket has room for: the server cannot send all it read at once.
        ("floor", Workload::Echo, [(MESSAGE_BYTES, 8 << 20)]),
        ("sequential", Workload::FileRead, [(IO, io::DIRECT)]),
        ("sequential", Workload::Cpu, [(KERNEL, 1)]),
    ] {
        for tasks in [1, 3, 200] {
            let tasks = if workload == Workload::Echo { tasks.min(3) } else { tasks };
            PLAIN.prove(&short(runtime, workload, tasks, &params));
        }
    }
}

#[test]
fn the_floor_takes_any_number_of_workers() {
    for workers in [2, 3, 64] {
        for workload in [Workload::Cpu, Workload::Sleep, Workload::FanIn] {
            for tasks in TASKS {
                PLAIN.prove(&Job { workers, ..short("floor", workload, tasks, &[]) });
            }
        }
    }
}

#[test]
fn nothing_is_over_sooner_than_asked() {
    for tasks in [1, 2, 100] {
        for (runtime, workload, jitter_ns) in [
            ("floor", Workload::Sleep, 0),
            ("floor", Workload::Sleep, 3_000_000),
            ("floor", Workload::Request, 0),
            ("sequential", Workload::Sleep, 3_000_000),
            ("sequential", Workload::Request, 0),
            ("sequential", Workload::Blocking, 0),
        ] {
            let params: &[_] = if workload == Workload::Sleep { &[(JITTER_NS, jitter_ns)] } else { &[] };
            PLAIN.prove(&short(runtime, workload, tasks, params)).assert_none_early();
        }
    }
}

#[test]
fn hold_stops_at_its_checkpoint() {
    PLAIN.prove(&job("floor", Workload::Hold, 10)).assert_all_overlap();
}

#[test]
fn the_counted_twin_counts_what_a_count_by_hand_gives() {
    // By hand: the floor's sleep makes one list of (deadline, task), 16 bytes each, and drops it; its
    // spawn makes nothing.
    let usage = |workload| COUNTED.prove(&Job { rounds: 1, ..job("floor", workload, 1000) }).done.usage;
    let sleep = usage(Workload::Sleep);
    assert_eq!((sleep.allocations, sleep.deallocations), (Some(1), Some(1)));
    assert_eq!((sleep.reallocations, sleep.allocated_bytes), (Some(0), Some(16_000)));
    let spawn = usage(Workload::Spawn);
    assert_eq!((spawn.allocations, spawn.allocated_bytes), (Some(0), Some(0)));
}

#[test]
fn the_plain_runner_claims_no_counts() {
    assert_eq!(PLAIN.prove(&job("floor", Workload::Sleep, 10)).done.usage.allocations, None);
}

#[test]
fn every_workload_is_done_or_refused_with_a_reason() {
    for (runtime, done) in [("floor", &FLOOR[..]), ("sequential", &SEQUENTIAL[..])] {
        let described = PLAIN.describe();
        let info = described.runtimes.iter().find(|info| info.name == runtime).expect("a runtime of ours");
        for workload in Workload::ALL {
            let name = workload.name();
            assert_eq!(info.workloads.iter().any(|done| done == name), done.contains(&workload), "{name}");
            assert_ne!(done.contains(&workload), info.unsupported.contains_key(name), "{name}");
        }
    }
}

#[test]
fn what_cannot_be_done_is_refused_with_the_reason() {
    for (runtime, workload, params, words) in [
        ("floor", Workload::Mixed, (BURNERS, 1), "lateness"),
        ("floor", Workload::Blocking, (CALL, call::NAIVE), "no cheaper form"),
        ("sequential", Workload::Blocking, (CALL, call::ESCAPE), "ask for naive"),
        ("sequential", Workload::PingPong, (TIMES, 1), "after it had ended"),
    ] {
        PLAIN.assert_unsupported(&short(runtime, workload, 2, &[params]), words);
    }
    let few_files = PLAIN.with_ulimit("-n 64");
    for workload in [Workload::Brigade, Workload::Request, Workload::Echo] {
        let mut job = short("floor", workload, 100, &[]);
        job.origin = Some(([127, 0, 0, 1], 1).into());
        few_files.assert_unsupported(&job, "ulimit -n");
    }
}

#[test]
fn what_makes_no_sense_is_an_answer_and_not_a_crash() {
    for (wrong, reason) in [
        (Job { protocol: 9, ..job("floor", Workload::Sleep, 1) }, "protocol 9"),
        (job("flor", Workload::Sleep, 1), "no runtime \"flor\""),
        (job("sequential", Workload::Hold, 1), "no hold: "),
        (job("floor", Workload::Sleep, 0), "at least one task"),
    ] {
        let refusal = PLAIN.serve(&wrong).expect_err("it makes no sense");
        assert!(refusal.reason.contains(reason), "{}", refusal.reason);
    }
}
