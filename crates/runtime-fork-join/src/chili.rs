//! chili: a `join` that is nearly free where nobody is waiting for work.

use std::num::NonZero;
use std::ops::Range;

use chili::{Config, Scope, ThreadPool};
use runner::workload::{CALL, call};
use runner::{About, Job, Refusal, Round, Runtime, Tally, Workload, Workloads, skynet_children};

/// A pool of threads, and the main thread.
pub struct Chili(ThreadPool);

const KEEPS_ITS_WORKER: &str = "a closure runs to its end on its caller's stack, so closures that wait for \
                                each other can deadlock";
const NO_IO: &str = "it has no sockets, pipes or files";

impl Runtime for Chili {
    const ABOUT: About = About {
        blocks_worker: true,
        ..About::new(
            "chili",
            runner::locked_version!("chili"),
            "fork-join: closures run to their end, work is shared at a heartbeat",
        )
        .family("parallel")
    };
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Skynet, |chili, round| node(&mut chili.0.scope(), round, 0, round.tasks())),
        (Workload::Cpu, |chili, round| {
            each(&mut chili.0.scope(), 0..round.tasks(), |task| round.compute(task))
        }),
        (Workload::Blocking, |chili, round| {
            each(&mut chili.0.scope(), 0..round.tasks(), |task| round.block(task))
        }),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[
        (Workload::Sleep, "it has no timer"),
        (Workload::Spawn, "it has no spawn: join mostly calls both closures in place; see skynet"),
        (Workload::Hold, KEEPS_ITS_WORKER),
        (Workload::Yield, "a closure runs to its end and cannot yield"),
        (Workload::PingPong, KEEPS_ITS_WORKER),
        (Workload::FanIn, KEEPS_ITS_WORKER),
        (Workload::Mutex, "it has no lock of its own, and std's lock blocks a worker: see threads"),
        (Workload::Brigade, NO_IO),
        (Workload::Request, NO_IO),
        (Workload::Echo, NO_IO),
        (Workload::FileRead, NO_IO),
        (Workload::Mixed, "it has no timer"),
    ];
    const CAVEATS: &'static [(Workload, &'static str)] =
        &[(Workload::Skynet, "a node is a closure passed to join, and join nearly always calls it in place")];
    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] =
        &[(CALL, call::ESCAPE, "chili has no threads for blocking calls: a blocking call blocks its worker")];

    /// The main thread is one of the `thread_count`. `with_config` waits until the others are there.
    fn start(job: &Job) -> Result<Self, Refusal> {
        let threads = usize::try_from(job.workers).expect("a usize holds 32 bits here");
        let config = Config { thread_count: NonZero::new(threads), ..Config::default() };
        Ok(Self(ThreadPool::with_config(config)))
    }
}

/// Halves the tasks until there is one, and adds up what they return.
fn each(scope: &mut Scope<'_>, tasks: Range<u64>, task: impl Fn(u64) -> u64 + Copy + Sync) -> Tally {
    if tasks.end - tasks.start == 1 {
        return Tally { completed: 1, checksum: task(tasks.start) };
    }
    let middle = tasks.start.midpoint(tasks.end);
    let (mut tally, upper) = scope
        .join(|scope| each(scope, tasks.start..middle, task), |scope| each(scope, middle..tasks.end, task));
    tally += upper;
    tally
}

/// A leaf gives its token; any other node adds up what its children return.
fn node(scope: &mut Scope<'_>, round: &'static Round, first: u64, leaves: u64) -> Tally {
    let children: Vec<_> = skynet_children(first, leaves).collect();
    if children.is_empty() {
        return Tally { completed: 1, checksum: round.token(first) };
    }
    let mut tally = siblings(scope, round, &children);
    tally.completed += 1;
    tally
}

/// A join has two sides: it takes nine of them to fork ten children.
fn siblings(scope: &mut Scope<'_>, round: &'static Round, nodes: &[(u64, u64)]) -> Tally {
    if let [(first, leaves)] = *nodes {
        return node(scope, round, first, leaves);
    }
    let (left, right) = nodes.split_at(nodes.len() / 2);
    let (mut tally, others) =
        scope.join(|scope| siblings(scope, round, left), |scope| siblings(scope, round, right));
    tally += others;
    tally
}
