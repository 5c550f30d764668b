//! bevy's task pool: async tasks, for the most part scoped, that compute for the next frame of a game.

use std::hint::black_box;

use bevy_tasks::{BoxedFuture, ComputeTaskPool, TaskPoolBuilder};
use runner::workload::{CALL, call};
use runner::{About, Job, Refusal, Round, Runtime, Tally, Workload, Workloads, skynet_children};

/// The pool of a process, and the main thread.
pub struct BevyTasks(&'static ComputeTaskPool);

const TASKS_ONLY: &str = "it has no channel, lock or barrier: a task can wait only for other tasks";
const NO_IO: &str = "it has no sockets, pipes or files";
const NO_TIMER: &str = "it has no timer";

impl Runtime for BevyTasks {
    const ABOUT: About = About::new(
        "bevy-tasks",
        runner::locked_version!("bevy_tasks"),
        "async tasks on a thread pool, shared queue and work-stealing",
    )
    .family("parallel");
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Spawn, |bevy, round| bevy.each(round, |task| black_box(round.token(task)))),
        (Workload::Skynet, Self::skynet),
        (Workload::Cpu, |bevy, round| bevy.each(round, |task| round.compute(task))),
        (Workload::Blocking, |bevy, round| bevy.each(round, |task| round.block(task))),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[
        (Workload::Sleep, NO_TIMER),
        (Workload::Hold, TASKS_ONLY),
        (Workload::Yield, "it has no yield of its own; smol shows futures-lite's yield on the same executor"),
        (Workload::PingPong, TASKS_ONLY),
        (Workload::FanIn, TASKS_ONLY),
        (Workload::Mutex, TASKS_ONLY),
        (Workload::Brigade, NO_IO),
        (Workload::Request, NO_IO),
        (Workload::Echo, NO_IO),
        (Workload::FileRead, NO_IO),
        (Workload::Mixed, NO_TIMER),
    ];
    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] = &[(
        CALL,
        call::ESCAPE,
        "bevy_tasks has no threads for blocking calls: a blocking call blocks its worker",
    )];

    /// A scope runs tasks on the thread that opened it as well, so that the pool has one thread less.
    fn start(job: &Job) -> Result<Self, Refusal> {
        let threads = usize::try_from(job.workers - 1).expect("a usize holds 32 bits here");
        let pool = || TaskPoolBuilder::new().num_threads(threads).build();
        Ok(Self(ComputeTaskPool::get_or_init(pool)))
    }
}

impl BevyTasks {
    /// Spawns tasks that wait for nothing, in a scope, which returns what they do.
    fn each(&self, round: &'static Round, task: impl Fn(u64) -> u64 + Copy + Send) -> Tally {
        let returned = self.0.scope(|scope| {
            for nth in 0..round.tasks() {
                scope.spawn(async move { task(nth) });
            }
        });
        returned.into_iter().collect()
    }

    /// The root of the tree is a task of a scope.
    fn skynet(&mut self, round: &'static Round) -> Tally {
        let pool = self.0;
        pool.scope(|scope| scope.spawn(node(pool, round, 0, round.tasks()))).into_iter().sum()
    }
}

/// A leaf gives its token; any other node spawns its children and adds up what they return. Boxed, as a future that
/// leads to more of its own kind has to be.
fn node(
    pool: &'static ComputeTaskPool,
    round: &'static Round,
    first: u64,
    leaves: u64,
) -> BoxedFuture<'static, Tally> {
    Box::pin(async move {
        if leaves == 1 {
            return Tally { completed: 1, checksum: round.token(first) };
        }
        let spawn = |(first, leaves)| pool.spawn(node(pool, round, first, leaves));
        let children: Vec<_> = skynet_children(first, leaves).map(spawn).collect();
        let mut tally = Tally { completed: 1, checksum: 0 };
        for child in children {
            tally += child.await;
        }
        tally
    })
}
