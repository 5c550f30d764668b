//! Which workloads monoio has, which not, and what it needs.

use runner::workload::{CALL, POLICY, call, policy};
use runner::{About, Amount, Job, Needs, Refusal, Runtime, Workload, Workloads};

use crate::executor::Executors;
use crate::tasks::{files, net, switching, tree, waiting, work};

/// monoio's executors, one unless more are asked for.
pub struct Monoio(Executors);

const NO_YIELD: &str = "monoio 0.2.4 has no yield: a task that wakes itself runs again before any other \
                        (monoio issue 322)";
const NO_ESCAPE: &str = "monoio's spawn_blocking needs its feature `sync`, which is off by default and \
                         changes every waker";

const SPREAD_BY_HASH: &str =
    "with several executors, the kernel's hash distributes the clients among their sockets, unevenly";

impl Runtime for Monoio {
    const ABOUT: About = About {
        workers_default: Some(1),
        ..About::new(
            "monoio",
            runner::locked_version!("monoio"),
            "stackless, thread per core, sharded by hand, io_uring",
        )
    };
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |monoio, round| monoio.0.run(round, waiting::sleep)),
        (Workload::Spawn, |monoio, round| monoio.0.run(round, waiting::spawn)),
        (Workload::Hold, |monoio, round| monoio.0.run(round, waiting::hold)),
        (Workload::PingPong, |monoio, round| monoio.0.run(round, switching::ping_pong)),
        (Workload::FanIn, |monoio, round| monoio.0.run(round, switching::fan_in)),
        (Workload::Skynet, |monoio, round| monoio.0.run(round, tree::skynet)),
        (Workload::Request, |monoio, round| monoio.0.run(round, net::request)),
        (Workload::Echo, |monoio, round| net::echo(&mut monoio.0, round)),
        (Workload::FileRead, |monoio, round| monoio.0.run(round, files::read)),
        (Workload::Cpu, |monoio, round| monoio.0.run(round, work::cpu)),
        (Workload::Mixed, |monoio, round| monoio.0.run(round, work::mixed)),
        (Workload::Blocking, |monoio, round| monoio.0.run(round, work::blocking)),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[
        (Workload::Yield, NO_YIELD),
        (
            Workload::Mutex,
            "neither monoio nor local-sync has a lock: tasks of one thread need none between two awaits",
        ),
        (Workload::Brigade, "its pipes can only be spliced, not read or written"),
    ];

    const ONE_WORKER_ONLY: &'static [(Workload, &'static str)] =
        &[(Workload::FanIn, "its channel works only within one thread")];
    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] =
        &[(POLICY, policy::YIELD, NO_YIELD), (CALL, call::ESCAPE, NO_ESCAPE)];
    const CAVEATS: &'static [(Workload, &'static str)] = &[
        (Workload::Sleep, "its timer rounds up to whole milliseconds: a sleep of 1 ms takes about 2 ms"),
        (Workload::Mixed, "its timer rounds up to whole milliseconds, which adds up to 1 ms of lateness"),
        (Workload::Echo, SPREAD_BY_HASH),
    ];
    const NEEDS: Needs =
        Needs { files: Amount::PerWorker(1), listeners: Amount::PerWorker(2), ..Needs::DEFAULT };

    fn start(job: &Job) -> Result<Self, Refusal> {
        Executors::build(job).map(Self)
    }
}
