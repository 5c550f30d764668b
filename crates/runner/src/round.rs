//! One round: its clock, its spans, and what its tasks need to know.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use protocol::workload::{self, JITTER_NS};
use protocol::{Job, Span};
use rustix::time::{ClockId, clock_gettime};

use crate::wire;

/// One repetition of the workload. It lives as long as the process, so that tasks can borrow it
/// without counting references: nothing of the instrument is allocated or shared inside the
/// measured region but one cache line of facts and, where spans are recorded, a slot for each task.
pub struct Round {
    tasks: u64,
    seed: u64,
    /// The sleep of every task when there is no jitter.
    duration: Duration,
    /// Each task's sleep when there is jitter, worked out before `ready`.
    jittered: Box<[Duration]>,
    /// Monotonic time at which the round's clock read 0, moved on by the time spent at checkpoints.
    origin_ns: AtomicU64,
    /// A slot for each task; empty when the job wants no spans.
    spans: Box<[Slot]>,
}

/// Start and finish of one task. Atomics, as tasks on any thread write them; relaxed, as they are
/// read only after every task has been joined.
#[derive(Default)]
struct Slot {
    start_ns: AtomicU64,
    finish_ns: AtomicU64,
}

/// What the tasks of a round returned, added up by whoever joined them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tasks joined.
    pub completed: u64,
    /// Wrapping sum of their tokens.
    pub checksum: u64,
}

impl Tally {
    /// Adds the token of a task that was joined.
    pub fn add(&mut self, token: u64) {
        self.completed += 1;
        self.checksum = self.checksum.wrapping_add(token);
    }
}

impl FromIterator<u64> for Tally {
    fn from_iter<I: IntoIterator<Item = u64>>(tokens: I) -> Self {
        let mut tally = Self::default();
        tokens.into_iter().for_each(|token| tally.add(token));
        tally
    }
}

/// For runtimes that count by shards.
impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |sum, tally| Self {
            completed: sum.completed + tally.completed,
            checksum: sum.checksum.wrapping_add(tally.checksum),
        })
    }
}

impl Round {
    /// A round of a job, with all its memory touched already.
    pub(crate) fn new(job: &Job) -> Self {
        let jitter = job.params.get(JITTER_NS).is_some_and(|&ns| ns > 0);
        let sleep = |task| Duration::from_nanos(workload::sleep_ns(&job.params, job.seed, task));
        let tasks = 0..job.tasks;
        Self {
            tasks: job.tasks,
            seed: job.seed,
            duration: sleep(0),
            jittered: if jitter { tasks.clone().map(sleep).collect() } else { Box::default() },
            origin_ns: AtomicU64::new(0),
            spans: if job.spans_file.is_some() {
                // Stores, not just zeroed pages: a first touch inside the round would be a fault there.
                tasks.map(|_| Slot { start_ns: AtomicU64::new(u64::MAX), ..Slot::default() }).collect()
            } else {
                Box::default()
            },
        }
    }

    /// How many tasks the round has.
    pub fn tasks(&self) -> u64 {
        self.tasks
    }

    /// The same, for capacities.
    ///
    /// # Panics
    /// Where the tasks of a job do not fit into memory's addresses.
    pub fn task_count(&self) -> usize {
        usize::try_from(self.tasks).expect("the harness bounds the tasks of a job")
    }

    /// The indices of the tasks that shard `shard` of `shards` runs, when sharding by hand: as even
    /// as can be, each a run of neighbours.
    pub fn shard(&self, shard: u32, shards: u32) -> std::ops::Range<u64> {
        let edge = |i: u32| self.tasks * u64::from(i) / u64::from(shards);
        edge(shard)..edge(shard + 1)
    }

    /// How long task `task` is to sleep.
    #[inline]
    pub fn sleep_for(&self, task: u64) -> Duration {
        match self.jittered.get(index(task)) {
            Some(&duration) => duration,
            None => self.duration,
        }
    }

    /// What task `task` returns when it has nothing else to record.
    #[inline]
    pub fn token(&self, task: u64) -> u64 {
        workload::token(self.seed, task)
    }

    /// Records that a task begins to do its work; call it inside the task, before it waits. Gives the
    /// time it recorded.
    #[inline]
    pub fn begin(&self, task: u64) -> u64 {
        let now = self.now_ns();
        if let Some(slot) = self.spans.get(index(task)) {
            slot.start_ns.store(now, Relaxed);
        }
        now
    }

    /// Records that a task's work is over and gives its token; call it inside the task, at its end.
    #[inline]
    pub fn finish(&self, task: u64) -> u64 {
        if let Some(slot) = self.spans.get(index(task)) {
            slot.finish_ns.store(self.now_ns(), Relaxed);
        }
        self.token(task)
    }

    /// Tells the harness that all tasks are alive at once and waits for its word; the time it takes
    /// to look is not part of the round. Call it from a thread that no task needs.
    pub fn holding(&self) {
        let before = monotonic_ns();
        wire::checkpoint(&protocol::Event::Holding);
        self.origin_ns.fetch_add(monotonic_ns() - before, Relaxed);
    }

    /// Time since the round began, less the time spent at checkpoints, nanoseconds.
    #[inline]
    pub fn now_ns(&self) -> u64 {
        monotonic_ns() - self.origin_ns.load(Relaxed)
    }

    /// Starts the round's clock.
    pub(crate) fn start_clock(&self) {
        self.origin_ns.store(monotonic_ns(), Relaxed);
    }

    /// The spans recorded, in the order of the tasks.
    pub(crate) fn spans(&self) -> impl Iterator<Item = Span> {
        self.spans.iter().map(|slot| Span {
            start_ns: slot.start_ns.load(Relaxed),
            finish_ns: slot.finish_ns.load(Relaxed),
        })
    }
}

#[allow(clippy::cast_possible_truncation)] // task < tasks, and tasks fit a usize (`task_count`)
fn index(task: u64) -> usize {
    task as usize
}

#[allow(clippy::cast_sign_loss)] // the monotonic clock counts up from boot
fn monotonic_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Params;

    fn job(tasks: u64, jitter_ns: u64) -> Job {
        Job {
            protocol: protocol::PROTOCOL,
            runtime: "x".into(),
            workload: "sleep".into(),
            tasks,
            workers: 1,
            rounds: 1,
            params: Params::from([("duration_ns".into(), 1000), (JITTER_NS.into(), jitter_ns)]),
            seed: 7,
            spans_file: Some("spans".into()),
        }
    }

    #[test]
    fn a_task_that_never_finished_leaves_a_span_that_runs_backwards() {
        let round = Round::new(&job(2, 0));
        round.start_clock();
        round.begin(0);
        round.finish(0);
        let spans: Vec<Span> = round.spans().collect();
        assert!(spans[0].length_ns().is_some());
        assert_eq!(spans[1].length_ns(), None, "task 1 never ran");
    }

    #[test]
    fn shards_cover_every_task_once() {
        let round = Round::new(&job(1001, 0));
        for shards in [1, 2, 3, 7] {
            let tasks: Vec<u64> = (0..shards).flat_map(|shard| round.shard(shard, shards)).collect();
            assert_eq!(tasks, (0..1001).collect::<Vec<_>>());
        }
    }

    #[test]
    fn sleeps_are_those_the_harness_will_expect() {
        for jitter in [0, 500] {
            let job = job(10, jitter);
            let round = Round::new(&job);
            for task in 0..10 {
                let expected = workload::sleep_ns(&job.params, job.seed, task);
                assert_eq!(round.sleep_for(task), Duration::from_nanos(expected));
            }
        }
    }

    #[test]
    fn a_tally_of_shards_is_the_tally_of_all() {
        let round = Round::new(&job(10, 0));
        let whole: Tally = (0..10).map(|task| round.token(task)).collect();
        let sharded: Tally =
            (0..3).map(|shard| round.shard(shard, 3).map(|task| round.token(task)).collect::<Tally>()).sum();
        assert_eq!(whole, sharded);
        assert_eq!(whole.checksum, workload::checksum(7, 10));
    }
}
