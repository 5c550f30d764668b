//! Several executors, each with its share of the tasks.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Barrier};

use glommio::{ExecutorJoinHandle, GlommioError, LocalExecutorBuilder, Placement};
use runner::{Refusal, Round, Tally, Workload};
use rustix::io::Errno;

use crate::tasks;

/// Executors that live as long as the pool does.
///
/// The main thread is none of them. It tells each what to run and adds up what they did; in between
/// an executor has no task but its root, which may therefore block its thread waiting for orders.
///
/// Each is built by itself, as `LocalExecutorPoolBuilder` (0.9.0) would build it. The pool's builder is
/// not used because it never returns where a limit on open files stops it halfway: it joins threads
/// that wait for those it could not start.
pub struct Pool {
    executors: Vec<Executor>,
    /// Where all executors and the main thread meet, before and after the harness looks at `hold`.
    meeting: Arc<Barrier>,
}

impl Pool {
    /// Builds `count` executors, each with `io_memory` bytes of I/O memory, and waits until all stand.
    ///
    /// # Errors
    /// When glommio or the machine cannot have so many.
    pub fn build(count: u32, io_memory: usize) -> Result<Self, Refusal> {
        let size = usize::try_from(count).expect("a usize holds 32 bits here");
        let meeting = Arc::new(Barrier::new(size + 1));
        let refuse = |error: GlommioError<()>| {
            let open_files = error.raw_os_error() == Some(Errno::MFILE.raw_os_error());
            let mend = if open_files { "; raise the limit with ulimit -n" } else { "" };
            Refusal::unsupported(format!("glommio cannot build {count} executors here: {error}{mend}"))
        };
        let executors: Vec<Executor> = (0..count)
            .map(|index| Executor::spawn(index, count, io_memory, Arc::clone(&meeting)))
            .collect::<Result<_, _>>()
            .map_err(refuse)?;
        let standing = executors.iter().take_while(|executor| executor.tallies.recv().is_ok()).count();
        let mut pool = Self { executors, meeting };
        if standing == size {
            return Ok(pool);
        }
        Err(refuse(pool.executors.swap_remove(standing).join().expect_err("it has ended before its time")))
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
        for executor in self.executors.drain(..) {
            // Failed or not, it has ended.
            let _ = executor.join();
        }
    }
}

/// What an executor is to run its share of.
struct Order {
    workload: Workload,
    round: &'static Round,
}

/// The main thread's end of an executor.
struct Executor {
    orders: SyncSender<Order>,
    tallies: Receiver<Tally>,
    thread: ExecutorJoinHandle<()>,
}

impl Executor {
    fn spawn(
        index: u32,
        count: u32,
        io_memory: usize,
        meeting: Arc<Barrier>,
    ) -> Result<Self, GlommioError<()>> {
        // Room for one message, which is all there ever is, so that sending one allocates nothing.
        let (orders, orders_received) = sync_channel(1);
        let (tallies_sent, tallies) = sync_channel(1);
        let shard = Shard { index, count, orders: orders_received, tallies: tallies_sent, meeting };
        let thread = LocalExecutorBuilder::new(Placement::Unbound)
            .io_memory(io_memory)
            .spawn(move || shard.serve())?;
        Ok(Self { orders, tallies, thread })
    }

    /// Ends the executor, which waits for an order or has failed, and gives its error.
    fn join(self) -> Result<(), GlommioError<()>> {
        let Self { orders, tallies, thread } = self;
        drop((orders, tallies));
        thread.join()
    }
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
    /// Reports for duty with an empty tally, then runs its share of round after round until the pool
    /// ends.
    async fn serve(self) {
        let mut tally = Tally::default();
        while self.tallies.send(tally).is_ok() {
            let Ok(Order { workload, round }) = self.orders.recv() else { break };
            let share = round.shard(self.index, self.count);
            tally = match workload {
                Workload::Sleep => tasks::sleep(round, share).await,
                Workload::Spawn => tasks::spawn(round, share).await,
                Workload::Hold => tasks::hold(round, share, || self.wait_for_harness()).await,
            };
        }
    }

    /// Blocks the executor: all its tasks wait for the same thing.
    fn wait_for_harness(&self) {
        self.meeting.wait();
        self.meeting.wait();
    }
}
