//! A gate: closed at first, and then open for good.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// Tasks wait at it until somebody opens it.
#[derive(Default)]
pub struct Gate {
    open: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
}

impl Gate {
    /// Waits until the gate is open.
    pub async fn pass(&self) {
        poll_fn(|context| {
            if self.open.get() {
                return Poll::Ready(());
            }
            self.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Opens it, for all who wait and all who come.
    pub fn open(&self) {
        self.open.set(true);
        self.waiting.take().into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::super::scheduler::{block_on, spawn, yield_now};
    use super::*;

    #[test]
    fn nobody_passes_before_it_opens() {
        let (gate, passed) = (Rc::new(Gate::default()), Rc::new(Cell::new(0)));
        let task = |_| {
            let (gate, passed) = (Rc::clone(&gate), Rc::clone(&passed));
            spawn(async move {
                gate.pass().await;
                passed.set(passed.get() + 1);
            })
        };
        let tasks: Vec<_> = (0..3).map(task).collect();
        block_on(async move {
            yield_now().await;
            assert_eq!(passed.get(), 0);
            gate.open();
            for task in tasks {
                task.await;
            }
            assert_eq!(passed.get(), 3);
        });
    }
}
