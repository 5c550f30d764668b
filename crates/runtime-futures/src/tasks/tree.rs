//! A tree of tasks. Its root is the root future itself.
//!
//! Every node carries a spawner with it for its children. That of `LocalPool` cannot leave its thread, and then the
//! node cannot either, so that each executor has nodes of its own. They are boxed, as a future that leads to more of
//! its own kind has to be.

use futures::executor::{LocalSpawner, ThreadPool};
use futures::future::{BoxFuture, FutureExt, LocalBoxFuture, RemoteHandle};
use futures::task::LocalSpawnExt;
use runner::{Round, Tally, skynet_children};

use super::join::start;

/// The tree on a `ThreadPool`.
pub async fn skynet(spawner: ThreadPool, round: &'static Round) -> Tally {
    node(spawner, round, 0, round.tasks()).await
}

/// The tree on a `LocalPool`.
pub async fn skynet_local(spawner: LocalSpawner, round: &'static Round) -> Tally {
    local_node(spawner, round, 0, round.tasks()).await
}

fn node(pool: ThreadPool, round: &'static Round, first: u64, leaves: u64) -> BoxFuture<'static, Tally> {
    async move {
        let child = |(first, leaves)| start(&pool, node(pool.clone(), round, first, leaves));
        let children: Vec<_> = skynet_children(first, leaves).map(child).collect();
        add_up(round, first, children).await
    }
    .boxed()
}

fn local_node(
    spawner: LocalSpawner,
    round: &'static Round,
    first: u64,
    leaves: u64,
) -> LocalBoxFuture<'static, Tally> {
    async move {
        let child = |(first, leaves)| {
            let child = spawner.spawn_local_with_handle(local_node(spawner.clone(), round, first, leaves));
            child.expect("the pool lives as long as its tasks")
        };
        let children: Vec<_> = skynet_children(first, leaves).map(child).collect();
        add_up(round, first, children).await
    }
    .boxed_local()
}

/// A leaf, which has no children, gives its token; any other node adds up what its children return.
async fn add_up(round: &Round, first: u64, children: Vec<RemoteHandle<Tally>>) -> Tally {
    if children.is_empty() {
        return Tally { completed: 1, checksum: round.token(first) };
    }
    let mut tally = Tally { completed: 1, checksum: 0 };
    for child in children {
        tally += child.await;
    }
    tally
}
