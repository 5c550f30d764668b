//! Thread per core: executors that share nothing, each on a thread of its own, and each one's share
//! of a round.
//!
//! For runtimes whose tasks stay on the thread that they were started on, and whose authors say to
//! start one executor on each thread by hand. The measured region contains what such a program does
//! as well: it sends each thread what to run, and receives the result.

use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};

use protocol::{Job, Refusal};

use crate::round::{Round, Tally};

/// An executor of one thread.
pub trait LocalExecutor: Sized + 'static {
    /// Builds one for the current thread.
    fn build(job: &Job) -> Result<Self, Refusal>;

    /// Runs a future to its end, and meanwhile the tasks that it spawns.
    fn block_on<F: Future<Output = Tally>>(&mut self, root: F) -> Tally;
}

/// The executors of a job: one on the main thread, and the others each on a thread of its own.
pub struct Executors<E> {
    main: E,
    others: Vec<Worker<E>>,
    /// See [`Share::meet`].
    meeting: Arc<Barrier>,
}

impl<E: LocalExecutor> Executors<E> {
    /// Builds an executor for each worker of the job, and waits until all are ready.
    pub fn build(job: &Job) -> Result<Self, Refusal> {
        let main = E::build(job)?;
        let others = (1..job.workers).map(|_| Worker::start(job)).collect::<Result<_, String>>();
        let others = others.map_err(|why| {
            let (runtime, count) = (&job.runtime, job.workers);
            Refusal::unsupported(format!("{runtime} cannot build {count} executors here: {why}"))
        })?;
        let count = usize::try_from(job.workers).expect("a usize holds 32 bits here");
        Ok(Self { main, others, meeting: Arc::new(Barrier::new(count)) })
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        1 + u32::try_from(self.others.len()).expect("as many as the job has workers")
    }

    /// Runs a round: on each executor the root future that `work` makes of its share.
    pub fn run<W, F>(&mut self, round: &'static Round, work: W) -> Tally
    where
        W: Fn(Share) -> F + Clone + Send + 'static,
        F: Future<Output = Tally> + 'static,
    {
        let executors = self.count();
        let share = |executor| Share { round, executor, executors, meeting: Arc::clone(&self.meeting) };
        for (executor, other) in (1..).zip(&self.others) {
            let (work, share) = (work.clone(), share(executor));
            other.order(Box::new(move |executor: &mut E| executor.block_on(work(share))));
        }
        let mut tally = self.main.block_on(work(share(0)));
        for other in &self.others {
            tally += other.tally();
        }
        tally
    }
}

/// What one executor has to do in a round. No executor steals from another: the work is divided by
/// hand.
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
    /// The indices of the tasks that this executor runs.
    pub fn tasks(&self) -> Range<u64> {
        self.round.shard(self.executor, self.executors)
    }

    /// How many they are, for capacities.
    ///
    /// # Panics
    /// Where the tasks of a job do not fit into memory's addresses.
    pub fn task_count(&self) -> usize {
        let tasks = self.tasks();
        usize::try_from(tasks.end - tasks.start).expect("the harness bounds the tasks of a job")
    }

    /// The part of the things that this executor gets when they are dealt out in turn, like cards.
    pub fn deal<T, I: Iterator<Item = T>>(&self, things: I) -> impl Iterator<Item = T> + use<T, I> {
        let (executor, executors) = (u64::from(self.executor), u64::from(self.executors));
        let mine = move |nth: u64| nth % executors == executor;
        (0..).zip(things).filter(move |&(nth, _)| mine(nth)).map(|(_, thing)| thing)
    }

    /// What this executor's share of the tree of `skynet` adds up to, given the tally of its
    /// subtrees: the root counts on the first executor, and may itself be the only leaf.
    pub fn with_skynet_root(&self, mut below: Tally) -> Tally {
        if self.executor == 0 {
            below.completed += 1;
            if self.round.tasks() == 1 {
                below.include(self.round.token(0));
            }
        }
        below
    }

    /// Waits until all executors have called it; true for one of them. It blocks the executor,
    /// whose tasks all wait for the same thing.
    pub fn meet(&self) -> bool {
        self.meeting.wait().is_leader()
    }

    /// Waits until the harness has measured the tasks that all executors hold alive.
    pub fn hold(&self) {
        if self.meet() {
            self.round.holding();
        }
        self.meet();
    }
}

/// What an executor is to run.
type Order<E> = Box<dyn FnOnce(&mut E) -> Tally + Send>;

/// An executor on a thread of its own, which ends when this is dropped.
struct Worker<E> {
    /// `None` when it is to end.
    orders: Option<SyncSender<Order<E>>>,
    tallies: Receiver<Tally>,
    thread: Option<JoinHandle<()>>,
}

const LIVES: &str = "a worker lives as long as its executors do";
const WAITED_FOR: &str = "whoever starts a worker waits for it";

impl<E: LocalExecutor> Worker<E> {
    /// Starts the thread, and waits until its executor is ready.
    fn start(job: &Job) -> Result<Self, String> {
        // Room for one message, which is all there ever is, so that sending one allocates nothing.
        let (orders, to_run) = sync_channel::<Order<E>>(1);
        let (done, tallies) = sync_channel(1);
        let (report, built) = sync_channel(1);
        let job = job.clone();
        let work = move || match E::build(&job) {
            Err(refusal) => report.send(Err(refusal.reason)).expect(WAITED_FOR),
            Ok(mut executor) => {
                report.send(Ok(())).expect(WAITED_FOR);
                while let Ok(order) = to_run.recv() {
                    if done.send(order(&mut executor)).is_err() {
                        break;
                    }
                }
            }
        };
        let thread = thread::Builder::new().spawn(work).map_err(|error| error.to_string())?;
        built.recv().map_err(|_| "its thread panicked".to_owned())??;
        Ok(Self { orders: Some(orders), tallies, thread: Some(thread) })
    }

    fn order(&self, order: Order<E>) {
        self.orders.as_ref().expect(LIVES).send(order).expect(LIVES);
    }

    fn tally(&self) -> Tally {
        self.tallies.recv().expect(LIVES)
    }
}

impl<E> Drop for Worker<E> {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // Whether it panicked or not, it has ended.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use protocol::{Job, Workload};

    use super::*;

    /// An executor that polls its root again and again until it is ready.
    struct Busy;

    impl LocalExecutor for Busy {
        fn build(_: &Job) -> Result<Self, Refusal> {
            Ok(Self)
        }

        fn block_on<F: Future<Output = Tally>>(&mut self, root: F) -> Tally {
            let mut root = pin!(root);
            loop {
                if let Poll::Ready(tally) = root.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    return tally;
                }
            }
        }
    }

    fn job(workers: u32) -> Job {
        Job { workers, ..Job::new("busy", Workload::Spawn, 1) }
    }

    fn round(tasks: u64) -> &'static Round {
        Box::leak(Box::new(Round::new(&Job::new("busy", Workload::Spawn, tasks), Workload::Spawn)))
    }

    #[test]
    fn the_shares_are_the_whole_round_time_after_time() {
        let round = round(10);
        for count in [1, 3] {
            let mut executors = Executors::<Busy>::build(&job(count)).unwrap();
            for _ in 0..2 {
                let tally = executors.run(round, |share: Share| async move {
                    share.tasks().map(|task| share.round.token(task)).collect()
                });
                assert_eq!(tally, (0..10).map(|task| round.token(task)).collect());
            }
        }
    }

    #[test]
    fn things_that_are_dealt_out_all_fall_to_somebody() {
        let mut executors = Executors::<Busy>::build(&job(3)).unwrap();
        let tally = executors.run(round(1), |share: Share| async move { share.deal(0..100).collect() });
        assert_eq!(tally, (0..100).collect());
    }

    #[test]
    fn meet_is_true_for_one_executor() {
        let mut executors = Executors::<Busy>::build(&job(3)).unwrap();
        let tally = executors.run(round(1), |share: Share| async move {
            // Waits once, so that the root is really polled again.
            let mut polled = false;
            poll_fn(|_| if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending })
                .await;
            Tally { completed: share.meet().into(), checksum: 0 }
        });
        assert_eq!(tally.completed, 1);
    }

    #[test]
    fn an_executor_that_cannot_be_built_is_refused_with_the_reason() {
        /// Can be built on the main thread of a test, which has a name.
        struct Once;
        impl LocalExecutor for Once {
            fn build(_: &Job) -> Result<Self, Refusal> {
                let here = thread::current();
                here.name().map(|_| Self).ok_or_else(|| Refusal::unavailable("no ring"))
            }
            fn block_on<F: Future<Output = Tally>>(&mut self, _: F) -> Tally {
                unreachable!("nothing runs")
            }
        }
        assert!(Executors::<Once>::build(&job(1)).is_ok());
        let refusal = Executors::<Once>::build(&job(2)).map(drop).unwrap_err();
        assert_eq!(refusal.reason, "busy cannot build 2 executors here: no ring");
    }
}
