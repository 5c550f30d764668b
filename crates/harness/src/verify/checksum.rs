//! What a wrong checksum says about the mistake behind it.

use std::sync::atomic::AtomicBool;

use protocol::proof::{checksum, expected_unless, token};
use protocol::{ProofInputs, Workload};

use super::evidence::Evidence;

/// The mistake that leads to just this sum, in words, where it is one that is often made; nothing once somebody
/// interrupts.
pub(super) fn guess(evidence: &Evidence, round: usize, interrupted: &AtomicBool) -> Option<String> {
    let Evidence { job, workload, done, ground, .. } = *evidence;
    let seed = ground.seed;
    let of = |inputs, round| Some(expected_unless(interrupted, workload, job, round, inputs)?.checksum);
    let right = of(ground, round)?;
    let reported = &done.rounds[round].checksum;
    let sum = match number(reported, right) {
        Ok(sum) => sum,
        Err(guess) => return guess.map(String::from),
    };
    let so_far = (0..=round).try_fold(0u64, |sum, round| Some(sum.wrapping_add(of(ground, round)?)))?;
    let without_seed = of(ProofInputs { seed: 0, ..ground }, round)?;
    let rounded = |sum: u64| (sum as f64).to_bits();
    let guess = match sum {
        sum if sum == right => "it is the right sum, written differently; write it with digits only",
        0 => "it contains no token",
        sum if sum == so_far => "it is the sum of all rounds so far; start from 0 in each round",
        sum if sum == without_seed => {
            "it is the sum for seed 0; a token is the seed, which comes with the first go, plus the task's index"
        }
        sum if sum == checksum(seed, job.tasks) => {
            "it is the sum of the tokens only, without what the work adds to them"
        }
        // After all that is exact: of large sums, those near each other round to one.
        sum if rounded(sum) == rounded(right) => "it is the right sum in floating point; use 64-bit integers",
        sum => return one_task(workload, (seed, job.tasks), sum, right),
    };
    Some(guess.into())
}

/// The number that a checksum is; where it is none that could be a sum, a guess why.
fn number(reported: &str, right: u64) -> Result<u64, Option<&'static str>> {
    if reported.parse::<i64>().is_ok_and(|signed| signed.cast_unsigned() == right) {
        return Err(Some("it is the right sum as a signed number; write it unsigned"));
    }
    let wide: u128 =
        reported.parse().map_err(|_| Some("it is not a decimal whole number; write it with digits only"))?;
    let wraps = wide % (1 << 64) == u128::from(right);
    u64::try_from(wide).map_err(|_| wraps.then_some("it is the right sum before it was taken modulo 2^64"))
}

/// Whether the sum is wrong by one task, in workloads in which a task returns its token.
fn one_task(workload: Workload, (seed, tasks): (u64, u64), sum: u64, right: u64) -> Option<String> {
    let returns_its_token =
        matches!(workload, Workload::Sleep | Workload::Spawn | Workload::Hold | Workload::Blocking);
    let task_of = |value: u64| {
        let task = value.wrapping_sub(token(seed, 0));
        (returns_its_token && task < tasks).then_some(task)
    };
    let missing = task_of(right.wrapping_sub(sum)).map(|task| format!("task {task} is missing from it"));
    missing.or_else(|| task_of(sum.wrapping_sub(right)).map(|task| format!("task {task} is in it twice")))
}

#[cfg(test)]
mod tests {
    use protocol::{Done, Job, Params, RoundReport, Usage};

    use super::*;

    /// As it might come from a clock: sums of tokens wrap, and none is near another.
    const SEED: u64 = (1 << 62) + 12_345;

    /// What is guessed of round 1 of a job of three tasks.
    fn guessed(workload: Workload, reported: &str) -> String {
        let params = Params::from([("times".into(), 10)]);
        let job = Job { rounds: 2, params, ..Job::new("x", workload, 3) };
        let report = |checksum: String| RoundReport { makespan_ns: 1, completed: 3, checksum };
        let done = Done {
            rounds: vec![report(String::new()), report(reported.to_string())],
            usage: Usage::default(),
        };
        let ground = ProofInputs { seed: SEED, ..ProofInputs::default() };
        let evidence = Evidence { ground, ..Evidence::plain(&job, &done) };
        guess(&evidence, 1, &AtomicBool::new(false)).unwrap_or_default()
    }

    #[test]
    fn the_usual_mistakes_are_known_by_their_sums() {
        let right = checksum(SEED, 3);
        for (reported, words) in [
            (right.wrapping_mul(2).to_string(), "all rounds so far"),
            (right.cast_signed().to_string(), "signed"),
            (((1u128 << 64) + u128::from(right)).to_string(), "modulo 2^64"),
            ((right as f64).to_string(), "floating point"),
            (format!("{right:x}z"), "not a decimal whole number"),
            (format!("0{right}"), "written differently"),
            ("3".into(), "seed 0"),
            (right.wrapping_sub(token(SEED, 2)).to_string(), "task 2 is missing"),
            (right.wrapping_add(token(SEED, 1)).to_string(), "task 1 is in it twice"),
        ] {
            let guess = guessed(Workload::Sleep, &reported);
            assert!(guess.contains(words), "{reported}: {guess:?}");
        }
        assert!(guessed(Workload::Yield, &right.to_string()).contains("tokens only"));
    }

    #[test]
    fn of_any_other_sum_nothing_is_said() {
        assert_eq!(guessed(Workload::Sleep, "42"), "");
        let less_a_token = checksum(SEED, 3).wrapping_sub(token(SEED, 2)).to_string();
        assert_eq!(guessed(Workload::Yield, &less_a_token), "");
    }
}
