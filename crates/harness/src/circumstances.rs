//! What this process inherited from who started it, and hands on to every runner.

use std::fmt::Write;

use procfs::process::Process;
use procfs::{CpuInfo, Current};
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

/// What keeps this process from all CPUs of the machine: by name, in words. Nothing where it may use them all.
pub fn limits_on_cpus() -> Vec<(&'static str, String)> {
    let allowed = rustix::thread::sched_getaffinity(None).map_or(0, |allowed| allowed.count() as usize);
    let online = CpuInfo::current().map_or(0, |cpus| cpus.num_cores());
    in_words(&circumstances(), [allowed, online], control_group::throttled_periods())
}

fn in_words(
    here: &Circumstances,
    [allowed, online]: [usize; 2],
    throttled: Option<u64>,
) -> Vec<(&'static str, String)> {
    let mut words = Vec::new();
    if let Some(affinity) = here.affinity.as_ref().filter(|_| allowed < online) {
        words.push(("affinity", format!("CPUs {affinity}: {allowed} of {online}")));
    }
    if let Some(quota) = here.cpu_quota {
        let used_up = throttled.map_or_else(String::new, |count| {
            format!("; it was used up, and all stood still, in {count} periods so far")
        });
        words.push(("CPU quota", format!("{quota} CPUs by the control group{used_up}")));
    }
    words
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
    fn only_what_keeps_from_all_cpus_is_told() {
        let here = Circumstances { affinity: Some("0-1".into()), ..Circumstances::default() };
        assert_eq!(in_words(&here, [2, 2], Some(5)), []);
        let quota = Circumstances { cpu_quota: Some(0.5), ..here };
        let told = in_words(&quota, [2, 4], Some(84));
        assert_eq!(told[0], ("affinity", "CPUs 0-1: 2 of 4".into()));
        assert_eq!(
            (told[1].0, told[1].1.contains("0.5 CPUs"), told[1].1.contains("84 periods")),
            ("CPU quota", true, true)
        );
        assert_eq!(in_words(&quota, [4, 4], None), [("CPU quota", "0.5 CPUs by the control group".into())]);
    }

    #[test]
    fn cpus_and_policies_are_written_as_people_know_them() {
        assert_eq!(list_of(&[(0, 3), (8, 8), (10, 11)]), "0-3,8,10-11");
        assert_eq!(scheduling(1, 50), "fifo 50");
        assert_eq!(scheduling(9, 0), "policy 9");
    }
}
