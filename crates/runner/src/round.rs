//! One round: its clock, its spans, and what its tasks need to know.

use std::hint::black_box;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use protocol::workload::{
    ACROSS, BLOCK_BYTES, CALL, CAPACITY, DURATION_NS, FILE_BYTES, JITTER_NS, KERNEL, POLICY, SLICE_NS, STEPS,
    TIMES, Workload, across, call, policy,
};
use protocol::{Go, Job, Params, Span, proof};
use rustix::time::{ClockId, clock_gettime};

use crate::wire;

const BLOCK: u64 = BLOCK_BYTES as u64;

/// Connections to the server of `echo` that may wait to be accepted, at least. Most libraries ask
/// for fewer by default; the kernel allows no more than `net.core.somaxconn`, by default as many as
/// this.
pub const BACKLOG: i32 = 4096;

/// What a connection of `echo` reads at once, at most, bytes.
pub const ECHO_BUFFER_BYTES: usize = 4096;

/// One repetition of the workload. It lives as long as the process, so that tasks can borrow it
/// without counting references. Inside the measured region the instrument allocates nothing, and
/// shares only one cache line of facts and, where spans are recorded, a slot for each task.
pub struct Round {
    workload: Workload,
    tasks: u64,
    times: u64,
    /// Blocks of the file of `file-read`.
    blocks: u64,
    /// The sleep of every task where there is no jitter.
    duration: Duration,
    params: Params,
    /// What only `go` brought.
    seed: u64,
    origin: Option<SocketAddr>,
    file: Option<PathBuf>,
    /// Each task's sleep where there is jitter, computed before the first round.
    jittered: Box<[Duration]>,
    /// Monotonic time at which the round's clock was 0, plus the time spent at checkpoints since.
    origin_ns: AtomicU64,
    /// A slot for each task, or for each beat of each task; empty where the job asks for no spans.
    spans: Box<[Slot]>,
}

/// Start and finish of one span. Atomics, as tasks on any thread write them; relaxed, as they are
/// read only after every task has been joined.
#[derive(Default)]
struct Slot {
    start_ns: AtomicU64,
    finish_ns: AtomicU64,
}

/// What the tasks of a round returned, added up as they are joined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tasks joined.
    pub completed: u64,
    /// Wrapping sum of what they returned.
    pub checksum: u64,
}

impl Tally {
    /// Adds what a joined task returned.
    #[inline]
    pub fn add(&mut self, returned: u64) {
        self.completed += 1;
        self.include(returned);
    }

    /// Adds what no single task returned: the value of a counter, the sum of a receiver.
    #[inline]
    pub fn include(&mut self, sum: u64) {
        self.checksum = self.checksum.wrapping_add(sum);
    }
}

impl FromIterator<u64> for Tally {
    fn from_iter<I: IntoIterator<Item = u64>>(tokens: I) -> Self {
        let mut tally = Self::default();
        tokens.into_iter().for_each(|token| tally.add(token));
        tally
    }
}

/// For trees of tasks, and for runtimes that count by shards.
impl std::ops::AddAssign for Tally {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        self.completed += other.completed;
        self.include(other.checksum);
    }
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |mut sum, tally| {
            sum += tally;
            sum
        })
    }
}

impl Round {
    /// A round of a job, with all its memory already touched. What its tasks do is known only after
    /// [`tell`](Self::tell).
    pub(crate) fn new(job: &Job, workload: Workload) -> Self {
        let jitter = job.params.get(JITTER_NS).is_some_and(|&ns| ns > 0);
        let duration = Duration::from_nanos(workload.param(&job.params, DURATION_NS));
        let spans = workload.spans(job.tasks, &job.params);
        Self {
            workload,
            tasks: job.tasks,
            times: workload.param(&job.params, TIMES),
            blocks: workload.param(&job.params, FILE_BYTES) / BLOCK,
            duration,
            params: job.params.clone(),
            seed: 0,
            origin: None,
            file: None,
            jittered: if jitter { (0..job.tasks).map(|_| duration).collect() } else { Box::default() },
            origin_ns: AtomicU64::new(0),
            spans: if job.spans_file.is_some() {
                // Stores, not just zeroed pages: the first touch inside the round would be a page
                // fault.
                (0..spans).map(|_| Slot { start_ns: AtomicU64::new(u64::MAX), ..Slot::default() }).collect()
            } else {
                Box::default()
            },
        }
    }

    /// Takes what `go` brought.
    pub(crate) fn tell(&mut self, go: &Go) {
        self.seed = go.seed;
        self.origin = go.origin;
        self.file.clone_from(&go.file);
        for (sleep, task) in self.jittered.iter_mut().zip(0..) {
            *sleep = Duration::from_nanos(proof::sleep_ns(&self.params, go.seed, task));
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

    /// The indices of the tasks that shard `shard` of `shards` runs, when sharding by hand:
    /// contiguous, and as even as possible.
    pub fn shard(&self, shard: u32, shards: u32) -> Range<u64> {
        let edge = |i: u32| self.tasks * u64::from(i) / u64::from(shards);
        edge(shard)..edge(shard + 1)
    }

    /// How often each task repeats its operation.
    #[inline]
    pub fn times(&self) -> u64 {
        self.times
    }

    /// A parameter of the workload, or of the runtime. Look it up before the work, not within it.
    pub fn param(&self, name: &str) -> u64 {
        self.workload.param(&self.params, name)
    }

    /// How long task `task` of `sleep` is to sleep.
    #[inline]
    pub fn sleep_for(&self, task: u64) -> Duration {
        match self.jittered.get(index(task)) {
            Some(&duration) => duration,
            None => self.duration,
        }
    }

    /// How long a heartbeat of `mixed` sleeps between two beats.
    #[inline]
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// How many messages fit into the channel of `fan-in`.
    ///
    /// # Panics
    /// Where they do not fit into memory's addresses.
    pub fn capacity(&self) -> usize {
        usize::try_from(self.param(CAPACITY)).expect("a channel that fits into memory")
    }

    /// Whether a task of `mutex` yields while it has the lock.
    pub fn yields_with_lock(&self) -> bool {
        self.param(ACROSS) == across::YIELD
    }

    /// Whether a burner of `mixed` yields after each slice.
    pub fn burners_yield(&self) -> bool {
        self.param(POLICY) == policy::YIELD
    }

    /// Whether a task of `blocking` makes its call by the means that the runtime offers for it.
    pub fn calls_escape(&self) -> bool {
        self.param(CALL) == call::ESCAPE
    }

    /// The call of a task of `blocking`, with its span: it keeps its thread for a time. Gives the
    /// task's token.
    pub fn block(&self, task: u64) -> u64 {
        self.begin(task);
        thread::sleep(self.duration);
        self.finish(task)
    }

    /// Where the origin of `request` listens.
    pub fn origin(&self) -> SocketAddr {
        self.origin.expect("`go` names the origin of `request`: it was checked")
    }

    /// The file of `file-read`.
    pub fn file(&self) -> &Path {
        self.file.as_deref().expect("`go` names the file of `file-read`: it was checked")
    }

    /// The offset in the file, bytes, of the block that task `task` reads in its read number
    /// `read`.
    #[inline]
    pub fn block_offset(&self, task: u64, read: u64) -> u64 {
        proof::block(self.seed, task, read, self.blocks) * BLOCK
    }

    /// The work of task `task` of `cpu`, with its span. Gives what the task returns.
    pub fn compute(&self, task: u64) -> u64 {
        self.begin(task);
        let result = self.compute_unrecorded(task);
        self.finish(task);
        result
    }

    /// The same work without a span.
    pub fn compute_unrecorded(&self, task: u64) -> u64 {
        proof::compute(self.param(KERNEL), self.param(STEPS), self.token(task))
    }

    /// Uses up one slice of CPU time on this thread: the work of a burner of `mixed`. It is CPU
    /// time, since a burner that has to wait for a CPU has burnt nothing.
    pub fn burn_slice(&self) {
        /// Work between two readings of the clock, a system call each: some microseconds.
        const STEPS_A_LOOK: u64 = 1000;
        let end = thread_cpu_ns() + self.param(SLICE_NS);
        let mut x = end;
        while thread_cpu_ns() < end {
            x = black_box((0..STEPS_A_LOOK).fold(x, |x, _| proof::splitmix64(x)));
        }
    }

    /// The token of burner `burner` of `mixed`: after those of all beats.
    pub fn burner_token(&self, burner: u64) -> u64 {
        self.token(self.tasks * self.times + burner)
    }

    /// The beats of task `task` of `mixed`, as [`begin`](Self::begin) and [`finish`](Self::finish)
    /// take them: each has a span and a token of its own.
    #[inline]
    pub fn beats(&self, task: u64) -> Range<u64> {
        task * self.times..(task + 1) * self.times
    }

    /// How many connections to the server of `echo` may wait to be accepted: [`BACKLOG`], or as
    /// many as there are clients, who all come at once.
    pub fn backlog(&self) -> i32 {
        i32::try_from(self.tasks).map_or(i32::MAX, |clients| clients.max(BACKLOG))
    }

    /// The token of task `task`.
    #[inline]
    pub fn token(&self, task: u64) -> u64 {
        proof::token(self.seed, task)
    }

    /// Records that a task begins its work. Call it inside the task, before it waits. Returns the
    /// time that it recorded.
    #[inline]
    pub fn begin(&self, task: u64) -> u64 {
        let now = self.now_ns();
        if let Some(slot) = self.spans.get(index(task)) {
            slot.start_ns.store(now, Relaxed);
        }
        now
    }

    /// Records that a task's work is over, and returns its token. Call it inside the task, at its
    /// end.
    #[inline]
    pub fn finish(&self, task: u64) -> u64 {
        if let Some(slot) = self.spans.get(index(task)) {
            slot.finish_ns.store(self.now_ns(), Relaxed);
        }
        self.token(task)
    }

    /// Reports to the harness where the server of `echo` listens, and does not wait. As many
    /// clients connect as there are tasks, and each disconnects when its load is over.
    pub fn serving(&self, address: SocketAddr) {
        wire::announce(&protocol::Event::Serving { address });
    }

    /// Reports to the harness that all tasks are alive at once, and waits until it has measured
    /// them; this time is no part of the round. Call it from a thread that no task needs.
    pub fn holding(&self) {
        let before = monotonic_ns();
        wire::checkpoint(&protocol::Event::Holding);
        self.origin_ns.fetch_add(monotonic_ns() - before, Relaxed);
    }

    /// Time since the round began without the time spent at checkpoints, nanoseconds.
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

#[allow(clippy::cast_sign_loss)] // CPU time counts up from the thread's start
fn thread_cpu_ns() -> u64 {
    let used = clock_gettime(ClockId::ThreadCPUTime);
    used.tv_sec as u64 * 1_000_000_000 + used.tv_nsec as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(tasks: u64, jitter_ns: u64) -> Job {
        Job {
            params: Params::from([("duration_ns".into(), 1000), (JITTER_NS.into(), jitter_ns)]),
            spans_file: Some("spans".into()),
            ..Job::new("x", Workload::Sleep, tasks)
        }
    }

    fn round(job: &Job) -> Round {
        let mut round = Round::new(job, Workload::Sleep);
        round.tell(&Go::with_seed(7));
        round
    }

    #[test]
    fn a_slice_is_cpu_time() {
        let job = Job { params: Params::from([(SLICE_NS.into(), 5_000_000)]), ..job(1, 0) };
        let before = thread_cpu_ns();
        Round::new(&job, Workload::Mixed).burn_slice();
        assert!(thread_cpu_ns() - before >= 5_000_000);
    }

    #[test]
    fn each_beat_has_a_span() {
        let job = Job { params: Params::from([(TIMES.into(), 3)]), ..job(2, 0) };
        let round = Round::new(&job, Workload::Mixed);
        assert_eq!((round.beats(1), round.spans().count()), (3..6, 6));
        assert_eq!(round.burner_token(0), round.token(6));
    }

    #[test]
    fn a_task_that_never_finished_leaves_a_span_that_runs_backwards() {
        let round = round(&job(2, 0));
        round.start_clock();
        round.begin(0);
        round.finish(0);
        let spans: Vec<Span> = round.spans().collect();
        assert!(spans[0].length_ns().is_some());
        assert_eq!(spans[1].length_ns(), None, "task 1 never ran");
    }

    #[test]
    fn shards_cover_every_task_once() {
        let round = round(&job(1001, 0));
        for shards in [1, 2, 3, 7] {
            let tasks: Vec<u64> = (0..shards).flat_map(|shard| round.shard(shard, shards)).collect();
            assert_eq!(tasks, (0..1001).collect::<Vec<_>>());
        }
    }

    #[test]
    fn sleeps_are_those_the_harness_will_expect() {
        for jitter in [0, 500] {
            let job = job(10, jitter);
            let round = round(&job);
            for task in 0..10 {
                let expected = proof::sleep_ns(&job.params, 7, task);
                assert_eq!(round.sleep_for(task), Duration::from_nanos(expected));
            }
        }
    }

    #[test]
    fn a_tally_of_shards_is_the_tally_of_all() {
        let round = round(&job(10, 0));
        let whole: Tally = (0..10).map(|task| round.token(task)).collect();
        let sharded: Tally =
            (0..3).map(|shard| round.shard(shard, 3).map(|task| round.token(task)).collect::<Tally>()).sum();
        assert_eq!(whole, sharded);
        assert_eq!(whole.checksum, proof::checksum(7, 10));
    }
}
