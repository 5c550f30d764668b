//! How the output of a task gets to the task that joins it.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// The output of a task, once it is there: await it.
pub struct JoinHandle<T>(Rc<RefCell<Place<T>>>);

/// The task's end of it.
pub(super) struct Giver<T>(Rc<RefCell<Place<T>>>);

/// Where the two meet.
struct Place<T> {
    output: Option<T>,
    joiner: Option<Waker>,
}

pub(super) fn pair<T>() -> (JoinHandle<T>, Giver<T>) {
    let place = Rc::new(RefCell::new(Place { output: None, joiner: None }));
    (JoinHandle(Rc::clone(&place)), Giver(place))
}

impl<T> Giver<T> {
    pub(super) fn give(self, output: T) {
        let mut place = self.0.borrow_mut();
        place.output = Some(output);
        if let Some(joiner) = place.joiner.take() {
            joiner.wake();
        }
    }
}

impl<T> JoinHandle<T> {
    /// The output, if the task has ended.
    pub(super) fn output(&mut self) -> Option<T> {
        self.0.borrow_mut().output.take()
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut place = self.0.borrow_mut();
        if let Some(output) = place.output.take() {
            return Poll::Ready(output);
        }
        // The waker of the last poll is the one to be called.
        place.joiner = Some(context.waker().clone());
        Poll::Pending
    }
}
