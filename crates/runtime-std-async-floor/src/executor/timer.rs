//! Sleeping.

use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, Instant};

use super::scheduler::EXECUTOR;

/// Waits for at least so long.
///
/// Each poll before the deadline enters the heap once more. A wake too many does no harm; to keep
/// only the first waker would be wrong, as the future may have moved to another task.
pub async fn sleep(duration: Duration) {
    let deadline = Instant::now() + duration;
    poll_fn(|context| {
        if Instant::now() >= deadline {
            return Poll::Ready(());
        }
        EXECUTOR.with(|executor| executor.timers.enter(deadline, context.waker().clone()));
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::super::scheduler::{block_on, spawn};
    use super::*;

    #[test]
    fn who_sleeps_less_wakes_first() {
        let order = Rc::new(RefCell::new(Vec::new()));
        let tasks: Vec<_> = [30, 10, 20]
            .map(|ms| {
                let order = Rc::clone(&order);
                spawn(async move {
                    let start = Instant::now();
                    sleep(Duration::from_millis(ms)).await;
                    assert!(start.elapsed() >= Duration::from_millis(ms));
                    order.borrow_mut().push(ms);
                })
            })
            .into();
        block_on(async move {
            for task in tasks {
                task.await;
            }
        });
        assert_eq!(*order.borrow(), [10, 20, 30]);
    }

    #[test]
    fn a_sleep_of_nothing_does_not_wait() {
        block_on(sleep(Duration::ZERO));
    }
}
