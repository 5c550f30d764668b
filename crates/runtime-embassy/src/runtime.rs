//! The workloads, and what is refused because it was not compiled.

use embassy_time::Instant;
use runner::workload::{BURNERS, CALL, CAPACITY as CAPACITY_PARAM, call};
use runner::{About, Job, Refusal, Runtime, Workload, Workloads};

use crate::executor::run;
use crate::limits::{CAPACITY, TASKS_MOST};
use crate::shared::Shared;
use crate::tasks;

/// What the tasks of a job share; the executor is made in each round.
pub struct Embassy(Shared);

const NO_IO: &str = "embassy has no I/O through the operating system: no sockets, pipes or files";
const SLOW_SPAWN: &str = "a spawn searches its task pool from the start, so its cost grows with the number \
                          of live tasks";
const FREE_LOCK: &str = "with across = nothing the lock is always free; with yield, waiting tasks wake each \
                         other repeatedly";
const STATIC_TASKS: &str = "its tasks have places in a static pool, and the signals that join them are made before \
                            ready: the memory per task leaves these out";
const ONE_WAITER: &str = "the channel stores only one waker, so waiting senders wake each other repeatedly";

impl Runtime for Embassy {
    const ABOUT: About = About::new(
        "embassy",
        runner::locked_version!("embassy-executor"),
        "stackless, one thread, statically allocated tasks, made for microcontrollers",
    )
    .single_worker()
    // On std it is meant for tests, and it has no I/O: nobody would adopt it in place of the others.
    .baseline();
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |this, round| run(|spawner| tasks::sleep(spawner, this.0, round))),
        (Workload::Spawn, |this, round| run(|spawner| tasks::spawn_all(spawner, this.0, round))),
        (Workload::Hold, |this, round| run(|spawner| tasks::hold(spawner, this.0, round))),
        (Workload::Yield, |this, round| run(|spawner| tasks::yields(spawner, this.0, round))),
        (Workload::PingPong, |this, round| run(|spawner| tasks::ping_pong(spawner, this.0, round))),
        (Workload::FanIn, |this, round| run(|spawner| tasks::fan_in(spawner, this.0, round))),
        (Workload::Mutex, |this, round| run(|spawner| tasks::mutex(spawner, this.0, round))),
        (Workload::Cpu, |this, round| run(|spawner| tasks::cpu(spawner, this.0, round))),
        (Workload::Mixed, |this, round| run(|spawner| tasks::mixed(spawner, this.0, round))),
        (Workload::Blocking, |this, round| run(|spawner| tasks::blocking(spawner, this.0, round))),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[
        (
            Workload::Skynet,
            "its tasks return no value and have no join handle, so a parent cannot collect results",
        ),
        (Workload::Brigade, NO_IO),
        (Workload::Request, NO_IO),
        (Workload::Echo, NO_IO),
        (Workload::FileRead, NO_IO),
    ];
    const CAVEATS: &'static [(Workload, &'static str)] = &[
        (Workload::Sleep, SLOW_SPAWN),
        (Workload::Spawn, SLOW_SPAWN),
        (Workload::Hold, STATIC_TASKS),
        (Workload::Cpu, SLOW_SPAWN),
        (Workload::FanIn, ONE_WAITER),
        (Workload::Mutex, FREE_LOCK),
    ];
    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] = &[(
        CALL,
        call::ESCAPE,
        "embassy has only one thread, so a blocking call has no other thread to run on",
    )];

    fn start(job: &Job) -> Result<Self, Refusal> {
        let workload = Workload::from_name(&job.workload).expect("a workload of the runner's");
        refuse_what_is_not_compiled(job, workload)?;
        // The first look at the clock starts its thread.
        Instant::now();
        Ok(Self(Shared::of(job, workload)))
    }
}

fn refuse_what_is_not_compiled(job: &Job, workload: Workload) -> Result<(), Refusal> {
    let burners = if workload == Workload::Mixed { workload.param(&job.params, BURNERS) } else { 0 };
    if job.tasks.max(burners) > TASKS_MOST as u64 {
        return Err(Refusal::unsupported(format!(
            "{} tasks: embassy's task pools have a fixed size, here {TASKS_MOST} per kind; ask for fewer \
             tasks",
            job.tasks.max(burners)
        )));
    }
    let capacity = workload.param(&job.params, CAPACITY_PARAM);
    if workload == Workload::FanIn && capacity != CAPACITY as u64 {
        return Err(Refusal::unsupported(format!(
            "capacity = {capacity}: embassy fixes a channel's capacity at compile time, here {CAPACITY}; \
             ask for that"
        )));
    }
    Ok(())
}
