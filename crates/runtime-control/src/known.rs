//! Runtimes whose difference is known, with which the lab measures its own errors.
//!
//! [`Same`] is one program under two names, so that every difference between them is a false
//! alarm. A [`Slower`] does the same and computes some of each hundred tasks a second
//! time: with 100 tasks it has exactly that percentage more to do; [`TwoModes`] does so with half of them, in every
//! second trial. All compute one task after
//! another on one thread, as no other program would be known as exactly.

use std::hint::black_box;

use runner::{About, Job, Refusal, Round, Runtime, Tally, Workload, Workloads};

/// The same program, whatever its `NAME`: `a` or `b`.
pub struct Same<const NAME: char>;

/// The same program with `PERCENT` more work.
pub struct Slower<const PERCENT: u64>;

const fn about(name: &'static str) -> About {
    About {
        blocks_worker: true,
        on_request: true,
        ..About::new(name, env!("CARGO_PKG_VERSION"), "known truth: one task after another")
            .single_worker()
            .baseline()
    }
}

impl<const NAME: char> Runtime for Same<NAME> {
    const ABOUT: About = about(match NAME {
        'a' => "same-a",
        'b' => "same-b",
        _ => panic!("give it a name"),
    });
    const WORKLOADS: Workloads<Self> = &[(Workload::Cpu, |_, round| compute(round, 0))];

    fn start(_: &Job) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

impl<const PERCENT: u64> Runtime for Slower<PERCENT> {
    const ABOUT: About = about(match PERCENT {
        1 => "slower-1",
        2 => "slower-2",
        5 => "slower-5",
        _ => panic!("give it a name"),
    });
    const WORKLOADS: Workloads<Self> = &[(Workload::Cpu, |_, round| compute(round, PERCENT))];

    fn start(_: &Job) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

/// The same program with half as much work again in every second trial, by its seed.
pub struct TwoModes;

impl Runtime for TwoModes {
    const ABOUT: About = about("two-modes");
    const WORKLOADS: Workloads<Self> = &[(Workload::Cpu, |_, round| {
        // The token of task 0 is the seed.
        compute(round, if round.token(0).is_multiple_of(2) { 0 } else { 50 })
    })];

    fn start(_: &Job) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

/// Each task once, and the first `again` of each hundred a second time, after its span. Never
/// inlined: all of these runtimes run the very same instructions.
#[inline(never)]
fn compute(round: &'static Round, again: u64) -> Tally {
    let task = |task| {
        let result = round.compute(task);
        if task % 100 < again {
            black_box(round.compute_unrecorded(black_box(task)));
        }
        result
    };
    (0..round.tasks()).map(task).collect()
}
