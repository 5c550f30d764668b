//! What the programs `examples/bare.rs` of the runtimes share. They check the runner, so this shares no
//! code with it, or with any other part of the lab.
//!
//! A program is called as `bare RUNTIME WORKLOAD TASKS`, says `ready`, waits for a line of input, runs one
//! cold round, and prints how many nanoseconds it took. With `plain` as a fourth word no task looks at the clock, so that
//! what it takes to measure latencies is seen. [`sleep`] and [`spawn`] are the two workloads on any runtime with futures: they
//! are given how it starts a task, and how what a task returned is taken from what its handle gives
//! (`Result::unwrap`, or `identity` where that is the same).
//!
//! What is timed is `#[inline]`, so that it is compiled together with its program, as if it stood there:
//! else a spawn of compio's takes 3 % longer.

use std::env;
use std::hint::black_box;
use std::io::stdin;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long a task of `sleep` sleeps.
pub const SLEEP: Duration = Duration::from_millis(1);

/// The runtime, the workload and the number of tasks of the command line. The first two are among those
/// given, like `sleep|spawn`; else the program ends with its usage.
pub fn asked(runtimes: &str, workloads: &str) -> (String, String, usize) {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.pop_if(|word| word == "plain").is_some() {
        let _ = PLAIN.set(Instant::now());
    }
    let among = |known: &str, name: &str| known.split('|').any(|one| one == name);
    match <[String; 3]>::try_from(arguments) {
        Ok([runtime, workload, tasks]) if among(runtimes, &runtime) && among(workloads, &workload) => {
            (runtime, workload, tasks.parse().expect("TASKS is a number"))
        }
        _ => panic!("usage: bare {runtimes} {workloads} TASKS [plain]"),
    }
}

/// What every task reads from the clock that does not look at it.
static PLAIN: OnceLock<Instant> = OnceLock::new();

/// The time at which a task begins or ends its wait.
#[inline]
pub fn now() -> Instant {
    PLAIN.get().copied().unwrap_or_else(Instant::now)
}

/// Whether the latencies of tasks are unknown.
pub fn is_plain() -> bool {
    PLAIN.get().is_some()
}

/// Says that the runtime is made, and waits for a line of input or its end, as a runner waits for `go`. Then the threads of
/// the runtime wait for work and the CPUs are as awake as a runner's: either is worth some per cent of a round of tiny tasks.
pub fn wait_for_go() {
    println!("ready");
    stdin().lines().next();
}

/// Runs the round, and prints its nanoseconds. The runtime is made before.
#[inline]
pub fn print_time_of(round: impl FnOnce()) {
    wait_for_go();
    let start = Instant::now();
    round();
    println!("{}", start.elapsed().as_nanos());
}

/// Each task measures its own sleep, as for percentiles: it is a [`latency`].
#[inline]
pub async fn sleep<H: Future>(
    tasks: usize,
    spawn: impl Fn() -> H,
    returned: impl Fn(H::Output) -> (Instant, Instant),
) {
    let mut handles = Vec::with_capacity(tasks);
    for _ in 0..tasks {
        handles.push(spawn());
    }
    let mut latencies = Vec::with_capacity(tasks);
    for handle in handles {
        let (start, end) = returned(handle.await);
        latencies.push(end - start);
    }
    black_box(latencies);
}

/// A task of [`sleep`]: when it began to wait, and when it was done. A timer counts from when it is made,
/// so it is made here, not where the task is spawned.
#[inline]
pub async fn latency<F: Future>(wait: impl FnOnce() -> F) -> (Instant, Instant) {
    let start = now();
    wait().await;
    (start, now())
}

/// Each task returns its number.
#[inline]
pub async fn spawn<H: Future>(
    tasks: usize,
    spawn: impl Fn(usize) -> H,
    returned: impl Fn(H::Output) -> usize,
) {
    let handles: Vec<_> = (0..tasks).map(spawn).collect();
    sum(handles, returned).await;
}

/// Waits for each task, and adds up what they return.
#[inline]
pub async fn sum<H: Future>(handles: Vec<H>, returned: impl Fn(H::Output) -> usize) {
    let mut sum = 0;
    for handle in handles {
        sum += returned(handle.await);
    }
    black_box(sum);
}
