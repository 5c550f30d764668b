//! The scheduler: one thread, a queue of tasks that are ready, and a heap of timers.

use std::cell::RefCell;
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Instant;

use super::join::{self, JoinHandle};
use super::timers::Timers;

thread_local! {
    /// One a thread, made when the thread first spawns. Nothing of it is shared but who is ready.
    pub(super) static EXECUTOR: Executor = Executor::new();
}

pub(super) struct Executor {
    tasks: RefCell<Tasks>,
    ready: Arc<Ready>,
    pub(super) timers: Timers,
}

/// A spawned future. Delivering its output is part of it (see [`spawn`]).
struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    waker: Waker,
}

/// The tasks that have not ended, each with a number for as long as it lives.
#[derive(Default)]
struct Tasks {
    /// By number; `None` where a number is free, and where the task is being polled.
    slots: Vec<Option<Task>>,
    free: Vec<usize>,
}

/// The tasks that are to be polled. Any thread may add to it, as a waker may be called on any
/// thread.
struct Ready {
    numbers: Mutex<Vec<usize>>,
    /// The one that polls them.
    thread: Thread,
}

/// What a task's waker does: it makes the task ready.
struct MakeReady {
    number: usize,
    ready: Arc<Ready>,
}

/// Runs a future to its end on this thread, and with it every task that has been spawned here.
/// Tasks that have not ended by then go on in the next call.
///
/// # Panics
/// When called by a task, which would run inside itself.
pub fn block_on<T: 'static>(root: impl Future<Output = T> + 'static) -> T {
    let mut root = spawn(root);
    EXECUTOR.with(|executor| {
        let mut batch = Vec::new();
        loop {
            executor.poll_ready(&mut batch);
            if let Some(output) = root.output() {
                return output;
            }
            executor.timers.wake_due();
            executor.park();
        }
    })
}

/// Starts a task: it runs when this thread next looks for one that is ready. A task whose handle is
/// dropped runs all the same.
pub fn spawn<T: 'static>(future: impl Future<Output = T> + 'static) -> JoinHandle<T> {
    let (handle, result) = join::pair();
    let future = Box::pin(async move { result.give(future.await) });
    EXECUTOR.with(|executor| executor.add(future));
    handle
}

/// Yields to all tasks that are ready: asks to be polled again, at the end of the queue.
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Executor {
    fn new() -> Self {
        let ready = Ready { numbers: Mutex::default(), thread: thread::current() };
        Self { tasks: RefCell::default(), ready: Arc::new(ready), timers: Timers::default() }
    }

    /// Takes a new task in, ready to be polled for the first time.
    fn add(&self, future: Pin<Box<dyn Future<Output = ()>>>) {
        let number = self.tasks.borrow_mut().number();
        let waker = Waker::from(Arc::new(MakeReady { number, ready: Arc::clone(&self.ready) }));
        waker.wake_by_ref();
        self.tasks.borrow_mut().put(number, Task { future, waker });
    }

    /// Polls, once each, the tasks that are ready now. Those that become ready meanwhile are for
    /// the next call, so that timers are looked at in between. `batch` comes and goes empty: its
    /// memory is reused.
    fn poll_ready(&self, batch: &mut Vec<usize>) {
        mem::swap(batch, &mut self.ready.lock());
        for number in batch.drain(..) {
            self.poll(number);
        }
    }

    fn poll(&self, number: usize) {
        // None: it was woken twice, and has ended. Or another task has its number now and is polled
        // without need, which every future must allow.
        let Some(mut task) = self.tasks.borrow_mut().take(number) else { return };
        let context = &mut Context::from_waker(&task.waker);
        // Nothing is borrowed here, as the task may spawn others.
        match task.future.as_mut().poll(context) {
            Poll::Pending => self.tasks.borrow_mut().put(number, task),
            Poll::Ready(()) => self.tasks.borrow_mut().free.push(number),
        }
    }

    /// Sleeps until the next timer is due or somebody wakes a task; not at all if one is ready.
    fn park(&self) {
        if !self.ready.lock().is_empty() {
            return;
        }
        // A wake between that check and this sleep has unparked the thread, which then does not
        // sleep.
        match self.timers.next_deadline() {
            Some(deadline) => thread::park_timeout(deadline.saturating_duration_since(Instant::now())),
            None => thread::park(),
        }
    }
}

impl Tasks {
    /// A number that no task has.
    fn number(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        })
    }

    fn put(&mut self, number: usize, task: Task) {
        self.slots[number] = Some(task);
    }

    fn take(&mut self, number: usize) -> Option<Task> {
        self.slots[number].take()
    }
}

impl Ready {
    fn lock(&self) -> MutexGuard<'_, Vec<usize>> {
        self.numbers.lock().expect("nobody panics while it has the queue")
    }
}

impl Wake for MakeReady {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut numbers = self.ready.lock();
        numbers.push(self.number);
        // PERF: the thread sleeps only when the queue is empty, so that only the first needs to
        // wake it.
        if numbers.len() == 1 {
            drop(numbers);
            self.ready.thread.unpark();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::time::Duration;

    use super::super::timer::sleep;
    use super::*;

    #[test]
    fn the_output_of_a_task_comes_to_whoever_awaits_it() {
        let sum = block_on(async {
            let tasks: Vec<_> = (0..10).map(|n| spawn(async move { n * n })).collect();
            let mut sum = 0;
            for task in tasks {
                sum += task.await;
            }
            sum
        });
        assert_eq!(sum, 285);
    }

    #[test]
    fn tasks_that_yield_take_turns() {
        let log = Rc::new(RefCell::new(Vec::new()));
        let task = |name: char| {
            let log = Rc::clone(&log);
            spawn(async move {
                for _ in 0..2 {
                    log.borrow_mut().push(name);
                    yield_now().await;
                }
            })
        };
        let tasks = [task('a'), task('b')];
        block_on(async move {
            for task in tasks {
                task.await;
            }
        });
        assert_eq!(*log.borrow(), ['a', 'b', 'a', 'b']);
    }

    #[test]
    fn a_wake_from_another_thread_ends_the_sleep() {
        block_on(async {
            let mut asked = false;
            poll_fn(|context| {
                if mem::replace(&mut asked, true) {
                    return Poll::Ready(());
                }
                let waker = context.waker().clone();
                thread::spawn(move || {
                    thread::sleep(Duration::from_millis(5));
                    waker.wake();
                });
                Poll::Pending
            })
            .await;
        });
    }

    #[test]
    #[allow(clippy::async_yields_async)] // not to await the task is what this is about
    fn a_task_that_outlives_the_root_goes_on_in_the_next_call() {
        let task = block_on(async { spawn(sleep(Duration::from_millis(1))) });
        block_on(task);
    }

    #[test]
    fn numbers_are_used_again() {
        for _ in 0..100 {
            block_on(async { spawn(async {}).await });
        }
        EXECUTOR.with(|executor| assert_eq!(executor.tasks.borrow().slots.len(), 2));
    }
}
