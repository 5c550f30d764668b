//! Several executors, each with its share of the tasks.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Barrier};

use glommio::{GlommioError, LocalExecutorPoolBuilder, PoolPlacement, PoolThreadHandles};
use runner::{Refusal, Round, Tally, Workload, limits};

use crate::tasks;

/// Files that an executor has open: three rings and an eventfd; counted.
const FILES_AN_EXECUTOR: u64 = 4;

/// Executors that live as long as the pool does.
///
/// The main thread is none of them. It tells each what to run and adds up what they did; in between
/// an executor has no task but its root, which may therefore block its thread waiting for orders.
pub struct Pool {
    executors: Vec<Executor>,
    threads: Option<PoolThreadHandles<()>>,
    /// Where all executors and the main thread meet, before and after the harness looks at `hold`.
    meeting: Arc<Barrier>,
}

impl Pool {
    /// Builds `count` executors, each with `io_memory` bytes of I/O memory, and waits until all stand.
    ///
    /// # Errors
    /// When glommio or the machine cannot have so many. Files are asked about first: glommio's builder
    /// (0.9.0) never returns where their limit stops it halfway, as it then joins threads that wait
    /// for those it could not start.
    pub fn build(count: u32, io_memory: usize) -> Result<Self, Refusal> {
        limits::require_files(u64::from(count) * FILES_AN_EXECUTOR)?;
        let size = usize::try_from(count).expect("a usize holds 32 bits here");
        let refuse = |error: &GlommioError<()>| {
            Refusal::unsupported(format!("glommio cannot build {count} executors here: {error}"))
        };
        let meeting = Arc::new(Barrier::new(size + 1));
        let next = Arc::new(AtomicU32::new(0));
        let (standing, stood) = channel();
        let serve = {
            let meeting = Arc::clone(&meeting);
            move || {
                let (shard, executor) = Shard::new(next.fetch_add(1, Relaxed), count, meeting);
                standing.send(executor).expect("the main thread waits for every executor");
                shard.serve()
            }
        };
        let threads = LocalExecutorPoolBuilder::new(PoolPlacement::Unbound(size))
            .io_memory(io_memory)
            .on_all_shards(serve)
            .map_err(|error| refuse(&error))?;
        // Ends when every thread has sent its executor, or has failed and dropped its sender.
        let executors: Vec<Executor> = stood.iter().collect();
        if executors.len() < size {
            drop(executors);
            let error = threads.join_all().into_iter().find_map(Result::err);
            return Err(refuse(&error.expect("an executor that does not stand has failed")));
        }
        Ok(Self { executors, threads: Some(threads), meeting })
    }

    /// Runs a round of a workload on all executors.
    pub fn run(&self, workload: Workload, round: &'static Round) -> Tally {
        self.order(workload, round);
        self.tally()
    }

    /// Runs a round of `hold`, stopping when the tasks of all executors are alive.
    pub fn hold(&self, round: &'static Round) -> Tally {
        self.order(Workload::Hold, round);
        self.meeting.wait();
        round.holding();
        self.meeting.wait();
        self.tally()
    }

    fn order(&self, workload: Workload, round: &'static Round) {
        for executor in &self.executors {
            executor.orders.send(Order { workload, round }).expect("executors live as long as the pool");
        }
    }

    fn tally(&self) -> Tally {
        self.executors
            .iter()
            .map(|executor| executor.tallies.recv().expect("executors live as long as the pool"))
            .sum()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.executors.clear();
        if let Some(threads) = self.threads.take() {
            // Failed or not, they have ended.
            let _ = threads.join_all();
        }
    }
}

/// What an executor is to run its share of.
struct Order {
    workload: Workload,
    round: &'static Round,
}

/// The main thread's end of an executor, which ends when this is dropped.
struct Executor {
    orders: SyncSender<Order>,
    tallies: Receiver<Tally>,
}

/// The executor's own end: which share of each round is its, and from whom it takes orders.
struct Shard {
    index: u32,
    count: u32,
    orders: Receiver<Order>,
    tallies: SyncSender<Tally>,
    meeting: Arc<Barrier>,
}

impl Shard {
    fn new(index: u32, count: u32, meeting: Arc<Barrier>) -> (Self, Executor) {
        // Room for one message, which is all there ever is, so that sending one allocates nothing.
        let (orders, orders_received) = sync_channel(1);
        let (tallies_sent, tallies) = sync_channel(1);
        let shard = Self { index, count, orders: orders_received, tallies: tallies_sent, meeting };
        (shard, Executor { orders, tallies })
    }

    /// Runs its share of round after round until the pool ends.
    async fn serve(self) {
        while let Ok(Order { workload, round }) = self.orders.recv() {
            let share = round.shard(self.index, self.count);
            let tally = match workload {
                Workload::Sleep => tasks::sleep(round, share).await,
                Workload::Spawn => tasks::spawn(round, share).await,
                Workload::Hold => tasks::hold(round, share, || self.wait_for_harness()).await,
            };
            if self.tallies.send(tally).is_err() {
                break;
            }
        }
    }

    /// Blocks the executor: all its tasks wait for the same thing.
    fn wait_for_harness(&self) {
        self.meeting.wait();
        self.meeting.wait();
    }
}
