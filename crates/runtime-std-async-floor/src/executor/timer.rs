//! Timers: a heap of deadlines, the next one on top.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::future::poll_fn;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use super::EXECUTOR;

/// Waits for at least so long.
///
/// Whoever polls it before its time is entered into the heap, each time anew: a wake too many does no
/// harm, and one to a task that no longer holds this future would be one too few.
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

/// Who is to be woken when.
#[derive(Default)]
pub(super) struct Timers(RefCell<BinaryHeap<Timer>>);

struct Timer {
    deadline: Instant,
    waker: Waker,
}

impl Timers {
    fn enter(&self, deadline: Instant, waker: Waker) {
        self.0.borrow_mut().push(Timer { deadline, waker });
    }

    /// Wakes all whose time has come.
    pub(super) fn wake_due(&self) {
        let mut timers = self.0.borrow_mut();
        if timers.is_empty() {
            return;
        }
        let now = Instant::now();
        while timers.peek().is_some_and(|timer| timer.deadline <= now) {
            timers.pop().expect("it has just been looked at").waker.wake();
        }
    }

    /// When the next one is due.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.0.borrow().peek().map(|timer| timer.deadline)
    }
}

/// The greatest is on top of a heap of std's: so the earliest has to be the greatest.
impl Ord for Timer {
    fn cmp(&self, other: &Self) -> Ordering {
        other.deadline.cmp(&self.deadline)
    }
}

impl PartialOrd for Timer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Timer {
    fn eq(&self, other: &Self) -> bool {
        self.deadline == other.deadline
    }
}

impl Eq for Timer {}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::super::{block_on, spawn};
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
