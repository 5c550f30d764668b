//! The limits of the machine on mappings, threads and files, checked before a job starts.

use std::fs;

use protocol::workload::{DURATION_NS, JITTER_NS};
use protocol::{Job, Refusal, Workload, control_group};
use rustix::process::{Resource, getrlimit};

/// Mappings kept free for what the process maps besides its tasks.
const SPARE_MAPPINGS: u64 = 64;

/// Refuses tasks that would need more memory mappings than a process may have: the kernel would
/// refuse a mapping, and the runtime abort midway.
pub(crate) fn require_mappings(tasks: u64, mappings_a_task: u64) -> Result<(), Refusal> {
    if mappings_a_task == 0 {
        return Ok(());
    }
    let Some(most) = number_in("/proc/sys/vm/max_map_count") else { return Ok(()) };
    let now = fs::read_to_string("/proc/self/maps").map_or(0, |maps| maps.lines().count() as u64);
    check_mappings(tasks, mappings_a_task, most, now)
}

fn check_mappings(tasks: u64, mappings_a_task: u64, most: u64, now: u64) -> Result<(), Refusal> {
    let alive = most.saturating_sub(now + SPARE_MAPPINGS) / mappings_a_task;
    if tasks <= alive {
        return Ok(());
    }
    let needed = tasks.saturating_mul(mappings_a_task).saturating_add(now + SPARE_MAPPINGS);
    Err(Refusal::unsupported(format!(
        "{tasks} tasks alive at once need {mappings_a_task} memory mappings each, and vm.max_map_count = {most} \
         leaves room for {alive}; raise it with sysctl -w vm.max_map_count={needed}"
    )))
}

/// The most tasks of a job that can have started before the first one has waited for its time,
/// where starting a task takes at least `quickest_start_ns`.
pub fn started_while_one_waits(job: &Job, workload: Workload, quickest_start_ns: u64) -> u64 {
    let param = |name| workload.param(&job.params, name);
    let longest = param(DURATION_NS).saturating_add(param(JITTER_NS));
    job.tasks.min(1 + longest / quickest_start_ns)
}

/// Refuses more threads than the user, the kernel or the control group may have, with the lowest of
/// the limits that `threads` would exceed.
pub(crate) fn require_threads(threads: u64) -> Result<(), Refusal> {
    let limits = [
        ("the soft limit on processes (ulimit -u)", getrlimit(Resource::Nproc).current),
        ("kernel.threads-max", number_in("/proc/sys/kernel/threads-max")),
        ("kernel.pid_max", number_in("/proc/sys/kernel/pid_max")),
        ("the room that pids.max of the control group leaves", control_group::processes_left()),
    ];
    let lowest =
        limits.into_iter().filter_map(|(name, limit)| Some((name, limit?))).min_by_key(|limit| limit.1);
    match lowest {
        Some((name, limit)) if threads >= limit => Err(Refusal::unsupported(format!(
            "{threads} threads alive at once are more than {name} = {limit} allows"
        ))),
        _ => Ok(()),
    }
}

/// Refuses `files` more open files where they would exceed the soft limit of the process.
pub(crate) fn require_files(files: u64) -> Result<(), Refusal> {
    let now = fs::read_dir("/proc/self/fd").map_or(0, |open| open.count() as u64);
    match getrlimit(Resource::Nofile).current {
        Some(most) if files.saturating_add(now) > most => Err(Refusal::unsupported(format!(
            "{files} files are needed beside the {now} that are open, and the soft limit is {most}; raise it with \
             ulimit -n {}",
            files.saturating_add(now)
        ))),
        _ => Ok(()),
    }
}

/// The number in a file of the kernel's; `None` where there is none.
fn number_in(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_names_the_limit_and_how_many_would_fit() {
        let refusal = check_mappings(20_000, 4, 65_530, 66).unwrap_err();
        assert!(refusal.reason.contains("vm.max_map_count = 65530"), "{}", refusal.reason);
        assert!(refusal.reason.contains("room for 16350"), "{}", refusal.reason);
        assert!(check_mappings(16_350, 4, 65_530, 66).is_ok());
    }

    #[test]
    fn more_files_than_may_be_open_are_refused_with_the_command_that_raises_the_limit() {
        assert!(require_files(1).is_ok());
        assert!(require_files(1 << 40).unwrap_err().reason.contains("ulimit -n 1099511627"));
    }

    #[test]
    fn no_more_sleep_together_than_start_while_the_first_one_sleeps() {
        let started =
            |ns| started_while_one_waits(&Job::new("x", Workload::Sleep, 1000), Workload::Sleep, ns);
        assert_eq!((started(5_000), started(10)), (201, 1000));
    }

    #[test]
    fn more_threads_than_there_can_be_process_ids_are_refused() {
        assert!(require_threads(1).is_ok());
        assert!(require_threads(1 << 40).is_err());
    }
}
