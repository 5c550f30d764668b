//! `skynet`: every node of the tree is a thread.
//!
//! A thread of a scope may start others in the same scope.
//!
//! What could mislead: a thread is started and joined a thousand times slower than what its node
//! computes, so that this is `spawn` in another order. All nodes may be alive at once, or ended and
//! not yet joined, so that a tree that would not fit is refused, though it might have run.

use std::thread::{self, Scope};

use runner::{Round, Tally, skynet_children};

use crate::crew::{PANICKED, Threads, start_thread};

impl Threads {
    pub(crate) fn skynet(&mut self, round: &'static Round) -> Tally {
        let stack_bytes = self.stack_bytes;
        thread::scope(|scope| {
            let root = move || node(scope, stack_bytes, round, 0, round.tasks());
            start_thread(scope, stack_bytes, root).join().expect(PANICKED)
        })
    }
}

/// The node over so many leaves from `first` on.
fn node<'scope>(
    scope: &'scope Scope<'scope, '_>,
    stack_bytes: usize,
    round: &'static Round,
    first: u64,
    leaves: u64,
) -> Tally {
    let children = skynet_children(first, leaves);
    if children.len() == 0 {
        return Tally { completed: 1, checksum: round.token(first) };
    }
    let child = |(first, leaves)| move || node(scope, stack_bytes, round, first, leaves);
    let threads: Vec<_> = children.map(|range| start_thread(scope, stack_bytes, child(range))).collect();
    let mut tally: Tally = threads.into_iter().map(|thread| thread.join().expect(PANICKED)).sum();
    tally.completed += 1;
    tally
}
