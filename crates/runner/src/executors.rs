//! Thread per core: executors that share nothing, each on a thread of its own, and each one's share of a round.
//!
//! For runtimes whose tasks stay on the thread that they were started on, and whose authors say to start one
//! executor a thread by hand. What is in the measured region is what such a program does as well: it sends each
//! thread what to run, and receives what came of it.

use std::io;
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};

use protocol::Refusal;

use crate::io_uring;
use crate::round::{Round, Tally};

/// An executor of one thread with an `io_uring` under it.
pub trait LocalExecutor: Sized + 'static {
    /// The name of its runtime.
    const NAME: &str;

    /// Builds one for the thread that this is called on.
    ///
    /// # Errors
    /// What stands in the way of its ring.
    fn build() -> io::Result<Self>;

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
    /// Builds so many executors, and waits until all stand.
    ///
    /// # Errors
    /// What stands in the way of a ring, or of a thread.
    pub fn build(count: u32) -> Result<Self, Refusal> {
        let main = E::build().map_err(|error| io_uring::refuse(E::NAME, &error))?;
        let others = (1..count).map(|_| Worker::start()).collect::<io::Result<_>>().map_err(|error| {
            Refusal::unsupported(format!("{} cannot build {count} executors here: {error}", E::NAME))
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
            other.order(Box::new(move |executor: &mut E| executor.block_on(work(share))));
        }
        let mut tally = self.main.block_on(work(share(0)));
        for other in &self.others {
            tally += other.tally();
        }
        tally
    }
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
type Order<E> = Box<dyn FnOnce(&mut E) -> Tally + Send>;

/// An executor on a thread of its own, which ends when this is dropped.
struct Worker<E> {
    /// `None` when it is told to end.
    orders: Option<SyncSender<Order<E>>>,
    tallies: Receiver<Tally>,
    thread: Option<JoinHandle<()>>,
}

const LIVES: &str = "a worker lives as long as its executors do";

impl<E: LocalExecutor> Worker<E> {
    /// Starts the thread, and waits until its executor stands.
    fn start() -> io::Result<Self> {
        // Room for one message, which is all there ever is, so that sending one allocates nothing.
        let (orders, to_run) = sync_channel::<Order<E>>(1);
        let (done, tallies) = sync_channel(1);
        let (report, built) = sync_channel(1);
        let work = move || match E::build() {
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

    /// An executor that asks its root again until it is ready.
    struct Busy;

    impl LocalExecutor for Busy {
        const NAME: &str = "busy";

        fn build() -> io::Result<Self> {
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

    fn round(tasks: u64) -> &'static Round {
        Box::leak(Box::new(Round::new(&Job::new("busy", Workload::Spawn, tasks, 7), Workload::Spawn)))
    }

    #[test]
    fn the_shares_are_the_whole_round_time_after_time() {
        let round = round(10);
        for count in [1, 3] {
            let mut executors = Executors::<Busy>::build(count).unwrap();
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
        let mut executors = Executors::<Busy>::build(3).unwrap();
        let tally = executors.run(round(1), |share: Share| async move { share.deal(0..100).collect() });
        assert_eq!(tally, (0..100).collect());
    }

    #[test]
    fn one_of_those_who_meet_is_told_so() {
        let mut executors = Executors::<Busy>::build(3).unwrap();
        let tally = executors.run(round(1), |share: Share| async move {
            // Waits once, so that the root is really asked again.
            let mut asked = false;
            poll_fn(|_| if std::mem::replace(&mut asked, true) { Poll::Ready(()) } else { Poll::Pending })
                .await;
            Tally { completed: share.meet().into(), checksum: 0 }
        });
        assert_eq!(tally.completed, 1);
    }

    #[test]
    fn an_executor_that_cannot_be_built_is_refused_by_name() {
        struct Never;
        impl LocalExecutor for Never {
            const NAME: &str = "never";
            fn build() -> io::Result<Self> {
                Err(io::ErrorKind::OutOfMemory.into())
            }
            fn block_on<F: Future<Output = Tally>>(&mut self, _: F) -> Tally {
                unreachable!("there is none")
            }
        }
        let refusal = Executors::<Never>::build(2).map(drop).unwrap_err();
        assert!(refusal.reason.starts_with("never cannot have an io_uring"), "{refusal:?}");
    }
}
