//! What most runtimes are held to: each workload at numbers of tasks that are easy to get wrong, and so short that
//! a test can go through all of them.

use protocol::workload::{
    BURNERS, CALL, CAPACITY, DURATION_NS, FILE_BYTES, IO, JITTER_NS, KERNEL, MESSAGE_BYTES, POLICY, SLICE_NS,
    SLICES, STEPS, TIMES, call, io, kernel, policy,
};
use protocol::{Job, Workload};

/// A workload with numbers of tasks, and with parameters where they are not at their defaults.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What the tasks do.
    pub workload: Workload,
    /// Numbers of tasks, the largest last.
    pub tasks: &'static [u64],
    /// Parameters by name.
    pub params: &'static [(&'static str, u64)],
}

impl Case {
    const fn new(workload: Workload, tasks: &'static [u64], params: &'static [(&'static str, u64)]) -> Self {
        Self { workload, tasks, params }
    }

    fn job(self, runtime: &str, workers: u32, tasks: u64) -> Job {
        crate::with(self.params, Job { workers, ..crate::job(runtime, self.workload, tasks) })
    }
}

/// Every case on each of the runtimes, which are named with a number of workers, and with each number of tasks.
pub fn jobs(runtimes: &[(&str, u32)], cases: &[Case]) -> impl Iterator<Item = Job> {
    runtimes.iter().flat_map(move |&(runtime, workers)| {
        let jobs = move |&case: &Case| case.tasks.iter().map(move |&tasks| case.job(runtime, workers, tasks));
        cases.iter().flat_map(jobs)
    })
}

/// As [`jobs`], with the largest number of tasks only.
pub fn largest_jobs(runtimes: &[(&str, u32)], cases: &[Case]) -> impl Iterator<Item = Job> {
    runtimes.iter().flat_map(move |&(runtime, workers)| {
        cases.iter().map(move |case| case.job(runtime, workers, case.tasks[case.tasks.len() - 1]))
    })
}

const TASKS: &[u64] = &[1, 2, 3, 1000];
const PAIRS: &[u64] = &[2, 4, 1000];
const FEW: &[u64] = &[1, 2, 30];
const TEN_TIMES: &[(&str, u64)] = &[(TIMES, 10)];
const SHORT_LOAD: (&str, u64) = (DURATION_NS, 20_000_000);
const SMALL_FILE: (&str, u64) = (FILE_BYTES, 1 << 20);
const SHORT_SLICE: (&str, u64) = (SLICE_NS, 100_000);

/// Tasks that do nothing.
pub const SPAWN: Case = Case::new(Workload::Spawn, TASKS, &[]);
/// Tasks that are all alive at once.
pub const HOLD: Case = Case::new(Workload::Hold, TASKS, &[]);
/// Tasks that give way.
pub const YIELD: Case = Case::new(Workload::Yield, TASKS, TEN_TIMES);
/// Pairs of tasks with two channels.
pub const PING_PONG: Case = Case::new(Workload::PingPong, PAIRS, TEN_TIMES);
/// Many senders and room for a good part of what they send.
pub const FAN_IN: Case = Case::new(Workload::FanIn, TASKS, TEN_TIMES);
/// Many senders and room for one message.
pub const FAN_IN_NO_ROOM: Case = Case::new(Workload::FanIn, TASKS, &[(TIMES, 10), (CAPACITY, 1)]);
/// Trees of which the root is a leaf, is full, has one child too many, and is deep.
pub const SKYNET: Case = Case::new(Workload::Skynet, &[1, 2, 10, 11, 1234], &[]);
/// Tasks that want one lock.
pub const MUTEX: Case = Case::new(Workload::Mutex, TASKS, TEN_TIMES);
/// Tasks in a row, joined by pipes.
pub const BRIGADE: Case = Case::new(Workload::Brigade, &[1, 2, 3, 300], TEN_TIMES);
/// A server of short messages.
pub const ECHO: Case = Case::new(Workload::Echo, &[1, 3, 300], &[SHORT_LOAD]);
/// A server of messages that are longer than what is read at once.
pub const ECHO_LONG: Case = Case::new(Workload::Echo, FEW, &[SHORT_LOAD, (MESSAGE_BYTES, 10_000)]);
/// Reading through the page cache; more tasks than a pool of threads for blocking calls has threads.
pub const FILE_READ: Case = Case::new(Workload::FileRead, &[1, 3, 600], &[(TIMES, 3), SMALL_FILE]);
/// Reading past the page cache, which not every file system can.
pub const FILE_READ_DIRECT: Case =
    Case::new(Workload::FileRead, FEW, &[(TIMES, 3), SMALL_FILE, (IO, io::DIRECT)]);
/// Computing.
pub const CPU: Case = Case::new(Workload::Cpu, TASKS, &[(STEPS, 10)]);
/// Computing with another kernel.
pub const CPU_SHA256: Case = Case::new(Workload::Cpu, FEW, &[(STEPS, 10), (KERNEL, kernel::SHA256)]);
/// Sleeping as long as all others.
pub const SLEEP: Case = Case::new(Workload::Sleep, TASKS, &[]);
/// Sleeping, each task for a time of its own.
pub const SLEEP_JITTER: Case = Case::new(Workload::Sleep, TASKS, &[(JITTER_NS, 3_000_000)]);
/// Asking a server that answers after a while.
pub const REQUEST: Case = Case::new(Workload::Request, &[1, 3, 300], &[]);
/// Heartbeats beside burners that yield.
pub const MIXED_YIELD: Case =
    Case::new(Workload::Mixed, FEW, &[(TIMES, 3), (SLICES, 3), SHORT_SLICE, (POLICY, policy::YIELD)]);
/// Heartbeats beside burners that do not.
pub const MIXED_HOG: Case = Case::new(
    Workload::Mixed,
    FEW,
    &[(TIMES, 3), (SLICES, 3), SHORT_SLICE, (POLICY, policy::HOG), (BURNERS, 5)],
);
/// Blocking in the task.
pub const BLOCKING_NAIVE: Case = Case::new(Workload::Blocking, FEW, &[(CALL, call::NAIVE)]);
/// Blocking where the runtime has it done; more tasks than it has threads for that.
pub const BLOCKING_ESCAPE: Case = Case::new(Workload::Blocking, &[1, 3, 600], &[(CALL, call::ESCAPE)]);

/// Of a runtime with means for every workload: what has to prove its work and no more.
pub const PROVEN: &[Case] = &[
    SPAWN,
    YIELD,
    PING_PONG,
    FAN_IN,
    FAN_IN_NO_ROOM,
    SKYNET,
    MUTEX,
    BRIGADE,
    ECHO,
    ECHO_LONG,
    FILE_READ,
    CPU,
    CPU_SHA256,
];

/// Of such a runtime: what asks for a time and must not get less.
pub const TIMED: &[Case] =
    &[SLEEP, SLEEP_JITTER, REQUEST, MIXED_YIELD, MIXED_HOG, BLOCKING_NAIVE, BLOCKING_ESCAPE];
