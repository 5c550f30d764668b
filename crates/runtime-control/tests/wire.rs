//! The control runtimes do all that they claim; and the allocation counter agrees with a count by hand.

use harness::conformance::runner_test::{RunnerTest, job};
use protocol::workload::{BURNERS, CALL, CAPACITY, DURATION_NS, MESSAGE_BYTES, TIMES, call};
use protocol::{Job, Workload};

fn runner() -> RunnerTest {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-control"))
}

#[test]
fn every_runtime_does_what_it_claims() {
    runner().without_allocations(&Workload::ALL).conforms();
}

#[test]
fn what_they_claim_is_all_that_they_have_means_for() {
    let runner = runner();
    let claims: Vec<_> = runner.infos().map(|info| (&*info.name, info.workloads.len())).collect();
    for expected in [("floor", 13), ("sequential", 6), ("same-a", 1), ("slower-5", 1)] {
        assert!(claims.contains(&expected), "{claims:?}");
    }
}

#[test]
fn every_edge_of_a_parameter_is_done_and_proven() {
    let short = (DURATION_NS, 20_000_000);
    for (workload, params) in [
        (Workload::FanIn, &[(CAPACITY, 7), (TIMES, 10)]),
        (Workload::FanIn, &[(CAPACITY, u64::MAX), (TIMES, 10)]),
        // More than a socket has room for: the server cannot send all it read at once.
        (Workload::Echo, &[(MESSAGE_BYTES, 8 << 20), short]),
    ] {
        for tasks in [1, 3] {
            runner().proves(&job("floor", workload, tasks, params));
        }
    }
    runner().proves(&job("floor", Workload::Request, 200, &[(DURATION_NS, 0)]));
}

#[test]
fn the_floor_takes_any_number_of_workers() {
    for workload in [Workload::Cpu, Workload::Sleep, Workload::FanIn] {
        for tasks in [1, 2, 3, 1000] {
            runner().proves(&Job { workers: 64, ..job("floor", workload, tasks, &[]) });
        }
    }
}

#[test]
fn the_counted_build_counts_what_a_count_by_hand_gives() {
    // By hand: the floor's sleep makes one list of (deadline, task), 16 bytes each, and drops it; its
    // spawn makes nothing.
    let row = |workload| runner().counts(&job("floor", workload, 1000, &[]));
    let sleep = row(Workload::Sleep);
    assert_eq!((sleep.allocations, sleep.deallocations), (Some(1), Some(1)));
    assert_eq!((sleep.reallocations, sleep.allocated_bytes), (Some(0), Some(16_000)));
    let spawn = row(Workload::Spawn);
    assert_eq!((spawn.allocations, spawn.allocated_bytes), (Some(0), Some(0)));
}

#[test]
fn callgrind_counts_what_was_done_between_ready_and_done() {
    let row = |times| runner().under_callgrind(&job("floor", Workload::PingPong, 2, &[(TIMES, times)]));
    // Enough, so that it does not matter how many digits the runner writes.
    let (Some(once), Some(again), Some(tenfold)) = (row(20_000), row(20_000), row(200_000)) else { return };
    assert_eq!((once.instructions, once.cycles), (None, None), "the processor was not asked");
    let [once, again, tenfold] = [once, again, tenfold].map(|row| row.callgrind_instructions.unwrap());
    assert!(once.abs_diff(again) <= once / 1000, "{once}, {again}: it repeats within one per mille");
    // All but what the runner itself does is tenfold.
    let of_tasks = (tenfold - once) / 9;
    assert!(tenfold > once && once.abs_diff(of_tasks) < 200_000, "{once}, {tenfold}: {of_tasks} of tasks");
}

#[test]
fn what_cannot_be_done_is_refused_with_the_reason() {
    for (runtime, workload, params, words) in [
        ("floor", Workload::Mixed, (BURNERS, 1), "lateness"),
        ("floor", Workload::Blocking, (CALL, call::NAIVE), "no cheaper form"),
        ("sequential", Workload::Blocking, (CALL, call::ESCAPE), "ask for naive"),
        ("sequential", Workload::PingPong, (TIMES, 1), "only after the task has ended"),
        ("sequential", Workload::Hold, (DURATION_NS, 0), "no hold: "),
    ] {
        runner().refuses(&job(runtime, workload, 2, &[params]), words);
    }
}
