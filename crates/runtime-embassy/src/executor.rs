//! One run of an executor.

use std::pin::Pin;
use std::rc::Rc;

use embassy_executor::{Executor, SpawnError, SpawnToken, Spawner};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embassy_sync::signal::Signal;
use runner::Tally;

/// A value that one task waits for, on the executor of this thread.
pub type Promise<T> = Signal<NoopRawMutex, T>;

/// Runs a root, and the tasks that it spawns, until the root has ended.
pub fn run<F: Future<Output = Tally> + 'static>(root: impl FnOnce(Spawner) -> F) -> Tally {
    let executor = Box::leak(Box::new(Executor::new()));
    let ended = Rc::new(Promise::new());
    let end = Rc::clone(&ended);
    let init = |spawner| {
        let root = root(spawner);
        spawn(spawner, root_task(Box::pin(async move { end.signal(root.await) })));
    };
    executor.run_until(init, || ended.signaled());
    ended.try_take().expect("the run ends with the root")
}

/// Spawns a task that has found a place.
pub fn spawn<S>(spawner: Spawner, task: Result<SpawnToken<S>, SpawnError>) {
    spawner.spawn(task.expect("a job with more tasks than places was refused"));
}

/// The root is a future of each workload's own, and a task cannot be generic: hence the box.
#[embassy_executor::task]
async fn root_task(root: Pin<Box<dyn Future<Output = ()>>>) {
    root.await;
}
