//! `skynet`: a tree of coroutines.

use may::go;
use runner::{Round, Tally, skynet_children};

use crate::joining::join;

/// Every coroutine has its stack from the moment it is started, and workers take coroutines in the
/// order in which they were started: the tree grows level by level, and all of it is alive before
/// most leaves have run.
pub(crate) fn skynet(round: &'static Round) -> Tally {
    join(go!(move || node(round, 0, round.tasks())))
}

fn node(round: &'static Round, first: u64, leaves: u64) -> Tally {
    if leaves == 1 {
        return Tally::from_iter([round.token(first)]);
    }
    let children: Vec<_> = skynet_children(first, leaves)
        .map(|(first, leaves)| go!(move || node(round, first, leaves)))
        .collect();
    let mut tally: Tally = children.into_iter().map(join).sum();
    tally.completed += 1;
    tally
}
