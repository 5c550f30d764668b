//! Threads of a round: started one for each task, and joined in the order in which they were
//! started.

use std::collections::VecDeque;
use std::process;
use std::thread::{self, Builder, Scope, ScopedJoinHandle};

use runner::Tally;

use crate::spawn::Spawn;

const NO_THREAD: &str = "the kernel refused a thread; see ulimit -u and -v, kernel.threads-max, vm.max_map_count and \
                         pids.max of the control group";
pub const PANICKED: &str = "no task panics";

/// A thread for each task.
pub struct Threads {
    pub(crate) stack_bytes: usize,
    /// Threads that may be waiting to be joined before the oldest is.
    pub(crate) most_unjoined: usize,
}

impl Threads {
    /// A round: `start` starts its tasks, and those that it has not joined are joined after it.
    pub(crate) fn crew<'env>(
        &self,
        tasks: u64,
        start: impl for<'scope> FnOnce(&mut Crew<'scope, 'env>),
    ) -> Tally {
        let tasks = usize::try_from(tasks).unwrap_or(usize::MAX);
        thread::scope(|scope| {
            let mut crew = Crew {
                scope,
                stack_bytes: self.stack_bytes,
                most_unjoined: self.most_unjoined,
                unjoined: VecDeque::with_capacity(tasks.min(self.most_unjoined)),
                tally: Tally::default(),
            };
            start(&mut crew);
            while crew.join_oldest() {}
            crew.tally
        })
    }
}

/// The threads of a round.
pub struct Crew<'scope, 'env: 'scope> {
    scope: &'scope Scope<'scope, 'env>,
    stack_bytes: usize,
    most_unjoined: usize,
    /// The oldest first.
    unjoined: VecDeque<ScopedJoinHandle<'scope, u64>>,
    /// What the threads returned that have been joined.
    tally: Tally,
}

impl<'scope, 'env> Crew<'scope, 'env> {
    /// Starts a task, after joining the oldest one where too many are unjoined.
    pub(crate) fn start_task(&mut self, task: impl FnOnce() -> u64 + Send + 'env) {
        if self.unjoined.len() == self.most_unjoined {
            self.join_oldest();
        }
        let thread = self.start(task);
        self.unjoined.push_back(thread);
    }

    /// Starts a thread that is none of the tasks.
    pub(crate) fn start(&self, work: impl FnOnce() -> u64 + Send + 'env) -> ScopedJoinHandle<'scope, u64> {
        start_thread(self.scope, self.stack_bytes, work)
    }

    /// Adds what no task returned.
    pub(crate) fn include(&mut self, sum: u64) {
        self.tally.include(sum);
    }

    fn join_oldest(&mut self) -> bool {
        let Some(thread) = self.unjoined.pop_front() else { return false };
        self.tally.add(thread.join().expect(PANICKED));
        true
    }
}

/// Starts a thread in a scope.
pub fn start_thread<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    stack_bytes: usize,
    work: impl FnOnce() -> T + Send + 'scope,
) -> ScopedJoinHandle<'scope, T> {
    Builder::new().stack_size(stack_bytes).spawn_scoped(scope, work).unwrap_or_else(|error| {
        // Not a panic: the scope would first wait for threads that may be waiting for this one.
        eprintln!("{NO_THREAD}: {error}");
        process::exit(1)
    })
}

impl Spawn for Crew<'_, '_> {
    fn spawn(&mut self, task: impl FnOnce() -> u64 + Send + 'static) {
        self.start_task(task);
    }
}
