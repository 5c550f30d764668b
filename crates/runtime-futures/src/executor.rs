//! What both executors share: how a round runs, and why some workloads are not theirs.

use futures::task::Spawn;
use runner::{Round, Tally, Workload};

use crate::tasks;

/// The version of futures.
pub const VERSION: &str = runner::locked_version!("futures");

const NO_TIMER: &str = "futures has no timer";
const NO_REACTOR: &str = "futures has traits for I/O, but no sockets, pipes or files";

/// What both lack.
pub const UNSUPPORTED: [(Workload, &str); 6] = [
    (Workload::Sleep, NO_TIMER),
    (Workload::Brigade, NO_REACTOR),
    (Workload::Request, NO_REACTOR),
    (Workload::Echo, NO_REACTOR),
    (Workload::FileRead, NO_REACTOR),
    (Workload::Mixed, NO_TIMER),
];

/// Why a blocking call has nowhere to go.
pub const NO_ESCAPE: &str = "futures has no threads for blocking calls";

/// What to know of `fan-in` on both.
pub const LARGER_CHANNEL: &str = "its channel holds one more message per sender than its capacity";

/// An executor of futures'.
pub trait Executor: Sized + 'static {
    /// The handle by which tasks are spawned.
    type Spawner: Spawn;

    /// Another such handle.
    fn spawner(&self) -> Self::Spawner;

    /// Runs a root on the main thread.
    fn block_on<T>(&mut self, root: impl Future<Output = T>) -> T;

    /// Runs the root of a round.
    fn run<F: Future<Output = Tally>>(
        &mut self,
        round: &'static Round,
        root: impl FnOnce(Self::Spawner, &'static Round) -> F,
    ) -> Tally {
        let root = root(self.spawner(), round);
        self.block_on(root)
    }

    /// The main thread waits for the harness between the two roots, as no task needs it.
    fn hold(&mut self, round: &'static Round) -> Tally {
        let spawner = self.spawner();
        let held = self.block_on(tasks::hold(spawner, round));
        round.holding();
        self.block_on(held.release())
    }
}
