//! The arithmetic by which a round proves that it did the work.
//!
//! A task's *token* is `seed + index` (wrapping). It is cheap enough to be computed inside the
//! measured region in any language, and the seed differs from trial to trial and comes with `go`, so
//! that no sum of tokens can be known beforehand. Each task returns its token plus something that only doing the
//! work adds to it. Whoever joins the tasks adds up what they return, and [`expected`] says what
//! the sum must be.

use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use crate::wire::Job;
use crate::workload::{
    BLOCK_BYTES, BURNERS, DURATION_NS, FILE_BYTES, JITTER_NS, KERNEL, Params, SLICES, STEPS, TIMES, Workload,
    kernel,
};

/// Children of a node of `skynet`, at most.
pub const SKYNET_FAN_OUT: u64 = 10;

/// Small steps of the arithmetic between two looks at whether it is to stop.
const STRIDE: u64 = 1 << 16;

/// What a round must report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Tasks joined.
    pub completed: u64,
    /// The sum of what they returned, wrapping.
    pub checksum: u64,
}

/// What the harness knows about a trial and the runner cannot know when it builds its runtime. With it, a runner that
/// asked for no answer or read no block is found out.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProofInputs<'a> {
    /// Seeds the tokens; the runner learns it with `go`.
    pub seed: u64,
    /// `request`: what the origin replies to the token of each task.
    pub replies: &'a [u64],
    /// `file-read`: the sum of each block of the file.
    pub block_sums: &'a [u64],
    /// `echo`: bytes that came back in each round.
    pub echoed_bytes: &'a [u64],
}

/// What round `round` of a job must report.
///
/// | workload | a task returns |
/// | --- | --- |
/// | `sleep`, `spawn`, `hold`, `blocking` | its token |
/// | `yield` | its token + the number of times that it yielded |
/// | `ping-pong` | the ball as it last had it. The ball of pair `p` starts as token `p`; whoever receives it adds one |
/// | `fan-in` | its token; message `j` of task `i` is token `i` + `j`, and the receiver's sum is added |
/// | `skynet` | a leaf its token, a node the sum of its children; the nodes count as completed |
/// | `mutex` | its token; the final value of the counter is added |
/// | `brigade` | its token; a stage adds one (mod 256) to byte `j`, which starts as token `j` (mod 256), and the bytes that come out are added |
/// | `request` | the origin's reply to its token |
/// | `echo` | its token + the bytes that it sent back |
/// | `file-read` | the [`block_sum`]s of its blocks |
/// | `cpu` | what its kernel makes of its token |
/// | `mixed` | a heartbeat the tokens of its beats (`task × times + beat`), a burner the token after those of all beats + its number + the slices that it burnt |
pub fn expected(workload: Workload, job: &Job, round: usize, inputs: ProofInputs) -> Expected {
    let never = AtomicBool::new(false);
    expected_unless(&never, workload, job, round, inputs).expect("nobody stops it")
}

/// The same; `None` once `stop` is set. A large job takes as long to work out as it took the runner.
pub fn expected_unless(
    stop: &AtomicBool,
    workload: Workload,
    job: &Job,
    round: usize,
    inputs: ProofInputs,
) -> Option<Expected> {
    let (seed, tasks) = (inputs.seed, job.tasks);
    let param = |name| workload.param(&job.params, name);
    let times = param(TIMES);
    let tokens = checksum(seed, tasks);
    let sum = match workload {
        Workload::Sleep | Workload::Spawn | Workload::Hold | Workload::Skynet | Workload::Blocking => tokens,
        Workload::Yield | Workload::Mutex => tokens.wrapping_add(tasks.wrapping_mul(times)),
        Workload::PingPong => {
            // The first of a pair ends with the ball after 2k hops, the second after one hop less.
            let pairs = tasks / 2;
            let hops = times.wrapping_mul(4).wrapping_sub(1);
            checksum(seed, pairs).wrapping_mul(2).wrapping_add(pairs.wrapping_mul(hops))
        }
        Workload::FanIn => {
            let steps = triangular(times).wrapping_mul(tasks);
            tokens.wrapping_add(tokens.wrapping_mul(times)).wrapping_add(steps)
        }
        Workload::Brigade => {
            let out = sum_unless(stop, times, |pass| token(seed, pass).wrapping_add(tasks) & 0xff)?;
            tokens.wrapping_add(out)
        }
        Workload::Request => inputs.replies.iter().fold(0u64, |sum, reply| sum.wrapping_add(*reply)),
        Workload::Echo => tokens.wrapping_add(inputs.echoed_bytes.get(round).copied().unwrap_or(0)),
        Workload::FileRead => {
            let blocks = param(FILE_BYTES) / BLOCK_BYTES as u64;
            let sum_of =
                |block: u64| usize::try_from(block).ok().and_then(|block| inputs.block_sums.get(block));
            let read = |task, read| sum_of(block(seed, task, read, blocks)).copied().unwrap_or(0);
            let of_task = |task| sum_unless(stop, times, |nth| read(task, nth));
            (0..tasks).try_fold(0u64, |sum, task| Some(sum.wrapping_add(of_task(task)?)))?
        }
        Workload::Cpu => {
            let of_task = |task| compute_unless(stop, param(KERNEL), param(STEPS), token(seed, task));
            (0..tasks).try_fold(0u64, |sum, task| Some(sum.wrapping_add(of_task(task)?)))?
        }
        Workload::Mixed => {
            let burners = param(BURNERS);
            let all = checksum(seed, tasks.wrapping_mul(times).wrapping_add(burners));
            all.wrapping_add(burners.wrapping_mul(param(SLICES)))
        }
    };
    Some(Expected { completed: completed(workload, job), checksum: sum })
}

/// The wrapping sum of the values of so many steps.
fn sum_unless(stop: &AtomicBool, steps: u64, value: impl Fn(u64) -> u64) -> Option<u64> {
    let mut sum = 0u64;
    for stretch in stretches(stop, steps) {
        let (first, count) = stretch?;
        sum = (first..first + count).fold(sum, |sum, step| sum.wrapping_add(value(step)));
    }
    Some(sum)
}

/// So many steps in stretches, each with its first step and its length, until it is to stop.
fn stretches(stop: &AtomicBool, steps: u64) -> impl Iterator<Item = Option<(u64, u64)>> {
    let stretch = move |first: u64| {
        (!stop.load(Ordering::Relaxed)).then_some((first * STRIDE, STRIDE.min(steps - first * STRIDE)))
    };
    // Of no steps there is one stretch, so that a look is taken for each task at least.
    (0..steps.div_ceil(STRIDE).max(1)).map(stretch)
}

/// How many tasks of a round of a job are joined.
pub fn completed(workload: Workload, job: &Job) -> u64 {
    match workload {
        Workload::Skynet => skynet_nodes(job.tasks),
        Workload::Mixed => job.tasks.saturating_add(workload.param(&job.params, BURNERS)),
        _ => job.tasks,
    }
}

impl Workload {
    /// The operations of a round, by which its cost is stated; `None` where they depend on the
    /// load.
    pub fn operations(self, tasks: u64, params: &Params) -> Option<u64> {
        let times = self.param(params, TIMES);
        Some(match self {
            Self::Sleep | Self::Spawn | Self::Hold | Self::Request | Self::Cpu | Self::Blocking => tasks,
            // Switches, hops (two for each round trip of a pair), messages, locks, reads, beats.
            Self::Yield | Self::PingPong | Self::FanIn | Self::Mutex | Self::FileRead | Self::Mixed => {
                tasks.saturating_mul(times)
            }
            Self::Skynet => skynet_nodes(tasks),
            // Pipes crossed: one more than there are stages.
            Self::Brigade => (tasks + 1).saturating_mul(times),
            Self::Echo => return None,
        })
    }

    /// How long span `span` of a round must take at least, nanoseconds.
    pub fn asked_ns(self, job: &Job, seed: u64, span: u64) -> Option<u64> {
        match self {
            Self::Sleep => Some(sleep_ns(&job.params, seed, span)),
            Self::Request | Self::Mixed | Self::Blocking => Some(self.param(&job.params, DURATION_NS)),
            _ => None,
        }
    }
}

/// The token of task `index`.
#[inline]
pub fn token(seed: u64, index: u64) -> u64 {
    seed.wrapping_add(index)
}

/// The wrapping sum of the tokens of `n` tasks, `n·seed + n(n−1)/2`.
pub fn checksum(seed: u64, tasks: u64) -> u64 {
    seed.wrapping_mul(tasks).wrapping_add(triangular(tasks))
}

/// 0 + 1 + … + (n − 1), wrapping.
fn triangular(n: u64) -> u64 {
    // n(n-1) is even, but may wrap: halve the even factor first.
    let (a, b) = if n.is_multiple_of(2) { (n / 2, n.wrapping_sub(1)) } else { (n, n / 2) };
    a.wrapping_mul(b)
}

/// How long task `index` of a `sleep` must sleep, nanoseconds: `duration_ns` plus a part of
/// `jitter_ns` that depends on seed and index alone, so that harness and runner agree on it.
pub fn sleep_ns(params: &Params, seed: u64, index: u64) -> u64 {
    let get = |name| params.get(name).copied().unwrap_or(0);
    let (duration, jitter) = (get(DURATION_NS), get(JITTER_NS));
    if jitter == 0 {
        return duration;
    }
    duration.saturating_add(splitmix64(token(seed, index)) % jitter.saturating_add(1))
}

/// The leaves of the children of a `skynet` node with `leaves` leaves from `first` on: none for a
/// leaf, else up to ten ranges, as even as possible.
#[inline]
pub fn skynet_children(first: u64, leaves: u64) -> impl ExactSizeIterator<Item = (u64, u64)> {
    #[allow(clippy::cast_possible_truncation)] // at most ten
    let children = if leaves == 1 { 0 } else { leaves.min(SKYNET_FAN_OUT) as u32 };
    let edge = move |child: u32| {
        let (child, children) = (u64::from(child), u64::from(children));
        leaves / children * child + (leaves % children).min(child)
    };
    (0..children).map(move |child| (first + edge(child), edge(child + 1) - edge(child)))
}

/// Nodes of a `skynet` with `leaves` leaves, leaves and root included.
pub fn skynet_nodes(leaves: u64) -> u64 {
    match leaves {
        0 => 0,
        1 => 1,
        2..=SKYNET_FAN_OUT => leaves + 1,
        _ => {
            let (small, larger) = (leaves / SKYNET_FAN_OUT, leaves % SKYNET_FAN_OUT);
            let small_nodes = (SKYNET_FAN_OUT - larger).saturating_mul(skynet_nodes(small));
            let larger_nodes = if larger == 0 { 0 } else { larger.saturating_mul(skynet_nodes(small + 1)) };
            1 + small_nodes + larger_nodes
        }
    }
}

/// The number of the block that a task reads in its read number `read`, of a file of `blocks`
/// blocks.
#[inline]
pub fn block(seed: u64, task: u64, read: u64, blocks: u64) -> u64 {
    splitmix64(splitmix64(token(seed, task)).wrapping_add(read)) % blocks
}

/// Wrapping sum of the little-endian words of a block, so that reading a part of it is not enough.
#[inline]
pub fn block_sum(block: &[u8]) -> u64 {
    let words = block.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes")));
    words.fold(0, u64::wrapping_add)
}

/// The result of a task of `cpu`: `steps` of a kernel on a token.
pub fn compute(kernel: u64, steps: u64, token: u64) -> u64 {
    if kernel == kernel::SHA256 {
        let step = token.to_le_bytes().repeat(8);
        let mut hasher = Sha256::new();
        (0..steps).for_each(|_| hasher.update(&step));
        let digest = hasher.finalize();
        u64::from_le_bytes(digest[..8].try_into().expect("a digest has 32 bytes"))
    } else {
        (0..steps).fold(token, |x, _| splitmix64(x))
    }
}

/// The same, in stretches. [`compute`] is what is measured in runners, and stays as it is.
fn compute_unless(stop: &AtomicBool, kernel: u64, steps: u64, token: u64) -> Option<u64> {
    let counts = stretches(stop, steps).map(|stretch| Some(stretch?.1));
    if kernel != kernel::SHA256 {
        return counts.into_iter().try_fold(token, |x, count| Some(compute(kernel, count?, x)));
    }
    let block = token.to_le_bytes().repeat(8);
    let mut hasher = Sha256::new();
    for count in counts {
        (0..count?).for_each(|_| hasher.update(&block));
    }
    let digest = hasher.finalize();
    Some(u64::from_le_bytes(digest[..8].try_into().expect("a digest has 32 bytes")))
}

/// `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014):
/// the output for state `x`. Small enough to be written in any runner's language.
#[inline]
pub fn splitmix64(x: u64) -> u64 {
    let z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_sum_of_the_tokens() {
        for seed in [0, 7, u64::MAX] {
            for tasks in [1, 2, 3, 1000, 1001] {
                let sum = (0..tasks).fold(0u64, |sum, i| sum.wrapping_add(token(seed, i)));
                assert_eq!(checksum(seed, tasks), sum, "{tasks} tasks, seed {seed}");
            }
        }
    }

    #[test]
    fn splitmix64_gives_the_published_sequence_of_seed_1234567() {
        // Published test vector: state 1234567, first output.
        assert_eq!(splitmix64(1_234_567), 6_457_827_717_110_365_317);
    }

    #[test]
    fn jitter_lengthens_a_sleep_by_at_most_itself_and_not_always_alike() {
        let params = Params::from([(DURATION_NS.into(), 1000), (JITTER_NS.into(), 10)]);
        let sleeps: Vec<u64> = (0..100).map(|i| sleep_ns(&params, 7, i)).collect();
        assert!(sleeps.iter().all(|ns| (1000..=1010).contains(ns)));
        assert!(sleeps.iter().any(|ns| ns != &sleeps[0]));
    }

    #[test]
    fn a_million_leaves_make_the_published_sum_and_count() {
        // atemerev/skynet: 1,000,000 leaves add up to 499,999,500,000; six levels above them.
        assert_eq!(checksum(0, 1_000_000), 499_999_500_000);
        assert_eq!(skynet_nodes(1_000_000), 1_111_111);
    }

    #[test]
    fn the_children_of_a_node_share_its_leaves() {
        fn walk(first: u64, leaves: u64) -> (u64, Vec<u64>) {
            let mut children = skynet_children(first, leaves).peekable();
            if children.peek().is_none() {
                return (1, vec![first]);
            }
            children.map(|(first, leaves)| walk(first, leaves)).fold(
                (1, vec![]),
                |(nodes, mut seen), (n, more)| {
                    seen.extend(more);
                    (nodes + n, seen)
                },
            )
        }
        for leaves in [1, 2, 9, 10, 11, 99, 101, 1000, 1234] {
            let (nodes, seen) = walk(0, leaves);
            assert_eq!(seen, (0..leaves).collect::<Vec<_>>(), "{leaves} leaves");
            assert_eq!(nodes, skynet_nodes(leaves), "{leaves} leaves");
        }
    }

    #[test]
    fn the_kernels_are_those_that_others_compute() {
        // printf 'abcdefgh%.0s' {1..16} | sha256sum: two steps on the token "abcdefgh".
        let token = u64::from_le_bytes(*b"abcdefgh");
        let by_hand = Sha256::digest(b"abcdefgh".repeat(16));
        assert_eq!(compute(kernel::SHA256, 2, token).to_le_bytes(), by_hand[..8]);
        assert_eq!(compute(kernel::INTEGER, 2, 7), splitmix64(splitmix64(7)));
    }

    #[test]
    fn what_is_worked_out_in_stretches_is_what_a_task_computes_at_once_and_it_stops_when_told() {
        let (go_on, stop) = (AtomicBool::new(false), AtomicBool::new(true));
        for kernel in [kernel::INTEGER, kernel::SHA256] {
            for steps in [0, 1, STRIDE - 1, STRIDE, STRIDE + 1, 2 * STRIDE + 3] {
                let at_once = compute(kernel, steps, 7);
                assert_eq!(compute_unless(&go_on, kernel, steps, 7), Some(at_once), "{kernel} {steps}");
            }
        }
        for steps in [0, 1, STRIDE, STRIDE + 1] {
            assert_eq!(sum_unless(&go_on, steps, |step| step), Some(triangular(steps)), "{steps}");
        }
        for (workload, name) in
            [(Workload::Cpu, STEPS), (Workload::FileRead, TIMES), (Workload::Brigade, TIMES)]
        {
            let endless = Job { params: Params::from([(name.into(), u64::MAX)]), ..job(workload, 10) };
            assert_eq!(expected_unless(&stop, workload, &endless, 0, ProofInputs::default()), None, "{name}");
        }
        let many = Job { params: Params::from([(STEPS.into(), 0)]), ..job(Workload::Cpu, u64::MAX) };
        assert_eq!(expected_unless(&stop, Workload::Cpu, &many, 0, ProofInputs::default()), None);
    }

    #[test]
    fn a_task_left_out_shows_in_every_workload() {
        let sums: Vec<u64> = (0..16384).map(splitmix64).collect();
        for workload in Workload::ALL {
            let of = |tasks: usize| {
                let inputs =
                    ProofInputs { seed: 7, replies: &sums[..tasks], block_sums: &sums, echoed_bytes: &[800] };
                expected(workload, &job(workload, tasks as u64), 0, inputs)
            };
            let (fewer, all) = (of(998), of(1000));
            assert_ne!(fewer.completed, all.completed, "{}", workload.name());
            assert_ne!(fewer.checksum, all.checksum, "{}", workload.name());
        }
    }

    #[test]
    fn work_left_out_shows_where_a_task_does_it_many_times() {
        let sums: Vec<u64> = (0..16384).map(splitmix64).collect();
        let inputs =
            ProofInputs { seed: 7, block_sums: &sums, echoed_bytes: &[800], ..ProofInputs::default() };
        for workload in Workload::ALL {
            for name in [TIMES, STEPS, SLICES] {
                let Some(spec) = workload.param_spec(name) else { continue };
                let of = |value| {
                    let params = Params::from([(name.to_string(), value)]);
                    expected(workload, &Job { params, ..job(workload, 10) }, 0, inputs).checksum
                };
                assert_ne!(of(spec.default), of(spec.default - 1), "{} {name}", workload.name());
            }
        }
    }

    #[test]
    fn a_ball_comes_back_as_it_was_passed() {
        // Two pairs, three round trips, played by hand.
        let mut sum = 0;
        for pair in 0..2 {
            let (mut ball, mut second) = (token(7, pair), 0);
            for _ in 0..3 {
                ball += 1;
                second = ball;
                ball += 1;
            }
            sum += ball + second;
        }
        let job = Job { params: Params::from([(TIMES.into(), 3)]), ..job(Workload::PingPong, 4) };
        let inputs = ProofInputs { seed: 7, ..ProofInputs::default() };
        assert_eq!(expected(Workload::PingPong, &job, 0, inputs).checksum, sum);
    }

    fn job(workload: Workload, tasks: u64) -> Job {
        Job::new("x", workload, tasks)
    }
}
