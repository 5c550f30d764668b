//! Tasks that spawn tasks: `skynet`.

use glommio::Task;
use runner::{Round, Tally, skynet_children};

use runner::executors::Share;

/// The root of the round is the root of the tree. With several executors each has a root, which spawns
/// its share of the children, ten at most; the first one counts. A subtree stays on its executor.
pub async fn skynet(share: Share) -> Tally {
    let (round, leaves) = (share.round, share.round.tasks());
    if share.executors == 1 || leaves == 1 {
        return if share.executor == 0 { node(round, 0, leaves).await } else { Tally::default() };
    }
    let mut tally = subtrees(round, share.deal(skynet_children(0, leaves))).await;
    tally.completed += u64::from(share.executor == 0);
    tally
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
    let spawn = |(first, leaves)| glommio::spawn_local(node(round, first, leaves));
    let handles: Vec<Task<Tally>> = children.map(spawn).collect();
    let mut tally = Tally::default();
    for handle in handles {
        tally += handle.await;
    }
    tally
}
