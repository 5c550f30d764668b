//! Tasks that use one lock: `mutex`.

use std::rc::Rc;

use compio::runtime;
use runner::Tally;
use runner::executors::Share;
use synchrony::unsync::mutex::Mutex;

use super::join::join;

/// Spawns tasks that take turns with one lock, and joins them. The lock is always free: a task does
/// not wait while it has it, and has no yield; meanwhile no other task of the executor runs.
pub async fn mutex(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let counter = Rc::new(Mutex::new(0u64));
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        let counter = Rc::clone(&counter);
        handles.push(runtime::spawn(async move {
            round.begin(task);
            for _ in 0..round.times() {
                *counter.lock().await += 1;
            }
            round.finish(task)
        }));
    }
    let mut tally = join(handles).await;
    tally.include(*counter.lock().await);
    tally
}
