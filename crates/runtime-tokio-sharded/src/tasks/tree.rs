//! Tasks that spawn tasks: `skynet`.

use runner::executors::Share;
use runner::{Round, Tally, skynet_children};
use tokio::task::JoinHandle;
use tokio::task::spawn_local;

use super::join::RUNS_ON;

/// The root of the round is the root of the tree. With several executors each has a root, which
/// spawns its share of the children, ten at most for all. A subtree stays on its executor.
pub async fn skynet(share: Share) -> Tally {
    let children = share.deal(skynet_children(0, share.round.tasks()));
    let below = subtrees(share.round, children).await;
    share.with_skynet_root(below)
}

async fn node(round: &'static Round, first: u64, leaves: u64) -> Tally {
    let children = skynet_children(first, leaves);
    if children.len() == 0 {
        return Tally { completed: 1, checksum: round.token(first) };
    }
    let mut tally = subtrees(round, children).await;
    tally.completed += 1;
    tally
}

/// Spawns a task for each child, and joins them.
async fn subtrees(round: &'static Round, children: impl Iterator<Item = (u64, u64)>) -> Tally {
    let handles: Vec<JoinHandle<Tally>> =
        children.map(|(first, leaves)| spawn_local(node(round, first, leaves))).collect();
    let mut tally = Tally::default();
    for handle in handles {
        tally += handle.await.expect(RUNS_ON);
    }
    tally
}
