//! One OS thread a task: crossbeam's scope, and its builder for the size of the stacks.
//!
//! Each task is a closure on a thread of its own, and joining the thread returns what the closure
//! did: the oldest way there is. crossbeam's documentation calls its scope soft-deprecated since
//! `std::thread::scope` exists; it is still what crossbeam offers, and what programs from before Rust
//! 1.63 use.
//!
//! Settings: 2 MiB of stack, the default of `std`; smaller stacks start faster. The kernel is the
//! scheduler, so that there are no workers: `workers` is the number of CPUs that it may use.
//!
//! What could mislead:
//! - A thread costs about as much to start as a sleep of 1 ms saves, so that few are ever alive
//!   together where a task is short. All of them are in `hold`, `brigade`, `echo` and `mixed`.
//! - crossbeam's scope keeps the handle of every thread until the thread is joined or the scope ends,
//!   whether the caller keeps it or not, and the stack of a finished thread stays mapped until then.
//!   So the tasks are joined in the order in which they were started, which costs nothing more and
//!   returns their results. `std::thread::scope` detaches a thread whose handle is dropped and reuses
//!   its stack for the next, which took a third off `spawn` and a tenth off `sleep` where this was
//!   written; with its handles kept it takes as long as crossbeam's. It is also why more than
//!   [`MOST_UNJOINED`] tasks need joining on the way.

use std::collections::VecDeque;
use std::process;

use crossbeam::thread::{self, Scope, ScopedJoinHandle};
use runner::workload::{BURNERS, DURATION_NS, JITTER_NS};
use runner::{About, Job, Refusal, Runtime, Tally, Workload, Workloads, limits, restrict_to_cpus};

use crate::{MAPPINGS_A_THREAD, STACK_BYTES, STACK_BYTES_DEFAULT, most_files, stack_bytes, work, workload};

/// Threads that may be waiting to be joined before the oldest is, where no task waits for one that
/// starts later: a round number below the 16,382 at which threads that are all still alive exhaust
/// Linux's default of 65,530 mappings. Fewer tasks than this never notice.
const MOST_UNJOINED: u64 = 16_000;

/// Starting a thread takes longer than this on any machine, so that no more than sleep ÷ this can join
/// the first one while it sleeps. Measured: 40 to 70 µs on a virtual machine. Too low an estimate
/// refuses a round that would have run; too high a one makes tasks wait for [`MOST_UNJOINED`], which
/// would pass for the runtime's own time.
const QUICKEST_START_NS: u64 = 5_000;

const NO_THREAD: &str = "the kernel refused a thread; see ulimit -u, kernel.threads-max and vm.max_map_count";
pub(crate) const PANICKED: &str = "no task panics";

/// A thread for each task.
pub struct Threads {
    pub(crate) stack_bytes: usize,
    /// [`MOST_UNJOINED`], or as many as must be alive at once.
    most_unjoined: usize,
}

impl Runtime for Threads {
    const ABOUT: About = About {
        params: &[(STACK_BYTES, STACK_BYTES_DEFAULT)],
        ..About::new(
            "threads",
            runner::locked_version!("crossbeam"),
            "one OS thread a task (crossbeam's scope), scheduled by the kernel; workers: the CPUs it may use",
        )
    };
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, Self::sleep),
        (Workload::Spawn, Self::spawn),
        (Workload::Hold, Self::hold),
        (Workload::Yield, Self::yield_now),
        (Workload::PingPong, Self::ping_pong),
        (Workload::FanIn, Self::fan_in),
        (Workload::Skynet, Self::skynet),
        (Workload::Mutex, Self::mutex),
        (Workload::Brigade, Self::brigade),
        (Workload::Request, Self::request),
        (Workload::Echo, Self::echo),
        (Workload::FileRead, Self::file_read),
        (Workload::Cpu, Self::cpu),
        (Workload::Mixed, Self::mixed),
        (Workload::Blocking, Self::blocking),
    ];

    fn start(job: &Job) -> Result<Self, Refusal> {
        restrict_to_cpus(job.workers)?;
        work::refuse_escape(job, "a task that blocks has a thread of its own to block")?;
        let alive = most_alive(job);
        limits::require_mappings(alive, MAPPINGS_A_THREAD)?;
        limits::require_threads(alive)?;
        limits::require_files(most_files(job, alive))?;
        runner::require_readable(job)?;
        let most_unjoined =
            usize::try_from(alive.max(MOST_UNJOINED)).expect("threads that have a mapping each");
        Ok(Self { stack_bytes: stack_bytes(job), most_unjoined })
    }
}

/// The most threads that a job may have alive at once.
fn most_alive(job: &Job) -> u64 {
    let workload = workload(job);
    let param = |name| workload.param(&job.params, name);
    let longest = param(DURATION_NS).saturating_add(param(JITTER_NS));
    let started_meanwhile = job.tasks.min(1 + longest / QUICKEST_START_NS);
    let unjoined = job.tasks.min(MOST_UNJOINED);
    match workload {
        Workload::Spawn => 1,
        Workload::Sleep | Workload::Blocking => started_meanwhile,
        // The origin may take longer than it was asked to.
        Workload::Request => unjoined.max(started_meanwhile),
        // Each ends without the help of any that starts later, but for the other one of its pair.
        Workload::Yield | Workload::PingPong | Workload::Mutex | Workload::FileRead | Workload::Cpu => {
            unjoined
        }
        Workload::FanIn => unjoined + 1,
        Workload::Hold | Workload::Brigade | Workload::Echo => job.tasks,
        Workload::Mixed => job.tasks.saturating_add(param(BURNERS)),
        // Parents wait for their children; how many are over before the last one starts is luck.
        Workload::Skynet => workload.operations(job.tasks, &job.params).expect("an operation is a node"),
    }
}

impl Threads {
    /// A round: `start` starts its tasks, and those that it has not joined are joined after it.
    pub(crate) fn crew<'env>(
        &self,
        tasks: u64,
        start: impl for<'scope> FnOnce(&mut Crew<'scope, 'env>),
    ) -> Tally {
        let tasks = usize::try_from(tasks).unwrap_or(usize::MAX);
        thread::scope(|scope| {
            let mut crew = Crew {
                scope,
                stack_bytes: self.stack_bytes,
                most_unjoined: self.most_unjoined,
                unjoined: VecDeque::with_capacity(tasks.min(self.most_unjoined)),
                tally: Tally::default(),
            };
            start(&mut crew);
            while crew.join_oldest() {}
            crew.tally
        })
        .expect(PANICKED)
    }
}

/// The threads of a round.
pub(crate) struct Crew<'scope, 'env> {
    scope: &'scope Scope<'env>,
    stack_bytes: usize,
    most_unjoined: usize,
    /// The oldest first.
    unjoined: VecDeque<ScopedJoinHandle<'scope, u64>>,
    /// What the threads returned that have been joined.
    tally: Tally,
}

impl<'scope, 'env> Crew<'scope, 'env> {
    /// Starts a task, after joining the oldest one where too many are unjoined.
    pub(crate) fn spawn(&mut self, task: impl FnOnce() -> u64 + Send + 'env) {
        if self.unjoined.len() == self.most_unjoined {
            self.join_oldest();
        }
        let thread = self.start(task);
        self.unjoined.push_back(thread);
    }

    /// Starts a thread that is none of the tasks.
    pub(crate) fn start(&self, work: impl FnOnce() -> u64 + Send + 'env) -> ScopedJoinHandle<'scope, u64> {
        start_thread(self.scope, self.stack_bytes, move |_| work())
    }

    /// Adds what no task returned.
    pub(crate) fn include(&mut self, sum: u64) {
        self.tally.include(sum);
    }

    fn join_oldest(&mut self) -> bool {
        let Some(thread) = self.unjoined.pop_front() else { return false };
        self.tally.add(thread.join().expect(PANICKED));
        true
    }
}

/// Starts a thread in a scope.
pub(crate) fn start_thread<'scope, 'env, T: Send + 'env>(
    scope: &'scope Scope<'env>,
    stack_bytes: usize,
    work: impl FnOnce(&Scope<'env>) -> T + Send + 'env,
) -> ScopedJoinHandle<'scope, T> {
    scope.builder().stack_size(stack_bytes).spawn(work).unwrap_or_else(|error| {
        // Not a panic: the scope would first wait for threads that may be waiting for this one.
        eprintln!("{NO_THREAD}: {error}");
        process::exit(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tasks_that_need_each_other_must_all_be_alive_at_once() {
        let cases = [
            (Workload::Spawn, 1),
            (Workload::Sleep, 201),
            (Workload::PingPong, 16_000),
            (Workload::FanIn, 16_001),
            (Workload::Request, 16_000),
            (Workload::Brigade, 100_000),
            (Workload::Mixed, 100_002),
            (Workload::Skynet, 111_111),
        ];
        for (workload, alive) in cases {
            assert_eq!(most_alive(&Job::new("threads", workload, 100_000, 7)), alive, "{}", workload.name());
        }
    }

    #[test]
    fn requests_that_take_long_are_all_in_flight() {
        let mut job = Job::new("threads", Workload::Request, 100_000, 7);
        job.params.insert(DURATION_NS.into(), 10_000_000_000);
        assert_eq!(most_alive(&job), 100_000);
    }
}
