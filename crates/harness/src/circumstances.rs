//! What this process inherited from who started it, and hands on to every runner.

use std::fmt::Write;

use procfs::process::Process;
use results::environment::Circumstances;
use rustix::process::{Resource, getrlimit};

use crate::control_group;

/// The names of the kernel's scheduling policies, by number.
const POLICIES: [(u32, &str); 7] =
    [(0, "other"), (1, "fifo"), (2, "round-robin"), (3, "batch"), (5, "idle"), (6, "deadline"), (7, "ext")];

/// The circumstances now.
pub fn circumstances() -> Circumstances {
    let me = Process::myself().ok();
    let status = me.as_ref().and_then(|me| me.status().ok());
    let stat = me.as_ref().and_then(|me| me.stat().ok());
    Circumstances {
        affinity: status.and_then(|status| status.cpus_allowed_list).map(|ranges| list_of(&ranges)),
        nice: stat.as_ref().map(|stat| stat.nice),
        scheduling: stat.and_then(|stat| Some(scheduling(stat.policy?, stat.rt_priority?))),
        cpu_quota: control_group::cpu_quota(),
        address_space_bytes: getrlimit(Resource::As).current,
    }
}

/// CPUs as the kernel writes them: `0-3,8`.
fn list_of(ranges: &[(u32, u32)]) -> String {
    let mut list = String::new();
    for (first, last) in ranges {
        let separator = if list.is_empty() { "" } else { "," };
        let _ = write!(list, "{separator}{first}");
        if first != last {
            let _ = write!(list, "-{last}");
        }
    }
    list
}

/// The policy in a word, with the priority of one in real time.
fn scheduling(policy: u32, priority: u32) -> String {
    let known = POLICIES.iter().find(|(number, _)| *number == policy);
    let name = known.map_or_else(|| format!("policy {policy}"), |(_, name)| (*name).into());
    if priority == 0 { name } else { format!("{name} {priority}") }
}

#[cfg(test)]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[test]
    fn the_circumstances_are_those_that_the_kernel_says() {
        let here = circumstances();
        let affinity = here.affinity.unwrap();
        let ranges = affinity.split(',').map(|range| range.split_once('-').unwrap_or((range, range)));
        let count: usize = ranges
            .map(|(first, last)| 1 + last.parse::<usize>().unwrap() - first.parse::<usize>().unwrap())
            .sum();
        let allowed = rustix::thread::sched_getaffinity(None).unwrap().count() as usize;
        assert_eq!(count, allowed, "{affinity}");
        assert_eq!(here.nice, Some(i64::from(getpriority_process(None).unwrap())));
        assert_eq!(here.scheduling.as_deref(), Some("other"));
        assert_eq!(here.address_space_bytes, getrlimit(Resource::As).current);
    }

    #[test]
    fn cpus_and_policies_are_written_as_people_know_them() {
        assert_eq!(list_of(&[(0, 3), (8, 8), (10, 11)]), "0-3,8,10-11");
        assert_eq!(scheduling(1, 50), "fifo 50");
        assert_eq!(scheduling(9, 0), "policy 9");
    }
}
