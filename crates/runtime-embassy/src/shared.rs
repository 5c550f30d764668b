//! What tasks share: made once for all rounds, like the statics of a program for a microcontroller.

use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embassy_sync::channel::Channel;
use embassy_sync::mutex::Mutex;
use runner::workload::BURNERS;
use runner::{Job, Tally, Workload};

use crate::executor::Promise;
use crate::limits::CAPACITY;

/// What a task is given to say that it has ended, and what it returns. All arguments of a task are `'static`.
pub type Returned = &'static Promise<u64>;

/// What tasks share. A copy is a few pointers.
#[derive(Clone, Copy)]
pub struct Shared {
    /// What each task returns; the receiver of `fan-in`, and the burners of `mixed`, come after the others.
    pub returned: &'static [Promise<u64>],
    /// Of each task of `hold`: it has arrived.
    pub arrived: &'static [Promise<()>],
    /// And it may go.
    pub released: &'static [Promise<()>],
    /// Of each task of `ping-pong`: what it is sent.
    pub balls: &'static [Channel<NoopRawMutex, u64, 1>],
    /// The channel of `fan-in`.
    pub messages: &'static Channel<NoopRawMutex, u64, CAPACITY>,
    /// The lock of `mutex`, and what it guards.
    pub counter: &'static Mutex<NoopRawMutex, u64>,
}

impl Shared {
    /// What the tasks of a job share.
    pub fn of(job: &Job, workload: Workload) -> Self {
        let only = |having, tasks| if workload == having { tasks } else { 0 };
        let others = only(Workload::FanIn, 1) + only(Workload::Mixed, workload.param(&job.params, BURNERS));
        Self {
            returned: leaked(job.tasks + others, Promise::new),
            arrived: leaked(only(Workload::Hold, job.tasks), Promise::new),
            released: leaked(only(Workload::Hold, job.tasks), Promise::new),
            balls: leaked(only(Workload::PingPong, job.tasks), Channel::new),
            messages: Box::leak(Box::new(Channel::new())),
            counter: Box::leak(Box::new(Mutex::new(0))),
        }
    }

    /// Waits for tasks in the order in which they were spawned.
    pub async fn join(self, tasks: u64) -> Tally {
        let mut tally = Tally::default();
        for (_, returned) in (0..tasks).zip(self.returned) {
            tally.add(returned.wait().await);
        }
        tally
    }
}

fn leaked<T>(count: u64, make: fn() -> T) -> &'static [T] {
    Box::leak((0..count).map(|_| make()).collect())
}
