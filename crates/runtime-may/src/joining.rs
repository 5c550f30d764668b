//! Joining the coroutines of a round.

use std::collections::VecDeque;

use may::coroutine::JoinHandle;
use runner::Tally;

/// Coroutines that may be waiting to be joined before the oldest is: a round number below the
/// 32,765 stacks that exhaust Linux's default of 65,530 mappings, with room for the 1000 idle ones
/// in the pool. Beyond that may panics, and the main thread can get that far ahead of the workers
/// when these are given no core. With fewer tasks than this it has no effect.
const MOST_UNJOINED: usize = 30_000;

/// Joins one coroutine, from a thread or from another coroutine.
pub(crate) fn join<T>(coroutine: JoinHandle<T>) -> T {
    coroutine.join().expect("no task panics")
}

/// Starts coroutines, by taking them from the iterator, and joins them in the same order: the
/// oldest as soon as [`MOST_UNJOINED`] are waiting. For coroutines that end whether or not the next
/// one starts.
pub(crate) fn join_all(coroutines: impl Iterator<Item = JoinHandle<u64>>) -> Tally {
    let mut tally = Tally::default();
    let mut unjoined = VecDeque::with_capacity(coroutines.size_hint().0.min(MOST_UNJOINED));
    for coroutine in coroutines {
        unjoined.push_back(coroutine);
        if unjoined.len() == MOST_UNJOINED {
            tally.add(join(unjoined.pop_front().expect("one has just been pushed")));
        }
    }
    for coroutine in unjoined {
        tally.add(join(coroutine));
    }
    tally
}

/// Starts all coroutines before it joins the first: for those that are alive together by the
/// workload's definition. `May::NEEDS` limits them to as many as there can be stacks.
pub(crate) fn start_all_then_join(coroutines: impl Iterator<Item = JoinHandle<u64>>) -> Tally {
    coroutines.collect::<Vec<_>>().into_iter().map(join).collect()
}
