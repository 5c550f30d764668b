//! The executors of a job, and each one's share of a round.

use std::io;
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};

use monoio::time::TimeDriver;
use monoio::{IoUringDriver, Runtime, RuntimeBuilder};
use runner::{Refusal, Round, Tally};

use crate::kernel;

/// An executor with a ring and a timer.
type Executor = Runtime<TimeDriver<IoUringDriver>>;

/// The executors: one on the main thread, and the others each on a thread of its own.
pub struct Executors {
    main: Executor,
    others: Vec<Worker>,
    /// See [`Share::meet`].
    meeting: Arc<Barrier>,
}

impl Executors {
    /// Builds so many executors, and waits until all stand.
    ///
    /// # Errors
    /// What stands in the way of a ring, or of a thread.
    pub fn build(count: u32) -> Result<Self, Refusal> {
        let main = executor().map_err(|error| kernel::refuse(&error))?;
        kernel::require_operations()?;
        let others = (1..count).map(|_| Worker::start()).collect::<io::Result<_>>().map_err(|error| {
            Refusal::unsupported(format!("monoio cannot build {count} executors here: {error}"))
        })?;
        let meeting = Arc::new(Barrier::new(usize::try_from(count).expect("a usize holds 32 bits here")));
        Ok(Self { main, others, meeting })
    }

    /// Runs a round: on each executor the root future that `work` makes of its share.
    pub fn run<W, F>(&mut self, round: &'static Round, work: W) -> Tally
    where
        W: Fn(Share) -> F + Clone + Send + 'static,
        F: Future<Output = Tally> + 'static,
    {
        let executors = 1 + u32::try_from(self.others.len()).expect("as many as a job asked for");
        let share = |executor| Share { round, executor, executors, meeting: Arc::clone(&self.meeting) };
        for (executor, other) in (1..).zip(&self.others) {
            let (work, share) = (work.clone(), share(executor));
            other.order(Box::new(move |executor: &mut Executor| executor.block_on(work(share))));
        }
        let mut tally = self.main.block_on(work(share(0)));
        for other in &self.others {
            tally += other.tally();
        }
        tally
    }
}

fn executor() -> io::Result<Executor> {
    RuntimeBuilder::<IoUringDriver>::new().enable_timer().build()
}

/// What one executor has to do with a round. Nothing is stolen: who shares work out, does it by hand.
pub struct Share {
    /// The round.
    pub round: &'static Round,
    /// Which of the executors this is, from 0 on.
    pub executor: u32,
    /// How many executors there are.
    pub executors: u32,
    meeting: Arc<Barrier>,
}

impl Share {
    /// The tasks that this executor runs: a run of neighbours.
    pub fn tasks(&self) -> Range<u64> {
        self.round.shard(self.executor, self.executors)
    }

    /// Those of the things that fall to this executor when they are dealt out like cards.
    pub fn deal<T, I: Iterator<Item = T>>(&self, things: I) -> impl Iterator<Item = T> + use<T, I> {
        let (executor, executors) = (u64::from(self.executor), u64::from(self.executors));
        let mine = move |nth: u64| nth % executors == executor;
        (0..).zip(things).filter(move |&(nth, _)| mine(nth)).map(|(_, thing)| thing)
    }

    /// Stops until all executors have come here; tells one of them so. It blocks the executor, whose tasks
    /// all wait for the same thing.
    pub fn meet(&self) -> bool {
        self.meeting.wait().is_leader()
    }
}

/// What an executor is told to run.
type Order = Box<dyn FnOnce(&mut Executor) -> Tally + Send>;

/// An executor on a thread of its own, which ends when this is dropped.
struct Worker {
    /// `None` when it is told to end.
    orders: Option<SyncSender<Order>>,
    tallies: Receiver<Tally>,
    thread: Option<JoinHandle<()>>,
}

const LIVES: &str = "a worker lives as long as its executors do";

impl Worker {
    /// Starts the thread, and waits until its executor stands.
    fn start() -> io::Result<Self> {
        // Room for one message, which is all there ever is, so that sending one allocates nothing.
        let (orders, to_run) = sync_channel::<Order>(1);
        let (done, tallies) = sync_channel(1);
        let (report, built) = sync_channel(1);
        let work = move || match executor() {
            Err(error) => report.send(Err(error)).expect("whoever starts a worker waits for it"),
            Ok(mut executor) => {
                report.send(Ok(())).expect("whoever starts a worker waits for it");
                while let Ok(order) = to_run.recv() {
                    if done.send(order(&mut executor)).is_err() {
                        break;
                    }
                }
            }
        };
        let thread = thread::Builder::new().spawn(work)?;
        built.recv().expect("it reports before it ends")?;
        Ok(Self { orders: Some(orders), tallies, thread: Some(thread) })
    }

    fn order(&self, order: Order) {
        self.orders.as_ref().expect(LIVES).send(order).expect(LIVES);
    }

    fn tally(&self) -> Tally {
        self.tallies.recv().expect(LIVES)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // Whether it panicked or not, it has ended.
            let _ = thread.join();
        }
    }
}
