//! A tree of tasks.

use std::pin::Pin;

use runner::{Round, Tally, skynet_children};

/// The root of the tree is the root future itself.
pub async fn skynet(round: &'static Round) -> Tally {
    node(round, 0, round.tasks()).await
}

/// A leaf gives its token; any other node spawns its children and adds up what they return.
///
/// Boxed, as a future that leads to more of its own kind mostly is. `spawn` would take it unboxed,
/// but every task, leaves too, would then have the size of one that waits for ten children: rounded
/// up to 256 bytes, where 128 and a box of about a hundred do.
fn node(round: &'static Round, first: u64, leaves: u64) -> Pin<Box<dyn Future<Output = Tally> + Send>> {
    Box::pin(async move {
        if leaves == 1 {
            return Tally { completed: 1, checksum: round.token(first) };
        }
        let spawn = |(first, leaves)| tokio::spawn(node(round, first, leaves));
        let handles: Vec<_> = skynet_children(first, leaves).map(spawn).collect();
        let mut tally = Tally { completed: 1, checksum: 0 };
        for handle in handles {
            tally += handle.await.expect("no node panics or is aborted");
        }
        tally
    })
}
