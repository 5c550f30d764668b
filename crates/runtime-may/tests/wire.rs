//! The built runner does all that may claims, and refuses the rest.

use harness::conformance::runner_test::{RunnerTest, job};
use protocol::workload::{CALL, DURATION_NS, call};
use protocol::{Event, Job, Workload};

fn runner() -> RunnerTest {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-may"))
}

#[test]
fn may_does_what_it_claims() {
    runner().conforms();
}

#[test]
fn its_own_parameters_change_nothing_in_the_work() {
    for param in [("prestart", 1), ("stack_bytes", 16 * 1024)] {
        runner().proves(&Job { workers: 2, ..job("may", Workload::Hold, 3, &[param]) });
    }
}

#[test]
fn more_stacks_than_the_kernel_would_map_are_refused_before_anything_runs() {
    let alive_together = [
        Workload::Sleep,
        Workload::Hold,
        Workload::Skynet,
        Workload::Brigade,
        Workload::Request,
        Workload::Echo,
        Workload::Mixed,
    ];
    let runner = runner();
    for workload in alive_together {
        let too_many = job("may", workload, u64::MAX / 8, &[(DURATION_NS, u64::MAX)]);
        runner.refuses(&too_many, "vm.max_map_count");
    }
}

#[test]
fn any_number_of_tasks_is_taken_on_that_end_before_the_next_ones_start() {
    let one_by_one = [
        Workload::Sleep,
        Workload::Spawn,
        Workload::Yield,
        Workload::PingPong,
        Workload::Mutex,
        Workload::Cpu,
        Workload::Blocking,
    ];
    let runner = runner();
    for workload in one_by_one {
        assert_eq!(runner.answer(&job("may", workload, 100_000, &[])), Event::Ready);
    }
}

#[test]
fn an_escape_from_blocking_is_refused_with_the_reason() {
    let escaping = job("may", Workload::Blocking, 3, &[(CALL, call::ESCAPE)]);
    runner().refuses(&escaping, "no threads for blocking calls");
}

#[test]
fn stacks_that_may_would_not_reuse_are_refused() {
    let runner = runner();
    for bytes in [0, 40_000, 32 * 1024 + 8] {
        runner.refuses(&job("may", Workload::Spawn, 1, &[("stack_bytes", bytes)]), "multiple of 4096");
    }
}

#[test]
fn both_runtimes_describe_themselves_with_the_version_that_they_are_built_with() {
    let runner = runner();
    let described: Vec<_> = runner.infos().map(|info| (&*info.name, &info.version[..4])).collect();
    assert_eq!(described, [("may", "0.3."), ("may-prestarted", "0.3.")]);
}
