//! The workloads: their names, their parameters, and the arithmetic of their proofs.
//!
//! What stands here is known to both sides. A task's *token* is `seed + index` (wrapping): cheap
//! enough to be computed inside the measured region in any language, and, since the seed differs
//! from trial to trial, their sum cannot be known beforehand. The task returns its token, whoever
//! joins the task adds it up, and the harness compares the sum with [`checksum`].

use crate::wire::Params;

/// Name of the parameter that says how long a task of `sleep` sleeps, nanoseconds.
pub const DURATION_NS: &str = "duration_ns";
/// Name of the parameter that widens each sleep by a seeded share of itself, nanoseconds.
pub const JITTER_NS: &str = "jitter_ns";

/// What the tasks of a trial do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Workload {
    /// Each task waits a given time on the runtime's own timer.
    Sleep,
    /// Each task does nothing; it is spawned and joined.
    Spawn,
    /// All tasks are alive at once behind a barrier, while their memory is read from outside.
    Hold,
}

/// A parameter of a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParamSpec {
    /// Its name on the wire, with its unit as the ending.
    pub name: &'static str,
    /// Its value where nobody gives one.
    pub default: u64,
}

impl Workload {
    /// All of them, in the order in which people should meet them.
    pub const ALL: [Self; 3] = [Self::Sleep, Self::Spawn, Self::Hold];

    /// The name on the wire, on the command line and in the files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sleep => "sleep",
            Self::Spawn => "spawn",
            Self::Hold => "hold",
        }
    }

    /// The workload of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|workload| workload.name() == name)
    }

    /// The parameters it takes, beside those that a runtime adds.
    pub fn params(self) -> &'static [ParamSpec] {
        const SLEEP: [ParamSpec; 2] =
            [ParamSpec { name: DURATION_NS, default: 1_000_000 }, ParamSpec { name: JITTER_NS, default: 0 }];
        match self {
            Self::Sleep => &SLEEP,
            Self::Spawn | Self::Hold => &[],
        }
    }

    /// Whether a task's own latency means something, so that runners record spans. Recording would
    /// be most of the work in `spawn`.
    pub fn records_spans(self) -> bool {
        matches!(self, Self::Sleep | Self::Hold)
    }

    /// Whether the runner stops at the `holding` checkpoint in each round.
    pub fn holds(self) -> bool {
        matches!(self, Self::Hold)
    }
}

/// The token that task `index` returns.
pub fn token(seed: u64, index: u64) -> u64 {
    seed.wrapping_add(index)
}

/// The checksum of a round: the wrapping sum of all tokens, `n·seed + n(n−1)/2`.
pub fn checksum(seed: u64, tasks: u64) -> u64 {
    // n(n-1) is even, but may wrap: halve the even factor first.
    let (a, b) =
        if tasks.is_multiple_of(2) { (tasks / 2, tasks.wrapping_sub(1)) } else { (tasks, tasks / 2) };
    seed.wrapping_mul(tasks).wrapping_add(a.wrapping_mul(b))
}

/// How long task `index` of a `sleep` is to sleep, nanoseconds: `duration_ns` plus a share of
/// `jitter_ns` that seed and index alone decide, so that harness and runner agree on it.
pub fn sleep_ns(params: &Params, seed: u64, index: u64) -> u64 {
    let get = |name| params.get(name).copied().unwrap_or(0);
    let (duration, jitter) = (get(DURATION_NS), get(JITTER_NS));
    if jitter == 0 {
        return duration;
    }
    duration.saturating_add(splitmix64(token(seed, index)) % jitter.saturating_add(1))
}

/// `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014):
/// the output for state `x`. Small enough to be written in any runner's language.
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
    fn a_skipped_task_changes_the_checksum() {
        assert_ne!(checksum(7, 999), checksum(7, 1000));
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
    fn names_lead_back_to_their_workload() {
        for workload in Workload::ALL {
            assert_eq!(Workload::from_name(workload.name()), Some(workload));
        }
        assert_eq!(Workload::from_name("slep"), None);
    }
}
