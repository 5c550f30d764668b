//! Several executors, each on a thread of its own.

use std::pin::Pin;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Barrier};

use glommio::{GlommioError, LocalExecutorPoolBuilder, PoolPlacement, PoolThreadHandles};
use runner::{Refusal, Round, Tally};

use crate::executors::Share;

/// Executors that live as long as the pool does.
///
/// The main thread is none of them. It tells each what to run and adds up what they did; in between
/// an executor has no task but its root, which may therefore block its thread waiting for orders.
pub struct Pool {
    count: u32,
    executors: Vec<Line>,
    threads: Option<PoolThreadHandles<()>>,
    /// See [`Share::hold`].
    meeting: Arc<Barrier>,
}

impl Pool {
    /// Builds `count` executors, each with `io_memory` bytes of I/O memory, and waits until all stand.
    ///
    /// # Errors
    /// When glommio or the machine cannot have so many. The limit on open files has to be asked about
    /// before: glommio's builder (0.9.0) never returns where that stops it halfway, as it then joins
    /// threads that wait for those it could not start.
    pub fn build(count: u32, io_memory: usize) -> Result<Self, Refusal> {
        let size = usize::try_from(count).expect("a usize holds 32 bits here");
        let refuse = |error: &GlommioError<()>| {
            Refusal::unsupported(format!("glommio cannot build {count} executors here: {error}"))
        };
        let (standing, stood) = channel();
        let serve = move || {
            let (line, executor) = Line::new();
            standing.send(line).expect("the main thread waits for every executor");
            executor.serve()
        };
        let threads = LocalExecutorPoolBuilder::new(PoolPlacement::Unbound(size))
            .io_memory(io_memory)
            .on_all_shards(serve)
            .map_err(|error| refuse(&error))?;
        // Ends when every thread has sent its line, or has failed and dropped its sender.
        let executors: Vec<Line> = stood.iter().collect();
        if executors.len() < size {
            drop(executors);
            let error = threads.join_all().into_iter().find_map(Result::err);
            return Err(refuse(&error.expect("an executor that does not stand has failed")));
        }
        Ok(Self { count, executors, threads: Some(threads), meeting: Arc::new(Barrier::new(size)) })
    }

    /// How many executors it has.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Runs a round: on each executor the root future that `work` makes of its share.
    pub fn run<W, F>(&self, round: &'static Round, work: W) -> Tally
    where
        W: Fn(Share) -> F + Clone + Send + 'static,
        F: Future<Output = Tally> + 'static,
    {
        for (executor, line) in (0..).zip(&self.executors) {
            let meeting = Arc::clone(&self.meeting);
            let share = Share { round, executor, executors: self.count, meeting };
            let work = work.clone();
            let order: Order = Box::new(move || Box::pin(work(share)));
            line.orders.send(order).expect("executors live as long as the pool");
        }
        let tally = |line: &Line| line.tallies.recv().expect("executors live as long as the pool");
        self.executors.iter().map(tally).sum()
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

/// Makes an executor's root future of one round, where it is to run.
type Order = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = Tally>>> + Send>;

/// The main thread's line to an executor, which ends when this is dropped.
struct Line {
    orders: SyncSender<Order>,
    tallies: Receiver<Tally>,
}

/// The executor's end of the line.
struct Executor {
    orders: Receiver<Order>,
    tallies: SyncSender<Tally>,
}

impl Line {
    fn new() -> (Self, Executor) {
        // Room for one message, which is all there ever is, so that sending one allocates nothing.
        let (orders, orders_received) = sync_channel(1);
        let (tallies_sent, tallies) = sync_channel(1);
        (Self { orders, tallies }, Executor { orders: orders_received, tallies: tallies_sent })
    }
}

impl Executor {
    /// Runs round after round until the pool ends.
    async fn serve(self) {
        while let Ok(order) = self.orders.recv() {
            if self.tallies.send(order().await).is_err() {
                break;
            }
        }
    }
}
