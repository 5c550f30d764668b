//! One OS thread per task: `std::thread::scope`, and `spawn_scoped` of its builder for the size of the
//! stacks.
//!
//! Each task is a closure on a thread of its own, and joining the thread returns what the closure
//! did: the oldest way to run tasks. What the threads share is crossbeam's: the channels of
//! `ping-pong` and `fan-in`, and the wait group of `hold`. So the version is crossbeam's. Its own
//! scope is soft-deprecated since that of `std` exists.
//!
//! Settings: 2 MiB of stack, the default of `std`; smaller stacks start faster. The kernel is the
//! scheduler, so that there are no workers: `workers` is the number of CPUs that it may use.
//!
//! What could mislead:
//! - Threads start so slowly that few are ever alive together where a task takes about 1 ms. All of
//!   them are in `hold`, `brigade`, `echo` and `mixed`.
//! - The handles are kept, and the tasks are joined in the order in which they were started, as their
//!   results are asked for. The stack of a thread whose handle is kept stays mapped until it is
//!   joined. A thread whose handle is dropped is detached, and its stack is reused for the next one,
//!   which took a third off `spawn` and a tenth off `sleep` where this was written; the results then
//!   need another way back. It is also why more than [`MOST_UNJOINED`] tasks need joining on the way.

use runner::workload::{BURNERS, CALL, call};
use runner::{About, Amount, Job, Needs, Refusal, Runtime, Workload, Workloads, limits, restrict_to_cpus};

use crate::channels::Crossbeam;
use crate::crew::Threads;
use crate::stack::{MAPPINGS_A_THREAD, STACK_BYTES, STACK_BYTES_DEFAULT, stack_bytes};
use crate::{files, life, net, switching, work};

/// Threads that may be waiting to be joined before the oldest is, where no task waits for one that
/// starts later: a round number below the 16,382 at which threads that are all still alive exhaust
/// Linux's default of 65,530 mappings. With fewer tasks than this it has no effect.
const MOST_UNJOINED: u64 = 16_000;

/// Starting a thread takes longer than this on any machine, so that no more than sleep ÷ this can
/// start while the first one sleeps. Measured: 40 to 70 µs on a virtual machine. Too low an
/// estimate refuses a round that would have run. With too high a one, tasks wait because of
/// [`MOST_UNJOINED`], which would be counted as the runtime's own time.
const QUICKEST_START_NS: u64 = 5_000;

const FEW_ALIVE: &str = "the first threads end before the last ones start";
/// The lock is the same on the threads of a pool.
pub const MUTEX: (Workload, &str) = (
    Workload::Mutex,
    "with across = nothing the lock is rarely contended: a thread takes most of its turns in a row",
);

impl Runtime for Threads {
    const ABOUT: About = About {
        params: &[(STACK_BYTES, STACK_BYTES_DEFAULT)],
        ..About::new(
            "threads",
            runner::locked_version!("crossbeam"),
            "one OS thread per task (std's scope, crossbeam's channels); workers: the CPUs it may use",
        )
        .family("threads")
    };
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |threads, round| threads.crew(round.tasks(), |crew| life::sleep(round, crew))),
        (Workload::Spawn, |threads, round| threads.crew(round.tasks(), |crew| life::spawn(round, crew))),
        (Workload::Hold, Self::hold),
        (Workload::Yield, |threads, round| {
            threads.crew(round.tasks(), |crew| switching::yield_now(round, crew))
        }),
        (Workload::PingPong, |threads, round| {
            threads.crew(round.tasks(), |crew| switching::ping_pong::<Crossbeam>(round, crew))
        }),
        (Workload::FanIn, Self::fan_in::<Crossbeam>),
        (Workload::Skynet, Self::skynet),
        (Workload::Mutex, Self::mutex),
        (Workload::Brigade, Self::brigade),
        (Workload::Request, |threads, round| threads.crew(round.tasks(), |crew| net::request(round, crew))),
        (Workload::Echo, |threads, round| threads.crew(round.tasks(), |crew| net::echo(round, crew))),
        (Workload::FileRead, |threads, round| threads.crew(round.tasks(), |crew| files::read(round, crew))),
        (Workload::Cpu, |threads, round| threads.crew(round.tasks(), |crew| work::cpu(round, crew))),
        (Workload::Mixed, |threads, round| {
            threads.crew(work::tasks_of_mixed(round), |crew| work::mixed(round, crew))
        }),
        (Workload::Blocking, |threads, round| {
            threads.crew(round.tasks(), |crew| work::blocking(round, crew))
        }),
    ];

    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] =
        &[(CALL, call::ESCAPE, "each task has its own thread, so a blocking call blocks no other task")];
    const CAVEATS: &'static [(Workload, &'static str)] = &[
        (Workload::Sleep, FEW_ALIVE),
        (Workload::Request, FEW_ALIVE),
        (
            Workload::Yield,
            "sched_yield switches only to a ready thread on the same CPU; without one it returns at once",
        ),
        (
            Workload::PingPong,
            "crossbeam's channel spins and calls sched_yield before it sleeps: see threads-condvar",
        ),
        (
            Workload::FanIn,
            "crossbeam's channel spins and calls sched_yield before it sleeps: see threads-condvar",
        ),
        MUTEX,
    ];
    const NEEDS: Needs = Needs {
        alive: most_alive,
        threads: Amount::PerTask(1),
        mappings: Amount::PerTask(MAPPINGS_A_THREAD),
        ..Needs::DEFAULT
    };

    fn start(job: &Job) -> Result<Self, Refusal> {
        restrict_to_cpus(job.workers)?;
        let alive = most_alive(job, Workload::from_name(&job.workload).expect("a workload of the runner's"));
        let most_unjoined =
            usize::try_from(alive.max(MOST_UNJOINED)).expect("threads that have a mapping each");
        Ok(Self { stack_bytes: stack_bytes(job), most_unjoined })
    }
}

/// The most threads that a job may have alive at once.
fn most_alive(job: &Job, workload: Workload) -> u64 {
    let started_meanwhile = limits::started_while_one_waits(job, workload, QUICKEST_START_NS);
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
        Workload::Mixed => job.tasks.saturating_add(workload.param(&job.params, BURNERS)),
        // Parents wait for their children; how many are over before the last one starts is luck.
        Workload::Skynet => workload.operations(job.tasks, &job.params).expect("an operation is a node"),
    }
}

#[cfg(test)]
mod tests {
    use runner::workload::DURATION_NS;

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
            assert_eq!(
                most_alive(&Job::new("threads", workload, 100_000), workload),
                alive,
                "{}",
                workload.name()
            );
        }
    }

    #[test]
    fn requests_that_take_long_are_all_in_flight() {
        let mut job = Job::new("threads", Workload::Request, 100_000);
        job.params.insert(DURATION_NS.into(), 10_000_000_000);
        assert_eq!(most_alive(&job, Workload::Request), 100_000);
    }
}
