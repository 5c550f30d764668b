//! A tree of tasks.

use runner::{Round, Tally, skynet_children};
use smol::future::{self, FutureExt};

use crate::executor::Executor;

/// The root of the tree is the root task itself.
pub async fn skynet<E: Executor>(round: &'static Round) -> Tally {
    node::<E>(round, 0, round.tasks()).await
}

/// A leaf gives its token; any other node spawns its children and adds up what they return. Boxed,
/// as a future that leads to more of its own kind has to be.
fn node<E: Executor>(round: &'static Round, first: u64, leaves: u64) -> future::Boxed<Tally> {
    async move {
        if leaves == 1 {
            return Tally { completed: 1, checksum: round.token(first) };
        }
        let spawn = |(first, leaves)| E::spawn(node::<E>(round, first, leaves));
        let children: Vec<_> = skynet_children(first, leaves).map(spawn).collect();
        let mut tally = Tally { completed: 1, checksum: 0 };
        for child in children {
            tally += child.await;
        }
        tally
    }
    .boxed()
}
