//! What was seen from outside: the time that passed and the CPU time that the runner used, against what was asked.

use std::time::Duration;

use protocol::workload::{BURNERS, KERNEL, SLICE_NS, SLICES, STEPS, TIMES, kernel};
use protocol::{Job, Workload};
use rustix::thread::sched_getaffinity;

use super::evidence::Evidence;
use crate::fault::Fault;

/// What a step of mixing an integer takes at least, nanoseconds: a chain of thirteen instructions or more, each of which
/// needs the one before, is 2 ns at 6.5 GHz.
const STEP_NS: u64 = 1;

/// What hashing 64 bytes takes at least, nanoseconds. CPUs with instructions for it need 20 ns and more.
const BLOCK_HASHED_NS: u64 = 8;

/// What passing a byte through a pipe takes at least, nanoseconds of CPU time: a write, a read, and waking somebody.
const PIPE_NS: u64 = 50;

/// How much time may pass from go to done beside the makespans, at the least. In 30,000 trials of 31 runtimes on two
/// busy CPUs it was below 190 ms, and never more than 10 ms above the makespans.
const BESIDE: Duration = Duration::from_millis(500);

/// The error of what a runner reports as its CPU time.
const USAGE_ERROR: Duration = Duration::from_millis(20);

/// The CPU time below which nobody has done what all rounds of a job ask, in workloads that say how much to compute; zero
/// in others.
pub fn least_cpu(workload: Workload, job: &Job) -> Duration {
    let param = |name| workload.param(&job.params, name);
    let product =
        |factors: &[u64]| factors.iter().fold(1u64, |product, factor| product.saturating_mul(*factor));
    let a_round = match workload {
        Workload::Cpu if param(KERNEL) == kernel::SHA256 => {
            product(&[job.tasks, param(STEPS), BLOCK_HASHED_NS])
        }
        Workload::Cpu => product(&[job.tasks, param(STEPS), STEP_NS]),
        // Three quarters, as not every language has an exact clock of a task's own CPU time.
        Workload::Mixed => product(&[param(BURNERS), param(SLICES), param(SLICE_NS)]) / 4 * 3,
        Workload::Brigade => product(&[job.tasks.saturating_add(1), param(TIMES), PIPE_NS]),
        _ => 0,
    };
    Duration::from_nanos(a_round.saturating_mul(job.rounds.into()))
}

/// Checks the makespans, the CPU time that was used, and that which was reported.
pub(super) fn check(evidence: &Evidence) -> Result<(), Fault> {
    let cpus = sched_getaffinity(None).map_or(1, |allowed| allowed.count());
    check_makespans(evidence)?;
    check_cpu(evidence, cpus)?;
    check_usage(evidence, cpus)
}

/// The makespans make up what passed from go to done; none of them is nothing.
fn check_makespans(evidence: &Evidence) -> Result<(), Fault> {
    if evidence.done.rounds.iter().any(|round| round.makespan_ns == 0) {
        return Err(Fault::NoMakespan);
    }
    let (makespans_ns, outside) = (makespans_ns(evidence), &evidence.outside);
    let seen = outside.wall.saturating_sub(outside.paused);
    let makespans = Duration::from_nanos(makespans_ns);
    let Some(beside) = seen.checked_sub(makespans) else {
        return Err(Fault::Makespans { makespans_ns, seen_ns: seen.as_nanos() });
    };
    // In `echo` the load takes its time to part, which is no part of any figure.
    let is_accounted = !evidence.workload.serves() && !evidence.is_emulated;
    if is_accounted && beside > makespans.saturating_add(BESIDE) {
        return Err(Fault::Unaccounted { makespans_ns, seen_ns: seen.as_nanos() });
    }
    Ok(())
}

/// What had to be computed was computed after go, within the makespans.
fn check_cpu(evidence: &Evidence, cpus: u32) -> Result<(), Fault> {
    let least = least_cpu(evidence.workload, evidence.job);
    if let Some(used) = evidence.outside.cpu.filter(|used| *used < least) {
        return Err(Fault::LittleCpu { used_ns: used.as_nanos(), least_ns: least.as_nanos() });
    }
    let (makespans_ns, on_all) = (makespans_ns(evidence), least / cpus);
    if Duration::from_nanos(makespans_ns) < on_all {
        return Err(Fault::ShortMakespans { makespans_ns, least_ns: on_all.as_nanos() });
    }
    Ok(())
}

/// A runner reports no more CPU time than there was.
fn check_usage(evidence: &Evidence, cpus: u32) -> Result<(), Fault> {
    let usage = &evidence.done.usage;
    let used_ns = usage.cpu_user_ns.unwrap_or(0).saturating_add(usage.cpu_system_ns.unwrap_or(0));
    let most = evidence.outside.wall.saturating_mul(cpus).saturating_add(USAGE_ERROR);
    if Duration::from_nanos(used_ns) > most {
        return Err(Fault::TooMuchUsage { used_ns, most_ns: most.as_nanos() });
    }
    Ok(())
}

fn makespans_ns(evidence: &Evidence) -> u64 {
    evidence.done.rounds.iter().fold(0u64, |sum, round| sum.saturating_add(round.makespan_ns))
}

#[cfg(test)]
mod tests {
    use protocol::workload::policy;
    use protocol::{Done, Params, RoundReport, Usage};

    use super::*;

    const MS: u64 = 1_000_000;

    fn job(workload: Workload, params: &[(&str, u64)]) -> Job {
        let params: Params = params.iter().map(|&(name, value)| (name.to_string(), value)).collect();
        Job { params, ..Job::new("x", workload, 100) }
    }

    /// What is said of a trial of one round with this makespan and usage, in milliseconds.
    fn said(job: &Job, makespan: u64, usage: u64, seen: impl FnOnce(&mut Evidence)) -> Result<(), String> {
        let report = RoundReport { makespan_ns: makespan * MS, completed: 100, checksum: String::new() };
        let usage = Usage { cpu_user_ns: Some(usage * MS), ..Usage::default() };
        let done = Done { rounds: vec![report], usage };
        let mut evidence = Evidence::plain(job, &done);
        evidence.outside.cpu = Some(Duration::from_secs(100));
        seen(&mut evidence);
        let said = check_makespans(&evidence).and_then(|()| check_cpu(&evidence, 2));
        said.and_then(|()| check_usage(&evidence, 2)).map_err(|fault| fault.to_string())
    }

    #[test]
    fn makespans_fill_the_time_that_passed_without_the_pauses() {
        let job = job(Workload::Spawn, &[]);
        let of = |makespan, wall, paused| {
            said(&job, makespan, 0, |evidence| {
                evidence.outside.wall = Duration::from_millis(wall);
                evidence.outside.paused = Duration::from_millis(paused);
            })
            .err()
            .unwrap_or_default()
        };
        assert_eq!(of(10, 11, 0), "");
        assert_eq!(of(1, 500, 0), "", "a busy machine");
        assert_eq!(of(1, 9_000, 8_900), "");
        assert_eq!(of(2000, 4500, 0), "");
        assert!(of(0, 11, 0).contains("a makespan of 0"));
        assert!(of(12, 11, 0).contains("only 11000000 ns passed"));
        assert!(of(10, 11, 2).contains("only 9000000 ns passed"));
        assert!(of(1, 600, 0).contains("without the pauses"));
        assert!(of(2000, 4501, 0).contains("without the pauses"));
    }

    #[test]
    fn in_an_emulator_any_pause_may_be_long_and_no_makespan_longer_than_what_passed() {
        let job = job(Workload::Spawn, &[]);
        let of = |makespan| {
            said(&job, makespan, 0, |evidence| {
                evidence.is_emulated = true;
                evidence.outside.wall = Duration::from_secs(5);
            })
        };
        assert_eq!(of(1), Ok(()));
        assert!(of(5001).unwrap_err().contains("only 5000000000 ns passed"));
    }

    #[test]
    fn work_that_was_asked_for_takes_cpu_time_and_a_makespan() {
        let cpu = job(Workload::Cpu, &[(STEPS, 1_000_000)]);
        assert_eq!(least_cpu(Workload::Cpu, &cpu), Duration::from_millis(100));
        let mixed =
            job(Workload::Mixed, &[(BURNERS, 2), (SLICES, 20), (SLICE_NS, MS), ("policy", policy::YIELD)]);
        assert_eq!(least_cpu(Workload::Mixed, &mixed), Duration::from_millis(30));
        assert_eq!(least_cpu(Workload::Spawn, &job(Workload::Spawn, &[])), Duration::ZERO);
        let of = |makespan, used| {
            said(&cpu, makespan, 0, |evidence| {
                evidence.outside.wall = Duration::from_millis(210);
                evidence.outside.cpu = Some(Duration::from_millis(used));
            })
            .err()
            .unwrap_or_default()
        };
        assert_eq!(of(200, 100), "");
        assert!(of(200, 99).contains("100000000 ns at least"));
        assert!(of(49, 200).contains("on all CPUs"));
    }

    #[test]
    fn no_more_cpu_time_is_reported_than_there_was() {
        let job = job(Workload::Spawn, &[]);
        assert_eq!(said(&job, 10, 40, |_| ()), Ok(()));
        assert!(said(&job, 10, 43, |_| ()).unwrap_err().contains("all CPUs together"));
    }
}
