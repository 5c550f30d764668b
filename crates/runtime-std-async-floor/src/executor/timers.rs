//! Timers: a heap of deadlines, the next one on top.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::task::Waker;
use std::time::Instant;

/// Who is to be woken when.
#[derive(Default)]
pub(super) struct Timers(RefCell<BinaryHeap<Timer>>);

struct Timer {
    deadline: Instant,
    waker: Waker,
}

impl Timers {
    pub(super) fn enter(&self, deadline: Instant, waker: Waker) {
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
