//! The control runners over the wire, and the allocation counter against a count by hand.

use protocol::workload::JITTER_NS;
use protocol::{Job, Workload};
use wire_test::{Runner, job};

const PLAIN: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-control"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-control-counted"));

const TASKS: [u64; 3] = [1, 2, 100];

#[test]
fn every_workload_is_done_and_proven() {
    for (runtime, workload) in [
        ("floor", Workload::Sleep),
        ("floor", Workload::Spawn),
        ("floor", Workload::Hold),
        ("sequential", Workload::Sleep),
        ("sequential", Workload::Spawn),
    ] {
        for tasks in TASKS {
            PLAIN.prove(&job(runtime, workload, tasks));
        }
    }
}

#[test]
fn no_task_sleeps_shorter_than_asked() {
    for runtime in ["floor", "sequential"] {
        for tasks in TASKS {
            for jitter_ns in [0, 3_000_000] {
                let mut job = job(runtime, Workload::Sleep, tasks);
                job.params.insert(JITTER_NS.into(), jitter_ns);
                PLAIN.prove(&job).assert_none_early();
            }
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
fn what_makes_no_sense_is_an_answer_and_not_a_crash() {
    for (wrong, reason) in [
        (Job { protocol: 9, ..job("floor", Workload::Sleep, 1) }, "protocol 9"),
        (job("flor", Workload::Sleep, 1), "no runtime \"flor\""),
        (job("sequential", Workload::Hold, 1), "no workload \"hold\""),
        (job("floor", Workload::Sleep, 0), "at least one task"),
    ] {
        let refusal = PLAIN.serve(&wrong).expect_err("it makes no sense");
        assert!(refusal.reason.contains(reason), "{}", refusal.reason);
    }
}
